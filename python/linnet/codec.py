# SPDX-License-Identifier: Apache-2.0
"""Payloads and messages taken apart and put together, for tools and tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from . import _core
from .calls import FORMATS, Link, format_of, links_of
from .errors import InvalidArgument, Malformed, UnsupportedFormat
from .events import code_text
from .model import Model
from .values import Record, Type, ids_of, records_of

__all__ = ["FORMATS", "Message", "Option", "decode", "decode_links", "encode", "parse_message", "parse_value"]

_MESSAGE_TYPES = ("CON", "NON", "ACK", "RST")


def decode(data: bytes, format: str | int, path: str = "/", model: Model | None = None) -> tuple[Record, ...]:
    """The records of a payload that was read from, or is written to, `path`.

    `format` is tlv, json, text or opaque, or a number. Types come from the model::

        linnet.decode(bytes.fromhex("c800144f70656e204d6f62696c6520416c6c69616e6365"), "tlv", "/3/0")
    """
    model = model or Model()
    batch = _core.Batch(_core.Loop(bytes(_core.SEED_SIZE)))
    batch.decode(model._core, format_of(format), path, data)
    return records_of(batch.records())


def encode(
    records: Iterable[Record | tuple[str, Any]],
    format: str | int,
    path: str = "/",
    model: Model | None = None,
) -> bytes:
    """A payload of `path` from records, or from (path, value). Values get the types that the model knows."""
    model = model or Model()
    batch = _core.Batch(_core.Loop(bytes(_core.SEED_SIZE)))
    for record in records:
        at, value = record if isinstance(record, tuple) else (record.path, cast(Any, record.value))
        typed = len(ids_of(at)) >= 3 and value not in ({}, None)
        batch.add(at, cast(Any, model._core.check(at, value)) if typed else value)
    return batch.encode(format_of(format), path)


def decode_links(data: bytes | str, root: str = "") -> list[Link]:
    """The links of a link-format text whose targets are paths below `root`."""
    return links_of(data if isinstance(data, str) else data.decode("utf-8"), root)


def parse_value(type: Type | int, text: str) -> Any:
    """A value as people write it: ``22.5``, ``true``, Base64 for opaque, ``3:0`` for links."""
    return _core.value_parse(type, text, _core.Batch(_core.Loop(bytes(_core.SEED_SIZE))))


@dataclass(frozen=True)
class Option:
    """An option of a CoAP message. `name` is "" for an unknown number."""

    number: int
    name: str
    data: bytes
    #: The data as its format has it: int, str or bytes; None for an empty option.
    value: int | str | bytes | None


@dataclass(frozen=True)
class Message:
    """A CoAP message."""

    type: str
    #: "0.01" for GET, "2.05", ...
    code: str
    #: "GET", "2.05 Content", ...; "" for an unknown code.
    name: str
    message_id: int
    token: bytes
    options: tuple[Option, ...]
    payload: bytes

    def option(self, name: str) -> list[Any]:
        """The values of all options of a name, e.g. ``option("Uri-Path")``."""
        return [option.value for option in self.options if option.name == name]

    @property
    def path(self) -> str:
        """The Uri-Path options as a path."""
        return "/" + "/".join(map(str, self.option("Uri-Path")))

    @property
    def content_format(self) -> int | None:
        """The number of the content format; None if the message does not say."""
        found = self.option("Content-Format")
        return found[0] if found else None


def _option(number: int, data: bytes) -> Option:
    kind = _core.option_format(number)
    value: int | str | bytes | None = data
    if kind == "u":
        value = int.from_bytes(data, "big")
    elif kind == "s":
        value = data.decode("utf-8", "replace")
    elif kind == "e":
        value = None
    return Option(number, _core.option_name(number) or "", data, value)


def parse_message(data: bytes) -> Message:
    """Takes a CoAP datagram apart. Malformed: it is none."""
    try:
        fields = _core.message_parse(data)
    except (Malformed, UnsupportedFormat):
        fault, sound = _core.message_fault(data)
        raise Malformed(f"not a CoAP message: at byte {sound}, {fault}") from None
    code = fields["code"]
    return Message(
        type=_MESSAGE_TYPES[fields["type"]],
        code=code_text((code >> 5) * 100 + (code & 31)) or "0.00",
        name=_core.code_name(code),
        message_id=fields["message_id"],
        token=fields["token"],
        options=tuple(_option(number, value) for number, value in fields["options"]),
        payload=fields["payload"],
    )


def format_name(number: int) -> str:
    """The name of a content format: tlv for 11542; the number for what is none of ours."""
    for name, known in FORMATS.items():
        if known == number:
            return name
    if number < 0:
        raise InvalidArgument("no format")
    return str(number)
