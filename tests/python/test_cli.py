# SPDX-License-Identifier: Apache-2.0
"""The command, as people and programs run it (docs/api.md)."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import linnet
import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT / "tests" / "definitions"
PATIENCE = 30
LINNET = [sys.executable, "-m", "linnet"]


def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LINNET, *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


class Command:
    """A running ``linnet ... --json``: lines in, lines out."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*LINNET, *arguments, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.kept: list[dict[str, Any]] = []
        self.number = 0
        threading.Thread(target=self.read, daemon=True).start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def line(self, wanted: Any) -> dict[str, Any]:
        """The first line that is wanted; the others are kept for later."""
        for line in self.kept:
            if wanted(line):
                self.kept.remove(line)
                return line
        while True:
            line = self.lines.get(timeout=PATIENCE)
            assert line is not None, "the command ended"
            if wanted(line):
                return line
            self.kept.append(line)

    def event(self, name: str, **fields: Any) -> dict[str, Any]:
        return self.line(lambda line: line.get("event") == name and fields.items() <= line.items())

    def ask(self, command: str) -> dict[str, Any]:
        """Sends a numbered command and waits for its answer, without the number."""
        self.number += 1
        number = self.number
        self.send(f"{number} {command}")
        answer = self.line(lambda line: line.get("id") == number)
        del answer["id"]
        return answer

    def send(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@pytest.fixture
def server() -> Iterator[Command]:
    command = Command(
        "server", "--listen", "coap://127.0.0.1:0", "--models", str(DEFINITIONS / "test_object.xml")
    )
    yield command
    command.process.kill()
    command.process.wait()


@pytest.fixture
def uri(server: Command) -> str:
    return str(server.event("ready")["listen"][0])


@pytest.fixture
def client(uri: str) -> Iterator[Command]:
    command = Command("client", "--endpoint", "kitchen", "--server", uri, "--lifetime", "300")
    command.event("registered")
    yield command
    command.process.kill()
    command.process.wait()


def test_demo_shows_a_session_and_succeeds() -> None:
    result = run("demo")
    assert result.returncode == 0, result.stderr
    words = ("registered", "Manufacturer", "ACME", "oven", "Execute", "notification 3", "goodbye")
    positions = [result.stdout.index(word) for word in words]
    assert positions == sorted(positions)
    assert result.stderr == ""


def test_a_program_drives_server_and_client(server: Command, client: Command) -> None:
    registered = server.event("registered")
    assert registered["endpoint"] == "kitchen"
    assert registered["lifetime"] == 300
    assert registered["binding"] == "U"
    assert registered["location"].startswith("/rd/")
    assert registered["objects"] == ["/1/0", "/3/0", "/4/0", "/5/0", "/7/0"]

    [device] = server.ask("devices")["devices"]
    assert device["endpoint"] == "kitchen"

    answer = server.ask("read kitchen /3/0/0")
    record = {"path": "/3/0/0", "value": "Open Mobile Alliance"}
    assert answer == {"ok": True, "code": "2.05", "records": [record]}
    assert server.ask("read kitchen Device/0/Manufacturer as text") == answer
    assert server.ask("read kitchen 3/0/0 as json") == answer
    paths = [record["path"] for record in server.ask("read kitchen /3")["records"]]
    assert paths[:4] == ["/3/0/0", "/3/0/1", "/3/0/2", "/3/0/3"]
    assert server.ask("read kitchen /3/0/22")["records"] == [{"path": "/3/0/22/0", "value": "65535:65535"}]

    assert server.ask("write kitchen /3/0/14 +02:00") == {"ok": True, "code": "2.04"}
    assert client.event("write") == {
        "event": "write",
        "endpoint": "kitchen",
        "path": "/3/0/14",
        "records": [{"path": "/3/0/14", "value": "+02:00"}],
    }
    assert server.ask('write kitchen /3/0/15 "Europe/Paris or so"')["ok"]
    assert client.ask("get /3/0/15") == {
        "ok": True,
        "records": [{"path": "/3/0/15", "value": "Europe/Paris or so"}],
    }
    assert server.ask("write kitchen /1/0 2=5 3=60 update")["code"] == "2.04"
    assert server.ask("execute kitchen /3/0/12 0='now',2")["code"] == "2.04"
    assert client.event("execute")["args"] == {"0": "now", "2": ""}

    links = {link["path"]: link["attributes"] for link in server.ask("discover kitchen /3")["links"]}
    assert links["/3/0/6"] == {"dim": 2} or links["/3/0/6"] == {}
    assert server.ask("attributes kitchen /3/0/9 pmin=0 pmax=60 gt=50.5")["code"] == "2.04"
    [link] = server.ask("discover kitchen /3/0/9")["links"]
    assert link["attributes"] == {"pmin": 0, "pmax": 60, "gt": 50.5}
    assert server.ask("attributes kitchen /3/0/9 gt")["code"] == "2.04"

    assert server.ask("observe kitchen /3/0/9")["records"] == [{"path": "/3/0/9", "value": 0}]
    assert client.ask("set /3/0/9 77") == {"ok": True}
    notify = server.event("notify")
    assert (notify["endpoint"], notify["path"]) == ("kitchen", "/3/0/9")
    assert notify["records"] == [{"path": "/3/0/9", "value": 77}]
    assert server.ask("cancel kitchen /3/0/9")["ok"]
    assert not server.ask("cancel kitchen /3/0/9")["ok"]

    status = client.ask("status")
    assert status["state"] == "registered"
    assert status["location"] == registered["location"]
    assert client.ask("update")["ok"]
    assert server.event("updated")["endpoint"] == "kitchen"
    assert client.end() == 0
    assert server.event("deregistered")["endpoint"] == "kitchen"
    assert client.event("deregistered")["endpoint"] == "kitchen"
    assert server.end(signal.SIGINT) == 0


def test_what_fails_says_so(server: Command, client: Command) -> None:
    server.event("registered")
    answers = {
        "read kitchen /9": "4.04",
        "read kitchen /3/0/4": "4.05",
        "write kitchen /3/0/0 x": "4.05",
        "execute kitchen /3/0/0": "4.05",
        "delete kitchen /3/0": "4.05",
    }
    for command, code in answers.items():
        answer = server.ask(command)
        assert (answer["ok"], answer["code"]) == (False, code), command
        assert "kitchen" in answer["error"]
    for command in (
        "",
        "nonsense",
        "read kitchen",
        "read kitchen /3/x",
        "read kitchen /3 as xml",
        "read nobody /3",
        "write kitchen /3/0/13 yesterday",
        "write kitchen /1/0 5",
        "attributes kitchen /3/0",
        "attributes kitchen /3/0 pmin=x",
        "execute kitchen /3/0/4 nonsense",
    ):
        if command:
            answer = server.ask(command)
            assert answer["ok"] is False, command
            assert answer["error"]


def test_commands_without_a_number_are_answered_without_one(server: Command, uri: str) -> None:
    server.send("devices")
    assert server.line(lambda line: "ok" in line) == {"ok": True, "devices": []}


def test_objects_are_created_and_deleted(server: Command, uri: str) -> None:
    settings = ("--set", "/3442/1/110=hello", "--set", "/3442/1/150=AQID", "--set", "/3442/0/170=3:0")
    objects = ("--object", f"{DEFINITIONS / 'test_object.xml'}=2")
    client = Command("client", "--endpoint", "tester", "--server", uri, *objects, *settings)
    registered = server.event("registered")
    assert registered["objects"] == ["/1/0", "/3/0", "/3442/0", "/3442/1"]
    assert server.ask("read tester /3442/1/110")["records"][0]["value"] == "hello"
    assert server.ask("read tester /3442/1/150")["records"] == [{"path": "/3442/1/150", "opaque": "AQID"}]
    assert server.ask("read tester /3442/0/170")["records"] == [{"path": "/3442/0/170", "value": "3:0"}]
    assert server.ask("write tester /3442/0/150 BAUG")["ok"]
    assert client.event("write")["records"] == [{"path": "/3442/0/150", "opaque": "BAUG"}]
    assert server.ask("write tester /3442/0/1110 0=a 5=b")["ok"]
    values = server.ask("read tester /3442/0/1110")["records"]
    assert values == [{"path": "/3442/0/1110/0", "value": "a"}, {"path": "/3442/0/1110/5", "value": "b"}]
    created = server.ask("create tester /3442/7 110=new 120=5")
    assert (created["ok"], created["code"], created["path"]) == (True, "2.01", "/3442/7")
    assert client.event("create")["path"] == "/3442/7"
    assert server.ask("delete tester /3442/7") == {"ok": True, "code": "2.02"}
    assert client.event("delete")["path"] == "/3442/7"
    assert client.ask("create 3442 9")["ok"]
    assert client.ask("create 3442 9")["ok"] is False
    assert client.ask("delete 3442 9")["ok"]
    assert client.ask("get /3442/9")["ok"] is False
    assert client.ask("get /3442/1/110")["records"] == [{"path": "/3442/1/110", "value": "hello"}]
    assert client.ask("deregister")["ok"]
    server.event("deregistered", endpoint="tester")
    client.event("deregistered")
    assert client.ask("update")["ok"]
    server.event("registered", endpoint="tester")
    client.send("quit")
    assert client.process.wait(PATIENCE) == 0
    server.event("deregistered", endpoint="tester")


def test_the_device_without_options_is_configuration_c_6(server: Command, client: Command) -> None:
    """Device as C.6 of docs/spec/ets-configs.yaml; what it measures may move."""
    import yaml

    server.event("registered")
    configuration = yaml.safe_load((ROOT / "docs/spec/ets-configs.yaml").read_text())["configs"]["C.6"]
    expected = {
        resource["path"]: resource["value"]
        for resource in configuration["resources"]
        if resource["path"].startswith("/3/0/") and "stimulus" not in resource
    }
    found = {record["path"]: record["value"] for record in server.ask("read kitchen /3/0")["records"]}
    assert {path: found.get(path) for path in expected} == expected
    assert {"/3/0/7/0", "/3/0/7/1", "/3/0/8/0", "/3/0/8/1", "/3/0/13"} <= set(found)
    for path in configuration["executables"]:
        if path not in ("/1/0/4", "/1/0/8"):  # they end or renew the registration
            assert server.ask(f"execute kitchen {path}")["code"] == "2.04", path
    assert [record["value"] for record in server.ask("read kitchen /1/0")["records"]][:5] == [
        1,
        300,
        1,
        10,
        86400,
    ]


def test_events_come_without_being_asked_for(server: Command, uri: str) -> None:
    peer = linnet.Client("cellar", server=uri)
    peer.start()
    server.event("registered", endpoint="cellar")
    peer.stop()
    server.event("deregistered", endpoint="cellar")


def test_commands_from_a_pipe_are_all_answered_before_the_end(uri: str, server: Command) -> None:
    result = run("client", "--server", uri, "--json", stdin="1 get /3/0/0\n2 status\n3 nonsense\n")
    assert result.returncode == 0
    answers = [json.loads(line) for line in result.stdout.splitlines() if "id" in json.loads(line)]
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert [answer["ok"] for answer in answers] == [True, True, False]


def test_people_read_tables(uri: str, server: Command, client: Command) -> None:
    """Without --json the answers have names; stdin is no terminal, so there is no prompt."""
    server.event("registered")
    second = subprocess.Popen(
        [*LINNET, "server", "--listen", "coap://127.0.0.1:0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert second.stdin is not None
    assert second.stdout is not None
    address = second.stdout.readline().split("listening on ")[1].split(";")[0]
    device = linnet.Client("cellar", server=address)
    device.device.manufacturer = "ACME [1]"
    device.start()
    assert "cellar registered" in second.stdout.readline()
    output, _ = second.communicate("read cellar /3/0\nread cellar /9\ndevices\nhelp\n", timeout=PATIENCE)
    device.close()
    for words in ("Manufacturer", "ACME [1]", "4.04 Not Found", "86400 s", "attributes EP PATH"):
        assert words in output
    assert "\x1b" not in output


# ---- mistakes are one line, without a traceback


def one_line(result: subprocess.CompletedProcess[str], status: int = 1) -> str:
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    if status == 1:
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return result.stderr


def test_a_port_in_use() -> None:
    with linnet.Server("coap://127.0.0.1:0") as server:
        words = one_line(run("server", "--listen", server.listen[0]))
    assert "cannot listen on 127.0.0.1:" in words
    assert "address already in use" in words


def test_a_server_that_was_never_reached_is_not_left() -> None:
    result = run("client", "--json", "--server", "coap://no-such-host.invalid")
    events = [json.loads(line)["event"] for line in result.stdout.splitlines()]
    assert (result.returncode, events) == (1, ["ready", "error"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do this")
def test_a_missing_permission() -> None:
    assert "permission" in one_line(run("server", "--listen", "coap://127.0.0.1:80"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("server", "--listen", "coap://no-such-host.invalid"), "no-such-host.invalid"),
        (("client", "--server", "coap://no-such-host.invalid"), "cannot be resolved"),
        (("server", "--listen", "coaps://127.0.0.1"), "credentials"),
        (("client", "--server", "http://127.0.0.1"), "coap://"),
        (("client", "--server", "coap://127.0.0.1", "--endpoint", ""), "endpoint name"),
        (("client", "--server", "coap://127.0.0.1", "--object", "60000"), "60000"),
        (("client", "--server", "coap://127.0.0.1", "--object", "missing.xml"), "missing.xml"),
        (("client", "--server", "coap://127.0.0.1", "--set", "nonsense"), "PATH=VALUE"),
        (("client", "--server", "coap://127.0.0.1", "--set", "/3/0/9=many"), "Battery Level"),
        (("client", "--server", "coap://127.0.0.1", "--set", "/3/0/9=101"), "/3/0/9"),
        (("server", "--models", "missing-directory"), "missing-directory"),
        (("objects", "nonsense"), "nonsense"),
        (("objects", "60000"), "60000"),
        (("decode", "xyz"), "hexadecimal"),
        (("decode", "--as", "coap", "00"), "not a CoAP message"),
        (("decode", "--as", "tlv", "--path", "/3/0", "c8ff"), "4"),
        (("decode", "--as", "tlv", "c80001"), "--path"),
        (("decode", "--path", "/nonsense", "c80001"), "nonsense"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    told = one_line(run(*arguments))
    if words != "4":
        assert words in told


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("client",),
        ("client", "--server", "coap://127.0.0.1", "--lifetime", "0"),
        ("client", "--server", "coap://127.0.0.1", "--binding", "X"),
        ("client", "--server", "coap://127.0.0.1", "--object", "3303=0"),
        ("decode", "--as", "nonsense", "00"),
        ("server", "--nonsense"),
    ],
)
def test_wrong_usage_has_status_2(arguments: tuple[str, ...]) -> None:
    shown = run(*arguments)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "--help" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("command", [[], ["demo"], ["client"], ["server"], ["decode"], ["objects"]])
def test_help_everywhere(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.returncode == 0
    assert "usage: linnet" in result.stdout


def test_version() -> None:
    assert run("--version").stdout.strip() == f"linnet {linnet.__version__}"


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [*LINNET, "objects"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.wait(PATIENCE)


# ---- looking things up


def test_objects_lists_and_shows() -> None:
    listed = run("objects").stdout
    assert all(name in listed for name in ("LwM2M Security", "Device", "Firmware Update"))
    for what in ("3", "Device", "device"):
        shown = run("objects", what).stdout
        assert "object 3 Device, version 1.0, single, mandatory" in shown
        assert "Manufacturer" in shown
    assert "object 5 Firmware Update" in run("objects", "firmware").stdout
    assert (
        "Portfolio" in run("objects", "portfolio", "--models", str(DEFINITIONS / "hypothetical.xml")).stdout
    )


# ---- decode


def test_a_message_is_explained() -> None:
    with linnet.Server("coap://127.0.0.1:0") as server:
        host, port = server.listen[0].removeprefix("coap://").split(":")
        peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        peer.settimeout(PATIENCE)
        peer.sendto(bytes.fromhex("40010001bb2e77656c6c2d6b6e6f776e04636f7265"), (host, int(port)))
        answer = run("decode", peer.recv(1500).hex())
        peer.close()
    assert answer.returncode == 0, answer.stderr
    assert "ACK" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["4402b5f1b7e1ab2cb27264"], ["CON", "0.02 POST", "46577", "b7e1ab2c", "Uri-Path", "rd"]),
        (
            ["60450001c12d16ff", "--as", "coap"],
            ["ACK", "2.05 Content"],
        ),
        (
            ["c8000441434d45", "--path", "/3/0"],
            ["tlv, 7 bytes, 1 value", "/3/0/0", "Manufacturer", "ACME"],
        ),
        (["0x64 0x01", "--as", "text", "--path", "/3/0/9"], None),
        (['{"e":[{"n":"0","sv":"ACME"}]}', "--path", "/3/0"], ["Manufacturer", "ACME"]),
        (['{"bn":"/3/0/","e":[{"n":"9","v":50}]}'], ["Battery Level", "50 %"]),
        (["</1/0>,</3/0>;ver=1.1,</3/0/6>;dim=2"], ["/1/0", "ver=1.1", "dim=2", "Available Power Sources"]),
        (["3530", "--as", "text", "--path", "Device/0/Battery Level"], ["/3/0/9", "50 %"]),
        (["00ff", "--as", "opaque", "--path", "/5/0/0"], ["Package", "00 ff (2 bytes)"]),
        (["c60d", "--as", "tlv", "--path", "/3/0"], None),
    ],
)
def test_bytes_are_explained(arguments: list[str], words: list[str] | None) -> None:
    result = run("decode", *arguments)
    assert "Traceback" not in result.stderr
    if words is None:
        assert result.returncode == 1
        return
    if arguments[0] == "60450001c12d16ff":  # an option of 6 bytes, of which there is one
        assert result.returncode == 1
        assert "at byte 6, an option that is cut short" in result.stderr
        return
    assert result.returncode == 0, result.stderr
    for word in words:
        assert word in result.stdout


def test_a_payload_inside_a_message_is_explained() -> None:
    # 2.04 has no path of its own: --path says what was read.
    message = bytes.fromhex("60450001c22d16ff") + bytes.fromhex("c8000441434d45")
    result = run("decode", message.hex(), "--path", "/3/0")
    assert result.returncode == 0, result.stderr
    for word in ("Content-Format", "11542 (tlv)", "Manufacturer", "ACME"):
        assert word in result.stdout
    assert "--path" in run("decode", message.hex()).stdout


def test_stdin_is_decoded_as_bytes_or_hexadecimal(tmp_path: Path) -> None:
    for data in (b"c8000441434d45", bytes.fromhex("c8000441434d45")):
        result = subprocess.run(
            [*LINNET, "decode", "-", "--path", "/3/0"],
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        assert b"ACME" in result.stdout
