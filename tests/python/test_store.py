# SPDX-License-Identifier: Apache-2.0
"""Servers that remember: SQLiteStore, kill -9, and what is held back until it is stored."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import linnet
import pytest
from linnet.store import Change

LINKS = b"</1/0>,</3/0>,</3303/0>"


def option(delta: int, value: bytes) -> bytes:
    """One option of a CoAP message, short enough for one byte of length."""
    if len(value) < 13:
        return bytes([delta << 4 | len(value)]) + value
    return bytes([delta << 4 | 13, len(value) - 13]) + value


def register(number: int, endpoint: str, lifetime: int = 600, binding: str = "U") -> bytes:
    """A confirmable POST /rd."""
    message = bytes([0x40, 0x02, number >> 8 & 0xFF, number & 0xFF]) + option(11, b"rd") + option(1, b"\x28")
    message += option(3, b"ep=" + endpoint.encode()) + option(0, b"lt=%d" % lifetime)
    message += option(0, b"lwm2m=1.0") + option(0, b"b=" + binding.encode())
    return message + b"\xff" + LINKS


def address_of(server: linnet.Server) -> tuple[str, int]:
    host, port = server.listen[0].removeprefix("coap://").rsplit(":", 1)
    return host, int(port)


@contextlib.contextmanager
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(20)
        yield made


def enrol(server: linnet.Server, endpoint: str, lifetime: int = 600, binding: str = "U") -> None:
    """A device that is nothing but a datagram; returns when it is answered."""
    with peer() as device:
        device.sendto(register(1, endpoint, lifetime, binding), address_of(server))
        assert device.recv(2000)[1] == 0x41


def test_a_server_remembers_its_devices(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    with linnet.Server("coap://127.0.0.1:0", store=path) as server:
        enrol(server, "kitchen")
        enrol(server, "hall")
        location = server.device("kitchen").location
    assert path.stat().st_mode & 0o777 == 0o600
    with linnet.SQLiteStore(path) as store, linnet.Server("coap://127.0.0.1:0", store=store) as server:
        assert set(server.registrations) == {"hall", "kitchen"}
        assert server.device("kitchen").location == location
        assert server.device("kitchen").objects == ["/1/0", "/3/0", "/3303/0"]


def test_what_expired_is_cleaned_up(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    with linnet.Server("coap://127.0.0.1:0", store=path) as server:
        enrol(server, "kitchen", lifetime=1)
        events = server.events()
        event = events.next(timeout=20)
        assert event is not None
        assert event.kind is linnet.EventKind.EXPIRED
    database = sqlite3.connect(path)
    assert [name for (name,) in database.execute("SELECT name FROM records")] == ["server/numbers"]
    database.close()


class Slow:
    """A store that watches the wire: nothing may have left when it is called."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire = wire
        self.records: dict[str, bytes] = {}
        self.broken = False
        self.commits = 0

    def load(self) -> bytes:
        return b"".join(self.records[name] for name in sorted(self.records))

    def commit(self, changes: Iterable[Change]) -> None:
        self.commits += 1
        assert select.select([self.wire], [], [], 0)[0] == []
        if self.broken:
            raise OSError("the disk is full")
        for name, record in changes:
            if record is None:
                self.records.pop(name, None)
            else:
                self.records[name] = record

    def replace(self, records: Iterable[Change]) -> None:
        self.records = {name: record for name, record in records if record is not None}


def test_nobody_is_answered_before_it_is_stored() -> None:
    with peer() as device:
        store = Slow(device)
        with linnet.Server("coap://127.0.0.1:0", store=store) as server:
            device.sendto(register(1, "kitchen"), address_of(server))
            assert device.recv(2000)[1] == 0x41
            assert "registration/kitchen" in store.records
        with linnet.Server("coap://127.0.0.1:0", store=store) as server:
            assert list(server.registrations) == ["kitchen"]


def test_a_store_that_fails_is_told_and_devices_are_answered() -> None:
    with peer() as device:
        store = Slow(device)
        with linnet.Server("coap://127.0.0.1:0", store=store) as server:
            store.broken = True
            device.sendto(register(1, "kitchen"), address_of(server))
            assert device.recv(2000)[1] == 0x41
            assert any("the disk is full" in str(failure) for failure in server.failures)


def test_something_else_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("not a database, but long enough to be looked at by somebody who expects one" * 20)
    with pytest.raises(linnet.Malformed, match="is not a store"):
        linnet.Server("coap://127.0.0.1:0", store=path)


def test_a_store_is_for_one_server(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    with linnet.Server("coap://127.0.0.1:0", store=path) as server:
        enrol(server, "kitchen")
        with pytest.raises(linnet.Exists, match="another server uses the store"):
            linnet.Server("coap://127.0.0.1:0", store=path)
        reader = sqlite3.connect(path)  # people may look
        assert reader.execute("SELECT count(*) FROM records").fetchone() == (2,)
        reader.close()
    linnet.Server("coap://127.0.0.1:0", store=path).close()


def test_other_blobs_live_beside_the_records(tmp_path: Path) -> None:
    with linnet.SQLiteStore(tmp_path / "server.db") as store:
        store.put("note", "kitchen", b"behind the fridge")
        store.put("note", "hall", b"on the wall")
        assert store.get("note", "kitchen") == b"behind the fridge"
        assert store.items("note") == {"hall": b"on the wall", "kitchen": b"behind the fridge"}
        store.delete("note", "hall")
        assert store.get("note", "hall") is None
        assert store.items("key") == {}
        assert store.load() == b""


def test_the_database_is_in_wal_mode_and_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "server.db"

    def size() -> int:
        return sum(file.stat().st_size for file in tmp_path.glob("server.db*"))

    with linnet.SQLiteStore(path) as store:
        reader = sqlite3.connect(path)
        assert reader.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        reader.close()
        for turn in range(200):  # ten times what is there at a time, and then all of it leaves
            store.commit((f"registration/{number % 200}", bytes(200)) for number in range(turn, turn + 100))
        assert size() < 8 << 20  # SQLite writes its log back after 4 MB
        store.commit((f"registration/{number}", None) for number in range(200))
        assert store.load() == b""
    assert size() < 200000
    assert [file.name for file in tmp_path.iterdir()] == ["server.db"]


CHILD = """
import sys, linnet
server = linnet.Server("coap://127.0.0.1:0", store=sys.argv[1])
print(server.listen[0], flush=True)
server.wait()
"""


def test_a_kill_in_the_middle_of_10000_registrations_loses_none_that_was_acknowledged(tmp_path: Path) -> None:
    path, count, window = str(tmp_path / "server.db"), 10000, 64
    child = subprocess.Popen([sys.executable, "-c", CHILD, path], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    host, port = child.stdout.readline().strip().removeprefix("coap://").rsplit(":", 1)
    acknowledged: set[int] = set()
    with peer() as device:
        device.connect((host, int(port)))
        sent = 0
        while len(acknowledged) < count // 2:
            while sent < count and sent < len(acknowledged) + window:
                device.send(register(sent, f"device-{sent}"))
                sent += 1
            answer = device.recv(2000)
            assert answer[1] == 0x41
            acknowledged.add(int.from_bytes(answer[2:4], "big"))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        device.settimeout(0)
        with contextlib.suppress(OSError):  # what left before the kill counts, too
            while True:
                acknowledged.add(int.from_bytes(device.recv(2000)[2:4], "big"))
    assert count // 2 <= len(acknowledged) < count
    with linnet.Server("coap://127.0.0.1:0", store=path) as server:
        assert all(f"device-{number}" in server.registrations for number in acknowledged)
        assert len(server.registrations) <= sent


def test_a_waiting_request_survives(tmp_path: Path) -> None:  # QUE-04
    path = tmp_path / "server.db"
    with linnet.Server("coap://127.0.0.1:0", store=path, awake_time=0) as server:
        enrol(server, "sleeper", binding="UQ")
        with pytest.raises(TimeoutError):
            server.device("sleeper").read("/3/0/0", timeout=0.05)  # nobody waits for it any more
        call = server._calls.read("/3/0/1")
        with server._runner:
            server._send("sleeper", call, lambda event: None)
    with linnet.Server("coap://127.0.0.1:0", store=path) as server:
        assert server.device("sleeper").queued == 1


BUSY_CHILD = """
import sys, linnet
credentials = linnet.Credentials.from_sqlite(sys.argv[2])
server = linnet.Server("coap://127.0.0.1:0", store=sys.argv[1], awake_time=0)
print(server.listen[0], flush=True)
server.wait_for("watcher", timeout=20).observe("/3303/0/5750", keep=True)
sleeper = server.wait_for("sleeper", timeout=20)
server.on("queued", lambda device, event: print("queued", flush=True))
with server._runner:
    server._send("sleeper", server._calls.write("/3303/0/5750", "cellar"), lambda event: None)
credentials["hall"] = ("hall", b"0123456789abcdef")
print("stored", flush=True)
server.wait()
"""


class Thermometer(linnet.Object, id=3303):
    """What is observed, and what a write waits for."""

    label = linnet.Resource(5750, str, "RW", default="wall")


def test_a_kill_loses_no_observation_no_waiting_request_and_no_credentials(tmp_path: Path) -> None:
    paths = str(tmp_path / "server.db"), str(tmp_path / "devices.db")
    child = subprocess.Popen([sys.executable, "-c", BUSY_CHILD, *paths], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    uri = child.stdout.readline().strip()
    with contextlib.ExitStack() as stack:
        clients, sensors = [], []
        for endpoint, binding in (("watcher", "U"), ("sleeper", "UQ")):
            client = linnet.Client(endpoint, uri, binding=binding, lifetime=600)
            stack.callback(client.close)
            sensors.append(client.add(Thermometer()))
            client.start()
            clients.append(client)
        assert {child.stdout.readline().strip() for _ in range(2)} == {"queued", "stored"}
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        server = stack.enter_context(linnet.Server(uri, store=paths[0]))
        events = server.events()
        assert server.device("sleeper").queued == 1
        sensors[0].label = "oven"
        clients[1].update()
        seen: dict[str, object] = {}
        while len(seen) < 2:
            event = events.next(timeout=20)
            assert event is not None
            if event.kind is linnet.EventKind.NOTIFY:
                seen[event.endpoint] = event.records[0].value
            elif event.kind is linnet.EventKind.RESPONSE:
                seen[event.endpoint] = event.code
        assert seen == {"watcher": "oven", "sleeper": "2.04"}
        assert sensors[1].label == "cellar"
    assert linnet.Credentials.from_sqlite(paths[1])["hall"] == linnet.Psk(b"hall", b"0123456789abcdef")
