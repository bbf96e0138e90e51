# SPDX-License-Identifier: Apache-2.0
"""PDUs of another implementation: SMS Server Tools (Debian: smstools) on one modem, linnet on another.

What smsd makes of a file with a binary message is a TPDU that linnet has to understand, and what linnet sends
has to come out of smsd's files as it went in: sms.md 2, SMS-01, SMS-10.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import linnet
import pytest
from service_center import ServiceCenter

SMSD = "/usr/sbin/smsd"
TIMEOUT = 30
OURS, THEIRS = "15550100", "15550111"


@pytest.fixture
def center() -> Iterator[ServiceCenter]:
    center = ServiceCenter()
    for number in (OURS, THEIRS):
        center.add(number)
    with center:
        yield center


class Smsd:
    """smsd with a modem and its spool folders."""

    def __init__(self, center: ServiceCenter, folder: Path) -> None:
        self.folder = folder
        for name in ("outgoing", "checked", "incoming", "failed", "sent"):
            (folder / name).mkdir()
        spool = "\n".join(f"{name} = {folder / name}" for name in ("outgoing", "checked", "failed", "sent"))
        config = folder / "smsd.conf"
        config.write_text(
            f"""devices = GSM1
logfile = {folder}/smsd.log
infofile = {folder}/smsd.working
pidfile = {folder}/smsd.pid
{spool}
incoming = {folder}/incoming
delaytime = 1
shell_test = no
receive_before_send = no
[GSM1]
device = {center.phones[THEIRS].device}
incoming = yes
"""
        )
        self.process = subprocess.Popen([SMSD, "-t", f"-c{config}"], cwd=folder)

    def send(self, payload: bytes, header: bytes = b"") -> None:
        """As its manual says: a head, an empty line, the bytes."""
        udh = b"\nUDH: true" if header else b"\nUDH: false"  # true is its default for binary messages
        text = b"To: " + OURS.encode() + b"\nAlphabet: binary" + udh + b"\n\n" + header + payload
        draft = self.folder / "draft"
        draft.write_bytes(text)
        draft.rename(self.folder / "outgoing" / f"message-{payload[0]}")

    def receive(self) -> tuple[dict[str, str], bytes]:
        """The next message that it wrote down: its head, and what follows."""
        pause = threading.Event()
        for _ in range(TIMEOUT * 10):
            for path in (self.folder / "incoming").glob("GSM1.*"):
                head, _, body = path.read_bytes().partition(b"\n\n")
                path.unlink()
                lines = (line.partition(": ") for line in head.decode().splitlines())
                return {name: value for name, _, value in lines}, body
            pause.wait(0.1)
        raise AssertionError((self.folder / "smsd.log").read_text())

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


@pytest.fixture
def smsd(center: ServiceCenter, tmp_path: Path) -> Iterator[Smsd]:
    if not os.path.exists(SMSD):
        if os.environ.get("CI") == "true":
            pytest.fail("smstools is not installed")
        pytest.skip("smstools is not installed")
    smsd = Smsd(center, tmp_path)
    yield smsd
    smsd.close()


def test_smsd_and_linnet_read_each_others_messages(center: ServiceCenter, smsd: Smsd) -> None:
    """smsd asks as a server would, byte by byte; a client of linnet answers."""
    phone = center.phones[OURS]
    sms = linnet.SmsTransport(linnet.AtModem(phone.device), number=f"+{OURS}")
    with linnet.Client("kitchen", server=f"sms:+{THEIRS}", sms=sms) as client:
        client.start()
        head, register = smsd.receive()
        assert (head["From"], head["Alphabet"]) == (OURS, "binary")
        assert register[:2] == bytes.fromhex("4802")  # CON POST, a token of 8 bytes
        assert b"ep=kitchen" in register
        assert b"sms=15550100" in register
        smsd.send(b"\x68\x41" + register[2:12] + bytes.fromhex("827264 0131"))  # 2.01, Location-Path rd/1
        client.wait_registered(TIMEOUT)
        assert client.location() == "/rd/1"
        smsd.send(bytes.fromhex("4401 1234 01020304 B133 0130 023136"))  # GET 3/0/16
        _, answer = smsd.receive()
        assert answer[:8] == bytes.fromhex("6445 1234 01020304")
        assert answer.endswith(b"\xff\xc1\x10S")  # TLV


def test_smsd_and_linnet_agree_on_headers(center: ServiceCenter, smsd: Smsd) -> None:
    """Ports and parts: a message of linnet in parts comes out with its headers, and one of smsd's goes in."""
    phone = center.phones[OURS]
    sms = linnet.SmsTransport(
        linnet.AtModem(phone.device), number=f"+{OURS}", parts=3, ports=(5683, 5683), validity=3600
    )
    with linnet.Client("kitchen", server=f"sms:+{THEIRS}", sms=sms) as client:
        client.start()
        head, body = smsd.receive()
        header = bytes.fromhex(head["UDH-DATA"].replace(" ", ""))
        assert header[1:7] == bytes.fromhex("0504 1633 1633")
        register = body[len(header) :] if body.startswith(header) else body
        ports = bytes.fromhex("06 0504 1633 1633")
        smsd.send(b"\x68\x41" + register[2:12] + bytes.fromhex("827264 0131"), ports)
        client.wait_registered(TIMEOUT)
