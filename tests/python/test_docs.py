# SPDX-License-Identifier: Apache-2.0
"""The Python in README.md, docs/api.md and docs/sms.md runs as it stands."""

from __future__ import annotations

import ast
import concurrent.futures
import re
import threading
from pathlib import Path
from typing import Any

import linnet
import pytest
from ports import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30


def blocks(file: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (ROOT / file).read_text(), re.M | re.S)


@pytest.mark.parametrize("file", ["README.md", "docs/api.md"])
def test_every_block_is_python(file: str) -> None:
    for block in blocks(file):
        compile(block, file, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("file", ["README.md", "docs/api.md"])
def test_client_and_server_meet(
    file: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client_code, server_code = blocks(file)[:2]
    port = str(free_port())
    # What differs from the text: the port, that both come to an end, and who is first.
    client_code = client_code.replace("5683", port).replace("client.wait()", "")
    server_code = server_code.replace("5683", port).replace("print(note.value)", "break")
    listening = threading.Event()

    class Server(linnet.Server):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            listening.set()

    monkeypatch.setattr(linnet, "Server", Server)

    def serve() -> None:
        scope: dict[str, Any] = {"linnet": linnet}
        exec(server_code, scope)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        serving = pool.submit(serve)
        assert listening.wait(PATIENCE)
        scope: dict[str, Any] = {}
        exec(client_code, scope)
        serving.result(PATIENCE)
        scope["client"].close()
    assert "/3/0/11/0" in capsys.readouterr().out


def test_the_world_of_the_documentation_runs(capsys: pytest.CaptureFixture[str]) -> None:
    [code] = [block for block in blocks("docs/api.md") if "linnet.World" in block]
    scope: dict[str, Any] = {"linnet": linnet}
    exec(code, scope)
    printed = capsys.readouterr().out
    assert "'/3/0/16': 'U'}" in printed
    assert "server -> kitchen  CON GET /3/0\n" in printed
    assert scope["server"].closed


def test_short_messages_of_the_documentation_pass(capsys: pytest.CaptureFixture[str]) -> None:
    [code] = blocks("docs/sms.md")
    exec(code, {})
    assert capsys.readouterr().out == "S\n"
