# SPDX-License-Identifier: Apache-2.0
"""The decision of section 8, written down anew from the digest, and asked of clients with many rights."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Union

import linnet
import pytest

from . import coap
from .coap import ACCEPT, CONTENT_FORMAT, LINKS, OBSERVE, TEXT, TLV, URI_QUERY, Message
from .kitchen import Kitchen
from .peer import Peer

READ, WRITE, EXECUTE, DELETE, CREATE = 1, 2, 4, 8, 16
NAMES = {READ: "read", WRITE: "write", EXECUTE: "execute", DELETE: "delete"}
SERVERS = (1, 2, 3)
DRAWER = 30010
Option = tuple[int, Union[int, str]]


class Drawer(linnet.Object, id=DRAWER):
    """Something that every operation can be done to."""

    creatable = True
    label = linnet.Resource(0, str, "RW", default="socks")

    @linnet.executable(1)
    def open(self) -> None:
        pass


@dataclass
class Control:
    """An Access Control instance: entries by Short Server ID, 0 for everybody else, and who owns it."""

    entries: dict[int, int] = field(default_factory=dict)
    owner: int = 65535


def rights(control: Control | None, server: int) -> int:
    """``rights(s, o, i)`` of the digest."""
    if control is None:
        return 0  # AMB-13
    if server in control.entries:
        return control.entries[server]
    if control.owner == server:
        return READ | WRITE | EXECUTE | DELETE
    return control.entries.get(0, 0)


class House:
    """A client with three servers, and drawers with rights of all kinds."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kitchen = Kitchen()
        client = self.kitchen.client
        self.peers = {1: self.kitchen.peer}
        for server in (2, 3):
            self.peers[server] = Peer(self.kitchen.network, f"192.0.2.{server}:5683")
            client.add_server(f"coap://192.0.2.{server}:5683", short_server_id=server)
        self.controls: dict[int, Control] = {}
        self.creators = {server for server in SERVERS if self.random.random() < 0.5}
        for instance in range(6):
            client.add(Drawer(instance))
            if instance < 5:
                self.controls[instance] = self.give(instance)
        for server in self.creators:
            client.set_access(f"/{DRAWER}", server, "create")
        client.set_access(f"/{DRAWER}/77", 0, "read")  # of one that is not there yet
        assert self.kitchen.network.run(10, lambda: client.registered)

    def give(self, instance: int) -> Control:
        """Rights by chance; what there is in each is as the digest has it."""
        control, path = Control(), f"/{DRAWER}/{instance}"
        client = self.kitchen.client
        for server in (0, *SERVERS):
            if self.random.random() < 0.4:
                control.entries[server] = self.random.randrange(16)
                granted = [name for right, name in NAMES.items() if control.entries[server] & right]
                client.set_access(path, server, *granted)
        if self.random.random() < 0.6 or not control.entries:
            control.owner = self.random.choice(SERVERS)
            client.set_owner(path, control.owner)
        return control

    def ask(self, server: int, method: str, path: str, payload: bytes = b"", *options: Option) -> str:
        """The code that the request of a server gets."""
        return self.send(server, method, path, payload, *options).code

    def send(self, server: int, method: str, path: str, payload: bytes = b"", *options: Option) -> Message:
        """A request of a server, and its answer."""
        return self.kitchen.ask(method, path, payload, *options, peer=self.peers[server])


@pytest.mark.parametrize("seed", range(8))
def test_acl_each_decision_is_that_of_the_digest(seed: int) -> None:
    """ACL-02 to ACL-04, ACL-11, ACL-14: entry, else owner, else default, else nothing; by instance."""
    house = House(seed)
    for instance in range(6):
        path = f"/{DRAWER}/{instance}"
        for server in SERVERS:
            has = rights(house.controls.get(instance), server)
            for needed, method, below, payload, options, good in (
                (READ, "GET", "", b"", (), "2.05"),
                (READ, "GET", "/0", b"", ((ACCEPT, TEXT),), "2.05"),
                (READ, "GET", "/0", b"", ((OBSERVE, 0),), "2.05"),
                (READ, "GET", "/0", b"", ((OBSERVE, 1),), "2.05"),
                (READ, "PUT", "/0", b"", ((URI_QUERY, "pmin=1"),), "2.04"),
                (READ, "PUT", "", b"", ((URI_QUERY, "pmin"),), "2.04"),
                (WRITE, "PUT", "/0", b"ties", ((CONTENT_FORMAT, TEXT),), "2.04"),
                (WRITE, "PUT", "", b"\xc1\x00x", ((CONTENT_FORMAT, TLV),), "2.04"),
                (WRITE, "POST", "", b"\xc1\x00y", ((CONTENT_FORMAT, TLV),), "2.04"),
                (EXECUTE, "POST", "/1", b"", (), "2.04"),
                (0, "GET", "", b"", ((ACCEPT, LINKS),), "2.05"),  # DM-82
                (0, "GET", "/0", b"", ((ACCEPT, LINKS),), "2.05"),
            ):
                expected = good if has & needed or not needed else "4.01"
                found = house.ask(server, method, path + below, payload, *options)
                assert found == expected, (server, method, path + below, house.controls.get(instance))
            # ACL-04: the right first, and only then whether the target takes it.
            assert house.ask(server, "POST", f"{path}/0") == ("4.05" if has & EXECUTE else "4.01")
            assert house.ask(server, "GET", f"{path}/9") == ("4.04" if has & READ else "4.01")


@pytest.mark.parametrize("seed", range(8))
def test_acl_of_an_object_each_server_sees_what_it_may_read(seed: int) -> None:
    """DM-10, AMB-35; attributes for the object are anybody's, other operations on it nobody's."""
    house = House(seed)
    for server in SERVERS:
        seen = {number for number in range(6) if rights(house.controls.get(number), server) & READ}
        answer = house.send(server, "GET", f"/{DRAWER}", b"", (ACCEPT, coap.JSON))
        assert answer.code == "2.05"
        assert {number for number in range(6) if f'"{number}/0"'.encode() in answer.payload} == seen
        assert house.ask(server, "PUT", f"/{DRAWER}", b"", (URI_QUERY, "pmax=9")) == "2.04"
        assert house.ask(server, "DELETE", f"/{DRAWER}") == "4.05"
        assert house.ask(server, "GET", "/0") == "4.01"
        assert house.ask(server, "GET", "/99") == "4.04"


@pytest.mark.parametrize("seed", range(8))
def test_acl_creators_own_what_they_create_and_owners_decide(seed: int) -> None:
    """ACL-03, ACL-10, ACL-11, ACL-13."""
    house = House(seed)
    client = house.kitchen.client
    for server in SERVERS:
        created = house.send(server, "POST", f"/{DRAWER}", b"\xc1\x00z", (CONTENT_FORMAT, TLV))
        assert created.code == ("2.01" if server in house.creators else "4.01")
        assert house.ask(server, "POST", "/2", b"", (CONTENT_FORMAT, TLV)) == "4.01"
        if created.code == "2.01":
            house.controls[int(created.location.split("/")[2])] = Control(owner=server)
    controls = {
        client.get(f"{path}/1"): path for path in client.instances() if path.startswith("/2/")
        if client.get(f"{path}/0") == DRAWER
    }  # fmt: skip
    for instance, control in house.controls.items():
        place = controls[instance]
        for server in SERVERS:
            owns = control.owner == server
            assert house.ask(server, "GET", place) == "2.05"
            assert house.ask(server, "DELETE", place) == "4.01"
            entry = bytes([0x83, 2, 0x41, server, 0x0F])
            expected = "2.04" if owns else "4.01"
            assert house.ask(server, "POST", place, entry, (CONTENT_FORMAT, TLV)) == expected
            if owns:
                control.entries[server] = 15
    for instance, control in house.controls.items():
        for server in SERVERS:
            may = bool(rights(control, server) & DELETE)
            assert house.ask(server, "DELETE", f"/{DRAWER}/{instance}") == ("2.02" if may else "4.01")
            if may:
                assert controls[instance] not in client.instances()
                break
