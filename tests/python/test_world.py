# SPDX-License-Identifier: Apache-2.0
"""Clients and servers in a simulated world: what docs/api.md promises, without waiting."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime
import logging
from typing import Any, ClassVar

import linnet
import pytest
from kitchen import SERVER, Scene, Temperature, make_client

# ---- reading and writing


def test_a_resource_gives_its_value(scene: Scene) -> None:
    assert scene.device.read("/3303/0/5700") == 20.5
    assert scene.device.read("3303/0/5750") == "kitchen wall"


def test_an_instance_gives_values_by_path_in_order(scene: Scene) -> None:
    values = scene.device.read("/3/0")
    assert values["/3/0/0"] == "ACME"
    assert values["/3/0/11/0"] == 0
    assert list(values) == sorted(values, key=lambda path: [int(part) for part in path.split("/")[1:]])
    assert scene.device.read("/3") == values


def test_a_multiple_resource_gives_values_by_index(scene: Scene) -> None:
    assert scene.device.read("/3303/0/5800", format="json") == {0: 1, 3: 5}
    assert scene.device.read("/3/0/11") == {0: 0}


def test_names_do_as_well_as_ids(scene: Scene) -> None:
    assert scene.device.read("Device/0/Manufacturer") == "ACME"
    assert scene.device.read("/device/0/error_code") == {0: 0}


@pytest.mark.parametrize("format", [None, "tlv", "json", "text"])
def test_every_format_gives_the_same(scene: Scene, format: str | None) -> None:
    assert scene.device.read("/3/0/0", format=format) == "ACME"


def test_records_keep_their_types(scene: Scene) -> None:
    [record] = scene.device.read_records("/3/0/13")
    assert record.type is linnet.Type.TIME
    assert record.path == "/3/0/13"


def test_a_write_reaches_the_client(scene: Scene) -> None:
    scene.device.write("/3303/0/5750", "oven")
    assert scene.sensor.label == "oven"


def test_an_instance_is_updated_or_replaced(scene: Scene) -> None:
    scene.device.write("/1/0", {"Default Minimum Period": 5, 3: 60})
    assert scene.device.read("/1/0/2") == 5
    scene.device.write("/1/0", {1: 300, 6: True, 7: "U"}, replace=True)
    with pytest.raises(linnet.ResponseError) as caught:
        scene.device.read("/1/0/2")
    assert caught.value.code == "4.04"


def test_a_multiple_resource_is_written_by_index(scene: Scene) -> None:
    scene.device.write("/3303/0/5800", {1: 7, 2: 8}, format="json")
    assert scene.sensor.limits == {1: 7, 2: 8}


def test_execute_brings_its_arguments(scene: Scene) -> None:
    scene.device.execute("/3303/0/5605", {0: "now", 2: None})
    scene.device.execute("/3303/0/5605", "1='x'")
    scene.device.execute("/3303/0/5605")
    assert scene.sensor.executed == [{0: "now", 2: ""}, {1: "x"}, {}]


def test_discover_lists_what_there_is_with_attributes(scene: Scene) -> None:
    scene.device.write_attributes("/3303/0/5700", pmin=1, pmax=10, gt=25.5)
    links = {link.path: link.attributes for link in scene.device.discover("/3303/0")}
    assert links["/3303/0/5700"] == {"pmin": 1, "pmax": 10, "gt": 25.5}
    assert "/3303/0/5605" in links
    scene.device.write_attributes("/3303/0/5700", gt=None)
    [link] = scene.device.discover("/3303/0/5700")
    assert "gt" not in link.attributes


# ---- errors say what was being done


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda device: device.read("/3303/9"), "read /3303/9 of kitchen: 4.04 Not Found"),
        (lambda device: device.read("/3303/0/5605"), "read /3303/0/5605 of kitchen: 4.05 Method Not Allowed"),
        (
            lambda device: device.write("/3303/0/5700", 1.5),
            "write /3303/0/5700 of kitchen: 4.05 Method Not Allowed",
        ),
        (
            lambda device: device.execute("/3303/0/5750"),
            "execute /3303/0/5750 of kitchen: 4.05 Method Not Allowed",
        ),
        (lambda device: device.delete("/3303/0"), "delete /3303/0 of kitchen: 4.05 Method Not Allowed"),
    ],
)
def test_a_response_error_says_what_was_asked_of_whom(scene: Scene, act: Any, words: str) -> None:
    with pytest.raises(linnet.ResponseError) as caught:
        act(scene.device)
    assert str(caught.value) == words
    assert caught.value.code == words.split(": ")[1][:4]
    assert isinstance(caught.value, linnet.Error)


def test_a_device_that_is_not_there_is_not_found(scene: Scene) -> None:
    with pytest.raises(linnet.NotFound, match="read /3 of cellar: cellar is not registered"):
        scene.server.device("cellar").read("/3")


def test_a_device_that_does_not_answer_times_out(scene: Scene) -> None:
    scene.world.link(scene.client).down()
    before = scene.world.now
    with pytest.raises(TimeoutError, match="read /3/0/0 of kitchen"):
        scene.device.read("/3/0/0", timeout=5)
    assert scene.world.now - before == pytest.approx(5, abs=0.1)
    with pytest.raises(linnet.TimeoutError, match="read /3/0/0 of kitchen"):
        scene.device.read("/3/0/0")  # as long as CoAP waits


def test_a_closed_server_says_so(scene: Scene) -> None:
    device = scene.device
    scene.server.close()
    with pytest.raises(linnet.Closed):
        device.read("/3/0/0")
    assert device.objects == []
    assert "kitchen" not in scene.server.registrations


def test_wrong_arguments_are_told_before_anything_is_sent(scene: Scene) -> None:
    for wrong in (
        lambda: scene.device.read("/3/x"),
        lambda: scene.device.read("/3/0/0", format="xml"),
        lambda: scene.device.write("/1/0", 5),
        lambda: scene.device.create("/3303/0/1"),
        lambda: scene.device.execute("/3303/0/5605", "nonsense"),
        lambda: scene.device.write_attributes("/3303/0", pmin="x"),
    ):
        with pytest.raises((ValueError, linnet.Error)):
            wrong()


# ---- registrations


def test_a_registration_tells_all(scene: Scene) -> None:
    device = scene.device
    assert device.objects == ["/1/0", "/3/0", "/3303/0"]
    assert (device.lifetime, device.binding, device.version) == (300, "U", "1.0")
    assert device.location.startswith("/rd/")
    assert device.address.startswith("10.1.")
    assert dict(scene.server.registrations) == {"kitchen": device}
    assert scene.client.location() == device.location


def test_it_is_updated_in_time_for_a_day(scene: Scene) -> None:
    scene.world.advance(hours=25)
    assert scene.device.registered
    assert scene.client.registered


def test_it_expires_when_the_device_falls_silent_and_comes_back(scene: Scene) -> None:
    scene.world.link(scene.client).down()
    scene.world.advance(hours=1)
    assert not scene.server.registrations
    assert not scene.client.registered
    scene.world.link(scene.client).up()
    scene.world.advance(hours=1)
    assert list(scene.server.registrations) == ["kitchen"]


def test_new_instances_are_announced(scene: Scene) -> None:
    scene.client.add(Temperature(instance=4, value=3.5))
    scene.world.settle()
    assert "/3303/4" in scene.device.objects
    scene.client.remove("/3303/4")
    scene.world.settle()
    assert "/3303/4" not in scene.device.objects


def test_stopping_deregisters_and_closes(scene: Scene) -> None:
    scene.client.stop()
    assert scene.client.closed
    assert not scene.server.registrations
    scene.client.stop()


def test_leaving_the_with_statement_deregisters(world: linnet.World) -> None:
    with linnet.Server(SERVER, world=world) as server:
        with make_client(world):
            server.wait_for("kitchen")
        assert not server.registrations
    assert server.closed


def test_waiting_for_nobody_times_out_at_once(world: linnet.World) -> None:
    server = linnet.Server(SERVER, world=world)
    with pytest.raises(
        linnet.TimeoutError,
        match=r"waited 60 s for 'kitchen' to register at coap://10.0.0.1:5683: no devices are registered",
    ):
        server.wait_for("kitchen", timeout=60)


def test_an_unreachable_server_is_named(world: linnet.World) -> None:
    client = make_client(world)
    client.start()
    with pytest.raises(
        linnet.TimeoutError,
        match=r"waited 200 s for 'kitchen' to be registered with coap://10.0.0.1.*did not answer in time",
    ):
        client.wait_registered(200)


def test_host_names_are_those_of_the_world(world: linnet.World) -> None:
    server = linnet.Server(SERVER, world=world)
    world.name("server.example", "10.0.0.1:5683")
    client = linnet.Client("kitchen", server="coap://server.example", world=world)
    client.start()
    client.wait_registered(10)
    assert "kitchen" in server.registrations


def test_many_devices_are_listed(world: linnet.World) -> None:
    server = linnet.Server(SERVER, world=world)
    clients = [make_client(world, f"device-{number}") for number in range(30)]
    for client in clients:
        client.start()
    world.advance(seconds=30)
    assert sorted(server.registrations) == sorted(f"device-{number}" for number in range(30))
    assert len(server.registrations) == 30


# ---- events


def test_events_are_given_to_callbacks_in_order(scene: Scene) -> None:
    seen: list[str] = []
    for kind in ("registered", "updated", "deregistered"):
        scene.server.on(kind, lambda device, event: seen.append(f"{device.endpoint} {event.kind}"))
    scene.client.update()
    scene.world.settle()
    scene.client.stop()
    assert seen == ["kitchen updated", "kitchen deregistered"]


def test_a_callback_may_wait(scene: Scene) -> None:
    read: list[Any] = []

    @scene.server.on("updated")
    def updated(device: linnet.Device, event: linnet.Event) -> None:
        read.append(device.read("/3/0/0"))

    scene.client.update()
    scene.world.settle()
    assert read == ["ACME"]


def test_a_failing_callback_ends_nothing(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    @scene.server.on("updated")
    def updated(device: linnet.Device, event: linnet.Event) -> None:
        raise RuntimeError("my mistake")

    scene.client.update()
    with caplog.at_level(logging.ERROR, "linnet"):
        scene.world.settle()
    assert "my mistake" in caplog.text
    assert isinstance(scene.server.failures[0], RuntimeError)
    assert scene.device.read("/3/0/0") == "ACME"


def test_events_can_be_iterated(scene: Scene) -> None:
    with scene.client.events() as events:
        scene.device.write("/3303/0/5750", "oven")
        scene.device.execute("/3303/0/5605", {0: "now"})
        written, executed = events.next(1), events.next(1)
        assert events.next(timeout=5) is None
    assert written is not None
    assert executed is not None
    assert (written.kind, written.path, written.value) == ("write", "/3303/0/5750", "oven")
    assert (executed.kind, executed.path, executed.arguments) == ("execute", "/3303/0/5605", {0: "now"})


# ---- observations


def test_an_observation_gives_the_first_value_and_every_change(scene: Scene) -> None:
    observation = scene.device.observe("/3303/0/5750")
    assert observation.first.value == "kitchen wall"
    assert next(observation).value == "kitchen wall"
    for label in ("oven", "sink"):
        scene.sensor.label = label
        assert next(observation).value == label
    assert observation.path == "/3303/0/5750"


def test_pmin_and_pmax_are_kept(scene: Scene) -> None:
    observation = scene.device.observe("/3303/0/5750", pmin=10, pmax=60)
    next(observation)
    began = scene.world.now
    scene.sensor.label = "oven"
    assert next(observation).value == "oven"
    assert scene.world.now - began == pytest.approx(10, abs=1)
    assert next(observation).value == "oven"  # nothing changed: after pmax
    assert scene.world.now - began == pytest.approx(70, abs=2)


def test_a_cancelled_observation_ends(scene: Scene) -> None:
    with scene.device.observe("/3303/0/5750") as observation:
        next(observation)
    scene.sensor.label = "oven"
    scene.world.settle()
    assert list(observation) == []


def test_a_forgotten_observation_ends(scene: Scene) -> None:
    """OBS-05: the Reset is case 302 of tests/conformance/test_server.py."""
    observation = scene.device.observe("/3303/0/5750")
    next(observation)
    observation.forget()
    observation.forget()
    scene.sensor.label = "oven"
    scene.world.settle()
    assert list(observation) == []
    assert scene.device.read("/3/0/16", format="any") == "U"


def test_an_observation_ends_with_the_registration(scene: Scene) -> None:
    observation = scene.device.observe("/3303/0/5750")
    scene.client.stop()
    assert [note.value for note in observation] == ["kitchen wall"]
    assert observation.ended is not None


def test_nothing_to_notify_times_out(scene: Scene) -> None:
    observation = scene.device.observe("/3303/0/5750")
    next(observation)
    with pytest.raises(linnet.TimeoutError, match="observe /3303/0/5750 of kitchen"):
        observation.next(timeout=30)


def test_an_instance_is_observed_with_all_its_values(scene: Scene) -> None:
    observation = scene.device.observe("/3303/0")
    next(observation)
    scene.sensor.label = "oven"
    value = next(observation).value
    assert isinstance(value, dict)
    assert value["/3303/0/5750"] == "oven"


def test_what_does_not_exist_cannot_be_observed(scene: Scene) -> None:
    with pytest.raises(linnet.ResponseError, match=r"observe /3303/9 of kitchen: 4\.04"):
        scene.device.observe("/3303/9")


# ---- handlers


class Handlers(linnet.Object, id=32770, version="1.0"):
    computed = linnet.Resource(1, float, "R")
    later = linnet.Resource(2, str, "R")
    broken = linnet.Resource(3, int, "R")
    guarded = linnet.Resource(4, int, "RW", default=1)
    list_ = linnet.Resource(5, int, "R", multiple=True)
    nothing = linnet.Resource(6, int, "R")
    when = linnet.Resource(7, datetime.datetime, "RW")
    first = linnet.Resource(8, str, "RW", default="a")
    second = linnet.Resource(9, str, "RW", default="b")
    bare = 0

    def __init__(self, instance: int = 0) -> None:
        super().__init__(instance)
        self.promise: concurrent.futures.Future[str] = concurrent.futures.Future()
        self.client: linnet.Client | None = None
        self.asked: dict[str, concurrent.futures.Future[None]] = {}

    @computed.reader
    def _(self) -> float:
        return 36.6

    @later.reader
    def _(self) -> Any:
        return self.promise

    @broken.reader
    def _(self) -> int:
        return 1 // 0

    @guarded.writer
    def _(self, value: int) -> None:
        if value == 13:
            raise linnet.NotAllowed("not thirteen")
        if value == 14:
            raise linnet.ResponseError("4.06")
        if value == 15:
            raise ValueError("a mistake")

    @first.writer
    def _(self, value: str) -> Any:
        return self.ask(value)

    @second.writer
    def _(self, value: str) -> Any:
        return self.ask(value)

    def ask(self, value: str) -> Any:
        self.asked[value] = concurrent.futures.Future()
        return self.asked[value]

    @linnet.executable(13)
    def slow(self) -> Any:
        return self.ask("slow")

    @list_.reader
    def _(self) -> dict[int, int]:
        return {2: 20, 7: 70}

    @nothing.reader
    def _(self) -> Any:
        return None

    @linnet.executable(10)
    def without_arguments(self) -> None:
        self.bare += 1

    @linnet.executable(11)
    def close(self, args: dict[int, str]) -> None:
        assert self.client is not None
        self.client.close()

    @linnet.executable(12)
    def wait(self) -> None:
        assert self.client is not None
        self.client.wait_registered(1)


@pytest.fixture
def handlers(scene: Scene) -> Handlers:
    made = scene.client.add(Handlers())
    made.client = scene.client
    scene.world.settle()
    return made


def test_a_computed_value_is_computed_at_each_read(scene: Scene, handlers: Handlers) -> None:
    assert scene.device.read("/32770/0/1") == 36.6
    assert handlers.computed == 36.6
    assert scene.device.read("/32770/0/5", format="tlv") in ({2: 20, 7: 70}, {2: b"\x14", 7: b"F"})
    with pytest.raises(AttributeError):
        handlers.computed = 1.0


def test_a_future_answers_later(scene: Scene, handlers: Handlers) -> None:
    scene.server.on("updated", lambda device, event: handlers.promise.set_result("late"))
    other = make_client(scene.world, "cellar", lifetime=60)
    other.start()
    began = scene.world.now
    assert scene.device.read("/32770/0/2") == "late"
    assert scene.world.now - began > 20  # a CoAP separate response (CO-36), when the cellar had updated


def test_a_failed_future_is_a_failed_handler(scene: Scene, handlers: Handlers) -> None:
    handlers.promise.set_exception(linnet.ResponseError("4.06"))
    with pytest.raises(linnet.ResponseError) as caught:
        scene.device.read("/32770/0/2")
    assert caught.value.code == "4.06"


@pytest.mark.parametrize("error", [linnet.ResponseError("4.06"), None])
def test_a_write_waits_for_all_who_check_it(
    scene: Scene, handlers: Handlers, error: Exception | None
) -> None:
    """Answered later (CO-36), and all or nothing (DM-25)."""
    seen: list[tuple[str, str]] = []
    ticking = make_client(scene.world, "clock", lifetime=20)  # updates every 10 s
    ticking.start()
    ticking.wait_registered(5)

    @scene.server.on("updated")
    def tick(device: linnet.Device, event: linnet.Event) -> None:
        seen.append((handlers.first, handlers.second))
        if len(seen) == 1:
            handlers.asked["x"].set_result(None)
        elif error is None:
            handlers.asked["y"].set_result(None)
        else:
            handlers.asked["y"].set_exception(error)

    refused = pytest.raises(linnet.ResponseError, match=r"4\.06") if error else contextlib.nullcontext()
    with refused:
        scene.device.write("/32770/0", {8: "x", 9: "y"})
    assert seen == [("a", "b"), ("a", "b")]
    assert (handlers.first, handlers.second) == (("a", "b") if error else ("x", "y"))


def test_an_execute_is_answered_later(scene: Scene, handlers: Handlers) -> None:
    done: list[float] = []

    def finish() -> None:
        done.append(scene.world.now)
        handlers.asked["slow"].set_result(None)

    scene.server.on("updated", lambda device, event: finish())
    other = make_client(scene.world, "cellar", lifetime=60)
    other.start()
    scene.device.execute("/32770/0/13")
    assert len(done) == 1


@pytest.mark.parametrize(("value", "code"), [(13, "4.05"), (14, "4.06"), (15, "5.00")])
def test_a_writer_refuses_by_raising(scene: Scene, handlers: Handlers, value: int, code: str) -> None:
    with pytest.raises(linnet.ResponseError) as caught:
        scene.device.write("/32770/0/4", value)
    assert caught.value.code == code
    assert handlers.guarded == 1
    scene.device.write("/32770/0/4", 2)
    assert handlers.guarded == 2


def test_a_broken_handler_is_reported_and_ends_nothing(
    scene: Scene, handlers: Handlers, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "linnet"), pytest.raises(linnet.ResponseError) as caught:
        scene.device.read("/32770/0/3")
    assert caught.value.code == "5.00"
    assert "the handler of /32770/0/3 failed" in caplog.text
    assert isinstance(scene.client.failures[-1], ZeroDivisionError)
    assert scene.device.read("/32770/0/1") == 36.6


@pytest.mark.parametrize("operation", ["read", "write", "execute", "create"])
def test_whatever_handler_raises_the_server_gets_5_00_and_the_log_a_traceback(
    scene: Scene, caplog: pytest.LogCaptureFixture, operation: str
) -> None:
    class Broken(linnet.Object, id=32771):
        creatable = True
        made: ClassVar[int] = 0
        reading = linnet.Resource(1, int, "R")
        writing = linnet.Resource(2, int, "RW", default=1)

        def __init__(self, instance: int = 0) -> None:
            super().__init__(instance)
            if Broken.made > 0:
                raise RuntimeError("broken while it creates")
            Broken.made += 1

        @reading.reader
        def _(self) -> int:
            raise RuntimeError("broken while it reads")

        @writing.writer
        def _(self, value: int) -> None:
            raise RuntimeError("broken while it writes")

        @linnet.executable(3)
        def run(self) -> None:
            raise RuntimeError("broken while it executes")

    scene.client.add(Broken())
    scene.world.settle()
    acts = {
        "read": lambda: scene.device.read("/32771/0/1"),
        "write": lambda: scene.device.write("/32771/0/2", 5),
        "execute": lambda: scene.device.execute("/32771/0/3"),
        "create": lambda: scene.device.create("/32771", {2: 5}),
    }
    with caplog.at_level(logging.ERROR, "linnet"), pytest.raises(linnet.ResponseError) as caught:
        acts[operation]()
    assert caught.value.code == "5.00"
    assert "Traceback (most recent call last)" in caplog.text
    assert f"RuntimeError: broken while it {operation.removesuffix('e')}" in caplog.text
    assert scene.client.registered
    assert scene.client.get("/32771/0/2") == 1
    assert scene.client.instances()[-1] == "/32771/0"
    assert scene.device.read("/3/0/0") == "ACME"


def test_a_reader_without_a_value_is_not_found(scene: Scene, handlers: Handlers) -> None:
    with pytest.raises(linnet.ResponseError) as caught:
        scene.device.read("/32770/0/6")
    assert caught.value.code == "4.04"


def test_an_executable_may_take_no_arguments(scene: Scene, handlers: Handlers) -> None:
    scene.device.execute("/32770/0/10", {0: "ignored"})
    assert handlers.bare == 1


def test_a_handler_may_close_its_client(scene: Scene, handlers: Handlers) -> None:
    with pytest.raises(linnet.Error):
        scene.device.execute("/32770/0/11", timeout=10)
    assert scene.client.closed


def test_a_handler_that_waits_is_told_so(scene: Scene, handlers: Handlers) -> None:
    with pytest.raises(linnet.ResponseError):
        scene.device.execute("/32770/0/12")


def test_times_are_datetimes_in_python(scene: Scene, handlers: Handlers) -> None:
    moment = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.timezone.utc)
    handlers.when = moment
    assert handlers.when == moment
    assert scene.device.read("/32770/0/7", format="text") == str(int(moment.timestamp()))


def test_async_handlers_need_asyncio(scene: Scene) -> None:
    @scene.client.device.reader("memory_free")
    async def free() -> int:
        return 1

    with pytest.raises(linnet.ResponseError):
        scene.device.read("/3/0/10")
    assert "linnet.aio" in str(scene.client.failures[-1])


# ---- creating and deleting


class Creatable(linnet.Object, id=32771):
    creatable = True
    name = linnet.Resource(1, str, "RW", default="new")
    made: ClassVar[list[Creatable]] = []

    def __init__(self, instance: int = 0, **values: Any) -> None:
        super().__init__(instance, **values)
        self.made.append(self)


def test_servers_create_and_delete_instances_of_a_class(scene: Scene) -> None:
    scene.client.add(Creatable(instance=0))
    scene.world.settle()
    assert scene.device.create("/32771/5", {1: "made"}, format="json") == "/32771/5"
    assert Creatable.made[-1].instance == 5
    assert Creatable.made[-1].name == "made"
    path = scene.device.create("/32771", {1: "chosen"}, format="tlv")
    assert path == f"/32771/{Creatable.made[-1].instance}"
    scene.device.delete("/32771/5")
    assert scene.client.instances()[-2:] == sorted(["/32771/0", path])
    with pytest.raises(linnet.ResponseError, match=r"4\.04"):
        scene.device.delete("/32771/5")


# ---- a bad network


def test_loss_and_duplication_change_no_answer(world: linnet.World) -> None:
    world.network.set(loss=0.25, duplication=0.2, delay_ms=50, jitter_ms=200)
    server = linnet.Server(SERVER, world=world)
    client = make_client(world)
    sensor = client.add(Temperature())
    client.start()
    device = server.wait_for("kitchen", 3600)
    for number in range(20):
        device.write("/3303/0/5750", f"label {number}")
        assert sensor.label == f"label {number}"
        device.execute("/3303/0/5605", {0: str(number)})
    assert sensor.executed == [{0: str(number)} for number in range(20)]


def test_the_same_seed_gives_the_same_run() -> None:
    def run(seed: int) -> list[tuple[int, bytes, bool]]:
        world = linnet.World(seed)
        world.network.set(loss=0.1, jitter_ms=100)
        sent: list[tuple[int, bytes, bool]] = []
        world.watch(lambda ms, source, to, data, lost: sent.append((ms, data, lost)))
        server = linnet.Server(SERVER, world=world)
        client = make_client(world)
        client.start()
        server.wait_for("kitchen", 3600).read("/3/0")
        return sent

    assert run(7) == run(7)
    assert run(7) != run(8)


def test_a_nat_that_forgets_is_noticed(scene: Scene) -> None:
    scene.world.link(scene.client).rebind("10.9.9.9:1234")
    scene.client.update()
    scene.world.settle()
    assert scene.device.address == "10.9.9.9:1234"
    assert scene.device.read("/3/0/0") == "ACME"


def test_without_memory_calls_fail_and_the_world_goes_on(scene: Scene) -> None:
    for after in range(0, 60, 3):
        scene.world.fail_memory(scene.server, after, 1)
        try:
            scene.device.read("/3/0/0", timeout=300)
        except (linnet.Error, MemoryError):
            continue
    scene.world.fail_memory(scene.server, 0, 0)
    assert scene.device.read("/3/0/0") == "ACME"


def test_a_handler_cannot_move_the_clock(scene: Scene) -> None:
    @scene.client.device.reader("memory_free")
    def free() -> int:
        scene.world.advance(hours=1)
        return 1

    with pytest.raises(linnet.ResponseError):
        scene.device.read("/3/0/10")
    assert isinstance(scene.client.failures[-1], linnet.StateError)


def test_traffic_tells_servers_apart() -> None:
    with linnet.World(seed=1) as world:
        servers = [world.server(), world.server()]
        accounts = [linnet.ServerAccount(s.listen[0], short_server_id=id) for id, s in enumerate(servers, 1)]
        bootstrap = world.bootstrap_server(config={"kitchen": linnet.Configuration(servers=accounts)})
        traffic = world.record()
        world.client("kitchen", bootstrap=bootstrap.listen[0])
        for server in servers:
            server.wait_for("kitchen", 10)
        lines = str(traffic)
        assert "kitchen -> bootstrap  CON POST /bs?ep=kitchen" in lines
        assert "kitchen -> server  CON POST /rd?ep=kitchen" in lines
        assert "kitchen -> server 2  CON POST /rd?ep=kitchen" in lines
