# SPDX-License-Identifier: Apache-2.0
"""The prompts of ``linnet server`` and ``linnet bootstrap-server`` in a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import linnet
import pytest
from test_cli import LINNET, PATIENCE


class Terminal:
    """A command whose terminal is read and typed into."""

    def __init__(self, *arguments: str, state: Path) -> None:
        self._master, slave = pty.openpty()
        environment = {
            **os.environ,
            "TERM": "xterm",
            "PROMPT_TOOLKIT_NO_CPR": "1",
            "XDG_STATE_HOME": str(state),
        }
        self.process = subprocess.Popen(
            [*LINNET, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
        )
        os.close(slave)
        self._shown = ""
        #: What came, with what steers the terminal.
        self.raw = ""

    def wait(self, pattern: str) -> re.Match[str]:
        """Until this is shown, after what was waited for before."""
        until = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self._shown)) is None:
            ready, _, _ = select.select([self._master], [], [], until - time.monotonic())
            assert ready, f"{pattern!r} was not shown, but {self._shown!r}"
            text = os.read(self._master, 65536).decode(errors="replace")
            self.raw += text
            self._shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
        self._shown = self._shown[found.end() :]
        return found

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def complete(self, begun: str, offered: str) -> None:
        """Types what is begun, and takes what is offered then."""
        self.type(begun)
        self.wait(offered)
        self.type("\t")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts commands that share one place for their history."""
    terminals: list[Terminal] = []

    def make(*arguments: str) -> Terminal:
        terminals.append(Terminal(*arguments, state=tmp_path))
        return terminals[-1]

    yield make
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def terminal(start: Callable[..., Terminal]) -> Terminal:
    return start("server", "--listen", "coap://127.0.0.1:0")


def test_ctrl_c_gives_up_a_line_and_then_the_server(terminal: Terminal) -> None:
    terminal.wait("server>")
    terminal.type("frob")
    terminal.wait("frob")
    terminal.type("\x03")
    terminal.wait("server>")
    terminal.type("devices\r")
    terminal.wait("no device")
    terminal.wait("server>")
    terminal.type("\x03")
    assert terminal.process.wait(PATIENCE) == 0


def test_events_do_not_tear_a_line_that_is_being_typed(terminal: Terminal) -> None:
    uri = terminal.wait(r"listening on (\S+);")[1]
    terminal.wait("server>")
    terminal.type("read kitchen /3/0")
    terminal.wait("read kitchen /3/0")
    with linnet.Client("kitchen", server=uri) as client:
        client.device.manufacturer = "ACME"
        client.start()
        terminal.wait("kitchen registered from")
        terminal.wait(r"server> *read kitchen /3/0")
        terminal.type("/0\r")
        terminal.wait("Manufacturer +ACME")


def test_endpoints_and_paths_are_completed_by_tab(terminal: Terminal) -> None:
    uri = terminal.wait(r"listening on (\S+);")[1]
    with linnet.Client("kitchen", server=uri) as client:
        client.device.manufacturer = "ACME"
        terminal.wait("kitchen registered from")
        for typed, offered in (("rea", "read EP PATH"), (" ki", "kitchen"), (" /Dev", "/Device")):
            terminal.complete(typed, offered)
        terminal.complete("/0/Manu", "/Device/0/Manufacturer")
        terminal.type("\r")
        terminal.wait("/3/0/0 +Manufacturer +ACME")


def test_values_come_while_a_line_is_typed(terminal: Terminal) -> None:
    uri = terminal.wait(r"listening on (\S+);")[1]
    with linnet.Client("kitchen", server=uri) as client:
        client.device.manufacturer = "ACME"
        client.device.utc_offset = "+01:00"
        terminal.wait("kitchen registered from")
        terminal.type("observe kitchen /3/0/14\r")
        terminal.wait(r"UTC Offset +\+01:00")
        terminal.wait("server>")
        terminal.type("read kitchen /3/0")
        terminal.wait("read kitchen /3/0")
        client.device.utc_offset = "+05:45"
        terminal.wait("kitchen notifies /3/0/14")
        terminal.wait(r"UTC Offset +\+05:45")
        terminal.wait("server> *read kitchen /3/0")
        terminal.type("/0\r")
        terminal.wait("Manufacturer +ACME")


def test_mistakes_are_red_and_say_what_was_meant(terminal: Terminal) -> None:
    for typed, shown in (
        ("reed kitchen /3", "unknown command 'reed'; did you mean read\\?"),
        ("frobnicate", "unknown command 'frobnicate'; there are devices, read,"),
        ("read kitchen /3", "kitchen is not registered; no devices are registered"),
        ("read", "usage: read EP PATH"),
    ):
        terminal.wait("server>")
        terminal.type(f"{typed}\r")
        message = terminal.wait(shown)[0]
        assert re.search(r"\x1b\[31m[^\x1b]*" + re.escape(message), terminal.raw), terminal.raw
    terminal.wait("server>")
    terminal.type("?\r")
    terminal.wait(r"cancel EP PATH +Ends an observation\.")
    terminal.wait("server>")
    terminal.type("exit\r")
    assert terminal.process.wait(PATIENCE) == 0


def test_the_next_server_remembers_what_was_typed(start: Callable[..., Terminal]) -> None:
    first = start("server", "--listen", "coap://127.0.0.1:0")
    first.wait("server>")
    first.type("devices\r")
    first.wait("no devices")
    first.wait("server>")
    first.type("\x04")  # Ctrl-D
    assert first.process.wait(PATIENCE) == 0
    second = start("server", "--listen", "coap://127.0.0.1:0")
    second.wait("server>")
    second.type("\x1b[A\r")  # up
    second.wait("no devices")


def test_a_bootstrap_server_at_its_prompt(start: Callable[..., Terminal], tmp_path: Path) -> None:
    config = tmp_path / "devices.toml"
    with linnet.Server("coap://127.0.0.1:0") as server:
        config.write_text(f'[[device]]\nendpoint = "kit*"\n[[device.server]]\nuri = "{server.listen[0]}"\n')
        terminal = start("bootstrap-server", "--listen", "coap://127.0.0.1:0", "--config", str(config))
        uri = terminal.wait(r"listening on (\S+) for kit\*;")[1]
        terminal.wait("bootstrap>")
        terminal.type("rel")
        terminal.wait("rel")
        client = linnet.Client("kitchen", local="127.0.0.1:0")
        client.add_bootstrap_server(uri)
        with client:
            here = terminal.wait(r"kitchen begins at (\S+)")[1]
            terminal.wait("kitchen has /0/0")
            terminal.wait("kitchen is bootstrapped")
            terminal.wait("bootstrap> *rel")
            terminal.type("oad\r")
            terminal.wait(r"now for kit\*")
            terminal.wait("bootstrap>")
            terminal.type("devices\r")
            terminal.wait(r"kit\* +" + re.escape(server.listen[0]))
            terminal.wait(rf"kitchen +{re.escape(server.listen[0])} +{re.escape(here)} +bootstrapped")
            terminal.wait("bootstrap>")
            terminal.complete("start ki", "kitchen")
            terminal.complete(" 127", re.escape(here))
            terminal.type("\r")
            terminal.wait("kitchen begins at")
            terminal.wait("kitchen is bootstrapped")
        terminal.type("start kitchen nowhere\r")
        terminal.wait("not an address: 'nowhere'")
        terminal.wait("bootstrap>")
        terminal.type("\x04")
        assert terminal.process.wait(PATIENCE) == 0
