# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: SIM117 (a server, and inside it a client)
"""Clients and servers on real sockets, with threads and with asyncio. Nothing sleeps; waits have limits."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import signal
import socket
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import linnet
import pytest
from kitchen import Temperature

PATIENCE = 20.0


@pytest.fixture
def server() -> Iterator[linnet.Server]:
    with linnet.Server("coap://127.0.0.1:0", timeout=PATIENCE) as server:
        yield server


@pytest.fixture
def client(server: linnet.Server) -> Iterator[linnet.Client]:
    with linnet.Client("kitchen", server=server.listen[0], lifetime=300) as client:
        client.device.manufacturer = "ACME"
        client.wait_registered(PATIENCE)
        yield client


@pytest.fixture
def device(server: linnet.Server, client: linnet.Client) -> linnet.Device:
    return server.wait_for("kitchen", PATIENCE)


def test_a_device_is_read_written_and_observed(device: linnet.Device, client: linnet.Client) -> None:
    sensor = client.add(Temperature())
    assert device.read("/3303/0/5700") == 20.5
    device.write("/3303/0/5750", "oven")
    assert sensor.label == "oven"
    device.execute("/3303/0/5605", {0: "now"})
    assert sensor.executed == [{0: "now"}]
    with device.observe("/3303/0/5750") as observation:
        assert observation.next(PATIENCE).value == "oven"
        sensor.label = "sink"
        assert observation.next(PATIENCE).value == "sink"
    with pytest.raises(linnet.ResponseError, match=r"4\.04"):
        device.read("/3303/7")


def test_port_0_picks_a_port_and_tells(server: linnet.Server) -> None:
    assert server.listen[0].startswith("coap://127.0.0.1:")
    assert not server.listen[0].endswith(":0")


def test_a_server_listens_in_several_places() -> None:
    uris = ["coap://127.0.0.1:0", "coap://127.0.0.1:0"]
    with linnet.Server(uris) as server:
        assert len(set(server.listen)) == 2
        for number, uri in enumerate(server.listen):
            client = linnet.Client(f"device-{number}", server=uri)
            client.start()
            server.wait_for(f"device-{number}", PATIENCE)
            client.stop()


def test_a_port_in_use_is_told_in_one_line(server: linnet.Server) -> None:
    with pytest.raises(OSError, match=r"cannot listen on 127\.0\.0\.1:\d+: address already in use") as caught:
        linnet.Server(server.listen[0])
    assert isinstance(caught.value, linnet.SystemFailure)


def test_a_uri_of_another_scheme_is_refused() -> None:
    with pytest.raises(linnet.InvalidArgument, match="coap://"):
        linnet.Client("kitchen", server="http://127.0.0.1")


def test_many_threads_use_one_server(device: linnet.Device, client: linnet.Client) -> None:
    client.add(Temperature())

    def work(number: int) -> int:
        for _ in range(50):
            assert device.read("/3303/0/5700", timeout=PATIENCE) == 20.5
        return number

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(work, range(8))) == list(range(8))


def test_a_handler_runs_in_the_background_and_may_answer_later(
    device: linnet.Device, client: linnet.Client
) -> None:
    pool = concurrent.futures.ThreadPoolExecutor(1)
    asked = threading.Event()

    @client.device.reader("memory_free")
    def free() -> Any:
        asked.set()
        return pool.submit(lambda: 42)

    assert device.read("/3/0/10") == 42
    assert asked.is_set()
    pool.shutdown()


def test_a_callback_may_read_the_device_that_came(server: linnet.Server) -> None:
    read: concurrent.futures.Future[Any] = concurrent.futures.Future()

    @server.on("registered")
    def registered(device: linnet.Device, event: linnet.Event) -> None:
        read.set_result(device.read("/3/0/11"))

    with linnet.Client("kitchen", server=server.listen[0]):
        assert read.result(PATIENCE) == {0: 0}


def test_a_server_closed_in_another_thread_wakes_who_waits(server: linnet.Server) -> None:
    # A device that registered and then says nothing.
    peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    peer.settimeout(PATIENCE)
    host, port = server.listen[0].removeprefix("coap://").split(":")
    payload = b"\x40\x02\x00\x01\xb2rd\x11\x28\x39ep=silent\x05lt=60\x09lwm2m=1.0\xff</1/0>,</3/0>"
    peer.sendto(payload, (host, int(port)))
    assert peer.recv(1500)[1] == 0x41  # 2.01
    device = server.wait_for("silent", PATIENCE)
    asked = threading.Event()

    def read() -> None:
        asked.set()
        device.read("/3/0/0")

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(read)
        assert asked.wait(PATIENCE)
        peer.recv(1500)  # the request is on its way
        server.close()
        with pytest.raises(linnet.Closed):
            waiting.result(PATIENCE)
    peer.close()


def test_wait_returns_when_the_client_is_closed(client: linnet.Client) -> None:
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.wait)
        client.close()
        waiting.result(PATIENCE)


def test_closing_leaves_no_thread_and_no_descriptor_behind() -> None:
    import os

    def once() -> None:
        with (
            linnet.Server("coap://127.0.0.1:0") as server,
            linnet.Client("kitchen", server=server.listen[0]) as client,
        ):
            client.wait_registered(PATIENCE)

    once()
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        once()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before
    assert not [thread for thread in threading.enumerate() if thread.name == "linnet"]


def test_a_forgotten_client_ends(server: linnet.Server) -> None:
    client = linnet.Client("kitchen", server=server.listen[0])
    client.start()
    client.wait_registered(PATIENCE)
    runner = client._runner
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None
    assert runner.closed


def test_ipv6_and_ipv4_reach_a_server_on_every_address() -> None:
    try:
        server = linnet.Server("coap://[::]:0")
    except OSError:
        pytest.skip("a machine without IPv6")
    port = server.listen[0].rsplit(":", 1)[1]
    with server:
        for number, host in enumerate(("127.0.0.1", "[::1]", "localhost")):
            with linnet.Client(f"device-{number}", server=f"coap://{host}:{port}") as client:
                client.wait_registered(PATIENCE)


def test_a_handler_may_close_its_client(server: linnet.Server) -> None:
    client = linnet.Client("kitchen", server=server.listen[0])
    closed = threading.Event()

    @client.device.executable("reboot")
    def reboot() -> None:
        client.close()
        closed.set()

    client.start()
    device = server.wait_for("kitchen", PATIENCE)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        asking = pool.submit(device.execute, "/3/0/4")
        assert closed.wait(PATIENCE)
        server.close()  # the answer will never come
        with pytest.raises(linnet.Error):
            asking.result(PATIENCE)
    assert client.closed


def test_a_callback_may_close_its_server(server: linnet.Server) -> None:
    closed = threading.Event()

    @server.on("registered")
    def registered(device: linnet.Device, event: linnet.Event) -> None:
        server.close()
        closed.set()

    client = linnet.Client("kitchen", server=server.listen[0])
    client.start()
    assert closed.wait(PATIENCE)
    server.wait(PATIENCE)
    client.close()


def test_an_observation_is_cancelled_elsewhere(device: linnet.Device, client: linnet.Client) -> None:
    observation = device.observe("/3/0/0")
    taken = threading.Event()

    def take() -> list[Any]:
        values = []
        for note in observation:
            values.append(note.value)
            taken.set()
        return values

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        taking = pool.submit(take)
        assert taken.wait(PATIENCE)
        observation.cancel(PATIENCE)
        assert taking.result(PATIENCE) == ["ACME"]


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C as on a terminal; a process that a shell has put into the background is born deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_the_wait_and_deregisters(server: linnet.Server) -> None:
    client = linnet.Client("kitchen", server=server.listen[0])
    main = threading.main_thread().ident
    assert main is not None
    client.on("registered", lambda event: signal.pthread_kill(main, signal.SIGINT))
    client.wait()
    assert client.closed
    assert "kitchen" not in server.registrations
    assert [thread.name for thread in threading.enumerate()].count("linnet") == 1  # that of the server


# ---- asyncio


def run(coroutine: Any) -> Any:
    async def limited() -> Any:
        return await asyncio.wait_for(coroutine, PATIENCE * 2)

    return asyncio.run(limited())


def test_asyncio_has_the_same_names() -> None:
    async def main() -> None:
        async with linnet.aio.Server("coap://127.0.0.1:0", timeout=PATIENCE) as server:
            client = linnet.aio.Client("kitchen", server=server.listen[0], lifetime=300)
            client.device.manufacturer = "ACME"
            sensor = client.add(Temperature())
            async with client:
                device = await server.wait_for("kitchen", PATIENCE)
                assert await device.read("/3/0/0") == "ACME"
                await device.write("/3303/0/5750", "oven")
                assert sensor.label == "oven"
                await device.execute("/3303/0/5605", {0: "now"})
                assert sensor.executed == [{0: "now"}]
                assert "/3303/0" in [link.path for link in await device.discover("/3303")]
                with pytest.raises(linnet.ResponseError, match=r"read /9 of kitchen: 4\.04 Not Found"):
                    await device.read("/9")
                seen = []
                async for note in device.observe("/3303/0/5750"):
                    seen.append(note.value)
                    if len(seen) == 3:
                        break
                    sensor.label = f"label {len(seen)}"
                assert seen == ["oven", "label 1", "label 2"]
                async with device.observe("/3303/0/5750", pmin=0, pmax=60) as observation:
                    assert (await observation.next(PATIENCE)).value == "label 2"
            assert "kitchen" not in server.registrations

    run(main())


def test_asyncio_runs_many_requests_at_once() -> None:
    async def main() -> None:
        async with linnet.aio.Server("coap://127.0.0.1:0", timeout=PATIENCE) as server:
            clients = [linnet.aio.Client(f"device-{number}", server=server.listen[0]) for number in range(10)]
            for client in clients:
                client.start()
            devices = [await server.wait_for(client.endpoint, PATIENCE) for client in clients]
            values = await asyncio.gather(*(device.read("/3/0/11") for device in devices for _ in range(10)))
            assert values == [{0: 0}] * 100
            await asyncio.gather(*(client.stop() for client in clients))
            assert not server.registrations

    run(main())


def test_asyncio_handlers_and_callbacks_may_be_coroutines() -> None:
    async def main() -> None:
        async with linnet.aio.Server("coap://127.0.0.1:0", timeout=PATIENCE) as server:
            read: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

            @server.on("registered")
            async def registered(device: linnet.aio.Device, event: linnet.Event) -> None:
                read.set_result(await device.read("/3/0/10"))

            async with linnet.aio.Client("kitchen", server=server.listen[0]) as client:
                gate = asyncio.Event()

                @client.device.reader("memory_free")
                async def free() -> int:
                    await gate.wait()
                    return 42

                @client.on("registered")
                def open_gate(event: linnet.Event) -> None:
                    gate.set()

                assert await read == 42

    run(main())


def test_asyncio_time_outs_and_cancellation_forget_the_request() -> None:
    async def main() -> None:
        async with linnet.aio.Server("coap://127.0.0.1:0") as server:
            async with linnet.aio.Client("kitchen", server=server.listen[0]) as client:
                device = await server.wait_for("kitchen", PATIENCE)
                never: asyncio.Future[int] = asyncio.get_running_loop().create_future()
                client.device.reader("memory_free")(lambda: never)
                with pytest.raises(
                    linnet.TimeoutError, match=r"read /3/0/10 of kitchen: no answer within 0\.05 s"
                ):
                    await device.read("/3/0/10", timeout=0.05)
                task = asyncio.ensure_future(device.read("/3/0/10"))
                await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                assert not server._pending
                never.cancel()

    run(main())


def test_asyncio_events_are_an_asynchronous_iterator() -> None:
    async def main() -> None:
        async with linnet.aio.Server("coap://127.0.0.1:0") as server:
            events = server.events()
            async with linnet.aio.Client("kitchen", server=server.listen[0]):
                event = await events.next(PATIENCE)
                assert event is not None
                assert (event.kind, event.endpoint) == ("registered", "kitchen")
            async for event in events:
                assert event.kind == "deregistered"
                events.close()

    run(main())


def test_asyncio_hears_of_calls_made_in_other_threads() -> None:
    """A sensor's thread sets values, another one closes: the loop hears of it, and does the rest."""

    async def main() -> None:
        here, threads = threading.get_ident(), []
        async with linnet.aio.Server("coap://127.0.0.1:0", timeout=PATIENCE) as server:
            client = linnet.aio.Client("kitchen", server=server.listen[0])
            sensor = client.add(Temperature())
            client.start()
            device = await server.wait_for("kitchen", PATIENCE)
            server.on("notify", lambda device, event: threads.append(threading.get_ident()))
            observation = device.observe("/3303/0/5750")
            assert (await observation.next(PATIENCE)).value == "kitchen wall"
            for label in ("oven", "fridge"):
                thread = threading.Thread(target=setattr, args=(sensor, "label", label))
                thread.start()  # and nothing but the value wakes the loop
                assert (await observation.next(PATIENCE)).value == label
                thread.join()
            assert threads == [here, here]
            ended = asyncio.ensure_future(client.wait())
            thread = threading.Thread(target=client.close)
            await asyncio.sleep(0)
            thread.start()
            await asyncio.wait_for(ended, PATIENCE)
            thread.join()
            assert client.closed
            limited = asyncio.wait_for(server.wait(), PATIENCE)
            with pytest.raises(linnet.StateError, match="another loop of asyncio"):
                await asyncio.to_thread(asyncio.run, limited)

    run(main())
