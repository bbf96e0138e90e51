# SPDX-License-Identifier: Apache-2.0
"""The kitchen: a client with a thermometer, and the server that it registers with."""

from __future__ import annotations

from dataclasses import dataclass

import linnet

SERVER = "coap://10.0.0.1:5683"


class Temperature(linnet.Object, id=3303):
    """What the examples of docs/api.md have, and more."""

    value = linnet.Resource(5700, float, "R", units="Cel", default=20.5)
    label = linnet.Resource(5750, str, "RW", default="kitchen wall")
    limits = linnet.Resource(5800, int, "RW", multiple=True, default={0: 1, 3: 5})

    def __init__(self, instance: int = 0, **values: object) -> None:
        super().__init__(instance, **values)
        self.executed: list[dict[int, str]] = []

    @linnet.executable(5605)
    def reset(self, args: dict[int, str]) -> None:
        self.executed.append(args)


@dataclass
class Scene:
    """A server and a registered client in a world."""

    world: linnet.World
    server: linnet.Server
    client: linnet.Client
    sensor: Temperature

    @property
    def device(self) -> linnet.Device:
        return self.server.device("kitchen")


def make_client(world: linnet.World, endpoint: str = "kitchen", lifetime: int = 300) -> linnet.Client:
    return linnet.Client(endpoint, server=SERVER, lifetime=lifetime, world=world)
