# SPDX-License-Identifier: Apache-2.0
"""Configurations of a bootstrap server in a TOML file; docs/bootstrap.md has the format.

Whatever is wrong is said with the file, the endpoint name and the key.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from .codec import parse_value
from .configuration import BootstrapAccount, Configuration, ServerAccount, rights_of
from .errors import Error, InvalidArgument
from .model import Model
from .values import Type

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

T = TypeVar("T")

_PAIRS = {
    "psk": ("identity", "key"),
    "sms_psk": ("identity", "key"),
    "sms_packets": ("parameters", "keys"),
}
_KEYS = ("psk", "public_key", "certificate", "private_key", "server_key")
_INTEGERS = {
    "short_server_id": (1, 65534),
    "lifetime": (1, 2**32 - 1),
    "pmin": (0, 2**32 - 1),
    "pmax": (1, 2**32 - 1),
    "disable_timeout": (0, 2**32 - 1),
    "hold_off": (0, 2**31 - 1),
    "account_timeout": (1, 2**31 - 1),
}
_BINDINGS = ("U", "UQ", "S", "SQ", "US", "UQS")


def read_configurations(file: str | os.PathLike[str], model: Model) -> dict[str, Configuration]:
    """The configurations of a file by endpoint name or pattern, in their order."""
    path = Path(file)
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except UnicodeDecodeError:
        raise InvalidArgument(f"{path}: it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidArgument(f"{path}: {error}") from None
    top = _Place(path, model, "")
    top.check_keys(table, ("device",))
    devices = top.of_type(table.get("device", []), list, "device", "[[device]] tables")
    found: dict[str, Configuration] = {}
    for index, device in enumerate(devices):
        place = _Place(path, model, f"device[{index}]")
        place.of_type(device, dict, "", "a table")
        for endpoint in place.endpoints(device):
            if endpoint in found:
                raise place.wrong("endpoint", f"{endpoint!r} is there already")
            found[endpoint] = _device(_Place(path, model, f"device {endpoint!r}"), device)
    return found


def _device(place: _Place, device: Mapping[str, Any]) -> Configuration:
    place.check_keys(device, ("endpoint", "server", "bootstrap", "values", "access", "delete", "discover"))
    configuration = Configuration(
        servers=[
            place.below(f"server[{index}]").account(ServerAccount, table)
            for index, table in enumerate(place.tables(device, "server"))
        ],
        values=place.values(device),
        delete=place.paths(device, "delete", ["/"]),
        discover=place.paths(device, "discover", ["/"]),
    )
    numbers = [account.short_server_id for account in configuration.servers]
    for index, number in enumerate(numbers):
        if number in numbers[:index]:
            raise place.wrong(f"server[{index}].short_server_id", f"{number} is that of another server")
    if "bootstrap" in device:
        configuration.bootstrap = place.below("bootstrap").account(BootstrapAccount, device["bootstrap"])
    owners: dict[str, int] = {}
    rights: dict[str, dict[int, list[str]]] = {}
    for index, table in enumerate(place.tables(device, "access")):
        place.below(f"access[{index}]").access(table, numbers, owners, rights)
    configuration.owners, configuration.rights = owners, rights
    return configuration


@dataclass(frozen=True)
class _Place:
    """Where something stands in a file, for the words of errors."""

    file: Path
    model: Model
    name: str

    def below(self, key: str) -> _Place:
        """A table in this one."""
        return _Place(self.file, self.model, f"{self.name}, {key}")

    def wrong(self, key: str, why: str) -> InvalidArgument:
        """The error for a key."""
        parts = [str(self.file), *(part for part in (self.name, key) if part)]
        return InvalidArgument(f"{parts[0]}: {', '.join(parts[1:])}{': ' if parts[1:] else ''}{why}")

    def of_type(self, value: Any, kind: type[T], key: str, words: str) -> T:
        """The value, if it is of that type."""
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"it takes {words}, not {value!r}")
        return value

    def check_keys(self, table: Mapping[str, Any], known: Iterable[str]) -> None:
        """Nothing else may be there."""
        known = list(known)
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise self.wrong(key, f"unknown key; {hint}")

    def tables(self, table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        """The tables of an array."""
        found: list[dict[str, Any]] = self.of_type(table.get(key, []), list, key, f"[[device.{key}]] tables")
        for index, item in enumerate(found):
            self.of_type(item, dict, f"{key}[{index}]", "a table")
        return found

    def endpoints(self, device: Mapping[str, Any]) -> list[str]:
        """For whom it is: a name, a pattern, or several."""
        given = device.get("endpoint")
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list) or not names or not all(isinstance(n, str) and n for n in names):
            raise self.wrong("endpoint", "it takes an endpoint name or pattern, or a list of them")
        return names

    def path(self, text: Any, key: str) -> str:
        """A path, with ids or names."""
        try:
            return self.model.path(self.of_type(text, str, key, "a path"))
        except Error as error:
            raise self.wrong(key, str(error)) from None

    def paths(self, table: Mapping[str, Any], key: str, default: list[str]) -> list[str]:
        """A list of paths."""
        given: list[Any] = self.of_type(table.get(key, default), list, key, "a list of paths")
        return [self.path(text, key) for text in given]

    # ---- accounts

    def account(self, kind: Callable[..., T], table: Any) -> T:
        """An account from its table."""
        self.of_type(table, dict, "", "a table")
        self.check_keys(table, [field.name for field in fields(kind)])  # type: ignore[arg-type]
        if "uri" not in table:
            raise self.wrong("uri", "it is missing")
        found: dict[str, Any] = {}
        for key, value in table.items():
            if key in _PAIRS:
                found[key] = self.pair(value, key)
            elif key in _KEYS:
                found[key] = self.bytes(value, key)
            elif key in _INTEGERS:
                found[key] = self.integer(value, key)
            elif key in ("storing", "sms_dtls"):
                found[key] = self.of_type(value, bool, key, "true or false")
            else:
                found[key] = self.of_type(value, str, key, "text")
        if found.get("binding", "U") not in _BINDINGS:
            raise self.wrong("binding", f"it is one of {', '.join(_BINDINGS)}, not {found['binding']!r}")
        self.check_security(found)
        return kind(**found)

    def check_security(self, account: Mapping[str, Any]) -> None:
        """The keys have to go together, and with the URI."""
        modes = [key for key in ("psk", "public_key", "certificate") if key in account]
        if len(modes) > 1:
            raise self.wrong(modes[1], f"there is {modes[0]} already")
        if modes and modes != ["psk"]:
            for key in ("private_key", "server_key"):
                if key not in account:
                    raise self.wrong(key, f"it is missing, with {modes[0]}")
        if "sms_packets" in account and (account.get("sms_dtls") or "sms_psk" in account):
            raise self.wrong("sms_packets", "short messages are secured by DTLS or by packets, not by both")
        secure = account["uri"].lower().startswith("coaps:")
        if secure and not modes:
            raise self.wrong("uri", "coaps takes psk, public_key or certificate")
        if modes and account["uri"].lower().startswith("coap:"):
            raise self.wrong("uri", f"with {modes[0]} it begins with coaps://")

    def pair(self, value: Any, key: str) -> tuple[bytes, bytes]:
        """``{ identity = "kitchen", key = "hex:00ff" }``."""
        first, second = _PAIRS[key]
        table = self.of_type(value, dict, key, f"a table with {first} and {second}")
        self.check_keys(table, (first, second))
        for name in (first, second):
            if not table.get(name):
                raise self.wrong(f"{key}.{name}", "it is missing")
        return self.bytes(table[first], f"{key}.{first}"), self.bytes(table[second], f"{key}.{second}")

    def integer(self, value: Any, key: str) -> int:
        """An integer in its range."""
        lowest, highest = _INTEGERS[key]
        number = self.of_type(value, int, key, "a number")
        if not lowest <= number <= highest:
            raise self.wrong(key, f"it is {lowest} to {highest}, not {number}")
        return number

    def bytes(self, value: Any, key: str) -> bytes:
        """``hex:00ff``, ``base64:AP8=``, ``file:key.der``, or the text itself."""
        text = self.of_type(value, str, key, "text")
        how, colon, rest = text.partition(":")
        try:
            if colon and how == "hex":
                return bytes.fromhex(rest)
            if colon and how == "base64":
                return base64.b64decode(rest, validate=True)
            if colon and how == "file":
                return (self.file.parent / rest).read_bytes()
        except (ValueError, binascii.Error):
            raise self.wrong(key, f"this is not {how}") from None
        except OSError as error:
            raise self.wrong(key, f"{error.filename}: {(error.strerror or str(error)).lower()}") from None
        return text.encode()

    # ---- values and access

    def values(self, device: Mapping[str, Any]) -> dict[str, Any]:
        """Values by path."""
        table: dict[str, Any] = self.of_type(device.get("values", {}), dict, "values", "a table by path")
        place = self.below("values")
        found: dict[str, Any] = {}
        for key, value in table.items():
            place.add_value(found, place.path(key, f'"{key}"'), value, f'"{key}"')
        return found

    def add_value(self, found: dict[str, Any], path: str, value: Any, key: str) -> None:
        """One value, or those below an instance, or of a multiple resource."""
        if isinstance(value, dict) and value:
            for name, item in value.items():
                self.add_value(found, self.path(f"{path}/{name}", f"{key}.{name}"), item, f"{key}.{name}")
            return
        if isinstance(value, list):
            for index, item in enumerate(value):
                self.add_value(found, f"{path}/{index}", item, f"{key}[{index}]")
            return
        if path in found:
            raise self.wrong(key, "the value is given twice")
        found[path] = self.value(path, value, key)

    def value(self, path: str, value: Any, key: str) -> Any:
        """A value as the definition wants it, where text stands for something else."""
        resource = self.model.resource(path)
        if not isinstance(value, str) or resource is None or resource.type is Type.STRING:
            return value
        if resource.type is Type.OPAQUE:
            return self.bytes(value, key)
        try:
            return parse_value(resource.type, value)
        except Error:
            kind = resource.type.name.lower()
            raise self.wrong(key, f"{resource.name} takes a value of type {kind}, not {value!r}") from None

    def access(
        self,
        table: dict[str, Any],
        servers: list[int],
        owners: dict[str, int],
        rights: dict[str, dict[int, list[str]]],
    ) -> None:
        """Who may do what with an instance, or create instances of an object."""
        self.check_keys(table, ("path", "owner", "rights"))
        if "path" not in table:
            raise self.wrong("path", "it is missing")
        path = self.path(table["path"], "path")
        if path in owners or path in rights:
            raise self.wrong("path", f"there is an access table of {path} already")
        if "owner" in table:
            owners[path] = self.of_type(table["owner"], int, "owner", "a Short Server ID")
            if owners[path] not in (0, *servers):
                raise self.wrong("owner", f"there is no server {owners[path]}")
        given: dict[str, Any] = self.of_type(
            table.get("rights", {}), dict, "rights", "rights by Short Server ID, or default"
        )
        for server, names in given.items():
            number = 0 if server == "default" else int(server) if server.isdigit() else -1
            if number not in (0, *servers):
                raise self.wrong(f"rights.{server}", "there is no such server")
            try:
                rights_of(self.of_type(names, list, f"rights.{server}", "a list of rights"))
            except (Error, TypeError) as error:
                raise self.wrong(f"rights.{server}", str(error)) from None
            rights.setdefault(path, {})[number] = names
