# SPDX-License-Identifier: Apache-2.0
"""The options about short messages that ``linnet client`` and ``linnet server`` share."""

from __future__ import annotations

import argparse

from ..modem import AtModem, SmsTransport
from ..role import is_number
from .access import packet_keys

WHAT = "short messages (LwM2M over SMS)"


def add_sms_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Adds --modem and what goes with it."""
    group = parser.add_argument_group(WHAT)
    group.add_argument(
        "--modem",
        metavar="DEVICE",
        help="a modem that understands AT commands, such as /dev/ttyUSB2; it is linnet's alone",
    )
    group.add_argument("--number", metavar="NUMBER", help="the number of its SIM, such as +15550111")
    group.add_argument("--pin", metavar="DIGITS", help="the PIN of its SIM")
    group.add_argument("--service-center", metavar="NUMBER", help="(default: the one that the SIM has)")
    group.add_argument(
        "--speed", metavar="BITS", type=int, default=115200, help="of a serial line (%(default)s)"
    )
    group.add_argument(
        "--sms-parts",
        metavar="COUNT",
        type=int,
        default=1,
        help="how many short messages one message may be cut into (%(default)s)",
    )
    group.add_argument(
        "--sms-ports",
        metavar="TO:FROM",
        type=_ports,
        help="send to a port, from a port, such as 5683:5683 (default: no ports)",
    )
    group.add_argument(
        "--sms-timeout",
        metavar="S",
        type=float,
        default=300,
        help="how long an answer may take (%(default)s)",
    )
    group.add_argument(
        "--sms-packets",
        metavar="NUMBER:PARAMETERS:KEYS|@FILE",
        type=packet_keys,
        action="append",
        default=[],
        help="secured packets for that number: resources 7 and 8 of Security in hexadecimal; "
        "may be given several times",
    )
    group.add_argument(
        "--sms-plain",
        action="store_true",
        help="do not secure them, though there are keys: beside coaps, for triggers alone",
    )
    return group


def _ports(text: str) -> tuple[int, int]:
    destination, _, source = text.partition(":")
    try:
        return int(destination), int(source or destination)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not TO:FROM") from None


def sms_of(options: argparse.Namespace) -> SmsTransport | None:
    """The transport that the options describe; None: they want none."""
    if options.modem is None:
        about = ("number", "pin", "service_center", "sms_ports", "sms_packets")
        given = [name for name in about if getattr(options, name)]
        if given:
            raise ValueError(f"--{given[0].replace('_', '-')} is about a modem: add --modem DEVICE")
        for uri in (getattr(options, name, None) for name in ("server", "bootstrap")):
            if isinstance(uri, str) and is_number(uri):
                raise ValueError(f"{uri} is reached by SMS: add --modem DEVICE and --number NUMBER")
        return None
    modem = AtModem(options.modem, speed=options.speed, pin=options.pin, center=options.service_center)
    return SmsTransport(
        modem,
        options.number,
        parts=options.sms_parts,
        ports=options.sms_ports,
        response_timeout=options.sms_timeout,
        validity=options.sms_timeout,
        packets=dict(options.sms_packets) or None,
        dtls=False if options.sms_plain else None,
    )
