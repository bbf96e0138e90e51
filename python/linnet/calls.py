# SPDX-License-Identifier: Apache-2.0
"""What a server asks of a device, as data: made here once, sent and waited for by both faces."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Optional, TypeVar, Union

from . import _core
from .errors import Error, InvalidArgument, TimeoutError, from_status
from .events import Event, Notification
from .model import Model
from .values import Record, ids_of, path_of, unpack

R = TypeVar("R")

#: Content formats by the names that people use; "any", to read in, is the one that the device prefers.
FORMATS: dict[str, int] = {
    "text": _core.FORMAT_TEXT,
    "link": _core.FORMAT_LINK,
    "opaque": _core.FORMAT_OPAQUE,
    "tlv": _core.FORMAT_TLV,
    "json": _core.FORMAT_JSON,
    "any": _core.FORMAT_ANY,
}
#: Over what a device is asked: None is what it registered over.
CHANNELS: dict[str | None, int] = {
    None: _core.CHANNEL_REGISTERED,
    "udp": _core.CHANNEL_UDP,
    "sms": _core.CHANNEL_SMS,
}
#: What is written: a value, ``{resource: value}`` for an instance, ``{index: value}`` for a multiple one.
Payload = Any
#: The arguments of an Execute: ``{0: "now"}``, or as they are written: ``"0='now'"``.
Arguments = Union[Mapping[int, Optional[str]], str, None]


@dataclass(frozen=True)
class Call(Generic[R]):
    """One request. `result` makes of the response what the caller gets."""

    verb: str
    operation: int
    path: str
    result: Callable[[Event], R]
    values: list[tuple[str, Any]] | None = None
    text: str | None = None
    format: int = _core.FORMAT_NONE
    channel: int = _core.CHANNEL_REGISTERED

    def describe(self, endpoint: str) -> str:
        """Words for error messages: ``read /3/0/0 of kitchen``."""
        return f"{self.verb} {self.path} of {endpoint}"

    def finish(self, endpoint: str, event: Event) -> R:
        """The result, or the exception that fits the response."""
        if event.status >= 0:
            return self.result(event)
        raise self.failure(endpoint, event)

    def failure(self, endpoint: str, event: Event) -> Error:
        """The exception that fits a response; the C library has said what was done to which path of whom."""
        words = event.text or f"{self.describe(endpoint)}: {_core.status_text(event.status)}"
        return from_status(event.status, words, event.code)


def timed_out(call: Call[Any], endpoint: str, timeout: float | None) -> TimeoutError:
    """The caller's own time-out elapsed."""
    return TimeoutError(f"{call.describe(endpoint)}: no answer within {timeout:g} s")


@dataclass(frozen=True)
class Link:
    """An object, instance or resource that Discover found or a registration lists, and its attributes."""

    path: str
    attributes: dict[str, str | int | float] = field(default_factory=dict)


def _attribute(text: str | None) -> str | int | float:
    if text is None:
        return ""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def links_of(text: str, root: str = "") -> list[Link]:
    """Link-format as links; what lies outside the root or is no path is left out."""
    return [
        # A version stays text: "1.0" is no number.
        Link(path, {name: value or "" if name == "ver" else _attribute(value) for name, value in attributes})
        for _, path, attributes in _core.link_parse(text.encode(), root)
        if path not in (None, "/")
    ]


def format_of(name: str | int | None) -> int:
    """A content format by name or number; None lets linnet choose."""
    if name is None:
        return _core.FORMAT_NONE
    if isinstance(name, int):
        return name
    if not isinstance(name, str) or name.lower() not in FORMATS:
        raise InvalidArgument(f"no format {name!r}; there are {', '.join(FORMATS)}")
    return FORMATS[name.lower()]


def arguments_text(arguments: Arguments) -> str:
    """``{0: "now", 2: None}`` as ``"0='now',2"``."""
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return ",".join(f"{digit}='{text}'" if text else str(digit) for digit, text in arguments.items())


def attributes_text(attributes: Mapping[str, int | float | str | None]) -> str:
    """``{"pmin": 1, "gt": None}`` as ``"pmin=1&gt"``: None takes an attribute away."""
    return "&".join(
        name if value is None else f"{name}={_number(value)}" for name, value in attributes.items()
    )


def _number(value: int | float | str) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


class Calls:
    """Makes calls, with paths and resources by id or name."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def path(self, path: str) -> str:
        """A path written with ids or names."""
        return self._model.path(path)

    def read(self, path: str, format: str | int | None = None) -> Call[Any]:
        """Its result is the value, or a dictionary of values by path."""
        path = self.path(path)
        return Call(
            "read",
            _core.OPERATION_READ,
            path,
            lambda event: unpack(path, event.records),
            format=format_of(format),
        )

    def read_records(self, path: str, format: str | int | None = None) -> Call[tuple[Record, ...]]:
        """The same with the records as they came."""
        path = self.path(path)
        return Call("read", _core.OPERATION_READ, path, lambda event: event.records, format=format_of(format))

    def write(
        self, path: str, value: Payload, replace: bool = False, format: str | int | None = None
    ) -> Call[None]:
        """A resource, or several of an instance; those are updated unless the instance is to be replaced."""
        path = self.path(path)
        instance = len(ids_of(path)) == 2
        operation = _core.OPERATION_UPDATE if instance and not replace else _core.OPERATION_WRITE
        return Call("write", operation, path, _nothing, self._values(path, value), format=format_of(format))

    def execute(self, path: str, arguments: Arguments = None) -> Call[None]:
        """Arguments have one digit as key."""
        return Call(
            "execute", _core.OPERATION_EXECUTE, self.path(path), _nothing, text=arguments_text(arguments)
        )

    def create(self, path: str, values: Mapping[Any, Any] | None, format: str | int | None) -> Call[str]:
        """Its result is the path of the new instance. Without an instance in the path the client chooses."""
        path = self.path(path)
        ids = ids_of(path)
        if len(ids) not in (1, 2):
            raise InvalidArgument(f"create {path}: the path names an object, or the new instance")
        instance = path_of(ids[0], ids[1] if len(ids) == 2 else 0xFFFF)
        payload = self._values(instance, values or {})
        return Call(
            "create",
            _core.OPERATION_CREATE,
            path_of(ids[0]),
            lambda event: event.path if len(ids_of(event.path)) == 2 else path,
            payload,
            format=format_of(format),
        )

    def delete(self, path: str) -> Call[None]:
        """An instance goes."""
        return Call("delete", _core.OPERATION_DELETE, self.path(path), _nothing)

    def discover(self, path: str, root: str) -> Call[list[Link]]:
        """Its result is what there is, with attributes."""
        return Call(
            "discover", _core.OPERATION_DISCOVER, self.path(path), lambda event: links_of(event.text, root)
        )

    def attributes(self, path: str, attributes: Mapping[str, int | float | str | None]) -> Call[None]:
        """Notification attributes: pmin, pmax, gt, lt, st."""
        text = attributes_text(attributes)
        return Call(
            "write attributes to", _core.OPERATION_WRITE_ATTRIBUTES, self.path(path), _nothing, text=text
        )

    def observe(self, path: str, format: str | int | None = None) -> Call[Notification]:
        """Its result is the first value."""
        path = self.path(path)
        return Call(
            "observe",
            _core.OPERATION_OBSERVE,
            path,
            lambda event: Notification(path, event.records),
            format=format_of(format),
        )

    def _values(self, path: str, value: Payload) -> list[tuple[str, Any]]:
        if len(ids_of(path)) == 2:
            if not isinstance(value, Mapping):
                raise InvalidArgument(f"write {path}: an instance takes a dictionary of resources")
            found: list[tuple[str, Any]] = []
            for key, item in value.items():
                found += self._values(self._below(path, key), item)
            return found or [(path, None)]
        if isinstance(value, Mapping):
            return [(f"{path}/{index}", item) for index, item in value.items()] or [(path, {})]
        return [(path, value)]

    def _below(self, path: str, key: int | str) -> str:
        if isinstance(key, int) or re.fullmatch(r"\d+", key):
            return f"{path}/{key}"
        if key.startswith("/"):
            if not key.startswith(path + "/"):
                raise InvalidArgument(f"{key} is not below {path}")
            return key
        return self.path(f"{path}/{key}")


def _nothing(_: Event) -> None:
    return None
