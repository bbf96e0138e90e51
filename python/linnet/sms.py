# SPDX-License-Identifier: Apache-2.0
"""Short messages (3GPP TS 23.040) taken apart and put together, for tools, gateways and tests."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from . import _core
from .errors import Malformed, UnsupportedFormat

__all__ = ["ShortMessage", "build_short_message", "parse_short_message"]

_KINDS = ("deliver", "submit", "status-report")
_NUMBER_KINDS = (
    "unknown",
    "international",
    "national",
    "network",
    "subscriber",
    "alphanumeric",
    "abbreviated",
)
_ALPHABETS = ("gsm", "data", "ucs2", "compressed")
_FLAGS = ("report", "command", "reply_path", "reject_duplicates", "more", "loops", "single_shot")


@dataclass(frozen=True)
class ShortMessage:
    """A short message. What a kind does not have is empty or None."""

    #: "deliver", "submit" or "status-report"
    kind: str
    #: Who it comes from or goes to: "+46708251358", digits of another kind, or a name.
    number: str
    #: "unknown", "international", "national", "network", "subscriber", "alphanumeric" or "abbreviated"
    number_kind: str
    #: The service centre, where the PDU names one.
    center: str
    #: Identifies a submitted message to its status report.
    reference: int | None
    #: TP-PID
    protocol: int
    #: TP-DCS, and what it says
    coding: int
    #: "gsm", "data", "ucs2" or "compressed"
    alphabet: str
    message_class: int | None
    #: How long, or until when, the service centre tries to deliver it.
    validity: datetime.timedelta | datetime.datetime | None
    center_time: datetime.datetime | None
    discharge_time: datetime.datetime | None
    #: TP-ST; below 32: it was delivered.
    status: int | None
    #: Destination and source.
    ports: tuple[int, int] | None
    #: Number, how many there are, and the reference they share.
    part: tuple[int, int, int] | None
    #: The user data header, ports and part included, without the octet of its length.
    header: bytes
    #: Its elements but for ports and part, as they are.
    other: bytes
    #: report, command, reply_path, reject_duplicates, more, loops, single_shot: those that are set.
    flags: tuple[str, ...]
    #: "" for data.
    text: str
    #: The octets; for the alphabet gsm septets, each in a byte.
    payload: bytes
    #: The TPDU.
    pdu: bytes


def parse_short_message(data: bytes) -> ShortMessage:
    """Takes a PDU apart, with the service centre before it, as modems show it, or without.

    Malformed: it is none.
    """
    candidates = _candidates(data)
    for center, tpdu in candidates:
        try:
            return _from_fields(center, _core.sms_parse(tpdu), tpdu)
        except (Malformed, UnsupportedFormat):
            continue
    raise Malformed(f"not a short message: {_fault(data, [tpdu for _, tpdu in candidates])}")


def build_short_message(
    kind: str,
    number: str,
    payload: bytes = b"",
    *,
    header: bytes = b"",
    coding: int = 4,
    protocol: int = 0,
    report: bool = False,
    reference: int = 0,
    validity: float | None = None,
    status: int = 0,
    center_time: datetime.datetime | None = None,
) -> bytes:
    """Makes the TPDU of a message: "deliver" from a number, "submit" to one, or a "status-report" about one.

    `payload` is octets, or septets, each in a byte, where `coding` is of the GSM alphabet; `header` is the
    user data header without the octet of its length. ValueError: something that cannot be.
    """
    return _core.sms_build(
        _KINDS.index(kind),
        number,
        coding,
        protocol,
        report,
        reference,
        round(validity or 0),
        status,
        0 if center_time is None else int(center_time.timestamp()),
        header,
        payload,
    )


def _fault(data: bytes, candidates: list[bytes]) -> str:
    """What is wrong, with the candidate that is sound for longest."""
    furthest, words = -1, ""
    for tpdu in candidates:
        field, sound = _core.sms_fault(tpdu)
        if sound + len(data) - len(tpdu) > furthest:
            furthest, words = sound + len(data) - len(tpdu), field or ""
    if furthest >= len(data):
        return f"it ends before {words}"
    return f"{words}, in octet {furthest + 1} of {len(data)}, is cut short or cannot be"


def _candidates(data: bytes) -> list[tuple[str, bytes]]:
    try:
        center, used = _core.sms_parse_center(data)
    except Malformed:
        return [("", data)]
    return [(center, data[used:]), ("", data)]


def _from_fields(center: str, fields: _core.ShortMessageFields, tpdu: bytes) -> ShortMessage:
    kind = _KINDS[fields["kind"]]
    reported = kind == "status-report"
    port_bits, *ports = fields["ports"]
    part_bits, reference, parts, part = fields["part"]
    return ShortMessage(
        kind=kind,
        number=fields["number"],
        number_kind=_NUMBER_KINDS[fields["number_kind"]],
        center=center,
        reference=fields["reference"] if kind != "deliver" else None,
        protocol=fields["protocol"],
        coding=fields["coding"],
        alphabet=_ALPHABETS[fields["alphabet"]],
        message_class=fields["message_class"] if fields["message_class"] >= 0 else None,
        validity=_validity(fields),
        center_time=_time(fields["center_time"]),
        discharge_time=_time(fields["discharge_time"]),
        status=fields["status"] if reported else None,
        ports=(ports[0], ports[1]) if port_bits else None,
        part=(part, parts, reference) if part_bits else None,
        header=fields["header"],
        other=fields["other"],
        flags=tuple(name for name in _FLAGS if fields[name]),  # type: ignore[literal-required]
        text=fields["text"],
        payload=fields["data"],
        pdu=bytes(tpdu),
    )


def _validity(fields: _core.ShortMessageFields) -> datetime.timedelta | datetime.datetime | None:
    if fields["validity"] == _core.SMS_VALIDITY_ABSOLUTE:
        return _time(fields["validity_until"])
    return datetime.timedelta(seconds=fields["validity_s"]) if fields["validity_s"] else None


def _time(time: tuple[int, int] | None) -> datetime.datetime | None:
    if time is None:
        return None
    seconds, minutes = time
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone(datetime.timedelta(minutes=minutes)))
