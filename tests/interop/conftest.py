# SPDX-License-Identifier: Apache-2.0
"""Peers for the tests, each started once. Where one cannot be had the tests say why and are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from leshan_device import LeshanBootstrap, LeshanDevices
from leshan_server import LeshanServer
from wire import CoapClient


@pytest.fixture
def coap(tmp_path: Path) -> CoapClient:
    """coap-client, sending from any port."""
    return CoapClient(0, tmp_path)


@pytest.fixture(scope="session")
def leshan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LeshanServer]:
    """Leshan's demo server."""
    with LeshanServer(tmp_path_factory.mktemp("leshan-server")) as server:
        yield server


@pytest.fixture(scope="session")
def leshan_devices() -> Iterator[LeshanDevices]:
    """Devices on Leshan's client library."""
    with LeshanDevices() as devices:
        yield devices


@pytest.fixture(scope="session")
def leshan_bootstrap() -> Iterator[LeshanBootstrap]:
    """A bootstrap server on Leshan's library."""
    with LeshanBootstrap() as bootstrap:
        yield bootstrap
