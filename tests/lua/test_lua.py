# SPDX-License-Identifier: Apache-2.0
"""Runs the Lua tests, one file at a time, with each Lua there is; and the examples against each other."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INTERPRETERS = ["lua5.1", "lua5.4", "luajit"]
FILES = [
    "core",
    "handlers",
    "objects",
    "answers",
    "standard",
    "server",
    "stores",
    "bootstrap",
    "loopback",
    "coaps",
    "sms",
    "sms_security",
]
FILES += ["hammer"]


def environment() -> dict[str, str]:
    """Where the modules are: as build/env says, unless somebody has read that already."""
    found = dict(os.environ)
    if "LUA_CPATH" not in found:
        script = f'. "{ROOT}/build/env" && env -0'
        output = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout
        found = dict(item.split("=", 1) for item in output.split("\0") if "=" in item)
    for name in ("LUA_PATH", "LUA_PATH_5_4"):
        found[name] = f"{HERE}/?.lua;{found.get(name) or found['LUA_PATH']}"
    return found


@pytest.fixture(params=INTERPRETERS)
def lua(request: pytest.FixtureRequest) -> str:
    """The command of one Lua."""
    command = shutil.which(request.param)
    if command is None:
        pytest.skip(f"{request.param} is not installed")
    return command


def run(*command: str, timeout: float = 60) -> str:
    """Runs a script to its end; returns what it prints."""
    done = subprocess.run(
        command, env=environment(), capture_output=True, text=True, errors="replace", timeout=timeout
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", FILES)
def test_file(lua: str, name: str) -> None:
    """The tests in tests/lua/<name>.lua, which say themselves what they are about."""
    run(lua, str(HERE / f"{name}.lua"))


@pytest.mark.parametrize("way", range(6))
def test_ends_with_everything_alive(lua: str, way: int) -> None:
    """Finalizers run in any order when a script ends; none crashes or complains."""
    done = subprocess.run(
        [lua, str(HERE / "exit.lua"), str(way)], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("other", INTERPRETERS)
def test_examples_meet(lua: str, other: str) -> None:
    """A server and a client in two processes, of the same or another Lua, on a free port."""
    if shutil.which(other) is None:
        pytest.skip(f"{other} is not installed")
    examples = ROOT / "examples" / "lua"
    server = subprocess.Popen(
        [lua, str(examples / "reader.lua"), "coap://127.0.0.1:0", "2"], env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert server.stdout is not None
    address = server.stdout.readline().split()[-1]
    client = subprocess.Popen(
        [other, str(examples / "sensor.lua"), address, "kitchen"], env=environment(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        printed, _ = server.communicate(timeout=60)
    finally:
        server.kill()
        client.kill()
    told, _ = client.communicate()
    assert server.returncode == 0, printed + told
    assert "kitchen has /1/0 /3/0 /3303/0" in printed
    assert "made by ACME" in printed
    assert "/3303/0/5750\twall" in printed
    assert printed.count("temperature\t2") == 2
    assert "4.04\t/3303/0/5601\tkitchen" in printed
    assert "the label is oven now" in told
    assert "reset\tnow" in told
