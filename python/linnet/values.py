# SPDX-License-Identifier: Apache-2.0
"""What resources hold: values, records, object links; and how paths are written."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, Union

from . import _core


class ObjectLink(NamedTuple):
    """A link to an object instance: the type Objlnk. ``ObjectLink(65535, 65535)`` is the null link."""

    object: int
    instance: int

    def __str__(self) -> str:
        return f"{self.object}:{self.instance}"


class Type(IntEnum):
    """The types of LwM2M. ``MULTIPLE`` is a multiple resource without instances, ``NONE`` no value."""

    NONE = _core.TYPE_NONE
    STRING = _core.TYPE_STRING
    INTEGER = _core.TYPE_INTEGER
    FLOAT = _core.TYPE_FLOAT
    BOOLEAN = _core.TYPE_BOOLEAN
    OPAQUE = _core.TYPE_OPAQUE
    TIME = _core.TYPE_TIME
    OBJLNK = _core.TYPE_OBJLNK
    MULTIPLE = _core.TYPE_MULTIPLE


#: What one resource (instance) can be given. A datetime becomes Unix seconds.
Value = Union[str, int, float, bool, bytes, ObjectLink, datetime.datetime]
#: A multiple resource: its values by resource instance id.
Values = Mapping[int, Value]


@dataclass(frozen=True)
class Record:
    """A value and where it stands. `value` is ``{}`` for a multiple resource without instances."""

    path: str
    value: object
    type: Type
    #: When it was measured, in Unix seconds; 0 if the payload does not say.
    time: float = 0.0


def records_of(raw: list[_core.RawRecord]) -> tuple[Record, ...]:
    """Records as C gives them."""
    return tuple(Record(path, value, Type(kind), time) for path, value, kind, time in raw)


def ids_of(path: str) -> tuple[int, ...]:
    """``"/3/0/1"`` as ``(3, 0, 1)``. The leading slash may be missing."""
    stripped = path.strip("/")
    return tuple(int(part) for part in stripped.split("/")) if stripped else ()


def path_of(*ids: int) -> str:
    """``path_of(3, 0, 1)`` is ``"/3/0/1"``."""
    return "/" + "/".join(map(str, ids))


def unpack(path: str, records: tuple[Record, ...]) -> object:
    """What a read of `path` gives to people.

    A single resource: its value. A multiple resource: ``{resource instance id: value}``. An instance or an
    object: ``{path: value}`` in the order of the payload.
    """
    depth = len(ids_of(path))
    if depth >= 3:
        if len(records) == 1 and len(ids_of(records[0].path)) == depth:
            return records[0].value
        return {ids_of(record.path)[3]: record.value for record in records if len(ids_of(record.path)) == 4}
    return {record.path: record.value for record in records if record.type is not Type.NONE}
