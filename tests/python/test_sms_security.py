# SPDX-License-Identifier: Apache-2.0
"""Short messages secured: DTLS in them (sms.md 4.1), secured packets (4.2); what is not heard (SMS-22)."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import linnet
import pytest
from kitchen import Temperature
from linnet import _core
from linnet.cli.access import packet_keys

SERVER, CLIENT = "+15550100", "+15550111"
PSK = ("kitchen", bytes(range(16)))
PACKETS = (bytes.fromhex("12121601B20203"), bytes(range(32)))
TIMEOUT = 30

pytestmark = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build has no cryptography")


def scene(server_options: dict[str, Any], client_options: dict[str, Any]) -> Any:
    """A server and a client with phones in a world."""
    world = linnet.World(seed=5)
    world.network.set(delay_ms=2000)
    server = linnet.Server((), world=world, **server_options)
    client = linnet.Client("kitchen", server=f"sms:{SERVER}", world=world, **client_options)
    return world, server, client


def test_dtls_over_sms_sms_30_sms_33() -> None:
    world, server, client = scene(
        {"sms": linnet.SmsTransport(number=SERVER), "credentials": {"kitchen": PSK}},
        {"sms": linnet.SmsTransport(number=CLIENT), "psk": PSK},
    )
    sent: list[bytes] = []
    world.watch(lambda ms, source, destination, data, lost: sent.append(data))
    sensor = client.add(Temperature(0))
    client.start()
    device = server.wait_for("kitchen", timeout=3600)
    client.wait_registered(600)
    assert device.address == "sms:+15550111"
    assert device.read("/3303/0/5750", timeout=600) == "kitchen wall"
    device.write("/3303/0/5750", "oven", timeout=600)
    assert sensor.label == "oven"
    observation = device.observe("/3303/0/5700", timeout=600)
    sensor.value = 21.5
    assert [observation.next(600).value for _ in range(2)][-1] == 21.5
    bodies = [linnet.parse_short_message(data).payload for data in sent]
    assert all(body[0] in (20, 21, 22, 23) and body[1] == 254 for body in bodies)  # DTLS records
    assert max(map(len, bodies)) <= 140
    assert not any(b"oven" in body for body in bodies)


def test_dtls_over_sms_with_the_wrong_key() -> None:
    world, server, client = scene(
        {"sms": linnet.SmsTransport(number=SERVER), "credentials": {"kitchen": PSK}},
        {"sms": linnet.SmsTransport(number=CLIENT), "psk": ("kitchen", bytes(16))},
    )
    client.start()
    world.advance(minutes=30)
    assert "kitchen" not in server.registrations
    assert not client.registered


def test_secured_packets_sms_40_sms_42() -> None:
    at_client = linnet.SmsTransport(number=CLIENT, packets={SERVER: PACKETS})
    at_server = linnet.SmsTransport(number=SERVER, packets={CLIENT: PACKETS})
    world, server, client = scene({"sms": at_server}, {"sms": at_client})
    sent: list[bytes] = []
    world.watch(lambda ms, source, destination, data, lost: sent.append(data))
    client.start()
    device = server.wait_for("kitchen", timeout=3600)
    client.wait_registered(600)
    assert device.read("/3/0/16", timeout=600) == "S"
    messages = [linnet.parse_short_message(data) for data in sent]
    assert {(m.protocol, m.coding, m.header) for m in messages} == {(0x7F, 0xF6, b"\x70\x00")}
    assert at_server.counters(CLIENT)[0] == at_client.counters(SERVER)[1]
    assert at_client.counters(SERVER)[0] == at_server.counters(CLIENT)[1] > 0
    again = linnet.build_short_message(
        "deliver", SERVER, messages[-2].payload, header=b"\x70\x00", coding=0xF6
    )
    sent.clear()
    with client._runner:
        client._transports[0].receive_sms(again)  # an old packet: not a word
    world.settle()
    assert sent == []
    at_server.set_keys(CLIENT, PACKETS[0], bytes(32))
    with pytest.raises(linnet.TimeoutError):
        device.read("/3/0/16", timeout=60)


def test_unsecured_sms_beside_coaps_may_ask_for_an_update_alone_sms_22() -> None:
    world = linnet.World(seed=6)
    server = linnet.Server(
        "coaps://10.0.0.1:5684",
        world=world,
        credentials={"kitchen": PSK},
    )
    client = linnet.Client(
        "kitchen",
        server="coaps://10.0.0.1:5684",
        psk=PSK,
        binding="UQS",
        server_number=SERVER,
        sms=linnet.SmsTransport(number=CLIENT, dtls=False),
        world=world,
    )
    client.start()
    device = server.wait_for("kitchen", timeout=60)
    client.wait_registered(60)
    answered: list[str] = []
    world.watch(lambda ms, source, destination, data, lost: answered.append(str(source)))
    phone = client._transports[1]
    for request, expected in (
        ("4401 1234 01020304 B133 0130 023136", set()),  # GET 3/0/16
        ("4402 1235 01020305 B131 0130 0138", {f"sms:{CLIENT}", client.local, "10.0.0.1:5684"}),  # POST 1/0/8
    ):
        answered.clear()
        with client._runner:
            phone.receive_sms(linnet.build_short_message("deliver", SERVER, bytes.fromhex(request)))
        world.settle()
        assert set(answered) == expected
    assert device.registered
    client.set_trigger_limit(0, 60)
    answered.clear()
    with client._runner:
        trigger = bytes.fromhex("4402 1236 01020306 B131 0130 0138")
        phone.receive_sms(linnet.build_short_message("deliver", SERVER, trigger))
    world.settle()
    assert answered == []


# ---- beside a registration over UDP ---------------------------------------------------------------------


PHONES = ("phones", bytes(16))


def beside(
    udp: str, server_sms: dict[str, Any], client_sms: dict[str, Any], **keys: Any
) -> tuple[linnet.World, linnet.Server, linnet.Client]:
    """A UQS device that sleeps, and its server, each with a phone."""
    world = linnet.World(seed=7)
    server = linnet.Server(
        udp, world=world, sms=linnet.SmsTransport(number=SERVER, **server_sms), credentials={"kitchen": PSK}
    )
    client = linnet.Client(
        "kitchen",
        server=udp,
        binding="UQS",
        server_number=SERVER,
        sms=linnet.SmsTransport(number=CLIENT, **client_sms),
        world=world,
        **keys,
    )
    client.start()
    server.wait_for("kitchen", timeout=60)
    client.wait_registered(60)
    world.advance(seconds=300)
    return world, server, client


@pytest.mark.parametrize(
    ("udp", "server_sms", "client_sms", "keys", "kind"),
    [
        ("coaps://10.0.0.1:5684", {}, {}, {"psk": PSK}, "dtls"),
        (
            "coaps://10.0.0.1:5684",
            {"credentials": {"kitchen": PHONES}},
            {},
            {"psk": PSK, "sms_psk": PHONES},
            "dtls",
        ),
        ("coap://10.0.0.1:5683", {"credentials": {"kitchen": PHONES}}, {}, {"sms_psk": PHONES}, "dtls"),
        (
            "coaps://10.0.0.1:5684",
            {"packets": {CLIENT: PACKETS}},
            {"packets": {SERVER: PACKETS}},
            {"psk": PSK},
            "packet",
        ),
        ("coaps://10.0.0.1:5684", {"dtls": False}, {"dtls": False}, {"psk": PSK}, "plain"),
    ],
    ids=["one key", "two keys", "SMS alone is secured", "secured packets", "unsecured triggers"],
)
def test_a_sleeping_device_is_triggered_sms_13_sms_20(
    udp: str, server_sms: dict[str, Any], client_sms: dict[str, Any], keys: dict[str, Any], kind: str
) -> None:
    world, server, _ = beside(udp, server_sms, client_sms, **keys)
    sent: list[linnet.ShortMessage] = []

    def see(ms: int, source: str | None, destination: str | None, data: bytes, lost: bool) -> None:
        if source is not None and source.startswith("sms:"):
            sent.append(linnet.parse_short_message(data))

    world.watch(see)
    device = server.device("kitchen")
    assert not device.awake
    assert device.read("/3/0/16") == "UQS"
    assert len(sent) == 2
    for message in sent:
        secured = message.payload[:3] == b"\x17\xfe\xfd"  # application data of DTLS 1.2
        assert secured == (kind == "dtls")
        assert (message.header == b"\x70\x00") == (kind == "packet")
    if kind == "plain":  # anybody could read it, and the device would not hear it (SMS-22)
        with pytest.raises(linnet.SecurityError):
            device.over("sms").read("/3/0/16", timeout=60)
    else:
        assert device.over("sms").read("/3/0/16") == "UQS"


def test_a_server_with_devices_that_secure_sms_differently_sms_20() -> None:
    """A number for each way: DTLS, secured packets, plain triggers."""
    numbers = {"dtls": "+15550100", "packets": "+15550101", "plain": "+15550102"}
    phones = {"dtls": "+15550111", "packets": "+15550112", "plain": "+15550113"}
    world = linnet.World(seed=12)
    udp = "coaps://10.0.0.1:5684"
    server = linnet.Server(
        udp,
        world=world,
        credentials={name: (name, PSK[1]) for name in numbers},
        sms=[
            linnet.SmsTransport(number=numbers["plain"], dtls=False),
            linnet.SmsTransport(number=numbers["packets"], packets={phones["packets"]: PACKETS}),
            linnet.SmsTransport(number=numbers["dtls"]),
        ],
    )
    by: list[tuple[str | None, str | None]] = []
    clients: list[linnet.Client] = []
    for name, number in numbers.items():
        sms = linnet.SmsTransport(
            number=phones[name],
            packets={number: PACKETS} if name == "packets" else None,
            dtls=False if name == "plain" else None,
        )
        client = linnet.Client(
            name, server=udp, psk=(name, PSK[1]), binding="UQS", server_number=number, sms=sms, world=world
        )
        client.start()
        clients.append(client)
        server.wait_for(name, timeout=60)
        client.wait_registered(60)
    world.advance(seconds=300)
    world.watch(lambda ms, source, destination, data, lost: by.append((source, destination)))
    for name, number in numbers.items():
        by.clear()
        assert server.device(name).read("/3/0/16") == "UQS"
        way = [pair for pair in by if str(pair[0]).startswith("sms:")]
        assert way == [(f"sms:{number}", f"sms:{phones[name]}"), (f"sms:{phones[name]}", f"sms:{number}")]


def test_the_command_takes_keys_of_packets(tmp_path: Path) -> None:
    words = f"{CLIENT}:{PACKETS[0].hex()}:{PACKETS[1].hex()}"
    assert packet_keys(words) == (CLIENT, PACKETS)
    file = tmp_path / "keys"
    file.write_text(words + "\n")
    assert packet_keys(f"@{file}") == (CLIENT, PACKETS)
    for wrong in ("+1:00", "+1:0:00", f"@{tmp_path}/none"):
        with pytest.raises(argparse.ArgumentTypeError):
            packet_keys(wrong)


def test_says_where_keys_have_no_use() -> None:
    world = linnet.World(seed=8)
    with pytest.raises(linnet.InvalidArgument, match="not by both"):
        linnet.SmsTransport(number=CLIENT, packets={SERVER: PACKETS}, dtls=True)
    with pytest.raises(linnet.InvalidArgument, match="need credentials"):
        linnet.Server((), world=world, sms=linnet.SmsTransport(number=SERVER, dtls=True))
    sms = linnet.SmsTransport(number=CLIENT, dtls=False)
    with pytest.raises(linnet.InvalidArgument, match="not secured by DTLS"):
        linnet.Client("kitchen", server=f"sms:{SERVER}", sms=sms, psk=PSK, world=world)
    for sms_psk in (("kitchen-42", bytes(16)), ("phones", bytes(15))):
        with pytest.raises(linnet.InvalidArgument, match="an identity of 6 or 7 bytes"):
            linnet.Client(
                "kitchen",
                server="coaps://10.0.0.1",
                server_number=SERVER,
                sms=linnet.SmsTransport(number=CLIENT),
                psk=PSK,
                sms_psk=sms_psk,
                world=world,
            )
    with pytest.raises(linnet.OutOfRange, match=r"parts cannot be 300 \(1 to 255\)"):
        linnet.Server((), world=world, sms=linnet.SmsTransport(number=SERVER, parts=300))
