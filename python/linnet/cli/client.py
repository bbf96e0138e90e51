# SPDX-License-Identifier: Apache-2.0
"""``linnet client``: a device that registers and is there to be looked at, from a prompt or by a program."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import socket
from pathlib import Path
from typing import Any

from ..aio import Client
from ..errors import Exists, UnknownHost
from ..events import Event, EventKind
from ..model import Model
from ..values import ObjectLink, ids_of, path_of
from . import output
from .session import (
    Answer,
    Line,
    Session,
    _escape,
    add_common,
    event_words,
    is_executable,
    set_verbosity,
    split_assignment,
    split_count,
    value_of,
)

USAGES = (
    "get PATH",
    "set PATH VALUE",
    "create OBJ INST",
    "delete OBJ INST",
    "update",
    "deregister",
    "status",
)

# Configuration C.6 of docs/spec/ets-configs.yaml: what a device without --object and --set has.
SERVER_RESOURCES: dict[int, Any] = {2: 1, 3: 10, 5: 86400}
SERVER_EXECUTABLES = (4,)
DEVICE_RESOURCES: dict[int, Any] = {
    0: "Open Mobile Alliance",
    1: "Lightweight M2M Client",
    2: "345000123",
    3: "1.0",
    6: {0: 1, 1: 2},
    7: {0: 0, 1: 0},
    8: {0: 0, 1: 0},
    9: 0,
    10: 15,
    14: "+01:00",
    15: "Europe/Berlin",
    17: "Conformance Device",
    18: "hw-1",
    19: "sw-1",
    20: 0,
    21: 64,
    22: {0: ObjectLink(65535, 65535)},
}
DEVICE_EXECUTABLES = (5, 12)
# What such a device measures, so that there is something to notify: voltages in mV, currents in mA.
MEASURED: dict[int, dict[int, int]] = {7: {0: 3800, 1: 5000}, 8: {0: 125, 1: 900}}
MEASURE_EVERY_S = 1.0


def add_parser(commands: Any) -> None:
    """Adds the command line of this command."""
    parser = commands.add_parser(
        "client",
        help="a device: registers with a server and answers it",
        description="Runs an LwM2M client. Without --object and --set it is a device worth looking at.",
        epilog="Commands: "
        + "; ".join([*USAGES, "help", "quit"])
        + ". Paths may be written with names: Device/0/Manufacturer.",
    )
    parser.add_argument(
        "--endpoint", metavar="EP", default=socket.gethostname(), help="endpoint name (default: %(default)s)"
    )
    parser.add_argument("--server", metavar="URI", required=True, help="the server, such as coap://localhost")
    parser.add_argument(
        "--lifetime", metavar="S", type=_lifetime, default=86400, help="seconds (default: %(default)s)"
    )
    parser.add_argument(
        "--binding", choices=("U", "UQ", "S", "SQ", "US", "UQS"), default="U", help="(default: U)"
    )
    parser.add_argument(
        "--object",
        metavar="ID|FILE[=COUNT]",
        action="append",
        type=split_count,
        default=[],
        dest="objects",
        help="have an object that linnet or a definition file knows, with so many instances",
    )
    parser.add_argument(
        "--set",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        dest="values",
        help="have a resource, and its value",
    )
    parser.add_argument("--local", metavar="HOST:PORT", help="where to send from (default: any port)")
    add_common(parser)
    parser.set_defaults(run=run)


def _lifetime(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 2**32:
        raise argparse.ArgumentTypeError(f"{text!r}: a lifetime is 1 to 4294967295 seconds")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Runs until it is told to end."""
    asyncio.run(_run(options))
    return 0


async def _run(options: argparse.Namespace) -> None:
    session = Session(options, "client")
    client = Client(
        options.endpoint,
        options.server,
        lifetime=options.lifetime,
        binding=options.binding,
        local=options.local,
        models=tuple(options.models),
    )
    try:
        measuring = _furnish(client, options)
        face = _Face(session, client)
        set_verbosity(client, options.verbose)
        session.show(
            {"event": "ready", "endpoint": client.endpoint, "listen": [f"coap://{client.local}"]},
            f"[bold]{_escape(client.endpoint)}[/bold] has {' '.join(client.instances())}; "
            "[green]help[/green] shows the commands",
        )
        client.start()
        task = asyncio.ensure_future(_measure(client)) if measuring else None
        await session.run(face.queue)
        if task is not None:
            task.cancel()
    finally:
        await client.stop()


def _furnish(client: Client, options: argparse.Namespace) -> bool:
    """Gives the client its objects and values. True: the device of configuration C.6, which measures."""
    for what, count in options.objects:
        for object_id in _objects_of(client.model, what):
            client.add_object(object_id, *range(count))
    for text in options.values:
        path, value = split_assignment(text)
        _set(client, path, value)
    if options.objects or options.values:
        return False
    server, device = client.instance(1), client.device
    for instance, resources, executables in (
        (server, SERVER_RESOURCES, SERVER_EXECUTABLES),
        (device, DEVICE_RESOURCES, DEVICE_EXECUTABLES),
    ):
        for id, value in resources.items():
            instance[id] = value
        for id in executables:
            instance.offer(id)
    return True


def _objects_of(model: Model, what: str) -> list[int]:
    """The objects that ``--object`` names; a file brings its definitions along."""
    if what.isdigit() or (not os.path.exists(what) and what in model):
        return [model[what].id]
    model.load(what)
    return [int(found) for found in re.findall(rb"<ObjectID>\s*(\d+)", Path(what).read_bytes())]


def _set(client: Client, path: str, text: str) -> None:
    path = client.model.path(path)
    ids = ids_of(path)
    if len(ids) >= 2 and path_of(*ids[:2]) not in client.instances():
        client.add_object(ids[0], ids[1])
    if is_executable(client.model, path):
        client.instance(ids[0], ids[1]).offer(ids[2])
    else:
        client.set(path, value_of(client.model, path, text))


async def _measure(client: Client) -> None:
    """Moves what the device measures."""
    while not client.closed:
        await asyncio.sleep(MEASURE_EVERY_S)
        for id, values in MEASURED.items():
            for index, middle in values.items():
                client.set(f"/3/0/{id}/{index}", middle + random.randint(-middle // 100, middle // 100))


class _Face:
    """Commands and events of a client."""

    def __init__(self, session: Session, client: Client) -> None:
        self.session, self.client = session, client
        self.registered = False  # ever
        handlers = (self.get, self.set, self.create, self.delete, self.update, self.deregister, self.status)
        for usage, handler in zip(USAGES, handlers):
            session.command(usage, handler)
        session.command("help", session.help)
        session.command("quit", session.quit_command)
        session.completions = client.instances
        for kind in (EventKind.REGISTERED, EventKind.UPDATED, EventKind.DEREGISTERED):
            client.on(kind, self.registration_event)
        for kind in (EventKind.WRITE, EventKind.EXECUTE, EventKind.CREATE, EventKind.DELETE):
            client.on(kind, self.changed)
        client.on(EventKind.ERROR, self.failed)

    @staticmethod
    def queue(line: Line) -> str:
        """Commands to the device itself run one after the other."""
        return ""

    # ---- events

    def registration_event(self, event: Event) -> None:
        """The registration with a server changed."""
        server = event.registration
        self.registered = True
        made = {**output.json_event(event), "endpoint": self.client.endpoint, "server": server}
        words = f"{event.kind.value} with server {server}"
        if event.kind is not EventKind.DEREGISTERED:
            made.update(
                location=self.client.location(server),
                lifetime=self.lifetime(server),
                binding=self.account(server, 7),
                objects=self.client.instances(),
            )
            words += f" at {made['location']}, lifetime {made['lifetime']} s"
        self.session.show(made, words)

    def account(self, server: int, resource: int) -> Any:
        """A resource of the Server instance of a Short Server ID."""
        for path in self.client.instances():
            if path.startswith("/1/") and self.client.get(f"{path}/0") == server:
                return self.client.get(f"{path}/{resource}")
        return None

    def lifetime(self, server: int) -> int:
        """The lifetime that the server was told."""
        return int(self.account(server, 1) or 0)

    def changed(self, event: Event) -> None:
        """A server wrote, executed, created or deleted."""
        words: Any = (
            f"server {event.registration}: {event.kind.value} {event_words(event, self.client.model)}"
        )
        if event.kind is EventKind.EXECUTE and event.text:
            words += _escape(f" ({event.text})")
        for record in event.records:
            words += _escape(f"\n    {record.path} = {output.show_value(record.value, record.type)}")
        self.session.show({**output.json_event(event), "endpoint": self.client.endpoint}, words)

    def failed(self, event: Event) -> None:
        """A registration failed, or something else that nobody asked for."""
        made = {**output.json_event(event), "endpoint": self.client.endpoint}
        error = event.error
        if isinstance(error, UnknownHost) and not self.registered:
            self.session.fail(error)  # a mistake of whoever typed the name, rather than bad weather
        if self.session.json or not isinstance(error, UnknownHost):
            self.session.show(made, f"[red]{_escape(event.text)}[/red]")

    # ---- commands

    async def get(self, line: Line) -> Answer:
        """What the device has."""
        records = self.client.records(line.words[1])
        words = None if self.session.json else output.table_of(records, self.client.model)
        return {"records": output.json_records(records)}, words

    async def set(self, line: Line) -> Answer:
        """Gives a resource a value."""
        if len(line.words) < 3:
            raise IndexError
        _set(self.client, line.words[1], line.rest(2))
        return {}, None

    async def create(self, line: Line) -> Answer:
        """Makes an instance."""
        object_id, instance = self.client.model[line.words[1]].id, int(line.words[2])
        if path_of(object_id, instance) in self.client.instances():
            raise Exists(f"{path_of(object_id, instance)} exists already")
        self.client.add_object(object_id, instance)
        return {"path": path_of(object_id, instance)}, None

    async def delete(self, line: Line) -> Answer:
        """Removes an instance."""
        self.client.remove(path_of(self.client.model[line.words[1]].id, int(line.words[2])))
        return {}, None

    async def update(self, line: Line) -> Answer:
        """Sends an Update; registers again after "deregister"."""
        if self.client.state() == "idle":
            self.client.start()
        else:
            self.client.update()
        return {}, None

    async def deregister(self, line: Line) -> Answer:
        """Leaves; "update" brings it back."""
        self.client.deregister()
        return {}, None

    async def status(self, line: Line) -> Answer:
        """How it stands with the server."""
        client = self.client
        facts = {
            "endpoint": client.endpoint,
            "state": client.state(),
            "location": client.location(),
            "lifetime": self.lifetime(1),
            "next_update": None if client.next_update() is None else round(client.next_update() or 0, 1),
            "objects": client.instances(),
        }
        return facts, "\n".join(f"{name}: {_escape(str(value))}" for name, value in facts.items())
