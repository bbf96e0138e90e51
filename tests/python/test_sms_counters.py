# SPDX-License-Identifier: Apache-2.0
"""Counters of secured packets after SIGKILL: none is used twice, none is accepted twice (sms.md SMS-42)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import linnet
import pytest
from linnet import _core
from service_center import Phone, ServiceCenter, Submit

SERVER, CLIENT = "+15550100", "+15550111"
PACKETS = (bytes.fromhex("12121601B20203"), bytes(range(32)))
TIMEOUT = 30

pytestmark = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build has no cryptography")

SERVER_SCRIPT = """
import linnet, sys
device, store, parameters, keys = sys.argv[1:]
packets = {"+15550111": (bytes.fromhex(parameters), bytes.fromhex(keys))}
sms = linnet.SmsTransport(linnet.AtModem(device), number="+15550100", packets=packets)
with linnet.Server((), sms=sms, store=store) as server:
    print("ready", flush=True)
    server.wait()
"""

CLIENT_SCRIPT = """
import linnet, sys
device, store, parameters, keys = sys.argv[1:]
packets = {"+15550100": (bytes.fromhex(parameters), bytes.fromhex(keys))}
sms = linnet.SmsTransport(linnet.AtModem(device), number="+15550111", packets=packets)
client = linnet.Client("kitchen", server="sms:+15550100", sms=sms)
client.keep(store)
with client:
    print("ready", flush=True)
    client.wait()
"""


class Recorder(ServiceCenter):
    """Remembers each message as it was delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.delivered: list[tuple[str, bytes]] = []
        for number in (SERVER, CLIENT):
            self.add(number[1:])

    def carry(self, sender: Phone, submit: Submit) -> None:
        self.delivered.append((submit.to, submit.deliver(sender.number)))
        super().carry(sender, submit)

    def replay(self, number: str) -> None:
        """Everything that this number was ever sent, once more."""
        phone = self.phones[number[1:]]
        for to, tpdu in list(self.delivered):
            if to == phone.number:
                phone.receive(tpdu)

    def sent_by(self, number: str) -> int:
        return sum(sender == number[1:] for sender, _, _ in self.carried)


@pytest.fixture
def center() -> Iterator[Recorder]:
    with Recorder() as center:
        yield center


@contextlib.contextmanager
def child(script: str, phone: Phone, store: Path) -> Iterator[subprocess.Popen[str]]:
    """The script in a process of its own, which ends by SIGKILL."""
    arguments = [phone.device, str(store), PACKETS[0].hex(), PACKETS[1].hex()]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def own(center: Recorder, number: str, other: str) -> linnet.SmsTransport:
    modem = linnet.AtModem(center.phones[number[1:]].device)
    return linnet.SmsTransport(modem, number=number, packets={other: PACKETS})


def test_a_server_with_a_store_sms_42(center: Recorder, tmp_path: Path) -> None:
    store, phone = tmp_path / "server.db", center.phones[SERVER[1:]]
    sms = own(center, CLIENT, SERVER)
    client = linnet.Client("kitchen", server=f"sms:{SERVER}", sms=sms)
    with client.events() as events, contextlib.closing(client):
        with child(SERVER_SCRIPT, phone, store):
            client.start()
            client.wait_registered(TIMEOUT)
        accepted, sent = sms.counters(SERVER)[1], center.sent_by(SERVER)
        with child(SERVER_SCRIPT, phone, store):
            center.replay(SERVER)
            client.update()
            while (event := events.next(TIMEOUT)) is not None and event.kind is not linnet.EventKind.UPDATED:
                pass
            assert event is not None
        # The 2.04, behind whatever would have answered what was sent again: it came alone.
        assert center.sent_by(SERVER) == sent + 1
        assert sms.counters(SERVER)[1] == accepted + 1


def test_a_client_that_is_kept_sms_42(center: Recorder, tmp_path: Path) -> None:
    store, phone = tmp_path / "kitchen", center.phones[CLIENT[1:]]
    sms = own(center, SERVER, CLIENT)
    with linnet.Server((), sms=sms) as server:
        with child(CLIENT_SCRIPT, phone, store):
            device = server.wait_for("kitchen", TIMEOUT)
            device.write("/1/0/1", 3600, timeout=TIMEOUT)
        accepted = sms.counters(CLIENT)[1]
        with server.events() as events, child(CLIENT_SCRIPT, phone, store):
            center.replay(CLIENT)
            while (event := events.next(TIMEOUT)) is not None:
                if event.kind is linnet.EventKind.REGISTERED:
                    break
            assert event is not None
            before = center.sent_by(CLIENT)
            center.replay(CLIENT)
            assert device.read("/1/0/1", timeout=TIMEOUT) == 3600
            assert center.sent_by(CLIENT) == before + 1
            assert accepted < sms.counters(CLIENT)[1] < accepted + 10
