# SPDX-License-Identifier: Apache-2.0
"""A server and a device that sleeps (digest 9), in a simulated world."""

from __future__ import annotations

import linnet
import pytest
from kitchen import SERVER


def sleeper(world: linnet.World) -> linnet.Client:
    client = linnet.Client("sleeper", server=SERVER, lifetime=600, binding="UQ", world=world)
    client.device.manufacturer = "ACME"
    client.start()
    return client


def test_a_read_waits_until_the_device_wakes(world: linnet.World) -> None:  # QUE-04
    server = linnet.Server(SERVER, world=world)
    client = sleeper(world)
    device = server.wait_for("sleeper", timeout=60)
    events = server.events()
    assert device.awake
    world.advance(seconds=120)
    assert client.registered
    assert not device.awake
    began = world.now
    assert device.read("/3/0/0") == "ACME"
    assert world.now - began > 60  # until its Update
    queued = events.next(timeout=0)
    assert queued is not None
    assert queued.kind is linnet.EventKind.QUEUED
    assert (queued.endpoint, queued.path) == ("sleeper", "/3/0/0")


def test_the_caller_may_wait_for_less(world: linnet.World) -> None:
    server = linnet.Server(SERVER, world=world)
    client = sleeper(world)
    device = server.wait_for("sleeper", timeout=60)
    world.advance(seconds=120)
    with pytest.raises(TimeoutError):
        device.read("/3/0/0", timeout=10)
    assert device.queued == 0
    assert client.registered


def test_what_waits_has_a_deadline(world: linnet.World) -> None:  # QUE-07
    server = linnet.Server(SERVER, world=world, queue_time=30, awake_time=20)
    client = sleeper(world)
    device = server.wait_for("sleeper", timeout=60)
    world.advance(seconds=25)
    with pytest.raises(linnet.TimeoutError, match="read /3/0/0 of sleeper: the device did not wake in time"):
        device.read("/3/0/0")
    assert client.registered


def test_a_trigger_is_asked_for(world: linnet.World) -> None:  # QUE-09
    server = linnet.Server(SERVER, world=world)
    told: list[tuple[str, str]] = []
    server.on("trigger-wanted", lambda device, event: told.append((device.endpoint, event.text)))
    client = linnet.Client("sleeper", server=SERVER, lifetime=600, binding="UQS", world=world)
    client.set_sms_number("15550100")
    client.start()
    device = server.wait_for("sleeper", timeout=60)
    world.advance(seconds=120)
    assert device.read("/3/0/16") == "UQS"
    assert told == [("sleeper", "15550100")]


def test_an_observation_may_outlive_the_registration(world: linnet.World) -> None:  # REG-13
    server = linnet.Server(SERVER, world=world)
    client = sleeper(world)
    device = server.wait_for("sleeper", timeout=60)
    plain = device.observe("/3/0/16")
    with device.observe("/3/0/0", keep=True) as kept:
        assert kept.next().value == "ACME"
        client.stop()
        assert not device.registered
        world.advance(seconds=5)
        assert plain.ended is not None
        assert kept.ended is None
        again = linnet.Client("sleeper", server=SERVER, lifetime=600, binding="UQ", world=world)
        again.device.manufacturer = "EMCA"
        again.start()
        assert kept.next(timeout=60).value == "EMCA"
        again.device.manufacturer = "ACME"
        assert kept.next(timeout=60).value == "ACME"
    assert kept.ended is not None
    assert server._core.observation(device.registration, "/3/0/0") == 0


def test_devices_are_found_by_location_and_address(world: linnet.World) -> None:
    server = linnet.Server(SERVER, world=world)
    client = sleeper(world)
    device = server.wait_for("sleeper", timeout=60)
    assert server.registrations.located(device.location) == device
    assert server.registrations.located("/rd/0") is None
    assert server.registrations.at(device.address) == [device]
    assert server.registrations.at("192.0.2.77:5683") == []
    assert device.object_version(3) == "1.0"
    assert device.object_version(3303) == ""
    assert device.root == ""
    world.advance(seconds=1)
    assert client.registered
