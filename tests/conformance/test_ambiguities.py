# SPDX-License-Identifier: Apache-2.0
"""Where the specification is silent or says two things (AMB-xx), what was chosen, on the wire."""

from __future__ import annotations

import linnet
import pytest

from . import coap
from .coap import ACCEPT, CONTENT_FORMAT, JSON, TEXT, TLV, URI_QUERY
from .kitchen import Kitchen
from .peer import Peer

CREATE = bytes.fromhex("8300410041")  # resource 0 with one instance, "A"


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.mark.parametrize("format", [TLV, JSON])
def test_amb_03_a_post_to_a_resource_is_no_write(kitchen: Kitchen, format: int) -> None:
    payload = bytes.fromhex("c60e2b30323a3030") if format == TLV else b'{"e":[{"n":"","sv":"+02:00"}]}'
    assert kitchen.ask("POST", "/3/0/14", payload, (CONTENT_FORMAT, format)).code in ("4.05", "4.15")
    assert kitchen.client.get("/3/0/14") == "+01:00"


def test_amb_05_a_put_writes_a_value_or_attributes_and_never_both(kitchen: Kitchen) -> None:
    both = ((CONTENT_FORMAT, TEXT), (URI_QUERY, "pmin=7"))
    assert kitchen.ask("PUT", "/3/0/14", b"+02:00", *both).code == "4.00"
    assert kitchen.ask("PUT", "/3/0/14", b"").code == "4.00"
    assert kitchen.client.get("/3/0/14") == "+01:00"
    assert b"pmin" not in kitchen.get("/3/0/14", coap.LINKS).payload


def test_amb_08_accept_decides_or_refuses(kitchen: Kitchen) -> None:
    assert kitchen.get("/3/0/14", JSON).format == JSON
    assert kitchen.get("/3/0/14", TEXT).format == TEXT
    assert kitchen.ask("GET", "/3/0/14", b"", (ACCEPT, 50)).code == "4.06"


def test_amb_10_a_creator_owns_and_has_no_entry(kitchen: Kitchen) -> None:
    second = Peer(kitchen.network, "192.0.2.2:5683")
    kitchen.client.add_server("coap://192.0.2.2:5683", short_server_id=2)
    kitchen.client.set_access("/16", 2, "create")
    assert kitchen.network.run(10, lambda: kitchen.client.registered)
    assert kitchen.ask("POST", "/16", CREATE, (CONTENT_FORMAT, TLV), peer=second).code == "2.01"
    [about] = [
        path for path in kitchen.client.instances()
        if path.startswith("/2/")
        and (kitchen.client.get(f"{path}/0"), kitchen.client.get(f"{path}/1")) == (16, 1)
    ]  # fmt: skip
    assert kitchen.client.get(f"{about}/3") == 2
    assert not [record for record in kitchen.client.records(about) if record.path.startswith(f"{about}/2")]
    assert kitchen.client.access("/16/1", 2) == {"read", "write", "execute", "delete"}


def test_amb_18_a_binding_is_changed_at_once_and_told_by_an_update(kitchen: Kitchen) -> None:
    before = len(kitchen.peer.history)
    assert kitchen.put("/1/0/7", "UQ", TEXT).code == "2.04"
    kitchen.network.settle()
    [update] = [request.message for request in kitchen.peer.history[before:]]
    assert update.path == kitchen.peer.location
    assert update.query == ["b=UQ"]


@pytest.mark.parametrize("accept", [None, JSON, TEXT])
def test_amb_32_notifications_have_the_format_of_the_first_response(
    kitchen: Kitchen, accept: int | None
) -> None:
    asked = kitchen.message("/3/0/9")
    if accept is not None:
        asked.add(ACCEPT, accept)
    observation, first = kitchen.peer.observe("/3/0/9", asked)
    for level in (60, 70):
        kitchen.client.set("/3/0/9", level)
        assert kitchen.peer.next_note(observation, 30).message.format == first.format


class Reading(linnet.Object, id=30001):
    creatable = True
    value = linnet.Resource(0, float, "R", default=1.5, mandatory=True)
    name = linnet.Resource(1, str, "RW", mandatory=True)


def test_amb_33_a_create_need_not_bring_what_only_the_device_knows(kitchen: Kitchen) -> None:
    """And what it brings of that is not taken (impl: ignored)."""
    kitchen.client.add(Reading(0, name="first"))
    kitchen.network.settle()
    named = bytes.fromhex("c10141")  # resource 1, "A"
    created = kitchen.ask("POST", "/30001", named, (CONTENT_FORMAT, TLV))
    assert created.code == "2.01"
    assert kitchen.client.get(f"{created.location}/0") == 1.5
    read_only_too = bytes.fromhex("c400") + b"\x41\x20\x00\x00" + named
    created = kitchen.ask("POST", "/30001", read_only_too, (CONTENT_FORMAT, TLV))
    assert created.code == "2.01"
    assert kitchen.client.get(f"{created.location}/0") == 1.5
    assert (
        kitchen.ask("POST", "/30001", bytes.fromhex("c400") + b"\x41\x20\x00\x00", (CONTENT_FORMAT, TLV)).code
        == "4.00"
    )


def test_amb_34_nobody_is_called_65535(kitchen: Kitchen) -> None:
    for number in (0, 65535):
        with pytest.raises(linnet.InvalidArgument, match="1 to 65534"):
            kitchen.client.add_server("coap://192.0.2.2", short_server_id=number)
    with pytest.raises(linnet.OutOfRange):
        kitchen.client.set("/1/0/0", 65535)
    kitchen.client.add_server("coap://192.0.2.2", short_server_id=65534)


def test_amb_36_the_place_of_what_was_created_is_told_in_any_case(kitchen: Kitchen) -> None:
    without = kitchen.ask("POST", "/16", CREATE, (CONTENT_FORMAT, TLV))
    assert (without.code, without.location) == ("2.01", "/16/1")
    named = bytes.fromhex("080905") + CREATE  # object instance 9 with five bytes
    with_id = kitchen.ask("POST", "/16", named, (CONTENT_FORMAT, TLV))
    assert (with_id.code, with_id.location) == ("2.01", "/16/9")
