# SPDX-License-Identifier: Apache-2.0
"""``linnet bootstrap-server`` and ``linnet client --bootstrap``, as people and programs run them."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_cli import LINNET, PATIENCE, Command, run

DEVICE = """
[[device]]
endpoint = "{endpoint}"
[[device.server]]
uri = "{uri}"
short_server_id = 7
lifetime = 300
"""


@pytest.fixture
def commands() -> Iterator[list[Command]]:
    running: list[Command] = []
    yield running
    for command in running:
        command.process.kill()
        command.process.wait()


def start(commands: list[Command], *arguments: str) -> Command:
    commands.append(Command(*arguments))
    return commands[-1]


def bootstrap_server(commands: list[Command], config: Path) -> tuple[Command, str]:
    command = start(commands, "bootstrap-server", "--listen", "coap://127.0.0.1:0", "--config", str(config))
    return command, str(command.event("ready")["listen"][0])


def test_a_device_gets_to_its_server(commands: list[Command], tmp_path: Path) -> None:
    server = start(commands, "server", "--listen", "coap://127.0.0.1:0")
    uri = str(server.event("ready")["listen"][0])
    config = tmp_path / "devices.toml"
    config.write_text(DEVICE.format(endpoint="kitchen", uri=uri))
    bootstrap, address = bootstrap_server(commands, config)
    client = start(commands, "client", "--endpoint", "kitchen", "--bootstrap", address)
    port = client.event("ready")["listen"][0].rpartition(":")[2]

    started = bootstrap.event("bootstrap-started")
    here = f"127.0.0.1:{port}"
    assert (started["endpoint"], started["address"]) == ("kitchen", here)
    links = [link["path"] for link in bootstrap.event("discovered")["links"]]
    assert "/0/0" in links
    assert "/3/0" in links
    finished = bootstrap.event("bootstrap-finished")
    assert (finished["endpoint"], finished["ok"], finished["code"]) == ("kitchen", True, "2.04")
    assert client.event("bootstrap-started")["endpoint"] == "kitchen"
    assert client.event("bootstrap-finished")["ok"] is True
    registered = server.event("registered")
    assert (registered["endpoint"], registered["lifetime"]) == ("kitchen", 300)
    assert client.event("registered")["server"] == 7
    status = client.ask("status")
    assert (status["state"], status["lifetime"]) == ("registered", 300)
    assert status["location"] == registered["location"]

    # What is in the file now is given when the bootstrap server begins by itself.
    config.write_text(DEVICE.format(endpoint="kitchen", uri=uri).replace("300", "400"))
    assert bootstrap.ask("reload") == {"ok": True, "devices": ["kitchen"]}
    known = {"endpoint": "kitchen", "servers": [uri], "address": here, "ok": True}
    assert bootstrap.ask("devices") == {"ok": True, "devices": [known]}
    assert bootstrap.ask(f"start kitchen {here}")["ok"]
    assert bootstrap.event("bootstrap-finished")["ok"] is True
    assert server.event("registered")["lifetime"] == 400

    # A file with a mistake changes nothing.
    config.write_text("[[device]]\nendpoint = 5\n")
    answer = bootstrap.ask("reload")
    assert answer["ok"] is False
    assert answer["error"].startswith(f"{config}: device[0], endpoint: ")
    assert bootstrap.ask("devices")["devices"] == [known]
    assert bootstrap.ask("start cellar 127.0.0.1:9")["ok"] is False
    assert client.end() == 0
    assert bootstrap.end(signal.SIGINT) == 0


def test_who_is_refused_is_told_on_both_sides(commands: list[Command], tmp_path: Path) -> None:
    config = tmp_path / "devices.toml"
    config.write_text(DEVICE.format(endpoint="kitchen", uri="coap://127.0.0.1:9"))
    bootstrap, address = bootstrap_server(commands, config)
    client = start(commands, "client", "--endpoint", "cellar", "--bootstrap", address)
    finished = client.event("bootstrap-finished")
    assert (finished["ok"], finished["code"]) == (False, "4.00")
    assert "4.00 Bad Request" in finished["error"]
    error = bootstrap.event("error")
    assert (error["endpoint"], error["code"]) == ("cellar", "4.00")
    assert error["error"] == "cellar asks, but nothing is configured for an endpoint of this name"


def test_people_read_words(tmp_path: Path) -> None:
    config = tmp_path / "devices.toml"
    config.write_text(DEVICE.format(endpoint="kitchen", uri="coap://127.0.0.1:9"))
    process = subprocess.Popen(
        [*LINNET, "bootstrap-server", "--listen", "coap://127.0.0.1:0", "--config", str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    output, _ = process.communicate("devices\nhelp\nquit\n", timeout=PATIENCE)
    assert process.returncode == 0
    assert "listening on coap://127.0.0.1:" in output
    assert "for kitchen" in output
    assert re.search(r"kitchen +coap://127.0.0.1:9", output)
    assert "start EP ADDRESS" in output


def test_mistakes_end_it_with_words(tmp_path: Path) -> None:
    config = tmp_path / "devices.toml"
    config.write_text('[[device]]\nendpoint = "kitchen"\n')
    result = run("bootstrap-server", "--listen", "coap://127.0.0.1:0", "--config", str(config))
    assert result.returncode == 1
    assert result.stderr == f"linnet: {config}: device 'kitchen': there is no server account\n"
    result = run("bootstrap-server", "--config", str(tmp_path / "none.toml"))
    assert result.returncode == 1
    assert result.stderr == f"linnet: {tmp_path / 'none.toml'}: no such file or directory\n"
    assert run("bootstrap-server").returncode == 2
    result = run("client", "--endpoint", "kitchen")
    assert result.returncode == 2
    assert "say which server, such as --server coap://localhost, or --bootstrap URI" in result.stderr
