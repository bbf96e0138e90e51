# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: SIM117 (a server, and inside it a client)
"""Python and Lua against each other, on real sockets: what one says, the other understands."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import linnet
import pytest
from linnet import _core
from service_center import ServiceCenter
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


# ---- by SMS, each with an AT modem ----------------------------------------------------------------------

PYTHON, LUA = "+15550100", "+15550111"
KEY = b"0123456789abcdef"
PACKETS = (bytes.fromhex("12121601B20203"), b"0123456789abcdeffedcba9876543210")


@pytest.fixture
def center() -> Iterator[ServiceCenter]:
    center = ServiceCenter()
    for number in (PYTHON, LUA):
        center.add(number[1:])
    with center:
        yield center


@pytest.fixture(params=["none", "dtls", "packets"])
def security(request: pytest.FixtureRequest) -> str:
    if request.param != "none" and _core.dtls_backend() == "none":
        pytest.skip("this build has no cryptography")
    return str(request.param)


def own_sms(center: ServiceCenter, security: str) -> dict[str, Any]:
    """What a Python client or server takes as its `sms`."""
    packets = {LUA: PACKETS} if security == "packets" else None
    modem = linnet.AtModem(center.phones[PYTHON[1:]].device)
    return {"sms": linnet.SmsTransport(modem, PYTHON, packets=packets)}


def peer(lua: str, role: str, center: ServiceCenter, security: str) -> list[str]:
    return [lua, str(HERE / "peer_sms.lua"), role, center.phones[LUA[1:]].device, LUA, PYTHON, security]


def test_python_server_and_lua_client_by_sms(lua: str, center: ServiceCenter, security: str) -> None:
    options = own_sms(center, security)
    if security == "dtls":
        options["credentials"] = {"from-lua": ("from-lua", KEY)}
    with linnet.Server((), timeout=PATIENCE, **options) as server:
        with script(*peer(lua, "client", center, security)) as client:
            device = server.wait_for("from-lua", PATIENCE)
            assert (device.binding, device.address) == ("S", "sms:+15550111")
            device.write("/3303/0/5750", "oven")
            assert device.read("/3303/0/5750") == "oven"
            device.execute("/3/0/4")
            printed, _ = client.communicate(timeout=PATIENCE)
    assert printed.splitlines() == ["label\toven", "the end"]
    assert any(b"oven" in data for _, _, data in center.carried) == (security == "none")


def test_lua_server_and_python_client_by_sms(lua: str, center: ServiceCenter, security: str) -> None:
    options = own_sms(center, security)
    if security == "dtls":
        options["psk"] = ("from-python", KEY)
    with script(*peer(lua, "server", center, security)) as server:
        assert server.stdout is not None
        client = linnet.Client("from-python", server=f"sms:{LUA}", **options)
        sensor = client.object(3303)(Temperature)(instance=0)
        client.add(sensor)
        with client:
            lines = [server.stdout.readline().rstrip("\n") for _ in range(3)]
            sensor.value = 21.5
            lines.append(server.stdout.readline().rstrip("\n"))
            client.deregister()
            printed, _ = server.communicate(timeout=PATIENCE)
    assert lines == ["from-python\tsms:+15550100", "label\toven", "note\t20.5", "note\t21.5"]
    assert printed == "the end\n"
    assert any(b"oven" in data for _, _, data in center.carried) == (security == "none")
