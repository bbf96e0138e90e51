# SPDX-License-Identifier: Apache-2.0
"""What happened: events of clients and servers, as plain objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from . import _core
from .errors import Error, from_status
from .values import Record, records_of, unpack


class EventKind(str, Enum):
    """The kinds of events; each is equal to its name on the command line, e.g. ``"registered"``."""

    QUESTION = "question"
    REGISTERED = "registered"
    UPDATED = "updated"
    DEREGISTERED = "deregistered"
    EXPIRED = "expired"
    RESPONSE = "response"
    NOTIFY = "notify"
    OBSERVATION_ENDED = "observation-ended"
    WRITE = "write"
    EXECUTE = "execute"
    CREATE = "create"
    DELETE = "delete"
    BOOTSTRAP_STARTED = "bootstrap-started"
    BOOTSTRAP_FINISHED = "bootstrap-finished"
    ERROR = "error"
    LOG = "log"
    ASLEEP = "asleep"
    AWAKE = "awake"
    QUEUED = "queued"
    TRIGGER_WANTED = "trigger-wanted"

    def __str__(self) -> str:
        return self.value


_ARGUMENT = re.compile(r"(\d)(?:='([^']*)')?")


def arguments_of(text: str) -> dict[int, str]:
    """The arguments of an Execute: ``"0='now',2"`` is ``{0: "now", 2: ""}``."""
    return {int(digit): value for digit, value in _ARGUMENT.findall(text)}


def code_text(number: int) -> str:
    """405 as ``"4.05"``; "" for 0."""
    return f"{number // 100}.{number % 100:02}" if number else ""


def code_name(number: int) -> str:
    """405 as ``"4.05 Method Not Allowed"``."""
    return _core.code_name((number // 100) << 5 | number % 100) or code_text(number)


@dataclass(frozen=True)
class Event:
    """Something that happened. Fields that say nothing about this kind of event are empty."""

    kind: EventKind
    endpoint: str = ""
    path: str = "/"
    #: The CoAP code, e.g. "4.05".
    code: str = ""
    #: Words for people, the arguments of an Execute, or link-format.
    text: str = ""
    records: tuple[Record, ...] = ()
    #: Server: the number of the registration. Client: the Short Server ID.
    registration: int = 0
    request: int = 0
    operation: int = 0
    format: int = -1
    status: int = 0
    #: Why there is no session on coaps, e.g. "unknown-identity"; "" for anything else.
    cause: str = ""
    level: int = 0
    source: int = 0

    @property
    def error(self) -> Error | None:
        """What went wrong, or None."""
        if self.status >= 0:
            return None
        return from_status(self.status, self.text or _core.status_text(self.status), self.code, self.cause)

    @property
    def arguments(self) -> dict[int, str]:
        """The arguments of an Execute."""
        return arguments_of(self.text) if self.kind is EventKind.EXECUTE else {}

    @property
    def value(self) -> object:
        """The records as a read of the path would give them."""
        return unpack(self.path, self.records)


_KINDS = {
    number: EventKind(name) for number in range(256) if (name := _core.event_kind_name(number)) != "unknown"
}


def event_of(fields: _core.EventFields) -> Event:
    """An event as C gives it."""
    return Event(
        kind=_KINDS[fields["kind"]],
        endpoint=fields["endpoint"],
        path=fields["path"],
        code=code_text(fields["code"]),
        text=fields["text"],
        records=records_of(fields["records"]),
        registration=fields["registration"],
        request=fields["request"],
        operation=fields["operation"],
        format=fields["format"],
        status=fields["status"],
        cause=_core.cause_name(fields["cause"]) if fields["cause"] else "",
        level=fields["level"],
        source=fields["source"],
    )


@dataclass(frozen=True)
class Notification:
    """One value of an observation."""

    path: str
    records: tuple[Record, ...]

    @property
    def value(self) -> object:
        """The value of the resource, or ``{path: value}`` of an instance or object."""
        return unpack(self.path, self.records)
