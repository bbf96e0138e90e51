# SPDX-License-Identifier: Apache-2.0
"""A scripted device for the cases that judge a server: it has what a configuration says, and answers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from . import coap, ets, formats
from .coap import LINKS, TEXT, TLV, Message
from .device import ADDRESS, NEW_VERSION
from .ets import Config
from .formats import Ids, Values, ids_of, path_of
from .network import Network
from .peer import PATIENCE, Peer

#: Resources that are there although no configuration has a value of them: they cannot be read.
WRITE_ONLY = {5: (0,)}
SECURITY, PACKAGE, PACKAGE_URI, UPDATE = (0,), (5, 0, 0), (5, 0, 1), (5, 0, 2)
STATE, RESULT, VERSION = (5, 0, 3), (5, 0, 5), (3, 0, 3)
IDLE, DOWNLOADING, DOWNLOADED, UPDATING = range(4)


@dataclass
class Watcher:
    """Who observes what, and how often it was told."""

    path: str
    format: int
    server: str
    count: int = 1


class PlayedDevice(Peer):
    """Nothing of linnet is in it. `client` of a Peer is whom it talks to: here, a server."""

    def __init__(self, network: Network) -> None:
        super().__init__(network, ADDRESS)
        self.config = Config("", [], [])
        self.values: Values = {}
        #: Also those without an instance.
        self.objects: set[int] = set()
        self.executables: set[Ids] = set()
        #: What each server has assigned.
        self.attributes: dict[tuple[str, Ids], dict[str, str]] = {}
        self.watchers: dict[bytes, Watcher] = {}
        #: How notifications, by their ids, were answered: ACK or RST.
        self.notified: dict[int, int] = {}
        self.executed: list[str] = []
        #: The format for a single value when the server leaves it to the device.
        self.prefers = TEXT
        #: Seconds that a download takes, and an installation.
        self.takes = 0
        #: Where it is registered, by the address of the server.
        self.registered_at: dict[str, str] = {}
        self._upload = b""
        self._later: tuple[int, Callable[[], None]] | None = None

    def boot(self, config: Config) -> None:
        """From now on it is in this state, and has forgotten everything else."""
        self.config = config
        self.values = {line.ids: line.value for line in config.resources if line.ids[:1] != SECURITY}
        self.objects = {path[0] for path in self.values}
        self.executables = {ids_of(path) for path in config.executables}
        self.attributes.clear()
        self.watchers.clear()

    def value(self, path: str) -> object:
        """What it has at a path."""
        return self.values[ids_of(path)]

    def links(self) -> str:
        """Its object list."""
        instances = {ids[:2] for ids in self.values}
        alone = {(object_id,) for object_id in self.objects - {ids[0] for ids in instances}}
        return ",".join(f"<{path_of(ids)}>" for ids in sorted(instances | alone))

    # ---- the wire

    def step(self, now: int) -> int | None:
        """Ends a download, or an installation."""
        if self._later is None:
            return None
        if now >= self._later[0]:
            action, self._later = self._later[1], None
            action()
        return self._later[0] if self._later is not None else None

    def receive(self, data: bytes, source: str) -> None:
        """A datagram from a server."""
        message = coap.decode(data)
        if message.code == coap.EMPTY and message.id in self.notified:
            self.notified[message.id] = message.type
            return
        super().receive(data, source)

    def _reply(self, message: Message) -> Message:
        ids = self._target(message)
        block = message.block(coap.BLOCK1)
        if block is None:
            return self._do(message, ids)
        self._upload = message.payload if block[0] == 0 else self._upload + message.payload
        reply = Message(code="2.31")
        if not block[1]:
            reply = self._do(Message(code=message.code, options=message.options, payload=self._upload), ids)
        return reply.add(coap.BLOCK1, coap.block_value(*block))

    def _target(self, message: Message) -> Ids:
        return ids_of(message.path)

    def _do(self, message: Message, ids: Ids) -> Message:
        if message.method == "GET":
            return self._links(ids) if message.number(coap.ACCEPT) == LINKS else self._read(message, ids)
        if message.method == "DELETE":
            self.values = {path: self.values[path] for path in self.values if path[: len(ids)] != ids}
            return Message(code="2.02")
        if message.method == "POST" and len(ids) == 3:
            return self._execute(ids)
        if message.format is None:
            assigned = dict(item.split("=") for item in message.query)
            self.attributes.setdefault((self.client, ids), {}).update(assigned)
            return Message(code="2.04")
        return self._write(message, ids)

    # ---- reading

    def _read(self, message: Message, ids: Ids) -> Message:
        found = self.readable(ids)
        if not found:
            return Message(code="4.04")
        accept = message.number(coap.ACCEPT)
        format = accept if accept is not None else self.prefers if set(found) == {ids} else TLV
        reply = Message(code="2.05", payload=formats.write(ids, format, found, ets.type_of))
        if message.observe == 0:
            self.watchers[message.token] = Watcher(message.path, format, self.client)
            reply.add(coap.OBSERVE, 1)
        elif message.observe == 1:
            self.watchers.pop(message.token, None)
        return reply.add(coap.CONTENT_FORMAT, format)

    def readable(self, ids: Ids) -> Values:
        """What a server may read at a path."""
        return {
            path: self.values[path]
            for path in sorted(self.values)
            if path[: len(ids)] == ids and path[2] not in WRITE_ONLY.get(path[0], ())
        }

    def _links(self, ids: Ids) -> Message:
        """DM-80: attributes of the level that was asked for, and of the one below an instance."""
        paths = {path[:depth] for path in self.values for depth in (1, 2, 3)} | self.executables
        paths |= {(object_id,) for object_id in self.objects}
        shown = []
        for path in sorted(path for path in paths if path[: len(ids)] == ids):
            attributes = self._own(path) if path == ids or len(ids) == 2 else {}
            if path == ids and len(ids) == 3:
                attributes = {**self._own(ids[:1]), **self._own(ids[:2]), **attributes}
            parts = [part for part in self.values if len(part) == 4 and part[:3] == path]
            if len(path) == 3 and parts and len(ids) > 1:
                attributes = {"dim": str(len(parts)), **attributes}
            parameters = "".join(f";{name}={value}" for name, value in attributes.items())
            shown.append(f"<{path_of(path)}>{parameters}")
        reply = Message(code="2.05", payload=",".join(shown).encode())
        return reply.add(coap.CONTENT_FORMAT, LINKS)

    def _own(self, path: Ids) -> dict[str, str]:
        return self.attributes.get((self.client, path), {})

    # ---- changing

    def _write(self, message: Message, ids: Ids) -> Message:
        assert message.format is not None
        written = formats.read(ids, message.format, message.payload, ets.type_of)
        created = len(ids) == 1
        for path in {path[:3] for path in written}:
            if path not in written:  # a multiple resource: all of it
                self.values = {known: self.values[known] for known in self.values if known[:3] != path}
        self.values.update(written)
        self._firmware_written(written)
        if not created:
            return Message(code="2.04")
        instance = next(iter(written))[:2]
        return (
            Message(code="2.01")
            .add(coap.LOCATION_PATH, str(instance[0]))
            .add(coap.LOCATION_PATH, str(instance[1]))
        )

    def _execute(self, ids: Ids) -> Message:
        if ids not in self.executables:
            return Message(code="4.05")
        self.executed.append(path_of(ids))
        if ids == UPDATE:
            self.values[STATE] = UPDATING
            self._after_a_while(self._installed)
        return Message(code="2.04")

    def _firmware_written(self, written: Values) -> None:
        for path in written.keys() & {PACKAGE, PACKAGE_URI}:
            self.values[RESULT] = 0
            self.values[STATE] = IDLE
            if written[path] not in (b"\0", ""):
                self.values[STATE] = DOWNLOADING
                self._after_a_while(lambda: self.values.update({STATE: DOWNLOADED}))

    def _installed(self) -> None:
        self.values.update({STATE: IDLE, RESULT: 1, VERSION: NEW_VERSION})

    def _after_a_while(self, action: Callable[[], None]) -> None:
        if self.takes:
            self._later = (self.network.now + 1000 * self.takes, action)
        else:
            action()

    # ---- what scripts say

    def watcher(self, path: str) -> tuple[bytes, Watcher]:
        """Who observes a path, and with which token."""
        return next((token, found) for token, found in self.watchers.items() if found.path == path)

    def notify(self, path: str, *, number: int | None = None, format: int | None = None) -> int:
        """Tells the observer of a path what it has there, and waits for the answer: ACK or RST."""
        token, watcher = self.watcher(path)
        watcher.count += 1
        ids = ids_of(path)
        message = Message(coap.CON, "2.05", self._ids, token)
        self._ids += 1
        message.add(coap.OBSERVE, watcher.count if number is None else number)
        message.add(coap.CONTENT_FORMAT, watcher.format if format is None else format)
        message.payload = formats.write(ids, watcher.format, self.readable(ids), ets.type_of)
        self.notified[message.id] = -1
        self._send(message, watcher.server)
        self.network.run(PATIENCE, lambda: self.notified[message.id] >= 0)
        if self.notified[message.id] == coap.RST:
            del self.watchers[token]
        return self.notified[message.id]

    def vary(self, *, by: int = 1) -> None:
        """Moves what the configuration lets vary."""
        for line in self.config.resources:
            value = self.values.get(line.ids)
            if line.stimulus and isinstance(value, (int, float)):
                self.values[line.ids] = value + by


def whole(requests: list[Message]) -> Message:
    """A request from its blocks, each of which has the number that is due (BW-rules of coap.md)."""
    last = requests[-1]
    if last.block(coap.BLOCK1) is None:
        return last
    blocks = [message.block(coap.BLOCK1) for message in requests]
    assert [block[0] for block in blocks if block] == list(range(len(requests)))
    assert [block[1] for block in blocks if block] == [True] * (len(requests) - 1) + [False]
    return Message(
        last.type, last.code, last.id, last.token, last.options,
        b"".join(itertools.chain(message.payload for message in requests)),
    )  # fmt: skip
