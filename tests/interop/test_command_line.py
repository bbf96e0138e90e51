# SPDX-License-Identifier: Apache-2.0
"""The command, as another program drives it (``--json``), with Eclipse Leshan at the other end."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from typing import Any

import pytest
from leshan_device import DEFINITIONS, LeshanDevices
from leshan_server import LeshanServer

PATIENCE = 15.0


class Command:
    """A running ``linnet client`` or ``linnet server``."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "linnet", *arguments, "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._past: list[dict[str, Any]] = []
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(json.loads(line))

    def wait(self, **facts: object) -> dict[str, Any]:
        """The first line with these fields that nobody waited for yet."""
        while True:
            for line in self._past:
                if facts.items() <= {key: value for key, value in line.items() if key in facts}.items():
                    self._past.remove(line)
                    return line
            self._past.append(self._lines.get(timeout=PATIENCE))

    def ask(self, command: str) -> dict[str, Any]:
        """The answer to a command, which must be good."""
        self._number += 1
        assert self.process.stdin is not None
        self.process.stdin.write(f"{self._number} {command}\n")
        self.process.stdin.flush()
        answer = self.wait(id=self._number)
        assert answer["ok"], answer
        return answer

    def value(self, command: str) -> object:
        """The value of the one record of an answer."""
        (record,) = self.ask(command)["records"]
        return record["value"]

    def quit(self) -> int:
        """Ends it. Its exit status."""
        assert self.process.stdin is not None
        self.process.stdin.write("quit\n")
        self.process.stdin.flush()
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdout.close()


def test_the_client_at_leshan(leshan: LeshanServer) -> None:
    name = "command-client"
    with Command("client", "--endpoint", name, "--server", leshan.uri, "--local", "127.0.0.1:0") as client:
        assert client.wait(event="registered")["endpoint"] == name
        urls = [link["url"] for link in leshan.wait("REGISTRATION", name)["objectLinks"]]
        assert {"/1/0", "/3/0"} <= set(urls)

        client.ask("set 3/0/0 ACME")
        assert leshan.ask("GET", f"{name}/3/0/0")["content"]["value"] == "ACME"
        answer = leshan.ask("PUT", f"{name}/1/0/2", {"id": 2, "value": 0})
        assert answer["status"] == "CHANGED(204)"
        assert client.wait(event="write")["path"] == "/1/0/2"
        answer = leshan.ask("POST", f"{name}/3/0/observe")
        assert answer["status"] == "CONTENT(205)"
        client.ask("set 3/0/9 55")
        # What the device measures brings notifications of its own.
        leshan.wait("NOTIFICATION", name, lambda data: {"id": 9, "value": 55} in data["val"]["resources"])
        assert leshan.ask("POST", f"{name}/3/0/4")["status"] == "CHANGED(204)"
        assert client.wait(event="execute")["path"] == "/3/0/4"

        assert client.quit() == 0
        leshan.wait("DEREGISTRATION", name)


@pytest.mark.parametrize("objects", [(), (4, 5, 6, 7, 3303)])
def test_every_object_of_the_client_is_readable_for_leshan(
    leshan: LeshanServer, objects: tuple[int, ...]
) -> None:
    """Leshan checks each value against its own definitions."""
    name = f"command-objects-{len(objects)}"
    options = [word for id in objects for word in ("--object", str(id))]
    if 3303 in objects:
        options += ["--models", str(DEFINITIONS.parent)]
    with Command(
        "client", "--endpoint", name, "--server", leshan.uri, "--local", "127.0.0.1:0", *options
    ) as client:
        client.wait(event="registered")
        links = leshan.wait("REGISTRATION", name)["objectLinks"]
        urls = sorted({"/" + link["url"].split("/")[1] for link in links if link["url"] != "/"})
        assert {f"/{id}" for id in (1, 3, *objects)} <= set(urls)
        for url in urls:
            for format in ("TLV", "JSON"):
                answer = leshan.ask("GET", name + url, format=format)
                assert answer["status"] == "CONTENT(205)", (url, answer)
            assert leshan.ask("GET", f"{name}{url}/discover")["status"] == "CONTENT(205)"
        assert client.quit() == 0


def test_the_server_with_a_device_of_leshan(leshan_devices: LeshanDevices) -> None:
    name = "command-device"
    with Command("server", "--listen", "coap://127.0.0.1:0", "--models", str(DEFINITIONS)) as server:
        (uri,) = server.wait(event="ready")["listen"]
        leshan_devices.tell("start", name, uri, 300)
        registered = server.wait(event="registered", endpoint=name)
        assert (registered["lifetime"], registered["binding"]) == (300, "U")
        assert {"/1/0", "/3/0", "/3442/0"} <= set(registered["objects"])
        leshan_devices.wait("registered", name)

        assert server.value(f"read {name} /3/0/0") == "Leshan"
        assert server.value(f"read {name} /3442/0/120 as json") == -5_000_000_000
        server.ask(f"write {name} /3442/0/110 hello")
        assert leshan_devices.wait("write", name, "/3442/0/110") == "hello"
        server.ask(f"execute {name} /3442/0/0 1='x'")
        assert leshan_devices.wait("execute", name, "/3442/0/0") == "1='x'"
        links = server.ask(f"discover {name} /3442/0")["links"]
        assert "/3442/0/110" in [link["path"] for link in links]
        server.ask(f"observe {name} /3442/0/120")
        leshan_devices.tell("set", name, "/3442/0/120", "INTEGER", 77)
        note = server.wait(event="notify", endpoint=name)
        assert note["records"] == [{"path": "/3442/0/120", "value": 77}]
        server.ask(f"cancel {name} /3442/0/120")

        leshan_devices.tell("stop", name)
        server.wait(event="deregistered", endpoint=name)
        leshan_devices.wait("deregistered", name)
        assert server.quit() == 0
