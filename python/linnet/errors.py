# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: N818
"""Exceptions, one for each status of the C library, and what they say.

Each fits the built-in exception a Python programmer would expect: :class:`NotFound` is a ``LookupError``,
:class:`TimeoutError` is the built-in one, :class:`WrongType` a ``TypeError``. C makes them by
:func:`from_status`; nothing else is needed to add one.
"""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Iterator


class Error(Exception):
    """Whatever goes wrong in linnet. `status` is the number of the C library, 0 if there is none."""

    status = 0

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").split("\n")[0])


class NoMemory(Error, MemoryError):
    """Out of memory."""

    status = -1


class InvalidArgument(Error, ValueError):
    """Invalid argument."""

    status = -2


class StateError(Error):
    """Not possible in the present state."""

    status = -3


class Closed(StateError):
    """The handle is closed."""

    status = -4


class NotFound(Error, LookupError):
    """No such path, endpoint or request."""

    status = -5


class Exists(Error):
    """Exists already."""

    status = -6


class EncodingError(Error):
    """Something cannot be put into, or read from, a payload."""


class WrongType(EncodingError, TypeError):
    """The value has the wrong type for this resource."""

    status = -7


class OutOfRange(Error, ValueError):
    """The value is outside the range of the definition."""

    status = -8


class NotAllowed(Error):
    """The operation is not allowed on this path."""

    status = -9


class Malformed(EncodingError, ValueError):
    """Malformed message or payload."""

    status = -10


class UnsupportedFormat(EncodingError):
    """The content format is not supported."""

    status = -11


class TooLarge(Error):
    """Larger than the configured limit."""

    status = -12


class LimitReached(Error):
    """A configured limit is reached."""

    status = -13


class TimeoutError(Error, builtins.TimeoutError):
    """The peer did not answer in time."""

    status = -14


class Reset(Error, ConnectionError):
    """The peer rejected the message."""

    status = -15


class ResponseError(Error):
    """The peer answered with an error code, e.g. ``"4.05"`` in `code`.

    A reader, writer or executable of a client raises it to choose the code of its answer::

        raise linnet.ResponseError("4.06")
    """

    status = -16

    def __init__(self, code: str = "", message: str = "") -> None:
        super().__init__(message or code or "the peer answered with an error")
        self.code = code

    @property
    def number(self) -> int:
        """The code as class * 100 + detail: 405."""
        digits = self.code.replace(".", "")
        return int(digits) if digits.isdecimal() else 0


class Cancelled(Error):
    """Cancelled."""

    status = -17


class HandlerFailed(Error):
    """The application's handler failed."""

    status = -18


class SecurityError(Error):
    """The security handshake, or a credential, failed; `cause` says why in a word.

    For example "unknown-identity", "wrong-key", "untrusted", "expired", "wrong-host", "timed-out".
    """

    status = -19

    def __init__(self, message: str = "", cause: str = "") -> None:
        super().__init__(message)
        self.cause = cause


class Unavailable(Error, NotImplementedError):
    """The feature is left out of this build of linnet."""

    status = -20


class SystemFailure(Error, OSError):
    """The operating system refused."""

    status = -21

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class UnknownHost(Error, OSError):
    """The host name cannot be resolved."""

    status = -22

    __str__ = SystemFailure.__str__


_CLASSES: tuple[type[Error], ...] = (
    NoMemory,
    InvalidArgument,
    StateError,
    Closed,
    NotFound,
    Exists,
    WrongType,
    OutOfRange,
    NotAllowed,
    Malformed,
    UnsupportedFormat,
    TooLarge,
    LimitReached,
    TimeoutError,
    Reset,
    ResponseError,
    Cancelled,
    HandlerFailed,
    SecurityError,
    Unavailable,
    SystemFailure,
    UnknownHost,
)
_BY_STATUS: dict[int, type[Error]] = {cls.status: cls for cls in _CLASSES}


@contextlib.contextmanager
def about(what: str) -> Iterator[None]:
    """Errors of Python about a value become those of linnet, and say whose value it is."""
    try:
        yield
    except Error:
        raise
    except OverflowError:
        raise OutOfRange(f"{what}: the number does not fit into 64 bits") from None
    except UnicodeEncodeError:
        raise WrongType(f"{what}: the text is no Unicode that can be written") from None
    except TypeError as error:
        raise WrongType(f"{what}: {error}") from None


def from_status(status: int, message: str, code: str | None = None, cause: str = "") -> Error:
    """The exception for a status of the C library, with words for people, and the code or cause."""
    found = _BY_STATUS.get(status, Error)
    if issubclass(found, SecurityError):
        return found(message, cause)
    if issubclass(found, ResponseError):
        return found(code or "", message)
    return found(message)
