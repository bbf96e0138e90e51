# SPDX-License-Identifier: Apache-2.0
"""libcoap's coap-client, and what it sends and receives, read from its log; a server that is played."""

from __future__ import annotations

import contextlib
import queue
import random
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import linnet
import ports
from maven import tool

PATIENCE = 15.0
SILENCE = 0.5
_LINE = re.compile(rb"^v:1 t:(\w+) c:(\S+) i:([0-9a-f]{4}) \{([0-9a-f]*)\} \[ ?(.*?) ?\](?: :: (.*))?$")
_DIRECTION = re.compile(rb" (sent|received) \d+ bytes$")


@dataclass(frozen=True)
class Seen:
    """A message that coap-client sent or received."""

    direction: str
    type: str
    code: str
    id: str
    options: tuple[tuple[str, str], ...] = ()
    #: What the log shows of the payload.
    shown: str = ""

    def option(self, name: str) -> str | None:
        """The first value of an option; None if there is none."""
        return next((value for key, value in self.options if key == name), None)

    def all(self, name: str) -> list[str]:
        """Every value of an option."""
        return [value for key, value in self.options if key == name]


@dataclass
class Answer:
    """All that happened in one run of coap-client."""

    messages: list[Seen] = field(default_factory=list)
    body: bytes = b""

    @property
    def received(self) -> list[Seen]:
        """What came from the peer, in order."""
        return [message for message in self.messages if message.direction == "received"]

    @property
    def final(self) -> Seen:
        """The last message with a code."""
        answers = [message for message in self.received if message.code != "0.00"]
        assert answers, f"no answer to {self.messages}"
        return answers[-1]

    @property
    def code(self) -> str:
        """The code of the last answer, e.g. "2.05"."""
        return self.final.code


class Log:
    """Messages from the lines of coap-client's log."""

    def __init__(self) -> None:
        self._direction = ""

    def line(self, text: bytes) -> Seen | None:
        """The message that a line tells, if it does."""
        text = text.rstrip(b"\n")
        moved = _DIRECTION.search(text)
        if moved is not None:
            self._direction = moved[1].decode()
        match = _LINE.match(text)
        if match is None or not self._direction:
            return None  # blocks put together are shown as a message, too
        kind, code, message_id, _, options, shown = match.groups()
        found = [option.partition(":")[::2] for option in options.decode().split(", ") if option]
        direction, self._direction = self._direction, ""
        return Seen(
            direction,
            kind.decode(),
            code.decode(),
            message_id.decode(),
            tuple(found),
            (shown or b"").decode(),
        )


class CoapClient:
    """coap-client, sending from one address. `port` 0: from any."""

    def __init__(self, port: int, folder: Path) -> None:
        self.program = tool("coap-client", "coap-client-notls", "coap-client-openssl", "coap-client-gnutls")
        self.port, self.folder = port, folder

    def command(self, uri: str, *options: str, wait: float = PATIENCE) -> list[str]:
        """The command line; it gives up after `wait` seconds."""
        local = ["-a", "127.0.0.1", "-p", str(self.port)] if self.port else []
        return [self.program, "-v", "7", "-B", str(int(wait)), *local, *options, uri]

    def ask(self, uri: str, *options: str, wait: float = PATIENCE) -> Answer:
        """One request, with all its blocks."""
        out = self.folder / f"body-{random.randrange(1 << 32)}"
        result = subprocess.run(
            self.command(uri, "-o", str(out), *options, wait=wait),
            capture_output=True,
            timeout=wait + PATIENCE,
            check=True,
        )
        log = Log()
        messages = [log.line(line) for line in (result.stdout + result.stderr).splitlines()]
        answer = Answer([message for message in messages if message is not None])
        if out.exists():
            answer.body = out.read_bytes()
            out.unlink()
        return answer

    def get(self, uri: str, *options: str, **more: float) -> Answer:
        """A GET."""
        return self.ask(uri, *options, **more)

    def put(self, uri: str, payload: bytes | str | None, *options: str) -> Answer:
        """A PUT."""
        return self.ask(uri, "-m", "put", *self._payload(payload), *options)

    def post(self, uri: str, payload: bytes | str | None, *options: str) -> Answer:
        """A POST."""
        return self.ask(uri, "-m", "post", *self._payload(payload), *options)

    def delete(self, uri: str, *options: str) -> Answer:
        """A DELETE."""
        return self.ask(uri, "-m", "delete", *options)

    def _payload(self, payload: bytes | str | None) -> list[str]:
        if payload is None:
            return []
        path = self.folder / f"payload-{random.randrange(1 << 32)}"
        path.write_bytes(payload.encode() if isinstance(payload, str) else payload)
        return ["-f", str(path)]


class Subscription:
    """coap-client observing; messages as they come."""

    def __init__(self, client: CoapClient, uri: str, *options: str, seconds: int = 60) -> None:
        # Lines as they come: coap-client does not flush what it logs.
        command = ["stdbuf", "-oL", *client.command(uri, "-s", str(seconds), *options, wait=seconds)]
        self._messages: queue.Queue[Seen | None] = queue.Queue()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        log = Log()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = log.line(line)
            if message is not None:
                self._messages.put(message)
        self._messages.put(None)

    def next(self, direction: str = "received", timeout: float = PATIENCE) -> Seen:
        """The next message in one direction."""
        while True:
            message = self._messages.get(timeout=timeout)
            assert message is not None, "coap-client has ended"
            if message.direction == direction:
                return message

    def hears_nothing(self) -> bool:
        """True if no message comes in a time that is long on loopback, yet before any retransmission."""
        try:
            return self._messages.get(timeout=SILENCE) is None
        except queue.Empty:
            return True

    def rest(self) -> list[Seen]:
        """All that is left until it ends."""
        return list(iter(lambda: self._messages.get(timeout=PATIENCE), None))

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class PlayedServer:
    """A socket that answers a Register, and leaves its address to coap-client then.

    A client answers its servers only (REG-12), so coap-client sends from where the Register was answered.
    """

    def __init__(self) -> None:
        self._socket = ports.bound()
        self._socket.settimeout(PATIENCE)
        self.port: int = self._socket.getsockname()[1]
        self.uri = f"coap://127.0.0.1:{self.port}"

    def register(self) -> linnet.Message:
        """Answers the next Register with 2.01."""
        data, peer, request = self.receive()
        self.accept(data, peer)
        return request

    def accept(self, data: bytes, peer: tuple[str, int]) -> None:
        """Answers a Register with 2.01."""
        request = linnet.parse_message(data)
        assert (request.code, request.type) == ("0.02", "CON")
        self._socket.sendto(
            bytes([0x60 | len(request.token), 0x41]) + data[2:4] + request.token + b"\x82rd\x045a3f", peer
        )

    def receive(self) -> tuple[bytes, tuple[str, int], linnet.Message]:
        """The next datagram."""
        data, peer = self._socket.recvfrom(2048)
        return data, peer, linnet.parse_message(data)

    def leave(self) -> None:
        """Gives the port up."""
        self._socket.close()

    def return_(self) -> None:
        """Takes the port again."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(PATIENCE)
        self._socket.bind(("127.0.0.1", self.port))


@contextlib.contextmanager
def registered(client: linnet.Client, server: PlayedServer) -> Iterator[None]:
    """Has a client registered at a played server."""
    client.start()
    try:
        server.register()
        client.wait_registered(PATIENCE)
        server.leave()
        yield
    finally:
        client.close()
