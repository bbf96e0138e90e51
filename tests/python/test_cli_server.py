# SPDX-License-Identifier: Apache-2.0
"""``linnet server``: its memory, firmware, and what its prompt completes."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import linnet
import pytest
from linnet.cli.completion import LineCompleter, path_candidates, split_words
from ports import free_port
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from test_cli import LINNET, PATIENCE, Command, client, server, uri  # noqa: F401 (fixtures)


def test_devices_are_remembered_by_the_next_server(tmp_path: Path) -> None:
    store = str(tmp_path / "server.db")
    address = f"coap://127.0.0.1:{free_port()}"
    first = Command("server", "--listen", address, "--store", store)
    first.event("ready")
    device = linnet.Client("kitchen", server=address)
    device.device.manufacturer = "ACME"
    device.start()
    location = first.event("registered")["location"]
    first.process.kill()
    first.process.wait()
    second = Command("server", "--listen", address, "--store", store)
    second.event("ready")
    [found] = second.ask("devices")["devices"]
    assert (found["endpoint"], found["location"]) == ("kitchen", location)
    assert second.ask("read kitchen /3/0/0")["records"] == [{"path": "/3/0/0", "value": "ACME"}]
    assert second.end() == 0
    device.close()


def test_a_store_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("this is not a database, whatever its name says. " * 20)
    result = subprocess.run(
        [*LINNET, "server", "--listen", "coap://127.0.0.1:0", "--store", str(path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 1
    assert "is not a store" in result.stderr
    assert "Traceback" not in result.stderr


def sleeps(asking: Command) -> dict[str, Any]:
    """The facts of the only device, once it is asleep."""
    while True:
        [device] = asking.ask("devices")["devices"]
        if not device["awake"]:
            return dict(device)


def test_requests_that_wait_are_events_and_survive_a_kill(tmp_path: Path) -> None:
    """All that was typed waits with the server, not with the command; it is answered in order (QUE-06)."""
    arguments = ("server", "--awake-time", "2", "--store", str(tmp_path / "server.db"), "--listen")
    asking = Command(*arguments, "coap://127.0.0.1:0")
    [listen] = asking.event("ready")["listen"]
    sleeper = Command("client", "--endpoint", "sleeper", "--server", listen, "--binding", "UQ")
    sleeper.event("registered")
    asking.event("registered", endpoint="sleeper")
    assert sleeps(asking)["queued"] == 0
    for command in ("101 write sleeper /3/0/14 +05:45", "102 read sleeper /3/0/14", "103 read sleeper /9"):
        asking.send(command)
    assert [asking.event("queued")["path"] for _ in range(3)] == ["/3/0/14", "/3/0/14", "/9"]
    assert sleeps(asking)["queued"] == 3
    assert sleeper.ask("update")["ok"]
    answers = [asking.line(lambda line: line.get("id", 0) > 100) for _ in range(3)]
    assert [answer["id"] for answer in answers] == [101, 102, 103]
    assert answers[1]["records"] == [{"path": "/3/0/14", "value": "+05:45"}]
    assert answers[2]["code"] == "4.04"
    sleeps(asking)
    for command in ("104 read sleeper /3/0/15", "105 read sleeper /9"):
        asking.send(command)
        asking.event("queued")
    asking.end(signal.SIGKILL)

    asking = Command(*arguments, listen, "--queue-time", "0.2")
    asking.event("ready")
    assert [asking.event("queued")["path"] for _ in range(2)] == ["/3/0/15", "/9"]
    answer = asking.ask("read sleeper /3/0/0")
    assert (answer["ok"], answer["error"]) == (
        False,
        "read /3/0/0 of sleeper: the device did not wake in time",
    )
    assert sleeps(asking)["queued"] == 2
    assert sleeper.ask("update")["ok"]
    answer = asking.event("response", path="/3/0/15")
    assert (answer["endpoint"], answer["ok"], len(answer["records"])) == ("sleeper", True, 1)
    answer = asking.event("response", path="/9")
    assert (answer["ok"], answer["code"]) == (False, "4.04")
    assert sleeper.end() == 0
    assert asking.end() == 0


def test_firmware_goes_as_it_is(server: Command, client: Command, tmp_path: Path) -> None:  # noqa: F811
    server.event("registered")
    package = tmp_path / "package.bin"
    package.write_bytes(bytes(range(256)) * 20)  # in blocks
    answer = server.ask(f"firmware kitchen {package}")
    assert answer["ok"] is True, answer
    assert answer["code"] == "2.04"
    assert answer["state"] in (1, 2)  # it has all of it, or is done with it
    written = client.event("write", path="/5/0/0")
    assert "opaque" in written["records"][0]
    assert "usage: firmware" in server.ask("firmware kitchen")["error"]
    assert server.ask(f"firmware kitchen {tmp_path}/nothing")["ok"] is False


def test_firmware_goes_by_uri(server: Command, client: Command) -> None:  # noqa: F811
    server.event("registered")
    answer = server.ask("firmware kitchen coap://example.org/package.bin")
    assert answer["code"] == "2.04"
    assert {"state", "result"} <= set(answer)
    written = client.event("write", path="/5/0/1")
    assert written["records"] == [{"path": "/5/0/1", "value": "coap://example.org/package.bin"}]


MODEL = linnet.Model()
LISTED = ["/1/0", "/3/0", "/3303/0", "/3303/1"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("", ["1", "3", "3303"]),
        ("/", ["/1", "/3", "/3303"]),
        ("/33", ["/3303"]),
        ("/3303/", ["/3303/0", "/3303/1"]),
        ("De", ["Device"]),
        ("/de", ["/Device"]),
        ("Device/", ["Device/0"]),
        ("Device/0/Man", ["Device/0/Manufacturer"]),
        ("/3/0/err", ["/3/0/Error_Code"]),
        ("/3/0/2", ["/3/0/2", "/3/0/20", "/3/0/21", "/3/0/22"]),
        ("/3303/0/", []),  # no definition of it
        ("/77/", []),
    ],
)
def test_paths_are_completed_by_id_and_by_name(word: str, expected: list[str]) -> None:
    found = [text for text, _ in path_candidates(MODEL, LISTED, word)]
    assert found == expected
    for text in found:
        if len(text.strip("/").split("/")) == 3:
            MODEL.path(text)  # it is one


def test_the_meaning_stands_beside() -> None:
    assert ("/3/0/0", "Manufacturer") in path_candidates(MODEL, LISTED, "/3/0/0")


def complete(line: str) -> list[str]:
    """What the line becomes by each completion."""

    def candidates(words: list[str], word: str) -> list[tuple[str, str]]:
        names = ["read", "write"] if not words else ["kitchen", "living room", 'the "den"', "it's"]
        if len(words) == 2:
            names = [f"/{words[1]}"]  # what the endpoint was taken to be
        return [(name, "") for name in names if name.startswith(word)]

    document = Document(line)
    found = LineCompleter(candidates).get_completions(document, CompleteEvent())
    return [line[: len(line) + completion.start_position] + completion.text for completion in found]


def test_the_word_at_the_cursor_is_completed() -> None:
    assert complete("") == ["read", "write"]
    assert complete("wr") == ["write"]
    assert complete("read k") == ["read kitchen"]
    assert complete("read li") == ["read 'living room'"]
    assert complete("read t") == ["read 'the \"den\"'"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("read 'liv", "read 'living room'"),
        ("read 'living r", "read 'living room'"),
        ('read "living r', 'read "living room"'),
        (r"read living\ r", "read 'living room'"),
        ('read "the', r'read "the \"den\""'),
        ("read 'it", "read 'it'\"'\"'s'"),
        ("read 'living room' /", "read 'living room' '/living room'"),
        ('read "living room" "/', 'read "living room" "/living room"'),
        (r"read living\ room /", r"read living\ room '/living room'"),
    ],
)
def test_names_with_blanks_are_completed_in_quotes(line: str, expected: str) -> None:
    assert complete(line) == [expected]
    assert split_words(expected)[0] == shlex.split(expected)  # as the command line is read


def test_names_and_values_do_not_steer_the_terminal(uri: str) -> None:  # noqa: F811
    del uri
    second = subprocess.Popen(
        [*LINNET, "server", "--listen", "coap://127.0.0.1:0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert second.stdin is not None
    assert second.stdout is not None
    address = second.stdout.readline().split("listening on ")[1].split(";")[0]
    device = linnet.Client("red\x1b[31m", server=address)
    device.device.manufacturer = "\x1b]0;title\x07ACME"
    device.start()
    assert "red?" in second.stdout.readline()
    output, _ = second.communicate("read 'red\x1b[31m' /3/0\ndevices\n", timeout=PATIENCE)
    device.close()
    assert "?]0;title?ACME" in output
    assert "\x1b" not in output


def test_answers_in_json_have_what_people_see(server: Command, client: Command) -> None:  # noqa: F811
    server.event("registered")
    [device] = server.ask("devices")["devices"]
    assert json.loads(json.dumps(device)) == device
    assert {"endpoint", "location", "lifetime", "binding", "objects", "address", "version"} <= set(device)
