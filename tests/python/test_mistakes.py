# SPDX-License-Identifier: Apache-2.0
"""Mistakes of programs: an error of linnet that names what is wrong, nothing half done, and it goes on."""

from __future__ import annotations

import datetime
import logging
import threading
from collections.abc import Callable
from typing import Any

import linnet
import pytest
from kitchen import SERVER, Scene

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


class Everything(linnet.Object, id=3304):
    text = linnet.Resource(0, str, "RW", default="x")
    number = linnet.Resource(1, int, "RW", default=1)
    numbers = linnet.Resource(2, int, "RW", multiple=True, default={0: 7, 5: 8})
    time = linnet.Resource(3, datetime.datetime, "RW", default=NOW)
    computed = linnet.Resource(4, float, "R")
    several = linnet.Resource(5, float, "R", multiple=True)
    answer: Any = 0.0

    @computed.reader
    def _(self) -> float:
        return self._give()

    @several.reader
    def _(self) -> dict[int, float]:
        return self._give()

    @linnet.executable(6)
    def act(self) -> None:
        self._give()

    def _give(self) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def thing(scene: Scene) -> Everything:
    thing = scene.client.add(Everything())
    scene.world.settle()
    return thing


# ---- values


@pytest.mark.parametrize(
    ("attribute", "value", "error", "said"),
    [
        ("text", object(), linnet.WrongType, "/3304/0/0: no LwM2M value for object"),
        ("text", [1], linnet.WrongType, "/3304/0/0: no LwM2M value for list"),
        ("text", "\ud800", linnet.WrongType, "/3304/0/0: the text is no Unicode"),
        ("text", 5.5, linnet.WrongType, "/3304/0/0: Float cannot be made String"),
        ("number", "abc", linnet.WrongType, "/3304/0/1: String cannot be made Integer"),
        ("number", 2**63, linnet.OutOfRange, "/3304/0/1: the number does not fit into 64 bits"),
        ("number", -(10**400), linnet.OutOfRange, "/3304/0/1: the number does not fit into 64 bits"),
        ("numbers", {70000: 1}, linnet.OutOfRange, "/3304/0/2: 70000 is no number of a resource instance"),
        ("numbers", {"a": 1}, linnet.OutOfRange, "/3304/0/2: 'a' is no number of a resource instance"),
        ("numbers", {1: 2, 2: object()}, linnet.WrongType, "/3304/0/2/2: no LwM2M value for object"),
        ("numbers", {1: 2, 2: "x"}, linnet.WrongType, "value has the wrong type"),
        ("time", float("nan"), linnet.WrongType, "/3304/0/3: Float cannot be made Time"),
    ],
)
def test_a_value_that_does_not_fit_is_named_and_changes_nothing(
    thing: Everything, attribute: str, value: object, error: type[linnet.Error], said: str
) -> None:
    with pytest.raises(error) as raised:
        setattr(thing, attribute, value)
    assert said in str(raised.value)
    assert (thing.text, thing.number, dict(thing.numbers)) == ("x", 1, {0: 7, 5: 8})


@pytest.mark.parametrize("value", [object(), [1], "\ud800", 2**64])
def test_so_is_one_that_a_server_writes_or_a_client_sets(scene: Scene, value: object) -> None:
    with pytest.raises(linnet.Error, match=r"^write /3303/0/5750 of kitchen: "):
        scene.device.write("/3303/0/5750", value)
    with pytest.raises(linnet.Error, match=r"^/3303/0/5750: "):
        scene.client.set("/3303/0/5750", value)
    assert scene.device.read("/3303/0/5750") == "kitchen wall"


# ---- handlers and callbacks


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/3304/0/4", "warm", "the resource is float, not 'warm'"),
        ("/3304/0/4", True, "the resource is float, not True"),
        ("/3304/0/4", float("nan"), "the resource is float, not nan"),
        ("/3304/0/4", {0: 1.0}, "the resource takes a value, not {0: 1.0}"),
        ("/3304/0/4", object, "no LwM2M value for type"),
        ("/3304/0/5", 1.0, "the resource takes {number: value}, not 1.0"),
        ("/3304/0/5", {0: "warm"}, "the resource is float, not 'warm'"),
        ("/3304/0/4", ValueError("boom"), "boom"),
        ("/3304/0/4", linnet.ResponseError("9.99"), "9.99"),
        ("/3304/0/4", linnet.ResponseError("warm"), "warm"),
        ("/3304/0/4", linnet.ResponseError("2.05"), "2.05"),
    ],
)
def test_what_a_reader_gives_wrong_is_5_00_and_told(
    scene: Scene, thing: Everything, caplog: pytest.LogCaptureFixture, path: str, answer: object, said: str
) -> None:
    thing.answer = answer
    with caplog.at_level(logging.ERROR, "linnet"), pytest.raises(linnet.ResponseError, match=r"5\.00"):
        scene.device.read(path)
    assert said in str(scene.client.failures[-1])
    assert f"the handler of {path} failed" in caplog.text
    thing.answer = {2: 20.5} if path.endswith("5") else 20.5
    assert scene.device.read(path) == thing.answer


def test_an_executable_may_end_the_program_that_is_its_own_driver(scene: Scene, thing: Everything) -> None:
    thing.answer = SystemExit(1)
    with pytest.raises(SystemExit):
        scene.device.execute("/3304/0/6")


def test_exit_in_a_thread_of_linnet_ends_neither_it_nor_what_is_due() -> None:
    called = threading.Event()
    with linnet.Server("coap://127.0.0.1:0") as server:

        def exits(*_: object) -> None:
            raise SystemExit(2)

        server.on("registered", exits)
        server.on("registered", lambda device, event: called.set())
        with linnet.Client("kitchen", server=server.listen[0]) as client:
            thing = client.add(Everything())
            thing.answer = SystemExit(1)
            client.wait_registered(20)
            assert called.wait(20)
            with pytest.raises(linnet.ResponseError, match=r"5\.00"):
                server.device("kitchen").execute("/3304/0/6")
            assert server.device("kitchen").read("/3/0/16") == "U"
            assert [type(failure) for failure in client.failures] == [SystemExit]
        assert [type(failure) for failure in server.failures] == [SystemExit]


# ---- after the end


def test_what_is_closed_says_so(scene: Scene) -> None:
    device, client = scene.device, scene.client
    scene.server.close()
    client.close()
    asked: list[Callable[[], object]] = [
        lambda: device.read("/3/0"),
        lambda: device.observe("/3/0"),
        lambda: scene.server.wait_for("kitchen", 5),
        lambda: client.wait_registered(5),
        lambda: client.get("/3/0/0"),
        lambda: client.set("/3/0/0", "x"),
        lambda: client.device,
        client.start,
        client.update,
        client.save,
    ]
    for ask in asked:
        with pytest.raises(linnet.Closed, match="closed"):
            ask()
    for end in (scene.server.close, client.close, client.stop, client.wait, scene.server.wait):
        end()
    assert not scene.server.registrations


# ---- arguments


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: linnet.Client("a\0b"), "endpoint is text without NUL"),
        (lambda: linnet.Client(5), "endpoint is text without NUL, not 5"),
        (lambda: linnet.Client("a", 5), "server is text"),
        (
            lambda: linnet.Client("a", SERVER, lifetime="60"),
            "lifetime is a whole number from 1 to 4294967295",
        ),
        (lambda: linnet.Client("a", SERVER, lifetime=0), "lifetime is a whole number"),
        (lambda: linnet.Client("a", SERVER, lifetime=2**40), "not 1099511627776"),
        (lambda: linnet.Client("a", SERVER, short_server_id=65535), "short_server_id is a whole number"),
        (lambda: linnet.Client("a", SERVER, binding="X"), "one of U, UQ, S, SQ, US, UQS"),
        (lambda: linnet.Client("a").add_bootstrap_server(SERVER, hold_off=-1), "hold_off is a whole number"),
        (lambda: linnet.Server((), timeout=-1), "timeout is seconds from 0 to 4294967, not -1"),
        (lambda: linnet.Server((), queue_time=1e30), "queue_time is seconds"),
        (lambda: linnet.Server((), awake_time="x"), "awake_time is seconds"),
        (lambda: linnet.Server(()).on("registred", print), "no event 'registred'; there are asleep, awake"),
        (lambda: linnet.Server(()).on("registered", 5), "on registered: 5 cannot be called"),
        (lambda: linnet.Psk("kitchen", "0011"), "a pre-shared key is bytes"),
        (lambda: linnet.Client("a", "coaps://10.0.0.1", psk=("a", "0011")), "a pre-shared key is bytes"),
    ],
)
def test_an_argument_is_refused_by_its_name(make: Callable[[], object], said: str) -> None:
    with pytest.raises(linnet.InvalidArgument) as raised:
        make()
    assert said in str(raised.value)


def test_one_definition_file_needs_no_tuple(tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError, match=r"lost\.xml"):
        linnet.Server((), models=tmp_path / "lost.xml")
    with pytest.raises(FileNotFoundError, match=r"lost\.xml"):
        linnet.Client("kitchen", models=str(tmp_path / "lost.xml"))


# ---- threads


def test_worlds_of_several_threads_do_not_meet() -> None:
    wrong: list[BaseException] = []

    def live(name: str) -> None:
        try:
            with linnet.World() as world:
                server, client = world.server(), world.client(name)
                for number in range(20):
                    client.set("/3/0/14", f"{name} {number}")
                    assert server.device(name).read("/3/0/14") == f"{name} {number}"
                assert list(server.registrations) == [name]
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=live, args=(f"device {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_threads_share_a_server_and_its_end() -> None:
    ends: list[BaseException] = []
    with linnet.Server("coap://127.0.0.1:0") as server, linnet.Client("kitchen", server.listen[0]) as client:
        device = server.wait_for("kitchen", 20)
        busy = threading.Barrier(4)

        def ask() -> None:
            asked = 0
            try:
                while True:
                    device.write("/3/0/14", "+01:00")
                    client.set("/3/0/15", device.read("/3/0/14"))
                    asked += 1
                    if asked == 5:
                        busy.wait(20)
            except BaseException as error:
                ends.append(error)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        busy.wait(20)
        server.close()
        for thread in threads:
            thread.join(20)
        assert [type(end) for end in ends] == [linnet.Closed] * 3
