# SPDX-License-Identifier: Apache-2.0
"""Accounts that come with the device: from the factory and from a smartcard (digest 6.1, 6.7)."""

from __future__ import annotations

import struct
from pathlib import Path

import linnet
import pytest

SERVER = "coap://10.0.0.1:5683"


@pytest.fixture
def server(world: linnet.World) -> linnet.Server:
    return linnet.Server(SERVER, world=world)


def account(number: int = 1, lifetime: int = 300) -> linnet.ServerAccount:
    return linnet.ServerAccount(SERVER, short_server_id=number, lifetime=lifetime)


def file_of(number: int = 1, lifetime: int = 300) -> bytes:
    """EF LwM2M_Bootstrap with one account, as BS-62 has it: objects 0 and 1 in version 1.0."""
    security = {0: SERVER, 1: False, 2: 3, 3: b"", 4: b"", 5: b"", 10: number}
    terms = {0: number, 1: lifetime, 6: True, 7: "U"}
    objects = b""
    for object_id, values in ((0, security), (1, terms)):
        records = [(f"/{object_id}/0/{id}", value) for id, value in values.items()]
        payload = linnet.encode(records, "tlv", f"/{object_id}")
        objects += struct.pack(">HBH", object_id, 0, len(payload)) + payload
    return struct.pack(">HH", 2, len(objects)) + objects


def test_a_client_is_made_with_its_account(world: linnet.World, server: linnet.Server) -> None:
    client = linnet.Client("kitchen", world=world)
    client.factory(
        linnet.Configuration(
            servers=[account(7), linnet.ServerAccount("coap://10.0.0.3", short_server_id=8)],
            values={"/3/0/14": "+02:00"},
            owners={"/3/0": 7},
            rights={"/3/0": {8: ["read"]}},
        )
    )
    client.start()
    assert server.wait_for("kitchen", 10).lifetime == 300
    assert client.get("/3/0/14") == "+02:00"
    assert client.access("/3/0", 8) == {"read"}
    client.close()


def test_the_factory_may_use_the_file_of_a_bootstrap_server(
    world: linnet.World, server: linnet.Server, tmp_path: Path
) -> None:
    file = tmp_path / "devices.toml"
    file.write_text(f'[[device]]\nendpoint = "kit*"\n[[device.server]]\nuri = "{SERVER}"\nlifetime = 99\n')
    client = linnet.Client("kitchen", world=world)
    client.factory(file)
    client.start()
    assert server.wait_for("kitchen", 10).lifetime == 99
    with pytest.raises(linnet.NotFound, match="there is nothing for cellar"):
        linnet.Client("cellar", world=world).factory(file)


def test_mistakes_of_the_factory_are_said(world: linnet.World) -> None:
    client = linnet.Client("kitchen", world=world)
    with pytest.raises(linnet.Malformed, match=r"factory, servers\[0\]: .*/0/1: the URI is missing or mal"):
        client.factory(linnet.Configuration(servers=[linnet.ServerAccount("http://a")]))
    assert client.instances() == ["/3/0"]
    client.factory(linnet.Configuration(servers=[account()]))
    client.factory(linnet.Configuration(servers=[account(9)]))  # has accounts already
    assert client.get("/1/0/0") == 1
    client.start()
    with pytest.raises(linnet.StateError):
        client.factory(linnet.Configuration(servers=[account()]))


def test_a_smartcard_gives_and_takes(world: linnet.World, server: linnet.Server) -> None:
    """BS-60."""
    card: list[bytes | None] = [file_of(1, 300)]
    client = linnet.Client("kitchen", world=world)
    client.set_smartcard(lambda: card[0])
    client.start()
    assert server.wait_for("kitchen", 10).lifetime == 300
    card[0] = file_of(2, 600)
    client.check_smartcard()
    world.settle()
    assert client.get("/1/0/0") == 2
    assert server.device("kitchen").lifetime == 600
    card[0] = None
    client.check_smartcard()
    world.settle()
    assert client.instances() == ["/3/0"]
    card[0] = file_of(3)
    client.check_smartcard()
    world.settle()
    assert client.registered


def test_a_card_that_makes_no_sense_is_told(world: linnet.World) -> None:
    client = linnet.Client("kitchen", world=world)
    told: list[str] = []
    client.on("error", lambda event: told.append(event.text))
    client.set_smartcard(lambda: file_of()[:-1])
    client.start()
    world.settle()
    [text] = told
    assert text.startswith('Smartcard of "kitchen": ')
    assert client.state() == "idle"


def test_a_reader_that_raises_changes_nothing(world: linnet.World, server: linnet.Server) -> None:
    good = [True]

    def read() -> bytes:
        if not good[0]:
            raise OSError("no reader")
        return file_of()

    client = linnet.Client("kitchen", world=world)
    client.set_smartcard(read)
    client.start()
    server.wait_for("kitchen", 10)
    good[0] = False
    client.check_smartcard()
    world.settle()
    assert client.registered
    assert [str(error) for error in client.failures] == ["no reader"]
    client.set_smartcard(None)
