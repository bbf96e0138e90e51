# SPDX-License-Identifier: Apache-2.0
"""libcoap's coap-client plays a device at a server of ours: Register, Update, De-register, good and bad."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import linnet
import pytest
from wire import PATIENCE, CoapClient

OBJECTS = "</1/0>,</3/0>"
GOOD = "ep=kettle&lt=60&lwm2m=1.0&b=U"
LINK = ("-t", "40")


@pytest.fixture
def server() -> Iterator[linnet.Server]:
    with linnet.Server("coap://127.0.0.1:0", timeout=PATIENCE) as server:
        yield server


def rd(server: linnet.Server, query: str = "") -> str:
    return f"{server.listen[0]}/rd" + (f"?{query}" if query else "")


def location(server: linnet.Server, coap: CoapClient, query: str = GOOD, objects: str = OBJECTS) -> str:
    """Registers; the URI of the registration."""
    answer = coap.post(rd(server, query), objects, *LINK)
    assert answer.code == "2.01"
    path = answer.final.all("Location-Path")
    assert path[0] == "rd"  # REG-03
    return "/".join([server.listen[0], *path])


def test_registers(server: linnet.Server, coap: CoapClient) -> None:
    location(server, coap)
    device = server.wait_for("kettle", PATIENCE)
    assert (device.lifetime, device.binding, device.version) == (60, "U", "1.0")
    assert device.objects == ["/1/0", "/3/0"]


def test_takes_a_name_as_it_is_in_utf_8(server: linnet.Server, coap: CoapClient) -> None:
    """CO-23, MOD-05."""
    location(server, coap, "ep=urn:dev:os:0023C7-gr%C3%BC%C3%9F%20dich&lt=60&lwm2m=1.0")
    assert list(server.registrations) == ["urn:dev:os:0023C7-grüß dich"]


def test_updates(server: linnet.Server, coap: CoapClient) -> None:
    """REG-08: what is left out stays."""
    where = location(server, coap)
    device = server.wait_for("kettle", PATIENCE)
    assert coap.post(where, None).code == "2.04"
    assert (device.lifetime, device.objects) == (60, ["/1/0", "/3/0"])
    assert coap.post(f"{where}?lt=120&b=UQ", None).code == "2.04"
    assert (device.lifetime, device.binding, device.objects) == (120, "UQ", ["/1/0", "/3/0"])
    assert coap.post(where, "</1/0>,</3/0>,</3303/7>", *LINK).code == "2.04"
    assert device.objects == ["/1/0", "/3/0", "/3303/7"]


def test_an_update_from_elsewhere_moves_the_device(
    server: linnet.Server, coap: CoapClient, tmp_path: Path
) -> None:
    """REG-05: as after a rebinding of a NAT."""
    where = location(server, coap)
    device = server.wait_for("kettle", PATIENCE)
    before = device.address
    assert CoapClient(0, tmp_path).post(where, None).code == "2.04"
    assert device.address != before


def test_deregisters_once(server: linnet.Server, coap: CoapClient) -> None:
    where = location(server, coap)
    with server.events() as events:
        assert coap.delete(where).code == "2.02"
        gone = events.next(PATIENCE)
    assert gone is not None
    assert (gone.kind, gone.endpoint) == ("deregistered", "kettle")
    assert len(server.registrations) == 0
    assert coap.delete(where).code == "4.04"
    assert coap.post(where, None).code == "4.04"


def test_registering_again_gives_a_new_location(server: linnet.Server, coap: CoapClient) -> None:
    """REG-06."""
    first = location(server, coap)
    second = location(server, coap)
    assert first != second
    assert len(server.registrations) == 1
    assert coap.post(first, None).code == "4.04"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("lt=60&lwm2m=1.0", "4.00"),  # no ep
        ("ep=&lt=60&lwm2m=1.0", "4.00"),
        ("ep=kettle&lwm2m=1.0", "4.00"),
        ("ep=kettle&lt=soon&lwm2m=1.0", "4.00"),
        ("ep=kettle&lt=0&lwm2m=1.0", "4.00"),  # REG-31
        ("ep=kettle&lt=60", "4.00"),
        ("ep=kettle&lt=60&lwm2m=1.1", "4.12"),  # REG-04
        ("ep=kettle&lt=60&lwm2m=1.0&b=UT", "4.00"),
        ("ep=kettle&ep=pot&lt=60&lwm2m=1.0", "4.00"),
        ("ep=kettle&lt=60&lwm2m=1.0&something=new", "2.01"),  # AMB-11
    ],
)
def test_looks_at_what_a_register_says(
    server: linnet.Server, coap: CoapClient, query: str, code: str
) -> None:
    answer = coap.post(rd(server, query), OBJECTS, *LINK)
    assert answer.code == code
    assert len(server.registrations) == (1 if code == "2.01" else 0)


@pytest.mark.parametrize(
    ("objects", "options", "code"),
    [
        (OBJECTS, (), "2.01"),  # 2.5 step 6: without a format, but readable
        ('</>;rt="oma.lwm2m";ct=11543, </1/0/>,</3/0>;x;y="a,b"', LINK, "2.01"),  # REG-26
        (OBJECTS, ("-t", "text/plain"), "4.00"),
        ("</1/0", LINK, "4.00"),
        ("</1/0>", LINK, "4.00"),  # REG-21: /3 is missing
        (None, LINK, "4.00"),
    ],
)
def test_looks_at_the_list_of_objects(
    server: linnet.Server, coap: CoapClient, objects: str | None, options: tuple[str, ...], code: str
) -> None:
    assert coap.post(rd(server, GOOD), objects, *options).code == code


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("get", "/rd", "4.05"),
        ("put", "/rd", "4.05"),
        ("delete", "/rd", "4.05"),
        ("fetch", "/rd", "4.05"),
        ("post", "/", "4.04"),
        ("post", "/rd/ffffffff", "4.04"),
        ("post", "/dp", "4.04"),  # section 14.1
    ],
)
def test_refuses_what_is_no_registration(
    server: linnet.Server, coap: CoapClient, method: str, path: str, code: str
) -> None:
    assert coap.ask(f"{server.listen[0]}{path}", "-m", method).code == code


def test_takes_a_long_list_in_blocks(server: linnet.Server, coap: CoapClient) -> None:
    """CO-03, BW-03."""
    objects = [f"/{id}/0" for id in (1, 3, *range(3300, 3600))]
    payload = ",".join(f"<{path}>" for path in objects)
    answer = coap.post(rd(server, GOOD), payload, *LINK, "-b", "256")
    assert [message.code for message in answer.received] == ["2.31"] * (len(payload) // 256) + ["2.01"]
    assert server.device("kettle").objects == objects
