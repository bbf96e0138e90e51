# SPDX-License-Identifier: Apache-2.0
"""The scripted peers themselves: their encoders give the bytes of the matrix, and cases can fail."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import TypeVar

import linnet
import pytest

from . import bootstrap_play, coap, ets, formats, server_play
from .bootstrap_run import BootstrapRun
from .coap import Message
from .dtls import Session
from .ets import Case
from .formats import ids_of
from .interpreter import Run
from .peer import NoAnswerError
from .play import play
from .roles import cases_of
from .secured import Secured, psk_keys
from .server_run import ServerRun

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


# ---- cases about DTLS


@pytest.mark.parametrize(("id", "key"), [("1", "psk2_key"), ("401", "psk2_key"), ("401", "bs_psk_key")])
def test_a_case_fails_with_another_key(id: str, key: str) -> None:
    def setting(case: Case) -> Run:
        run = Run(case)
        assert isinstance(run.server, Secured)
        run.server.keys = psk_keys("psk_identity", key)
        return run

    with pytest.raises(AssertionError):
        play(ets.cases()[id], setting)


def test_a_case_about_a_wrong_certificate_fails_with_the_right_one() -> None:
    case = copy.deepcopy(ets.cases()["403"])
    case.config = "C.17"
    with pytest.raises(AssertionError):
        play(case)


def test_what_was_said_in_a_session_can_be_changed_by_nobody() -> None:
    """The scripted side notices a record that is not as it was sent."""
    keys = psk_keys("psk_identity", "psk_key")
    server, client = Session(keys, server=True), Session(keys, server=False)
    client.begin()
    while not (client.established and server.established):
        for record in client.take():
            server.feed(record)
        for record in server.take():
            client.feed(record)
    client.write(b"hello")
    (record,) = client.take()
    assert server.feed(record[:-1] + bytes([record[-1] ^ 1])) == []
    assert server.feed(record) == [b"hello"]


# ---- cases of servers: they fail when another message goes by than should

AnyRun = TypeVar("AnyRun", bound=Run)
Change = Callable[[Message], None]


def changing(kind: Callable[[Case], AnyRun], source: str, change: Change) -> Callable[[Case], AnyRun]:
    """A run in which what comes from an address is not what arrives."""

    def make(case: Case) -> AnyRun:
        run = kind(case)
        send = run.network.send

        def send_changed(sender: str, destination: str, data: bytes) -> None:
            message = coap.decode(data)
            if sender == source and message.code != coap.EMPTY:
                change(message)
            send(sender, destination, coap.encode(message))

        run.network.send = send_changed  # type: ignore[method-assign]
        return run

    return make


def option(number: int, value: bytes | None) -> Change:
    """Another value, or none, for an option of requests."""

    def change(message: Message) -> None:
        if message.method:
            message.options = [found for found in message.options if found[0] != number]
            message.options += [] if value is None else [(number, value)]

    return change


def payload(old: bytes, new: bytes) -> Change:
    """Other bytes in payloads."""

    def change(message: Message) -> None:
        message.payload = message.payload.replace(old, new)

    return change


def code(old: str, new: str) -> Change:
    """Another method, or code."""

    def change(message: Message) -> None:
        message.code = new if message.code == old else message.code

    return change


def non_confirmable(message: Message) -> None:
    """MOD-03."""
    message.type = coap.NON if message.method else message.type


def another_token(message: Message) -> None:
    """OBS-05."""
    message.token = b"other" if message.observe == 1 else message.token


FAILURES = (AssertionError, linnet.Error, StopIteration, KeyError, formats.FormatError)


@pytest.mark.parametrize(
    ("id", "change"),
    [
        ("101", code("2.01", "2.04")),
        ("101", code("4.12", "4.00")),
        ("103", code("2.02", "2.04")),
        ("105", code("4.04", "2.04")),
        ("201", option(coap.ACCEPT, None)),
        ("201", non_confirmable),
        ("205", payload(b"1010", b"1011")),
        ("205", option(coap.CONTENT_FORMAT, b"")),
        ("215", payload(b"\xc1\x06\x01", b"\xc1\x06\x00")),
        ("215", code("0.02", "0.03")),
        ("220", payload(b'"v":101', b'"v":102')),
        ("224", option(coap.ACCEPT, b"\x2d\x16")),
        ("224", option(coap.URI_QUERY, b"a=b")),
        ("260", option(coap.URI_QUERY, b"pmin=10")),
        ("301", option(coap.OBSERVE, None)),
        ("303", another_token),
        ("303", option(coap.OBSERVE, b"")),
        ("755", payload(b"good", b"best")),
        ("1630", payload(b"Model #2", b"Model #3")),
        ("1635", code("0.04", "0.01")),
    ],
)
def test_a_server_case_fails_when_the_server_says_something_else(id: str, change: Change) -> None:
    with pytest.raises(FAILURES):
        server_play.play(ets.cases()[id], changing(ServerRun, ets.SERVER, change))


@pytest.mark.parametrize(
    ("id", "change"),
    [
        ("201", payload(b"Alliance", b"Alliances")),
        ("203", payload(b"345000123", b"345000124")),
        ("260", payload(b"dim=2", b"dim=3")),
        ("301", payload(b"\x41\x00", b"\x41\x07")),
        ("801", payload(b"\xc1\x04\x00", b"\xc1\x04\x01")),
        ("951", payload(b"pmin=2", b"pmin=3")),
    ],
)
def test_a_server_case_fails_when_the_application_is_told_something_else(id: str, change: Change) -> None:
    with pytest.raises(FAILURES):
        server_play.play(ets.cases()[id], changing(ServerRun, "192.0.2.9:5683", change))


@pytest.mark.parametrize(
    ("id", "change"),
    [
        ("0", payload(b"ets-id", b"ets-ie")),
        ("0", option(coap.ACCEPT, None)),
        ("0", option(coap.URI_PATH, b"0")),
        ("4", code("0.04", "0.01")),
        ("4b", option(coap.URI_PATH, b"1")),
        ("9", payload(b"86400", b"86401")),
        ("0", code("2.04", "2.01")),
        ("5", non_confirmable),
    ],
)
def test_a_bootstrap_case_fails_when_the_server_says_something_else(id: str, change: Change) -> None:
    case = next(case for case in cases_of("bootstrap") if case.id == id)
    with pytest.raises(FAILURES):
        bootstrap_play.play(case, changing(BootstrapRun, ets.BOOTSTRAP, change))
