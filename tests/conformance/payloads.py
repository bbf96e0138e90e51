# SPDX-License-Identifier: Apache-2.0
"""What the `payload` of a step means: bytes to send, or something to find in what was received."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import device, ets, formats
from .coap import LINKS, TEXT, Message
from .formats import Ids, Values, ids_of, path_of

if TYPE_CHECKING:
    from .interpreter import Run

_FILES = {
    "file:valid image": device.GOOD,
    "file:image that fails to install": device.UNINSTALLABLE,
}
_FILE_FOR_ERROR = {
    "773": device.TOO_LARGE,
    "774": device.TOO_HUNGRY,
    "776": device.DAMAGED,
    "777": device.UNKNOWN,
}
#: Link attributes that may be there although a case does not print them (note of case 951).
_FREE_ATTRIBUTES = {"dim", "ver"}
#: How a list of resources begins, and one of resource instances.
_ITEMS = r"(no )?\d+(=| present| optional|$| and )", r"\d+="


# ---- to send


def to_send(run: Run, step: dict[str, object]) -> bytes:
    """The payload of a request."""
    text = str(step.get("payload", ""))
    if text.startswith("set:"):
        base = ids_of(str(step["path"]))
        lines = ets.value_set(text[4:], dtls=run.dtls)
        values = {line.ids: line.value for line in lines}
        made = formats.write(base, int(str(step["content_format"])), values, ets.type_of)
        if lines == ets.value_set(text[4:], dtls=True) and "payload_hex" in step:
            assert made.hex() == step["payload_hex"]
        return made
    if "payload_hex" in step:
        return bytes.fromhex(str(step["payload_hex"]))
    if text == "saved 13, 14, 15":
        base = ids_of(str(step["path"]))
        return formats.write(base, int(str(step["content_format"])), run.saved, ets.type_of)
    if text in _FILES:
        return device.package(_FILES[text])
    if text.startswith("file:image for this error"):
        return device.package(_FILE_FOR_ERROR[run.case.id])
    return ets.fill_in(text, run.variables).encode()


# ---- to find


def values_in(run: Run, message: Message, path: str) -> Values:
    """What a response from a path says."""
    return formats.read(ids_of(path), message.format, message.payload, ets.type_of)


def check(run: Run, message: Message, path: str, text: str) -> None:
    """Finds in a response what a case wants to see in it."""
    base = ids_of(path)
    if message.format == LINKS:
        check_links(text, message.payload.decode())
    elif text.startswith("hex:"):
        assert message.payload.hex() == text[4:]
    elif text.startswith("one Object Instance TLV with id 0 holding "):
        (entry,) = formats.tlv_entries(message.payload)
        assert (entry.kind, entry.id) == (formats.INSTANCE, 0)
        wanted = {int(number) for number in text.rsplit("holding ", 1)[1].split(", ")}
        assert wanted <= {inner.id for inner in entry.entries}
    else:
        check_values(run, values_in(run, message, path), base, text)


def check_values(run: Run, values: Values, base: Ids, text: str) -> None:
    """Finds values, or what is said of them in words."""
    if text.startswith("set:"):
        wanted = {line.ids: line.value for line in ets.value_set(text[4:])}
        assert {path: values.get(path) for path in wanted} == wanted
    elif text == "both instances":
        assert set(values) >= {(*base, 0), (*base, 1)}
    elif text == "whole instance":
        assert set(values) >= set(run.device.config.below(base))
    elif text == "current values":
        assert values == {path: run.device.value(path_of(path)) for path in values}
        assert values
    elif text == "old version":
        assert values == {base: run.device.config.below(base)[base]}
    elif text == "new version":
        assert values == {base: device.NEW_VERSION}
    elif text == "saved 13, 14, 15":
        for path in run.saved:
            assert _near(path, values[path], run.saved[path])
    elif re.match(_ITEMS[len(base) == 3], text):
        for item in text.split(", "):
            _check_item(run, values, base, item)
    else:
        assert values == {base: _typed(base, text)}


def _near(path: Ids, value: object, before: object) -> bool:
    """Current Time (/3/0/13) runs on."""
    if path[2] != 13:
        return value == before
    return isinstance(value, int) and isinstance(before, int) and before <= value <= before + 60


def _check_item(run: Run, values: Values, base: Ids, item: str) -> None:
    if match := re.fullmatch(r"(\d+)=(.*)", item):
        path = (*base, int(match[1]))
        wanted = _typed(path, match[2])
        assert values[path] == wanted, f"{path_of(path)} is {values[path]!r}, not {wanted!r}"
    elif match := re.fullmatch(r"(\d+) and (\d+) unchanged", item):
        for number in map(int, match.groups()):
            assert values[(*base, number)] == run.device.config.below((*base, number))[(*base, number)]
    elif match := re.fullmatch(r"(\d+) present", item):
        assert _under(values, (*base, int(match[1])))
    elif match := re.fullmatch(r"no (\d+)", item):
        assert not _under(values, (*base, int(match[1])))
    else:
        assert re.fullmatch(r"\d+ optional", item), f"what does {item!r} mean?"


def _under(values: Values, base: Ids) -> bool:
    return any(path[: len(base)] == base for path in values)


def _typed(path: Ids, text: str) -> object:
    kind = ets.type_of(path)
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    if kind == "opaque":
        return bytes.fromhex(text)
    if kind == "float":
        return float(text)
    return int(text) if kind in ("integer", "time") else text


def poll_ends(run: Run, message: Message, path: str, text: str) -> bool:
    """True if "poll until ..." is fulfilled."""
    values, base = values_in(run, message, path), ids_of(path)
    for condition in text.removeprefix("poll until ").split(" or "):
        number, _, value = condition.replace(" is not ", "!=").partition("=")
        found = values[(*base, int(number.rstrip("!")))]
        if (found != int(value)) if number.endswith("!") else (found == int(value)):
            return True
    return False


def check_links(wanted: str, found: str) -> None:
    """All links, each with its attributes; more links, and `dim`, may be there."""
    links = formats.read_links(found)
    for target, attributes in formats.read_links(wanted).items():
        assert target in links, f"no link {target} in {found}"
        there = links[target]
        for name in set(there) | set(attributes):
            if name not in attributes and name in _FREE_ATTRIBUTES:
                continue
            assert _same(there.get(name), attributes.get(name)), f"{name} of {target} in {found}"


def _same(one: str | None, other: str | None) -> bool:
    try:
        return one == other or float(one or "") == float(other or "")
    except ValueError:
        return False


__all__ = ["TEXT", "check", "check_links", "poll_ends", "to_send", "values_in"]
