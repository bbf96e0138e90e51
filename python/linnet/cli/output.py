# SPDX-License-Identifier: Apache-2.0
"""How the command shows things: one JSON object a line for programs, tables for people."""

from __future__ import annotations

import base64
import datetime
import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..calls import Link
from ..events import Event, EventKind
from ..model import Model
from ..values import ObjectLink, Record, Type, ids_of

if TYPE_CHECKING:
    from rich.console import Console

    from ..devices import BaseDevice


def words_of(error: BaseException) -> str:
    """What to tell people of an error."""
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror.lower()}"
    return str(error) or type(error).__name__


# ---- JSON


def json_value(value: Any) -> dict[str, Any]:
    """``{"value": ...}``, or ``{"opaque": Base64}``."""
    if isinstance(value, (bytes, bytearray)):
        return {"opaque": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return {"value": int(value.timestamp())}
    return {"value": str(value) if isinstance(value, ObjectLink) else value}


def json_records(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Records as the command line's JSON has them."""
    return [
        {"path": record.path, **json_value(record.value)}
        for record in records
        if record.type is not Type.NONE
    ]


def json_links(links: Iterable[Link]) -> list[dict[str, Any]]:
    """Links likewise."""
    return [{"path": link.path, "attributes": link.attributes} for link in links]


def json_event(event: Event) -> dict[str, Any]:
    """What every event of a kind has in common on both sides."""
    made: dict[str, Any] = {"event": event.kind.value}
    if event.endpoint:
        made["endpoint"] = event.endpoint
    if event.kind in (
        EventKind.NOTIFY,
        EventKind.WRITE,
        EventKind.EXECUTE,
        EventKind.CREATE,
        EventKind.DELETE,
    ):
        made["path"] = event.path
    if event.kind in (EventKind.NOTIFY, EventKind.WRITE, EventKind.CREATE):
        made["records"] = json_records(event.records)
    if event.kind is EventKind.EXECUTE:
        made["args"] = {str(digit): text for digit, text in event.arguments.items()}
    if event.kind in (EventKind.OBSERVATION_ENDED, EventKind.QUEUED):
        made["path"] = event.path
    if event.kind is EventKind.RESPONSE:
        made.update({"path": event.path, "ok": event.error is None})
        if event.code:
            made["code"] = event.code
        if event.records:
            made["records"] = json_records(event.records)
        if event.error is not None:
            made["error"] = str(event.error)
    if event.kind is EventKind.ERROR:
        made["error"] = event.text or "failed"
        if event.code:
            made["code"] = event.code
        if event.cause:
            made["cause"] = event.cause
    return made


def print_json(line: dict[str, Any]) -> None:
    """One line, at once."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


# ---- people


def console() -> Console:
    """Where people read; colours only on a terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)


def printable(text: str) -> str:
    """What a peer says, without anything that would steer the terminal."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


def show_value(value: Any, kind: Type = Type.NONE, units: str = "") -> str:
    """A value for people."""
    if isinstance(value, (bytes, bytearray)):
        shown = value[:32].hex(" ") + (" ..." if len(value) > 32 else "")
        return f"{shown} ({len(value)} bytes)" if value else "(empty)"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if kind is Type.TIME and isinstance(value, int):
        return f"{value} ({_time(value)})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value == {}:
        return "(no instances)"
    return printable(f"{value} {units}".rstrip())


def _time(seconds: int) -> str:
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime(
            "%Y-%m-%d %H:%M:%S UTC"
        )
    except (OverflowError, ValueError, OSError):
        return "not a date"


def table_of(records: Iterable[Record], model: Model, title: str = "") -> Any:
    """Records with the names that the model knows."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("path", style="cyan", no_wrap=True)
    table.add_column("name")
    table.add_column("value", overflow="fold")
    for record in records:
        if record.type is Type.NONE:
            continue
        resource = model.resource(record.path)
        value = show_value(record.value, record.type, resource.units if resource else "")
        table.add_row(record.path, model.name(record.path), Text(value, style="bold"))
    return table


def devices_table(devices: Iterable[BaseDevice]) -> Any:
    """Who is registered."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("endpoint", style="bold", overflow="fold")
    table.add_column("address", style="cyan")
    table.add_column("lifetime", justify="right")
    table.add_column("binding")
    table.add_column("waiting", justify="right")
    table.add_column("objects", overflow="fold")
    for device in devices:
        state = "" if device.awake else " asleep"
        table.add_row(
            Text(printable(device.endpoint)),
            device.address,
            f"{device.lifetime} s",
            device.binding + state,
            str(device.queued or ""),
            " ".join(device.objects),
        )
    return table


def commands_table(usages: Iterable[tuple[str, str]]) -> Any:
    """Commands and what they do."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="green", overflow="fold")
    table.add_column(overflow="fold")
    for usage, meaning in usages:
        name, _, rest = usage.partition(" ")
        table.add_row(Text.assemble(name, (f" {rest}" if rest else "", "default")), meaning)
    return table


def accounts_table(devices: Iterable[dict[str, Any]]) -> Any:
    """Who is given which servers, and how that went last."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("endpoint", style="bold", overflow="fold")
    table.add_column("servers", overflow="fold")
    table.add_column("address", style="cyan")
    table.add_column("last time")
    for device in devices:
        went = (
            {True: "bootstrapped", False: "failed", None: "under way"}[device["ok"]] if "ok" in device else ""
        )
        table.add_row(
            Text(printable(device["endpoint"])),
            Text(printable(" ".join(device["servers"]))),
            device.get("address", ""),
            Text(went, style="red" if went == "failed" else ""),
        )
    return table


def show_attributes(link: Link) -> str:
    """``pmin=1 gt=5``."""
    return " ".join(name if value == "" else f"{name}={value}" for name, value in link.attributes.items())


def links_table(links: Iterable[Link], model: Model) -> Any:
    """Links with names and attributes."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("path", style="cyan", no_wrap=True)
    table.add_column("name")
    table.add_column("attributes", style="green")
    for link in links:
        table.add_row(
            link.path, model.name(link.path) if len(ids_of(link.path)) != 2 else "", show_attributes(link)
        )
    return table
