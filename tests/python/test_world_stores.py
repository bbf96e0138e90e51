# SPDX-License-Identifier: Apache-2.0
"""Clients and servers that are killed in a simulated world, and begin again on what they stored."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import linnet
import pytest
from kitchen import SERVER, Temperature, make_client
from linnet.store import Change


def make_server(world: linnet.World, store: Path) -> linnet.Server:
    return linnet.Server(SERVER, world=world, store=store)


def make_kitchen(world: linnet.World) -> tuple[linnet.Client, Temperature]:
    client = make_client(world)
    sensor = client.add(Temperature())
    client.start()
    return client, sensor


def test_a_killed_server_knows_its_devices(world: linnet.World, tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    first = make_server(world, path)
    client, _ = make_kitchen(world)
    location = first.wait_for("kitchen").location
    world.kill(first)
    assert first.closed
    world.advance(minutes=2)
    second = make_server(world, path)
    told: list[str] = []
    second.on("registered", lambda device, event: told.append(event.endpoint))
    assert second.device("kitchen").location == location
    world.advance(minutes=10)  # Updates to the location of before (REG-07)
    assert second.device("kitchen").read("/3303/0/5700") == 20.5
    assert told == []
    client.close()
    second.close()


def test_observations_go_on_after_a_kill(world: linnet.World, tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    first = make_server(world, path)
    client, sensor = make_kitchen(world)
    first.wait_for("kitchen").observe("/3303/0/5750", keep=True)
    world.settle()
    world.kill(first)
    second = make_server(world, path)
    notes: list[object] = []
    second.on("notify", lambda device, event: notes.append(event.records[0].value))
    sensor.label = "oven"
    world.settle()
    assert notes == ["oven"]
    client.close()
    second.close()


def test_a_request_waits_over_a_kill_until_the_device_wakes(world: linnet.World, tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    first = make_server(world, path)
    client = linnet.Client("kitchen", server=SERVER, lifetime=600, binding="UQ", world=world)
    sensor = client.add(Temperature())
    client.start()
    device = first.wait_for("kitchen")
    world.advance(minutes=3)
    with pytest.raises(TimeoutError):
        device.write("/3303/0/5750", "oven", timeout=1)  # given up: it does not go
    call = first._calls.write("/3303/0/5750", "cellar")
    with first._runner:
        first._send("kitchen", call, lambda event: None)
    world.settle()
    world.kill(first)
    second = make_server(world, path)
    assert second.device("kitchen").queued == 1
    client.update()
    world.settle()
    assert sensor.label == "cellar"
    assert second.device("kitchen").queued == 0
    client.close()
    second.close()


def test_what_expired_meanwhile_is_told_and_cleaned_up(world: linnet.World, tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    first = make_server(world, path)
    client, _ = make_kitchen(world)
    first.wait_for("kitchen")
    world.kill(first)
    world.kill(client)
    world.advance(hours=1)
    second = make_server(world, path)
    expired: list[str] = []
    second.on("expired", lambda device, event: expired.append(event.endpoint))
    world.settle()
    assert expired == ["kitchen"]
    second.close()
    with linnet.SQLiteStore(path) as store:
        assert b"kitchen" not in store.load()


class Slate:
    """A store in memory that counts what it has."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}

    def load(self) -> bytes:
        return b"".join(self.records[name] for name in sorted(self.records))

    def commit(self, changes: Iterable[Change]) -> None:
        for name, record in changes:
            if record is None:
                self.records.pop(name, None)
            else:
                self.records[name] = record

    def replace(self, records: Iterable[Change]) -> None:
        self.records.clear()
        self.commit(records)


def test_nobody_is_answered_before_it_is_stored(world: linnet.World) -> None:
    slate = Slate()
    server = linnet.Server(SERVER, world=world, store=slate)
    seen: list[bool] = []

    def watch(ms: int, source: str | None, destination: str | None, data: bytes, lost: bool) -> None:
        if data[1] == 0x41:  # 2.01 Created
            seen.append("registration/kitchen" in slate.records)

    world.watch(watch)
    client, _ = make_kitchen(world)
    server.wait_for("kitchen")
    world.settle()
    assert seen == [True]
    client.close()
    server.close()


def test_a_killed_client_says_nothing_and_comes_back_as_it_was(world: linnet.World, tmp_path: Path) -> None:
    path = tmp_path / "kitchen"
    server = linnet.Server(SERVER, world=world)
    told: list[str] = []
    for kind in ("registered", "deregistered"):
        server.on(kind, lambda device, event: told.append(event.kind.value))
    first = make_client(world)
    first.add(Temperature())
    assert not first.keep(path)
    first.start()
    server.wait_for("kitchen").write("/3303/0/5750", "oven")
    server.device("kitchen").write("/1/0/1", 777)
    world.kill(first)
    world.settle()
    assert told == ["registered"]
    assert path.stat().st_mode & 0o777 == 0o600
    second = linnet.Client("kitchen", world=world)  # its account is in the file
    sensor = second.add(Temperature())
    assert second.keep(path)
    assert second.get("/1/0/1") == 777
    assert sensor.label == "oven"
    second.start()
    second.wait_registered()
    assert told == ["registered", "registered"]
    second.close()
    server.close()


def test_a_damaged_file_is_set_aside(
    world: linnet.World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "kitchen"
    path.write_bytes(b"something else")
    client = make_client(world)
    with caplog.at_level(logging.WARNING, "linnet"):
        assert not client.keep(path)
    assert "damaged" in caplog.text
    assert (tmp_path / "kitchen.damaged").read_bytes() == b"something else"
    client.close()
    with pytest.raises(linnet.StateError):
        linnet.World().kill(client)
