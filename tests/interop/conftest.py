# SPDX-License-Identifier: Apache-2.0
"""Peers for the tests, each started once. Where one cannot be had the tests say why and are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from leshan_device import LeshanDevices
from leshan_server import LeshanServer
from wire import CoapClient

HERE = Path(__file__).resolve().parent


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The peers start once a session: with several workers, one of them has all of these tests."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("interop"))
