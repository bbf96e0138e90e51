# SPDX-License-Identifier: Apache-2.0
"""Accounts for SMS from a bootstrap server, and one that is reached by SMS itself (sms.md SMS-14, SMS-17)."""

from __future__ import annotations

from typing import Any

import linnet
import pytest
from linnet import _core

SERVER, CLIENT, BOOTSTRAP = "+15550100", "+15550111", "+15550122"
PHONES = ("phones", b"0123456789abcdef")
FIRST = ("first", b"fedcba9876543210")
PACKETS = (bytes.fromhex("12121601B20203"), bytes(range(32)))

needs_keys = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build has no cryptography")


def account(**more: Any) -> linnet.Configuration:
    return linnet.Configuration(
        servers=[
            linnet.ServerAccount(f"sms:{SERVER}", lifetime=3600, binding="S", sms_number=SERVER[1:], **more)
        ]
    )


@pytest.mark.parametrize(
    ("given", "at_server", "at_client"),
    [
        ({}, {}, {}),
        pytest.param({"psk": PHONES}, {"credentials": {"kitchen": PHONES}}, {"dtls": True}, marks=needs_keys),
        pytest.param(
            {"sms_psk": PHONES}, {"credentials": {"kitchen": PHONES}}, {"dtls": True}, marks=needs_keys
        ),
        pytest.param(
            {"sms_packets": PACKETS}, {"packets": {CLIENT: PACKETS}}, {"packets": {}}, marks=needs_keys
        ),
    ],
    ids=["unsecured", "dtls", "dtls with resources 7 and 8", "packets"],
)
def test_is_given_a_server_by_sms_over_udp_sms_17(
    given: dict[str, Any], at_server: dict[str, Any], at_client: dict[str, Any]
) -> None:
    world = linnet.World(seed=9)
    bootstrap = linnet.BootstrapServer("coap://10.0.0.9:5683", {"kitchen": account(**given)}, world=world)
    server = linnet.Server((), world=world, sms=linnet.SmsTransport(number=SERVER, **at_server))
    client = linnet.Client("kitchen", world=world, sms=linnet.SmsTransport(number=CLIENT, **at_client))
    client.add_bootstrap_server("coap://10.0.0.9:5683")
    client.start()
    bootstrap.wait_for("kitchen", timeout=600)
    device = server.wait_for("kitchen", timeout=3600)
    client.wait_registered(600)
    assert (device.binding, device.address) == ("S", f"sms:{CLIENT}")
    assert device.read("/1/0/7", timeout=600) == "S"


@pytest.mark.parametrize(
    "security",
    ["unsecured", pytest.param("dtls", marks=needs_keys), pytest.param("packets", marks=needs_keys)],
)
def test_is_bootstrapped_by_sms_alone_sms_14(security: str) -> None:
    world = linnet.World(seed=10)
    world.network.set(delay_ms=3000)
    dtls, packets = security == "dtls", security == "packets"
    by: set[str] = set()
    world.watch(lambda ms, source, destination, data, lost: by.add(str(destination)[:4]))
    theirs = {CLIENT: PACKETS} if packets else None
    bootstrap = linnet.BootstrapServer(
        (),
        {"kitchen": account(sms_psk=PHONES if dtls else None, sms_packets=PACKETS if packets else None)},
        world=world,
        sms=linnet.SmsTransport(number=BOOTSTRAP, packets=theirs),
        credentials={"kitchen": FIRST} if dtls else None,
    )
    server = linnet.Server(
        (),
        world=world,
        sms=linnet.SmsTransport(number=SERVER, packets=theirs),
        credentials={"kitchen": PHONES} if dtls else None,
    )
    ours = linnet.SmsTransport(number=CLIENT, dtls=dtls, packets={BOOTSTRAP: PACKETS} if packets else None)
    client = linnet.Client("kitchen", world=world, sms=ours)
    client.add_bootstrap_server(f"sms:{BOOTSTRAP}", psk=FIRST if dtls else None)
    client.start()
    bootstrap.wait_for("kitchen", timeout=3600)
    assert server.wait_for("kitchen", timeout=3600).binding == "S"
    assert bootstrap.listen == (f"sms:{BOOTSTRAP}",)
    assert by == {"sms:"}


@needs_keys
def test_says_which_keys_do_not_go_together() -> None:
    with pytest.raises(linnet.InvalidArgument, match="not by both"):
        linnet.BootstrapServer(
            (), {"kitchen": account(sms_psk=PHONES, sms_packets=PACKETS)}, world=linnet.World(seed=1)
        )
