# SPDX-License-Identifier: Apache-2.0
"""A modem that is two functions of a script: gateways, gammu, ModemManager (sms.md SMS-07, SMS-12)."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import linnet
import pytest

SERVER, CLIENT = "+15550100", "+15550111"
TIMEOUT = 30


class Gateway:
    """Carries what one modem is given to the other, from a thread of its own."""

    def __init__(self) -> None:
        self.at_server = linnet.ScriptModem(self.send)
        self.at_client = linnet.ScriptModem(self.send)
        self.sent: list[linnet.ShortMessage] = []
        self.broken = False
        self._queue: queue.Queue[linnet.ShortMessage | None] = queue.Queue()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def send(self, message: linnet.ShortMessage) -> None:
        if self.broken:
            raise ConnectionError("the gateway is down")
        self.sent.append(message)
        self._queue.put(message)

    def _carry(self) -> None:
        while (message := self._queue.get()) is not None:
            if message.number == CLIENT:
                self.at_client.receive(SERVER, message.payload, message.header)
            else:
                self.at_server.receive_pdu(
                    linnet.build_short_message("deliver", CLIENT, message.payload, header=message.header)
                )

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()


@contextmanager
def scene(**options: object) -> Iterator[tuple[Gateway, linnet.Server, linnet.Client]]:
    gateway = Gateway()
    server = linnet.Server((), sms=linnet.SmsTransport(gateway.at_server, SERVER, **options))  # type: ignore[arg-type]
    sms = linnet.SmsTransport(gateway.at_client, CLIENT, **options)  # type: ignore[arg-type]
    client = linnet.Client("kitchen", server=f"sms:{SERVER}", sms=sms)
    with server, client:
        server.wait_for("kitchen", TIMEOUT)
        client.wait_registered(TIMEOUT)
        yield gateway, server, client
    gateway.close()


@pytest.mark.parametrize(
    "options", [{}, {"parts": 4, "ports": (5683, 5683)}], ids=["bare", "parts and ports"]
)
def test_carries_both_ways(options: dict[str, object]) -> None:
    with scene(**options) as (gateway, server, client):
        client.device.manufacturer = "A" * 200
        assert server.device("kitchen").read("/3/0/0", timeout=TIMEOUT) == "A" * 200
        assert all(message.kind == "submit" and len(message.payload) <= 140 for message in gateway.sent)
        assert all((message.ports == (5683, 5683)) == bool(options) for message in gateway.sent)


def test_what_cannot_be_sent_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with scene() as (gateway, server, _), caplog.at_level(logging.CRITICAL):
        gateway.broken = True
        with pytest.raises(linnet.TimeoutError):
            server.device("kitchen").read("/3/0/0", timeout=TIMEOUT)
        assert any("the gateway is down" in str(failure) for failure in server.failures)
        gateway.broken = False
        assert server.device("kitchen").read("/3/0/16", timeout=TIMEOUT) == "S"


def test_says_what_it_cannot_do() -> None:
    modem = linnet.ScriptModem(lambda message: None)
    with pytest.raises(linnet.StateError):
        modem.receive(CLIENT, b"x")
    with linnet.Server((), sms=linnet.SmsTransport(modem, SERVER)):
        with pytest.raises(ValueError, match="is not a number"):
            modem.receive("bank", b"x")
        with pytest.raises(linnet.Malformed):
            modem.receive_pdu(b"\x03")
        with pytest.raises(linnet.StateError, match="has a transport already"):
            linnet.Server((), sms=linnet.SmsTransport(modem, SERVER))
