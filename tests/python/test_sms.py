# SPDX-License-Identifier: Apache-2.0
"""Short messages taken apart (docs/spec/sms.md, 1 and 2)."""

from __future__ import annotations

import datetime
import subprocess
import sys

import linnet
import pytest
from linnet.sms import parse_short_message

DELIVER = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"
TRIGGER = "11000891515510000004 0B0E 44021234AABBCCDDB13101300138"


def decode(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "linnet", "decode", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_deliver_names_its_service_centre_and_its_time() -> None:
    message = parse_short_message(bytes.fromhex(DELIVER))
    assert (message.kind, message.center, message.number) == ("deliver", "+27381000015", "27838890001")
    assert message.text == "hellohello"
    assert message.center_time is not None
    assert message.center_time.isoformat() == "1999-03-29T15:16:59+02:00"
    assert message.reference is None
    assert message.status is None


def test_the_service_centre_may_be_missing() -> None:
    assert parse_short_message(bytes.fromhex(DELIVER)[8:]).text == "hellohello"
    assert parse_short_message(b"\0" + bytes.fromhex(DELIVER)[8:]).center == ""


def test_a_submit_carries_data() -> None:
    message = parse_short_message(bytes.fromhex(TRIGGER))
    assert (message.kind, message.number, message.alphabet) == ("submit", "+15550100", "data")
    assert message.validity == datetime.timedelta(hours=1)
    assert message.text == ""
    assert message.payload == bytes.fromhex("44021234aabbccddb13101300138")


def test_ports_and_parts() -> None:
    pdu = bytes.fromhex("51000381 21F3 00F6 0B 0D 0B05040B84C00200034203 02 AA")
    message = parse_short_message(pdu)
    assert message.ports == (2948, 0xC002)
    assert message.part == (2, 3, 0x42)
    assert message.message_class == 2


@pytest.mark.parametrize("data", [b"", b"\x03\x00", bytes.fromhex(DELIVER)[:-1], b"\xff" * 20])
def test_what_is_no_short_message_is_malformed(data: bytes) -> None:
    with pytest.raises(linnet.Malformed):
        parse_short_message(data)


def test_the_command_explains_the_coap_inside() -> None:
    result = decode("--as", "sms", TRIGGER)
    assert result.returncode == 0, result.stderr
    for word in ("submit", "+15550100", "CON", "POST", "Uri-Path"):
        assert word in result.stdout


def test_the_command_shows_texts_and_refuses_what_is_none() -> None:
    assert "hellohello" in decode("--as", "sms", DELIVER).stdout
    result = decode("--as", "sms", "ffff")
    assert result.returncode != 0
    assert "not a short message" in result.stderr
