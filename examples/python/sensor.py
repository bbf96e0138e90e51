#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A device with a thermometer. Registers with the server and answers until Ctrl-C.

python3 sensor.py [coap://localhost:5683] [kitchen]
"""

from __future__ import annotations

import random
import sys

import linnet


class Temperature(linnet.Object, id=3303):
    """An IPSO thermometer: measured when read, its label written by the server."""

    value = linnet.Resource(5700, float, "R", units="Cel")
    label = linnet.Resource(5750, str, "RW", default="kitchen wall")
    lowest = linnet.Resource(5601, float, "R", units="Cel", default=20.0)

    @value.reader
    def _measure(self) -> float:
        celsius = 20 + random.random()
        self.lowest = min(self.lowest, celsius)
        return celsius

    @linnet.executable(5605)
    def reset(self, args: dict[int, str]) -> None:
        print("the server resets the lowest value", args)
        self.lowest = 20 + random.random()


def main() -> None:
    uri = sys.argv[1] if len(sys.argv) > 1 else "coap://localhost:5683"
    endpoint = sys.argv[2] if len(sys.argv) > 2 else "kitchen"
    client = linnet.Client(endpoint, server=uri, lifetime=300)
    client.device.manufacturer = "ACME"
    sensor = client.add(Temperature(instance=0))
    client.on("registered", lambda event: print("registered", flush=True))
    with client:
        while not client.closed:
            client.wait(1)  # Ctrl-C ends it, and says goodbye to the server
            if not client.closed:
                sensor.notify("value")  # what it computes has changed: tell observers


if __name__ == "__main__":
    main()
