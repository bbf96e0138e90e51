# SPDX-License-Identifier: Apache-2.0
"""Devices on Eclipse Leshan's client library at a server of ours."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import linnet
import pytest
from leshan_device import DEFINITIONS, PATIENCE, LeshanDevices

#: What LeshanDevices.java has in /3442/0.
VALUES = {
    110: "grüß dich",
    120: -5_000_000_000,
    130: -0.1,
    140: True,
    150: b"\x00\x01\xff",
    160: 1_367_491_215,
    170: linnet.ObjectLink(3, 0),
}
TYPES = {
    110: linnet.Type.STRING,
    120: linnet.Type.INTEGER,
    130: linnet.Type.FLOAT,
    140: linnet.Type.BOOLEAN,
    150: linnet.Type.OPAQUE,
    160: linnet.Type.TIME,
    170: linnet.Type.OBJLNK,
}
COUNT = iter(range(1, 1000))


class Kettle:
    """A registered device, as our server has it and as Leshan has it."""

    def __init__(self, server: linnet.Server, leshan: LeshanDevices) -> None:
        self.server, self.leshan = server, leshan
        self.endpoint = f"kettle-{next(COUNT)}"
        self.tell("start", server.listen[0], 300)
        self.location = self.wait("registered")
        self.device = server.device(self.endpoint)

    def tell(self, verb: str, *words: object) -> None:
        self.leshan.tell(verb, self.endpoint, *words)

    def wait(self, event: str, path: str = "") -> str:
        return self.leshan.wait(event, self.endpoint, path)


@pytest.fixture
def server() -> Iterator[linnet.Server]:
    with linnet.Server("coap://127.0.0.1:0", models=(str(DEFINITIONS),), timeout=PATIENCE) as server:
        yield server


@pytest.fixture
def kettle(server: linnet.Server, leshan_devices: LeshanDevices) -> Iterator[Kettle]:
    kettle = Kettle(server, leshan_devices)
    yield kettle
    if kettle.device.registered:
        kettle.tell("stop")
        kettle.wait("deregistered")


def test_registers_updates_and_leaves(kettle: Kettle) -> None:
    device = kettle.device
    assert kettle.location == device.location
    assert (device.lifetime, device.binding, device.version) == (300, "U", "1.0")
    assert {"/1/0", "/3/0", "/3442/0"} <= set(device.objects)
    with kettle.server.events() as events:
        kettle.tell("update")
        kettle.wait("updated")
        update = events.next(PATIENCE)
        assert update is not None
        assert (update.kind, update.endpoint) == ("updated", kettle.endpoint)
        kettle.tell("stop")
        gone = events.next(PATIENCE)
        assert gone is not None
        assert (gone.kind, gone.endpoint) == ("deregistered", kettle.endpoint)
    kettle.wait("deregistered")
    assert not device.registered


@pytest.mark.parametrize("format", [None, "tlv", "json"])
def test_every_type_is_read_as_it_is(kettle: Kettle, format: str | None) -> None:
    values = kettle.device.read("/3442/0", format=format)
    assert {path: values[path] for path in values if path.count("/") == 3} == {
        f"/3442/0/{id}": value for id, value in VALUES.items()
    }
    assert (values["/3442/0/1120/0"], values["/3442/0/1120/7"]) == (1, 300)
    types = {record.path: record.type for record in kettle.device.read_records("/3442/0", format=format)}
    assert {id: types[f"/3442/0/{id}"] for id in VALUES} == {id: TYPES[id] for id in VALUES}


@pytest.mark.parametrize("format", [None, "tlv", "json", "text"])
def test_reads_a_resource(kettle: Kettle, format: str | None) -> None:
    assert {id: kettle.device.read(f"/3442/0/{id}", format=format) for id in VALUES} == VALUES


def test_reads_a_multiple_resource_and_an_object(kettle: Kettle) -> None:
    assert kettle.device.read("/3442/0/1120") == {0: 1, 7: 300}
    values = kettle.device.read("/3")
    assert (values["/3/0/0"], values["/3/0/9"], values["/3/0/11/0"]) == ("Leshan", 87, 0)


@pytest.mark.parametrize("format", [None, "tlv", "json", "text"])
def test_writes_each_type(kettle: Kettle, format: str | None) -> None:
    time = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    for id, value, told in (
        (110, "größer", "größer"),
        (120, 2**40, str(2**40)),
        (130, 2.5, "2.5"),
        (140, False, "false"),
        (150, b"\xfe\x00", "/gA="),
        (160, time, str(int(time.timestamp()))),
        (170, linnet.ObjectLink(3442, 0), "3442:0"),
    ):
        kettle.device.write(f"/3442/0/{id}", value, format=format)
        assert kettle.wait("write", f"/3442/0/{id}") == told


def test_writes_a_multiple_resource(kettle: Kettle) -> None:
    kettle.device.write("/3442/0/1120", {1: 5, 300: -500})
    assert kettle.wait("write", "/3442/0/1120") == "{1=5, 300=-500}"


@pytest.mark.parametrize("format", [None, "json"])
def test_writes_an_instance(kettle: Kettle, format: str | None) -> None:
    kettle.device.write("/3442/0", {110: "both", 120: 2}, format=format)
    assert (kettle.wait("write", "/3442/0/110"), kettle.wait("write", "/3442/0/120")) == ("both", "2")


def test_executes(kettle: Kettle) -> None:
    kettle.device.execute("/3442/0/0")
    assert kettle.wait("execute", "/3442/0/0") == ""
    kettle.device.execute("/3442/0/0", {0: "now", 2: None})
    assert kettle.wait("execute", "/3442/0/0") == "0='now',2"


@pytest.mark.parametrize("format", [None, "json"])
def test_creates_and_deletes_an_instance(kettle: Kettle, format: str | None) -> None:
    with kettle.server.events() as events:
        assert kettle.device.create("/3442/5", {110: "five"}, format=format) == "/3442/5"
        update = events.next(PATIENCE)
        assert update is not None
        assert update.kind == "updated"
        assert "/3442/5" in kettle.device.objects
        assert kettle.device.read("/3442/5/110") == "five"
        kettle.device.delete("/3442/5")
        kettle.wait("delete", "/3442/5")


def test_lets_the_device_choose_the_instance(kettle: Kettle) -> None:
    """DM-63: the Location-Path tells which."""
    path = kettle.device.create("/3442", {110: "new"})
    assert kettle.device.read(f"{path}/110") == "new"


def test_errors_are_exceptions(kettle: Kettle) -> None:
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: kettle.device.read("/3442/9"), "4.04"),
        (lambda: kettle.device.read("/3442/0/1130"), "4.04"),
        (lambda: kettle.device.delete("/3/0"), "4.05"),
    ]
    for call, code in calls:
        with pytest.raises(linnet.ResponseError) as refused:
            call()
        assert refused.value.code == code


def test_discovers(kettle: Kettle) -> None:
    links = {link.path: link.attributes for link in kettle.device.discover("/3442/0")}
    assert {"/3442/0", "/3442/0/0", "/3442/0/110", "/3442/0/1120"} <= set(links)


@pytest.mark.parametrize("format", [None, "tlv", "json", "text"])
def test_observes_a_resource_until_cancelled(kettle: Kettle, format: str | None) -> None:
    with kettle.device.observe("/3442/0/120", format=format) as observation:
        assert observation.next(PATIENCE).value == VALUES[120]
        for value in (1, -70000):
            kettle.tell("set", "/3442/0/120", "INTEGER", value)
            assert observation.next(PATIENCE).value == value
    with kettle.server.events() as events:
        kettle.tell("set", "/3442/0/120", "INTEGER", 5)
        assert kettle.wait("set", "/3442/0/120") == "1"
        assert kettle.wait("set", "/3442/0/120") == "-70000"
        assert kettle.wait("set", "/3442/0/120") == "5"
        assert kettle.device.read("/3442/0/120") == 5
        kettle.device.write("/1/0/1", 400)
        event = events.next(PATIENCE)
        assert event is not None
        assert event.kind == "updated"  # and no notification before it


def test_observes_an_instance(kettle: Kettle) -> None:
    with kettle.device.observe("/3442/0") as observation:
        assert observation.next(PATIENCE).value["/3442/0/120"] == VALUES[120]
        kettle.tell("set", "/3442/0/110", "STRING", "changed")
        assert observation.next(PATIENCE).value["/3442/0/110"] == "changed"


def test_several_observations_at_once(kettle: Kettle) -> None:
    text, number = kettle.device.observe("/3442/0/110"), kettle.device.observe("/3442/0/120")
    with text, number:
        assert (text.next(PATIENCE).value, number.next(PATIENCE).value) == (VALUES[110], VALUES[120])
        kettle.tell("set", "/3442/0/120", "INTEGER", 8)
        kettle.tell("set", "/3442/0/110", "STRING", "eight")
        assert (text.next(PATIENCE).value, number.next(PATIENCE).value) == ("eight", 8)


@pytest.mark.parametrize("format", [None, "json", "text"])
def test_large_values_pass_in_blocks_both_ways(kettle: Kettle, format: str | None) -> None:
    """CO-03: Leshan's blocks are 512 bytes, ours 1024."""
    large = "".join(chr(0x21 + index % 90) for index in range(5000))
    kettle.device.write("/3442/0/110", large, format=format)
    assert kettle.wait("write", "/3442/0/110") == large
    assert kettle.device.read("/3442/0/110", format=format) == large


def test_a_large_notification_comes_in_blocks(kettle: Kettle) -> None:
    """BW-26."""
    with kettle.device.observe("/3442/0/110") as observation:
        observation.next(PATIENCE)
        kettle.tell("set", "/3442/0/110", "STRING", "n" * 3000)
        assert observation.next(PATIENCE).value == "n" * 3000


def test_writes_attributes_as_far_as_leshan_takes_them(kettle: Kettle) -> None:
    """The client library of 1.x answers every Write-Attributes with 5.00."""
    with pytest.raises(linnet.ResponseError) as refused:
        kettle.device.write_attributes("/3442/0/120", pmin=1)
    assert refused.value.code == "5.00"


def test_an_instance_of_the_server_object_takes_a_new_lifetime(kettle: Kettle) -> None:
    with kettle.server.events() as events:
        kettle.device.write("/1/0/1", 120)
        update = events.next(PATIENCE)
    assert update is not None
    assert update.kind == "updated"
    assert kettle.device.lifetime == 120
