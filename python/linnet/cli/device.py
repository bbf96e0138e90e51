# SPDX-License-Identifier: Apache-2.0
"""The device that ``linnet client`` is: what it has, and what it measures."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import re
import urllib.parse
from pathlib import Path
from typing import Any

from ..aio import Client
from ..errors import StateError
from ..events import Event, EventKind
from ..model import Model
from ..standard import FirmwareResult, FirmwareState
from ..values import ObjectLink, ids_of, path_of
from .access import client_keys, keys_for
from .session import is_executable, set_verbosity, split_assignment, value_of
from .sms import sms_of

# Configuration C.6 of docs/spec/ets-configs.yaml: what a device without --object and --set has.
SERVER_RESOURCES: dict[int, Any] = {2: 1, 3: 10, 5: 86400}
SERVER_EXECUTABLES = (4,)
DEVICE_RESOURCES: dict[int, Any] = {
    0: "Open Mobile Alliance",
    1: "Lightweight M2M Client",
    2: "345000123",
    3: "1.0",
    6: {0: 1, 1: 2},
    7: {0: 0, 1: 0},
    8: {0: 0, 1: 0},
    9: 0,
    10: 15,
    14: "+01:00",
    15: "Europe/Berlin",
    17: "Conformance Device",
    18: "hw-1",
    19: "sw-1",
    20: 0,
    21: 64,
    22: {0: ObjectLink(65535, 65535)},
}
DEVICE_EXECUTABLES = (5, 12)
# What such a device measures, so that there is something to notify: voltages in mV, currents in mA.
MEASURED: dict[int, dict[int, int]] = {7: {0: 3800, 1: 5000}, 8: {0: 125, 1: 900}}
MEASURE_EVERY_S = 1.0
FIRMWARE_TAKES_S = 1.0


def make_client(options: argparse.Namespace) -> Client:
    """The client that the options describe."""
    keys = client_keys(options)
    client = Client(
        options.endpoint,
        options.server,
        lifetime=options.lifetime,
        binding=options.binding,
        local=options.local,
        models=tuple(options.models),
        sms=sms_of(options),
        server_number=options.server_number,
        **keys_for(options.server, keys),
    )
    try:
        if options.bootstrap is not None:
            client.add_bootstrap_server(options.bootstrap, **keys_for(options.bootstrap, keys))
        furnish(client, options)
        if options.gpsd is not None:
            client.follow_gpsd(options.gpsd)
        if options.store is not None:
            client.keep(store_of(options))
    except BaseException:
        client.close()
        raise
    set_verbosity(client, options.verbose)
    return client


def store_of(options: argparse.Namespace) -> Path:
    """The file of this endpoint in the folder of ``--store``."""
    folder = Path(options.store)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / (urllib.parse.quote(options.endpoint, safe="") + ".client")


async def measure(client: Client) -> None:
    """Moves what the device of configuration C.6 measures."""
    while True:
        await asyncio.sleep(MEASURE_EVERY_S)
        for id, values in MEASURED.items():
            for index, middle in values.items():
                client.set(f"/3/0/{id}/{index}", middle + random.randint(-middle // 100, middle // 100))


def is_plain(options: argparse.Namespace) -> bool:
    """True if nobody said what the device has: it is that of configuration C.6, then."""
    return not options.objects and not options.values


def furnish(client: Client, options: argparse.Namespace) -> None:
    """Gives the client its objects and values."""
    for what, count in options.objects:
        for object_id in objects_of(client.model, what):
            client.add_object(object_id, *range(count))
    for text in options.values:
        path, value = split_assignment(text)
        set_value(client, path, value)
    if not is_plain(options):
        return
    furnished: list[tuple[Any, dict[int, Any], tuple[int, ...]]] = [
        (client.device, DEVICE_RESOURCES, DEVICE_EXECUTABLES)
    ]
    if options.server is not None:
        furnished.append((client.instance(1), SERVER_RESOURCES, SERVER_EXECUTABLES))
    for instance, resources, executables in furnished:
        for id, value in resources.items():
            instance[id] = value
        for id in executables:
            instance.offer(id)
    client.describe()
    client.add_firmware()
    client.add_statistics()
    client.on(EventKind.WRITE, lambda event: check_firmware(client, event))
    client.on(EventKind.EXECUTE, lambda event: update_firmware(client, event))


async def check_firmware(client: Client, event: Event) -> None:
    """A package came, which is as good as any."""
    if event.path.startswith("/5/0") and client.firmware_state is FirmwareState.DOWNLOADING:
        await asyncio.sleep(FIRMWARE_TAKES_S)
        with contextlib.suppress(StateError):  # the server has thought better of it
            client.end_firmware(FirmwareResult.COMPLETE)


async def update_firmware(client: Client, event: Event) -> None:
    """Pretends to install it: the version moves on (FW-19)."""
    if event.path == "/5/0/2":
        await asyncio.sleep(FIRMWARE_TAKES_S)
        major, _, minor = str(client.get("/3/0/3")).partition(".")
        client.set("/3/0/3", f"{major}.{int(minor) + 1 if minor.isdigit() else 1}")
        with contextlib.suppress(StateError):
            client.end_firmware(FirmwareResult.UPDATED)


def objects_of(model: Model, what: str) -> list[int]:
    """The objects that ``--object`` names; a file brings its definitions along."""
    if what.isdigit() or (not os.path.exists(what) and what in model):
        return [model[what].id]
    model.load(what)
    return [int(found) for found in re.findall(rb"<ObjectID>\s*(\d+)", Path(what).read_bytes())]


def set_value(client: Client, path: str, text: str) -> None:
    """Gives a resource a value as it was typed; makes its instance if there is none."""
    path = client.model.path(path)
    ids = ids_of(path)
    if len(ids) >= 2 and path_of(*ids[:2]) not in client.instances():
        client.add_object(ids[0], ids[1])
    if is_executable(client.model, path):
        client.instance(ids[0], ids[1]).offer(ids[2])
    else:
        client.set(path, value_of(client.model, path, text))
