# SPDX-License-Identifier: Apache-2.0
"""Credentials that stand in a TOML file or a SQLite database, and may change there while servers run.

::

    credentials = linnet.Credentials.from_toml("devices.toml")
    with linnet.Server("coaps://0.0.0.0", credentials=credentials) as server:
        ...
        credentials.reload()        # after somebody edited the file: sessions of who was removed end

Python has no way to wipe its ``bytes``: what is removed is wiped from the memory of the library, and goes
from Python's when nothing refers to it any more.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .credentials import (
    Certificate,
    Credential,
    Credentials,
    Device,
    Material,
    Psk,
    PublicKey,
    Subject,
    read_material,
)
from .errors import Error, Malformed, SystemFailure

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass
class Contents:
    """All that a store says."""

    devices: dict[str, Device] = field(default_factory=dict)
    certificate: bytes | None = None
    private_key: bytes | None = None
    trust: list[bytes] = field(default_factory=list)


class StoredCredentials(Credentials):
    """Credentials with a file behind them."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__()
        self.path = Path(path)
        self._seen: object = None
        self.reload()

    @abstractmethod
    def _read(self) -> Contents:
        """What the file says now."""

    def _signature(self) -> object:
        try:
            facts = self.path.stat()
        except OSError:
            return None
        return facts.st_ino, facts.st_size, facts.st_mtime_ns

    @property
    def stale(self) -> bool:
        """True if the file is another one than that which was read last, by its time and size."""
        return self._signature() != self._seen

    def ignore(self) -> None:
        """Stays with what it has until the file changes again."""
        self._seen = self._signature()

    def reload(self) -> bool:
        """Takes what the file says now: all of it, or nothing if it raises. False: nothing is different.

        Sessions of devices that were removed, or were given another key, end at once.
        """
        seen = self._signature()
        contents = self._read()
        own = (contents.certificate, contents.private_key)
        try:
            # On a copy first: half of a file is worse than the former one.
            Credentials(contents.devices, certificate=own[0], private_key=own[1], trust=contents.trust)
        except Error as error:
            raise type(error)(f"{self.path}: {error}") from None
        self._seen = seen
        return self._take(contents)

    def _take(self, contents: Contents) -> bool:
        changed = False
        if contents.certificate is not None and contents.private_key is not None:
            own = (contents.certificate, contents.private_key)
            if own != self._own:
                Credentials.set_certificate(self, *own)
                changed = True
        if contents.trust != self._trust:
            Credentials.set_trust(self, contents.trust)
            changed = True
        for endpoint in [name for name in self if name not in contents.devices]:
            Credentials.__delitem__(self, endpoint)
            changed = True
        for endpoint, device in contents.devices.items():
            if endpoint not in self or _row_of(self[endpoint]) != _row_of(device):
                Credentials.__setitem__(self, endpoint, device)
                changed = True
        return changed


# ---- TOML


class CredentialsFile(StoredCredentials):
    """Credentials of a TOML file; changes that are made here are not written to it."""

    def _read(self) -> Contents:
        try:
            table = tomllib.loads(read_material(self.path).decode())
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise Malformed(f"{self.path}: {_without_text(error)}") from None
        return _TomlReader(self.path).contents(table)


def _without_text(error: Exception) -> str:
    """What is wrong and where, without what stands there: it may be a key."""
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    where = str(error).rpartition("(")[2].rstrip(")")
    return f"it is not TOML ({where})" if where.startswith("at ") else "it is not TOML"


class _TomlReader:
    """The names of files in it are relative to the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def contents(self, table: Mapping[str, Any]) -> Contents:
        where = str(self.path)
        self.only(table, where, "certificate", "private_key", "trust", "devices")
        contents = Contents()
        for name in ("certificate", "private_key"):
            if name in table:
                setattr(contents, name, self.file(table[name], f"{where}: {name}"))
        trust = table.get("trust", [])
        for name in trust if isinstance(trust, list) else [trust]:
            contents.trust.append(self.file(name, f"{where}: trust"))
        devices = table.get("devices", {})
        if not isinstance(devices, dict):
            raise Malformed(f"{where}: devices is a table: [devices.kitchen]")
        for endpoint, device in devices.items():
            contents.devices[endpoint] = self.device(endpoint, device)
        return contents

    def device(self, endpoint: str, table: Any) -> Device:
        where = f"{self.path}: devices.{endpoint}"
        if not isinstance(table, dict):
            raise Malformed(f'{where} is a table: [devices."{endpoint}"]')
        self.only(table, where, "identity", "key", "certificate", "public_key", "subject")
        kinds = [name for name in ("key", "certificate", "public_key", "subject") if name in table]
        if len(kinds) != 1:
            raise Malformed(f"{where} has one of key, certificate, public_key and subject")
        kind = kinds[0]
        if kind == "key":
            return Psk(
                self.text(table.get("identity", endpoint), where), self.hexadecimal(table[kind], where)
            )
        if "identity" in table:
            raise Malformed(f"{where}: an identity belongs to a key")
        if kind == "subject":
            return Subject(self.text(table[kind], where))
        material = self.file(table[kind], f"{where}: {kind}")
        return Certificate(material) if kind == "certificate" else PublicKey(material)

    @staticmethod
    def only(table: Mapping[str, Any], where: str, *known: str) -> None:
        for name in table:
            if name not in known:
                raise Malformed(f"{where}: there is no {name!r}; there are {', '.join(known)}")

    @staticmethod
    def text(value: Any, where: str) -> str:
        if not isinstance(value, str):
            raise Malformed(f"{where}: a text is expected")
        return value

    def hexadecimal(self, value: Any, where: str) -> bytes:
        text = self.text(value, f"{where}: key")
        try:
            return bytes.fromhex(text)
        except ValueError:
            raise Malformed(f"{where}: the key is not hexadecimal digits") from None

    def file(self, value: Any, where: str) -> bytes:
        if isinstance(value, str) and value.startswith("-----BEGIN"):
            return value.encode()
        return read_material(self.path.parent / self.text(value, where))


# ---- SQLite

_SCHEMA = """
CREATE TABLE IF NOT EXISTS device (
  endpoint TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('psk', 'certificate', 'public_key', 'subject')),
  identity BLOB,
  material BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own (
  kind TEXT NOT NULL CHECK (kind IN ('certificate', 'private_key', 'trust')),
  position INTEGER NOT NULL DEFAULT 0,
  material BLOB NOT NULL,
  PRIMARY KEY (kind, position)
) WITHOUT ROWID;
"""
_PATIENCE_S = 5.0


class CredentialsDatabase(StoredCredentials):
    """Credentials of a SQLite database, which changes that are made here are written to.

    Other programs may change it, too: `reload` takes what they did. What is removed is overwritten in the
    file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        # Made by us, it is nobody else's to read.
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise SystemFailure(f"{os.fspath(path)}: {(error.strerror or str(error)).lower()}") from None
        super().__init__(path)

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """A transaction."""
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=_PATIENCE_S)) as database:
                database.execute("PRAGMA secure_delete = ON")
                with database:
                    yield database
        except sqlite3.Error as error:
            raise SystemFailure(f"{self.path}: {error}") from None

    def _read(self) -> Contents:
        contents = Contents()
        with self._database() as database:
            database.executescript(_SCHEMA)
            for endpoint, kind, identity, material in database.execute(
                "SELECT endpoint, kind, identity, material FROM device"
            ):
                contents.devices[endpoint] = _device_of(kind, identity, material)
            for kind, material in database.execute("SELECT kind, material FROM own ORDER BY position"):
                if kind == "trust":
                    contents.trust.append(material)
                else:
                    setattr(contents, kind, material)
        return contents

    def _written(self) -> None:
        self._seen = self._signature()

    def __setitem__(self, endpoint: str, value: Credential) -> None:
        super().__setitem__(endpoint, value)
        row = (endpoint, *_row_of(self[endpoint]))
        with self._database() as database:
            database.execute("INSERT OR REPLACE INTO device VALUES (?, ?, ?, ?)", row)
        self._written()

    def __delitem__(self, endpoint: str) -> None:
        super().__delitem__(endpoint)
        with self._database() as database:
            database.execute("DELETE FROM device WHERE endpoint = ?", (endpoint,))
        self._written()

    def set_certificate(self, certificate: Material, private_key: Material) -> None:
        """What servers show from the next handshake on."""
        super().set_certificate(certificate, private_key)
        assert self._own is not None
        with self._database() as database:
            for kind, material in zip(("certificate", "private_key"), self._own):
                database.execute("INSERT OR REPLACE INTO own VALUES (?, 0, ?)", (kind, material))
        self._written()

    def add_trust(self, authority: Material) -> None:
        """One more authority, or several in one file."""
        super().add_trust(authority)
        self._write_trust()

    def set_trust(self, authorities: Any) -> None:
        """These authorities in place of the former ones."""
        super().set_trust(authorities)
        self._write_trust()

    def _write_trust(self) -> None:
        with self._database() as database:
            database.execute("DELETE FROM own WHERE kind = 'trust'")
            database.executemany("INSERT INTO own VALUES ('trust', ?, ?)", enumerate(self._trust))
        self._written()


def _device_of(kind: str, identity: bytes | None, material: bytes) -> Device:
    if kind == "psk":
        return Psk(bytes(identity or b""), bytes(material))
    if kind == "subject":
        return Subject(material.decode() if isinstance(material, bytes) else str(material))
    return Certificate(material) if kind == "certificate" else PublicKey(material)


def _row_of(device: Device) -> tuple[str, bytes | None, bytes]:
    if isinstance(device, Psk):
        return "psk", device.identity_bytes, bytes(device.key)
    if isinstance(device, Subject):
        return "subject", None, device.name.encode()
    kind = "certificate" if isinstance(device, Certificate) else "public_key"
    return kind, None, read_material(device.material)
