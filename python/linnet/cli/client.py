# SPDX-License-Identifier: Apache-2.0
"""``linnet client``: a device that registers and is there to be looked at, from a prompt or by a program."""

from __future__ import annotations

import argparse
import asyncio
import socket
from collections.abc import Iterable
from typing import Any

from ..aio import Client
from ..errors import Exists, UnknownHost
from ..events import Event, EventKind
from ..values import path_of
from . import output
from .access import add_client_keys
from .device import is_plain, make_client, measure, set_value
from .session import (
    Answer,
    Line,
    Session,
    _escape,
    add_common,
    event_words,
    number_of,
    split_count,
)
from .sms import add_sms_options

USAGES = (
    "get PATH",
    "set PATH VALUE",
    "create OBJ INST",
    "delete OBJ INST",
    "update",
    "deregister",
    "status",
)


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
    parser.add_argument(
        "--server",
        metavar="URI",
        help="the server, such as coap://localhost, coaps://localhost (with keys) or sms:+15550100",
    )
    parser.add_argument(
        "--bootstrap",
        metavar="URI",
        help="a bootstrap server, which is asked without --server, or when the registration fails",
    )
    parser.add_argument(
        "--lifetime", metavar="S", type=_lifetime, default=86400, help="seconds (default: %(default)s)"
    )
    parser.add_argument(
        "--binding",
        choices=("U", "UQ", "S", "SQ", "US", "UQS"),
        help="(default: U, or S for a server of which only the number is known)",
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
    parser.add_argument(
        "--store",
        metavar="DIR",
        help="keep accounts and what servers wrote in a file there; it comes before --server and --lifetime",
    )
    parser.add_argument(
        "--gpsd",
        metavar="HOST:PORT",
        nargs="?",
        const="localhost:2947",
        help="have a Location, which gpsd tells (default: %(const)s)",
    )
    parser.add_argument("--local", metavar="HOST:PORT", help="where to send from (default: any port)")
    add_sms_options(parser).add_argument(
        "--server-number", metavar="NUMBER", help="the number of a server that has a coap:// URI, too"
    )
    add_client_keys(parser)
    add_common(parser)

    def check_and_run(options: argparse.Namespace) -> int:
        if options.server is None and options.bootstrap is None:
            parser.error("say which server, such as --server coap://localhost, or --bootstrap URI")
        return run(options)

    parser.set_defaults(run=check_and_run)


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
    client = make_client(options)
    try:
        face = _Face(session, client, patient=options.bootstrap is not None)
        session.show(
            {
                "event": "ready",
                "endpoint": client.endpoint,
                "listen": list(client.listen),
            },
            f"[bold]{_escape(client.endpoint)}[/bold] has {' '.join(client.instances())}; "
            "[green]help[/green] shows the commands",
        )
        client.start()
        measuring = asyncio.ensure_future(measure(client)) if is_plain(options) else None
        await session.run(face.queue)
        if measuring is not None:
            measuring.cancel()
    finally:
        await client.stop()


class _Face:
    """Commands and events of a client."""

    def __init__(self, session: Session, client: Client, *, patient: bool) -> None:
        self.session, self.client = session, client
        #: A host name that nobody knows is no reason to end: ever registered, or a bootstrap server helps.
        self.patient = patient
        #: The servers that it is registered with.
        self.registered: set[int] = set()
        handlers = (self.get, self.set, self.create, self.delete, self.update, self.deregister, self.status)
        for usage, handler in zip(USAGES, handlers):
            session.command(usage, handler)
        session.command("help", session.help)
        session.command("quit", session.quit_command)
        session.candidates = self.candidates
        for kind in (EventKind.REGISTERED, EventKind.UPDATED, EventKind.DEREGISTERED):
            client.on(kind, self.registration_event)
        for kind in (EventKind.WRITE, EventKind.EXECUTE, EventKind.CREATE, EventKind.DELETE):
            client.on(kind, self.changed)
        for kind in (EventKind.BOOTSTRAP_STARTED, EventKind.BOOTSTRAP_FINISHED):
            client.on(kind, self.bootstrapped)
        client.on(EventKind.ERROR, self.failed)

    def candidates(self, words: list[str], word: str) -> Iterable[tuple[str, str]]:
        """Paths of the device."""
        from .completion import path_candidates

        takes_path = len(words) == 1 and words[0] in ("get", "set", "create", "delete")
        return path_candidates(self.client.model, self.client.instances(), word) if takes_path else ()

    @staticmethod
    def queue(line: Line) -> str:
        """Commands to the device itself run one after the other."""
        return ""

    # ---- events

    def registration_event(self, event: Event) -> None:
        """The registration with a server changed."""
        server = event.registration
        if event.kind is EventKind.DEREGISTERED:
            if server not in self.registered:
                return  # an attempt was given up: there is nobody who was left
            self.registered.discard(server)
        else:
            self.registered.add(server)
        self.patient = True
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

    def bootstrapped(self, event: Event) -> None:
        """The bootstrap server was asked, or has given accounts, or not."""
        made = {**output.json_event(event), "endpoint": self.client.endpoint}
        words = _escape(event.text)
        if event.kind is EventKind.BOOTSTRAP_FINISHED:
            made["ok"] = event.status >= 0
            if event.code:
                made["code"] = event.code
            if event.status < 0:
                made["error"] = event.text
                words = f"[red]{words}[/red]"
        self.session.show(made, words)

    def account(self, server: int, resource: int) -> Any:
        """A resource of the Server instance of a Short Server ID."""
        for path in self.client.instances():
            if path.startswith("/1/") and self.client.get(f"{path}/0") == server:
                return self.client.get(f"{path}/{resource}")
        return None

    def first_server(self) -> int:
        """The Short Server ID of the first server account."""
        accounts = [path for path in self.client.instances() if path.startswith("/1/")]
        return int(self.client.get(f"{accounts[0]}/0")) if accounts else 1

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
        if isinstance(error, UnknownHost) and not self.patient:
            self.session.fail(error)  # a mistake of whoever typed the name, rather than bad weather
        if self.session.json or not isinstance(error, UnknownHost):
            self.session.show(made, f"[red]{_escape(event.text)}[/red]")

    # ---- commands

    async def get(self, line: Line) -> Answer:
        """Shows what the device has."""
        records = self.client.records(line.words[1])
        words = None if self.session.json else output.table_of(records, self.client.model)
        return {"records": output.json_records(records)}, words

    async def set(self, line: Line) -> Answer:
        """Gives a resource a value."""
        if len(line.words) < 3:
            raise IndexError
        set_value(self.client, line.words[1], line.rest(2))
        return {}, None

    async def create(self, line: Line) -> Answer:
        """Makes an instance."""
        object_id, instance = self.client.model[line.words[1]].id, number_of(line.words[2])
        if path_of(object_id, instance) in self.client.instances():
            raise Exists(f"{path_of(object_id, instance)} exists already")
        self.client.add_object(object_id, instance)
        return {"path": path_of(object_id, instance)}, None

    async def delete(self, line: Line) -> Answer:
        """Removes an instance."""
        self.client.remove(path_of(self.client.model[line.words[1]].id, number_of(line.words[2])))
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
        """Shows how it stands with the server."""
        client, server = self.client, self.first_server()
        due = client.next_update(server)
        facts = {
            "endpoint": client.endpoint,
            "state": client.state(),
            "location": client.location(server),
            "lifetime": self.lifetime(server),
            "next_update": None if due is None else round(due, 1),
            "objects": client.instances(),
        }
        return facts, "\n".join(f"{name}: {_escape(str(value))}" for name, value in facts.items())
