# SPDX-License-Identifier: Apache-2.0
"""Clients and servers of asyncio in a simulated world: hours in milliseconds, with coroutines as handlers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import linnet
import linnet.aio
import pytest
from kitchen import SERVER, Temperature

BOOTSTRAP = "coap://10.0.0.2:5683"


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(main, 60))


class Slow(linnet.Object, id=3304):
    value = linnet.Resource(5700, float, "R")

    @value.reader
    async def _(self) -> float:
        for _ in range(3):
            await asyncio.sleep(0)
        return 17.5


def test_a_day_with_a_device_takes_no_time(world: linnet.World) -> None:
    async def main() -> None:
        async with linnet.aio.Server(SERVER, world=world) as server:
            client = linnet.aio.Client("kitchen", SERVER, lifetime=300, world=world)
            sensor = client.add(Temperature())
            client.add(Slow())
            async with client:
                device = await server.wait_for("kitchen")
                assert await device.read("/3303/0/5750") == "kitchen wall"
                assert await device.read("/3304/0/5700") == 17.5
                values = []
                async with device.observe("/3303/0/5700", pmin=3600) as observation:
                    for number in range(3):
                        sensor.value = 30.0 + number
                        values.append((await observation.next()).value)
                assert values[0] == 20.5 or values[0] == 30.0
                assert values[-1] == 32.0
                assert world.now > 3600
                world.link(client).down()
                gone = server.events()
                while (event := await gone.next(timeout=3600)) is not None and event.kind != "expired":
                    pass
                assert event is not None
                assert not server.registrations
                world.link(client).up()
                await server.wait_for("kitchen", timeout=3600)
            assert not server.registrations

    began = time.monotonic()
    run(main())
    assert time.monotonic() - began < 20
    assert world.now > 3900


@pytest.mark.parametrize("nstart", [1, 3])
def test_so_many_requests_to_a_device_are_on_their_way(world: linnet.World, nstart: int) -> None:  # CO-34
    async def main() -> None:
        async with (
            linnet.aio.Server(SERVER, world=world, nstart=nstart) as server,
            linnet.aio.Client("kitchen", SERVER, world=world) as client,
        ):
            await client.wait_registered(60)
            world.link(client).set(delay_ms=500)
            traffic = world.record()
            paths = ["/3/0/16", "/3/0/11", "/1/0/1", "/1/0/7", "/1/0/0", "/3/0/16", "/1/0/6"]
            await asyncio.gather(*(server.device("kitchen").read(path) for path in paths))
            asked = [sent for sent in traffic if sent.message is not None and sent.message.code == "0.01"]
            assert [sent.message.path for sent in asked if sent.message is not None] == paths
            times = [sent.ms for sent in asked]
            # So many at once, and one more with each answer, a second later.
            assert [time - times[0] for time in times] == [1000 * (i // nstart) for i in range(len(paths))]

    run(main())


@pytest.mark.parametrize("nstart", [0, 257, True, "2"])
def test_nstart_is_a_number(world: linnet.World, nstart: Any) -> None:
    with pytest.raises(ValueError, match="nstart is a whole number from 1 to 256"):
        linnet.Server(SERVER, world=world, nstart=nstart)


def test_many_ask_at_once_and_some_change_their_mind(world: linnet.World) -> None:
    async def main() -> None:
        async with (
            linnet.aio.Server(SERVER, world=world) as server,
            linnet.aio.Client("kitchen", SERVER, world=world) as client,
        ):
            await client.wait_registered(60)
            device = server.device("kitchen")
            tasks = [asyncio.ensure_future(device.read("/3/0/16")) for _ in range(10)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            answers = await asyncio.gather(*tasks, return_exceptions=True)
            assert [answer for answer in answers if answer == "U"] == ["U"] * 5
            assert sum(isinstance(answer, asyncio.CancelledError) for answer in answers) == 5
            assert await device.read("/3/0/16") == "U"

    run(main())


def test_callbacks_may_be_coroutines_that_ask(world: linnet.World) -> None:
    read = []

    async def main() -> None:
        async with linnet.aio.Server(SERVER, world=world) as server:

            @server.on("registered")
            async def hello(device: linnet.aio.Device, event: linnet.Event) -> None:
                read.append(await device.read("/3/0/16"))

            async with linnet.aio.Client("kitchen", SERVER, world=world) as client:
                await client.wait_registered(60)
                assert await server.device("kitchen").read("/1/0/0") == 1
                await server.device("kitchen").read("/1/0/0")
                assert read == ["U"]

    run(main())


def test_what_does_not_come_is_told(world: linnet.World) -> None:
    async def main() -> None:
        async with linnet.aio.Server(SERVER, world=world) as server:
            with pytest.raises(linnet.TimeoutError, match="waited 60 s for 'kitchen' to register"):
                await server.wait_for("kitchen", timeout=60)
            client = linnet.aio.Client("kitchen", "coap://10.9.9.9", world=world)
            client.start()
            with pytest.raises(linnet.TimeoutError, match="waited 300 s for 'kitchen' to be registered"):
                await client.wait_registered(300)
            assert world.now >= 300
            await client.stop()
        with pytest.raises(linnet.Closed):
            await server.wait_for("kitchen")

    run(main())


def test_bootstrap_too(world: linnet.World) -> None:
    account = linnet.Configuration(servers=[linnet.ServerAccount(SERVER, lifetime=300)])

    async def main() -> None:
        async with (
            linnet.aio.Server(SERVER, world=world) as server,
            linnet.aio.BootstrapServer(
                "coap://10.0.0.2:5683", {"kitchen": account}, world=world
            ) as bootstrap,
        ):
            client = linnet.aio.Client("kitchen", world=world)
            client.add_bootstrap_server(BOOTSTRAP)
            async with client:
                await bootstrap.wait_for("kitchen", 60)
                assert (await server.wait_for("kitchen", 60)).lifetime == 300

    run(main())


def test_a_script_transport_is_not_for_asyncio() -> None:
    with pytest.raises(linnet.InvalidArgument, match="ScriptTransport"):
        linnet.aio.Client("kitchen", transport=linnet.ScriptTransport(print))
