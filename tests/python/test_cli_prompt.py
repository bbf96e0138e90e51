# SPDX-License-Identifier: Apache-2.0
"""The prompt of ``linnet server`` in a terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
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

    def wait(self, pattern: str) -> re.Match[str]:
        """Until this is shown, after what was waited for before."""
        until = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self._shown)) is None:
            ready, _, _ = select.select([self._master], [], [], until - time.monotonic())
            assert ready, f"{pattern!r} was not shown, but {self._shown!r}"
            text = os.read(self._master, 65536).decode(errors="replace")
            self._shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
        self._shown = self._shown[found.end() :]
        return found

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal("server", "--listen", "coap://127.0.0.1:0", state=tmp_path)
    yield terminal
    terminal.close()


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
