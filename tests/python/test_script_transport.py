# SPDX-License-Identifier: Apache-2.0
"""A script as its own driver: it moves the datagrams, steps, and answers look-ups."""

from __future__ import annotations

import linnet
import pytest

SEED = bytes(range(16))
SERVER, CLIENT = "192.0.2.1:5683", "192.0.2.2:5683"


class Wire:
    """A client and a server that exchange datagrams by hand."""

    def __init__(self) -> None:
        self.now = 0
        self.log: list[tuple[str, bytes]] = []
        self.lookups: list[str] = []
        self.to_server: list[bytes] = []
        self.to_client: list[bytes] = []
        self.server_transport = linnet.ScriptTransport(self.send_to_client, wait=self.pump, local=SERVER)
        self.client_transport = linnet.ScriptTransport(self.send_to_server, lookup=self.look_up)
        self.server = linnet.Server(transport=self.server_transport, seed=SEED)
        self.client = linnet.Client(
            "kitchen", server="coap://server.example", transport=self.client_transport, seed=SEED
        )

    def look_up(self, name: str) -> str | None:
        self.lookups.append(name)
        return SERVER

    def send_to_server(self, data: bytes, peer: str) -> None:
        assert peer == SERVER
        self.to_server.append(data)

    def send_to_client(self, data: bytes, peer: str) -> None:
        assert peer == CLIENT
        self.to_client.append(data)

    def pump(self) -> None:
        """Carries what there is and lets 10 ms pass."""
        self.now += 10
        self.client.step(self.now)
        while self.to_server:
            self.log.append(("server", self.to_server[0]))
            self.server_transport.receive(self.to_server.pop(0), CLIENT)
        self.server.step(self.now)
        while self.to_client:
            self.log.append(("client", self.to_client[0]))
            self.client_transport.receive(self.to_client.pop(0), SERVER)
        self.client.step(self.now)


def test_a_script_moves_the_datagrams() -> None:
    wire = Wire()
    wire.client.device.manufacturer = "ACME"
    assert wire.server.listen == (f"coap://{SERVER}",)
    wire.client.start()
    device = wire.server.wait_for("kitchen", 5)
    assert wire.lookups == ["server.example:5683"]
    assert device.read("/3/0/0") == "ACME"
    assert device.address == CLIENT
    first = linnet.parse_message(wire.log[0][1])
    assert (first.type, first.name, first.path) == ("CON", "POST", "/rd")


def test_the_same_seed_sends_the_same_bytes() -> None:
    def run() -> list[tuple[str, bytes]]:
        wire = Wire()
        wire.client.start()
        wire.server.wait_for("kitchen", 5).read("/3/0/11")
        return wire.log

    assert run() == run()


def test_a_step_gives_the_next_deadline() -> None:
    wire = Wire()
    assert wire.client.step(0) is None
    wire.client.start()
    wire.client.step(10)
    deadline = wire.client.step(20)
    assert deadline is not None
    assert deadline > 20  # a retransmission


def test_a_failing_handler_is_raised_by_the_step() -> None:
    wire = Wire()

    @wire.client.device.reader("memory_free")
    def free() -> int:
        raise KeyError("boom")

    wire.client.start()
    device = wire.server.wait_for("kitchen", 5)
    with pytest.raises(KeyError, match="boom"):
        device.read("/3/0/10")


def test_waiting_without_a_wait_function_is_refused() -> None:
    transport = linnet.ScriptTransport(lambda data, peer: None)
    server = linnet.Server(transport=transport)
    with pytest.raises(linnet.StateError, match="would wait"):
        server.wait_for("kitchen")


def test_a_transport_has_one_owner() -> None:
    transport = linnet.ScriptTransport(lambda data, peer: None)
    with pytest.raises(linnet.StateError):
        transport.receive(b"x", SERVER)
    linnet.Server(transport=transport)
    with pytest.raises(linnet.StateError):
        linnet.Server(transport=transport)


def test_only_a_script_steps() -> None:
    with pytest.raises(linnet.Error, match="ScriptTransport"):
        linnet.Server("coap://10.0.0.1", world=linnet.World()).step(0)


def test_a_script_carries_coap_and_coaps() -> None:
    sent: list[tuple[bytes, str]] = []
    transport = linnet.ScriptTransport(lambda data, peer: sent.append((data, peer)))
    client = linnet.Client("kitchen", transport=transport, seed=bytes(range(32)))
    assert client.local == ""
    client.add_server("coaps://192.0.2.1", psk=("kitchen", b"0123456789abcdef"))
    client.add_server("coap://192.0.2.2", short_server_id=2)
    client.start()
    client.step(0)
    client.step(10)
    assert sorted((data[0], peer) for data, peer in sent) == [
        (22, "192.0.2.1:5684"),  # a ClientHello
        (0x48, "192.0.2.2:5683"),  # a Register, with a token of 8 bytes
    ]
    client.close()


def test_a_script_is_a_server_on_coap_and_coaps() -> None:
    """The first byte tells them apart (RFC 7983)."""
    key = ("kitchen", b"0123456789abcdef")
    wires: dict[str, list[tuple[bytes, str]]] = {"client": [], "server": []}
    ends = {
        name: linnet.ScriptTransport(lambda data, peer, to=to: wires[to].append((data, peer)))
        for name, to in (("client", "server"), ("server", "client"))
    }
    server = linnet.Server(
        ["coap://", "coaps://"], transport=ends["server"], credentials={"kitchen": linnet.Psk(*key)}
    )
    client = linnet.Client("kitchen", transport=ends["client"])
    client.add_server("coaps://192.0.2.1", psk=key)
    client.add_server("coap://192.0.2.1", short_server_id=2)
    client.start()
    now = 0
    while not (client.registered and client.state(2) == "registered"):
        assert now < 5000
        client.step(now)
        server.step(now)
        for data, _ in wires["server"]:
            ends["server"].receive(data, "192.0.2.9:4000")
        for data, _ in wires["client"]:
            ends["client"].receive(data, f"192.0.2.1:{5684 if data[0] < 0x40 else 5683}")
        for wire in wires.values():
            wire.clear()
        now += 10
    assert server.device("kitchen").endpoint == "kitchen"
    client.close()
    server.close()
