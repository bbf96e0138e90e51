# SPDX-License-Identifier: Apache-2.0
"""What runs a client or server on the loop of asyncio, and the events it brings."""

from __future__ import annotations

import asyncio
import inspect
import os
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from . import _core
from .errors import InvalidArgument, StateError
from .events import Event
from .role import BaseEventStream, BaseRole
from .runner import Runner, ScriptTransport
from .sim import PATIENCE, World, WorldRunner

__all__ = ["EventStream"]

S = TypeVar("S", bound="AsyncServer")


#: How often others have their turn before a world moves on.
_TURNS = 4
#: How often, and for how many real seconds, one looks whether something comes into a world that is still.
_STILL, _STILL_S = 50, 0.5


class _Condition:
    """What coroutines wait on. Any thread may notify it."""

    def __init__(self, runner: OnAsyncio) -> None:
        self._runner = runner
        self.waiting: list[asyncio.Future[None]] = []

    def notify_all(self) -> None:
        if self._runner.elsewhere:
            self._runner.soon(self.notify_all)
            return
        for future in self.waiting:
            if not future.done():
                future.set_result(None)


class OnAsyncio(Runner):
    """What runs on the running loop of asyncio: handlers and callbacks may be coroutines.

    Other threads may call what is not awaited: it is done there, and what follows from it on the loop.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._asyncio: asyncio.AbstractEventLoop | None = None
        self._thread = 0  # that of the loop
        self._tasks: set[asyncio.Future[Any]] = set()

    def start(self) -> None:
        if self._asyncio is None and not self.closed:
            self._asyncio = asyncio.get_running_loop()
            self._thread = threading.get_ident()
            self._begin_turns()

    def _begin_turns(self) -> None:
        self._turn()

    @property
    def elsewhere(self) -> bool:
        """True in another thread than that of the loop."""
        return self._asyncio is not None and threading.get_ident() != self._thread

    def soon(self, call: Callable[..., object], *arguments: Any) -> bool:
        """Calls this on the loop, from any thread; False: there is no loop, or not any more."""
        if self._asyncio is None:
            return False
        try:
            if self.elsewhere:
                self._asyncio.call_soon_threadsafe(call, *arguments)
            else:
                self._asyncio.call_soon(call, *arguments)
        except RuntimeError:  # it is closed
            return False
        return True

    def begin(self) -> None:
        """A server runs from its start, on the loop that runs then."""

    def condition(self) -> Any:
        return _Condition(self)

    async def until(self, condition: Any, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Waits until `ready()`; False after so many seconds, or when the runner is closed."""
        raise NotImplementedError

    def _check_loop(self) -> None:
        if self._asyncio not in (None, asyncio.get_running_loop()):
            raise StateError(
                "this belongs to another loop of asyncio: asyncio.run_coroutine_threadsafe awaits it there"
            )

    def later(self, callback: Callable[[], object]) -> None:
        self.soon(self._invoke, callback)

    def _invoke(self, callback: Callable[[], object]) -> None:
        try:
            result = callback()
        except Exception as error:
            self.fail("a callback failed", error)
            return
        if inspect.iscoroutine(result):
            self._keep(asyncio.ensure_future(result)).add_done_callback(self._check)

    def _keep(self, task: asyncio.Future[Any]) -> asyncio.Future[Any]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _check(self, task: asyncio.Future[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail("a callback failed", error)

    def future(self, answer: object) -> Any:
        if inspect.iscoroutine(answer):
            return self._keep(asyncio.ensure_future(answer))
        return super().future(answer)

    def _turn(self) -> None:
        with self:
            pass

    def _finish_turn(self) -> None:
        if self.elsewhere:
            self.soon(self._turn)
        else:
            self._finish_here()

    def _finish_here(self) -> None:
        raise NotImplementedError


class AsyncRunner(OnAsyncio):
    """Runs a client or server on real sockets; asyncio waits on the one descriptor of the driver."""

    def __init__(self) -> None:
        super().__init__(_core.Loop(os.urandom(32)))
        self._driver = _core.Driver(self.loop)
        self._transports: list[_core.Transport] = []

    def attach(self, transport: _core.Transport, local: str | None) -> None:
        self._driver.open(transport, local)
        self._transports.append(transport)

    def driver(self) -> _core.Driver:
        return self._driver

    def keep(self, transport: _core.Transport) -> None:
        self._transports.append(transport)

    def _begin_turns(self) -> None:
        assert self._asyncio is not None
        self._asyncio.add_reader(self._driver.descriptor(), self._turn)
        self._turn()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        if not (self.elsewhere or self.in_turn) or not self.soon(self._end):  # the driver may be at work
            self._end()

    def abandon(self) -> None:
        """Ends in the thread of asyncio, if that still runs."""
        if not self.soon(self.close):
            self.close()

    def _end(self) -> None:
        if self._asyncio is not None and not self._asyncio.is_closed():
            self._asyncio.remove_reader(self._driver.descriptor())
        for transport in self._transports:
            transport.close()
        self._driver.close()

    async def until(self, condition: Any, ready: Callable[[], bool], timeout: float | None) -> bool:
        self._check_loop()
        deadline = None if timeout is None else self.now() + timeout
        while not ready() and not self.closed:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            condition.waiting.append(future)
            try:
                await asyncio.wait_for(future, None if deadline is None else max(0.0, deadline - self.now()))
            except asyncio.TimeoutError:
                return ready()
            finally:
                condition.waiting.remove(future)
        return ready()

    def _finish_here(self) -> None:
        if self._asyncio is not None and not self.closed and not self._run_and_keep(self._driver.run):
            self.soon(self._turn)
        self._take_events()


class AsyncWorldRunner(OnAsyncio, WorldRunner):
    """Runs one in a simulated world, whose clock whoever waits moves on when nobody else has anything to do.

    What a coroutine waits for outside of the world, such as ``asyncio.sleep``, takes no virtual time, so that
    everything in the world may have timed out when it comes.
    """

    def _finish_here(self) -> None:
        WorldRunner._finish_turn(self)

    async def until(self, condition: Any, ready: Callable[[], bool], timeout: float | None) -> bool:
        self._check_loop()
        world, still = self.world, 0
        end = world.later(PATIENCE if timeout is None else timeout)
        while not ready() and not self.closed and world.later(0) < end and still < _STILL:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            if ready() or world.step(end):
                still = 0
            else:  # somebody may come from outside
                still += 1
                await asyncio.sleep(_STILL_S / _STILL)
        return ready()


def make_runner(world: World | None, transport: ScriptTransport | None, seed: bytes | None) -> Runner:
    """The runner that the arguments of a client or server ask for."""
    if transport is not None or seed is not None:
        raise InvalidArgument("a ScriptTransport is stepped by its script, not by asyncio")
    return AsyncRunner() if world is None else world.node(AsyncWorldRunner)


class EventStream(BaseEventStream):
    """Events as they come: an asynchronous iterator, with ``await next(timeout=...)``."""

    def __init__(self, runner: OnAsyncio, streams: list[Any]) -> None:
        super().__init__(runner, streams)
        self._runner = runner

    async def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None after `timeout` seconds, or when no more can come."""
        await self._runner.until(self._condition, self._ready, timeout)
        return self._take()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        event = await self.next()
        if event is None:
            raise StopAsyncIteration
        return event


class AsyncRole(BaseRole):
    """What clients and servers on asyncio have in common."""

    _runner: OnAsyncio
    _make_runner = staticmethod(make_runner)

    def events(self) -> EventStream:
        """The events from now on."""
        return EventStream(self._runner, self._streams)


class AsyncServer(AsyncRole):
    """What a server and a bootstrap server on asyncio have in common: they run until they are closed."""

    def start(self) -> None:
        """Begins to serve on the running loop."""
        self._runner.start()

    async def wait(self) -> None:
        """Waits until the server is closed."""
        await self._runner.until(self._changed, lambda: self.closed, None)

    async def __aenter__(self: S) -> S:
        self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
