# SPDX-License-Identifier: Apache-2.0
"""The same names for asyncio: ``linnet.aio.Client``, ``linnet.aio.Server``.

The loop of asyncio waits on the one descriptor of the driver; there is no thread. Handlers, and callbacks of
events, may be coroutines::

    async with linnet.aio.Server("coap://0.0.0.0") as server:
        device = await server.wait_for("kitchen")
        async for note in device.observe("/3303/0/5700"):
            print(note.value)

Other threads may call what is not awaited, such as ``sensor.value = 21.5`` or ``client.close()``: the loop
hears of it.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .aio_runner import AsyncRole, AsyncServer, EventStream, OnAsyncio
from .bootstrap import BaseBootstrapServer
from .calls import Arguments, Call, Link, Payload, timed_out
from .client import BaseClient
from .devices import BaseDevice
from .errors import NotFound, StateError, TimeoutError
from .events import Event, EventKind, Notification
from .role import QUEUE_LIMIT
from .server import BaseServer, Format, Sink
from .values import Record

R = TypeVar("R")

__all__ = ["BootstrapServer", "Client", "Device", "EventStream", "Observation", "Server"]


class Client(AsyncRole, BaseClient):
    """An LwM2M client on asyncio; see :class:`linnet.Client` for the arguments::

    async with linnet.aio.Client("kitchen", server="coap://localhost") as client:
        await client.wait_registered(10)
    """

    _runner: OnAsyncio

    def start(self) -> None:
        """Registers, and keeps registered. :meth:`wait_registered` waits for it."""
        self._runner.start()
        self._start_registering()

    async def wait_registered(self, timeout: float | None = None) -> None:
        """Waits until every server has the registration. TimeoutError says why not."""
        if not await self._runner.until(self._changed, lambda: self.registered, timeout):
            raise self._not_registered(timeout)

    async def wait(self) -> None:
        """Waits until the client is closed. Starts it if need be."""
        if self.state() == "idle":
            self.start()
        await self._runner.until(self._changed, lambda: self.closed, None)

    async def stop(self, timeout: float = 3.0) -> None:
        """Says goodbye to the servers, waiting so long for their answer, and ends."""
        if not self.closed and self.state() != "idle":
            with contextlib.suppress(StateError):  # there was nothing to say goodbye to
                await self._runner.until(self._changed, self._settled, timeout)
                self.deregister()
                await self._runner.until(self._changed, lambda: self.state() == "idle", timeout)
        self.close()

    async def __aenter__(self) -> Client:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


class Device(BaseDevice):
    """A device, to ask things of; the methods of :class:`linnet.Device`, to be awaited."""

    def __init__(self, server: Server, endpoint: str) -> None:
        super().__init__(server, endpoint)
        self._server = server

    async def read(self, path: str, *, format: Format = None, timeout: float | None = None) -> Any:
        """Reads a resource, an instance or an object."""
        return await self._wait(self._server._calls.read(path, format), timeout)

    async def read_records(
        self, path: str, *, format: Format = None, timeout: float | None = None
    ) -> tuple[Record, ...]:
        """Reads, and gives the records as they came, with their types."""
        return await self._wait(self._server._calls.read_records(path, format), timeout)

    async def write(
        self,
        path: str,
        value: Payload,
        *,
        replace: bool = False,
        format: Format = None,
        timeout: float | None = None,
    ) -> None:
        """Writes a resource, or ``{resource: value}`` to an instance, updated unless `replace` is true."""
        await self._wait(self._server._calls.write(path, value, replace, format), timeout)

    async def execute(self, path: str, arguments: Arguments = None, *, timeout: float | None = None) -> None:
        """Executes a resource."""
        await self._wait(self._server._calls.execute(path, arguments), timeout)

    async def create(
        self,
        path: str,
        values: Mapping[Any, Any] | None = None,
        *,
        format: Format = None,
        timeout: float | None = None,
    ) -> str:
        """Creates an instance. Returns its path."""
        return await self._wait(self._server._calls.create(path, values, format), timeout)

    async def delete(self, path: str, *, timeout: float | None = None) -> None:
        """Deletes an instance."""
        await self._wait(self._server._calls.delete(path), timeout)

    async def discover(self, path: str, *, timeout: float | None = None) -> list[Link]:
        """What there is at or below a path, with its attributes."""
        root = self._server._core.root(self.registration)
        return await self._wait(self._server._calls.discover(path, root), timeout)

    async def write_attributes(
        self, path: str, *, timeout: float | None = None, **attributes: int | float | str | None
    ) -> None:
        """Sets when to notify: pmin, pmax, gt, lt, st; None takes one away."""
        await self._wait(self._server._calls.attributes(path, attributes), timeout)

    def observe(
        self,
        path: str,
        *,
        format: Format = None,
        timeout: float | None = None,
        keep: bool = False,
        **attributes: int | float | str | None,
    ) -> Observation:
        """An observation; it begins with ``async for``, ``async with`` or ``await observation.start()``.

        With `keep` it begins again whenever the device registers.
        """
        call = self._via(self._server._calls.observe(path, format))
        return Observation(self._server, self, path, call, timeout, attributes, keep)

    async def trigger(self, *, timeout: float | None = None) -> None:
        """Asks by SMS for an Update, which comes over what the device is registered over (/1/x/8)."""
        await self.over("sms").execute(self._trigger_path(), timeout=timeout)

    async def _wait(self, call: Call[R], timeout: float | None) -> R:
        return await self._server._call(self.endpoint, self._via(call), timeout)


class Observation(Sink):
    """Notifications of one path: an asynchronous iterator, the first value included."""

    def __init__(
        self,
        server: Server,
        device: Device,
        path: str,
        call: Call[Notification],
        timeout: float | None,
        attributes: Mapping[str, int | float | str | None],
        keep: bool,
    ) -> None:
        self._server, self.device, self.path, self._keep = server, device, call.path, keep
        self._call, self._timeout, self._attributes = call, timeout, attributes
        self.number = 0
        #: The value when the observation began.
        self.first = Notification(self.path, ())
        #: Why it ended: an Event, or None while it goes on.
        self.ended: Event | None = None
        self._condition = server._runner.condition()
        self._waiting: deque[Notification] = deque(maxlen=QUEUE_LIMIT)

    async def start(self) -> Observation:
        """Writes the attributes, asks for the first value, and goes on from there."""
        if self.number == 0:
            if self._attributes:
                await self.device.write_attributes(self.path, timeout=self._timeout, **self._attributes)
            await self._server._observe(self, self._call, self._timeout)
            if self._keep:
                self.keep()
        return self

    def keep(self) -> None:
        """From now on it begins again whenever the device registers."""
        with self._server._runner:
            self._server._core.keep_observation(self.number)

    def notify(self, event: Event) -> None:
        """One more value."""
        self._waiting.append(Notification(self.path, event.records))
        self._condition.notify_all()

    def end(self, event: Event) -> None:
        """No more will come."""
        self.ended = event
        self._condition.notify_all()

    async def next(self, timeout: float | None = None) -> Notification:
        """The next notification. TimeoutError after so long; StopAsyncIteration when no more can come."""
        await self.start()
        ready = lambda: bool(self._waiting) or self.ended is not None  # noqa: E731
        await self._server._runner.until(self._condition, ready, timeout)
        if self._waiting:
            return self._waiting.popleft()
        if self.ended is not None or self._server.closed:
            raise StopAsyncIteration
        raise TimeoutError(
            f"observe {self.path} of {self.device.endpoint}: nothing within {timeout or 0:g} s"
        )

    async def cancel(self, timeout: float | None = None) -> None:
        """Tells the device that nothing more is wanted, and waits for its answer."""
        if self.ended is not None or self.number == 0:
            return
        if self.device.registered:
            await self._server._cancel_and_wait(self, timeout)
        else:
            self._server._drop(self)

    def forget(self) -> None:
        """Ends it here. The device is told by a Reset, when it notifies next."""
        if self.ended is None and self.number != 0:
            self._server._drop(self)

    def __aiter__(self) -> Observation:
        return self

    async def __anext__(self) -> Notification:
        return await self.next()

    async def __aenter__(self) -> Observation:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        if not self._server.closed:
            await self.cancel()


class Server(AsyncServer, BaseServer[Device]):
    """An LwM2M server on asyncio; see :class:`linnet.Server` for the arguments.

    It runs from ``async with``, or from :meth:`start`.
    """

    def _make_device(self, endpoint: str) -> Device:
        return Device(self, endpoint)

    async def wait_for(self, endpoint: str, timeout: float | None = None) -> Device:
        """Waits until a device is registered."""
        if not await self._runner.until(self._changed, lambda: endpoint in self.registrations, timeout):
            raise self._did_not_come(endpoint, timeout)
        return self.device(endpoint)

    async def _call(self, endpoint: str, call: Call[R], timeout: float | None) -> R:
        return call.finish(endpoint, await self._respond(endpoint, call, timeout))

    async def _respond(self, endpoint: str, call: Call[Any], timeout: float | None) -> Event:
        """The response as it came, whatever it says."""
        event = await self._ask(lambda respond: self._send(endpoint, call, respond), timeout)
        if event is None:
            raise timed_out(call, endpoint, timeout)
        return event

    async def _ask(
        self, send: Callable[[Callable[[Event], None]], int], timeout: float | None
    ) -> Event | None:
        """Sends and waits for the response; None: it did not come in time and is forgotten."""
        condition = self._runner.condition()
        answers: list[Event] = []

        def respond(event: Event) -> None:
            answers.append(event)
            condition.notify_all()

        with self._runner:
            number = send(respond)
        try:
            await self._runner.until(condition, lambda: bool(answers), timeout)
        finally:
            if not answers:
                self._forget(number)
        return answers[0] if answers else None

    async def _observe(
        self, observation: Observation, call: Call[Notification], timeout: float | None
    ) -> None:
        endpoint = observation.device.endpoint

        def send(respond: Callable[[Event], None]) -> int:
            observation.number = self._send(endpoint, call, respond)
            self._sinks[observation.number] = observation
            return observation.number

        event = await self._ask(send, timeout)
        if event is None:
            raise timed_out(call, endpoint, timeout)
        try:
            observation.first = call.finish(endpoint, event)
        except Exception:
            self._sinks.pop(observation.number, None)
            raise
        observation._waiting.appendleft(observation.first)

    async def _cancel_and_wait(self, observation: Observation, timeout: float | None) -> None:
        observation.ended = Event(EventKind.OBSERVATION_ENDED, path=observation.path)
        try:
            event = await self._ask(lambda respond: self._cancel(observation.number, respond), timeout)
        except NotFound:
            return  # it ended in the meantime
        finally:
            self._sinks.pop(observation.number, None)
            observation._condition.notify_all()
        if event is None:
            raise TimeoutError(f"cancel {observation.path} of {observation.device.endpoint}: no answer")


class BootstrapServer(AsyncServer, BaseBootstrapServer):
    """A bootstrap server on asyncio; see :class:`linnet.BootstrapServer` for the arguments.

    It runs from ``async with``, or from :meth:`start`. What chooses configurations may be a coroutine.
    """

    async def wait_for(self, endpoint: str, timeout: float | None = None) -> Event:
        """Waits until a device has been bootstrapped. TimeoutError says why it was not."""
        if not await self._runner.until(self._changed, lambda: self._done(endpoint), timeout):
            raise self._not_done(endpoint, timeout)
        return self._endings[endpoint]
