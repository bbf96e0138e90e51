#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that waits for one device, looks at it, and follows its temperature for three values.

python3 reader.py [coap://0.0.0.0:5683] [kitchen]
"""

from __future__ import annotations

import sys

import linnet


def main() -> None:
    listen = sys.argv[1] if len(sys.argv) > 1 else "coap://0.0.0.0:5683"
    endpoint = sys.argv[2] if len(sys.argv) > 2 else "kitchen"
    with linnet.Server(listen) as server:
        print("listening on", *server.listen, flush=True)
        device = server.wait_for(endpoint)
        for path, value in device.read("/3/0").items():
            print(path, value)
        device.write("/3303/0/5750", "oven")
        device.execute("/3303/0/5605", {0: "now"})
        print("the thermometer is called", device.read("/3303/0/5750"))
        with device.observe("/3303/0/5700", pmin=0, pmax=1) as notes:
            for _, note in zip(range(3), notes):
                print("it is", note.value, "Cel", flush=True)


if __name__ == "__main__":
    main()
