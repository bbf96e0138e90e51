# SPDX-License-Identifier: Apache-2.0
"""A world with a server and a kitchen in it, which most tests need."""

from __future__ import annotations

from collections.abc import Iterator

import linnet
import pytest
from kitchen import SERVER, Scene, Temperature, make_client


@pytest.fixture
def world() -> linnet.World:
    return linnet.World(seed=1)


@pytest.fixture
def scene(world: linnet.World) -> Iterator[Scene]:
    server = linnet.Server(SERVER, world=world)
    client = make_client(world)
    sensor = client.add(Temperature())
    client.device.manufacturer = "ACME"
    client.start()
    client.wait_registered(timeout=10)
    world.settle()
    yield Scene(world, server, client, sensor)
    client.close()
    server.close()
