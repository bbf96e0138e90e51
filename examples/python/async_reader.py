#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same server for asyncio: greets every device that registers, and ends after the first.

python3 async_reader.py [coap://0.0.0.0:5683] [kitchen]
"""

from __future__ import annotations

import asyncio
import sys

import linnet.aio


async def main() -> None:
    listen = sys.argv[1] if len(sys.argv) > 1 else "coap://0.0.0.0:5683"
    endpoint = sys.argv[2] if len(sys.argv) > 2 else "kitchen"
    async with linnet.aio.Server(listen) as server:
        print("listening on", *server.listen, flush=True)
        device = await server.wait_for(endpoint)
        print("manufacturer", await device.read("/3/0/0"))
        print("links", [str(link.path) for link in await device.discover("/3")])


if __name__ == "__main__":
    asyncio.run(main())
