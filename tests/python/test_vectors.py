# SPDX-License-Identifier: Apache-2.0
"""Every vector of docs/spec/vectors.yaml, through the interface of Python.

Payloads go through decode and encode; what only a client can judge (is it there already, is it complete)
goes through a client and a server in a world.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import linnet
import pytest
import yaml
from kitchen import Scene
from linnet.events import arguments_of

ROOT = Path(__file__).resolve().parents[2]
VECTORS: list[dict[str, Any]] = yaml.safe_load((ROOT / "docs/spec/vectors.yaml").read_text())["vectors"]
DEFINITIONS = ROOT / "tests" / "definitions"
FORMATS = ("tlv", "json", "text")

# What is wrong with these only a client can tell: their payload is fine.
FOR_A_CLIENT = {
    "tlv-bad-create-missing-mandatory",
    "tlv-bad-create-id-conflict",
    "tlv-bad-replace-missing-mandatory",
}


def named(*formats: str, direction: str = "decode") -> Any:
    """The vectors of some formats to be decoded, or encoded, each under its id."""
    directions = (direction, "both")
    chosen = [
        vector for vector in VECTORS if vector["format"] in formats and vector["direction"] in directions
    ]
    return pytest.mark.parametrize("vector", chosen, ids=[vector["id"] for vector in chosen])


@pytest.fixture(scope="module")
def model() -> linnet.Model:
    return linnet.Model(DEFINITIONS / "hypothetical.xml", DEFINITIONS / "test_object.xml")


def payload_of(vector: dict[str, Any]) -> bytes:
    if "hex" in vector:
        return bytes.fromhex(vector["hex"])
    if "hex_prefix" in vector:
        fill = vector["fill"]
        return bytes.fromhex(vector["hex_prefix"]) + bytes.fromhex(str(fill["byte"])) * fill["count"]
    return str(vector.get("text", "")).encode()


def value_of(node: dict[str, Any], vector: dict[str, Any]) -> Any:
    if node["type"] == "opaque":
        if "value" not in node or not isinstance(node["value"], str):
            fill = node.get("fill", vector.get("fill"))
            return bytes.fromhex(str(fill["byte"])) * fill["count"]
        return bytes.fromhex(node["value"])
    if node["type"] == "objlnk":
        return linnet.ObjectLink(*map(int, node["value"].split(":")))
    if node["type"] == "multiple":
        return {}
    return float(node["value"]) if node["type"] == "float" else node["value"]


def nodes_of(vector: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(node["path"], value_of(node, vector)) for node in vector["nodes"]]


@named(*FORMATS)
def test_a_payload_decodes_to_its_values(vector: dict[str, Any], model: linnet.Model) -> None:
    # A response may bring linked instances along; they lie within the root only.
    path = "/" if "outside_nodes" in vector else vector["path"]
    decode = lambda: linnet.decode(payload_of(vector), vector["format"], path, model)  # noqa: E731
    if vector["expect"] == "ok":
        found = [(record.path, record.value) for record in decode() if record.type is not linnet.Type.NONE]
        outside = [(node["path"], value_of(node, vector)) for node in vector.get("outside_nodes", ())]
        expected = nodes_of(vector)
        if vector["op"] == "create":  # the client chooses the instance where the payload does not
            found = [
                (path.replace("/65535/", f"/{expected[0][0].split('/')[2]}/"), value) for path, value in found
            ]
        assert [record for record in found if record not in outside] == expected
    elif vector["id"] in FOR_A_CLIENT:
        decode()
    else:
        with pytest.raises((linnet.EncodingError, linnet.InvalidArgument, linnet.OutOfRange)):
            decode()


@named(*FORMATS, direction="encode")
def test_values_encode_to_their_payload(vector: dict[str, Any], model: linnet.Model) -> None:
    made = linnet.encode(nodes_of(vector), vector["format"], vector["path"], model)
    if vector.get("compare") != "semantic":
        assert made == payload_of(vector)
        return
    json.loads(made)  # strictly JSON
    decoded = linnet.decode(made, vector["format"], vector["path"], model)
    assert [(record.path, record.value) for record in decoded] == nodes_of(vector)


@named("link-format")
def test_links_are_read(vector: dict[str, Any]) -> None:
    payload = payload_of(vector)
    if vector["id"] == "link-bad-empty-register":
        assert (
            linnet.decode_links(payload) == []
        )  # link-format; that a Register needs links is the server's business
        return
    if vector["expect"] != "ok":
        with pytest.raises(linnet.Malformed):
            linnet.decode_links(payload)
        return
    from linnet import _core

    raw = _core.link_parse(payload, "")
    # A bare parameter (BS-41) belongs to the root.
    found = [{"uri": target or "/", "params": dict(params)} for target, _, params in raw]
    assert found == vector["links"]


@named("attributes")
def test_attributes_are_kept_or_refused(vector: dict[str, Any], scene: Scene) -> None:
    scene.client.device.battery_level = 50
    scene.client.device.power_source_voltage = {0: 3800}
    device, path = scene.device, vector["path"]

    def attributes() -> dict[str, Any]:
        [found] = [link.attributes for link in device.discover(path) if link.path == path]
        return {name: value for name, value in found.items() if name != "dim"}

    if "state_before" in vector:
        device.write_attributes(path, **vector["state_before"])
    pairs = dict(text.partition("=")[::2] for text in vector["query"])
    new = {name: value or None for name, value in pairs.items()}
    if vector["expect"] == "2.04":
        device.write_attributes(path, **new)
        assert attributes() == vector["state_after"]
    else:
        with pytest.raises((linnet.ResponseError, linnet.InvalidArgument)) as caught:
            device.write_attributes(path, **new)
        assert not isinstance(caught.value, linnet.ResponseError) or caught.value.code == "4.00"
        assert attributes() == vector.get("state_before", {})


@named("execute-args")
def test_arguments_are_read_or_refused(vector: dict[str, Any], scene: Scene) -> None:
    with scene.client.events() as events:
        if vector["expect"] == "ok":
            scene.device.execute(vector["path"], vector["text"])
            event = events.next(10)
            assert event is not None
            assert event.arguments == {argument["digit"]: argument["value"] for argument in vector["args"]}
            assert arguments_of(vector["text"]) == event.arguments
        else:
            with pytest.raises((linnet.ResponseError, linnet.InvalidArgument, linnet.Malformed)):
                scene.device.execute(vector["path"], vector["text"])
            assert events.next(10) is None


@pytest.fixture
def portfolio(scene: Scene) -> Scene:
    scene.client.model.load(DEFINITIONS / "hypothetical.xml")
    scene.server.model.load(DEFINITIONS / "hypothetical.xml")
    scene.client.add_object(16, 0)
    scene.world.settle()
    return scene


@pytest.mark.parametrize("id", sorted(FOR_A_CLIENT))
def test_what_only_a_client_can_judge_is_refused(portfolio: Scene, id: str) -> None:
    acts = {
        "tlv-bad-create-missing-mandatory": lambda: portfolio.device.create("/16", {}),
        "tlv-bad-create-id-conflict": lambda: portfolio.device.create("/16/0", {0: {0: "x"}}),
        "tlv-bad-replace-missing-mandatory": lambda: portfolio.device.write("/1/0", {2: 5}, replace=True),
    }
    before = portfolio.client.get("/1"), portfolio.client.instances()
    with pytest.raises(linnet.ResponseError) as caught:
        acts[id]()
    assert caught.value.code == "4.00"
    assert (portfolio.client.get("/1"), portfolio.client.instances()) == before


def test_every_vector_is_used() -> None:
    formats = {vector["format"] for vector in VECTORS}
    assert formats == {*FORMATS, "link-format", "attributes", "execute-args"} or "payload" in formats
    assert len(VECTORS) == 120
