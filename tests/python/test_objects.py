# SPDX-License-Identifier: Apache-2.0
"""Objects of a client, by class and by name, and models; all without a server."""

from __future__ import annotations

from pathlib import Path

import linnet
import pytest
from kitchen import Temperature

DEFINITIONS = Path(__file__).resolve().parents[1] / "definitions"


@pytest.fixture
def client() -> linnet.Client:
    return linnet.Client("kitchen", world=linnet.World())


# ---- classes


def test_resources_are_attributes(client: linnet.Client) -> None:
    sensor = Temperature(instance=2, value=1.5)
    assert sensor.value == 1.5  # before it is added
    assert sensor.label == "kitchen wall"
    client.add(sensor)
    assert (sensor.value, sensor.label, sensor.path) == (1.5, "kitchen wall", "/3303/2")
    sensor.value = 2  # an integer becomes a float
    assert sensor.value == 2.0
    assert isinstance(sensor.value, float)
    assert client.get("/3303/2/5700") == 2.0


def test_values_are_checked_by_the_definition(client: linnet.Client) -> None:
    sensor = client.add(Temperature())
    with pytest.raises(linnet.WrongType, match="/3303/0/5700"):
        sensor.value = "hot"  # type: ignore[assignment]
    with pytest.raises(linnet.WrongType):
        sensor.label = 5  # type: ignore[assignment]
    assert sensor.label == "kitchen wall"


def test_a_multiple_resource_is_a_mapping(client: linnet.Client) -> None:
    sensor = client.add(Temperature())
    assert dict(sensor.limits) == {0: 1, 3: 5}
    sensor.limits[7] = 9
    del sensor.limits[0]
    assert sensor.limits == {3: 5, 7: 9}
    assert 7 in sensor.limits
    assert len(sensor.limits) == 2
    with pytest.raises(KeyError):
        sensor.limits[0]
    with pytest.raises(KeyError):
        del sensor.limits[0]
    sensor.limits = {1: 1}
    assert client.get("/3303/0/5800") == {1: 1}
    sensor.limits = {}
    assert client.get("/3303/0/5800") == {}


def test_the_decorator_of_the_client_says_which_object_a_class_is(client: linnet.Client) -> None:
    @client.object(32768, name="Lamp")
    class Light(linnet.Object):
        on = linnet.Resource(5850, bool, "RW", default=False)

        @linnet.executable(5851)
        def blink(self) -> None:
            pass

    light = client.add(Light())
    definition = client.model["Lamp"]
    assert (definition.id, definition.resource("On").access) == (32768, "RW")
    assert definition.resource(5851).access == "E"
    assert light.on is False
    assert client.instances()[-1] == "/32768/0"


def test_mistakes_in_classes_are_told(client: linnet.Client) -> None:
    with pytest.raises(TypeError, match="no resource 'colour'"):
        Temperature(colour="red")
    with pytest.raises(TypeError, match="no LwM2M type"):
        linnet.Resource(1, list, "R")
    with pytest.raises(ValueError, match="letters R, W and E"):
        linnet.Resource(1, int, "X")

    class Nameless(linnet.Object):
        pass

    with pytest.raises(linnet.InvalidArgument, match="no object id"):
        client.add(Nameless())

    class Mine(linnet.Object, id=3):
        invented = linnet.Resource(99, int, "R")

    with pytest.raises(linnet.InvalidArgument, match="no resource 99"):
        client.add(Mine())
    with pytest.raises(AttributeError):
        client.add(Temperature()).notify("colour")


def test_instances_come_and_go(client: linnet.Client) -> None:
    first, second = client.add(Temperature(0)), client.add(Temperature(1))
    assert client.instances() == ["/3/0", "/3303/0", "/3303/1"]
    client.remove(first)
    assert client.instances() == ["/3/0", "/3303/1"]
    first.label = "kept by Python only"
    second.label = "on"
    with pytest.raises(linnet.NotFound):
        client.remove("/3303/0")


# ---- built-in objects by name


def test_the_device_object_has_names(client: linnet.Client) -> None:
    device = client.device
    device.manufacturer = "ACME"
    device["Model Number"] = "Thermo"
    device[2] = "0815"
    assert (device[0], device.model_number, device["serial_number"]) == ("ACME", "Thermo", "0815")
    assert client.get("/3/0/0") == client.get("Device/0/Manufacturer") == "ACME"
    assert device.timezone is None
    device.available_power_sources = {0: 1, 1: 5}
    assert dict(device.available_power_sources) == {0: 1, 1: 5}
    del device["Manufacturer"]
    assert device.manufacturer is None
    assert "battery_level" in dir(device)


def test_wrong_names_and_values_are_told(client: linnet.Client) -> None:
    with pytest.raises(AttributeError, match="no resource 'colour'"):
        client.device.colour = "red"
    with pytest.raises(AttributeError):
        _ = client.device.colour
    with pytest.raises(linnet.OutOfRange):
        client.device.battery_level = 101
    with pytest.raises(linnet.NotFound):
        client.instance(6)
    with pytest.raises(linnet.NotFound):
        client.get("/6")


def test_an_object_of_a_definition_file_is_filled_with_samples(client: linnet.Client) -> None:
    client.model.load(DEFINITIONS / "test_object.xml")
    [first, second] = client.add_object(3442, 0, 1)
    assert client.instances()[-2:] == ["/3442/0", "/3442/1"]
    assert first[110] == ""
    assert first[120] == 0
    second[110] = "text"
    assert client.get("/3442/1/110") == "text"


def test_values_by_path(client: linnet.Client) -> None:
    client.set("/3/0/9", 50)
    client.set("/3/0/6", {0: 1})
    client.set("/3/0/6/1", 5)
    assert client.get("/3/0/6") == {0: 1, 1: 5}
    assert client.get("/3/0")["/3/0/9"] == 50
    client.device.reader("memory_free")(lambda: 99)
    assert [(record.path, record.value) for record in client.records("/3/0/10")] == [("/3/0/10", 99)]


# ---- models


def test_a_model_finds_by_id_and_name() -> None:
    model = linnet.Model()
    assert model[3].name == model["device"].name == "Device"
    assert len(model) == 8
    assert [definition.id for definition in model] == list(range(8))
    assert model["Device"].resource("error_code").multiple
    assert model.path("device/0/ManuFacturer") == "/3/0/0"
    assert model.path("/3/0/battery_level") == "/3/0/9"
    assert model.name("/3/0/13") == "Current Time"
    resource = model.resource("/5/0/0")
    assert resource is not None
    assert (resource.type, resource.access) == (linnet.Type.OPAQUE, "W")
    assert model.resource("/60000/0/0") is None
    assert 3 in model
    assert "nonsense" not in model
    with pytest.raises(LookupError):
        model[60000]
    with pytest.raises(linnet.Error):
        model.path("device/0/nonsense")


def test_definition_files_and_directories_are_read() -> None:
    model = linnet.Model(DEFINITIONS / "temperature.xml")
    assert model[3303].name == "Temperature"
    assert 3442 in linnet.Model(DEFINITIONS)


def test_a_broken_definition_file_is_named(tmp_path: Path) -> None:
    broken = DEFINITIONS / "broken" / "unclosed.xml"
    model = linnet.Model()
    with pytest.raises(linnet.Malformed, match=r"unclosed\.xml: .*line"):
        model.load(broken)
    assert len(model) == 8
    with pytest.raises(OSError, match=r"missing\.xml"):
        model.load(tmp_path / "missing.xml")
