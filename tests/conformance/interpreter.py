# SPDX-License-Identifier: Apache-2.0
"""Runs the steps of a case. The *subject* is linnet; everybody else is scripted.

A step whose receiver is the subject is a request to send, one whose sender is the subject is something to
wait for. Cases that judge a server have the same steps with another subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from . import ets, payloads
from .coap import ACCEPT, CONTENT_FORMAT, METHODS, OBSERVE, URI_PATH, URI_QUERY, Message
from .device import Device
from .ets import Case, Config
from .formats import Values, read_links
from .network import Network
from .peer import NoAnswerError, Note, Peer, Request
from .secured import secured_peers

SLACK = 1.0
Step = dict[str, Any]
_SPANS = {
    "immediately": (0, 0),
    "before 20 s, optional": (0, 20),
    "5 s to 15 s after the previous one": (5, 15),
    "10 s to 20 s after the previous one": (10, 20),
    "2 s to 10 s after the previous one": (2, 10),
    "2 s to 10 s": (2, 10),
    "60 s": (0, 60),
    "120 s": (0, 120),
    "240 s": (0, 240),
    "in the end": (0, 3600),
}
PATIENCE = 10.0


class Run:
    """One case under way, for the steps, preconditions, actions and checks."""

    subject = "client"
    #: What is optional because a device may be switched off has to happen with one that is on (case 102).
    lives = True

    def __init__(self, case: Case) -> None:
        self.case = case
        self.network = Network()
        self.peers = self.make_peers()
        self.config = ets.config(case.config, dtls=self.dtls)
        self._device: Device | None = None
        self.variables = {"download_host": ets.FILES, "firmware_uri": f"coap://{ets.FILES}/firmware"}
        #: What came out of each step.
        self.responses: dict[int, Message] = {}
        self.requests: dict[int, Request] = {}
        self.notes: dict[int, Note] = {}
        #: Every response of a step that polls.
        self.polled: dict[int, list[Message]] = {}
        self.saved: Values = {}
        #: How long the log was when a step began.
        self.marks: dict[int, int] = {}
        self._powered = False
        self._boots = 0

    @property
    def dtls(self) -> bool:
        """True if accounts are those with keys, as they stand in the configurations and value sets."""
        return self.case.judges_security

    def make_peers(self) -> dict[str, Peer]:
        """Everybody but the subject, by the names of the steps."""
        if self.dtls:
            return secured_peers(self.network, self.case)
        return {
            "server": Peer(self.network, ets.SERVER),
            "server2": Peer(self.network, ets.SERVER2),
            "bootstrap": Peer(self.network, ets.BOOTSTRAP),
        }

    # ---- the device

    @property
    def device(self) -> Device:
        """The device; made when first wanted, so that a precondition may change the configuration."""
        if self._device is None:
            self._boots += 1
            self._device = Device(self.network, self.config, self._boots)
            polls = any("poll until" in step.get("expect", {}).get("payload", "") for step in self.case.steps)
            self._device.takes = 3 if polls else 0
        return self._device

    def restart(self, config: Config | None = None) -> None:
        """Switches the device off, and on with what is configured."""
        if self._device is not None:
            self._device.power_off()
            self._device = None
        self.config = config or self.config
        self._powered = False
        self.power_on()

    def power_on(self) -> None:
        """Switches the device on, if it is off."""
        if not self._powered:
            self._powered = True
            self.device.power_on()

    def register(self, *names: str) -> None:
        """Case 101, at every server named."""
        self.power_on()
        for name in names or ("server",):
            request = self.peers[name].next_request(PATIENCE)
            assert (request.message.method, request.message.path) == ("POST", "/rd"), str(request.message)
            assert request.answer == "2.01"
        self.network.settle()

    @property
    def server(self) -> Peer:
        """The first server."""
        return self.peers["server"]

    # ---- steps

    def perform(self, step: Step) -> None:
        """One step of the dialogue."""
        sender, _, receiver = step["dir"].partition("->")
        if receiver == self.subject:
            self._ask(self.peers[sender], step)
        elif step["op"] == "Notify":
            self._await_note(self.peers[receiver], step)
        else:
            self._await_request(self.peers[receiver], step)

    def _ask(self, peer: Peer, step: Step) -> None:
        response = self.ask(peer, step)
        wanted = step["expect"]
        text = ets.fill_in(wanted.get("payload", ""), self.variables)
        if text.startswith("poll until "):
            polled = self.polled.setdefault(step["n"], [])
            for _ in range(60):
                polled.append(response)
                if payloads.poll_ends(self, response, step["path"], text):
                    break
                self.network.run(1)
                response = self.ask(peer, step)
            else:
                raise AssertionError(f"step {step['n']}: {text} in vain")
        self.responses[step["n"]] = response
        self._check(step, response, "" if text.startswith("poll until ") else text)
        if step["op"] == "Cancel":
            peer.observation(step["path"]).cancelled = True

    def ask(self, peer: Peer, step: Step) -> Message:
        """Sends what a step says, and gives the response."""
        message = Message(code=METHODS[step["method"]])
        if "observe" in step:
            message.add(OBSERVE, step["observe"])
        for segment in filter(None, step["path"].split("/")):
            message.add(URI_PATH, segment)
        if "content_format" in step:
            message.add(CONTENT_FORMAT, step["content_format"])
            message.payload = payloads.to_send(self, step)
        for item in step.get("query", []):
            message.add(URI_QUERY, ets.fill_in(item, self.variables))
        if "accept" in step:
            message.add(ACCEPT, step["accept"])
        if step.get("observe") == 0:
            return peer.observe(step["path"], message)[1]
        token = peer.observation(step["path"]).token if step.get("observe") == 1 else None
        return peer.request(message, token)

    def send(self, method: str, path: str, payload: bytes = b"", **more: Any) -> Message:
        """A request besides the steps: ``run.send("PUT", "/1/0/1", b"20", content_format=0)``."""
        step: Step = {"method": method, "path": path, **more}
        if "content_format" in more:
            step["payload_hex"] = payload.hex()
        return self.ask(more.get("peer", self.server), step)

    def read(self, path: str) -> Values:
        """What the server reads at a path."""
        response = self.send("GET", path)
        assert response.code == "2.05", f"GET {path}: {response}"
        return payloads.values_in(self, response, path)

    def traffic(self, address: str, first: int, last: int) -> tuple[int, int]:
        """IP bytes to and from an address, from the beginning of one step to that of another."""
        passed = self.network.passed[self.marks[first] : self.marks[last]]
        received = sum(size for _, destination, size in passed if destination == address)
        return received, sum(size for source, _, size in passed if source == address)

    def _check(self, step: Step, message: Message, text: str) -> None:
        wanted = step["expect"]
        codes = wanted["code"] if isinstance(wanted["code"], list) else [wanted["code"]]
        assert message.code in codes, f"step {step['n']}: {message.code} instead of {wanted['code']}"
        if "content_format" in wanted:
            assert message.format == wanted["content_format"], f"step {step['n']}: {message}"
        options = wanted.get("options", "")
        if options == "Observe":
            assert message.observe is not None, f"step {step['n']}: no Observe option"
        elif options == "no Observe option":
            assert message.observe is None, f"step {step['n']}: an Observe option"
        elif options.startswith("Location-Path"):
            location = "/" + options.removeprefix("Location-Path ").replace(", ", "/")
            assert message.location == location, f"step {step['n']}: {message}"
        if text:
            payloads.check(self, message, step["path"], text)

    # ---- what the subject does by itself

    def _await_request(self, peer: Peer, step: Step) -> None:
        started = self.network.now
        _, latest = _SPANS.get(step.get("within", ""), (0, PATIENCE))
        try:
            request = peer.next_request(latest + SLACK)
        except NoAnswerError:
            if "optional" in step.get("within", "") and not self.lives:
                return
            raise
        late = (request.time - started) / 1000
        assert late <= latest + SLACK, f"step {step['n']}: {request.message} after {late} s"
        self.requests[step["n"]] = request
        self.check_request(peer, step, request)

    def check_request(self, peer: Peer, step: Step, request: Request) -> None:
        """Compares what came with a step."""
        message = request.message
        path = step["path"]
        if "${location" in path:
            path = peer.location
        assert (message.method, message.path) == (step["method"], path), f"step {step['n']}: {message}"
        if "query" in step:
            query = sorted(ets.fill_in(item) for item in step["query"])
            assert sorted(message.query) == query, f"step {step['n']}: {message}"
        assert message.format == step.get("content_format"), f"step {step['n']}: {message}"
        if step.get("content_format") is None:
            assert not message.payload, f"step {step['n']}: {message}"
        elif step["op"] == "Register":
            payloads.check_links(step["payload"], message.payload.decode())
            links = read_links(message.payload.decode())
            assert not any(re.match(r"/0(/|$)", link) for link in links), "REG-21: /0 in the object list"
        if "expect" in step:
            self.network.settle()
            assert request.answer == step["expect"]["code"], f"step {step['n']}: {request}"

    def _await_note(self, peer: Peer, step: Step) -> None:
        observation = peer.observation(step["path"])
        earliest, latest = _SPANS.get(step["within"], (0, 0))
        if step["within"] == "pmax":
            latest = self._pmax(step["path"])
        self.device.moving = True
        note = peer.next_note(observation, latest + SLACK)
        gap = (note.time - observation.notes[observation.seen - 2].time) / 1000
        assert earliest - SLACK <= gap <= latest + SLACK, f"step {step['n']}: {gap} s after the previous one"
        self.notes[step["n"]] = note
        text = step["expect"].get("payload", "")
        self.check_note(step, note, text)

    def check_note(self, step: Step, note: Note, text: str) -> None:
        """Compares a notification with a step."""
        message = note.message
        assert message.code == step["expect"]["code"], str(message)
        assert message.observe is not None, str(message)
        if text:
            payloads.check(self, message, step["path"], text)

    def _pmax(self, path: str) -> float:
        """What the steps of case 301 assigned to a path."""
        for step in ets.cases()["301"].steps:
            if step["op"] == "Write-Attributes" and step["path"] == path:
                return float(dict(item.split("=") for item in step["query"])["pmax"])
        raise KeyError(path)

    def hold(self, checks: Iterable[Callable[[Run], None]]) -> None:
        """Holds the subject to checks that go beyond the steps."""
        for check in checks:
            check(self)

    # ---- the end

    def finish(self) -> None:
        """Nobody may have said more than the case wants."""
        self.network.settle()
        for name, peer in self.peers.items():
            left = [str(request.message) for request in peer.requests]
            assert not left, f"{name} also got {left}"
        if self._device is not None:
            self._device.power_off()

    def close(self) -> None:
        """Gives up what is not of this world; called in any case."""


__all__ = ["PATIENCE", "SLACK", "Run", "Step"]
