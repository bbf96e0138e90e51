# SPDX-License-Identifier: Apache-2.0
"""Rules about what a role is and does as a whole, by linnet's own client and servers in a simulated world."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import linnet
import pytest
from linnet import Configuration, ServerAccount

SERVER, OTHER, BOOTSTRAP = "coap://10.0.0.1:5683", "coap://10.0.0.2:5683", "coap://10.0.0.3:5683"
DEVICE = "10.0.0.9:5683"


@pytest.fixture
def world() -> Iterator[linnet.World]:
    with linnet.World() as world:
        yield world


class Lamp(linnet.Object, id=3311):
    creatable = True
    on = linnet.Resource(5850, bool, "RW", default=False, mandatory=True)
    dimmer = linnet.Resource(5851, int, "RW", default=0)
    pulses: int = 0

    @linnet.executable(5852)
    def pulse(self) -> None:
        self.pulses += 1


def account(uri: str = SERVER, **more: Any) -> Configuration:
    return Configuration(servers=[ServerAccount(uri, **more)])


def commands(*operations: Any) -> Configuration:
    """A bootstrap that says this, and finishes."""
    return Configuration(operations=list(operations), check=False)


def ask(
    world: linnet.World, configuration: Configuration, client: linnet.Client | None = None
) -> linnet.Event:
    """How a bootstrap that the client asks for ends, as the server sees it."""
    bootstrap = world.bootstrap_server({"kitchen": configuration}, BOOTSTRAP)
    events = bootstrap.events()
    if client is None:
        client = world.client("kitchen", bootstrap=bootstrap, start=False)
    else:
        client.add_bootstrap_server(BOOTSTRAP)
    client.start()
    while (event := events.next(3600)) is not None:
        if event.kind == "bootstrap-finished":
            return event
    raise AssertionError("no bootstrap came to its end")


def answers(traffic: Any) -> list[tuple[str, str]]:
    """What the bootstrap server asked, and which code it got, in order."""
    by_token: dict[bytes, str] = {}
    found = []
    for datagram in traffic:
        message = datagram.message
        if datagram.source == "10.0.0.3:5683" and message.code in ("0.01", "0.02", "0.03", "0.04"):
            by_token[message.token] = f"{message.name} {message.path}"
        elif (
            datagram.destination == "10.0.0.3:5683" and message.token in by_token and message.code[0] in "245"
        ):
            found.append((by_token.pop(message.token), message.code))
    return found


# ---- roles


def test_mod_01_a_server_does_all_there_is_with_a_client(world: linnet.World) -> None:
    """REG-02: it registers, updates and leaves; device management and reporting in between."""
    server, client = world.server(), world.client("kitchen", lifetime=60)
    lamp = client.add(Lamp())
    world.settle()
    server.model.add_object(3311, "Light Control")
    for definition in Lamp.definitions():
        server.model.declare(3311, definition)
    device = server.device("kitchen")
    assert "/3311/0" in device.objects  # Update
    assert device.read("/3311/0") == {"/3311/0/5850": False, "/3311/0/5851": 0}
    device.write("/3311/0", {5850: True})
    assert lamp.on is True
    device.execute("/3311/0/5852")
    assert lamp.pulses == 1
    assert device.create("/3311/1", {5850: True}) == "/3311/1"
    device.write_attributes("/3311/0/5851", pmin=1, gt=10)
    assert {link.path: link.attributes for link in device.discover("/3311/0")}["/3311/0/5851"] == {
        "pmin": 1,
        "gt": 10,
    }
    with device.observe("/3311/0/5851") as observation:
        lamp.dimmer = 50
        assert [observation.next(10).value, observation.next(10).value] == [0, 50]
    device.delete("/3311/1")
    assert client.instances().count("/3311/1") == 0
    client.stop()
    assert not server.registrations


def test_mod_02_bootstrap_begins_on_either_side(world: linnet.World) -> None:
    server = world.server(SERVER)
    bootstrap = world.bootstrap_server({"*": account()}, BOOTSTRAP)
    world.client("asks", bootstrap=bootstrap)
    bootstrap.wait_for("asks", 60)
    waits = world.client("waits", OTHER, bootstrap=bootstrap, start=False, local=DEVICE)
    waits.start()
    bootstrap.start_bootstrap("waits", DEVICE)
    bootstrap.wait_for("waits", 60)
    server.wait_for("asks", 60)
    server.wait_for("waits", 60)


def test_mod_04_an_account_is_a_pair_and_there_is_one_bootstrap_server(world: linnet.World) -> None:
    client = world.client("kitchen", SERVER, start=False, short_server_id=7)
    assert client.get("/0/0/10") == client.get("/1/0/0") == 7
    assert client.get("/0/0/1") is False
    client.add_bootstrap_server(BOOTSTRAP)
    assert client.get("/0/1/1") is True
    assert "/1/1" not in client.instances()
    with pytest.raises(linnet.Error, match="bootstrap"):
        client.add_bootstrap_server(OTHER)
    with pytest.raises(linnet.Error, match="7"):
        client.add_server(OTHER, short_server_id=7)


def test_reg_02_it_registers_with_every_server_it_has_an_account_for(world: linnet.World) -> None:
    servers = [world.server(SERVER), world.server(OTHER)]
    both = Configuration(servers=[ServerAccount(SERVER), ServerAccount(OTHER, short_server_id=2)])
    assert ask(world, both).code == "2.04"
    for server in servers:
        assert server.wait_for("kitchen", 60).registered


# ---- addresses and security


def test_sec_01_the_port_is_5683_and_that_of_coaps_5684(world: linnet.World) -> None:
    """AMB-26."""
    traffic = world.record()
    key = ("kitchen", bytes(range(16)))
    for name, uri, keys in (("plain", "coap://10.0.0.1", {}), ("secure", "coaps://10.0.0.1", {"psk": key})):
        client = world.client(name, uri, start=False, **keys)
        client.start()
        world.settle()
    assert {sent.destination for sent in traffic if sent.destination.startswith("10.0.0.1:")} == {
        "10.0.0.1:5683",
        "10.0.0.1:5684",
    }
    assert {sent.message is None for sent in traffic if sent.destination == "10.0.0.1:5684"} == {True}


def test_sec_03_the_client_begins_the_handshake(world: linnet.World) -> None:
    key = ("kitchen", bytes(range(16)))
    server = world.server("coaps://10.0.0.1:5684", credentials={"kitchen": key})
    traffic = world.record()
    world.client("kitchen", server, psk=key, local=DEVICE)
    first = traffic[0]
    assert (first.source, first.destination) == (DEVICE, "10.0.0.1:5684")
    assert (first.data[0], first.data[13]) == (22, 1)  # RFC 6347 4.2: handshake, ClientHello
    assert all(sent.message is None for sent in traffic)


def test_sec_07_a_session_does_not_outlive_its_credential(world: linnet.World) -> None:
    old, new = ("kitchen", bytes(range(16))), ("kitchen", bytes(range(16, 32)))
    credentials = linnet.Credentials({"kitchen": old})
    server = world.server("coaps://10.0.0.1:5684", credentials=credentials, timeout=60)
    client = world.client("kitchen", server, psk=old, lifetime=300)
    credentials["kitchen"] = linnet.Psk(*new)
    with pytest.raises(linnet.Error, match="read /3/0 of kitchen"):
        server.device("kitchen").read("/3/0")
    errors = client.events()
    world.advance(hours=1)
    causes = {event.cause for event in iter(lambda: errors.next(0), None) if event.kind == "error"}
    assert causes & {"wrong-key", "alert", "timed-out"}
    assert not server.registrations


def test_sec_14_est_is_not_offered(world: linnet.World) -> None:
    traffic = world.record()
    finished = ask(
        world,
        commands(
            ("write", "/0/0", {0: "coaps://10.0.0.1", 1: False, 2: 4, 3: b"", 4: b"", 5: b"", 10: 1}),
            ("write", "/1/0", {0: 1, 1: 300, 6: True, 7: "U"}),
        ),
    )
    assert finished.code == "4.06"
    assert answers(traffic)[-1] == ("POST /bs", "4.06")


def test_sec_15_without_security_only_where_it_is_said(world: linnet.World) -> None:
    key = ("kitchen", bytes(range(16)))
    server = world.server("coaps://10.0.0.1:5684", credentials={"kitchen": key})
    assert [uri.split(":")[0] for uri in server.listen] == ["coaps"]
    with pytest.raises(linnet.TimeoutError):
        world.client("open", "coap://10.0.0.1:5684")
    assert not server.registrations
    with pytest.raises(linnet.InvalidArgument, match="credentials"):
        world.server("coaps://10.0.0.4:5684")
    with pytest.raises(linnet.Error):
        world.client("keyless", "coaps://10.0.0.1:5684")


# ---- bootstrap


def test_bs_02_a_stranger_bootstraps_nobody(world: linnet.World) -> None:
    """Neither a client without an account of a bootstrap-server, nor one with another's."""
    world.server(SERVER)
    stranger = world.bootstrap_server({"*": account(OTHER)}, "coap://10.0.0.4:5683")
    alone = world.client("alone", SERVER, local="10.0.0.8:5683")
    other = world.client("other", SERVER, start=False, local=DEVICE)
    other.add_bootstrap_server(BOOTSTRAP)
    other.start()
    other.wait_registered(60)
    for client, address in ((alone, "10.0.0.8:5683"), (other, DEVICE)):
        stranger.start_bootstrap(client.endpoint, address)
        with pytest.raises(linnet.TimeoutError):
            stranger.wait_for(client.endpoint, 300)
        assert client.get("/0/0/0") == SERVER


def test_bs_06_and_amb_15_bootstrap_writes_whatever_there_is_or_is_not(world: linnet.World) -> None:
    """AMB-15: an instance is replaced, a resource leaves the others alone."""
    world.server(SERVER), world.server(OTHER)
    client = world.client("kitchen", SERVER, start=False)
    client.add_server(OTHER, short_server_id=2)
    client.add(Lamp(dimmer=70))
    client.set_owner("/3311/0", 2)
    client.set_access("/3311/0", 1, "read")
    traffic = world.record()
    finished = ask(
        world,
        commands(
            ("write", "/1/0/2", 5, "text"),
            ("write", "/3311/0", {5850: True}),
            ("write", "/3311/4", {5850: True, 5851: 40}),
        ),
        client_that_asks(world, client),
    )
    assert answers(traffic)[-4:] == [
        ("PUT /1/0/2", "2.04"),
        ("PUT /3311/0", "2.04"),
        ("PUT /3311/4", "2.04"),
        ("POST /bs", "2.04"),
    ]
    assert finished.code == "2.04"
    assert (client.get("/1/0/2"), client.get("/1/0/0")) == (5, 1)
    assert client.get("/3311/0") == {"/3311/0/5850": True}
    assert client.get("/3311/4") == {"/3311/4/5850": True, "/3311/4/5851": 40}


def client_that_asks(world: linnet.World, client: linnet.Client) -> linnet.Client:
    """The accounts of both servers do not answer, so that it asks its bootstrap-server."""
    for server in list(world._servers):
        server.close()
    return client


@pytest.mark.parametrize(
    ("path", "code"), [("/0/0", "4.00"), ("/3/0", "4.00"), ("/3", "2.02"), ("/0", "2.02")]
)
def test_bs_31_what_may_not_be_deleted_stays(world: linnet.World, path: str, code: str) -> None:
    traffic = world.record()
    client = linnet.Client("kitchen", world=world)
    client.set("/3/0/0", "ACME")
    ask(world, commands(("delete", path)), client)
    assert answers(traffic)[0] == (f"DELETE {path}", code)
    assert client.get("/3/0/0") == "ACME"
    assert client.get("/0/0/1") is True


def test_fw_05_instances_of_what_is_no_longer_there_are_gone(world: linnet.World) -> None:
    """After an update of the firmware that came without an object that the one before had."""
    server, before = world.server(), world.client("kitchen")
    before.add(Lamp())
    world.settle()
    server.device("kitchen").create("/3311/5", {5850: True})
    assert "/3311/5" in before.instances()
    kept = before.save()
    before.close()
    after = linnet.Client("kitchen", world=world)
    after.restore(kept)
    after.start()
    after.wait_registered(60)
    assert after.instances() == ["/1/0", "/3/0"]
    assert server.device("kitchen").objects == ["/1/0", "/3/0"]


# ---- CoAP


def test_co_01_a_message_as_it_has_to_be(world: linnet.World) -> None:
    server, client = world.server(SERVER), world.client("kitchen", SERVER)
    client.add(Lamp())
    world.settle()
    device, traffic = server.device("kitchen"), world.record()
    device.read("/3311/0/5850", format="text")
    device.write("/3311/0/5850", True)
    device.execute("/3311/0/5852")
    device.create("/3311/3", {5850: True})
    device.delete("/3311/3")
    world.settle()
    messages = [sent.message for sent in traffic if sent.source == "10.0.0.1:5683"]
    asked = [message for message in messages if message is not None and message.code.startswith("0.0")]
    assert [message.name for message in asked if message.code != "0.00"] == [
        "GET",
        "PUT",
        "POST",
        "POST",
        "DELETE",
    ]
    assert all(message.type == "CON" and message.token for message in asked if message.code != "0.00")
    assert all(sent.data[0] >> 6 == 1 and len(sent.data) >= 4 for sent in traffic)
    answered = {
        sent.message.token: sent.message.code
        for sent in traffic
        if sent.destination == "10.0.0.1:5683" and sent.message is not None and sent.message.type == "ACK"
    }
    assert [answered[message.token] for message in asked] == ["2.05", "2.04", "2.04", "2.01", "2.02"]
    assert {option.name for message in asked for option in message.options} >= {
        "Uri-Path",
        "Accept",
        "Content-Format",
    }


def test_fw_02_and_bw_09_a_package_comes_block_by_block_and_values_at_once(world: linnet.World) -> None:
    """BW-09: a value that comes in blocks is the old one until the last of them."""
    server, client = world.server(), world.client("kitchen", start=False)
    client.add_firmware()
    client.start()
    client.wait_registered(60)
    package = bytes(range(256)) * 20
    seen = []
    traffic = world.record()
    world.watch(lambda *_: seen.append(client.get("/3/0/15") if "/3/0/15" in paths(client) else ""))
    client.set("/3/0/15", "before")
    device = server.device("kitchen")
    device.write("/5/0/0", package)
    assert client.get("/5/0/3") == 1  # downloading, until the application has looked at it
    blocks = [
        sent.message.option("Block1") for sent in traffic if sent.message and sent.message.name == "PUT"
    ]
    assert len(blocks) >= len(package) // 1024
    seen.clear()
    device.write("/3/0/15", "x" * 3000)
    assert set(seen[:-1]) == {"before"}
    assert len(seen) >= 6
    assert client.get("/3/0/15") == "x" * 3000


def paths(client: linnet.Client) -> list[str]:
    return [record.path for record in client.records("/3")]


# ---- short messages


def test_sms_17_an_account_for_sms_comes_from_the_factory_or_by_bootstrap_over_udp(
    world: linnet.World,
) -> None:
    number = "+15550100"
    server = world.server((), sms=linnet.SmsTransport(number=number))
    over_sms = Configuration(servers=[ServerAccount(f"sms:{number}", binding="S", sms_number="15550100")])
    made = linnet.Client("made", world=world, sms=linnet.SmsTransport(number="+15550111"))
    made.factory(over_sms)
    made.start()
    assert server.wait_for("made", 600).address == "sms:+15550111"
    bootstrap = world.bootstrap_server({"given": over_sms}, BOOTSTRAP)
    given = linnet.Client(
        "given", world=world, local="10.0.0.7:5683", sms=linnet.SmsTransport(number="+15550112")
    )
    given.add_bootstrap_server(BOOTSTRAP)
    given.start()
    bootstrap.wait_for("given", 600)
    assert server.wait_for("given", 600).address == "sms:+15550112"
