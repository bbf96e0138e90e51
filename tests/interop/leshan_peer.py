# SPDX-License-Identifier: Apache-2.0
"""Leshan's demo server as a peer of the conformance cases.

The device lives in the network of the cases, with its virtual clock. Its datagrams for the first server go to
Leshan through a real socket, and back; while Leshan owes an answer the virtual clock stands still. What the
server of a case asks, Leshan is told to ask by its web interface, and what it made of the answer has to be
what the device said. So the checks of the cases are those of tests/conformance.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import leshan_json
from conformance import coap, ets, formats
from conformance.coap import Message
from conformance.ets import Case
from conformance.formats import Values
from conformance.interpreter import Run
from conformance.network import Network
from conformance.peer import NoAnswerError, Note, Observation, Peer, Request
from leshan_server import PATIENCE, REAL_PATIENCE, LeshanServer

NAMES = {coap.TEXT: "TEXT", coap.OPAQUE: "OPAQUE", coap.TLV: "TLV", coap.JSON: "JSON"}


class LeshanObservation(Observation):
    """An observation that Leshan has, too."""

    #: How many of the notes Leshan has told of; the first is the response.
    told = 1


@dataclass(frozen=True)
class Told:
    """What the web interface said, and what went to and fro: requests of Leshan, and responses."""

    result: Any
    asked: list[Message]
    answered: list[Message]


class LeshanPeer(Peer):
    """The server of a case, behind a socket."""

    def __init__(self, network: Network, address: str, leshan: LeshanServer) -> None:
        self.leshan = leshan
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(("127.0.0.1", int(leshan.uri.rsplit(":", 1)[1])))
        self._socket.setblocking(False)
        self._pool = ThreadPoolExecutor(1)
        self._answer: Future[Any] | None = None
        #: What the device sent and Leshan has not answered: tokens of requests, ids of other messages.
        self._owed: set[bytes | int] = set()
        self._asked: list[Message] = []
        self._answered: list[Message] = []
        self._heard_ids: set[int] = set()
        self._notes: dict[int, Observation] = {}
        self._since = time.monotonic()
        leshan.forget(ets.ENDPOINT)
        super().__init__(network, address)

    def close(self) -> None:
        """The socket is not of this world."""
        self._pool.shutdown()
        self._socket.close()

    # ---- between the worlds

    def receive(self, data: bytes, source: str) -> None:
        """From the device to Leshan."""
        if self.silent:
            return
        message = coap.decode(data)
        self.client = source
        if message.method:
            request = Request(message, source, self.network.now)
            self.requests.append(request)
            self.history.append(request)
            self._owed.add(message.token)
        elif message.type == coap.CON:
            self._owed.add(message.id)
        if message.is_response:
            self._responded(message)
        self._socket.send(data)

    def _responded(self, message: Message) -> None:
        observation = self.observations.get(message.token)
        if any(asked.token == message.token for asked in self._asked):
            self._answered.append(message)
        elif observation is not None:
            observation.notes.append(Note(message, self.network.now))
            self._notes[message.id] = observation
            if observation.reset_next:
                self._owed.add(message.id)

    def step(self, now: int) -> int | None:
        """From Leshan to the device. As long as Leshan owes something, virtual time hardly passes."""
        if self._take() or not self._waits():
            self._since = time.monotonic()
            return None
        assert time.monotonic() < self._since + REAL_PATIENCE, f"Leshan owes an answer: {self._owed}"
        if self.network.quiet:
            select.select([self._socket], [], [], 0.002)
        return now

    def _waits(self) -> bool:
        return bool(self._owed) or (self._answer is not None and not self._answer.done())

    def _take(self) -> bool:
        """True if something came."""
        came = False
        while True:
            try:
                data = self._socket.recv(4096)
            except BlockingIOError:
                return came
            came = True
            self._heard(coap.decode(data))
            self.network.send(self.address, self.client, data)

    def _heard(self, message: Message) -> None:
        self._owed -= {message.token, message.id} if message.type in (coap.ACK, coap.RST) else {message.token}
        if message.type == coap.RST and message.id in self._notes:
            self._notes[message.id].cancelled, self._notes[message.id].reset_next = True, False
        if message.method and message.id not in self._heard_ids:  # or else it is sent once more
            self._heard_ids.add(message.id)
            self._asked.append(message)
        elif message.is_response:
            for request in self.history:
                if request.message.token == message.token and request.message.id == message.id:
                    request.answer = message.code
            if message.code == "2.01" and message.location.startswith("/rd/"):
                self.location = message.location
                self.given.append(message.location)

    # ---- what scripts say

    def tell(self, ask: Callable[[], Any]) -> Told:
        """Has Leshan do something by its web interface, and lets the world go on meanwhile."""
        self._answer = self._pool.submit(ask)
        try:
            if not self.network.run(2 * PATIENCE, self._answer.done):
                raise NoAnswerError("Leshan does not come to an end")
            return Told(self._answer.result(), self._asked, self._answered)
        finally:
            self._answer, self._asked, self._answered = None, [], []

    def request(self, message: Message, token: bytes | None = None, patience: float = PATIENCE) -> Message:
        """Has Leshan ask, and compares all it did with what it was to do and with what was said."""
        told = self.tell(lambda: self._ask(message))
        if not told.answered:
            raise NoAnswerError(f"the client did not answer {message}: {told.result}")
        response = whole(told.answered)
        compare_requests(message, whole(told.asked), told.asked[0])
        assert leshan_json.code(told.result) == response.code, f"Leshan says {told.result} of {response}"
        if response.code == "2.05":
            leshan_json.compare(told.result.get("content", told.result), response, message.path)
        return response

    def _ask(self, message: Message) -> Any:
        path = ets.ENDPOINT + message.path
        accept, format = message.number(coap.ACCEPT), message.format
        if message.method == "DELETE":
            return self.leshan.ask("DELETE", path)
        if message.method == "GET":
            if accept == coap.LINKS:
                return self.leshan.ask("GET", f"{path}/discover")
            form = {} if accept is None else {"format": NAMES[accept]}
            if message.observe == 0:
                return self.leshan.ask("POST", f"{path}/observe", **form)
            return self.leshan.ask("GET", path, **form)
        if format is None:
            if message.method == "PUT":
                return self.leshan.ask_exactly("PUT", f"{path}/attributes", "&".join(message.query))
            return self.leshan.ask("POST", path, message.payload.decode() or None)
        base = formats.ids_of(message.path)
        body = leshan_json.node(base, values_of(message))
        if message.method == "POST" and len(base) == 1:
            return self.leshan.ask("POST", path, body, format=NAMES[format])
        replace = {"replace": str(message.method == "PUT").lower()} if len(base) == 2 else {}
        return self.leshan.ask("PUT", path, body, format=NAMES[format], **replace)

    def next_request(self, patience: float) -> Request:
        """The next request of the client, answered by Leshan."""
        request = super().next_request(patience)
        if not self.silent:
            assert self.network.run(PATIENCE, lambda: bool(request.answer)), str(request)
            if request.answer[0] == "2":
                self._look_up(request.message)
        return request

    def _look_up(self, message: Message) -> None:
        """Leshan has the registration as the device has it."""
        found = self.leshan.registration(ets.ENDPOINT)
        if message.method == "DELETE":
            assert found is None, str(found)
            return
        location = self.location if message.path == "/rd" else message.path
        assert found is not None
        assert found["registrationId"] == location.rsplit("/", 1)[1]
        for item in message.query:
            name, _, value = item.partition("=")
            assert str(found[leshan_json.PARAMETERS[name]]) == value, f"{item} is {found}"
        if message.payload:
            links = formats.read_links(message.payload.decode())
            assert {link["url"] for link in found["objectLinks"]} == set(links)

    def observe(self, path: str, message: Message) -> tuple[Observation, Message]:
        """The token is the one that Leshan chose."""
        response = self.request(message)
        observation = LeshanObservation(path, response.token)
        observation.notes.append(Note(response, self.network.now))
        self.observations[response.token] = observation
        return observation, response

    def next_note(self, observation: Observation, patience: float) -> Note:
        """The next notification; Leshan has to tell of it."""
        note = super().next_note(observation, patience)
        assert isinstance(observation, LeshanObservation)
        while observation.told < observation.seen:
            data = self.leshan.wait(
                "NOTIFICATION", ets.ENDPOINT, lambda data: data["res"] == observation.path
            )
            leshan_json.compare(data["val"], observation.notes[observation.told].message, observation.path)
            observation.told += 1
        return note

    def reset_next(self, observation: Observation) -> None:
        """Leshan forgets the observation, and answers the next notification accordingly."""
        self.tell(lambda: self.leshan.ask("DELETE", f"{ets.ENDPOINT}{observation.path}/observe"))
        observation.reset_next = True

    def forget_registrations(self) -> None:
        """Somebody else leaves in the name of the device (case 105); without DTLS Leshan cannot tell."""
        message = Message(code=coap.METHODS["DELETE"], id=1, token=b"spoof")
        for segment in self.location.split("/")[1:]:
            message.add(coap.URI_PATH, segment)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.settimeout(REAL_PATIENCE)
            other.connect(self._socket.getpeername())
            other.send(coap.encode(message))
            assert coap.decode(other.recv(4096)).code == "2.02"


def whole(messages: list[Message]) -> Message:
    """The last message, with the payload of all blocks."""
    last = messages[-1]
    if last.block(coap.BLOCK1) is None and last.block(coap.BLOCK2) is None:
        return last
    payload = b"".join(message.payload for message in messages)
    return Message(last.type, last.code, last.id, last.token, last.options, payload)


def values_of(message: Message) -> Values:
    """What a request writes; instance 65535 for a Create that leaves the id to the device."""
    base = formats.ids_of(message.path)
    entries = formats.tlv_entries(message.payload) if message.format == coap.TLV else []
    if len(base) == 1 and entries and entries[0].kind != formats.INSTANCE:
        base = (*base, leshan_json.ANY)
    return formats.read(base, message.format, message.payload, ets.type_of)


def parameters(message: Message) -> dict[str, float]:
    """Attributes as numbers: Leshan writes lt=1 as lt=1.0."""
    return {name: float(value) for name, _, value in (item.partition("=") for item in message.query)}


def compare_requests(wanted: Message, found: Message, first: Message) -> None:
    """Leshan asked what it was told to: method, path, query, formats and values."""
    assert (found.method, found.path) == (wanted.method, wanted.path), str(found)
    assert parameters(found) == parameters(wanted), str(found)
    assert (first.observe, found.format) == (wanted.observe, wanted.format), str(found)
    if wanted.number(coap.ACCEPT) is not None:
        assert found.number(coap.ACCEPT) == wanted.number(coap.ACCEPT), str(found)
    if wanted.format is not None:
        assert values_of(wanted) == values_of(found), str(found)
    else:
        assert found.payload == wanted.payload, str(found)


class LeshanRun(Run):
    """A case whose first server is Leshan's."""

    def __init__(self, case: Case, leshan: LeshanServer, left_out: Iterable[object] = ()) -> None:
        self.leshan, self.left_out = leshan, frozenset(left_out)
        super().__init__(case)

    def make_peers(self) -> dict[str, Peer]:
        """The second server, and the bootstrap-server, are played."""
        peer = LeshanPeer(self.network, ets.SERVER, self.leshan)
        return {
            "server": peer,
            "server2": Peer(self.network, ets.SERVER2),
            "bootstrap": Peer(self.network, ets.BOOTSTRAP),
        }

    def hold(self, checks: Iterable[Callable[[Run], None]]) -> None:
        """Without those that ask what Leshan does not."""
        super().hold(check for check in checks if check not in self.left_out)

    def close(self) -> None:
        """Leshan is told nothing: a device may vanish."""
        peer = self.server
        assert isinstance(peer, LeshanPeer)
        peer.close()
