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


# Of the tests of python-messaging, an independent implementation.
FONIC = (
    "07919471060040340409D0C6A733390400009060920173018093CC74595C96838C4F6772085AD6DDE4320B444E9741D4B03C6D7EC3E9"
    "E9B71B9474D3CB727799DEA286CFE5B9991DA6CBC3F432E85E9793CBA0F09A9EB6A7CB72BA0B9474D3CB727799DE72D6E9FABAFB0CBA"
    "A7E56490BA4CD7D34170F91BE4ACD3F575F7794E0F9F4161F1B92C2F8FD1EE32DD054AA2E520E3D3991C82A8E5701B"
)
REPORT = "0791538375000075061805810531F1019082416500400190824165004000"
BARE_REPORT = "00060505810531F1010150610000400101506100004000"


def test_a_deliver_may_come_from_a_name() -> None:
    message = parse_short_message(bytes.fromhex(FONIC))
    assert (message.number, message.number_kind, message.center) == ("FONIC", "alphanumeric", "+491760000443")
    assert message.text == (
        "Lieber FONIC Kunde, die Tarifoption Internet-Tagesflatrate wurde aktiviert. "
        "Internet-Nutzung wird jetzt pro Nutzungstag abgerechnet. Ihr FONIC Team"
    )


def test_status_reports_say_what_became_of_a_message() -> None:
    message = parse_short_message(bytes.fromhex(REPORT))
    assert (message.kind, message.center, message.reference) == ("status-report", "+353857000057", 24)
    assert (message.number, message.number_kind, message.status) == ("50131", "unknown", 0)
    when = datetime.datetime(2010, 9, 28, 14, 56)
    assert message.center_time is not None
    assert message.discharge_time is not None
    assert message.center_time.replace(tzinfo=None) == message.discharge_time.replace(tzinfo=None) == when
    bare = parse_short_message(bytes.fromhex(BARE_REPORT))
    assert (bare.center, bare.reference, bare.number) == ("", 5, "50131")


def test_a_number_may_be_national() -> None:
    message = parse_short_message(bytes.fromhex("04 05 A1 2143F5 00 04 62113201030041 01 41"))
    assert (message.number, message.number_kind, message.payload) == ("12345", "national", b"A")


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
    assert "not a short message: TP-MTI, the kind of message, in octet 1 of 2," in result.stderr


@pytest.mark.parametrize(
    ("pdu", "words"),
    [
        ("", "it ends before TP-MTI"),
        ("11000891515510", "the address, in octet 3 of 7,"),
        ("11001591515510000004", "the address, in octet 3 of 10,"),
        ("1100089151551000", "it ends before TP-PID"),
        ("1100089151551000000AFF", "it ends before TP-UDL"),
        ("110008915155100000040B0E4402", "TP-UDL and the user data, in octet 12 of 14,"),
        ("5100089151551000 0004 0B 03 050003", "the user data header, in octet 12 of 15,"),
        ("110008915155100000040B0144FF", "the end, behind which there is more, in octet 14 of 14,"),
        ("040BC87238880900F100009930925161", "TP-SCTS, the time of the service centre, in octet 12 of 16,"),
        ("26 2A 0B 91 6407281553F8 99309251619580 99309251", "TP-DT, the discharge time, in octet 18 of 21,"),
    ],
)
def test_says_where_a_pdu_is_wrong(pdu: str, words: str) -> None:
    with pytest.raises(linnet.Malformed, match=f"^not a short message: {words}"):
        parse_short_message(bytes.fromhex(pdu))


def test_the_command_explains_what_of_a_secured_packet_is_in_the_clear_sms_41() -> None:
    packet = "002815161922 22B00011 5A47655527E96E832F1A5C698655715D4331454A0D83952C0ED352457069 76B1"
    result = decode("--as", "sms", f"4100089151551000 7FF6 2D 027000 {packet}")
    assert result.returncode == 0, result.stderr
    words = " ".join(result.stdout.split())
    for part in (
        "SPI 1619",
        "KIc 22 (AES)",
        "KID 22 (AES)",
        "TAR b00011",
        "32 octets are ciphered",
        "class 2",
    ):
        assert part in words
