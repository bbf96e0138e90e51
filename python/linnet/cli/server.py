# SPDX-License-Identifier: Apache-2.0
"""``linnet server``: devices register, and are asked things from a prompt or by a program."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import _core
from ..aio import Device, Server
from ..calls import FORMATS, Call
from ..credentials import Credentials
from ..errors import NotFound, ResponseError, TimeoutError
from ..events import Event, EventKind, code_name
from ..standard import FirmwareResult
from ..values import ids_of, path_of
from . import output
from .access import Watch, add_access, credentials
from .listening import listen
from .session import (
    Answer,
    Line,
    Session,
    Usage,
    _escape,
    add_common,
    event_words,
    set_verbosity,
    value_of,
    values_of,
)
from .sms import add_sms_options, sms_of

USAGES = (
    "devices",
    "read EP PATH [as text|opaque|tlv|json]",
    "write EP PATH VALUE | write EP PATH RES=VALUE... [replace|update]",
    "execute EP PATH [ARGS]",
    "create EP OBJ[/INST] [RES=VALUE...]",
    "delete EP PATH",
    "discover EP PATH",
    "attributes EP PATH pmin=S pmax=S gt=X lt=X st=X",
    "observe EP PATH",
    "cancel EP PATH",
    "firmware EP FILE|URI",
)
FIRMWARE_STATES = {
    0: "nothing is downloaded yet; observe EP /5/0/3 tells",
    1: "it downloads; observe EP /5/0/3 tells when it is done",
    2: "it is downloaded; execute EP /5/0/2 installs it",
    3: "it is being installed",
}
# What may follow the path, by command and number of words.
MORE_WORDS = {
    ("read", 3): ("as",),
    ("read", 4): tuple(FORMATS),
    ("write", 4): ("replace", "update"),
    ("attributes", 3): ("pmin=", "pmax=", "gt=", "lt=", "st="),
    ("attributes", 4): ("pmin=", "pmax=", "gt=", "lt=", "st="),
}


def add_parser(commands: Any) -> None:
    """Adds the command line of this command."""
    parser = commands.add_parser(
        "server",
        help="a server: devices register, you ask them things",
        description="Runs an LwM2M server. Commands are read from stdin; events are shown as they happen.",
        epilog="Commands: "
        + "; ".join([*USAGES, "help", "quit"])
        + ". Paths may be written with names: Device/0/Manufacturer.",
    )
    parser.add_argument(
        "--listen",
        metavar="URI",
        action="append",
        default=[],
        help="where to listen; may be given several times (default: coap://[::]:5683, which "
        "hears IPv4, too; with keys coaps://[::]:5684)",
    )
    parser.add_argument(
        "--store",
        metavar="FILE.db",
        help="remember devices, observations and waiting requests here, also when the server is killed",
    )
    parser.add_argument(
        "--awake-time",
        metavar="S",
        type=float,
        help="how long a device in queue mode listens after each message (default: 93)",
    )
    parser.add_argument(
        "--queue-time",
        metavar="S",
        type=float,
        help="how long a request waits for such a device (default: as long as it is registered)",
    )
    add_sms_options(parser)
    add_access(parser)
    add_common(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs until it is told to end."""
    asyncio.run(_serve(options))
    return 0


def _open(options: argparse.Namespace, store: Credentials | None) -> Server:
    def make(uris: list[str]) -> Server:
        return Server(
            uris,
            models=tuple(options.models),
            store=options.store,
            awake_time=options.awake_time,
            queue_time=options.queue_time,
            credentials=store,
            sms=sms_of(options),
        )

    return listen(options, store, make)


async def _serve(options: argparse.Namespace) -> None:
    session = Session(options, "server")
    store = credentials(options)
    server = _open(options, store)
    face = _Face(session, server)
    watch = Watch(session, store)
    set_verbosity(server, options.verbose)
    async with server:
        session.show(
            {"event": "ready", "listen": list(server.listen)},
            f"listening on [bold]{', '.join(map(_escape, server.listen))}[/bold]; "
            "[green]help[/green] shows the commands",
        )
        watching = asyncio.ensure_future(watch.run())
        await session.run(face.queue)
        watching.cancel()


class _Face:
    """Commands and events of a server."""

    def __init__(self, session: Session, server: Server) -> None:
        self.session, self.server = session, server
        self.calls = server._calls
        handlers = (
            self.devices,
            self.read,
            self.write,
            self.execute,
            self.create,
            self.delete,
            self.discover,
            self.attributes,
            self.observe,
            self.cancel,
            self.firmware,
        )
        for usage, handler in zip(USAGES, handlers):
            session.command(usage, handler)
        session.command("help", session.help)
        session.command("quit", session.quit_command)
        session.candidates = self.candidates
        for kind in (EventKind.REGISTERED, EventKind.UPDATED, EventKind.DEREGISTERED, EventKind.EXPIRED):
            server.on(kind, self.registration_event)
        server.on(EventKind.NOTIFY, self.notified)
        server.on(EventKind.OBSERVATION_ENDED, self.ended)
        server.on(EventKind.QUEUED, self.queued)
        server.on(EventKind.RESPONSE, self.answered)
        server.on(EventKind.ERROR, self.failed)

    @staticmethod
    def queue(line: Line) -> str:
        """Commands to one device keep their order; devices do not wait for each other."""
        return line.words[1] if len(line.words) > 1 else ""

    def candidates(self, words: list[str], word: str) -> Iterable[tuple[str, str]]:
        """Endpoints, then the paths of that device, then what the command has words for."""
        from .completion import matching, path_candidates

        if words[0] not in self.session.commands or words[0] in ("devices", "help", "quit"):
            return ()
        if len(words) == 1:
            return matching(self.server.registrations, word)
        if len(words) == 2 and words[0] == "firmware":
            return ()
        if len(words) == 2:
            return path_candidates(self.server.model, self.server.device(words[1]).objects, word)
        return matching(MORE_WORDS.get((words[0], min(len(words), 4)), ()), word)

    # ---- events

    def facts(self, device: Device) -> dict[str, Any]:
        """What a registration says."""
        return {
            "endpoint": device.endpoint,
            "location": device.location,
            "lifetime": device.lifetime,
            "binding": device.binding,
            "objects": device.objects,
        }

    def registration_event(self, device: Device, event: Event) -> None:
        """A device came, stayed or went."""
        made = output.json_event(event)
        words = f"[bold]{_escape(device.endpoint)}[/bold] {event.kind.value}"
        if event.kind in (EventKind.REGISTERED, EventKind.UPDATED) and device.registered:
            made.update(self.facts(device), address=device.address, version=device.version)
            words += (
                f" from {_escape(device.address)}, lifetime {device.lifetime} s, binding {device.binding}"
            )
            if event.kind is EventKind.REGISTERED:
                words += ": " + " ".join(device.objects)
        self.session.show(made, words)

    def notified(self, device: Device, event: Event) -> None:
        """A value of an observation."""
        title = f"{device.endpoint} notifies {event.path}"
        words = None if self.session.json else output.table_of(event.records, self.server.model, title)
        self.session.show(output.json_event(event), words)

    def ended(self, device: Device, event: Event) -> None:
        """No more values of an observation."""
        self.session.show(
            {**output.json_event(event), "endpoint": device.endpoint},
            f"{_escape(device.endpoint)} does not notify {event_words(event, self.server.model)} any more",
        )

    def queued(self, device: Device, event: Event) -> None:
        """A request waits until a device wakes; so may the next one, in the same order."""
        self.session.pass_on(device.endpoint)
        self.session.show(
            output.json_event(event),
            f"{_escape(device.endpoint)} sleeps; {event_words(event, self.server.model)} waits for it",
        )

    def answered(self, device: Device, event: Event) -> None:
        """The answer to a request of before a restart, which waited for its device."""
        what = f"{event.path} of {device.endpoint}"
        words: Any = _escape(f"{what}: {event.error or code_name(int(event.code.replace('.', '')))}")
        if event.records and not self.session.json:
            words = output.table_of(event.records, self.server.model, what)
        self.session.show(output.json_event(event), words)

    def failed(self, *about: Any) -> None:
        """Something failed that no command asked for."""
        event: Event = about[-1]
        self.session.show(output.json_event(event), f"[red]{_escape(event.text)}[/red]")

    # ---- commands

    async def ask(self, endpoint: str, call: Call[Any]) -> Event:
        """The response of a device, if it is a good one."""
        event = await self.server._respond(endpoint, call, None)
        if event.status < 0:
            raise call.failure(endpoint, event)
        return event

    async def done(self, endpoint: str, call: Call[Any]) -> Answer:
        """The answer to a command that gives nothing but a code."""
        event = await self.ask(endpoint, call)
        return {"code": event.code}, code_name(int(event.code.replace(".", "")))

    async def devices(self, line: Line) -> Answer:
        """Shows who is registered."""
        devices = list(self.server.registrations.values())
        facts = [
            {
                **self.facts(device),
                "address": device.address,
                "version": device.version,
                "awake": device.awake,
                "queued": device.queued,
            }
            for device in devices
        ]
        if self.session.json:
            return {"devices": facts}, None
        return {}, output.devices_table(devices) if devices else "no devices"

    async def read(self, line: Line) -> Answer:
        """Reads a resource, an instance or an object."""
        endpoint, path = line.two()
        if len(line.words) not in (3, 5) or (len(line.words) == 5 and line.words[3] != "as"):
            raise IndexError
        call = self.calls.read(path, line.words[4] if len(line.words) == 5 else None)
        event = await self.ask(endpoint, call)
        words = None if self.session.json else output.table_of(event.records, self.server.model)
        return {"code": event.code, "records": output.json_records(event.records)}, words

    async def write(self, line: Line) -> Answer:
        """Writes a resource, or resources of an instance, which is updated unless it says replace."""
        endpoint, path = line.two()
        path = self.calls.path(path)
        words = line.words[3:]
        if not words:
            raise IndexError
        replace = False
        if len(ids_of(path)) == 2 and words[-1] in ("replace", "update"):
            replace = words.pop() == "replace"
        resource = self.server.model.resource(path)
        if len(ids_of(path)) == 2 or (len(ids_of(path)) == 3 and resource is not None and resource.multiple):
            value: Any = values_of(self.server.model, path, words)
        else:
            value = value_of(self.server.model, path, line.rest(3))
        return await self.done(endpoint, self.calls.write(path, value, replace))

    async def execute(self, line: Line) -> Answer:
        """Executes a resource; arguments are a digit, or a digit = 'text', with commas."""
        return await self.done(line.words[1], self.calls.execute(line.words[2], line.rest(3)))

    async def create(self, line: Line) -> Answer:
        """Creates an instance."""
        endpoint, path = line.words[1], self.calls.path(line.words[2])
        ids = ids_of(path)
        values = values_of(
            self.server.model, path_of(ids[0], ids[1] if len(ids) > 1 else 0xFFFF), line.words[3:]
        )
        call = self.calls.create(path, values, None)
        event = await self.ask(endpoint, call)
        return {"code": event.code, "path": call.result(event)}, f"created {call.result(event)}"

    async def delete(self, line: Line) -> Answer:
        """Deletes an instance."""
        return await self.done(line.words[1], self.calls.delete(line.words[2]))

    async def discover(self, line: Line) -> Answer:
        """Lists what there is, with attributes."""
        endpoint, path = line.two()
        device = self.server.device(endpoint)
        call = self.calls.discover(path, self.server._core.root(device.registration))
        event = await self.ask(endpoint, call)
        links = call.result(event)
        words = None if self.session.json else output.links_table(links, self.server.model)
        return {"code": event.code, "links": output.json_links(links)}, words

    async def attributes(self, line: Line) -> Answer:
        """Sets when to notify; a name without = takes one away."""
        if len(line.words) < 4:
            raise IndexError
        attributes: dict[str, Any] = {}
        for word in line.words[3:]:
            name, equals, value = word.partition("=")
            attributes[name] = value if equals else None
        return await self.done(line.words[1], self.calls.attributes(line.words[2], attributes))

    async def observe(self, line: Line) -> Answer:
        """Shows the value, and from now on each that the device notifies."""
        endpoint, path = line.two()
        event = await self.ask(endpoint, self.calls.observe(path))
        words = None if self.session.json else output.table_of(event.records, self.server.model)
        return {"code": event.code, "records": output.json_records(event.records)}, words

    async def cancel(self, line: Line) -> Answer:
        """Ends an observation."""
        endpoint, path = line.words[1], self.calls.path(line.words[2])
        number = self.server._core.observation(self.server.device(endpoint).registration, path)
        if number == 0:
            raise NotFound(f"{path} of {endpoint} is not observed")
        event = await self.server._ask(lambda respond: self.server._cancel(number, respond), None)
        if event is None:
            raise TimeoutError(f"cancel {path} of {endpoint}: no answer")
        if event.status < 0 and event.status != _core.ERROR_REFUSED:
            raise TimeoutError(event.text)
        if event.status < 0:
            raise ResponseError(event.code, event.text)
        return {"code": event.code}, f"{path} is not observed any more"

    async def firmware(self, line: Line) -> Answer:
        """Gives a device a firmware package: its URI, or the package itself, block by block."""
        endpoint, source = line.words[1], line.rest(2).strip("\"'")
        if not source:
            raise IndexError
        if "://" in source:
            call = self.calls.write("/5/0/1", source)
        else:
            call = self.calls.write("/5/0/0", await asyncio.to_thread(_package, Path(source)))
        event = await self.ask(endpoint, call)
        state, result = [await self.value(endpoint, path) for path in ("/5/0/3", "/5/0/5")]
        words = FIRMWARE_STATES.get(state, f"state {state}")
        if result:
            words += f" (result {result}, {FirmwareResult(result).name.lower().replace('_', ' ')})"
        answer = {"code": event.code, "state": state, "result": result}
        return answer, f"{code_name(int(event.code.replace('.', '')))}: {words}"

    async def value(self, endpoint: str, path: str) -> Any:
        """What a resource is now."""
        call = self.calls.read(path)
        return call.finish(endpoint, await self.ask(endpoint, call))


def _package(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound(f"{path}: neither a file nor a URI such as coap://host/package")
    return path.read_bytes()


__all__ = ["Usage", "add_parser", "run"]
