# SPDX-License-Identifier: Apache-2.0
"""A case with a server as the subject: it is told what to ask, and a scripted device answers.

Each request of the server has to be, option by option and byte by byte, the one of the step, and what it
tells its application has to be what the device said.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

import linnet

from . import ets, formats, payloads, secured
from .coap import ACCEPT, JSON, TOKEN_LIMIT, Message
from .device import ADDRESS
from .ets import Case
from .formats import Values, ids_of, path_of, read_links
from .interpreter import PATIENCE, Run, Step
from .peer import NoAnswerError, Peer, Request
from .played_device import PlayedDevice, whole
from .secured import SecuredDevice
from .subjects import Order, ServerSubject

NAMES = {"server": ets.SERVER, "server2": ets.SERVER2}
HANDS_OUT = "Location-Path rd, "


class ServerRun(Run):
    """One case under way."""

    lives = False

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.subjects = {name: ServerSubject(self.network, address) for name, address in NAMES.items()}
        if self.dtls:
            self.subjects = {"server": ServerSubject(self.network, secured.SERVER, **secured.keys_for(case))}
        #: The requests of each step: one, or all that polled.
        self.asked: dict[int, list[Message]] = {}
        self.tokens: dict[str, bytes] = {}
        #: What the application is waiting for, and where the device was before its restart.
        self.order: Order | None = None
        self.first_location = ""
        #: What the application was told in each step.
        self.told: dict[int, Any] = {}

    def make_peers(self) -> dict[str, Peer]:
        """Everybody but the servers."""
        if not self.dtls:
            return {"client": PlayedDevice(self.network)}
        device = SecuredDevice(self.network)
        device.keys = secured.device_keys(self.case)
        return {"client": device}

    @property
    def device(self) -> PlayedDevice:  # type: ignore[override]
        """The scripted device."""
        device = self.peers["client"]
        assert isinstance(device, PlayedDevice)
        return device

    @property
    def subject(self) -> ServerSubject:  # type: ignore[override]
        """The first server."""
        return self.subjects["server"]

    @property
    def endpoint(self) -> linnet.Device:
        """The device, as the application of the first server has it."""
        return self.subject.server.device(ets.ENDPOINT)

    def power_on(self) -> None:
        """The device is on; it does nothing by itself."""
        self.device.boot(self.config)

    def register(self, *names: str) -> None:
        """Case 101, with all that the device has."""
        self.power_on()
        lifetime = {path[2]: value for path, value in self.config.below((1, 0)).items()}[1]
        template = ets.cases()["101"].steps[0]
        query = ["ep=${ep}", f"lt={lifetime}", "lwm2m=1.0", f"b={self.config.below((1, 0))[1, 0, 7]}"]
        for name in names or ("server",):
            step = {
                **template,
                "n": 0,
                "dir": f"client->{name}",
                "query": query,
                "payload": self.device.links(),
            }
            self.perform(step)

    # ---- what the device does

    def perform(self, step: Step) -> None:
        """One step of the dialogue; one between others is none of the server's business."""
        sender, _, receiver = step["dir"].partition("->")
        if receiver in self.subjects:
            self._device_sends(self.subjects[receiver], step)
        elif sender in self.subjects:
            self._server_sends(self.subjects[sender], step)

    def _device_sends(self, subject: ServerSubject, step: Step) -> None:
        device = self.device
        device.client = subject.address
        if step["op"] == "Notify":
            self.notify(subject, step)
            return
        location = device.registered_at.get(subject.address, "")
        response = self.ask(
            device, {**step, "path": location if "${location" in step["path"] else step["path"]}
        )
        self.responses[step["n"]] = response
        expect = step["expect"]
        assert response.code == expect["code"], f"step {step['n']}: {response}"
        if expect.get("options", "").startswith(HANDS_OUT):
            segments = response.location.split("/")
            assert len(segments) == 3, f"step {step['n']}: REG-03: {response}"
            assert segments[1] == "rd", f"step {step['n']}: REG-03: {response}"
            device.registered_at[subject.address] = response.location
        else:
            assert not response.location, str(response)
        assert not response.payload, f"step {step['n']}: {response}"

    def notify(self, subject: ServerSubject, step: Step) -> None:
        """Something changes, and the device tells; the application hears of it."""
        path = step["path"]
        self.network.run(6 if "2 s" in step["within"] else 12)
        self.device.vary()
        answer = self.device.notify(path)
        assert answer == 2, f"step {step['n']}: the notification was not acknowledged but {answer}"
        note = subject.observations[path].next(PATIENCE)
        assert values_of(note.records) == self.device.readable(ids_of(path))

    # ---- what the server does

    def _server_sends(self, subject: ServerSubject, step: Step) -> None:
        number, wanted = step["n"], step["expect"].get("payload", "")
        text = ets.fill_in(wanted, self.variables)
        for _ in range(60):
            self._ask_and_compare(subject, step, "" if text.startswith("poll until ") else text)
            if not text.startswith("poll until ") or payloads.poll_ends(
                self, self.responses[number], step["path"], text
            ):
                return
            self.network.run(1)
        raise AssertionError(f"step {number}: {text} in vain")

    def _ask_and_compare(self, subject: ServerSubject, step: Step, text: str) -> None:
        self.device.requests.clear()
        self.settle_step(step, outcome_of(lambda: self.call(subject, step)), text)

    def settle_step(self, step: Step, told: Any, text: str | None = None) -> None:
        """Compares a step with what the device was asked, and what the application was told with both."""
        requests = list(self.device.requests)
        self.device.requests.clear()
        if not requests:
            raise NoAnswerError(f"step {step['n']}: the server sent nothing: {told!r}")
        request = Request(whole([each.message for each in requests]), requests[-1].source, requests[-1].time)
        reply = requests[-1].reply
        assert reply is not None
        request.answer = reply.code
        self.requests[step["n"]], self.responses[step["n"]], self.told[step["n"]] = request, reply, told
        self.asked.setdefault(step["n"], []).append(request.message)
        self.polled.setdefault(step["n"], []).append(reply)
        self.check_request(self.device, step, request)
        if step["op"] == "Observe":
            self.tokens[step["path"]] = request.message.token
        elif step["op"] == "Cancel":  # OBS-05: by the token of its observation
            assert request.message.token == self.tokens[step["path"]]
        self._check(step, reply, step["expect"].get("payload", "") if text is None else text)
        compare(told, reply, step["path"])

    def check_request(self, peer: Peer, step: Step, request: Request) -> None:
        """Compares what came with a step: every option, and the payload."""
        message = request.message
        super().check_request(peer, step, request)
        assert sorted(message.query) == sorted(step.get("query", [])), f"step {step['n']}: {message}"
        assert message.number(ACCEPT) == step.get("accept"), f"step {step['n']}: {message}"
        assert message.observe == step.get("observe"), f"step {step['n']}: {message}"
        assert 0 < len(message.token) <= TOKEN_LIMIT, f"step {step['n']}: {message}"
        unknown = {number for number, _ in message.options} - KNOWN_OPTIONS
        assert not unknown, f"step {step['n']}: options {unknown}"
        if "content_format" in step:
            wanted = payloads.to_send(self, step)
            if step["content_format"] == JSON:
                assert json.loads(message.payload) == json.loads(wanted), f"step {step['n']}: {message}"
            else:
                assert message.payload == wanted, f"step {step['n']}: {message.payload.hex()}"

    def call(self, subject: ServerSubject, step: Step) -> Any:
        """What the application has to call for a step."""
        device, path, op = subject.server.device(ets.ENDPOINT), step["path"], step["op"]
        if op == "Read":
            return device.read_records(path, format=step.get("accept", "any"))
        if op == "Discover":
            return device.discover(path)
        if op == "Observe":
            subject.observations[path] = device.observe(path, format=step.get("accept", "any"))
            return subject.observations[path].next(PATIENCE).records
        if op == "Cancel":
            return subject.observations[path].cancel()
        if op == "Write-Attributes":
            named = (item.split("=") for item in step["query"])
            return device.write_attributes(path, **{name: int(value) for name, value in named})
        if op == "Execute":
            return device.execute(path)
        if op == "Delete":
            return device.delete(path)
        return self._call_with_values(device, step)

    def _call_with_values(self, device: linnet.Device, step: Step) -> Any:
        base, format = ids_of(step["path"]), step["content_format"]
        values = formats.read(base, format, payloads.to_send(self, step), ets.type_of)
        if step["op"] == "Create":
            instance = next(iter(values))[:2]
            return device.create(path_of(instance), resources(values), format=format)
        if len(base) == 3:
            return device.write(step["path"], next(iter(resources(values).values())), format=format)
        replace = step["op"] == "Write-Replace"
        return device.write(step["path"], resources(values), replace=replace, format=format)

    def read(self, path: str) -> Values:
        """What the server reads at a path."""
        return values_of(self.endpoint.read_records(path))

    # ---- the end

    def finish(self) -> None:
        """Nobody may have said more than the case wants."""
        self.network.settle()
        left = [str(request.message) for request in self.device.requests]
        assert not left, f"the device also got {left}"
        for subject in self.subjects.values():
            subject.close()


KNOWN_OPTIONS = {6, 11, 12, 15, 17, 27}


def outcome_of(call: Any) -> Any:
    """What a call gives, or the refusal that it raises."""
    try:
        return call()
    except linnet.ResponseError as error:
        return error


def resources(values: Values) -> dict[int, Any]:
    """Values below one instance as the application writes them."""
    found: dict[int, Any] = {}
    for path, value in values.items():
        if len(path) == 4:
            found.setdefault(path[2], {})[path[3]] = value
        else:
            found[path[2]] = value
    return found


def values_of(records: tuple[linnet.Record, ...]) -> Values:
    """What the application was told, as the scripted side has it."""
    return {ids_of(record.path): _plain(record.value) for record in records}


def _plain(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return int(value.timestamp())
    return str(value) if isinstance(value, linnet.ObjectLink) else value


def compare(told: Any, reply: Message, path: str) -> None:
    """The application was told what the device said."""
    if reply.code[0] != "2":
        assert isinstance(told, linnet.ResponseError), f"{told!r} for {reply}"
        assert told.code == reply.code
    elif reply.code == "2.01":
        assert told == reply.location, f"{told!r} for {reply}"
    elif reply.format == 40:
        links = read_links(reply.payload.decode())
        found = {link.path: {name: float(v) for name, v in link.attributes.items()} for link in told}
        assert found == {link: {name: float(v) for name, v in at.items()} for link, at in links.items()}
    elif reply.code == "2.05" and told is not None:
        said = formats.read(ids_of(path), reply.format, reply.payload, ets.type_of)
        assert values_of(told) == said, f"{told!r} for {reply}"
    else:
        assert told is None, f"{told!r} for {reply}"


__all__ = ["ADDRESS", "ServerRun", "compare", "outcome_of", "values_of"]
