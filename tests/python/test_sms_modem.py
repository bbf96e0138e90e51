# SPDX-License-Identifier: Apache-2.0
"""LwM2M through real descriptors: a client and a server, each with an AT modem, and a service centre between.

Register, Read, Write, Observe, firmware, Update: sms.md SMS-01, SMS-03, SMS-12, SMS-14; QUE-09, QUE-10.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import linnet
import pytest
from kitchen import Temperature
from linnet import _core
from service_center import Phone, ServiceCenter

TIMEOUT = 30


@pytest.fixture
def center() -> Iterator[ServiceCenter]:
    """A centre with a phone for the server and one for the client."""
    center = ServiceCenter()
    for number in ("15550100", "15550111"):
        center.add(number)
    with center:
        yield center


def sms_of(phone: Phone, **options: Any) -> linnet.SmsTransport:
    """The transport of somebody with that phone."""
    return linnet.SmsTransport(linnet.AtModem(phone.device), number=f"+{phone.number}", **options)


needs_keys = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build has no cryptography")
SECURED = ["unsecured", pytest.param("dtls", marks=needs_keys), pytest.param("packets", marks=needs_keys)]
PSK = ("kitchen", bytes(range(16)))
PACKETS = (bytes.fromhex("12121601B20203"), bytes(range(32)))


@pytest.mark.parametrize("security", SECURED)
def test_everything_over_sms(center: ServiceCenter, security: str) -> None:
    """Register, Read, Write, Execute, Observe, a firmware update, Update: whatever secures the messages."""
    server_phone, client_phone = center.phones.values()
    server_packets = {"+15550111": PACKETS} if security == "packets" else None
    client_packets = {"+15550100": PACKETS} if security == "packets" else None
    with (
        linnet.Server(
            (),
            sms=sms_of(server_phone, packets=server_packets),
            credentials={"kitchen": PSK} if security == "dtls" else None,
        ) as server,
        linnet.Client(
            "kitchen",
            server="sms:+15550100",
            sms=sms_of(client_phone, packets=client_packets),
            psk=PSK if security == "dtls" else None,
            lifetime=300,
        ) as client,
    ):
        sensor = client.add(Temperature(0))
        take_firmware(client)
        client.device.manufacturer = "ACME"
        client.start()
        device = server.wait_for("kitchen", TIMEOUT)
        assert (device.binding, device.address, device.sms_number) == ("S", "sms:+15550111", "15550111")
        client.wait_registered(TIMEOUT)
        assert device.read("/3/0/0", timeout=TIMEOUT) == "ACME"
        device.write("/3303/0/5750", "oven", timeout=TIMEOUT)
        assert sensor.label == "oven"
        device.execute("/3303/0/5605", {0: "now"}, timeout=TIMEOUT)
        assert sensor.executed == [{0: "now"}]
        with device.observe("/3303/0/5700", timeout=TIMEOUT) as observation:
            assert observation.next(TIMEOUT).value == 20.5
            sensor.value = 21.5
            assert observation.next(TIMEOUT).value == 21.5
        update_firmware(device)
        with server.events() as events:
            client.update()
            event = events.next(TIMEOUT)
            while event is not None and event.kind is not linnet.EventKind.UPDATED:
                event = events.next(TIMEOUT)
            assert event is not None
    assert max(len(data) for _, _, data in center.carried) <= 140
    assert {(a, b) for a, b, _ in center.carried} == {("15550100", "15550111"), ("15550111", "15550100")}
    assert any(b"oven" in data for _, _, data in center.carried) == (security == "unsecured")
    assert client_phone.commands[0] == "AT"


def take_firmware(client: linnet.Client) -> None:
    """What a package does to a device that finds it in order."""
    client.add_firmware()

    @client.on("write")
    def _(event: linnet.Event) -> None:
        if event.path == "/5/0/0":
            client.end_firmware(linnet.FirmwareResult.COMPLETE)

    @client.on("execute")
    def _(event: linnet.Event) -> None:
        if event.path == "/5/0/2":
            client.end_firmware(linnet.FirmwareResult.UPDATED)


def update_firmware(device: linnet.Device) -> None:
    """Gives a package, in blocks, and follows the state: idle, downloaded, idle again (FW-01 to FW-03)."""
    with device.observe("/5/0/3", timeout=TIMEOUT) as states:
        assert states.next(TIMEOUT).value == linnet.FirmwareState.IDLE
        device.write("/5/0/0", bytes(300), timeout=TIMEOUT)
        while states.next(TIMEOUT).value != linnet.FirmwareState.DOWNLOADED:
            pass
        device.execute("/5/0/2", timeout=TIMEOUT)
        while states.next(TIMEOUT).value != linnet.FirmwareState.IDLE:
            pass
    assert device.read("/5/0/5", timeout=TIMEOUT) == linnet.FirmwareResult.UPDATED


def test_messages_in_parts_between_ports(center: ServiceCenter) -> None:
    server_phone, client_phone = center.phones.values()
    both = {"parts": 5, "part_bits": 16, "ports": (5683, 5683)}
    with (
        linnet.Server((), sms=sms_of(server_phone, **both)) as server,
        linnet.Client("kitchen", server="sms:+15550100", sms=sms_of(client_phone, **both)) as client,
    ):
        client.add(Temperature(0))
        client.start()
        device = server.wait_for("kitchen", TIMEOUT)
        assert device.read("/3303/0", timeout=TIMEOUT)["/3303/0/5700"] == 20.5
    header = bytes([0x06, 0x05, 0x04, 0x16, 0x33, 0x16, 0x33])
    assert all(data[1:7] == header[1:] for _, _, data in center.carried)


def test_a_modem_that_stores_is_read(center: ServiceCenter) -> None:
    """+CMTI, AT+CMGR, AT+CMGD; and what came before anybody listened."""
    server_phone, client_phone = center.phones.values()
    client_phone.receive = lambda tpdu: _store(client_phone, tpdu)  # type: ignore[method-assign]
    with (
        linnet.Server((), sms=sms_of(server_phone)) as server,
        linnet.Client("kitchen", server="sms:+15550100", sms=sms_of(client_phone)) as client,
    ):
        client.start()
        client.wait_registered(TIMEOUT)
        assert server.device("kitchen").read("/3/0/16", timeout=TIMEOUT) == "S"
    assert any(command.startswith("AT+CMGR=") for command in client_phone.commands)
    assert any(command.startswith("AT+CMGD=") for command in client_phone.commands)


def _store(phone: Phone, tpdu: bytes) -> None:
    phone.indication = phone.indication.replace(",2,", ",1,", 1)
    Phone.receive(phone, tpdu)
    phone.indication = phone.indication.replace(",1,", ",2,", 1)


def is_end_of_handshake(sender: str, to: str, data: bytes) -> bool:
    """The server's last record of it: of the epoch after the first."""
    return sender == "15550100" and data[0] == 22 and data[3:5] == bytes([0, 1])


@pytest.mark.parametrize("security", ["unsecured", pytest.param("dtls", marks=needs_keys)])
def test_a_trigger_wakes_a_device_in_real_time_que_09(center: ServiceCenter, security: str) -> None:
    """UQS: the server takes the device for asleep; the SMS brings an Update, and what waited is asked."""
    server_phone, client_phone = center.phones.values()
    dtls = security == "dtls"  # of coaps, and in a session of its own by SMS (SEC-03)
    server = linnet.Server(
        f"{'coaps' if dtls else 'coap'}://127.0.0.1:0",
        sms=sms_of(server_phone),
        awake_time=1,
        credentials={"kitchen": PSK} if dtls else None,
    )
    client = linnet.Client(
        "kitchen",
        server=server.listen[0],
        binding="UQS",
        server_number="+15550100",
        sms=sms_of(client_phone),
        local="127.0.0.1:0",
        psk=PSK if dtls else None,
    )
    with server, client:
        client.start()
        device = server.wait_for("kitchen", TIMEOUT)
        client.wait_registered(TIMEOUT)
        if dtls:
            center.wait_until(
                lambda: any(is_end_of_handshake(*message) for message in center.carried), TIMEOUT
            )
        server._runner.wait(server._runner.condition(), lambda: False, 1.05)  # the one real second
        with server._runner:
            pass
        assert not device.awake
        before = len(center.carried)
        assert device.read("/3/0/16", timeout=TIMEOUT) == "UQS"
        center.wait_for(before + 2, TIMEOUT)
        assert [(a, b) for a, b, _ in center.carried[before:]] == [
            ("15550100", "15550111"),
            ("15550111", "15550100"),
        ]
        trigger, answer = (data for _, _, data in center.carried[before:])
        if dtls:
            assert trigger[:3] == answer[:3] == bytes([23, 254, 253])
        else:
            assert trigger[1] == 2  # POST
            assert trigger.endswith(bytes.fromhex("B131 0130 0138"))  # 1/0/8
            assert answer[1] == 0x44  # 2.04


def test_the_commands_speak_over_sms(center: ServiceCenter) -> None:
    server_phone, client_phone = center.phones.values()
    command = [sys.executable, "-m", "linnet"]
    options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    modem = ["--modem", server_phone.device, "--number", "+15550100"]
    server = subprocess.Popen(
        [*command, "server", "--listen", "coap://127.0.0.1:0", *modem, "--json"], **options
    )
    modem = ["--modem", client_phone.device, "--number", "+15550111"]
    client = subprocess.Popen(
        [*command, "client", "--endpoint", "kitchen", "--server", "sms:+15550100", *modem, "--json"],
        **options,
    )
    with server, client:
        assert server.stdin is not None
        try:
            ready = _line(client)
            assert ready["listen"] == ["sms:+15550111"]
            assert "sms:+15550100" in _line(server)["listen"]
            registered = _line(server)
            assert (registered["event"], registered["binding"]) == ("registered", "S")
            server.stdin.write("7 read kitchen /3/0/0\n")
            server.stdin.flush()
            answer = _line(server)
            assert answer["id"] == 7
            assert answer["records"][0]["value"] == "Open Mobile Alliance"
        finally:
            for process in (client, server):  # the client first, which says goodbye to the server
                process.terminate()
                process.wait(TIMEOUT)


def _line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found
