# SPDX-License-Identifier: Apache-2.0
"""Datagrams of a simulated world, kept, and told a line each: ``kitchen -> server  CON POST /rd``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from .codec import Message, format_name, parse_message
from .errors import Error

#: The content types of DTLS records (RFC 6347 4.1, RFC 6520): what no CoAP message begins with.
_RECORDS = {20: "change cipher spec", 21: "alert", 22: "handshake", 23: "application data"}
#: How much of a payload a line shows.
_SHOWN = 40


@dataclass(frozen=True)
class Datagram:
    """A datagram that was sent in a world."""

    #: Virtual milliseconds.
    ms: int
    source: str
    destination: str
    data: bytes
    #: True if it never arrives.
    lost: bool

    @property
    def message(self) -> Message | None:
        """The CoAP message in it; None if there is none to be seen, as in DTLS and short messages."""
        try:
            return parse_message(self.data)
        except Error:
            return None

    def line(self, names: dict[str, str] | None = None) -> str:
        """A line for people; `names` says who is at which address."""
        names = names or {}
        ends = f"{names.get(self.source, self.source)} -> {names.get(self.destination, self.destination)}"
        return f"{self.ms / 1000:10.3f} s  {ends}  {self._content()}{'  (lost)' if self.lost else ''}"

    def _content(self) -> str:
        if self.source.startswith("sms:"):
            return f"short message, {len(self.data)} bytes"
        if self.data and self.data[0] in _RECORDS:
            return f"DTLS {_RECORDS[self.data[0]]}, {len(self.data)} bytes"
        message = self.message
        return f"{len(self.data)} bytes" if message is None else " ".join(_words(message))

    def __str__(self) -> str:
        return self.line()


def _words(message: Message) -> Iterator[str]:
    yield message.type
    if message.code == "0.00":
        yield f"id {message.message_id}"
        return
    yield message.name or message.code
    query = message.option("Uri-Query")
    if message.option("Uri-Path") or query or message.code.startswith("0."):
        yield message.path + ("?" + "&".join(map(str, query)) if query else "")
    for name in ("Location-Path", "Observe", "Block1", "Block2"):
        found = message.option(name)
        if found:
            yield f"{name}:{'/'.join(map(_option, found))}"
    if message.payload:
        number = message.content_format
        yield f"[{'text' if number is None else format_name(number)}]"
        yield _shortened(message.payload)


def _option(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _shortened(payload: bytes) -> str:
    """Text as it is, bytes in hexadecimal; the beginning of it."""
    printable = all(32 <= byte < 127 for byte in payload)
    text = payload.decode() if printable else payload.hex()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(payload)} bytes)"


class Traffic(Sequence[Datagram]):
    """The last datagrams of a world, as a list that grows; ``print`` shows a line for each::

    traffic = world.record()
    device.read("/3/0/0")
    assert [sent.message.path for sent in traffic if sent.message.code == "0.01"] == ["/3/0/0"]
    """

    def __init__(self, limit: int, names: Callable[[], dict[str, str]]) -> None:
        self._datagrams: deque[Datagram] = deque(maxlen=limit)
        self._names = names
        #: How many older ones were dropped.
        self.dropped = 0

    def take(self, ms: int, source: str | None, destination: str | None, data: bytes, lost: bool) -> None:
        """One more datagram; given to :meth:`World.watch`."""
        self.dropped += len(self._datagrams) == self._datagrams.maxlen
        self._datagrams.append(Datagram(ms, source or "", destination or "", data, lost))

    def clear(self) -> None:
        """Forgets what there was."""
        self._datagrams.clear()
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._datagrams)

    @overload
    def __getitem__(self, index: int) -> Datagram: ...

    @overload
    def __getitem__(self, index: slice) -> list[Datagram]: ...

    def __getitem__(self, index: Any) -> Any:
        return list(self._datagrams)[index] if isinstance(index, slice) else self._datagrams[index]

    def __str__(self) -> str:
        names = self._names()
        lines = [datagram.line(names) for datagram in self._datagrams]
        return "\n".join([f"({self.dropped} earlier ones)", *lines] if self.dropped else lines)

    def __repr__(self) -> str:
        return f"<traffic: {len(self)} datagrams>"
