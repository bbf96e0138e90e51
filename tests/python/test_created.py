# SPDX-License-Identifier: Apache-2.0
"""Instances that servers create: what the application has to add to them (MOD-07, DM-61, DM-62)."""

from __future__ import annotations

import linnet
from kitchen import Scene


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
