# SPDX-License-Identifier: Apache-2.0
"""What a bootstrap server gives a device: accounts, access, values; and the commands for that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Union

from . import _core
from .calls import format_of
from .errors import Error, InvalidArgument
from .model import Model
from .values import ids_of, path_of

NOSEC, PSK, RPK, CERTIFICATE = 3, 0, 1, 2
SMS_DTLS, SMS_PACKETS, SMS_NOSEC = _core.SMS_DTLS, _core.SMS_SECURED_PACKETS, _core.SMS_UNSECURED

RIGHTS = {
    "read": _core.ACCESS_READ,
    "write": _core.ACCESS_WRITE,
    "execute": _core.ACCESS_EXECUTE,
    "delete": _core.ACCESS_DELETE,
    "create": _core.ACCESS_CREATE,
}
#: Everybody without an entry of their own, where a Short Server ID is wanted.
OTHERS = 0

#: ``("discover", "/")``, ``("delete", "/0")``, ``("write", "/0", {...})``,
#: ``("write", "/1/0/5", 86400, "text")``.
Operation = Union[tuple[str, str], tuple[str, str, Any], tuple[str, str, Any, Union[str, int]]]


def rights_of(names: Iterable[str]) -> int:
    """``["read", "write"]`` as a sum."""
    names = [names] if isinstance(names, str) else list(names)
    unknown = sorted(set(names) - set(RIGHTS))
    if unknown:
        raise InvalidArgument(f"rights are {', '.join(RIGHTS)}, not {', '.join(unknown)}")
    return sum(RIGHTS[name] for name in set(names))


@dataclass
class Account:
    """How a device reaches a server, and the keys for it: an instance of object 0.

    Without keys the mode is NoSec. `psk` is ``(identity, key)``; with `public_key` or `certificate` come
    `private_key` and `server_key` (the server's public key or certificate), all in DER.
    """

    uri: str
    psk: tuple[str | bytes, bytes] | None = None
    public_key: bytes | None = None
    certificate: bytes | None = None
    private_key: bytes | None = None
    server_key: bytes | None = None
    #: Number of the server for short messages, digits only.
    sms_number: str | None = None
    #: Short messages are secured by DTLS, with `psk`.
    sms_dtls: bool = False
    #: The same with a key of their own: an identity of 6 or 7 bytes, and a key of 16, 32 or 48.
    sms_psk: tuple[str | bytes, bytes] | None = None
    #: They are secured packets: KIc, KID, SPI and TAR, and the keys.
    sms_packets: tuple[bytes, bytes] | None = None

    def _security(self) -> Iterator[tuple[int, Any]]:
        identity: str | bytes = b""
        mode, secret, other = NOSEC, b"", b""
        by_number = self.uri.lower().startswith(("sms:", "tel:"))
        if self.psk is not None:
            mode, (identity, secret) = NOSEC if by_number else PSK, self.psk
        elif self.certificate is not None or self.public_key is not None:
            mode = CERTIFICATE if self.certificate is not None else RPK
            identity = self.certificate if self.certificate is not None else self.public_key or b""
            secret, other = self.private_key or b"", self.server_key or b""
        yield 0, self.uri
        yield 2, mode
        yield 3, identity.encode() if isinstance(identity, str) else bytes(identity)
        yield 4, bytes(other)
        yield 5, bytes(secret)
        if self.sms_number is not None:
            yield 9, self.sms_number
        if by_number or self.sms_number is not None:
            yield from self._sms_security(by_number)

    def _sms_security(self, by_number: bool) -> Iterator[tuple[int, Any]]:
        dtls = self.sms_dtls or self.sms_psk is not None or (by_number and self.psk is not None)
        if dtls and self.sms_packets is not None:
            raise InvalidArgument(
                f"{self.uri}: short messages are secured by DTLS or by packets, not by both"
            )
        yield 6, SMS_DTLS if dtls else SMS_NOSEC if self.sms_packets is None else SMS_PACKETS
        own = self.sms_psk if self.sms_packets is None else self.sms_packets
        if own is not None:
            parameters, key = own
            yield 7, parameters.encode() if isinstance(parameters, str) else bytes(parameters)
            yield 8, bytes(key)


@dataclass
class ServerAccount(Account):
    """An account of a server: an instance of object 0, and one of object 1::

    linnet.ServerAccount("coaps://lwm2m.example", lifetime=300, psk=("kitchen", b"0123456789abcdef"))
    """

    short_server_id: int = 1
    lifetime: int = 86400
    binding: str = "U"
    #: Whether notifications are kept for the server while it is away.
    storing: bool = True
    #: Default periods of notifications, in seconds.
    pmin: int | None = None
    pmax: int | None = None
    #: Seconds that Disable lasts.
    disable_timeout: int | None = None

    def _values(self, security: int, server: int) -> Iterator[tuple[str, Any]]:
        for resource, value in self._security():
            yield path_of(0, security, resource), value
        yield path_of(0, security, 1), False
        yield path_of(0, security, 10), self.short_server_id
        optional = {2: self.pmin, 3: self.pmax, 5: self.disable_timeout}
        yield path_of(1, server, 0), self.short_server_id
        yield path_of(1, server, 1), self.lifetime
        yield path_of(1, server, 6), self.storing
        yield path_of(1, server, 7), self.binding
        for resource, value in optional.items():
            if value is not None:
                yield path_of(1, server, resource), value


@dataclass
class BootstrapAccount(Account):
    """An account of a bootstrap server, to take the place of the one that the device has."""

    #: Seconds that the device waits before it asks by itself.
    hold_off: int = 0
    #: Seconds after a success until the device forgets the account; None: never.
    account_timeout: int | None = None

    def _values(self, security: int) -> Iterator[tuple[str, Any]]:
        for resource, value in self._security():
            yield path_of(0, security, resource), value
        yield path_of(0, security, 1), True
        yield path_of(0, security, 11), self.hold_off
        if self.account_timeout is not None:
            yield path_of(0, security, 12), self.account_timeout


@dataclass
class Configuration:
    """What one device, or many, are given by a :class:`linnet.BootstrapServer`::

        linnet.Configuration(
            servers=[linnet.ServerAccount("coap://lwm2m.example", lifetime=300)],
            values={"/3/0/14": "+02:00"},
        )

    The device is asked what it has (`discover`), loses all it was given before (`delete`), is written the
    accounts, the values, and object 2, and finishes. With several servers each owns its instance of object 1,
    and the first one all else; `owners` and `rights` say otherwise.
    """

    servers: Sequence[ServerAccount] = ()
    bootstrap: BootstrapAccount | None = None
    #: By path, with ids or names: ``{"/3/0/14": "+02:00", "/3303/0": {5750: "oven"}}``.
    values: Mapping[str, Any] = field(default_factory=dict)
    #: The Short Server ID of the owner, by path of the instance; 0: only bootstrap.
    owners: Mapping[str, int] = field(default_factory=dict)
    #: ``{"/3/0": {2: ["read"]}, "/3303": {1: ["create"]}}``; server 0: those without an entry of their own.
    rights: Mapping[str, Mapping[int, Iterable[str]]] = field(default_factory=dict)
    delete: Sequence[str] = ("/",)
    discover: Sequence[str] = ("/",)
    #: Commands to send instead of all of the above, in this order; Finish follows by itself. For tests.
    operations: Sequence[Operation] | None = None
    #: False: is sent even if it contradicts itself, and devices refuse it. For tests.
    check: bool = True

    def _make(self, model: Model, loop: _core.Loop) -> _core.Configuration:
        """The same for the C library. An Error says what is wrong where."""
        core = _core.Configuration(model._core)
        if self.operations is not None:
            for operation in self.operations:
                _operate(core, model, loop, operation)
        else:
            for path in self.discover:
                core.discover(model.path(path))
            for path in self.delete:
                core.delete(model.path(path))
            core.write("/", _batch(loop, self._values(model)), _core.FORMAT_NONE)
            self._control(core, model)
        if not self.check:
            core.set_unchecked()
        return core

    def _values(self, model: Model) -> Iterator[tuple[str, Any]]:
        yield from self._account_values()
        for path, value in self.values.items():
            yield from _flat(model, model.path(path), value)

    def _account_values(self) -> Iterator[tuple[str, Any]]:
        for index, account in enumerate(self.servers):
            yield from account._values(index + 1, index)
        if self.bootstrap is not None:
            yield from self.bootstrap._values(len(self.servers) + 1)

    def _control(self, core: _core.Configuration, model: Model) -> None:
        for path, owner in self.owners.items():
            core.set_owner(model.path(path), owner)
        for path, entries in self.rights.items():
            for server, names in entries.items():
                core.set_access(model.path(path), int(server), rights_of(names))
        core.control()

    def _key_of(self, path: str, servers: str) -> str | None:
        """What the user wrote, under that name, that became an instance or resource: ``"servers[0]"``."""
        ids = ids_of(path)
        if len(ids) > 1 and ids[0] in (0, 1):
            index = ids[1] - (ids[0] == 0)
            if 0 <= index < len(self.servers):
                return f"{servers}[{index}]"
            if ids[0] == 0 and index == len(self.servers) and self.bootstrap is not None:
                return "bootstrap"
        return next((f"values[{key!r}]" for key in self.values if _same(key, ids)), None)


def _same(key: str, ids: tuple[int, ...]) -> bool:
    numbers = re.fullmatch(r"/?\d+(/\d+)*", key)
    return numbers is not None and ids[: len(ids_of(key))] == ids_of(key)


def explain(configuration: Configuration, error: Error, where: str, servers: str) -> Error:
    """The same error, which says also where it comes from: ``kitchen, servers[0]: ...``."""
    text = str(error)
    found = re.search(r"(/\d+/\d+(?:/\d+)*)", text)
    key = configuration._key_of(found[1], servers) if found else None
    text = re.sub(r"^configure [^:]*: ", "", text)
    return type(error)(f"{where}{', ' + key if key else ''}: {text}")


def _batch(loop: _core.Loop, values: Iterable[tuple[str, Any]]) -> _core.Batch:
    batch = _core.Batch(loop)
    for path, value in values:
        batch.add(path, value)
    return batch


def _flat(model: Model, path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """``{5750: "oven"}`` of an instance as its resources, and so on down."""
    if not isinstance(value, Mapping) or (not value and len(ids_of(path)) > 2):
        yield path, value
        return
    for key, item in value.items():
        if isinstance(key, str) and key.startswith("/"):
            below = model.path(key)
            if not below.startswith(path.rstrip("/") + "/"):
                raise InvalidArgument(f"{below} is not below {path}")
        else:
            below = model.path(f"{path.rstrip('/')}/{key}")
        yield from _flat(model, below, item)


def _operate(core: _core.Configuration, model: Model, loop: _core.Loop, operation: Operation) -> None:
    verb, *rest = operation
    arguments: list[Any] = list(rest)
    path = model.path(arguments[0]) if arguments else ""
    simple: dict[str, Callable[[str], None]] = {"discover": core.discover, "delete": core.delete}
    if verb in simple and len(arguments) == 1:
        simple[verb](path)
    elif verb == "write" and len(arguments) in (2, 3):
        values = _flat(model, path, arguments[1])
        core.write(path, _batch(loop, values), format_of(arguments[2] if arguments[2:] else None))
    else:
        raise InvalidArgument(
            f'{operation!r}: an operation is ("discover", PATH), ("delete", PATH) or '
            f'("write", PATH, VALUES[, FORMAT])'
        )
