# SPDX-License-Identifier: Apache-2.0
"""libcoap's coap-client asks a client of ours, from the address of the server it is registered at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import linnet
import pytest
from wire import PATIENCE, CoapClient, PlayedServer, Subscription, registered

DEFINITIONS = Path(__file__).resolve().parents[1] / "definitions" / "test_object.xml"
TLV, JSON, OPAQUE, LINK = "11542", "11543", "42", "40"


@dataclass
class Kitchen:
    """A registered client, and coap-client on the address of its server."""

    client: linnet.Client
    server: PlayedServer
    coap: CoapClient
    executed: list[dict[int, str]] = field(default_factory=list)

    def uri(self, path: str) -> str:
        return f"coap://{self.client.local}{path}"


def new_client(server: PlayedServer) -> linnet.Client:
    client = linnet.Client(
        "kitchen", server=server.uri, lifetime=86400, local="127.0.0.1:0", models=(str(DEFINITIONS),)
    )
    client.device.manufacturer = "ACME"
    client.device[6] = {0: 1, 1: 5}
    client.add_object(3442, 0, creatable=True)
    return client


@pytest.fixture
def kitchen(tmp_path: Path) -> Iterator[Kitchen]:
    server = PlayedServer()
    coap = CoapClient(server.port, tmp_path)
    found = Kitchen(new_client(server), server, coap)
    found.client.instance(3442).executable(0)(found.executed.append)
    with registered(found.client, server):
        yield found


# ---- who is answered


def test_drops_requests_until_registered_and_from_strangers_later(tmp_path: Path) -> None:
    """REG-12: silently, without RST."""
    server = PlayedServer()
    coap, stranger = CoapClient(server.port, tmp_path), CoapClient(0, tmp_path)
    client = new_client(server)
    uri = f"coap://{client.local}/3/0/0"
    client.start()
    try:
        register, peer, _ = server.receive()
        server.leave()
        with Subscription(coap, uri, "-N") as early:
            early.next("sent")
            assert early.hears_nothing()
        server.return_()
        server.accept(register, peer)
        client.wait_registered(PATIENCE)
        server.leave()
        with Subscription(stranger, uri) as elsewhere:
            elsewhere.next("sent")
            assert elsewhere.hears_nothing()
        assert coap.get(uri, "-A", "text/plain").body == b"ACME"
    finally:
        client.close()


# ---- Read, Discover


def test_reads_a_resource_in_each_format(kitchen: Kitchen) -> None:
    """DM-14, AMB-07: TLV unless Accept says something else."""
    uri = kitchen.uri("/3/0/0")
    plain = kitchen.coap.get(uri)
    assert (plain.code, plain.final.type, plain.final.option("Content-Format")) == ("2.05", "ACK", TLV)
    assert plain.body == b"\xc4\x00ACME"
    text = kitchen.coap.get(uri, "-A", "text/plain")
    assert (text.code, text.final.option("Content-Format"), text.body) == ("2.05", "text/plain", b"ACME")
    tree = kitchen.coap.get(uri, "-A", JSON)
    assert tree.final.option("Content-Format") == JSON
    assert json.loads(tree.body) == {"bn": "/3/0/0", "e": [{"sv": "ACME"}]}


def test_reads_opaque_values_in_their_own_format(kitchen: Kitchen) -> None:
    """DM-13: 42 for one opaque resource only."""
    kitchen.client.set("/3442/0/150", bytes(range(256)))
    answer = kitchen.coap.get(kitchen.uri("/3442/0/150"), "-A", OPAQUE)
    assert (answer.code, answer.body) == ("2.05", bytes(range(256)))


def test_answers_a_non_confirmable_request_with_one(kitchen: Kitchen) -> None:
    """CO-02."""
    answer = kitchen.coap.get(kitchen.uri("/3/0/0"), "-N")
    assert (answer.code, answer.final.type) == ("2.05", "NON")


def test_reads_an_instance(kitchen: Kitchen) -> None:
    """DM-10, DM-13."""
    as_tlv = kitchen.coap.get(kitchen.uri("/3/0"))
    assert as_tlv.body.startswith(b"\xc4\x00ACME")
    as_json = kitchen.coap.get(kitchen.uri("/3/0"), "-A", JSON)
    document = json.loads(as_json.body)
    base = document.get("bn", "")
    assert {base + entry["n"] for entry in document["e"]} >= {"/3/0/0", "/3/0/6/0", "/3/0/6/1", "/3/0/16"}
    assert kitchen.coap.get(kitchen.uri("/3/0"), "-A", "text/plain").code == "4.06"


def test_discovers(kitchen: Kitchen) -> None:
    """DM-80, DM-81: Accept 40 makes a Read a Discover; executables are listed."""
    answer = kitchen.coap.get(kitchen.uri("/3/0"), "-A", LINK)
    assert answer.final.option("Content-Format") == "application/link-format"
    links = answer.body.decode().split(",")
    assert links[0] == "</3/0>"
    assert "</3/0/0>" in links
    assert "</3/0/6>;dim=2" in links
    assert "</3/0/4>" in links


@pytest.mark.parametrize(
    ("path", "options", "code"),
    [
        ("/3/0/99", [], "4.04"),
        ("/3/7", [], "4.04"),
        ("/77", [], "4.04"),
        ("/nowhere", [], "4.04"),
        ("/3/0/0/0", [], "4.04"),  # AMB-21
        ("/0/0", [], "4.01"),  # AMB-14
        ("/3/0/4", [], "4.05"),  # DM-12
        ("/3/0", ["-A", "text/plain"], "4.06"),
        ("/3/0/0", ["-A", "112"], "4.06"),
        ("/3/0/0", ["-O", "2049,x"], "4.02"),  # CO-20: critical, unknown
        ("/3/0/0", ["-O", "2050,x"], "2.05"),  # elective, unknown
        ("/3/0/0", ["-O", "1,x"], "4.02"),  # If-Match
        ("/3/0/0", ["-m", "fetch"], "4.05"),  # section 14.2
    ],
)  # fmt: skip
def test_says_what_is_wrong_with_a_request(
    kitchen: Kitchen, path: str, options: list[str], code: str
) -> None:
    assert kitchen.coap.get(kitchen.uri(path), *options).code == code


# ---- Write, Execute, Create, Delete, attributes


def test_writes_a_resource_in_each_format(kitchen: Kitchen) -> None:
    text, number = kitchen.uri("/3442/0/110"), kitchen.uri("/3442/0/120")
    assert kitchen.coap.put(text, "grüß dich", "-t", "text/plain").code == "2.04"
    assert kitchen.client.get("/3442/0/110") == "grüß dich"
    assert kitchen.coap.put(number, bytes.fromhex("C2 78 01 2C"), "-t", TLV).code == "2.04"
    assert kitchen.client.get("/3442/0/120") == 300
    document = json.dumps({"bn": "/3442/0/120", "e": [{"v": -7}]})
    assert kitchen.coap.put(number, document, "-t", JSON).code == "2.04"
    assert kitchen.client.get("/3442/0/120") == -7


@pytest.mark.parametrize(
    ("path", "payload", "options", "code"),
    [
        ("/3442/0/120", "one", ["-t", "text/plain"], "4.00"),  # DM-28
        ("/3442/0/120", "1", ["-t", "112"], "4.15"),
        ("/3442/0/120", b"\xc1\x79\x01", ["-t", TLV], "4.00"),  # DM-29
        ("/3442/0/120", b"\xc2\x78\x01", ["-t", TLV], "4.00"),
        ("/3442/0/120", None, [], "4.00"),  # DM-30
        ("/3442", b"", ["-t", TLV], "4.05"),
        ("/3/0/0", "EMCA", ["-t", "text/plain"], "4.05"),
    ],
)
def test_refuses_writes(
    kitchen: Kitchen, path: str, payload: bytes | str | None, options: list[str], code: str
) -> None:
    before = kitchen.client.get(path) if path.count("/") == 3 else None
    assert kitchen.coap.put(kitchen.uri(path), payload, *options).code == code
    assert path.count("/") != 3 or kitchen.client.get(path) == before


def test_updates_an_instance_in_part(kitchen: Kitchen) -> None:
    """DM-22."""
    kitchen.client.set("/3442/0/120", 5)
    document = json.dumps({"bn": "/3442/0/", "e": [{"n": "110", "sv": "new"}, {"n": "140", "bv": True}]})
    assert kitchen.coap.post(kitchen.uri("/3442/0"), document, "-t", JSON).code == "2.04"
    assert [kitchen.client.get(f"/3442/0/{id}") for id in (110, 120, 140)] == ["new", 5, True]


def test_executes(kitchen: Kitchen) -> None:
    """DM-50 to DM-53."""
    uri = kitchen.uri("/3442/0/0")
    assert kitchen.coap.post(uri, None).code == "2.04"
    assert kitchen.coap.post(uri, "2='10.3',5", "-t", "text/plain").code == "2.04"
    assert kitchen.executed == [{}, {2: "10.3", 5: ""}]
    assert kitchen.coap.post(uri, "10", "-t", "text/plain").code == "4.00"
    assert kitchen.coap.post(kitchen.uri("/3/0/0"), None).code == "4.05"


def test_creates_and_deletes_an_instance(kitchen: Kitchen) -> None:
    """DM-63, DM-70: the Location-Path is the new instance."""
    created = kitchen.coap.post(kitchen.uri("/3442"), b"\xe3\x00\x6eabc", "-t", TLV)
    assert (created.code, created.final.all("Location-Path")) == ("2.01", ["3442", "1"])
    assert kitchen.client.get("/3442/1/110") == "abc"
    assert kitchen.coap.delete(kitchen.uri("/3442/1")).code == "2.02"
    assert kitchen.coap.get(kitchen.uri("/3442/1")).code == "4.04"
    assert kitchen.coap.delete(kitchen.uri("/3/0")).code == "4.05"


def test_keeps_attributes_and_shows_them(kitchen: Kitchen) -> None:
    """DM-40, DM-80."""
    assert kitchen.coap.put(kitchen.uri("/3442/0/120?pmin=10&gt=42.5"), None).code == "2.04"
    links = kitchen.coap.get(kitchen.uri("/3442/0/120"), "-A", LINK).body.decode()
    assert sorted(links.split(";")) == ["</3442/0/120>", "gt=42.5", "pmin=10"]
    assert kitchen.coap.put(kitchen.uri("/3442/0/120?pmin=-1"), None).code == "4.00"


# ---- block-wise


@pytest.mark.parametrize("size", [16, 64, 1024])
def test_gives_a_large_value_in_blocks_of_the_size_asked_for(kitchen: Kitchen, size: int) -> None:
    """BW-20, BW-21."""
    value = bytes(index % 251 for index in range(3000))
    kitchen.client.set("/3442/0/150", value)
    answer = kitchen.coap.get(kitchen.uri("/3442/0/150"), "-A", OPAQUE, "-b", str(size))
    assert answer.body == value
    assert [message.code for message in answer.received] == ["2.05"] * -(-len(value) // size)
    assert {(message.option("Block2") or "").split("/")[-1] for message in answer.received} == {str(size)}
    assert len({message.option("ETag") for message in answer.received}) == 1


def test_gives_a_large_value_in_blocks_of_its_own_size(kitchen: Kitchen) -> None:
    kitchen.client.set("/3442/0/110", "x" * 5000)
    answer = kitchen.coap.get(kitchen.uri("/3442/0/110"), "-A", "text/plain")
    assert answer.body == b"x" * 5000
    assert [message.option("Block2") for message in answer.received] == [
        "0/M/1024", "1/M/1024", "2/M/1024", "3/M/1024", "4/_/1024",
    ]  # fmt: skip


@pytest.mark.parametrize("size", [16, 128, 1024])
def test_takes_a_large_write_in_blocks(kitchen: Kitchen, size: int) -> None:
    """BW-01 to BW-03: 2.31 for each block but the last, and one write."""
    value = bytes(index % 241 for index in range(2500))
    answer = kitchen.coap.put(kitchen.uri("/3442/0/150"), value, "-t", OPAQUE, "-b", str(size))
    blocks = -(-len(value) // size)
    assert [message.code for message in answer.received] == ["2.31"] * (blocks - 1) + ["2.04"]
    assert kitchen.client.get("/3442/0/150") == value


def test_refuses_a_body_over_the_limit(kitchen: Kitchen) -> None:
    """BW-06: 65536 bytes is what a client takes unless told otherwise."""
    answer = kitchen.coap.put(kitchen.uri("/3442/0/150"), bytes(70000), "-t", OPAQUE, "-b", "1024")
    assert answer.code == "4.13"


# ---- Observe


def test_notifies_until_the_observation_is_cancelled(kitchen: Kitchen) -> None:
    """OBS-01, OBS-02, OBS-05: coap-client cancels with Observe 1 when its time is over."""
    kitchen.client.set("/3442/0/120", 1)
    uri = kitchen.uri("/3442/0/120")
    with Subscription(kitchen.coap, uri, "-A", "text/plain", seconds=2) as subscription:
        first = subscription.next()
        assert (first.code, first.shown, first.type) == ("2.05", "'1'", "ACK")
        numbers = [int(first.option("Observe") or -1)]
        for value in (2, 3):
            kitchen.client.set("/3442/0/120", value)
            notification = subscription.next()
            assert (notification.code, notification.shown) == ("2.05", f"'{value}'")
            assert notification.option("Content-Format") == "text/plain"
            numbers.append(int(notification.option("Observe") or -1))
        assert numbers == sorted(set(numbers))
        rest = subscription.rest()
    assert "1" in [message.option("Observe") for message in rest if message.direction == "sent"]
    assert kitchen.coap.get(uri).code == "2.05"  # and by now the cancellation has arrived
    assert next_datagram_after_a_change(kitchen, "/3442/0/120").code == "0.02"


def next_datagram_after_a_change(kitchen: Kitchen, path: str) -> linnet.Message:
    """A notification, if it is still observed; else the Update that is asked for right after."""
    kitchen.server.return_()
    kitchen.client.set(path, 99)
    kitchen.client.update()
    return kitchen.server.receive()[2]


def test_stops_when_a_notification_is_reset(kitchen: Kitchen) -> None:
    """OBS-05: a coap-client that knows nothing of the observation answers RST."""
    with Subscription(kitchen.coap, kitchen.uri("/3442/0/120"), "-T", "first") as subscription:
        subscription.next()
    with Subscription(kitchen.coap, kitchen.uri("/3/0/0"), "-T", "other") as other:
        other.next()
        kitchen.client.set("/3442/0/120", 77)
        unknown = other.next()
        answer = other.next("sent")
        assert (unknown.code, answer.type, answer.id) == ("2.05", "RST", unknown.id)
    kitchen.coap.get(kitchen.uri("/3/0/0"))
    assert next_datagram_after_a_change(kitchen, "/3442/0/120").code == "0.02"


def test_notifies_of_a_large_value_in_blocks(kitchen: Kitchen) -> None:
    """BW-26."""
    with Subscription(kitchen.coap, kitchen.uri("/3442/0/110"), "-A", "text/plain") as subscription:
        subscription.next()
        kitchen.client.set("/3442/0/110", "y" * 2500)
        first = subscription.next()
        assert (first.option("Block2"), first.option("Observe") is not None) == ("0/M/1024", True)
        rest = [subscription.next(), subscription.next()]
        assert [message.option("Block2") for message in rest] == ["1/M/1024", "2/_/1024"]
        assert [message.option("Observe") for message in rest] == [None, None]


def test_answers_a_ping(kitchen: Kitchen) -> None:
    """CO-12: libcoap pings after a second of silence."""
    with Subscription(kitchen.coap, kitchen.uri("/3/0/0"), "-K", "1") as subscription:
        subscription.next()
        ping = subscription.next("sent")
        while ping.code != "0.00" or ping.type != "CON":
            ping = subscription.next("sent")
        pong = subscription.next()
        assert (pong.type, pong.code, pong.id) == ("RST", "0.00", ping.id)
