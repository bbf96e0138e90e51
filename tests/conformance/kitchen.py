# SPDX-License-Identifier: Apache-2.0
"""A client with many objects and a scripted server, for tests of single rules."""

from __future__ import annotations

from pathlib import Path

import linnet

from . import coap
from .coap import ACCEPT, CONTENT_FORMAT, URI_PATH, URI_QUERY, Message
from .device import ADDRESS, Portfolio
from .network import Network
from .peer import Peer

ROOT = Path(__file__).resolve().parents[2]
SERVER = "192.0.2.1:5683"


class Kitchen:
    """A registered client with one of each, and all there is in it."""

    def __init__(self) -> None:
        self.network = Network()
        self.peer = Peer(self.network, SERVER)
        self.address = ADDRESS
        self.transport = linnet.ScriptTransport(lambda data, to: self.network.send(ADDRESS, to, data))
        self.client = linnet.Client("kitchen", f"coap://{SERVER}", transport=self.transport, seed=bytes(32))
        self.client.model.load(ROOT / "tests" / "definitions" / "test_object.xml")
        self.client.add_object(3442, 0)
        self.client.add(Portfolio(0, identity={0: "kitchen"}))
        self.client.add_firmware()
        self.client.set("/1/0/2", 1)
        self.client.set("/1/0/3", 60)
        for resource, value in (("battery_level", 50), ("utc_offset", "+01:00"), ("timezone", "Europe/Oslo")):
            self.client.set(f"/device/0/{resource}", value)
        self.events: list[linnet.Event] = []
        for kind in (linnet.EventKind.WRITE, linnet.EventKind.EXECUTE, linnet.EventKind.CREATE):
            self.client.on(kind, self.events.append)
        self.network.add(self)
        self.client.start()
        assert self.network.run(10, lambda: self.client.registered)

    def receive(self, data: bytes, source: str) -> None:
        """A datagram for the client."""
        self.transport.receive(data, source)

    def step(self, now: int) -> int | None:
        """The client does what is due."""
        return self.client.step(now)

    def ask(
        self,
        method: str,
        path: str,
        payload: bytes = b"",
        *options: tuple[int, int | str | bytes],
        peer: Peer | None = None,
    ) -> Message:
        """One request of the server: a method, or a code such as "0.05"."""
        message = Message(code=coap.METHODS.get(method, method), payload=payload)
        for segment in path.strip("/").split("/"):
            message.add(URI_PATH, segment)
        for number, value in options:
            message.add(number, value)
        return (peer or self.peer).request(message)

    @staticmethod
    def message(path: str) -> Message:
        """An Observe."""
        message = Message(code=coap.METHODS["GET"]).add(coap.OBSERVE, 0)
        for segment in path.strip("/").split("/"):
            message.add(URI_PATH, segment)
        return message

    def get(self, path: str, accept: int | None = None, **asked: Peer) -> Message:
        """A Read, or a Discover."""
        return self.ask("GET", path, b"", *([] if accept is None else [(ACCEPT, accept)]), **asked)

    def put(self, path: str, payload: bytes | str, content_format: int, **asked: Peer) -> Message:
        """A Write."""
        data = payload.encode() if isinstance(payload, str) else payload
        return self.ask("PUT", path, data, (CONTENT_FORMAT, content_format), **asked)

    def assign(self, path: str, *queries: str, **asked: Peer) -> Message:
        """Write-Attributes."""
        return self.ask("PUT", path, b"", *[(URI_QUERY, query) for query in queries], **asked)

    def state(self) -> dict[str, object]:
        """Every value, as the application sees it, and every link with its attributes, as the server does."""
        found: dict[str, object] = {
            record.path: record.value
            for path in self.client.instances()
            for record in self.client.records(path)
        }
        for object_id in {path.split("/")[1] for path in self.client.instances()}:
            answer = self.get(f"/{object_id}", coap.LINKS)
            assert answer.code == "2.05"
            found[f"links of {object_id}"] = answer.payload
        found["attributes"] = self.get("/3/0/9", coap.LINKS).payload
        return found
