# SPDX-License-Identifier: Apache-2.0
"""A server in a data centre: SMPP 3.4 to a service centre, and a device behind Kannel, by its HTTP interface.

Kannel (Debian: kannel) is bound to the same centre, knows nothing of linnet, and hands binary messages with
their headers to whoever it is told: both what it decodes of ours and what it makes for us is its own.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import linnet
import pytest
from ports import free_port
from smpp_center import SmppCenter

pytest.importorskip("smpplib", reason="smpplib is not installed")

SERVER, DEVICE = "15550100", "15550111"
TIMEOUT = 30
PROGRAMS = "/usr/sbin"


@pytest.fixture
def center() -> Iterator[SmppCenter]:
    with SmppCenter({"linnet": ("secret", SERVER), "kannel": ("other", DEVICE)}) as center:
        yield center
        center.shutdown()


def gateway_of(center: SmppCenter, password: str = "secret") -> linnet.SmppGateway:
    return linnet.SmppGateway(
        "127.0.0.1", center.port, system_id="linnet", password=password, timeout=5, retry=0.05
    )


# ---- without Kannel: the gateway itself ------------------------------------------------------------------


def test_a_gateway_is_bound_again_and_says_what_is_wrong(center: SmppCenter) -> None:
    refused = gateway_of(center, "wrong")
    gateway = gateway_of(center)
    with (
        linnet.Server((), sms=linnet.SmsTransport(refused, number=f"+{SERVER}")),
        linnet.Server((), sms=linnet.SmsTransport(gateway, number=f"+{SERVER}")),
    ):
        assert gateway.wait_ready(TIMEOUT)
        center.wait_bound(SERVER, TIMEOUT)
        center.drop(SERVER)
        assert center.wait_bound(SERVER, TIMEOUT)
        assert gateway.wait_ready(TIMEOUT)
        assert refused.state == "waiting"
        assert "Password" in refused.failure
        with pytest.raises(linnet.StateError):
            linnet.Server((), sms=linnet.SmsTransport(gateway))
    assert gateway.state == "closed"


# ---- with Kannel -----------------------------------------------------------------------------------------


class Kannel:
    """bearerbox and smsbox, and the HTTP server that gets what they receive."""

    def __init__(self, center: SmppCenter, folder: Path) -> None:
        self.modem: linnet.ScriptModem | None = None
        kannel = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                query = urllib.parse.parse_qs(
                    urllib.parse.urlsplit(self.path).query, keep_blank_values=True, encoding="latin-1"
                )
                facts = {name: values[0].encode("latin-1") for name, values in query.items()}
                if kannel.modem is not None:
                    header = facts["udh"]
                    kannel.modem.receive(facts["from"].decode(), facts["data"], header[1:] if header else b"")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.send_port, box_port = free_port(socket.SOCK_STREAM), free_port(socket.SOCK_STREAM)
        config = folder / "kannel.conf"
        config.write_text(
            _configuration(center.port, self.send_port, box_port, self.http.server_port, folder)
        )
        self.processes: list[subprocess.Popen[bytes]] = []
        for program, port in (("bearerbox", box_port), ("smsbox", self.send_port)):
            self.processes.append(
                subprocess.Popen(
                    [f"{PROGRAMS}/{program}", "-v", "1", str(config)],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=folder,
                )
            )
            _wait_for_port(port)

    def send(self, message: linnet.ShortMessage) -> None:
        """The modem of the device: Kannel's HTTP interface."""
        header = bytes([len(message.header)]) + message.header if message.header else b""
        query = {
            "username": "linnet",
            "password": "http",
            "from": DEVICE,
            "to": message.number.lstrip("+"),
            "coding": "1",
            "udh": header,
            "text": message.payload,
        }
        url = f"http://127.0.0.1:{self.send_port}/cgi-bin/sendsms?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            assert answer.status == 202

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        self.http.shutdown()
        self.http.server_close()


def _wait_for_port(port: int) -> None:
    pause = threading.Event()
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.1)
    raise AssertionError(f"nobody listens on port {port}")


def _configuration(smpp_port: int, send_port: int, box_port: int, http_port: int, folder: Path) -> str:
    fields = "from=%p&to=%P&data=%b&udh=%u&coding=%c"
    return f"""
group = core
admin-port = {free_port(socket.SOCK_STREAM)}
admin-password = unused
smsbox-port = {box_port}
box-allow-ip = 127.0.0.1
log-file = {folder}/bearerbox.log

group = smsc
smsc = smpp
smsc-id = center
host = 127.0.0.1
port = {smpp_port}
transceiver-mode = true
smsc-username = kannel
smsc-password = other
system-type = ""
source-addr-ton = 1
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box_port}
sendsms-port = {send_port}
log-file = {folder}/smsbox.log

group = sendsms-user
username = linnet
password = http

group = sms-service
keyword = default
catch-all = true
accept-x-kannel-headers = true
max-messages = 0
assume-plain-text = false
get-url = "http://127.0.0.1:{http_port}/in?{fields}"
"""


@pytest.fixture
def kannel(center: SmppCenter, tmp_path: Path) -> Iterator[Kannel]:
    if not os.path.exists(f"{PROGRAMS}/bearerbox"):
        if os.environ.get("CI") == "true":
            pytest.fail("kannel is not installed")
        pytest.skip("kannel is not installed")
    kannel = Kannel(center, tmp_path)
    try:
        assert center.wait_bound(DEVICE, TIMEOUT)
        yield kannel
    finally:
        kannel.close()


@pytest.mark.parametrize("options", [{}, {"parts": 4, "ports": (5683, 5683)}], ids=["plain", "parts"])
def test_a_device_behind_kannel(center: SmppCenter, kannel: Kannel, options: dict[str, Any]) -> None:
    gateway = gateway_of(center)
    kannel.modem = linnet.ScriptModem(kannel.send)
    with (
        linnet.Server((), sms=linnet.SmsTransport(gateway, number=f"+{SERVER}", **options)) as server,
        linnet.Client(
            "kitchen",
            server=f"sms:+{SERVER}",
            sms=linnet.SmsTransport(kannel.modem, number=f"+{DEVICE}", **options),
        ) as client,
    ):
        assert gateway.wait_ready(TIMEOUT)
        client.device.manufacturer = "ACME behind Kannel"
        client.start()
        device = server.wait_for("kitchen", TIMEOUT)
        client.wait_registered(TIMEOUT)
        assert device.read("/3/0/0", timeout=TIMEOUT) == "ACME behind Kannel"
        assert device.read("/3/0", timeout=TIMEOUT)["/3/0/16"] == "S"
        device.write("/1/0/1", 3600, timeout=TIMEOUT)
        assert client.get("/1/0/1") == 3600
    assert {(m.source, m.destination) for m in center.taken} == {(SERVER, DEVICE), (DEVICE, SERVER)}
    ours = [message for message in center.taken if message.source == SERVER]
    assert all(message.coding == 4 for message in ours)
    assert all(message.validity == "000000000500000R" for message in ours)
    assert all(bool(message.esm_class & 0x40) == bool(options) for message in ours)
