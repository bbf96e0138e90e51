# SPDX-License-Identifier: Apache-2.0
"""The scripted peers themselves: their encoders give the bytes of the matrix, and cases can fail."""

from __future__ import annotations

import copy
import json

import pytest

from . import coap, ets, formats
from .ets import Case
from .formats import ids_of
from .peer import NoAnswerError
from .play import play

SETS = ets.matrix()["value_sets"]


@pytest.mark.parametrize("name", [name for name, entry in SETS.items() if "tlv_hex" in entry])
def test_tlv_has_the_bytes_of_the_matrix(name: str) -> None:
    base, data = ids_of(SETS[name]["path"]), bytes.fromhex(SETS[name]["tlv_hex"])
    values = {line.ids: line.value for line in ets.value_set(name, dtls=True)}
    assert formats.write_tlv(base, values, ets.type_of) == data
    assert formats.read_tlv(base, data, ets.type_of) == values


@pytest.mark.parametrize("name", [name for name, entry in SETS.items() if "json" in entry])
def test_json_says_what_the_matrix_says(name: str) -> None:
    base, text = ids_of(SETS[name]["path"]), SETS[name]["json"].encode()
    values = {line.ids: line.value for line in ets.value_set(name)}
    assert formats.read_json(base, text, ets.type_of) == values
    assert json.loads(formats.write_json(base, values, ets.type_of)) == json.loads(text)


@pytest.mark.parametrize("data", ["c1", "c10201c10202", "c80002ff", "0301c100", "4300", "8306c10041"])
def test_wrong_tlv_is_noticed(data: str) -> None:
    with pytest.raises(formats.FormatError):
        formats.read_tlv((3, 0), bytes.fromhex(data), ets.type_of)


@pytest.mark.parametrize("data", ["", "00000000", "4001", "410100", "40010001ff", "40010001f0", "4000000100"])
def test_wrong_messages_are_noticed(data: str) -> None:
    with pytest.raises(coap.FormatError):
        coap.decode(bytes.fromhex(data))


def test_messages_come_back() -> None:
    message = coap.Message(coap.NON, "2.05", 0xABCD, b"12345678", payload=b"x" * 300)
    message.add(coap.OBSERVE, 70000).add(coap.LOCATION_PATH, "y" * 300).add(2048, b"z" * 20)
    assert coap.decode(coap.encode(message)) == message
    assert message.observe == 70000


def altered(id: str, number: int, **changes: object) -> Case:
    """A case with another step, or another expectation."""
    case = copy.deepcopy(ets.cases()[id])
    step = case.steps[number - 1]
    for name, value in changes.items():
        (step["expect"] if name in step["expect"] else step)[name] = value
    return case


@pytest.mark.parametrize(
    ("id", "number", "changes"),
    [
        ("101", 1, {"query": ["ep=${ep}", "lt=86400", "lwm2m=1.1", "b=U"]}),
        ("101", 1, {"payload": "</1/0>,</3/0>,</5>"}),
        ("102", 2, {"query": []}),
        ("201", 1, {"payload": "Open Mobile"}),
        ("203", 1, {"payload": "set:651"}),
        ("204", 1, {"content_format": 11542}),
        ("205", 8, {"payload": "2=101"}),
        ("222", 1, {"payload": "one Object Instance TLV with id 0 holding 0, 1, 6, 7, 9"}),
        ("226", 3, {"payload": "1=61, 6=true, 0 and 5 unchanged"}),
        ("256", 1, {"code": "2.04"}),
        ("260", 5, {"payload": "</3/0>;pmin=10"}),
        ("260", 6, {"payload": "</3/0/7>;dim=2;lt=1;gt=6;st=1"}),
        ("301", 6, {"within": "10 s to 20 s after the previous one"}),
        ("303", 2, {"options": "Observe"}),
        ("751", 1, {"payload": "3=0, no 9"}),
        ("755", 4, {"payload": "3=1, 5=0"}),
        ("801", 1, {"payload": "0=43.5724"}),
        ("1630", 2, {"options": "Location-Path 16, 2"}),
        ("1635", 3, {"payload": "</16>,</16/0>"}),
    ],
)
def test_a_case_fails_when_it_wants_something_else(id: str, number: int, changes: dict[str, object]) -> None:
    with pytest.raises((AssertionError, KeyError)):
        play(altered(id, number, **changes))


def test_a_case_fails_when_nothing_comes() -> None:
    case = copy.deepcopy(ets.cases()["201"])
    case.steps.append(copy.deepcopy(ets.cases()["102"].steps[1]) | {"n": 4})
    with pytest.raises(NoAnswerError):
        play(case)


def test_a_case_fails_when_more_comes() -> None:
    case = copy.deepcopy(ets.cases()["102"])
    del case.steps[1:]
    with pytest.raises(AssertionError, match="server also got"):
        play(case)
