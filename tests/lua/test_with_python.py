# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: SIM117 (a server, and inside it a client)
"""Python and Lua against each other, on real sockets: what one says, the other understands."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import linnet
import pytest
from test_lua import HERE, environment, lua

PATIENCE = 20.0

__all__ = ["lua"]


@contextmanager
def script(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A Lua script that runs meanwhile."""
    process = subprocess.Popen(
        list(command), env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_python_server_and_lua_client(lua: str) -> None:
    with linnet.Server("coap://127.0.0.1:0", timeout=PATIENCE) as server:
        with script(lua, str(HERE / "peer_client.lua"), server.listen[0]) as client:
            device = server.wait_for("from-lua", PATIENCE)
            assert device.read("/3/0/0") == "ACME"
            assert device.read("/3/0/6") == {0: 1, 3: 5}
            values = device.read("/3303/0")
            assert values["/3303/0/1"] == 20.5
            assert values["/3303/0/2"] == "wall"
            assert values["/3303/0/5"] is True
            assert device.read("/3303/0/3", format="opaque") == b"a\0b\xff"
            assert device.read("/3303/0/4") == 2**40
            assert device.read("/3303/0/6") == 1700000000
            assert device.read("/3303/0/7") == linnet.ObjectLink(3, 0)
            assert device.read("/3303/0/8") == {0: "a", 9: "z"}
            assert device.read("/3303/0/13") == "0123456789" * 500

            device.write("/3303/0/2", "oven")
            device.execute("/3303/0/9", {0: "now", 7: ""})
            device.write("/3303/0", {5: False, 2: "sink"})
            assert device.read("/3303/0/5") is False
            with pytest.raises(linnet.ResponseError, match=r"4\.03"):
                device.read("/3303/1/12")
            with pytest.raises(linnet.ResponseError, match=r"4\.05"):
                device.write("/3303/0/1", 3.5)

            with device.observe("/3303/0/11") as observation:
                assert observation.next(PATIENCE).value == 1
                device.execute("/3303/0/10")
                assert observation.next(PATIENCE).value == 2

            assert device.create("/3303/4", {2: "hall"}) == "/3303/4"
            assert device.read("/3303/4/2") == "hall"
            device.delete("/3303/4")
            device.execute("/3/0/4")
            printed, _ = client.communicate(timeout=PATIENCE)
    assert printed.splitlines() == [
        "label\toven", "execute\tnow\t", "label\tsink", "create\t4\thall", "delete\t4", "the end"
    ]  # fmt: skip
    assert client.returncode == 0


class Temperature(linnet.Object):
    """A thermometer whose label servers may write, and which they may create."""

    creatable = True
    value = linnet.Resource(5700, float, "R", units="Cel", default=20.5)
    label = linnet.Resource(5750, str, "RW", default="wall")
    limits = linnet.Resource(5800, int, "RW", multiple=True, default={0: 1, 3: 5})

    def __init__(self, instance: int = 0, **values: object) -> None:
        super().__init__(instance, **values)
        self.executed: list[dict[int, str]] = []

    @linnet.executable(5605)
    def reset(self, args: dict[int, str]) -> None:
        self.executed.append(args)


def test_lua_server_and_python_client(lua: str) -> None:
    with script(lua, str(HERE / "peer_server.lua")) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        client = linnet.Client("from-python", server=address, lifetime=300)
        sensor = client.object(3303)(Temperature)(instance=0)
        client.add(sensor)
        with client:
            lines = [server.stdout.readline().rstrip("\n") for _ in range(11)]
            client.deregister()
            printed, _ = server.communicate(timeout=PATIENCE)
            assert sensor.executed == [{0: "now"}]
            assert sensor.label == "hob"
    assert lines == [
        "from-python\t300\t/1/0 /3/0 /3303/0", "/3303/0/5700\t20.5", "/3303/0/5750\twall",
        "/3303/0/5800/0\t1", "/3303/0/5800/3\t5", "label\tsink", "note\tsink", "note\thob",
        "created\t/3303/5", "label\thall", "gone\tfalse\t4.04",
    ]  # fmt: skip
    assert printed == "deregistered\tfrom-python\n"
    assert server.returncode == 0
