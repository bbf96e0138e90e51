# SPDX-License-Identifier: Apache-2.0
"""The device under test: a ``linnet.Client`` in the state of a configuration, through the public API only."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Any

import linnet

from .ets import ENDPOINT, Config, Resource
from .network import Network

ADDRESS = "192.0.2.9:5683"
#: The names that the cases want to resolve to the server.
HOSTS = {
    "server.example.com:5684": "127.0.0.1:5684",
    "server-fail.example.com:5684": "127.0.0.1:5684",
}
NEW_VERSION = "2.0"


class Portfolio(linnet.Object, id=16):
    """Object 16 of the OMA registry, which a client has no definition of by itself."""

    creatable = True
    identity = linnet.Resource(0, str, "RW", multiple=True, mandatory=True)


class Sensor(linnet.Object):
    """What generic sensors (3300), temperature (3303) and humidity (3304) have in common."""

    creatable = True
    value = linnet.Resource(5700, float, "R", default=20.5, mandatory=True)
    units = linnet.Resource(5701, str, "R", default="Cel")
    application_type = linnet.Resource(5750, str, "RW", default="wall")


class Presence(linnet.Object):
    """Object 3302."""

    creatable = True
    state = linnet.Resource(5500, bool, "R", default=True, mandatory=True)
    delay = linnet.Resource(5903, int, "RW", default=5)


class Actuation(linnet.Object):
    """Object 3306."""

    creatable = True
    on = linnet.Resource(5850, bool, "RW", default=False, mandatory=True)
    dimmer = linnet.Resource(5851, int, "RW", default=50)
    on_time = linnet.Resource(5852, int, "RW", default=0)
    output = linnet.Resource(5853, str, "RW", default="low")
    application_type = linnet.Resource(5750, str, "RW", default="lamp")


IPSO = {3300: Sensor, 3302: Presence, 3303: Sensor, 3304: Sensor, 3306: Actuation}


# ---- packages

GOOD, DAMAGED, UNKNOWN, UNINSTALLABLE, TOO_LARGE, TOO_HUNGRY = (
    "good", "damaged", "unknown", "uninstallable", "too large", "too hungry",
)  # fmt: skip


def package(kind: str) -> bytes:
    """A package for the simple firmware of the device: a kind, some content, a checksum."""
    content = f"{kind}\n".encode() + bytes(range(256)) * 8
    check = zlib.crc32(content) ^ (1 if kind == DAMAGED else 0)
    return (b"????" if kind == UNKNOWN else b"LNFW") + check.to_bytes(4, "big") + content


def _verdict(image: bytes) -> tuple[int, str]:
    """The Update Result of a download, and the kind of the package."""
    kind = image[8:].split(b"\n")[0].decode()
    if image[:4] != b"LNFW":
        return 6, kind
    if zlib.crc32(image[8:]) != int.from_bytes(image[4:8], "big"):
        return 5, kind
    return {TOO_LARGE: 2, TOO_HUNGRY: 3}.get(kind, 0), kind


_UNWANTED = "coap://192.0.2.254"


def _keys(lines: dict[str, Any], instance: int) -> dict[str, Any]:
    """The keys of an account, as the client takes them."""
    mode, identity, server, secret = (lines[f"/0/{instance}/{id}"] for id in (2, 3, 4, 5))
    if mode == 0:
        return {"psk": (identity, secret)}
    return {"certificate": identity, "private_key": secret, "trust": server} if mode == 2 else {}


class Device:
    """A client that the network steps, and the application on top of it."""

    def __init__(self, network: Network, config: Config, boot: int = 0) -> None:
        self.network, self.config = network, config
        self.address = ADDRESS
        #: True: values that a configuration lets vary do so, once a second.
        self.moving = False
        #: False: the application never ends a download.
        self.checking = True
        #: Seconds that the application takes for a download, and for an installation.
        self.takes = 0
        #: False: no instruction is executed any more.
        self.running = True
        self.events: list[linnet.Event] = []
        #: The same, and how long the log of the network was.
        self.heard: list[tuple[int, linnet.Event]] = []
        #: What can be downloaded from where; None: the connection is lost in the middle.
        self.downloads: dict[str, bytes | None] = {}
        self._tick = network.now
        #: What the application has to do later, and when.
        self._later: tuple[int, Callable[[], None]] | None = None
        self._installing = ""
        self._transport = linnet.ScriptTransport(
            lambda data, peer: network.send(ADDRESS, peer, data), lookup=HOSTS.get
        )
        # Other message ids and tokens after each start, but the same in each run.
        self.client = linnet.Client(ENDPOINT, transport=self._transport, seed=bytes([boot]) * 32)
        for kind in linnet.EventKind:
            if kind not in (linnet.EventKind.QUESTION, linnet.EventKind.LOG):
                self.client.on(kind, self._happened)
        self._configure()
        network.add(self)

    def power_on(self) -> None:
        """From now on the client does what it has to do."""
        self.client.start()

    def power_off(self) -> None:
        """The client is gone, without a word."""
        assert not self.client.failures, self.client.failures
        self.client.close()
        self.network.remove(self)

    def add_ipso(self, object_id: int) -> None:
        """Gives the device instance 0 of an IPSO object."""
        kind = type(IPSO[object_id].__name__, (IPSO[object_id],), {})
        self.client.object(object_id)(kind)
        self.client.add(kind(0))

    # ---- the network's side

    def receive(self, data: bytes, source: str) -> None:
        """A datagram arrives."""
        if self.running:
            self._transport.receive(data, source)

    def step(self, now: int) -> int | None:
        """Lets the client, and the application, do what is due."""
        if not self.running:
            return None
        if self.moving and now >= self._tick + 1000:
            self._tick = now
            self._move()
        if self._later is not None and now >= self._later[0]:
            self._later[1]()
            self._later = None
        self.client.step(now)
        deadline = self.client.step(now)  # what the application did in a callback
        following = self._tick + 1000 if self.moving else None
        finishing = self._later[0] if self._later is not None else None
        return min((due for due in (deadline, following, finishing) if due is not None), default=None)

    def _move(self) -> None:
        for line in self.config.resources:
            if line.stimulus.startswith("varies") and line.ids[0] != 6:
                self.client.set(line.path, self.value(line.path) + 1)
        if any(line.ids[0] == 6 for line in self.config.resources):
            latitude, longitude, fix = (self.value(f"/6/0/{id}") for id in (0, 1, 5))
            self.client.set_location(latitude + 0.001, longitude + 0.001, fix + 1)

    def value(self, path: str) -> Any:
        """What the client has at a path."""
        return self.client.get(path)

    # ---- configuration

    def _configure(self) -> None:
        self._add_accounts()
        for line in self.config.resources:
            if line.ids[0] != 0:
                self._make_instance(line)
                self.client.set(line.path, self._value(line))
        for path in self.config.executables:
            object_id, instance, resource = map(int, path.split("/")[1:])
            self.client.instance(object_id, instance).offer(resource)

    def _add_accounts(self) -> None:
        """Security instances get the lowest free id, so those that must stay free are taken meanwhile."""
        lines = {line.path: line.value for line in self.config.resources}
        instances = {line.ids[1] for line in self.config.resources if line.ids[0] == 0}
        servers = {lines[path]: path for path in lines if path.startswith("/1/") and path.endswith("/0")}
        unwanted = []
        for instance in range(max(instances) + 1):
            if instance not in instances:
                keyed = any(value in (0, 2) for path, value in lines.items() if re.match(r"/0/\d+/2$", path))
                uri, keys = ("coaps://192.0.2.254", {"psk": ("x", bytes(16))}) if keyed else (_UNWANTED, {})
                self.client.add_server(uri, short_server_id=65000 + instance, **keys)
                unwanted.append(instance)
            elif lines[f"/0/{instance}/1"]:
                hold_off = lines.get(f"/0/{instance}/11", 0)
                self.client.add_bootstrap_server(
                    lines[f"/0/{instance}/0"], hold_off=hold_off, **_keys(lines, instance)
                )
            else:
                number = lines[f"/0/{instance}/10"]
                server = servers[number].rsplit("/", 1)[0]
                self.client.add_server(
                    lines[f"/0/{instance}/0"],
                    short_server_id=number,
                    lifetime=lines[f"{server}/1"],
                    **_keys(lines, instance),
                )
        for instance in unwanted:
            server = next(
                path for path in self.client.instances()
                if path.startswith("/1/") and self.client.get(f"{path}/0") == 65000 + instance
            )  # fmt: skip
            self.client.remove(f"/0/{instance}")
            self.client.remove(server)

    def _make_instance(self, line: Resource) -> None:
        object_id, instance = line.ids[:2]
        if f"/{object_id}/{instance}" in self.client.instances():
            return
        if object_id == 16:
            self.client.add(Portfolio(instance))
        elif object_id == 5:
            self.client.add_firmware()
        elif object_id == 6:
            self.client.add_location()
            self.client.set_location(0, 0, 0)
        elif object_id == 7:
            self.client.add_statistics()
        else:
            self.client.add_object(object_id, instance, creatable=False)

    @staticmethod
    def _value(line: Resource) -> Any:
        if line.type == "objlnk":
            return linnet.ObjectLink(*map(int, line.value.split(":")))
        return float(line.value) if line.type == "float" else line.value

    # ---- the application

    def _happened(self, event: linnet.Event) -> None:
        self.events.append(event)
        self.heard.append((len(self.network.log), event))
        if event.path.startswith("/5/0"):
            self._firmware(event)

    def _firmware(self, event: linnet.Event) -> None:
        state = self.value("/5/0/3")
        if event.kind is linnet.EventKind.EXECUTE and state == 3:
            self._after_a_while(self._install)
        elif event.kind is linnet.EventKind.WRITE and state == 1 and self.checking:
            self._after_a_while(lambda: self.client.end_firmware(self._download(event)))

    def _after_a_while(self, action: Callable[[], None]) -> None:
        if self.takes:
            self._later = (self.network.now + 1000 * self.takes, action)
        else:
            action()

    def _install(self) -> None:
        fails = self._installing == UNINSTALLABLE
        if not fails:
            self.client.device.firmware_version = NEW_VERSION
        self.client.end_firmware(8 if fails else 1)

    def _download(self, event: linnet.Event) -> int:
        image: Any = event.records[0].value
        if event.records[0].path == "/5/0/1":
            if image not in self.downloads:
                return 7
            image = self.downloads[image]
            if image is None:
                return 4
        result, self._installing = _verdict(image)
        return result
