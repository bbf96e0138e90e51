# SPDX-License-Identifier: Apache-2.0
"""A case with a bootstrap-server as the subject: its configuration is the steps; a scripted device asks."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import linnet

from . import coap, ets, formats, payloads
from .coap import ACCEPT, Message
from .device import ADDRESS
from .ets import Case, Config
from .formats import Ids, ids_of, path_of
from .interpreter import PATIENCE, Run, Step
from .network import Network
from .peer import Peer, Request
from .played_device import PlayedDevice, whole
from .server_run import KNOWN_OPTIONS
from .subjects import Subject

VERSION = 'lwm2m="1.0"'
FINISH = ("POST", "/bs")
PLAIN = {"Bootstrap-Discover": "discover", "Bootstrap-Delete": "delete"}


class NewDevice(PlayedDevice):
    """A device with an account of a bootstrap-server, which does all that this one says (digest 6)."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.client = ets.BOOTSTRAP

    def boot(self, config: Config) -> None:
        """From now on it is in this state."""
        super().boot(config)
        self.values = {line.ids: line.value for line in config.resources}
        self.objects = {0, 1, 3}

    def _do(self, message: Message, ids: Ids) -> Message:
        if message.method == "POST":
            return Message(code="2.04" if self._is_consistent() else "4.06")
        if message.method == "GET":
            return Message(code="2.05", payload=self._account_links().encode()).add(
                coap.CONTENT_FORMAT, coap.LINKS
            )
        if message.method == "DELETE":
            self.values = {path: self.values[path] for path in self.values if not self._goes(path, ids)}
            return Message(code="2.02")
        assert message.format is not None
        written = formats.read(ids, message.format, message.payload, ets.type_of)
        instances = {path[:2] for path in written} if len(ids) < 3 else set()
        self.values = {path: self.values[path] for path in self.values if path[:2] not in instances}
        self.values.update(written)
        return Message(code="2.04")

    def _target(self, message: Message) -> Ids:
        return () if message.path == "/bs" else super()._target(message)

    def _goes(self, path: Ids, deleted: Ids) -> bool:
        """BS-30: all but its account of the bootstrap-server, and /3/0."""
        kept = path[:2] == (3, 0) or (path[0] == 0 and self.values[(*path[:2], 1)] is True)
        return path[: len(deleted)] == deleted and not kept

    def _accounts(self) -> dict[object, Ids]:
        """Security instances of servers, by Short Server ID."""
        return {value: path for path, value in self.values.items() if path[0] == 0 and path[2] == 10}

    def _is_consistent(self) -> bool:
        partners = {value for path, value in self.values.items() if path[0] == 1 and path[2] == 0}
        return bool(partners) and partners == set(self._accounts())

    def _account_links(self) -> str:
        ssid = {path[:2]: number for number, path in self._accounts().items()}
        ssid.update({path[:2]: value for path, value in self.values.items() if path[0] == 1 and path[2] == 0})
        links = [VERSION]
        for ids in sorted({path[:2] for path in self.values}):
            links.append(f"<{path_of(ids)}>" + (f";ssid={ssid[ids]}" if ids in ssid else ""))
        present = {path[0] for path in self.values}
        return ",".join(
            links + [f"<{path_of((object_id,))}>" for object_id in sorted(self.objects - present)]
        )


class BootstrapSubject(Subject):
    """A bootstrap-server, and what it tells its application."""

    def __init__(self, network: Network, address: str) -> None:
        super().__init__(network, address)
        self.role = self.bootstrap = linnet.BootstrapServer(transport=self.transport, seed=bytes(32))
        self.events: list[linnet.Event] = []
        for kind in ("bootstrap-started", "bootstrap-finished", "response"):
            self.bootstrap.on(kind, self.events.append)

    def heard(self, kind: str) -> list[linnet.Event]:
        """The events of a kind."""
        return [event for event in self.events if event.kind == kind]


class BootstrapRun(Run):
    """One case under way. The accounts are those with keys, byte by byte, whatever carries them."""

    dtls = True
    lives = False

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.subject = BootstrapSubject(self.network, ets.BOOTSTRAP)  # type: ignore[assignment]
        self.device.boot(self.config)

    def make_peers(self) -> dict[str, Peer]:
        """Everybody but the bootstrap-server."""
        return {"client": NewDevice(self.network)}

    @property
    def device(self) -> NewDevice:  # type: ignore[override]
        """The scripted device."""
        device = self.peers["client"]
        assert isinstance(device, NewDevice)
        return device

    @property
    def server(self) -> BootstrapSubject:  # type: ignore[override]
        """The bootstrap-server."""
        subject: Any = self.subject
        assert isinstance(subject, BootstrapSubject)
        return subject

    # ---- what it is to do

    def sessions(self) -> list[list[Step]]:
        """Its steps, cut after each Finish."""
        found: list[list[Step]] = [[]]
        for step in self.case.steps:
            if step["dir"] == "bootstrap->client" and "method" in step:
                found[-1].append(step)
                if (step["method"], step["path"]) == FINISH:
                    found.append([])
        return [session for session in found if session]

    def configuration(self, session: list[Step]) -> linnet.Configuration:
        """What makes it take these steps, although devices may refuse it."""
        operations = [self._operation(step) for step in session if (step["method"], step["path"]) != FINISH]
        return linnet.Configuration(operations=operations, check=False)

    def _operation(self, step: Step) -> Any:
        if step["op"] in PLAIN or step["method"] == "DELETE":
            return (PLAIN.get(step["op"], "delete"), step["path"])
        ids, format = ids_of(step["path"]), step["content_format"]
        values = formats.read(ids, format, payloads.to_send(self, step), ets.type_of)
        if len(ids) == 3:
            return ("write", step["path"], values[ids], format)
        return ("write", step["path"], {path_of(path): value for path, value in values.items()}, format)

    # ---- steps

    def perform(self, step: Step) -> None:
        """One step of the dialogue; what the device says to a server is none of its business."""
        if "method" not in step:
            return
        if step["dir"] == "client->bootstrap":
            response = self.ask(self.device, step)
            assert response.code == step["expect"]["code"], str(response)
            assert not response.payload
            self.responses[step["n"]] = response
        elif step["dir"] == "bootstrap->client":
            requests = [self.device.next_request(PATIENCE)]
            while requests[-1].answer == "2.31":
                requests.append(self.device.next_request(PATIENCE))
            request = dataclasses.replace(requests[-1], message=whole([one.message for one in requests]))
            self.requests[step["n"]] = request
            self.check_request(self.device, step, request)

    def check_request(self, peer: Peer, step: Step, request: Request) -> None:
        """Compares what came with a step: every option, and the payload."""
        super().check_request(peer, step, request)
        message = request.message
        assert message.number(ACCEPT) == step.get("accept"), str(message)
        assert message.observe is None, str(message)
        assert not message.query, str(message)
        assert {number for number, _ in message.options} <= KNOWN_OPTIONS, str(message)
        if "content_format" in step:
            assert message.payload == payloads.to_send(self, step), message.payload.hex()
        assert request.reply is not None
        self.responses[step["n"]] = request.reply
        if step["op"] == "Bootstrap-Discover":
            payloads.check_links(step["expect"]["payload"], request.reply.payload.decode())

    def finish(self) -> None:
        """Nobody may have said more than the case wants."""
        self.network.settle()
        left = [str(request.message) for request in self.device.requests]
        assert not left, f"the device also got {left}"
        self.server.close()


def first_line(log: list[str], pattern: str) -> int:
    """Where something was said first."""
    return next(number for number, line in enumerate(log) if re.search(pattern, line))


__all__ = ["ADDRESS", "BootstrapRun", "first_line"]
