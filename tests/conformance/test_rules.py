# SPDX-License-Identifier: Apache-2.0
"""Rules of docs/spec that no conformance case and no other test is about, one by one, on the wire."""

from __future__ import annotations

import linnet
import pytest

from . import coap
from .coap import JSON, LINKS, OPAQUE, TEXT, TLV, URI_QUERY, Message
from .kitchen import Kitchen
from .peer import Peer

DAY_S = 86400


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


# ---- formats


@pytest.mark.parametrize(("old", "new"), [(1541, TEXT), (1542, TLV), (1543, JSON)])
def test_fmt_02_numbers_from_before_the_registration_are_understood(
    kitchen: Kitchen, old: int, new: int
) -> None:
    expected, answer = kitchen.get("/1/0/1", new), kitchen.get("/1/0/1", old)
    assert (answer.code, answer.format, answer.payload) == ("2.05", old, expected.payload)
    assert expected.format == new
    payload = answer.payload.replace(b"86400", b"777").replace(b"\x00\x01\x51\x80", b"\x00\x00\x03\x09")
    assert kitchen.put("/1/0/1", payload, old).code == "2.04"
    assert kitchen.client.get("/1/0/1") == 777


def test_fmt_02_they_are_never_used_first(kitchen: Kitchen) -> None:
    assert kitchen.get("/3/0").format == TLV
    assert kitchen.get("/3/0/16").format == TLV  # AMB-07


@pytest.mark.parametrize("number", [50, 60, 110, 112, 11544, 65535])
def test_fmt_03_other_formats_are_refused(kitchen: Kitchen, number: int) -> None:
    """Also of later versions (14.2)."""
    assert kitchen.get("/3/0", number).code == "4.06"
    assert kitchen.put("/3/0/14", "+02:00", number).code == "4.15"
    assert kitchen.ask("POST", "/16", b"\x80\x00", (coap.CONTENT_FORMAT, number)).code == "4.15"
    assert kitchen.client.get("/3/0/14") == "+01:00"


@pytest.mark.parametrize("path", ["/3", "/3/0", "/3/0/11"])
def test_dm_13_text_and_opaque_are_for_one_value(kitchen: Kitchen, path: str) -> None:
    for number in (TEXT, OPAQUE):
        assert kitchen.get(path, number).code == "4.06"


# ---- what later versions ask (14.2)


@pytest.mark.parametrize("code", ["0.05", "0.06", "0.07"])
def test_methods_of_later_versions_are_not_allowed(kitchen: Kitchen, code: str) -> None:
    assert kitchen.ask(code, "/3/0", b"", (coap.CONTENT_FORMAT, TLV)).code == "4.05"


def test_a_fourth_segment_is_not_found(kitchen: Kitchen) -> None:
    assert kitchen.get("/3/0/11/0").code == "4.04"
    assert kitchen.put("/16/0/0/0", "x", TEXT).code == "4.04"
    assert kitchen.ask("POST", "/16/0/0/0").code == "4.04"


def test_attributes_and_queries_of_later_versions_are_refused(kitchen: Kitchen) -> None:
    for query in ("epmin=1", "epmax=1", "edge=1", "con=1", "hqmax=1"):
        assert kitchen.assign("/3/0/9", query).code == "4.00"
    assert kitchen.ask("GET", "/3", b"", (URI_QUERY, "depth=1"), (coap.ACCEPT, LINKS)).code == "4.00"
    assert kitchen.ask("POST", "/1/0/9").code == "4.04"


def test_options_that_are_critical_and_unknown_are_bad_and_others_ignored(kitchen: Kitchen) -> None:
    assert kitchen.ask("GET", "/3/0/16", b"", (9, b"\x01")).code == "4.02"
    for elective in (252, 258, 292):
        assert kitchen.ask("GET", "/3/0/16", b"", (elective, b"\x01")).code == "2.05"


# ---- attributes


def test_att_05_thresholds_are_for_resources(kitchen: Kitchen) -> None:
    for path in ("/3", "/3/0"):
        for query in ("gt=5", "lt=5", "st=5"):
            assert kitchen.assign(path, query).code == "4.00"
    assert kitchen.assign("/3/0/9", "gt=5").code == "2.04"


def test_dm_43_attributes_need_something_to_be_assigned_to(kitchen: Kitchen) -> None:
    assert kitchen.assign("/3/0/10", "pmin=5").code == "4.04"  # not there
    assert kitchen.assign("/3/7", "pmin=5").code == "4.04"
    assert kitchen.assign("/99", "pmin=5").code == "4.04"
    assert kitchen.assign("/3/0/14", "gt=5").code == "4.00"  # no number
    kitchen.client.add_location()
    assert kitchen.assign("/6", "pmin=5").code == "2.04"  # no instance yet
    assert b"pmin=5" in kitchen.get("/6", LINKS).payload


def test_dm_41_attributes_above_hold_below(kitchen: Kitchen) -> None:
    assert kitchen.assign("/3", "pmax=50").code == "2.04"
    assert kitchen.assign("/3/0", "pmin=10").code == "2.04"
    assert kitchen.get("/3/0/9", LINKS).payload == b"</3/0/9>;pmin=10;pmax=50"
    _, answer = kitchen.peer.observe("/3/0/9", kitchen.message("/3/0/9"))
    assert answer.observe is not None
    began = kitchen.network.now
    kitchen.client.set("/3/0/9", 51)
    kitchen.peer.next_note(kitchen.peer.observation("/3/0/9"), 20)
    assert 9900 <= kitchen.network.now - began <= 10200
    kitchen.peer.next_note(kitchen.peer.observation("/3/0/9"), 60)
    assert 59000 <= kitchen.network.now - began <= 61000


# ---- objects


def test_obj_11_security_is_for_nobody(kitchen: Kitchen) -> None:
    """AMB-14, also for Discover; and REG-21: it is not listed."""
    for path in ("/0", "/0/0", "/0/0/0", "/0/7"):
        assert kitchen.get(path).code == "4.01"
        assert kitchen.get(path, LINKS).code == "4.01"
        assert kitchen.assign(path, "pmin=1").code == "4.01"
        assert kitchen.ask("DELETE", path).code == "4.01"
        assert kitchen.ask("POST", path).code == "4.01"
    assert kitchen.put("/0/0/0", "coap://192.0.2.66", TEXT).code == "4.01"
    assert kitchen.client.get("/0/0/0") == "coap://192.0.2.1:5683"
    assert b"</0" not in kitchen.peer.history[0].message.payload


@pytest.mark.parametrize(
    ("path", "value"),
    [("/1/0/7", "UT"), ("/1/0/7", "SU"), ("/1/0/7", ""), ("/1/0/1", "0"), ("/1/0/3", "0"), ("/1/0/2", "-1")],
)
def test_obj_02_reserved_values_are_refused(kitchen: Kitchen, path: str, value: str) -> None:
    before = kitchen.client.get(path)
    assert kitchen.put(path, value, TEXT).code == "4.00"
    assert kitchen.client.get(path) == before


def test_obj_01_what_is_not_for_that_operation(kitchen: Kitchen) -> None:
    assert kitchen.put("/1/0/0", "5", TEXT).code == "4.05"  # R
    assert kitchen.put("/1/0/8", "5", TEXT).code == "4.05"  # E
    assert kitchen.ask("POST", "/1/0/1").code == "4.05"  # RW
    assert kitchen.get("/1/0/8").code == "4.05"  # E
    assert kitchen.get("/5/0/0").code == "4.05"  # W


def test_obj_31_device_is_neither_created_nor_deleted(kitchen: Kitchen) -> None:
    for wrapper in (b"", b"\x08\x00\x00", b"\x08\x01\x00"):
        assert kitchen.ask("POST", "/3", wrapper, (coap.CONTENT_FORMAT, TLV)).code == "4.05"
    assert kitchen.ask("DELETE", "/3/0").code == "4.05"
    assert kitchen.ask("DELETE", "/3").code == "4.05"
    assert kitchen.ask("DELETE", "/3/0/0").code == "4.05"


@pytest.mark.parametrize(("uri", "result"), [("no uri", 7), ("coap:/x", 7), ("http://192.0.2.7/image", 9)])
def test_fw_13_and_14_an_address_that_leads_nowhere(kitchen: Kitchen, uri: str, result: int) -> None:
    kitchen.client.set("/5/0/8", {0: 0})
    kitchen.client.set("/5/0/9", 2)
    assert kitchen.put("/5/0/1", uri, TEXT).code == "2.04"
    assert (kitchen.client.get("/5/0/3"), kitchen.client.get("/5/0/5")) == (0, result)


def test_fw_03_a_package_uri_is_for_the_application_at_once(kitchen: Kitchen) -> None:
    kitchen.client.set("/5/0/8", {0: 0})
    kitchen.client.set("/5/0/9", 2)
    assert kitchen.put("/5/0/1", "coap://192.0.2.7/image", TEXT).code == "2.04"
    assert kitchen.get("/5/0/3", TEXT).payload == b"1"
    kitchen.network.settle()
    assert [event.path for event in kitchen.events] == ["/5/0/1"]
    kitchen.client.end_firmware(linnet.FirmwareResult.CONNECTION_LOST)
    assert kitchen.get("/5/0/5", TEXT).payload == b"4"


def test_que_02_what_a_server_chooses_is_what_the_client_can(kitchen: Kitchen) -> None:
    """/3/0/16, unless the application says something else there."""
    assert kitchen.get("/3/0/16", TEXT).payload == b"U"
    assert kitchen.put("/1/0/7", "UQ", TEXT).code == "2.04"
    assert kitchen.get("/3/0/16", TEXT).payload == b"UQ"
    assert kitchen.put("/1/0/7", "U", TEXT).code == "2.04"
    assert kitchen.get("/3/0/16", TEXT).payload == b"UQ"


def test_dm_60_there_is_an_end_to_what_a_server_creates(kitchen: Kitchen) -> None:
    """Of one object; and where one was deleted there is room for another."""
    kitchen.client.set_limit("instances", 3)
    tlv = (coap.CONTENT_FORMAT, TLV)
    codes = [kitchen.ask("POST", "/16", bytes.fromhex("8300410041"), tlv).code for _ in range(4)]
    assert codes == ["2.01", "2.01", "5.03", "5.03"]
    assert kitchen.ask("DELETE", "/16/1").code == "2.02"
    assert kitchen.ask("POST", "/16", bytes.fromhex("8300410041"), tlv).code == "2.01"


# ---- several servers


def test_acl_14_and_dm_67_rights_are_for_whole_instances_and_creators_own(kitchen: Kitchen) -> None:
    second = Peer(kitchen.network, "192.0.2.2:5683")
    kitchen.client.add_server("coap://192.0.2.2:5683", short_server_id=2)
    for path in kitchen.client.instances():
        kitchen.client.set_owner(path, 1)
    kitchen.client.set_access("/3442/0", 2, "write")
    kitchen.client.set_access("/16", 2, "create")
    assert kitchen.network.run(10, lambda: kitchen.client.registered)
    assert kitchen.get("/3442/0/120", peer=second).code == "4.01"
    for path in ("/3442/0/120", "/3442/0/110"):
        assert kitchen.put(path, "5", TEXT, peer=second).code == "2.04"
    tlv = (coap.CONTENT_FORMAT, TLV)
    created = kitchen.ask("POST", "/16", bytes.fromhex("8300410041"), tlv, peer=second)
    assert (created.code, created.location) == ("2.01", "/16/1")
    assert kitchen.ask("POST", "/16", bytes.fromhex("8300410041"), tlv).code == "4.01"  # ACL-03
    assert kitchen.client.access("/16/1", 2) == {"read", "write", "execute", "delete"}  # ACL-10
    assert kitchen.client.access("/16/1", 1) == set()
    assert kitchen.get("/16/1/0").code == "4.01"
    kitchen.network.settle()
    for peer in (kitchen.peer, second):  # DM-68
        assert b"</16/1>" in peer.history[-1].message.payload
    assert kitchen.ask("DELETE", "/16/1", peer=second).code == "2.02"
    entries = [path for path in kitchen.client.instances() if path.startswith("/2/")]
    about = [(kitchen.client.get(f"{path}/0"), kitchen.client.get(f"{path}/1")) for path in entries]
    assert (16, 65535) in about
    assert (16, 1) not in about  # DM-72


# ---- registration


@pytest.mark.parametrize(
    ("code", "words", "told"),
    [
        ("4.00", b"who are you", "4.00 Bad Request (who are you)"),
        ("4.03", b"", "4.03 Forbidden"),
        ("4.29", b"", "4.29"),
        ("5.31", b"gone", "5.31 (gone)"),
    ],
)
def test_co_43_the_words_of_a_server_reach_people(
    kitchen: Kitchen, code: str, words: bytes, told: str
) -> None:
    """Also those that go with a code which nobody has a name for."""
    errors: list[linnet.Event] = []
    kitchen.client.on("error", errors.append)
    kitchen.peer.answer_with = lambda: Message(code=code, payload=words)
    kitchen.client.update()
    kitchen.network.settle()
    whom = f'of "kitchen" with coap://{kitchen.peer.address}: {told}'
    assert [event.text for event in errors] == [f"Update {whom}", f"Register {whom}"]
    assert {event.code for event in errors} == {code}


# ---- reporting


def test_obs_04_one_notification_a_day_is_confirmable(kitchen: Kitchen) -> None:
    """OB-09, also where they are not, as configured."""
    kitchen.client.set_confirmable(False)
    assert kitchen.assign("/3/0/9", "pmax=3600").code == "2.04"
    kitchen.peer.observe("/3/0/9", kitchen.message("/3/0/9"))
    kitchen.network.run(2 * DAY_S + 7200)
    notes = kitchen.peer.observation("/3/0/9").notes[1:]
    confirmable = [note.time for note in notes if note.message.type == coap.CON]
    assert 46 <= len(notes) <= 50
    assert 2 <= len(confirmable) <= 3
    assert confirmable[1] - confirmable[0] <= (DAY_S + 3600) * 1000
