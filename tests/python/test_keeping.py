# SPDX-License-Identifier: Apache-2.0
"""What a client tells of its machine and keeps over a restart (docs/architecture.md, section 8)."""

from __future__ import annotations

import json
import logging
import signal
import socket
from pathlib import Path

import linnet
import pytest
from test_cli import Command, client, server, uri  # noqa: F401 (fixtures)


def test_describe_tells_what_linux_knows() -> None:
    with_facts = linnet.Client("kitchen")
    with_facts.device.manufacturer = "ACME"
    with_facts.describe()
    assert with_facts.get("/3/0/0") == "ACME"
    assert with_facts.get("/3/0/21") > 1000
    assert "/4/0" in with_facts.instances()
    with_facts.close()


def test_gpsd_tells_where_the_client_is() -> None:
    report = {"class": "TPV", "mode": 3, "time": "2026-11-28T17:19:16.000Z", "lat": 59.5, "lon": 10.25}
    with socket.create_server(("127.0.0.1", 0)) as gpsd:
        client = linnet.Client("boat", "coap://127.0.0.1:9")
        client.follow_gpsd(f"127.0.0.1:{gpsd.getsockname()[1]}")
        with pytest.raises(linnet.Exists):
            client.follow_gpsd()
        events = client.events()
        client.start()
        gpsd.settimeout(10)
        connection, _ = gpsd.accept()
        with connection:
            connection.settimeout(10)
            connection.sendall(b'{"class":"VERSION","release":"3.22"}\n')
            assert connection.recv(100).startswith(b"?WATCH=")
            connection.sendall(json.dumps(report).encode() + b"\n")
            connection.shutdown(socket.SHUT_WR)
            assert "has ended the connection" in next(
                event.text for event in iter(lambda: events.next(10), None) if "gpsd" in event.text
            )
        assert (client.get("/6/0/0"), client.get("/6/0/1")) == (59.5, 10.25)
        assert client.get("/6/0/5") == 1795886356
        client.close()


def test_only_a_real_machine_can_be_described(world: linnet.World) -> None:
    simulated = linnet.Client("kitchen", world=world)
    with pytest.raises(linnet.Unavailable):
        simulated.describe()
    with pytest.raises(linnet.Unavailable):
        simulated.follow_gpsd()
    simulated.close()


def test_a_client_is_saved_and_restored(world: linnet.World) -> None:
    peer = linnet.Server("coap://10.0.0.1:5683", world=world)
    first = linnet.Client("kitchen", server="coap://10.0.0.1:5683", world=world)
    first.start()
    device = peer.wait_for("kitchen")
    before = first.revision
    device.write("/1/0/1", 777)
    world.settle()
    assert first.revision > before
    saved = first.save()
    first.close()
    second = linnet.Client("kitchen", world=world)
    with pytest.raises(linnet.Malformed):
        second.restore(saved[:-1])
    second.restore(saved)
    assert second.get("/1/0/1") == 777
    second.start()
    with pytest.raises(linnet.StateError):
        second.restore(saved)
    second.close()
    peer.close()


def test_a_file_keeps_the_client(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "kitchen"
    first = linnet.Client("kitchen", "coap://127.0.0.1:1", lifetime=50)
    assert not first.keep(path)
    first.close()
    second = linnet.Client("kitchen", "coap://127.0.0.1:2", lifetime=60)
    assert not second.keep(path)  # nothing ran, so nothing was written
    second.start()
    second.deregister()
    second.close()
    assert path.stat().st_mode & 0o777 == 0o600
    third = linnet.Client("kitchen", "coap://127.0.0.1:3", lifetime=70)
    assert third.keep(path)
    assert third.get("/1/0/1") == 60
    third.close()
    path.write_bytes(path.read_bytes()[:-3])
    fourth = linnet.Client("kitchen", "coap://127.0.0.1:4", lifetime=80)
    with caplog.at_level(logging.WARNING, "linnet"):
        assert not fourth.keep(path)
    assert "damaged" in caplog.text
    assert fourth.get("/1/0/1") == 80
    assert (tmp_path / "kitchen.damaged").exists()
    fourth.close()


def test_a_killed_client_comes_back(server: Command, uri: str, tmp_path: Path) -> None:  # noqa: F811
    arguments = ("client", "--endpoint", "kitchen", "--server", uri, "--lifetime", "300")
    first = Command(*arguments, "--store", str(tmp_path / "new"))
    server.event("registered", endpoint="kitchen")
    assert server.ask("write kitchen /1/0/1 120")["ok"]
    assert server.ask("write kitchen /3/0/14 +05:30")["ok"]
    assert server.ask("attributes kitchen /3/0/13 pmin=7")["ok"]
    first.end(signal.SIGKILL)
    second = Command(*arguments, "--store", str(tmp_path / "new"))
    assert server.event("registered", endpoint="kitchen", lifetime=120)
    assert server.ask("read kitchen /3/0/14")["records"][0]["value"] == "+05:30"
    found = server.ask("discover kitchen /3/0/13")["links"]
    assert found[0]["attributes"]["pmin"] == 7
    second.end()


def test_the_device_lets_itself_be_updated(server: Command, client: Command, tmp_path: Path) -> None:  # noqa: F811
    """Without --object and --set it has objects 1, 3, 4, 5 and 7."""
    objects = server.event("registered")["objects"]
    assert {"/1/0", "/3/0", "/4/0", "/5/0", "/7/0"} <= set(objects)
    package = tmp_path / "image"
    package.write_bytes(b"\x7fELF")
    states = server.ask("observe kitchen /5/0/3")["records"]
    assert states[0]["value"] == 0

    def await_state(state: int) -> None:
        server.line(
            lambda line: (
                line.get("event") == "notify"
                and line.get("path") == "/5/0/3"
                and line["records"][0]["value"] == state
            )
        )

    assert server.ask("write kitchen /5/0/1 coap://127.0.0.1/image")["ok"]
    assert server.ask("read kitchen /5/0/5")["records"][0]["value"] == 9  # it takes pushes only (FW-14)
    assert server.ask("write kitchen /5/0/0 f0VMRg==")["ok"]
    await_state(2)
    assert server.ask("execute kitchen /5/0/2")["ok"]
    await_state(0)
    assert server.ask("read kitchen /5/0/5")["records"][0]["value"] == 1
    assert server.ask("read kitchen /3/0/3")["records"][0]["value"] == "1.1"
