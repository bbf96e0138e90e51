# SPDX-License-Identifier: Apache-2.0
"""A small service centre that speaks SMPP 3.4, so that two others can be connected: linnet and Kannel.

Written from the specification (chapters 3 to 5). A bound account is reached under its number.
"""

from __future__ import annotations

import contextlib
import socketserver
import struct
import threading
from dataclasses import dataclass
from typing import Any, BinaryIO

BIND_RECEIVER, BIND_TRANSMITTER, SUBMIT_SM, DELIVER_SM, UNBIND, BIND_TRANSCEIVER, ENQUIRE_LINK = (
    1, 2, 4, 5, 6, 9, 0x15,
)  # fmt: skip
RESPONSE = 0x80000000
OK, INVALID_PASSWORD, INVALID_DESTINATION = 0, 0x0E, 0x0B


@dataclass
class Message:
    """What a submit_sm says."""

    source: str
    destination: str
    esm_class: int
    protocol: int
    validity: str
    registered: int
    coding: int
    data: bytes


def _text(body: bytes, at: int) -> tuple[str, int]:
    end = body.index(0, at)
    return body[at:end].decode("ascii"), end + 1


def read_submit(body: bytes) -> Message:
    """The mandatory parameters of a submit_sm (4.4.1)."""
    _, at = _text(body, 0)
    source, at = _text(body, at + 2)
    destination, at = _text(body, at + 2)
    esm_class, protocol, _ = body[at : at + 3]
    _, at = _text(body, at + 3)
    validity, at = _text(body, at)
    registered, _, coding, _, length = body[at : at + 5]
    return Message(
        source, destination, esm_class, protocol, validity, registered, coding, body[at + 5 : at + 5 + length]
    )


def deliver_body(message: Message) -> bytes:
    """A deliver_sm (4.6.1)."""
    return (
        b"\0\x01\x01"
        + message.source.encode()
        + b"\0\x01\x01"
        + message.destination.encode()
        + b"\0"
        + bytes([message.esm_class, message.protocol, 0, 0, 0, 0, 0, message.coding, 0, len(message.data)])
        + message.data
    )


class _Session(socketserver.BaseRequestHandler):
    server: SmppCenter

    def setup(self) -> None:
        self.lock, self.sequence, self.numbers = threading.Lock(), 0, set()  # type: ignore[var-annotated]

    def send(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        with self.lock:
            self.request.sendall(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

    def deliver(self, message: Message) -> None:
        self.sequence += 1
        self.send(DELIVER_SM, OK, self.sequence, deliver_body(message))

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            self._serve(self.request.makefile("rb"))

    def _serve(self, stream: BinaryIO) -> None:
        while len(head := stream.read(16)) == 16:
            length, command, _, sequence = struct.unpack(">IIII", head)
            body = stream.read(length - 16)
            if command in (BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER):
                self._bind(command, sequence, body)
            elif command == SUBMIT_SM:
                self._submit(sequence, read_submit(body))
            elif command in (ENQUIRE_LINK, UNBIND):
                self.send(command | RESPONSE, OK, sequence)

    def _bind(self, command: int, sequence: int, body: bytes) -> None:
        account, at = _text(body, 0)
        password, _ = _text(body, at)
        known = self.server.accounts.get(account)
        good = known is not None and known[0] == password
        self.send(command | RESPONSE, OK if good else INVALID_PASSWORD, sequence, b"center\0")
        if known is not None and good and command != BIND_TRANSMITTER:
            self.server.bound[known[1]] = self
            self.server.tell()

    def _submit(self, sequence: int, message: Message) -> None:
        with self.server.changed:
            self.server.taken.append(message)
        other = self.server.bound.get(message.destination)
        self.send(SUBMIT_SM | RESPONSE, OK if other else INVALID_DESTINATION, sequence, b"1\0")
        if other is not None:
            other.deliver(message)


class SmppCenter(socketserver.ThreadingTCPServer):
    """The centre: ``{account: (password, number)}``."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, accounts: dict[str, tuple[str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.accounts = accounts
        self.bound: dict[str, Any] = {}
        self.taken: list[Message] = []
        self.changed = threading.Condition()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.server_address[1])

    def tell(self) -> None:
        """Wakes who waits."""
        with self.changed:
            self.changed.notify_all()

    def wait_bound(self, number: str, timeout: float) -> bool:
        """Waits until the account of a number is bound."""
        with self.changed:
            return self.changed.wait_for(lambda: number in self.bound, timeout)

    def drop(self, number: str) -> None:
        """Breaks the connection of an account."""
        import socket

        self.bound.pop(number).request.shutdown(socket.SHUT_RDWR)
