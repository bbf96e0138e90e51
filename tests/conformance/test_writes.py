# SPDX-License-Identifier: Apache-2.0
"""Writes to an instance, whole and in part: what there is afterwards, and that a bad one changes nothing."""

from __future__ import annotations

import random

import linnet
import pytest

from . import formats
from .coap import CONTENT_FORMAT, JSON, TLV
from .formats import Ids, Values
from .kitchen import Kitchen

BASE = (30011, 0)
WEIGHT, LABEL, MARKS, HEAT, LOCKED, NOTE, UNKNOWN = 0, 1, 2, 3, 4, 5, 9
TYPES = {
    WEIGHT: "integer",
    LABEL: "string",
    MARKS: "integer",
    HEAT: "float",
    LOCKED: "boolean",
    NOTE: "opaque",
}


class Parcel(linnet.Object, id=BASE[0]):
    """Some of everything."""

    weight = linnet.Resource(WEIGHT, int, "RW", range="0..100", mandatory=True, default=5)
    label = linnet.Resource(LABEL, str, "RW", default="to whom")
    marks = linnet.Resource(MARKS, int, "RW", multiple=True, default={0: 1, 7: 8})
    heat = linnet.Resource(HEAT, float, "R", default=36.5)
    locked = linnet.Resource(LOCKED, bool, "RW", default=False)
    note = linnet.Resource(NOTE, bytes, "W", default=b"")


def type_of(path: Ids) -> str:
    """That of a resource, known or not."""
    return TYPES.get(path[2], "integer")


def some_values(chance: random.Random) -> Values:
    """Some of the resources, with values that fit."""
    made: Values = {}
    if chance.random() < 0.8:
        made[(*BASE, WEIGHT)] = chance.randrange(101)
    if chance.random() < 0.5:
        made[(*BASE, LABEL)] = chance.choice(("", "me", "x" * 300, "\N{OIL DRUM}"))
    if chance.random() < 0.5:
        for index in chance.sample((0, 3, 7, 300, 65534), chance.randrange(1, 4)):
            made[(*BASE, MARKS, index)] = chance.choice((-1, 0, 127, 128, 40000, 1 << 40))
    if chance.random() < 0.5:
        made[(*BASE, LOCKED)] = chance.random() < 0.5
    if chance.random() < 0.3:
        made[(*BASE, NOTE)] = bytes(chance.randrange(256) for _ in range(chance.choice((0, 1, 7, 200))))
    return made


def spoil(chance: random.Random, values: Values, payload_format: int) -> tuple[str, bytes]:
    """The code that a fault has to get, "" for none; and the payload with it."""
    fault = chance.choice(("", "", "unknown", "range", "read-only", "type", "cut"))
    kinds = dict(TYPES)
    if fault == "unknown":  # DM-26
        values[(*BASE, UNKNOWN)] = 1
    elif fault == "range":  # DM-28
        values[(*BASE, WEIGHT)] = chance.choice((-1, 101, 1 << 33))
    elif fault == "read-only":  # DM-24
        values[(*BASE, HEAT)] = 1.5
    elif fault == "type":
        values[(*BASE, WEIGHT)], kinds[WEIGHT] = "abc", "string"
    payload = formats.write(BASE, payload_format, values, lambda path: kinds.get(path[2], "integer"))
    if fault == "cut":
        payload = payload[:-1] if payload else b"\xc1"
    return {"": "", "unknown": "", "read-only": "4.05"}.get(fault, "4.00"), payload


def after(before: Values, values: Values, *, whole: bool) -> Values:
    """What is there when it went well: DM-21, DM-22."""
    known = {path: value for path, value in values.items() if path[2] != UNKNOWN}
    kept = {path: value for path, value in before.items() if not whole or path[2] == HEAT}
    return {**kept, **known}


def stored(kitchen: Kitchen) -> Values:
    """What the application has."""
    records = kitchen.client.records(formats.path_of(BASE))
    return {formats.ids_of(record.path): record.value for record in records}


@pytest.mark.parametrize("payload_format", [TLV, JSON])
@pytest.mark.parametrize("seed", range(5))
def test_dm_25_a_write_is_done_as_a_whole_or_not_at_all(seed: int, payload_format: int) -> None:
    """Also DM-21, DM-22, DM-24, DM-26, DM-28 and AMB-01; and one event for what was done."""
    chance, kitchen = random.Random(seed), Kitchen()
    kitchen.client.add(Parcel(BASE[1]))
    kitchen.network.settle()
    for _ in range(60):
        before, whole, values = stored(kitchen), chance.random() < 0.5, some_values(chance)
        code, payload = spoil(chance, values, payload_format)
        if not code:
            code = "4.00" if whole and (*BASE, WEIGHT) not in values else "2.04"  # AMB-01
        kitchen.events.clear()
        asked = "PUT" if whole else "POST"
        answer = kitchen.ask(asked, formats.path_of(BASE), payload, (CONTENT_FORMAT, payload_format))
        assert answer.code == code, (asked, values, payload)
        expected = after(before, values, whole=whole) if code == "2.04" else before
        assert stored(kitchen) == expected, (asked, values)
        kitchen.network.settle()
        assert len(kitchen.events) == (code == "2.04")
    assert not kitchen.client.failures
