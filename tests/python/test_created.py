# SPDX-License-Identifier: Apache-2.0
"""Instances that servers create: what the application has to add to them (MOD-07, DM-61, DM-62)."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import linnet
import pytest
from kitchen import Scene, make_client


class Oven(linnet.Object, id=30001):
    creatable = True
    temperature = linnet.Resource(0, float, "R", default=20.0, mandatory=True)
    serial = linnet.Resource(1, str, "R")
    target = linnet.Resource(2, int, "RW", mandatory=True)
    label = linnet.Resource(3, str, "RW", default="oven")
    load = linnet.Resource(4, int, "R", mandatory=True)
    heated = 0

    def __init__(self, instance: int = 0, **values: object) -> None:
        super().__init__(instance, **values)
        self.serial = f"oven-{instance}"

    @load.reader
    def _(self) -> int:
        return 7

    @linnet.executable(5)
    def heat(self) -> None:
        self.heated += 1


def test_a_created_instance_is_whole(scene: Scene) -> None:
    """Mandatory values that servers cannot write, what the class gave itself, and what can be executed."""
    scene.client.add(Oven(0, target=100))
    scene.server.model.add_object(30001, "Oven")
    for resource in Oven.definitions():
        scene.server.model.declare(30001, resource)
    scene.world.settle()
    assert scene.device.create("/30001", {2: 180}) == "/30001/1"
    assert scene.device.read("/30001/1") == {
        "/30001/1/0": 20.0,
        "/30001/1/1": "oven-1",
        "/30001/1/2": 180,
        "/30001/1/4": 7,
    }
    scene.device.execute("/30001/1/5")
    assert scene.device.read("/30001/0/3") == "oven"
    assert not scene.client.failures


def test_samples_fill_what_a_definition_wants(scene: Scene) -> None:
    scene.client.model.add_object(30002, "Cupboard")
    scene.client.model.add_resource(30002, 0, "Doors", linnet.Type.INTEGER, "R", mandatory=True, range="1..9")
    scene.client.model.add_resource(30002, 1, "Label", linnet.Type.STRING, "RW")
    scene.client.model.add_resource(30002, 2, "Note", linnet.Type.STRING, "R")
    scene.client.add_object(30002)
    scene.server.model.add_object(30002, "Cupboard")
    scene.world.settle()
    assert scene.device.create("/30002/4", {}, format="tlv") == "/30002/4"
    assert scene.client.get("/30002/4") == {"/30002/4/0": 1}


class Slot(linnet.Object, id=30003):
    """Is asked before it comes and goes, and may take its time."""

    creatable = True
    size = linnet.Resource(0, int, "RW", default=1)
    marks = linnet.Resource(1, int, "RW", multiple=True)
    answer: ClassVar[concurrent.futures.Future[None] | Exception | None] = None
    asked: ClassVar[list[Any]] = []

    def reply(self, *question: Any) -> object:
        type(self).asked.append(question)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def on_create(self, values: Mapping[int, Any]) -> object:
        return self.reply("create", self.path, dict(values))

    def on_delete(self) -> object:
        return self.reply("delete", self.path)


@pytest.fixture
def slots(scene: Scene) -> Iterator[type[Slot]]:
    Slot.answer, Slot.asked = None, []
    scene.client.add(Slot(0))
    scene.server.model.add_object(30003, "Slot")
    for resource in Slot.definitions():
        scene.server.model.declare(30003, resource)
    scene.world.settle()
    yield Slot
    Slot.answer, Slot.asked = None, []


def test_a_create_can_be_refused(scene: Scene, slots: type[Slot]) -> None:
    """DM-60: with a code of the application's choice, and nothing of it stays."""
    slots.answer = linnet.ResponseError("4.06")
    with pytest.raises(linnet.ResponseError) as refused:
        scene.device.create("/30003/3", {0: 5, 1: {2: 20, 7: 70}})
    assert refused.value.code == "4.06"
    assert slots.asked == [("create", "/30003/3", {0: 5, 1: {2: 20, 7: 70}})]
    assert not scene.client.get("/30003").get("/30003/3/0")
    slots.answer = None
    assert scene.device.create("/30003/3", {0: 6}) == "/30003/3"
    assert scene.device.read("/30003/3/0") == 6
    assert not scene.client.failures


def test_a_delete_can_be_refused(scene: Scene, slots: type[Slot]) -> None:
    """DM-70."""
    slots.answer = linnet.NotAllowed("it is screwed on")
    with pytest.raises(linnet.ResponseError) as refused:
        scene.device.delete("/30003/0")
    assert refused.value.code == "4.05"
    assert slots.asked == [("delete", "/30003/0")]
    assert scene.device.read("/30003/0/0") == 1
    slots.answer = ValueError("a mistake")
    with pytest.raises(linnet.ResponseError) as refused:
        scene.device.delete("/30003/0")
    assert refused.value.code == "5.00"
    assert "a mistake" in str(scene.client.failures[0])
    scene.client.failures.clear()
    slots.answer = None
    scene.device.delete("/30003/0")
    with pytest.raises(linnet.ResponseError):
        scene.device.read("/30003/0/0")


def test_a_create_and_a_delete_are_answered_later(scene: Scene, slots: type[Slot]) -> None:
    """A CoAP separate response (CO-36); until then there is no instance, or there still is."""
    promise: concurrent.futures.Future[None] = concurrent.futures.Future()
    there: list[bool] = []

    @scene.server.on("updated")
    def tick(device: linnet.Device, event: linnet.Event) -> None:
        there.append(bool(scene.client.get("/30003").get("/30003/1/0")))
        if not promise.done():
            promise.set_result(None)

    slots.answer = promise
    clock = make_client(scene.world, "clock", lifetime=60)
    clock.start()
    assert scene.device.create("/30003/1", {0: 9}) == "/30003/1"
    assert there == [False]
    assert scene.device.read("/30003/1/0") == 9
    slots.answer = promise = concurrent.futures.Future()
    scene.device.delete("/30003/1")
    assert not there[0]
    assert len(there) > 1
    assert all(there[1:])
    assert [question[0] for question in slots.asked] == ["create", "delete"]
    with pytest.raises(linnet.ResponseError):
        scene.device.read("/30003/1/0")


def test_instances_without_a_class_can_be_refused(scene: Scene) -> None:
    """DM-60, DM-70: the functions that add_object was given are asked."""
    asked: list[Any] = []
    answer: list[Any] = [linnet.ResponseError("4.06")]

    def reply(*question: Any) -> object:
        asked.append(question)
        if isinstance(answer[0], Exception):
            raise answer[0]
        return answer[0]

    for model in (scene.client.model, scene.server.model):
        model.add_object(30004, "Drawer")
        model.add_resource(30004, 0, "Depth", linnet.Type.INTEGER, "RW", mandatory=True)
    scene.client.add_object(30004, 0, on_create=reply, on_delete=reply)
    scene.world.settle()
    with pytest.raises(linnet.ResponseError) as refused:
        scene.device.create("/30004/3", {0: 5})
    assert refused.value.code == "4.06"
    with pytest.raises(linnet.ResponseError) as refused:
        scene.device.delete("/30004/0")
    assert refused.value.code == "4.06"
    assert asked == [("/30004/3", {0: 5}), ("/30004/0",)]
    assert scene.client.instances()[-1] == "/30004/0"
    answer[0] = ValueError("a mistake")
    with pytest.raises(linnet.ResponseError) as refused:
        scene.device.create("/30004/3", {0: 5})
    assert refused.value.code == "5.00"
    assert "a mistake" in str(scene.client.failures.pop())
    answer[0] = None
    assert scene.device.create("/30004/3", {0: 6}) == "/30004/3"
    assert scene.client.get("/30004/3/0") == 6
    scene.device.delete("/30004/3")
    scene.device.delete("/30004/0")
    assert "/30004/0" not in scene.client.instances()


class Letterbox(linnet.Object, id=30006):
    slip = linnet.Resource(0, str, "W")
    coins = linnet.Resource(1, int, "W", multiple=True)


class Checked(Letterbox, id=30007):
    sender = linnet.Resource(2, str, "RW", default="me")

    @sender.writer
    def _(self, value: str) -> None:
        pass


@pytest.mark.parametrize("kind", [Letterbox, Checked])
def test_what_is_only_written_is_there_for_the_application(scene: Scene, kind: type[Letterbox]) -> None:
    """Also where something else of the object is checked; and 4.05 for the server that reads (DM-12)."""
    box = scene.client.add(kind(0))
    scene.server.model.add_object(box.object_id or 0, "Box")
    for resource in kind.definitions():
        scene.server.model.declare(box.object_id or 0, resource)
    scene.world.settle()
    assert box.slip is None
    scene.device.write(f"{box.path}/0", "a letter")
    scene.device.write(f"{box.path}/1", {3: 5})
    scene.world.settle()
    assert (box.slip, dict(box.coins)) == ("a letter", {3: 5})
    with pytest.raises(linnet.ResponseError, match=r"4\.05"):
        scene.device.read(f"{box.path}/0")


class Safe(linnet.Object, id=30005):
    creatable = True
    code = linnet.Resource(0, str, "W")
    codes = linnet.Resource(1, int, "W", multiple=True)
    tried: ClassVar[list[str]] = []

    @code.writer
    def _(self, value: str) -> None:
        self.tried.append(value)


def test_what_is_only_written_is_there_from_the_beginning(scene: Scene) -> None:
    """DM-12, DM-27: without a value that could be its default; also in an instance that a server made."""
    scene.client.add(Safe(0))
    scene.server.model.add_object(30005, "Safe")
    for resource in Safe.definitions():
        scene.server.model.declare(30005, resource)
    scene.world.settle()
    assert scene.device.create("/30005", {}, format="tlv") == "/30005/1"
    for instance in (0, 1):
        links = [link.path for link in scene.device.discover(f"/30005/{instance}")]
        assert links == [f"/30005/{instance}", f"/30005/{instance}/0", f"/30005/{instance}/1"]
        scene.device.write(f"/30005/{instance}/0", f"open {instance}")
        with pytest.raises(linnet.ResponseError) as refused:
            scene.device.read(f"/30005/{instance}/0")
        assert refused.value.code == "4.05"
    assert Safe.tried == ["open 0", "open 1"]
