# SPDX-License-Identifier: Apache-2.0
"""Stores: where a server keeps registrations, observations and waiting requests over a restart.

``linnet.Server(store="server.db")``, or with a store that was made before::

    store = linnet.SQLiteStore("server.db")
    with linnet.Server("coap://0.0.0.0:5683", store=store) as server:
        ...

A device is answered only when what it is told has been stored: one commit for all that came together.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import pathlib
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Protocol, Union

from . import _core
from .errors import Exists, Malformed, StateError, TooLarge

log = logging.getLogger("linnet")

#: A record of the server by its name; None: it is gone.
Change = tuple[str, Union[bytes, None]]
# After a failure everything is stored anew, so long after it.
TRY_AGAIN_S = 60.0


class Store(Protocol):
    """What a server needs of a store. Write your own for other databases."""

    def load(self) -> bytes:
        """All records, one behind the other, in the order of their names."""

    def commit(self, changes: Iterable[Change]) -> None:
        """Stores changes, in order, all or none. They are durable when it returns."""

    def replace(self, records: Iterable[Change]) -> None:
        """Stores these records in place of all others, all or none."""


class SQLiteStore:
    """A store in an SQLite database, in WAL mode. One server uses it at a time.

    Other things may be kept beside the records of the server, as named blobs of a kind::

        store.put("note", "kitchen", b"behind the fridge")
        store.get("note", "kitchen")
    """

    _TABLES = """
        CREATE TABLE IF NOT EXISTS records (name TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS blobs (
            kind TEXT NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (kind, name)
        ) WITHOUT ROWID;
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._lock = -1
        if self.path != ":memory:":
            self._lock = self._take()
        # The lock of the server stands between its threads.
        self._database = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(self._TABLES)
        except sqlite3.DatabaseError as error:
            self.close()
            raise Malformed(f"{self.path} is not a store: {error}") from error

    def _take(self) -> int:
        """The file, readable for the user alone, and for one server: two would each know half."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Exists(f"{self.path}: another server uses the store") from None
        return descriptor

    # ---- what a server keeps

    def load(self) -> bytes:
        """All records of the server."""
        rows = self._database.execute("SELECT record FROM records ORDER BY name")
        return b"".join(record for (record,) in rows)

    def commit(self, changes: Iterable[Change]) -> None:
        """Stores changes of the server."""
        with self._transaction():
            self._apply(changes)

    def replace(self, records: Iterable[Change]) -> None:
        """Stores everything of the server anew."""
        with self._transaction():
            self._database.execute("DELETE FROM records")
            self._apply(records)

    def _apply(self, changes: Iterable[Change]) -> None:
        latest = dict(changes)
        put = [(name, record) for name, record in latest.items() if record is not None]
        gone = [(name,) for name, record in latest.items() if record is None]
        self._database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?)", put)
        self._database.executemany("DELETE FROM records WHERE name = ?", gone)

    @contextlib.contextmanager
    def _transaction(self) -> Any:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    # ---- anything else

    def put(self, kind: str, name: str, data: bytes) -> None:
        """Keeps a blob, in place of one of the same kind and name."""
        self._database.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?, ?)", (kind, name, data))

    def get(self, kind: str, name: str) -> bytes | None:
        """A blob, or None."""
        row = self._database.execute(
            "SELECT data FROM blobs WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def items(self, kind: str) -> dict[str, bytes]:
        """All blobs of a kind, by name."""
        rows = self._database.execute("SELECT name, data FROM blobs WHERE kind = ? ORDER BY name", (kind,))
        return {name: bytes(data) for name, data in rows}

    def delete(self, kind: str, name: str) -> None:
        """Forgets a blob."""
        self._database.execute("DELETE FROM blobs WHERE kind = ? AND name = ?", (kind, name))

    def close(self) -> None:
        """Closes the database. A server that uses the store is closed before."""
        self._database.close()
        if self._lock >= 0:
            os.close(self._lock)  # afterwards: SQLite has locks of its own on the file
            self._lock = -1

    def __enter__(self) -> SQLiteStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def changes_of(data: bytes) -> list[Change]:
    """Records that the C library gave, by name."""
    return _core.change_list(data)


class Keeper:
    """Stands between a server and its store: restores, then stores what changes."""

    def __init__(self, core: _core.Server, store: Store, now: Callable[[], float], *, owned: bool) -> None:
        self._core, self._store, self._now, self._owned = core, store, now, owned
        self._retry: float | None = None
        data = store.load()
        if data:
            core.restore(data)
        core.record()

    def keep(self, failed: Callable[[str, BaseException], None]) -> bool:
        """Stores what has changed. True if there was something: answers may leave now."""
        lost = False
        try:
            data = self._core.changes()
        except (TooLarge, MemoryError):
            data, lost = b"", True
        if not data and not lost:
            return False
        try:
            if lost or (self._retry is not None and self._now() >= self._retry):
                self._store.replace(changes_of(self._core.save()))
                self._retry = None
            elif self._retry is None:
                self._store.commit(changes_of(data))
        except Exception as error:
            self._retry = self._now() + TRY_AGAIN_S
            failed("storing failed; devices are answered, and all is stored anew in a minute", error)
        self._core.stored()
        return True

    def release(self) -> None:
        """Closes the store, if it was opened for this server. The server is closed."""
        close = getattr(self._store, "close", None)
        if self._owned and close is not None:
            close()


class ClientFile:
    """Keeps a client in a file where no driver does: in a simulated world. The file is that of the driver."""

    def __init__(self, core: _core.Client, path: str, now: Callable[[], float]) -> None:
        self._core, self._path, self._now = core, path, now
        self._kept: int | None = None
        self._failed: int | None = None
        self._retry = 0.0

    def restore(self) -> bool:
        """Makes the client what the file says. False: there is no file. Malformed: it is set aside."""
        try:
            data = pathlib.Path(self._path).read_bytes()
        except FileNotFoundError:
            return False
        try:
            self._core.restore(data)
        except Malformed as error:
            os.replace(self._path, self._path + ".damaged")
            raise Malformed(
                f"{self._path} is damaged: set aside as {os.path.basename(self._path)}.damaged"
            ) from error
        self._kept = self._core.revision()
        return True

    def keep(self, failed: Callable[[str, BaseException], None]) -> bool:
        """Writes the file if there is something new. Nothing waits for it, so it is false."""
        revision = self._core.revision()
        if revision == self._kept or (revision == self._failed and self._now() < self._retry):
            return False
        try:
            self._write(self._core.save())
            self._kept = revision
        except StateError:
            pass  # once the bootstrap has finished
        except Exception as error:
            self._failed, self._retry = revision, self._now() + TRY_AGAIN_S
            failed(f"writing {self._path} failed", error)
        return False

    def _write(self, data: bytes) -> None:
        fresh = self._path + ".new"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(fresh, self._path)


def make_keeper(
    core: _core.Server, store: Store | str | os.PathLike[str] | None, now: Callable[[], float]
) -> Keeper | None:
    """The keeper that the argument `store` of a server asks for."""
    if store is None:
        return None
    owned = isinstance(store, (str, os.PathLike))
    made: Store = SQLiteStore(store) if isinstance(store, (str, os.PathLike)) else store
    try:
        return Keeper(core, made, now, owned=owned)
    except StateError:
        raise
    except Malformed as error:
        raise Malformed(f"{getattr(made, 'path', 'the store')}: {error}") from error
