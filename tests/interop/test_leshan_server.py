# SPDX-License-Identifier: Apache-2.0
"""Clients of ours at Eclipse Leshan's demo server."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import linnet
import pytest
from leshan_server import DEFINITIONS, PATIENCE, LeshanServer

TIME = datetime.datetime(2013, 5, 2, 10, 40, 15, tzinfo=datetime.timezone.utc)
#: A value of each type, as Python has it and as the web interface of Leshan shows it.
VALUES: dict[int, tuple[Any, Any]] = {
    110: ("grüß dich", "grüß dich"),
    120: (-5_000_000_000, -5_000_000_000),
    130: (-0.1, -0.1),
    140: (True, True),
    150: (b"\x00\x01\xff", "0001ff"),
    160: (TIME, "2013-05-02T10:40:15Z"),
    170: (linnet.ObjectLink(3, 0), {"objectId": 3, "objectInstanceId": 0}),
}
MULTIPLE: dict[int, tuple[dict[int, Any], dict[str, Any]]] = {
    1110: ({0: "a", 9: "b"}, {"0": "a", "9": "b"}),
    1120: ({0: 1, 300: -70000}, {"0": 1, "300": -70000}),
    1150: ({2: b"\xfe"}, {"2": "fe"}),
}
COUNT = iter(range(1, 1000))


class Sensor:
    """A registered client with object 3442, and its server."""

    def __init__(self, leshan: LeshanServer) -> None:
        self.leshan = leshan
        self.endpoint = f"sensor-{next(COUNT)}"
        self.client = linnet.Client(
            self.endpoint, server=leshan.uri, lifetime=300, local="127.0.0.1:0", models=(str(DEFINITIONS),)
        )
        self.client.device.manufacturer = "ACME"
        self.client.device[6] = {0: 1, 1: 5}
        self.client.add_object(3442, 0)
        for id, (value, _) in VALUES.items():
            self.client.set(f"/3442/0/{id}", value)
        for id, (values, _) in MULTIPLE.items():
            self.client.set(f"/3442/0/{id}", values)
        self.executed: list[dict[int, str]] = []
        self.client.instance(3442).executable(0)(self.executed.append)

    def ask(self, method: str, path: str, body: object = None, **query: object) -> dict[str, Any]:
        """What Leshan says that the client answered."""
        answer: dict[str, Any] = self.leshan.ask(method, self.endpoint + path, body, **query)
        return answer

    def wait(self, kind: str) -> dict[str, Any]:
        data: dict[str, Any] = self.leshan.wait(kind, self.endpoint)
        return data


@pytest.fixture
def sensor(leshan: LeshanServer) -> Iterator[Sensor]:
    sensor = Sensor(leshan)
    with sensor.client:
        sensor.client.wait_registered(PATIENCE)
        yield sensor


def test_registers_updates_and_leaves(sensor: Sensor) -> None:
    registration = sensor.wait("REGISTRATION")
    assert (registration["lifetime"], registration["bindingMode"], registration["lwM2mVersion"]) == (
        300,
        "U",
        "1.0",
    )
    assert [link["url"] for link in registration["objectLinks"]] == ["/", "/1/0", "/3/0", "/3442/0"]
    assert registration["rootPath"] == "/"
    sensor.client.update()
    assert sensor.wait("UPDATED")["registration"]["registrationId"] == registration["registrationId"]
    sensor.client.add_object(3442, 1)
    urls = [link["url"] for link in sensor.wait("UPDATED")["registration"]["objectLinks"]]
    assert "/3442/1" in urls
    sensor.client.stop()
    assert sensor.wait("DEREGISTRATION")["registrationId"] == registration["registrationId"]


@pytest.mark.parametrize("format", ["TLV", "JSON"])
def test_every_type_is_read_as_it_is(sensor: Sensor, format: str) -> None:
    answer = sensor.ask("GET", "/3442/0", format=format)
    assert answer["status"] == "CONTENT(205)"
    resources = {resource["id"]: resource for resource in answer["content"]["resources"]}
    assert {id: resources[id]["value"] for id in VALUES} == {id: shown for id, (_, shown) in VALUES.items()}
    assert {id: resources[id]["values"] for id in MULTIPLE} == {
        id: shown for id, (_, shown) in MULTIPLE.items()
    }


@pytest.mark.parametrize("format", ["TLV", "JSON", "TEXT"])
@pytest.mark.parametrize("id", [110, 120, 130, 140, 160, 170])
def test_reads_a_resource(sensor: Sensor, id: int, format: str) -> None:
    answer = sensor.ask("GET", f"/3442/0/{id}", format=format)
    assert (answer["status"], answer["content"]["value"]) == ("CONTENT(205)", VALUES[id][1])


def test_reads_an_object(sensor: Sensor) -> None:
    answer = sensor.ask("GET", "/3")
    assert [instance["id"] for instance in answer["content"]["instances"]] == [0]
    resources = {resource["id"]: resource for resource in answer["content"]["instances"][0]["resources"]}
    assert (resources[0]["value"], resources[6]["values"]) == ("ACME", {"0": 1, "1": 5})


def test_errors_are_told(sensor: Sensor) -> None:
    assert sensor.ask("GET", "/3/0/4")["status"] == "METHOD_NOT_ALLOWED(405)"
    assert sensor.ask("GET", "/3442/7")["status"] == "NOT_FOUND(404)"
    assert sensor.ask("GET", "/0/0")["status"] == "UNAUTHORIZED(401)"
    assert sensor.ask("PUT", "/1/0/1", {"id": 1, "value": 0})["status"] == "BAD_REQUEST(400)"


@pytest.mark.parametrize("format", ["TLV", "JSON", "TEXT"])
def test_writes_a_resource(sensor: Sensor, format: str) -> None:
    for id, value in ((110, "größer"), (120, 2**40), (130, 2.5), (140, False)):
        answer = sensor.ask("PUT", f"/3442/0/{id}", {"id": id, "value": value}, format=format)
        assert answer["status"] == "CHANGED(204)"
        assert sensor.client.get(f"/3442/0/{id}") == value


@pytest.mark.parametrize("format", ["TLV", "JSON"])
def test_writes_a_multiple_resource(sensor: Sensor, format: str) -> None:
    """DM-23: what was there before is replaced."""
    body = {"id": 1120, "values": {"0": 5, "65534": 500}}
    assert sensor.ask("PUT", "/3442/0/1120", body, format=format)["status"] == "CHANGED(204)"
    assert sensor.client.get("/3442/0/1120") == {0: 5, 65534: 500}


def test_updates_and_replaces_an_instance(sensor: Sensor) -> None:
    """DM-21, DM-22."""
    body = {"id": 0, "resources": [{"id": 110, "value": "new"}, {"id": 120, "value": 9}]}
    assert sensor.ask("PUT", "/3442/0", body, replace="false")["status"] == "CHANGED(204)"
    assert sensor.client.get("/3442/0/110") == "new"
    assert sensor.client.get("/3442/0/130") == -0.1
    assert sensor.ask("PUT", "/3442/0", body, replace="true")["status"] == "CHANGED(204)"
    assert sensor.client.get("/3442/0") == {"/3442/0/110": "new", "/3442/0/120": 9}


def test_a_new_lifetime_comes_back_as_an_update(sensor: Sensor) -> None:
    """REG-09."""
    assert sensor.ask("PUT", "/1/0/1", {"id": 1, "value": 120})["status"] == "CHANGED(204)"
    assert sensor.wait("UPDATED")["registration"]["lifetime"] == 120


def test_executes(sensor: Sensor) -> None:
    assert sensor.ask("POST", "/3442/0/0")["status"] == "CHANGED(204)"
    assert sensor.ask("POST", "/3442/0/0", "1='now',2")["status"] == "CHANGED(204)"
    assert sensor.executed == [{}, {1: "now", 2: ""}]
    assert sensor.ask("POST", "/3/0/0")["status"] == "METHOD_NOT_ALLOWED(405)"


def test_the_update_trigger_brings_an_update(sensor: Sensor) -> None:
    """REG-41."""
    assert sensor.ask("POST", "/1/0/8")["status"] == "CHANGED(204)"
    sensor.wait("UPDATED")


@pytest.mark.parametrize("format", ["TLV", "JSON"])
def test_creates_and_deletes_an_instance(sensor: Sensor, format: str) -> None:
    """DM-60 to DM-68."""
    body = {"id": 4, "resources": [{"id": 110, "value": "four"}]}
    created = sensor.ask("POST", "/3442", body, format=format)
    assert (created["status"], created["location"]) == ("CREATED(201)", "3442/4")
    assert sensor.client.get("/3442/4") == {"/3442/4/110": "four"}
    assert "/3442/4" in [link["url"] for link in sensor.wait("UPDATED")["registration"]["objectLinks"]]
    assert sensor.ask("DELETE", "/3442/4")["status"] == "DELETED(202)"
    assert "/3442/4" not in [link["url"] for link in sensor.wait("UPDATED")["registration"]["objectLinks"]]
    assert sensor.ask("GET", "/3442/4")["status"] == "NOT_FOUND(404)"


def test_discovers_with_attributes(sensor: Sensor) -> None:
    """DM-80, DM-81."""
    links = {link["url"]: link["attributes"] for link in sensor.ask("GET", "/3/0/discover")["objectLinks"]}
    assert links["/3/0/6"] == {"dim": "2"}
    assert {"/3/0", "/3/0/0", "/3/0/4", "/3/0/11", "/3/0/16"} <= set(links)
    links = {link["url"]: link["attributes"] for link in sensor.ask("GET", "/3442/discover")["objectLinks"]}
    assert {"/3442", "/3442/0", "/3442/0/0", "/3442/0/1120"} <= set(links)


@pytest.mark.parametrize("format", ["TLV", "JSON"])
def test_notifies(sensor: Sensor, format: str) -> None:
    first = sensor.ask("POST", "/3442/0/120/observe", format=format)
    assert (first["status"], first["content"]["value"]) == ("CONTENT(205)", VALUES[120][1])
    for value in (1, 2**33, -3):
        sensor.client.set("/3442/0/120", value)
        notification = sensor.wait("NOTIFICATION")
        assert (notification["res"], notification["val"]) == ("/3442/0/120", {"id": 120, "value": value})


def test_notifies_of_an_instance(sensor: Sensor) -> None:
    sensor.ask("POST", "/3/0/observe")
    sensor.client.device.manufacturer = "EMCA"
    notification = sensor.wait("NOTIFICATION")
    assert {"id": 0, "value": "EMCA"} in notification["val"]["resources"]


def test_a_cancelled_observation_is_over(sensor: Sensor) -> None:
    """Leshan forgets an observation and answers the next notification with RST (OBS-05)."""
    sensor.ask("POST", "/3442/0/120/observe")
    sensor.ask("POST", "/3442/0/110/observe")
    sensor.ask("DELETE", "/3442/0/120/observe")
    sensor.client.set("/3442/0/120", 1)
    sensor.client.set("/3442/0/110", "after")
    assert sensor.wait("NOTIFICATION")["res"] == "/3442/0/110"
    sensor.client.set("/3442/0/120", 2)
    sensor.client.set("/3442/0/110", "later")
    assert sensor.wait("NOTIFICATION")["val"]["value"] == "later"


@pytest.mark.parametrize("format", ["TLV", "JSON", "TEXT"])
def test_large_values_pass_in_blocks_both_ways(sensor: Sensor, format: str) -> None:
    """CO-03: Leshan's blocks are 512 bytes."""
    large = "".join(chr(0x21 + index % 90) for index in range(4000)).replace("\\", "/").replace('"', "'")
    assert (
        sensor.ask("PUT", "/3442/0/110", {"id": 110, "value": large}, format=format)["status"]
        == "CHANGED(204)"
    )
    assert sensor.client.get("/3442/0/110") == large
    assert sensor.ask("GET", "/3442/0/110", format=format)["content"]["value"] == large


def test_a_large_list_of_objects_registers_in_blocks(leshan: LeshanServer) -> None:
    sensor = Sensor(leshan)
    sensor.client.add_object(3442, *range(200))
    with sensor.client:
        sensor.client.wait_registered(PATIENCE)
        urls = [link["url"] for link in sensor.wait("REGISTRATION")["objectLinks"]]
    assert [url for url in urls if url.startswith("/3442/")] == [f"/3442/{index}" for index in range(200)]


def test_a_large_notification_comes_in_blocks(sensor: Sensor) -> None:
    """BW-26."""
    sensor.ask("POST", "/3442/0/110/observe")
    sensor.client.set("/3442/0/110", "z" * 3000)
    assert sensor.wait("NOTIFICATION")["val"]["value"] == "z" * 3000
