# SPDX-License-Identifier: Apache-2.0
"""Bootstrap with Leshan on the other side: its devices with our bootstrap server, our devices with its own.

Leshan's demo of a bootstrap server is not published; leshan/LeshanBootstrap.java is one on the same library.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import linnet
import pytest
from leshan_device import LeshanBootstrap, LeshanDevices

PATIENCE = 30


@pytest.fixture
def server() -> Iterator[linnet.Server]:
    with linnet.Server("coap://127.0.0.1:0") as server:
        yield server


def configuration(server: linnet.Server, **changes: Any) -> linnet.Configuration:
    account = linnet.ServerAccount(server.listen[0], short_server_id=7, lifetime=300)
    return linnet.Configuration(servers=[account], **changes)


@pytest.mark.parametrize("changes", [{}, {"delete": ["/0", "/1"], "discover": ["/0"]}, {"discover": []}])
def test_a_leshan_device_is_bootstrapped_by_ours(
    leshan_devices: LeshanDevices, server: linnet.Server, changes: dict[str, Any]
) -> None:
    endpoint = f"boot-{len(changes)}-{'-'.join(changes)}"
    config = {endpoint: configuration(server, **changes)}
    with linnet.BootstrapServer("coap://127.0.0.1:0", config) as bootstrap:
        leshan_devices.tell("bootstrap", endpoint, bootstrap.listen[0])
        assert bootstrap.wait_for(endpoint, PATIENCE).code == "2.04"
        leshan_devices.wait("bootstrapped", endpoint)
        leshan_devices.wait("registered", endpoint)
        device = server.wait_for(endpoint, PATIENCE)
        assert device.lifetime == 300
        assert device.read("/1/0/0") == 7
        assert device.read("/3/0/0") == "Leshan"
    leshan_devices.tell("stop", endpoint)
    leshan_devices.wait("deregistered", endpoint)


def test_a_leshan_device_that_nobody_knows_is_refused(leshan_devices: LeshanDevices) -> None:
    with linnet.BootstrapServer("coap://127.0.0.1:0", {}) as bootstrap:
        leshan_devices.tell("bootstrap", "boot-unknown", bootstrap.listen[0])
        assert "BAD_REQUEST" in leshan_devices.wait("bootstrap-failed", "boot-unknown")
    leshan_devices.tell("stop", "boot-unknown")


def test_our_device_is_bootstrapped_by_leshan(
    leshan_bootstrap: LeshanBootstrap, server: linnet.Server
) -> None:
    leshan_bootstrap.tell("give", "linnet-boot", server.listen[0], 7, 300)
    leshan_bootstrap.wait("given", "linnet-boot")
    client = linnet.Client("linnet-boot")
    client.add_bootstrap_server(leshan_bootstrap.ready)
    with client:
        leshan_bootstrap.wait("bootstrapped", "linnet-boot")
        assert server.wait_for("linnet-boot", PATIENCE).lifetime == 300
        client.wait_registered(PATIENCE)
        assert client.get("/1/0/0") == 7


def test_leshan_refuses_our_device(leshan_bootstrap: LeshanBootstrap) -> None:
    client = linnet.Client("linnet-unknown")
    client.add_bootstrap_server(leshan_bootstrap.ready)
    with client, client.events() as events:
        ending = next(event for event in events if event.kind == "bootstrap-finished")
        assert ending.code == "4.00"
