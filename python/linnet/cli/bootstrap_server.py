# SPDX-License-Identifier: Apache-2.0
"""``linnet bootstrap-server``: gives devices that ask their accounts of servers, from a file."""

from __future__ import annotations

import argparse
import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from ..aio import BootstrapServer
from ..bootstrap import MEMORY
from ..calls import links_of
from ..credential_stores import StoredCredentials
from ..events import Event, EventKind
from . import output
from .access import Watch, add_access, credentials
from .listening import listen
from .session import Answer, Line, Session, _escape, add_common, set_verbosity
from .sms import add_sms_options, sms_of

USAGES = ("devices", "start EP ADDRESS", "reload")


def add_parser(commands: Any) -> None:
    """Adds the command line of this command."""
    parser = commands.add_parser(
        "bootstrap-server",
        help="a bootstrap server: gives devices their servers",
        description="Runs an LwM2M bootstrap server. docs/bootstrap.md says what may be in FILE.",
        epilog="Commands: " + "; ".join([*USAGES, "help", "quit"]) + ".",
    )
    parser.add_argument(
        "--listen",
        metavar="URI",
        action="append",
        default=[],
        help="where to listen; may be given several times (default: coap://[::]:5683, which hears IPv4, too)",
    )
    parser.add_argument("--config", metavar="FILE", required=True, help="what devices are given, in TOML")
    add_access(parser)
    add_sms_options(parser)
    add_common(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs until it is told to end."""
    asyncio.run(_serve(options))
    return 0


async def _serve(options: argparse.Namespace) -> None:
    session = Session(options, "bootstrap")
    models = tuple(options.models)
    store = credentials(options)
    bootstrap = listen(
        options,
        store,
        lambda uris: BootstrapServer(
            uris, options.config, models=models, sms=sms_of(options), credentials=store
        ),
    )
    watch = Watch(session, store)
    face = _Face(session, bootstrap, options.config)
    set_verbosity(bootstrap, options.verbose)
    async with bootstrap:
        session.show(
            {"event": "ready", "listen": list(bootstrap.listen), "devices": list(bootstrap.configurations)},
            f"listening on [bold]{', '.join(map(_escape, bootstrap.listen))}[/bold] for "
            f"{_escape(', '.join(bootstrap.configurations)) or 'nobody'}; "
            "[green]help[/green] shows the commands",
        )
        watching = asyncio.ensure_future(watch.run())
        await session.run(face.queue)
        watching.cancel()


class _Face:
    """Commands and events of a bootstrap server."""

    def __init__(self, session: Session, bootstrap: BootstrapServer, config: str) -> None:
        self.session, self.bootstrap, self.config = session, bootstrap, config
        #: Where the last devices were, and how it went; None while it is under way.
        self.seen: OrderedDict[str, tuple[str, bool | None]] = OrderedDict()
        for usage, handler in zip(USAGES, (self.devices, self.start, self.reload)):
            session.command(usage, handler)
        session.command("help", session.help)
        session.command("quit", session.quit_command)
        session.candidates = self.candidates
        bootstrap.on(EventKind.BOOTSTRAP_STARTED, self.started)
        bootstrap.on(EventKind.BOOTSTRAP_FINISHED, self.finished)
        bootstrap.on(EventKind.RESPONSE, self.discovered)
        bootstrap.on(EventKind.ERROR, self.failed)

    @staticmethod
    def queue(line: Line) -> str:
        """Commands run one after the other."""
        return ""

    def candidates(self, words: list[str], word: str) -> Iterable[tuple[str, str]]:
        """The names of devices that can be begun with, and where they were."""
        from .completion import matching

        if words == ["start"]:
            names = [name for name in self.bootstrap.configurations if not set(name) & set("*?[")]
            return matching(dict.fromkeys([*names, *self.seen]), word)
        if len(words) == 2 and words[0] == "start" and words[1] in self.seen:
            return matching([self.seen[words[1]][0]], word)
        return ()

    # ---- events

    def started(self, event: Event) -> None:
        """A device is being given what is there for it."""
        self.seen.pop(event.endpoint, None)
        self.seen[event.endpoint] = (event.text, None)
        if len(self.seen) > MEMORY:
            self.seen.popitem(last=False)
        made = {**output.json_event(event), "address": event.text, "request": event.request}
        self.session.show(made, f"[bold]{_escape(event.endpoint)}[/bold] begins at {_escape(event.text)}")

    def finished(self, event: Event) -> None:
        """It ended, well or not."""
        if event.endpoint in self.seen:
            self.seen[event.endpoint] = (self.seen[event.endpoint][0], event.status >= 0)
        made = {**output.json_event(event), "ok": event.status >= 0, "request": event.request}
        if event.code:
            made["code"] = event.code
        if event.status >= 0:
            words = f"[bold]{_escape(event.endpoint)}[/bold] is bootstrapped"
        else:
            made.update(error=event.text, path=event.path)
            words = f"[red]{_escape(event.text)}[/red]"
        self.session.show(made, words)

    def discovered(self, event: Event) -> None:
        """What a device has, before or afterwards."""
        links = links_of(event.text) if event.status >= 0 else []
        made = {"event": "discovered", "endpoint": event.endpoint, "request": event.request}
        made["links"] = output.json_links(links)
        paths = " ".join(link.path for link in links)
        words = f"{_escape(event.endpoint)} has {paths}" if links else None
        self.session.show(made, words)

    def failed(self, event: Event) -> None:
        """A device was refused, or something else that no command asked for."""
        self.session.show(output.json_event(event), f"[red]{_escape(event.text)}[/red]")

    # ---- commands

    async def devices(self, line: Line) -> Answer:
        """Shows who is given which servers, and how it went last."""
        facts = [self.facts(name) for name in dict.fromkeys([*self.bootstrap.configurations, *self.seen])]
        if self.session.json:
            return {"devices": facts}, None
        return {}, output.accounts_table(facts) if facts else "nothing is configured"

    def facts(self, name: str) -> dict[str, Any]:
        """A device, or the pattern of some."""
        configuration = self.bootstrap.configuration_of(name)
        servers = [] if configuration is None else [account.uri for account in configuration.servers]
        facts: dict[str, Any] = {"endpoint": name, "servers": servers}
        if name in self.seen:
            facts["address"], facts["ok"] = self.seen[name]
        return facts

    async def start(self, line: Line) -> Answer:
        """Begins with a device that did not ask."""
        endpoint, address = line.two()
        return {"request": self.bootstrap.start_bootstrap(endpoint, address)}, None

    async def reload(self, line: Line) -> Answer:
        """Reads the file again, in place of what was in it before."""
        self.bootstrap.reload(self.config)
        if isinstance(self.bootstrap.credentials, StoredCredentials):
            self.bootstrap.credentials.reload()
        names = list(self.bootstrap.configurations)
        return {"devices": names}, f"now for {_escape(', '.join(names)) or 'nobody'}"
