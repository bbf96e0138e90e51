# SPDX-License-Identifier: Apache-2.0
"""What other stacks, and later versions, say on the wire, and what ours makes of it (digest 14.1, AMB-xx)."""

from __future__ import annotations

from typing import Any

import linnet
import pytest

from . import bootstrap_play, ets
from .bootstrap_run import BootstrapRun, NewDevice
from .coap import CONTENT_FORMAT, LINKS, TLV, Message
from .device import ADDRESS
from .interpreter import PATIENCE, Run
from .server_run import ServerRun

REGISTER = ("ep=kitchen", "lt=60", "lwm2m=1.0", "b=U")
SENML_JSON, SENML_CBOR, CBOR, LWM2M_CBOR = 110, 112, 60, 11544


# ---- a server and the Registers of others


@pytest.fixture
def run() -> ServerRun:
    run = ServerRun(ets.cases()["101"])
    run.power_on()
    run.device.client = run.subject.address
    return run


def register(run: ServerRun, *query: str, links: str = "</1/0>,</3/0>", **more: Any) -> Message:
    step = {
        "method": "POST",
        "path": "/rd",
        "content_format": LINKS,
        "payload": links,
        "query": query,
        **more,
    }
    response = run.ask(run.device, step)
    if response.location:
        run.device.registered_at[run.subject.address] = response.location
    return response


def kitchen(run: ServerRun) -> linnet.Device:
    return run.subject.server.device("kitchen")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (("ep=kitchen", "lt=60", "lwm2m=1.1"), "4.12"),
        (("ep=kitchen", "lt=60", "lwm2m=1.2"), "4.12"),
        (("ep=kitchen", "lt=60", "lwm2m=1.0", "b=UT"), "4.00"),
        (("ep=kitchen", "lt=60", "lwm2m=1.0", "b=N"), "4.00"),
        (("lt=60", "lwm2m=1.0"), "4.00"),
        ((*REGISTER, "Q"), "2.01"),
        ((*REGISTER, "pid=2", "x"), "2.01"),
    ],
)
def test_registers_of_later_versions(run: ServerRun, query: tuple[str, ...], code: str) -> None:
    """A 1.1 client that is told 4.12 may try again with 1.0; Q of 1.1 says nothing: the binding decides."""
    assert register(run, *query).code == code
    assert ("kitchen" in run.subject.server.registrations) == (code == "2.01")
    if code == "2.01":
        assert kitchen(run).binding == "U"


@pytest.mark.parametrize(
    ("links", "objects"),
    [
        (
            '</>;rt="oma.lwm2m";ct="60 110 112 11542 11543",</1>;ver=1.1,</1/0>,</3>;ver="1.1",</3/0>',
            ["/1", "/1/0", "/3", "/3/0"],
        ),
        ("</1/0/>, </3/0/>", ["/1/0", "/3/0"]),
        ("</>;ct=110;rt=oma.lwm2m,</1/0>,</3/0>,</21/0>,</3/0/0/1>", ["/1/0", "/3/0", "/21/0"]),
        ('</lwm2m>;rt="oma.lwm2m something",</lwm2m/1/0>,</lwm2m/3/0>,</4/0>', ["/1/0", "/3/0"]),
    ],
)
def test_object_lists_of_others(run: ServerRun, links: str, objects: list[str]) -> None:
    """REG-24 to REG-26, with lists of formats, versions without quotes, slashes at the end, and blanks."""
    assert register(run, *REGISTER, links=links).code == "2.01"
    assert kitchen(run).objects == objects


def test_what_1_1_sends_elsewhere_is_not_found(run: ServerRun) -> None:
    assert run.ask(run.device, {"method": "POST", "path": "/dp"}).code == "4.04"
    assert run.ask(run.device, {"method": "GET", "path": "/bspack"}).code == "4.04"


def answering(run: ServerRun, format: int, payload: bytes) -> None:
    """From now on the device says this, whatever it is asked."""
    run.device._reply = (  # type: ignore[method-assign]
        lambda message: Message(code="2.05", payload=payload).add(CONTENT_FORMAT, format)
    )


@pytest.mark.parametrize("format", [CBOR, SENML_JSON, SENML_CBOR, LWM2M_CBOR])
def test_an_answer_in_a_format_of_1_1_is_a_failed_read(run: ServerRun, format: int) -> None:
    register(run, *REGISTER)
    answering(run, format, b"\x81\xa2")
    with pytest.raises(linnet.Error, match="read /3/0 of kitchen"):
        kitchen(run).read("/3/0", format="tlv")
    assert kitchen(run).registered


def test_a_notification_in_a_format_of_1_1_does_not_end_an_observation(run: ServerRun) -> None:
    register(run, *REGISTER)
    observation = kitchen(run).observe("/3/0/16", format="any")
    assert observation.next(PATIENCE).value == "U"
    run.device.values[3, 0, 16] = "UQ"
    run.device.notify("/3/0/16", format=SENML_CBOR)
    assert observation.next(PATIENCE).records == ()
    run.device.values[3, 0, 16] = "US"
    run.device.notify("/3/0/16")
    assert observation.next(PATIENCE).value == "US"
    assert observation.ended is None


def test_a_discover_of_1_1_is_understood(run: ServerRun) -> None:
    """More attributes, on other levels, and links of resource instances."""
    register(run, *REGISTER)
    text = "</3>;ver=1.1;pmin=10,</3/0>,</3/0/6>;dim=2;epmin=5;con=1,</3/0/6/0>,</3/0/6/1>;edge=1;hqmax=2"
    answering(run, LINKS, text.encode())
    links = {link.path: link.attributes for link in kitchen(run).discover("/3")}
    assert links["/3"] == {"ver": "1.1", "pmin": 10}
    assert links["/3/0/6"] == {"dim": 2, "epmin": 5, "con": 1}


# ---- a bootstrap-server and the devices of others


@pytest.mark.parametrize(
    "links",
    [
        '</>;lwm2m=1.1,</0/0>;ssid=1;uri="coaps://127.0.0.1:5684",</0/1>,</1/0>;ssid=1,</3/0>',
        "</0/0>;ssid=1,</0/1>,</1/0>;ssid=1,</3/0>",
        "</>;lwm2m=1.0,</0/1>,</1>;ver=1.1,</3/0>,</21>",
    ],
)
def test_a_bootstrap_discover_of_others_is_understood(links: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """BS-41: in the form of 1.1, or without a version."""
    monkeypatch.setattr(NewDevice, "_account_links", lambda device: links)
    case = ets.variant("0", "0", "", ets.cases()["0"].steps)
    case.steps[3] = {**case.steps[3], "expect": {"code": "2.05", "content_format": LINKS, "payload": ""}}
    runs: list[BootstrapRun] = []

    def setting(case: ets.Case) -> BootstrapRun:
        runs.append(BootstrapRun(case))
        return runs[0]

    bootstrap_play.play(case, setting)
    assert [event.text for event in runs[0].server.heard("response")] == [links]


def test_a_bootstrap_request_that_prefers_a_format_of_1_1() -> None:
    """`pct` is ignored, and TLV is sent."""
    case = ets.variant("0", "0", "", ets.cases()["0"].steps)
    case.steps[0] = {**case.steps[0], "query": ["ep=${ep}", "pct=112"]}
    bootstrap_play.play(case)


# ---- a client and the bootstrap-servers of others


def test_a_client_takes_the_account_that_leshan_writes() -> None:
    """Resources of object 0 that are not used are there, and empty; seen in Leshan 2.0.0-M4."""
    run = Run(ets.cases()["0"])
    run.power_on()
    bootstrap = run.peers["bootstrap"]
    bootstrap.next_request(PATIENCE)
    security = (
        "c80015636f61703a2f2f3132372e302e302e313a35363833c10100c10203c003c004c005c10603c007c008c009c10a07"
        "c10b01c10c00"
    )
    for path, payload in (("/0/0", security), ("/1/0", "c10007c201012cc10201c10601c10755")):
        written = run.send("PUT", path, bytes.fromhex(payload), content_format=TLV, peer=bootstrap)
        assert written.code == "2.04"
    assert run.send("POST", "/bs", peer=bootstrap).code == "2.04"
    assert f"ep={ets.ENDPOINT}" in run.server.next_request(PATIENCE).message.query
    assert run.device.value("/0/0/10") == 7
    assert ADDRESS in {request.source for request in run.server.history}
