# SPDX-License-Identifier: Apache-2.0
"""CoAP messages as the scripted peers write and read them (RFC 7252 3), independently of linnet."""

from __future__ import annotations

from dataclasses import dataclass, field

CON, NON, ACK, RST = range(4)

OBSERVE, LOCATION_PATH, URI_PATH, CONTENT_FORMAT, URI_QUERY, ACCEPT = 6, 8, 11, 12, 15, 17
BLOCK2, BLOCK1 = 23, 27

EMPTY = "0.00"
TOKEN_LIMIT = 8
METHODS = {"GET": "0.01", "POST": "0.02", "PUT": "0.03", "DELETE": "0.04"}
_NAMES = {code: method for method, code in METHODS.items()}

TEXT, LINKS, OPAQUE, TLV, JSON = 0, 40, 42, 11542, 11543


class FormatError(Exception):
    """Bytes that are not what they should be."""


@dataclass
class Message:
    """A message; `code` is written with a dot, options are (number, value) in the order of the wire."""

    type: int = CON
    code: str = EMPTY
    id: int = 0
    token: bytes = b""
    options: list[tuple[int, bytes]] = field(default_factory=list)
    payload: bytes = b""

    # ---- what tests ask

    @property
    def method(self) -> str:
        """GET, POST, PUT or DELETE; "" for what is no request."""
        return _NAMES.get(self.code, "")

    @property
    def is_response(self) -> bool:
        """True for 2.xx, 4.xx and 5.xx."""
        return self.code[0] in "245"

    @property
    def path(self) -> str:
        """Uri-Path as ``"/rd/5a3f"``."""
        return "/" + "/".join(self.texts(URI_PATH))

    @property
    def query(self) -> list[str]:
        """Each Uri-Query option."""
        return self.texts(URI_QUERY)

    @property
    def location(self) -> str:
        """Location-Path as ``"/16/1"``; "" if there is none."""
        return "".join("/" + segment for segment in self.texts(LOCATION_PATH))

    @property
    def format(self) -> int | None:
        """Content-Format."""
        return self.number(CONTENT_FORMAT)

    @property
    def observe(self) -> int | None:
        """The Observe option."""
        return self.number(OBSERVE)

    def texts(self, option: int) -> list[str]:
        """Every value of a string option."""
        return [value.decode() for number, value in self.options if number == option]

    def number(self, option: int) -> int | None:
        """The value of an unsigned option; None if there is none."""
        for number, value in self.options:
            if number == option:
                return int.from_bytes(value, "big")
        return None

    def block(self, option: int) -> tuple[int, bool, int] | None:
        """(number, more, size) of a block option (RFC 7959 2.2)."""
        value = self.number(option)
        return None if value is None else (value >> 4, bool(value & 8), 16 << (value & 7))

    # ---- what scripts say

    def add(self, option: int, value: int | str | bytes) -> Message:
        """Appends an option."""
        if isinstance(value, int):
            value = value.to_bytes((value.bit_length() + 7) // 8, "big")
        self.options.append((option, value.encode() if isinstance(value, str) else value))
        return self

    def __str__(self) -> str:
        type_name = ("CON", "NON", "ACK", "RST")[self.type]
        parts = [type_name, self.method or self.code]
        if self.method:
            parts.append(self.path + ("?" + "&".join(self.query) if self.query else ""))
        parts += [f"{name}={value}" for name, value in self._named() if value is not None]
        if self.payload:
            shown = self.payload[:80]
            printable = all(0x20 <= byte < 0x7F for byte in shown)
            parts.append(shown.decode() if printable else shown.hex())
        return " ".join(parts)

    def _named(self) -> list[tuple[str, object]]:
        return [
            ("observe", self.observe),
            ("accept", self.number(ACCEPT)),
            ("format", self.format),
            ("location", self.location or None),
            ("block1", self.block(BLOCK1)),
            ("block2", self.block(BLOCK2)),
        ]


def block_value(number: int, more: bool, size: int) -> int:
    """The value of a block option."""
    return number << 4 | more << 3 | size.bit_length() - 5


def _extended(number: int) -> tuple[int, bytes]:
    if number < 13:
        return number, b""
    if number < 269:
        return 13, bytes([number - 13])
    return 14, (number - 269).to_bytes(2, "big")


def encode(message: Message) -> bytes:
    """The bytes of a message."""
    upper, lower = message.code.split(".")
    wire = bytearray([0x40 | message.type << 4 | len(message.token), int(upper) << 5 | int(lower)])
    wire += message.id.to_bytes(2, "big") + message.token
    previous = 0
    for number, value in sorted(message.options, key=lambda option: option[0]):
        delta, delta_bytes = _extended(number - previous)
        length, length_bytes = _extended(len(value))
        wire.append(delta << 4 | length)
        wire += delta_bytes + length_bytes + value
        previous = number
    if message.payload:
        wire += b"\xff" + message.payload
    return bytes(wire)


class _Reader:
    """Takes bytes from the front."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise FormatError(f"a message ends in the middle: {self.data.hex()}")
        self.at += count
        return self.data[self.at - count : self.at]

    def more(self) -> bool:
        return self.at < len(self.data)

    def extended(self, nibble: int) -> int:
        if nibble < 13:
            return nibble
        if nibble == 13:
            return self.take(1)[0] + 13
        if nibble == 14:
            return int.from_bytes(self.take(2), "big") + 269
        raise FormatError(f"an option with the reserved nibble 15: {self.data.hex()}")


def decode(data: bytes) -> Message:
    """A message from its bytes; FormatError for what no CoAP implementation may send."""
    reader = _Reader(data)
    first, code = reader.take(2)
    if first >> 6 != 1 or first & 15 > 8:
        raise FormatError(f"not CoAP version 1, or a token of {first & 15} bytes: {data.hex()}")
    message = Message(first >> 4 & 3, f"{code >> 5}.{code & 31:02}", int.from_bytes(reader.take(2), "big"))
    message.token = reader.take(first & 15)
    number = 0
    while reader.more():
        head = reader.take(1)[0]
        if head == 0xFF:
            message.payload = reader.take(len(data) - reader.at)
            if not message.payload:
                raise FormatError(f"a payload marker without a payload: {data.hex()}")
            break
        number += reader.extended(head >> 4)
        message.options.append((number, reader.take(reader.extended(head & 15))))
    if message.code == EMPTY and len(data) != 4:
        raise FormatError(f"an empty message that is not empty: {data.hex()}")
    return message
