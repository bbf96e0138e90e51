# SPDX-License-Identifier: Apache-2.0
"""``linnet decode``: explains bytes to a person."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

from .. import codec, sms
from ..errors import Error, InvalidArgument, Malformed
from ..model import Model
from . import output


def add_parser(commands: Any) -> None:
    """Adds the command line of this command."""
    parser = commands.add_parser(
        "decode",
        help="explain the bytes of a message or payload",
        description="Takes a CoAP message, or a payload of one of the formats of LwM2M, apart.",
    )
    parser.add_argument(
        "data", metavar="HEX|-", help="bytes in hexadecimal, or - for stdin (bytes, or hexadecimal)"
    )
    parser.add_argument(
        "--as", dest="format", choices=sorted(DECODERS), help="what it is; if left out, linnet guesses"
    )
    parser.add_argument("--path", default="/", metavar="PATH", help="what was read or written, such as /3/0")
    parser.add_argument(
        "--models", metavar="DIR", action="append", default=[], help="read object definitions (DDF XML)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints and ends."""
    model = Model(*options.models)
    data = read_bytes(options.data)
    kind = options.format or guess(data)
    console = output.console()
    for part in DECODERS[kind](data, model.path(options.path), model):
        console.print(part)
    return 0


def read_bytes(argument: str) -> bytes:
    """Hexadecimal with blanks, colons, line ends or 0x in between; other text stands for itself."""
    raw = sys.stdin.buffer.read() if argument == "-" else argument.encode()
    text = re.sub(rb"0x|[\s:,]", b"", raw)
    if re.fullmatch(rb"(?:[0-9a-fA-F]{2})*", text):
        return bytes.fromhex(text.decode())
    if argument != "-" and not argument.lstrip().startswith(("{", "<")):
        raise Malformed(f"{argument!r} is not hexadecimal")
    return raw


def guess(data: bytes) -> str:
    """What bytes look like."""
    text = data.lstrip()
    if text.startswith(b"{"):
        return "json"
    if text.startswith(b"<"):
        return "link"
    if len(data) >= 4 and data[0] >> 6 == 1 and data[0] & 15 <= 8:
        return "coap"
    return "text" if data and all(32 <= byte < 127 for byte in data) else "tlv"


def _records(format: str) -> Callable[[bytes, str, Model], list[Any]]:
    def decode(data: bytes, path: str, model: Model) -> list[Any]:
        if path == "/" and format != "json":
            raise InvalidArgument(f"{format} does not tell what it is of: say --path, such as --path /3/0")
        records = codec.decode(data, format, path, model)
        return [
            f"{format}, {len(data)} bytes, {len(records)} value{'' if len(records) == 1 else 's'}",
            output.table_of(records, model),
        ]

    return decode


def _links(data: bytes, path: str, model: Model) -> list[Any]:
    return [output.links_table(codec.decode_links(data), model)]


def _message(data: bytes, path: str, model: Model) -> list[Any]:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    message = codec.parse_message(data)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    name = message.name if message.name.startswith(message.code) else f"{message.code} {message.name}".strip()
    table.add_row("type", message.type)
    table.add_row("code", name)
    table.add_row("message id", f"{message.message_id} (0x{message.message_id:04x})")
    table.add_row("token", message.token.hex() or "(empty)")
    for option in message.options:
        table.add_row(option.name or f"option {option.number}", Text(_option(option)))
    if message.payload:
        table.add_row("payload", f"{len(message.payload)} bytes")
    return [table, *_payload(message, path, model)]


def _option(option: codec.Option) -> str:
    if option.value is None:
        return "(present)"
    if option.name in ("Block1", "Block2") and isinstance(option.value, int):
        number, more, size = option.value >> 4, option.value & 8, 16 << (option.value & 7)
        return f"block {number} of {size} bytes, {'more follow' if more else 'the last'}"
    if option.name in ("Content-Format", "Accept") and isinstance(option.value, int):
        name = codec.format_name(option.value)
        return str(option.value) if name.isdigit() else f"{option.value} ({name})"
    return option.value.hex(" ") if isinstance(option.value, bytes) else str(option.value)


def _payload(message: codec.Message, path: str, model: Model) -> list[Any]:
    """What a message carries, explained as far as it can be."""
    if not message.payload:
        return []
    number = message.content_format
    kind = codec.format_name(number) if number is not None else ("text" if message.code[0] in "45" else "")
    at = path if path != "/" else message.path if re.fullmatch(r"(/\d+)+", message.path) else "/"
    if kind not in DECODERS or message.code[0] in "45":
        try:
            return [message.payload.decode()]
        except UnicodeDecodeError:
            return [message.payload.hex(" ")]
    try:
        return DECODERS[kind](message.payload, at, model)
    except Error as error:
        return [f"payload not understood: {error}", message.payload.hex(" ")]


def _short_message(data: bytes, path: str, model: Model) -> list[Any]:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    message = sms.parse_short_message(data)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _short_message_rows(message):
        table.add_row(name, Text(value))
    if message.alphabet in ("gsm", "ucs2"):
        return [table, Text(message.text)]
    return [table, *_short_message_data(message, path, model)]


def _short_message_rows(message: sms.ShortMessage) -> Iterator[tuple[str, str]]:
    yield "kind", message.kind
    yield "from" if message.kind == "deliver" else "to", _number_words(message)
    for name, value in (
        ("service centre", message.center),
        ("reference", message.reference),
        ("service centre time", message.center_time),
        ("discharge time", message.discharge_time),
        ("validity", message.validity),
    ):
        if value not in ("", None):
            yield name, str(value)
    if message.status is not None:
        yield "status", f"{message.status} ({'delivered' if message.status < 32 else 'not delivered'})"
    if message.protocol:
        yield "protocol", f"0x{message.protocol:02x}"
    of_class = "" if message.message_class is None else f", class {message.message_class}"
    yield "coding", f"0x{message.coding:02x} ({message.alphabet}{of_class})"
    if message.ports is not None:
        yield "ports", f"to {message.ports[0]} from {message.ports[1]}"
    if message.part is not None:
        number, count, reference = message.part
        yield "part", f"{number} of {count}, reference {reference}"
    if message.other:
        yield "header", message.other.hex(" ")
    if message.other == _COMMAND_PACKET:
        yield "command packet", _command_packet(message.payload)
    if message.flags:
        yield "flags", ", ".join(message.flags).replace("_", " ")
    yield "length", f"{len(message.payload)} {'septets' if message.alphabet == 'gsm' else 'bytes'}"


def _number_words(message: sms.ShortMessage) -> str:
    if not message.number:
        return "(nobody)"
    named = message.number_kind in ("international", "unknown")
    return message.number if named else f"{message.number} ({message.number_kind})"


# The element of the header that marks a secured packet (3GPP TS 31.115, 4.1).
_COMMAND_PACKET = b"\x70\x00"
_ALGORITHMS = {2: "AES", 9: "triple DES"}


def _command_packet(packet: bytes) -> str:
    """What of a secured packet is in the clear (ETSI TS 102 225, 5.1; SMS-41)."""
    if len(packet) < 10 or int.from_bytes(packet[:2], "big") != len(packet) - 2:
        return "cut short, or of several short messages"
    spi, kic, kid, tar = packet[3:5], packet[5], packet[6], packet[7:10]
    ciphering, checksum = (_ALGORITHMS.get(key & 15, "another algorithm") for key in (kic, kid))
    return (
        f"SPI {spi.hex()}, KIc {kic:02x} ({ciphering}), KID {kid:02x} ({checksum}), TAR {tar.hex()}; "
        f"{len(packet) - 10} octets are ciphered"
    )


def _short_message_data(message: sms.ShortMessage, path: str, model: Model) -> list[Any]:
    """CoAP, if it looks like it and is whole (SMS-01); else bytes."""
    if not message.payload:
        return []
    if message.alphabet == "data" and message.part is None and guess(message.payload) == "coap":
        try:
            return _message(message.payload, path, model)
        except Error:
            pass
    return [message.payload.hex(" ")]


#: How each kind of bytes is explained: (bytes, path, model) -> what to print.
DECODERS: dict[str, Callable[[bytes, str, Model], list[Any]]] = {
    "coap": _message,
    "tlv": _records("tlv"),
    "json": _records("json"),
    "text": _records("text"),
    "opaque": _records("opaque"),
    "link": _links,
    "sms": _short_message,
}
