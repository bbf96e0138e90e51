# SPDX-License-Identifier: Apache-2.0
"""Every malformed payload of docs/spec/vectors.yaml that goes to a client, on the wire, to one that lives.

It answers 4.00, every value, instance and attribute stays what it was, and it goes on (meta of vectors.yaml).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import linnet
import pytest
import yaml

from . import coap
from .coap import ACCEPT, CONTENT_FORMAT, URI_PATH, URI_QUERY, Message
from .device import ADDRESS, Portfolio
from .network import Network
from .peer import Peer

ROOT = Path(__file__).resolve().parents[2]
SERVER = "192.0.2.1:5683"
METHODS = {"write-replace": "PUT", "write-update": "POST", "write-attributes": "PUT"}


def bad_vectors() -> list[dict[str, Any]]:
    """Those that a client has to refuse; what goes to a server is "register"."""
    vectors = yaml.safe_load((ROOT / "docs/spec/vectors.yaml").read_text(encoding="utf-8"))["vectors"]
    return [found for found in vectors if found["expect"] == "reject with 4.00" and found["op"] != "register"]


class Kitchen:
    """A client with every object that the vectors write to, and all there is in it."""

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

    def ask(self, method: str, path: str, payload: bytes = b"", *options: tuple[int, int | str]) -> Message:
        """One request of the server."""
        message = Message(code=coap.METHODS[method], payload=payload)
        for segment in path.strip("/").split("/"):
            message.add(URI_PATH, segment)
        for number, value in options:
            message.add(number, value)
        return self.peer.request(message)

    def send(self, vector: dict[str, Any]) -> Message:
        """What a vector says, as it comes from the wire."""
        payload = bytes.fromhex(vector["hex"]) if "hex" in vector else str(vector.get("text", "")).encode()
        options: list[tuple[int, int | str]] = [(URI_QUERY, text) for text in vector.get("query", ())]
        if "content_format" in vector:
            options.append((CONTENT_FORMAT, vector["content_format"]))
        return self.ask(METHODS.get(vector["op"], "POST"), vector["path"], payload, *options)

    def state(self) -> dict[str, object]:
        """Every value, as the application sees it, and every link with its attributes, as the server does."""
        found: dict[str, object] = {
            record.path: record.value
            for path in self.client.instances()
            for record in self.client.records(path)
        }
        for object_id in {path.split("/")[1] for path in self.client.instances()}:
            answer = self.ask("GET", f"/{object_id}", b"", (ACCEPT, coap.LINKS))
            assert answer.code == "2.05"
            found[f"links of {object_id}"] = answer.payload
        found["attributes"] = self.ask("GET", "/3/0/9", b"", (ACCEPT, coap.LINKS)).payload
        return found


@pytest.fixture(scope="module")
def shared() -> Kitchen:
    """One client for all of them: that it lives on is a part of the test."""
    return Kitchen()


@pytest.fixture
def kitchen(shared: Kitchen) -> Iterator[Kitchen]:
    shared.events.clear()
    yield shared
    assert shared.client.registered
    assert not shared.client.failures


@pytest.mark.parametrize("vector", bad_vectors(), ids=lambda vector: vector["id"])
def test_is_refused_and_changes_nothing(vector: dict[str, Any], kitchen: Kitchen) -> None:
    if "state_before" in vector and vector["op"] == "write-attributes":
        before = [(URI_QUERY, f"{name}={value}") for name, value in vector["state_before"].items()]
        assert kitchen.ask("PUT", vector["path"], b"", *before).code == "2.04"
    state = kitchen.state()
    updates = len(kitchen.peer.history)
    assert kitchen.send(vector).code == "4.00", vector["reason"]
    assert kitchen.state() == state
    assert kitchen.events == []
    kitchen.network.settle()
    assert len(kitchen.peer.history) == updates  # nothing that a server would be told by an Update


def test_what_is_refused_would_be_taken_if_it_were_whole(kitchen: Kitchen) -> None:
    """The refusals above are about the payloads: the same requests with good ones are fine."""
    good: list[dict[str, Any]] = [
        {"op": "write-replace", "path": "/1/0/1", "hex": "c4010001517f", "content_format": 11542},
        {"op": "write-update", "path": "/1/0", "hex": "c10601", "content_format": 11542},
        {
            "op": "write-update",
            "path": "/1/0",
            "text": '{"bn":"/1/0/","e":[{"n":"2","v":2}]}',
            "content_format": 11543,
        },
        {"op": "write-replace", "path": "/3442/0/170", "text": "66:65535", "content_format": 0},
        {"op": "create", "path": "/16", "hex": "0807058300410041", "content_format": 11542},
        {"op": "write-replace", "path": "/5/0/0", "hex": "c10055", "content_format": 11542},
        {"op": "write-attributes", "path": "/3/0/9", "query": ["lt=5", "gt=9"]},
        {"op": "execute", "path": "/3/0/4", "text": "0='a'", "content_format": 0},
    ]
    for vector in good:
        assert kitchen.send(vector).code[0] == "2", vector
    assert len(kitchen.events) >= 7


def test_the_vectors_are_there() -> None:
    kinds = {vector["format"] for vector in bad_vectors()}
    assert kinds == {"tlv", "json", "text", "attributes", "execute-args"}
    assert len(bad_vectors()) >= 53
