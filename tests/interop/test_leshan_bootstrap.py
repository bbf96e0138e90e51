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
from linnet import _core

PATIENCE = 30
BOOTSTRAP_KEY, SERVER_KEY = bytes(range(16)), bytes(range(16, 32))
needs_dtls = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build of linnet has no DTLS")


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


@needs_dtls
def test_a_leshan_device_is_given_a_key_over_coaps(leshan_devices: LeshanDevices) -> None:
    """A key for the bootstrap server, and another for the server that it is given (BS-03)."""
    name = "boot-coaps"
    with linnet.Server("coaps://127.0.0.1:0", credentials={name: ("at-server", SERVER_KEY)}) as server:
        account = linnet.ServerAccount(server.listen[0], lifetime=300, psk=("at-server", SERVER_KEY))
        with linnet.BootstrapServer(
            "coaps://127.0.0.1:0",
            {name: linnet.Configuration(servers=[account], values={"/3/0/14": "+05:45"})},
            credentials={name: ("at-bootstrap", BOOTSTRAP_KEY)},
        ) as bootstrap:
            leshan_devices.tell(
                "bootstrap", name, bootstrap.listen[0], "psk", b"at-bootstrap".hex(), BOOTSTRAP_KEY.hex()
            )
            assert bootstrap.wait_for(name, PATIENCE).code == "2.04"
            device = server.wait_for(name, PATIENCE)
            leshan_devices.wait("registered", name)
            assert device.read("/1/0/1") == 300
        leshan_devices.tell("stop", name)
        leshan_devices.wait("deregistered", name)


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
    client.add_bootstrap_server(leshan_bootstrap.uri)
    with client:
        leshan_bootstrap.wait("bootstrapped", "linnet-boot")
        assert server.wait_for("linnet-boot", PATIENCE).lifetime == 300
        client.wait_registered(PATIENCE)
        assert client.get("/1/0/0") == 7


@needs_dtls
def test_our_device_is_given_a_key_by_leshan_over_coaps(leshan_bootstrap: LeshanBootstrap) -> None:
    name = "linnet-boot-coaps"
    with linnet.Server("coaps://127.0.0.1:0", credentials={name: ("at-server", SERVER_KEY)}) as server:
        leshan_bootstrap.tell("let-in", name, "at-bootstrap", BOOTSTRAP_KEY.hex())
        leshan_bootstrap.wait("let-in", name)
        leshan_bootstrap.tell("give", name, server.listen[0], 9, 300, "at-server", SERVER_KEY.hex())
        leshan_bootstrap.wait("given", name)
        client = linnet.Client(name)
        client.add_bootstrap_server(leshan_bootstrap.secure_uri, psk=("at-bootstrap", BOOTSTRAP_KEY))
        with client:
            leshan_bootstrap.wait("bootstrapped", name)
            assert server.wait_for(name, PATIENCE).read("/1/0/0") == 9


def test_leshan_refuses_our_device(leshan_bootstrap: LeshanBootstrap) -> None:
    client = linnet.Client("linnet-unknown")
    client.add_bootstrap_server(leshan_bootstrap.uri)
    with client, client.events() as events:
        ending = next(event for event in events if event.kind == "bootstrap-finished")
        assert ending.code == "4.00"
