# SPDX-License-Identifier: Apache-2.0
"""Arguments that are easily got wrong, checked where their names are known."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, Union

from .errors import InvalidArgument

#: A path, or several.
Paths = Union[str, "os.PathLike[str]", Iterable[Union[str, "os.PathLike[str]"]]]


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InvalidArgument(f"{name} is a whole number from {low} to {high}, not {value!r:.60}")
    return value


def lifetime_of(seconds: Any) -> int:
    """The lifetime of a registration (REG-06)."""
    return whole("lifetime", seconds, 1, 0xFFFFFFFF)


def server_id_of(number: Any) -> int:
    """A Short Server ID: 65535 is nobody's (AMB-34)."""
    return whole("short_server_id", number, 1, 0xFFFE)


def milliseconds(name: str, seconds: Any) -> int:
    """Seconds as the C library wants them: milliseconds of 32 bits."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= 4294967:
        raise InvalidArgument(f"{name} is seconds from 0 to 4294967, not {seconds!r:.60}")
    return round(seconds * 1000)


def text_of(name: str, value: Any) -> str:
    """Text without NUL, at which C would take it to end."""
    if not isinstance(value, str) or "\0" in value:
        raise InvalidArgument(f"{name} is text without NUL, not {value!r:.60}")
    return value


def paths_of(paths: Paths) -> tuple[str | os.PathLike[str], ...]:
    """One path, or several, as several."""
    return (paths,) if isinstance(paths, (str, os.PathLike)) else tuple(paths)
