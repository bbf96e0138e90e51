# SPDX-License-Identifier: Apache-2.0
"""Objects that act by themselves: Device errors, Firmware Update, Location, Connectivity Statistics."""

from __future__ import annotations

import datetime

import linnet
import pytest
from kitchen import Scene


def test_errors_come_and_go(scene: Scene) -> None:
    """OBJ-30."""
    device = scene.server.registrations["kitchen"]
    assert device.read("/3/0/11") == {0: 0}
    scene.client.raise_error(linnet.DeviceError.LOW_SIGNAL)
    scene.client.raise_error(linnet.DeviceError.GPS_FAILURE)
    assert sorted(device.read("/3/0/11").values()) == [3, 4]
    scene.client.clear_error(linnet.DeviceError.LOW_SIGNAL)
    scene.client.clear_error(linnet.DeviceError.GPS_FAILURE)
    assert device.read("/3/0/11") == {0: 0}
    with pytest.raises(linnet.NotFound):
        scene.client.clear_error(linnet.DeviceError.GPS_FAILURE)


def test_a_package_is_checked_and_installed_by_the_application(scene: Scene) -> None:
    """FW-11, FW-15, FW-17, FW-19."""
    packages: list[object] = []
    client = scene.client
    client.add_firmware()

    @client.on("write")
    def downloaded(event: linnet.Event) -> None:
        if event.path == "/5/0/0":
            assert client.firmware_state is linnet.FirmwareState.DOWNLOADING
            packages.append(event.value)
            client.end_firmware(linnet.FirmwareResult.COMPLETE)

    device = scene.server.registrations["kitchen"]
    device.write("/5/0/0", b"image" * 1000)
    scene.world.settle()
    assert packages == [b"image" * 1000]
    assert device.read("/5/0/3") == linnet.FirmwareState.DOWNLOADED
    device.execute("/5/0/2")
    assert client.firmware_state is linnet.FirmwareState.UPDATING
    client.end_firmware(linnet.FirmwareResult.UPDATED)
    assert (device.read("/5/0/3"), device.read("/5/0/5")) == (0, 1)
    with pytest.raises(linnet.StateError):
        client.end_firmware(linnet.FirmwareResult.UPDATED)


def test_a_position_makes_the_instance(scene: Scene) -> None:
    scene.client.add_location()
    assert "/6/0" not in scene.client.instances()
    fix = datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc)
    scene.client.set_location(43.5723, 153.2176, fix)
    scene.client.set_velocity(3, 90)
    scene.world.settle()
    device = scene.server.registrations["kitchen"]
    assert device.read("/6/0/0") == pytest.approx(43.5723)
    assert device.read("/6/0/6") == 3
    assert scene.client.get("/6/0/5") == fix.timestamp()
    with pytest.raises(linnet.OutOfRange):
        scene.client.set_location(91, 0, 0)


def test_statistics_count_from_start_to_stop(scene: Scene) -> None:
    scene.client.add_statistics()
    scene.world.settle()
    device = scene.server.registrations["kitchen"]
    device.execute("/7/0/6")
    for _ in range(100):
        device.read("/3/0")
    device.execute("/7/0/7")
    counted = device.read("/7/0/2")
    assert counted > 3
    device.read("/3/0")
    assert device.read("/7/0/2") == counted


def test_a_limit_lets_a_large_package_in(scene: Scene) -> None:
    """BW-06: what is larger than the client wants is 4.13, and how much it wants can be said."""
    scene.client.add_firmware()
    device = scene.server.registrations["kitchen"]
    package = bytes(range(256)) * 400
    with pytest.raises(linnet.ResponseError) as refused:
        device.write("/5/0/0", package)
    assert refused.value.code == "4.13"
    scene.client.set_limit("body-size", 1 << 20)
    device.write("/5/0/0", package)
    assert scene.client.get("/5/0/0") == package
    with pytest.raises(linnet.InvalidArgument, match="body-size"):
        scene.client.set_limit("size", 5)
    with pytest.raises(linnet.InvalidArgument, match="whole number"):
        scene.server.set_limit("nstart", -1)


def test_a_package_is_fetched_by_the_protocols_that_the_application_knows(scene: Scene) -> None:
    """FW-12, FW-14."""
    with pytest.raises(linnet.InvalidArgument, match="'ftp'"):
        scene.client.add_firmware("ftp")
    scene.client.add_firmware("coap", "https")
    scene.world.settle()
    assert scene.device.read("/5/0/8") == {0: 0, 1: 3}
    assert scene.device.read("/5/0/9") == 2
    scene.device.write("/5/0/1", "http://example.com/image")
    assert scene.device.read("/5/0/5") == linnet.FirmwareResult.UNSUPPORTED_PROTOCOL
    scene.device.write("/5/0/1", "https://example.com/image")
    assert scene.client.firmware_state is linnet.FirmwareState.DOWNLOADING


def test_a_package_in_blocks_is_a_download_with_the_first(scene: Scene) -> None:
    """FW-11, FW-16: who observes the state sees it begin, and end when the server falls silent."""
    scene.client.add_firmware()
    scene.world.settle()
    observation = scene.device.observe("/5/0/3")
    ends: list[linnet.FirmwareState] = []

    @scene.client.on("write")
    def check(event: linnet.Event) -> None:
        ends.append(scene.client.firmware_state)
        scene.client.end_firmware(linnet.FirmwareResult.COMPLETE)

    scene.device.write("/5/0/0", bytes(5000))
    assert [observation.next(timeout=1).value for _ in range(3)] == [0, 1, 2]
    assert ends == [linnet.FirmwareState.DOWNLOADING]
    scene.device.write("/5/0/1", "")
    assert scene.client.firmware_state is linnet.FirmwareState.IDLE
