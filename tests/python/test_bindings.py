# SPDX-License-Identifier: Apache-2.0
"""The generated module: who owns what, what is refused, and that nothing crashes or leaks."""

from __future__ import annotations

import datetime
import gc
import sys
import threading
import weakref
from typing import Any

import linnet
import pytest
from linnet import _core, errors

SEED = bytes(16)
LINK, NULL_LINK = linnet.ObjectLink(3, 0), linnet.ObjectLink(65535, 65535)
EVERYTHING = 1 | 2 | 4 | 8 | 16


@pytest.fixture
def loop() -> _core.Loop:
    return _core.Loop(SEED)


def temperature(loop: _core.Loop) -> _core.Object:
    """Object 3303 with instance 0: 5700 computed, 5750 a string."""
    model = _core.Model(loop)
    model.add_object(3303, "Temperature", None, _core.MULTIPLE)
    model.add_resource(3303, 5700, "Value", _core.TYPE_FLOAT, 1, _core.SINGLE, _core.MANDATORY)
    model.add_resource(3303, 5750, "Label", _core.TYPE_STRING, 3, _core.SINGLE, _core.OPTIONAL)
    made = _core.Object(model, 3303)
    made.add_instance(0)
    return made


class Pair:
    """A core client with object 3303 and a core server, in a world; the server reads /3303/0/5700."""

    def __init__(self) -> None:
        self.world = _core.World(1)
        self.server_loop, self.client_loop = self.world.new_loop(), self.world.new_loop()
        self.server = _core.Server(self.server_loop, None)
        self.client = _core.Client(self.client_loop, "kitchen", None)
        model = self.client.own_model()
        model.add_object(3303, "Temperature", None, _core.MULTIPLE)
        model.add_resource(3303, 5700, "Value", _core.TYPE_FLOAT, 1, _core.SINGLE, _core.MANDATORY)
        self.object = _core.Object(model, 3303)
        self.object.add_instance(0)
        self.object.compute("/3303/0/5700")
        self.client.add_object(self.object)
        for role, loop, address in (
            (self.server, self.server_loop, "10.0.0.1:5683"),
            (self.client, self.client_loop, "10.0.0.2:5683"),
        ):
            transport = _core.Transport(loop, _core.TRANSPORT_UDP)
            self.world.attach(transport, address)
            role.add_transport(transport)
        self.client.add_server("coap://10.0.0.1:5683", 1, 300)
        self.client.start()
        self.world.advance(1000)

    def read(self) -> _core.EventFields:
        """What the server hears after asking, whatever happens on the way."""
        self.drain()
        number = self.server.request(self.server.find("kitchen"), 1, "/3303/0/5700", None, None, -1)
        self.world.advance(self.world.now() + 300_000)  # whoever says nothing times out
        return next(event for event in self.drain() if event["request"] == number)

    def drain(self) -> list[_core.EventFields]:
        found = []
        for loop in (self.server_loop, self.client_loop):
            while (event := loop.next_event()) is not None:
                found.append(event)
        return found


# ---- errors


def test_every_status_of_the_library_has_its_own_exception() -> None:
    statuses = {name: getattr(_core, name) for name in dir(_core) if name.startswith("ERROR_")}
    assert len(statuses) >= 22
    kinds = {type(errors.from_status(status, "words")) for status in statuses.values()}
    assert len(kinds) == len(statuses)
    assert errors.Error not in kinds
    for status in statuses.values():
        error = errors.from_status(status, "words for people")
        assert error.status == status
        assert str(error) == "words for people"


@pytest.mark.parametrize(
    ("status", "builtin"),
    [
        (_core.ERROR_NO_MEMORY, MemoryError),
        (_core.ERROR_INVALID_ARGUMENT, ValueError),
        (_core.ERROR_NOT_FOUND, LookupError),
        (_core.ERROR_WRONG_TYPE, TypeError),
        (_core.ERROR_TIMED_OUT, TimeoutError),
        (_core.ERROR_SYSTEM, OSError),
        (_core.ERROR_UNAVAILABLE, NotImplementedError),
    ],
)
def test_exceptions_fit_the_builtin_ones(status: int, builtin: type[Exception]) -> None:
    assert isinstance(errors.from_status(status, ""), builtin)


def test_an_exception_carries_the_words_of_the_loop(loop: _core.Loop) -> None:
    with pytest.raises(errors.NotFound, match="/3303/7/5700") as caught:
        temperature(loop).get("/3303/7/5700")
    assert loop.error_text() == f"linnet_object_get: {caught.value}"  # but for the call, which is one of C


def test_event_kinds_have_their_names() -> None:
    assert [kind.value for kind in linnet.EventKind] == [
        _core.event_kind_name(n) for n in range(_core.EVENT_TRIGGER_WANTED + 1)
    ]


# ---- wrong arguments


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda loop: _core.Loop(b"short"), ValueError),
        (lambda loop: _core.Loop("text"), TypeError),
        (lambda loop: _core.Loop(None), TypeError),
        (lambda loop: _core.Loop(), TypeError),
        (lambda loop: loop.step(-1), OverflowError),
        (lambda loop: loop.step(2**64), OverflowError),
        (lambda loop: loop.step("now"), TypeError),
        (lambda loop: _core.Loop.step(None, 0), TypeError),
        (lambda loop: _core.Client(None, "x", None), TypeError),
        (lambda loop: _core.Client(loop, None, None), TypeError),
        (lambda loop: _core.Client(loop, 7, None), TypeError),
        (lambda loop: _core.Client(loop, "", None), errors.InvalidArgument),
        (lambda loop: _core.Client(loop, "x" * 253, None), errors.InvalidArgument),
        (lambda loop: _core.Client(loop, "x", loop), TypeError),
        (lambda loop: _core.Transport(loop, 77), errors.InvalidArgument),
        (lambda loop: _core.Object(_core.Model(loop), 3303), errors.Error),
        (lambda loop: _core.Object(None, 3), TypeError),
        (lambda loop: _core.Object(_core.Model(loop), 65536), OverflowError),
        (lambda loop: _core.Batch(loop).add("3//0", 1), ValueError),
        (lambda loop: _core.Batch(loop).add("/3/0/0\0x", 1), ValueError),
        (lambda loop: _core.Batch(loop).add(None, 1), TypeError),
        (lambda loop: _core.Batch(loop).add("/3/0/0", object()), TypeError),
        (lambda loop: _core.Batch(loop).add("/3/0/0", 2**63), OverflowError),
        (lambda loop: _core.Batch(loop).add("/3/0/0", (1, 70000)), ValueError),
        (lambda loop: _core.Batch(loop).add("/3/0/0", (1, "x")), TypeError),
        (lambda loop: _core.Batch(loop).add("/3/0/0", [1]), TypeError),
        (lambda loop: _core.Batch(loop).decode(None, 9999, "/3/0", b""), errors.UnsupportedFormat),
        (lambda loop: _core.Batch(loop).encode(_core.FORMAT_TEXT, "/3/0/0"), errors.Error),
        (lambda loop: _core.Transport(loop, 1).receive("nonsense", b"x"), ValueError),
        (lambda loop: _core.Transport(loop, 1).receive(None, b"x"), TypeError),
        (lambda loop: _core.Transport(loop, 1).receive("1.2.3.4:5", "text"), TypeError),
        (lambda loop: temperature(loop).set_handler(EVERYTHING, 5), TypeError),
        (lambda loop: _core.Server(loop, None).request(1, 1, "/3", None, None, -1), errors.NotFound),
        (lambda loop: _core.Driver(None), TypeError),
        (lambda loop: _core.Question(), AttributeError),
        (lambda loop: _core.message_parse(b""), errors.UnsupportedFormat),
        (lambda loop: _core.link_parse(b"<", ""), errors.Malformed),
        (lambda loop: _core.link_parse(b"</3>", None), TypeError),
    ],
)
def test_wrong_arguments_raise(loop: _core.Loop, call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call(loop)


# ---- values


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "Zürich \U0001f321",
        0,
        -(2**63),
        2**63 - 1,
        1.5,
        True,
        False,
        b"",
        b"\0\xff",
        None,
        {},
        NULL_LINK,
    ],
)
def test_values_come_back_as_they_went(loop: _core.Loop, value: Any) -> None:
    batch = _core.Batch(loop)
    batch.add("/3442/0/110", value)
    [(path, back, _, _)] = batch.records()
    assert path == "/3442/0/110"
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("view", [bytes, bytearray, memoryview])
def test_bytes_of_any_kind_are_taken(loop: _core.Loop, view: Any) -> None:
    batch = _core.Batch(loop)
    batch.add("/3442/0/150", view(b"\1\2\3"))
    assert batch.find("/3442/0/150") == b"\1\2\3"


def test_other_numbers_and_dates_are_taken(loop: _core.Loop) -> None:
    from decimal import Decimal

    batch = _core.Batch(loop)
    batch.add("/3442/0/130", Decimal("2.5"))
    batch.add("/3442/0/160", datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc))
    assert batch.find("/3442/0/130") == 2.5
    assert batch.find("/3442/0/160") == 1700000000


def test_a_buffer_is_held_while_the_call_lasts_and_not_longer(loop: _core.Loop) -> None:
    data = bytearray(b"\xc8\0\1x")
    _core.Batch(loop).decode(None, _core.FORMAT_TLV, "/3/0", data)
    data.extend(b"free to grow again")  # BufferError if it were still exported


def test_times_that_never_come_are_none(loop: _core.Loop) -> None:
    assert loop.step(0) is None
    assert loop.deadline() is None


# ---- closed handles


def test_a_closed_client_raises_and_does_not_crash(loop: _core.Loop) -> None:
    client = _core.Client(loop, "kitchen", None)
    client.close()
    client.close()
    for call in (
        lambda: client.start(),
        lambda: client.add_server("coap://1.2.3.4", 1, 300),
        lambda: client.add_transport(_core.Transport(loop, 1)),
        lambda: client.update(0),
        lambda: client.deregister(0),
        lambda: client.set_binding(1, "U"),
    ):
        with pytest.raises(errors.StateError):
            call()
    assert client.endpoint() == "kitchen"
    assert client.location(1) == ""
    assert client.next_update(1) is None


def test_a_closed_server_raises_and_does_not_crash(loop: _core.Loop) -> None:
    server = _core.Server(loop, None)
    server.close()
    server.close()
    for call in (
        lambda: server.add_transport(_core.Transport(loop, 1)),
        lambda: server.request(1, 1, "/3", None, None, -1),
        lambda: server.cancel(1),
        lambda: server.forget(1),
    ):
        with pytest.raises(errors.Error):
            call()
    assert server.registration_count() == 0
    assert server.find("kitchen") == 0
    assert server.endpoint(1) == ""


def test_a_closed_driver_and_transport_raise(loop: _core.Loop) -> None:
    driver, transport = _core.Driver(loop), _core.Transport(loop, 1)
    driver.close()
    driver.close()
    assert driver.descriptor() == -1
    with pytest.raises(errors.StateError):
        driver.open(transport, "127.0.0.1:0")
    transport.close()
    with pytest.raises(errors.StateError):
        transport.receive("1.2.3.4:5", b"x")
    assert transport.next() is None


def test_a_loop_out_of_the_world_does_no_harm() -> None:
    pair = Pair()
    pair.world.remove_loop(pair.client_loop)
    pair.world.advance(10_000)
    assert pair.client.endpoint() == "kitchen"
    with pytest.raises(errors.Error):
        pair.world.remove_loop(pair.client_loop)


# ---- ownership


def test_children_keep_their_parents() -> None:
    transport = _core.Transport(_core.Loop(SEED), 1)
    driver = _core.Driver(_core.Loop(SEED))
    held = temperature(_core.Loop(SEED))
    batch = _core.Batch(_core.Loop(SEED))
    world_loop = _core.World(1).new_loop()
    gc.collect()
    transport.receive("1.2.3.4:5", b"x")
    driver.run()
    held.set("/3303/0/5750", "still here")
    batch.add("/3/0/0", "still here")
    assert held.get("/3303/0/5750") == batch.find("/3/0/0")
    assert world_loop.now() == 0


def test_c_owns_a_handler_until_it_is_replaced(loop: _core.Loop) -> None:
    made = temperature(loop)

    def handler(question: _core.Question) -> None:
        return None

    before = sys.getrefcount(handler)
    made.set_handler(EVERYTHING, handler)
    assert sys.getrefcount(handler) == before + 1
    made.set_handler(0, None)
    assert sys.getrefcount(handler) == before
    made.set_handler(EVERYTHING, handler)
    del made
    gc.collect()
    assert sys.getrefcount(handler) == before


def test_a_handler_may_replace_itself_and_close_its_client() -> None:
    pair = Pair()
    seen = []

    def closer(question: _core.Question) -> None:
        seen.append(question.fields()["path"])
        pair.object.set_handler(0, None)
        pair.client.close()

    pair.object.set_handler(EVERYTHING, closer)
    answer = pair.read()
    assert seen == ["/3303/0/5700"]
    assert answer["status"] == _core.ERROR_TIMED_OUT


def test_nothing_of_a_client_survives_its_last_reference() -> None:
    client = linnet.Client("kitchen", world=linnet.World())

    class Thing(linnet.Object, id=32768):
        value = linnet.Resource(1, int, "R")

        @value.reader
        def _(self) -> int:
            return 1

    thing = client.add(Thing())
    gone = [weakref.ref(client), weakref.ref(thing)]
    del client, thing
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_many_calls_leave_no_memory_behind(loop: _core.Loop) -> None:
    made = temperature(loop)

    def once() -> None:
        made.set("/3303/0/5750", "x" * 1000)
        made.get("/3303/0/5750")
        made.set_handler(EVERYTHING, lambda question: None)
        for wrong in (
            lambda: made.get("/3303/9/1"),
            lambda: made.set("/x", 1),
            lambda: _core.Client(loop, "", None),
        ):
            with pytest.raises(Exception):  # noqa: B017, PT011
                wrong()
        batch = _core.Batch(loop)
        batch.add("/3/0/0", "x" * 1000)
        batch.decode(None, _core.FORMAT_TLV, "/3/0", batch.encode(_core.FORMAT_TLV, "/3/0"))
        _core.Client(loop, "kitchen", None)

    once()
    gc.collect()
    before, blocks = loop.memory_used(), sys.getallocatedblocks()
    for _ in range(200):
        once()
    gc.collect()
    assert loop.memory_used() == before
    assert sys.getallocatedblocks() - blocks < 200


# ---- exceptions in handlers


def test_the_first_exception_of_a_handler_is_raised_by_the_step_and_the_server_gets_5_00() -> None:
    pair = Pair()

    def bad(question: _core.Question) -> None:
        raise KeyError("boom")

    pair.object.set_handler(EVERYTHING, bad)
    number = pair.server.request(pair.server.find("kitchen"), 1, "/3303/0/5700", None, None, -1)
    with pytest.raises(KeyError, match="boom") as caught:
        pair.world.advance(pair.world.now() + 1000)
    assert any(entry.name == "bad" for entry in caught.traceback)
    pair.world.advance(pair.world.now() + 1000)  # raised once
    [answer] = [event for event in pair.drain() if event["request"] == number]
    assert answer["code"] == 500


def test_a_handler_that_returns_nonsense_fails() -> None:
    pair = Pair()
    pair.object.set_handler(EVERYTHING, lambda question: "nonsense")  # type: ignore[arg-type, return-value]
    pair.server.request(pair.server.find("kitchen"), 1, "/3303/0/5700", None, None, -1)
    with pytest.raises(TypeError):
        pair.world.advance(pair.world.now() + 1000)


def test_an_exception_stays_with_the_loop_whose_handler_raised() -> None:
    """Steps nest: a handler that steps another loop does not take over what was raised before."""
    pair, other = Pair(), _core.Loop(SEED)

    def bad(question: _core.Question) -> None:
        other.step(5)
        raise KeyError("outer")

    pair.object.set_handler(EVERYTHING, bad)
    pair.server.request(pair.server.find("kitchen"), 1, "/3303/0/5700", None, None, -1)
    with pytest.raises(KeyError, match="outer"):
        pair.world.advance(pair.world.now() + 1000)
    other.step(6)


def test_a_status_returned_is_the_answer() -> None:
    pair = Pair()
    pair.object.set_handler(EVERYTHING, lambda question: _core.ERROR_NOT_ALLOWED)
    assert pair.read()["code"] == 405


# ---- questions


def test_a_question_answers_once_and_is_harmless_afterwards() -> None:
    pair = Pair()
    kept: list[_core.Question] = []

    def answer(question: _core.Question) -> None:
        kept.append(question)
        question.answer("/3303/0/5700", 36.6)

    pair.object.set_handler(EVERYTHING, answer)
    [(path, value, _, _)] = pair.read()["records"]
    assert (path, value) == ("/3303/0/5700", 36.6)
    for late in (
        lambda: kept[0].answer("/3303/0/5700", 1.0),
        lambda: kept[0].defer(),
        lambda: kept[0].finish(0),
    ):
        with pytest.raises(errors.Error):
            late()
    assert kept[0].fields()["path"] == "/3303/0/5700"


def test_a_deferred_question_is_finished_later() -> None:
    pair = Pair()
    kept: list[_core.Question] = []

    def defer(question: _core.Question) -> None:
        question.defer()
        kept.append(question)

    pair.object.set_handler(EVERYTHING, defer)
    number = pair.server.request(pair.server.find("kitchen"), 1, "/3303/0/5700", None, None, -1)
    pair.world.advance(pair.world.now() + 5000)
    assert not [event for event in pair.drain() if event["request"] == number]
    kept[0].answer("/3303/0/5700", 21.5)
    kept[0].finish(_core.OK)
    pair.world.advance(pair.world.now() + 1000)
    [event] = [event for event in pair.drain() if event["request"] == number]
    assert event["records"][0][1] == 21.5
    with pytest.raises(errors.Error):
        kept[0].finish(_core.OK)


def test_a_question_outlives_its_client_without_harm() -> None:
    pair = Pair()
    kept: list[_core.Question] = []

    def defer(question: _core.Question) -> None:
        question.defer()
        kept.append(question)

    pair.object.set_handler(EVERYTHING, defer)
    pair.server.request(pair.server.find("kitchen"), 1, "/3303/0/5700", None, None, -1)
    pair.world.advance(pair.world.now() + 1000)
    pair.client.close()
    del pair
    gc.collect()
    with pytest.raises(errors.Closed):
        kept[0].finish(_core.OK)


# ---- the GIL


def test_waiting_lets_other_threads_run(loop: _core.Loop) -> None:
    driver = _core.Driver(loop)
    ran = threading.Event()

    def other() -> None:
        ran.set()
        driver.wake()

    thread = threading.Thread(target=other)
    thread.start()
    driver.wait(20_000)  # a deadlock, or 20 s, if the GIL were held
    thread.join()
    assert ran.is_set()


def test_a_wake_before_the_wait_is_not_lost(loop: _core.Loop) -> None:
    driver = _core.Driver(loop)
    driver.wake()
    driver.wait(20_000)


# ---- definitions, messages, links


def test_definitions_come_out_whole(loop: _core.Loop) -> None:
    device = _core.Model(loop).find(3)
    assert device is not None
    assert device["name"] == "Device"
    assert not device["multiple"]
    manufacturer = device["resources"][0]
    assert (manufacturer["name"], manufacturer["type"]) == ("Manufacturer", _core.TYPE_STRING)
    assert _core.Model(loop).find(60000) is None
    assert _core.Model(loop).at(10_000) is None


def test_a_message_is_taken_apart() -> None:
    fields = _core.message_parse(bytes.fromhex("4402b5f1b7e1ab2cb27264ff3c"))
    assert fields == {
        "type": 0,
        "code": 2,
        "message_id": 0xB5F1,
        "token": bytes.fromhex("b7e1ab2c"),
        "options": [(11, b"rd")],
        "payload": b"<",
    }
    assert _core.option_name(11) == "Uri-Path"
    assert _core.option_name(64999) is None
    assert _core.option_format(11) == "s"
    assert _core.code_name(0x45) == "2.05 Content"


def test_links_are_taken_apart() -> None:
    links = _core.link_parse(b'</lwm2m>;rt="oma.lwm2m",</lwm2m/3/0>;ver=1.1,</other>', "/lwm2m")
    assert links == [
        ("/lwm2m", "/", [("rt", "oma.lwm2m")]),
        ("/lwm2m/3/0", "/3/0", [("ver", "1.1")]),
        ("/other", None, []),
    ]
