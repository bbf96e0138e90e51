# SPDX-License-Identifier: Apache-2.0
"""Payloads as the scripted peers write and read them: text, TLV, JSON, links. Independent of linnet.

Values travel as ``{path: value}`` with the ids of the path as a tuple, e.g. ``{(3, 0, 11, 0): 0}``. An empty
multiple resource or instance is a path that maps to ``EMPTY``.
"""

from __future__ import annotations

import base64
import json
import re
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .coap import JSON, LINKS, OPAQUE, TEXT, TLV, FormatError

Ids = tuple[int, ...]
Values = dict[Ids, object]
#: Says of what type a resource is: string, integer, float, boolean, opaque, time, objlnk.
TypeOf = Callable[[Ids], str]

EMPTY = ()
INSTANCE, RESOURCE_INSTANCE, MULTIPLE, RESOURCE = range(4)


def ids_of(path: str) -> Ids:
    """``"/3/0"`` as ``(3, 0)``."""
    return tuple(int(part) for part in path.split("/") if part)


def path_of(ids: Iterable[int]) -> str:
    """``(3, 0)`` as ``"/3/0"``."""
    return "/" + "/".join(map(str, ids))


# ---- single values


def value_bytes(kind: str, value: object) -> bytes:
    """A value as it stands in TLV (digest 1.3)."""
    if kind == "string":
        return str(value).encode()
    if kind in ("integer", "time"):
        size = next(size for size in (1, 2, 4, 8) if -(1 << 8 * size - 1) <= int(value) < 1 << 8 * size - 1)
        return int(value).to_bytes(size, "big", signed=True)
    if kind == "float":
        short = struct.pack(">f", value)
        return short if struct.unpack(">f", short)[0] == value else struct.pack(">d", value)
    if kind == "boolean":
        return bytes([bool(value)])
    if kind == "objlnk":
        return struct.pack(">HH", *map(int, str(value).split(":")))
    return bytes(value)


def value_of(kind: str, data: bytes) -> object:
    """A value from TLV."""
    if kind == "string":
        return data.decode()
    if kind in ("integer", "time") and len(data) in (1, 2, 4, 8):
        return int.from_bytes(data, "big", signed=True)
    if kind == "float" and len(data) in (4, 8):
        return struct.unpack(">f" if len(data) == 4 else ">d", data)[0]
    if kind == "boolean" and data in (b"\0", b"\1"):
        return data == b"\1"
    if kind == "objlnk" and len(data) == 4:
        return "{}:{}".format(*struct.unpack(">HH", data))
    if kind == "opaque":
        return data
    raise FormatError(f"{data.hex()} is no {kind}")


def value_text(kind: str, value: object) -> str:
    """A value as plain text."""
    if kind == "boolean":
        return "1" if value else "0"
    if kind == "opaque":
        return base64.b64encode(bytes(value)).decode()
    return str(value)


def text_value(kind: str, text: str) -> object:
    """A value from plain text."""
    if kind in ("string", "objlnk"):
        return text
    if kind in ("integer", "time") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "float" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if kind == "boolean" and text in ("0", "1"):
        return text == "1"
    if kind == "opaque":
        return base64.b64decode(text, validate=True)
    raise FormatError(f"{text!r} is no {kind}")


# ---- TLV (digest 7.1)


@dataclass
class Entry:
    """One TLV entry; `data` of an instance or multiple resource is in `entries`, too."""

    kind: int
    id: int
    data: bytes
    entries: list[Entry] = field(default_factory=list)


def _entry(kind: int, id: int, data: bytes) -> bytes:
    head = kind << 6 | (0x20 if id > 255 else 0)
    ids = id.to_bytes(2 if id > 255 else 1, "big")
    size = 0 if len(data) < 8 else (len(data).bit_length() + 7) // 8
    length = len(data).to_bytes(size, "big") if size else b""
    return bytes([head | (size << 3 if size else len(data))]) + ids + length + data


def tlv_entries(data: bytes) -> list[Entry]:
    """The entries of a TLV payload, strictly."""
    found, at = [], 0
    while at < len(data):
        head = data[at]
        id_size, length_size = 2 if head & 0x20 else 1, head >> 3 & 3
        start = at + 1 + id_size + length_size
        if start > len(data):
            raise FormatError(f"TLV ends in the middle of a header: {data.hex()}")
        id = int.from_bytes(data[at + 1 : at + 1 + id_size], "big")
        length = int.from_bytes(data[at + 1 + id_size : start], "big") if length_size else head & 7
        if start + length > len(data):
            raise FormatError(f"TLV value is longer than the payload: {data.hex()}")
        entry = Entry(head >> 6, id, data[start : start + length])
        if entry.kind in (INSTANCE, MULTIPLE):
            entry.entries = tlv_entries(entry.data)
        if any(other.id == id and other.kind == entry.kind for other in found):
            raise FormatError(f"TLV has the id {id} twice: {data.hex()}")
        found.append(entry)
        at = start + length
    return found


def read_tlv(base: Ids, data: bytes, type_of: TypeOf) -> Values:
    """What a TLV payload says. FMT-10: instances are wrapped exactly where the path has none."""
    values: Values = {}
    for entry in tlv_entries(data):
        if (len(base) == 1) != (entry.kind == INSTANCE):
            raise FormatError(f"TLV entry of kind {entry.kind} in a payload for {path_of(base)}")
        if entry.kind == INSTANCE:
            if not entry.entries:
                values[(*base, entry.id)] = EMPTY
            for resource in entry.entries:
                _read_resource((*base, entry.id), resource, type_of, values)
        else:
            _read_resource(base[:2], entry, type_of, values)
    return values


def _read_resource(instance: Ids, entry: Entry, type_of: TypeOf, values: Values) -> None:
    path = (*instance, entry.id)
    if entry.kind == RESOURCE:
        values[path] = value_of(type_of(path), entry.data)
    elif entry.kind == MULTIPLE:
        if not entry.entries:
            values[path] = EMPTY
        for part in entry.entries:
            if part.kind != RESOURCE_INSTANCE:
                raise FormatError(f"TLV entry of kind {part.kind} in the multiple resource {path_of(path)}")
            values[(*path, part.id)] = value_of(type_of(path), part.data)
    else:
        raise FormatError(f"TLV entry of kind {entry.kind} in {path_of(instance)}")


def write_tlv(base: Ids, values: Values, type_of: TypeOf) -> bytes:
    """The payload for a path: values below it, wrapped as its depth asks."""

    def resource(path: Ids) -> bytes:
        if path in values:
            return _entry(RESOURCE, path[-1], value_bytes(type_of(path), values[path]))
        parts = [ids for ids in values if ids[:3] == path]
        body = [_entry(RESOURCE_INSTANCE, ids[3], value_bytes(type_of(path), values[ids])) for ids in parts]
        return _entry(MULTIPLE, path[-1], b"".join(body))

    def instance(path: Ids) -> bytes:
        resources = dict.fromkeys(ids[:3] for ids in values if ids[:2] == path)
        return b"".join(resource(ids) for ids in resources)

    if len(base) > 1:
        return instance(base[:2])
    instances = dict.fromkeys(ids[:2] for ids in values)
    return b"".join(_entry(INSTANCE, path[1], instance(path)) for path in instances)


# ---- JSON (digest 7.2)

_MEMBERS = {"string": "sv", "opaque": "sv", "objlnk": "ov", "boolean": "bv"}


def read_json(base: Ids, data: bytes, type_of: TypeOf) -> Values:
    """What a JSON payload says; its base name, if it has one, has to lie at or below the path."""
    parsed = json.loads(data)
    if not isinstance(parsed, dict) or not isinstance(parsed.get("e"), list):
        raise FormatError(f'no object with an array "e": {data!r}')
    start = parsed.get("bn", path_of(base))
    values: Values = {}
    for entry in parsed["e"]:
        path = ids_of(
            start + entry.get("n", "")
            if start.endswith("/") or not entry.get("n")
            else f"{start}/{entry['n']}"
        )
        if path[: len(base)] != base:
            raise FormatError(f"{path_of(path)} in a payload of {path_of(base)}")
        kind = type_of(path[:3])
        value = entry[_MEMBERS.get(kind, "v")]
        values[path] = base64.b64decode(value) if kind == "opaque" else value
    return values


def write_json(base: Ids, values: Values, type_of: TypeOf) -> bytes:
    """The payload for a path."""
    entries = []
    for path, value in values.items():
        kind = type_of(path[:3])
        shown = base64.b64encode(bytes(value)).decode() if kind == "opaque" else value
        entries.append({"n": "/".join(map(str, path[len(base) :])), _MEMBERS.get(kind, "v"): shown})
    document = {"bn": path_of(base) + "/", "e": entries}
    return json.dumps(document, separators=(",", ":")).encode()


# ---- any of them


def read(base: Ids, format: int | None, data: bytes, type_of: TypeOf) -> Values:
    """What a payload from a path says, in whatever format it says to be."""
    if format == TLV:
        return read_tlv(base, data, type_of)
    if format == JSON:
        return read_json(base, data, type_of)
    if format == TEXT and len(base) == 3:
        return {base: text_value(type_of(base), data.decode())}
    if format == OPAQUE and len(base) == 3:
        return {base: data}
    raise FormatError(f"Content-Format {format} for {path_of(base)}")


def write(base: Ids, format: int, values: Values, type_of: TypeOf) -> bytes:
    """The payload for a path."""
    if format == TLV:
        return write_tlv(base, values, type_of)
    if format == JSON:
        return write_json(base, values, type_of)
    (only,) = values
    return value_text(type_of(only), values[only]).encode()


# ---- links (RFC 6690)

Links = dict[str, dict[str, str]]
_LINK = re.compile(r'\s*(?:<([^>]*)>|(?=lwm2m="))((?:;?[^",;<]+(?:="[^"]*"|=[^",;]*)?)*)\s*(?:,|$)')


def read_links(text: str) -> Links:
    """``</3/0>;pmin=1`` as ``{"/3/0": {"pmin": "1"}}``; Bootstrap Discover begins with the link ""."""
    links: Links = {}
    at = 0
    while at < len(text):
        match = _LINK.match(text, at)
        if match is None or match.end() == at:
            raise FormatError(f"no link at {text[at:]!r}")
        target, attributes = match.group(1) or "", {}
        for part in filter(None, match.group(2).split(";")):
            name, _, value = part.partition("=")
            if name in attributes:
                raise FormatError(f"attribute {name} twice in {text!r}")
            attributes[name] = value.strip('"')
        if target in links:
            raise FormatError(f"link {target} twice in {text!r}")
        links[target] = attributes
        at = match.end()
    return links


__all__ = ["EMPTY", "JSON", "LINKS", "OPAQUE", "TEXT", "TLV", "Entry", "Values"]
