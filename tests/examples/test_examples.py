"""Every example runs as it is: each device with each server, on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENCE_S = 30

LUA = [version for version in ("lua5.1", "lua5.4", "luajit") if shutil.which(version)]
DEVICES = [
    [sys.executable, str(EXAMPLES / "python" / "sensor.py")],
    *([lua, str(EXAMPLES / "lua" / "sensor.lua")] for lua in LUA),
]
SERVERS = [
    [sys.executable, str(EXAMPLES / "python" / "reader.py")],
    [sys.executable, str(EXAMPLES / "python" / "async_reader.py")],
    *([lua, str(EXAMPLES / "lua" / "reader.lua")] for lua in LUA),
]


def name_of(command: list[str]) -> str:
    return f"{Path(command[0]).name}-{Path(command[1]).name}"


def hear_ctrl_c() -> None:
    """A process that a shell has put into the background ignores SIGINT, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ},
        preexec_fn=hear_ctrl_c,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


# Every device with the first server, every server with the first device, and one pair of other languages.
PAIRS = [(device, SERVERS[0]) for device in DEVICES] + [(DEVICES[0], server) for server in SERVERS[1:]]
PAIRS.append((DEVICES[-1], SERVERS[-1]))


@pytest.mark.parametrize(("device", "server"), PAIRS, ids=lambda command: name_of(command))
def test_device_and_server_meet(device: list[str], server: list[str]) -> None:
    with running([*server, "coap://127.0.0.1:0"]) as serving:
        assert serving.stdout is not None
        uri = serving.stdout.readline().split()[-1]
        assert uri.startswith("coap://127.0.0.1:")
        with running([*device, uri, "kitchen"]) as measuring:
            output, _ = serving.communicate(timeout=PATIENCE_S)
            assert serving.returncode == 0, output
            assert "ACME" in output
            measuring.send_signal(signal.SIGINT)
            said, _ = measuring.communicate(timeout=PATIENCE_S)
            assert measuring.returncode == 0, said
            assert "Traceback" not in said


def test_no_example_is_forgotten() -> None:
    run = {Path(command[1]) for command in DEVICES + SERVERS}
    here = {path for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".lua")}
    assert here - run == set()
