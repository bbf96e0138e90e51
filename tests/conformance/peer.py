# SPDX-License-Identifier: Apache-2.0
"""The scripted server and bootstrap-server: answers what clients ask, and asks what a script says.

Its device is in played_device.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from . import coap
from .coap import Message
from .network import Network

PATIENCE = 10.0
BLOCK = 256


@dataclass
class Request:
    """What came from the client, and what it was answered ("" for nothing)."""

    message: Message
    source: str
    time: int
    answer: str = ""
    #: The answer itself, if a script made it.
    reply: Message | None = None


@dataclass
class Note:
    """A notification. `number` counts the datagrams of the network before it."""

    message: Message
    time: int


@dataclass
class Observation:
    """What a token stands for, and what came for it; the first is the response."""

    path: str
    token: bytes
    notes: list[Note] = field(default_factory=list)
    #: How many of them the script has looked at.
    seen: int = 1
    reset_next: bool = False
    cancelled: bool = False


class NoAnswerError(AssertionError):
    """The client did not do in time what it had to."""


class Peer:
    """A server, or a bootstrap-server, at an address. Nothing of linnet is in it."""

    def __init__(self, network: Network, address: str) -> None:
        self.network, self.address = network, address
        self.client = ""
        self.locations: dict[str, str] = {}
        self.location = ""
        #: Every location that was given to somebody, in order.
        self.given: list[str] = []
        #: Hears all and says nothing.
        self.silent = False
        #: Makes every answer, if a test wants others.
        self.answer_with: Callable[[], Message] | None = None
        self.requests: list[Request] = []
        self.history: list[Request] = []
        self.observations: dict[bytes, Observation] = {}
        self._answers: dict[tuple[str, int], bytes] = {}
        self._expected: dict[bytes, Message | None] = {}
        self._ids = 0x100
        self._count = 0
        self._tokens = 0
        network.add(self)

    # ---- the wire

    def step(self, now: int) -> int | None:
        """A peer does nothing by itself."""
        return None

    def receive(self, data: bytes, source: str) -> None:
        """A datagram from a client."""
        message = coap.decode(data)
        if message.method:
            self._asked(message, source)
        elif message.is_response:
            self._answered(message, source)
        elif message.type == coap.CON:
            self._send(Message(coap.RST, id=message.id), source)

    def _send(self, message: Message, destination: str) -> bytes:
        data = coap.encode(message)
        if not self.silent:
            self._transmit(data, destination)
        return data

    def _transmit(self, data: bytes, destination: str) -> None:
        self.network.send(self.address, destination, data)

    def _asked(self, message: Message, source: str) -> None:
        assert message.type == coap.CON, f"MOD-03: a request that is not confirmable: {message}"
        self.client = source
        known = self._answers.get((source, message.id))
        if known is not None:
            if not self.silent:
                self._transmit(known, source)
            return
        request = Request(message, source, self.network.now)
        self.requests.append(request)
        self.history.append(request)
        reply = self._reply(message)
        if not self.silent:
            request.answer, request.reply = reply.code, reply
        reply.type, reply.id, reply.token = coap.ACK, message.id, message.token
        self._answers[source, message.id] = self._send(reply, source)

    def _reply(self, message: Message) -> Message:
        if self.answer_with is not None:
            return self.answer_with()
        if message.method == "POST" and message.path == "/bs":
            return Message(code="2.04")
        if message.method == "POST" and message.path == "/rd":
            self._count += 1
            self.location = f"/rd/c{self._count}"
            self.given.append(self.location)
            ep = [item[3:] for item in message.query if item.startswith("ep=")]
            self.locations = {path: name for path, name in self.locations.items() if [name] != ep}
            self.locations[self.location] = "".join(ep)
            reply = Message(code="2.01")
            for segment in self.location.split("/")[1:]:
                reply.add(coap.LOCATION_PATH, segment)
            return reply
        if message.path in self.locations and message.method in ("POST", "DELETE"):
            if message.method == "DELETE":
                del self.locations[message.path]
            return Message(code="2.04" if message.method == "POST" else "2.02")
        return Message(code="4.04")

    def _answered(self, message: Message, source: str) -> None:
        observation = self.observations.get(message.token)
        expected = message.token in self._expected and self._expected[message.token] is None
        if observation is not None and observation.notes and not expected:
            observation.notes.append(Note(message, self.network.now))
            if observation.reset_next or observation.cancelled:
                observation.reset_next, observation.cancelled = False, True
                self._send(Message(coap.RST, id=message.id), source)
                return
        elif expected:
            self._expected[message.token] = message
        elif message.type != coap.CON:
            raise AssertionError(f"a response that nobody asked for: {message}")
        if message.type == coap.CON:
            self._send(Message(coap.ACK, id=message.id), source)

    # ---- what scripts say

    def request(self, message: Message, token: bytes | None = None, patience: float = PATIENCE) -> Message:
        """Asks the client, block by block if it is long, and waits for the whole response."""
        if len(message.payload) > 4 * BLOCK:
            return self._send_blocks(message, patience)
        response = self._exchange(message, token, patience)
        block = response.block(coap.BLOCK2)
        while block is not None and block[1]:
            following = Message(code=message.code, options=[*message.options])
            following.options = [option for option in following.options if option[0] != coap.OBSERVE]
            following.add(coap.BLOCK2, coap.block_value(block[0] + 1, False, block[2]))
            part = self._exchange(following, None, patience)
            block = part.block(coap.BLOCK2)
            assert block is not None, f"no Block2 in the answer to a request for a block: {part}"
            response.payload += part.payload
        return response

    def _exchange(self, message: Message, token: bytes | None, patience: float) -> Message:
        message.type, message.id, message.token = coap.CON, self._ids, token or self.token()
        self._ids += 1
        self._expected[message.token] = None
        self._send(message, self.client)
        if not self.network.run(patience, lambda: self._expected[message.token] is not None):
            del self._expected[message.token]
            raise NoAnswerError(f"the client did not answer {message}")
        response = self._expected.pop(message.token)
        assert response is not None
        return response

    def _send_blocks(self, message: Message, patience: float) -> Message:
        number, body = 0, message.payload
        while True:
            part, more = body[number * BLOCK : (number + 1) * BLOCK], (number + 1) * BLOCK < len(body)
            asked = Message(code=message.code, options=[*message.options], payload=part)
            asked.add(coap.BLOCK1, coap.block_value(number, more, BLOCK))
            response = self._exchange(asked, None, patience)
            if not more or response.code[0] in "45":
                return response
            assert response.code == "2.31", f"{response} to a block that is not the last"
            number += 1

    def token(self) -> bytes:
        """A token not used before."""
        self._tokens += 1
        return b"t" + self._tokens.to_bytes(2, "big")

    def observe(self, path: str, message: Message) -> tuple[Observation, Message]:
        """Asks with a token that is kept for what follows."""
        token = self.token()
        observation = Observation(path, token)
        self.observations[token] = observation
        response = self.request(message, token)
        observation.notes.append(Note(response, self.network.now))
        return observation, response

    def observation(self, path: str) -> Observation:
        """What was observed last at a path."""
        return [found for found in self.observations.values() if found.path == path][-1]

    def next_note(self, observation: Observation, patience: float) -> Note:
        """The next notification, also one that came already."""
        if not self.network.run(patience, lambda: len(observation.notes) > observation.seen):
            raise NoAnswerError(f"no notification for {observation.path} within {patience:g} s")
        observation.seen += 1
        return observation.notes[observation.seen - 1]

    def next_request(self, patience: float) -> Request:
        """The next request of the client, also one that came already."""
        if not self.network.run(patience, lambda: bool(self.requests)):
            raise NoAnswerError(f"no request from the client to {self.address} within {patience:g} s")
        return self.requests.pop(0)

    def reset_next(self, observation: Observation) -> None:
        """Answers the next notification with Reset."""
        observation.reset_next = True

    def forget_registrations(self) -> None:
        """From now on there is no registration."""
        self.locations.clear()
