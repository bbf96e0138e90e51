# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: D102 (what the runners override is described in Runner)
"""What runs a client or server: a thread on real sockets, a simulated world, or the script itself.

A role (:class:`Role`) has one loop of the C library and one runner. Whoever calls into the loop takes a
*turn* (``with runner:``); at the end of the outermost turn what is due is done and events go to the role.
Handlers of questions are called in the middle of that, under the lock. Callbacks of events are called
afterwards, without the lock, by the runner alone and in order, so they may block.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from . import _core
from .errors import Error, StateError
from .events import Event, EventKind, event_of

log = logging.getLogger("linnet")
# How often one turn stores, so that a flood of datagrams cannot keep it for ever.
STORE_ROUNDS = 8
# How many remarks are kept, for the words of an error.
REMARKS = 8

_LEVELS = {
    _core.LOG_ERROR: logging.ERROR,
    _core.LOG_WARNING: logging.WARNING,
    _core.LOG_INFO: logging.INFO,
    _core.LOG_DEBUG: logging.DEBUG,
}


def seconds_text(seconds: float) -> str:
    """``"2.5 s"``, ``"90 s"``, ``"2 h"``."""
    if seconds < 600:
        return f"{round(seconds, 1):g} s"
    return f"{round(seconds / 60)} min" if seconds < 7200 else f"{round(seconds / 3600)} h"


class Role(Protocol):
    """A client or server, as its runner sees it."""

    def _handle_event(self, event: Event) -> None:
        """Called in a turn for every event, in order."""

    def close(self) -> None:
        """Ends."""


class Runner:
    """What the runners share: the lock, turns, events, callbacks."""

    #: What handlers and callbacks may raise without an end to anything.
    survives: tuple[type[BaseException], ...] = (Exception,)

    def __init__(self, loop: _core.Loop) -> None:
        self.loop = loop
        self.lock = threading.RLock()
        self.closed = False
        #: The last exceptions that handlers and callbacks raised.
        self.failures: deque[BaseException] = deque(maxlen=16)
        #: The last warnings and errors, and when they came: what to say when something awaited did not come.
        self.remarks: deque[tuple[float, str]] = deque(maxlen=REMARKS)
        self._role: Callable[[], Role | None] = lambda: None
        self._depth = 0
        self._owner = 0  # the thread whose turn it is
        self._callbacks: deque[Callable[[], object]] = deque()
        #: See :meth:`set_store`.
        self.store: Callable[[], bool] | None = None
        self._in_callbacks = False
        self._pumps: list[Callable[[], object]] = []

    # ---- for roles

    def serve(self, role: Role) -> None:
        """From now on events go to this role, which is held weakly."""
        self._role = weakref.ref(role)

    def attach(self, transport: _core.Transport, local: str | None) -> None:
        """Lets datagrams pass through a transport."""
        raise NotImplementedError

    def attach_phone(self, transport: _core.Transport, uri: str) -> None:
        """Lets short messages pass without a modem, as in a simulated world."""
        raise StateError("a SmsTransport needs a modem")

    def driver(self) -> _core.Driver:
        """What a modem of this system can be run by."""
        raise StateError("a modem needs a client or server of its own, on real sockets")

    def keep(self, transport: _core.Transport) -> None:
        """Closes the transport with the runner."""

    def set_store(self, store: Callable[[], bool] | None) -> None:
        """What stores what changed, before anybody hears of it; true if there was something."""
        self.store = store

    def pump(self, pump: Callable[[], object]) -> None:
        """Calls this, in the turn, after each step: there may be something to send."""
        self._pumps.append(pump)

    def start(self) -> None:
        """Begins to run."""

    def begin(self) -> None:
        """The same for a server, which runs from the moment it is made, where that is possible."""
        self.start()

    def close(self) -> None:
        """Ends; a turn under way is finished first."""
        with self.lock:
            self.closed = True

    def abandon(self) -> None:
        """Ends because nobody is left to care. Called by the garbage collector, so in any thread."""
        self.close()

    def condition(self) -> threading.Condition:
        """Something to wait on with :meth:`wait`; notify it in a turn."""
        return threading.Condition(self.lock)

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Waits until `ready()`; False after so many seconds. Not inside a handler."""
        raise NotImplementedError

    def now(self) -> float:
        """Seconds of the runner's clock."""
        return time.monotonic()

    def later(self, callback: Callable[[], object]) -> None:
        """Calls a user's function after the turn, in order."""
        self._callbacks.append(callback)

    def set_log_level(self, level: int) -> None:
        """Which log events the C library makes; they go to the logger "linnet"."""
        self.loop.set_log_level(level)

    # ---- turns

    def __enter__(self) -> None:
        self.lock.acquire()
        self._depth += 1
        self._owner = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        try:
            if self._depth == 1:
                self._finish_turn()
        finally:
            self._depth -= 1
            self.lock.release()

    def let_go(self) -> None:
        """After Ctrl-C, which may strike between taking the lock and the block that gives it back."""
        if not self.in_turn:
            with contextlib.suppress(RuntimeError):  # it is not ours any more
                while True:
                    self.lock.release()

    @property
    def in_turn(self) -> bool:
        """True inside a handler, or whatever else may not wait."""
        return self._depth > 0 and self._owner == threading.get_ident()

    def _finish_turn(self) -> None:
        """Does what is due and hands out the events; the depth is still 1, so nothing recurses."""
        raise NotImplementedError

    def _step(self, step: Callable[[], object]) -> None:
        """Runs the C library. What a handler raised has been answered; it is kept and logged."""
        try:
            step()
            self._pump()
        except Exception as error:
            self.fail("running the loop failed", error)

    def _pump(self) -> None:
        for pump in self._pumps:
            pump()

    def handler_failed(self, what: str, error: BaseException) -> None:
        """A handler raised; the server gets 5.00."""
        self.fail(what, error)

    def future(self, answer: object) -> Any:
        """What a handler returned, if it is a promise to answer later: a Future of one kind or the other."""
        if inspect.iscoroutine(answer):
            answer.close()
            raise TypeError("an async handler needs linnet.aio")
        return answer if hasattr(answer, "add_done_callback") else None

    def remark(self, words: str) -> None:
        """Keeps a warning or an error for :meth:`recent`."""
        self.remarks.append((self.now(), words))

    def recent(self, count: int = 3) -> list[str]:
        """The last remarks, each with its age: ``"2.5 s ago: kitchen: no answer"``."""
        now = self.now()
        return [f"{seconds_text(now - when)} ago: {words}" for when, words in list(self.remarks)[-count:]]

    def fail(self, what: str, error: BaseException) -> None:
        """Keeps and logs an exception of the user's code."""
        self.failures.append(error)
        log.error("%s: %s", what, error, exc_info=error)

    def _run_and_keep(self, run: Callable[[], object]) -> bool:
        """Runs the C library until nothing waits to be stored. False: the next turn has to come soon."""
        self._step(run)
        for _ in range(STORE_ROUNDS):
            if self.store is None or not self.store():
                return True
            self._take_events()
            self._step(run)  # what was held back leaves
        return False

    def _take_events(self) -> None:
        while (fields := self.loop.next_event()) is not None:
            event = event_of(fields)
            role = self._role()
            if event.kind is EventKind.LOG:
                level = _LEVELS.get(event.level, logging.INFO)
                log.log(level, "%s", event.text)
                if level >= logging.WARNING:
                    self.remark(event.text)
            elif role is not None:
                self._hand_over(role, event)

    def _hand_over(self, role: Role, event: Event) -> None:
        """A mistake in the handling of one event must not lose the others."""
        try:
            role._handle_event(event)
        except Exception as error:
            self.fail(f"handling {event.kind.value} failed", error)

    def _call_back(self) -> None:
        """Calls what :meth:`later` collected, unless that is being done further up."""
        if self._in_callbacks:
            return
        self._in_callbacks = True
        try:
            while self._callbacks:
                callback = self._callbacks.popleft()
                try:
                    callback()
                except self.survives as error:
                    self.fail("a callback failed", error)
        finally:
            self._in_callbacks = False

    def _check_may_wait(self) -> None:
        if self.in_turn:
            raise StateError(
                "a handler cannot wait: let it return a Future, or do the work in another thread"
            )


class DriverRunner(Runner):
    """A thread that waits on real sockets, without the lock and without the GIL."""

    #: exit() would end the thread, and nobody would know.
    survives = (Exception, SystemExit)

    def __init__(self) -> None:
        super().__init__(_core.Loop(os.urandom(32)))
        self._driver = _core.Driver(self.loop)
        self._transports: list[_core.Transport] = []
        self._thread: threading.Thread | None = None
        self._stop = False

    def attach(self, transport: _core.Transport, local: str | None) -> None:
        self._driver.open(transport, local)
        self._transports.append(transport)

    def driver(self) -> _core.Driver:
        return self._driver

    def keep(self, transport: _core.Transport) -> None:
        self._transports.append(transport)

    def start(self) -> None:
        with self.lock:
            if self._thread is None and not self.closed:
                self._thread = threading.Thread(target=self._run, name="linnet", daemon=True)
                self._thread.start()

    def close(self) -> None:
        with self.lock:
            if self.closed:
                return
            self.closed = self._stop = True
            thread = self._thread
            if thread is None:
                self._close_driver()
        self._driver.wake()
        if thread is not None and thread is not threading.current_thread() and not self.in_turn:
            thread.join(5)

    def abandon(self) -> None:
        self.closed = self._stop = True
        if self._thread is None:
            self._close_driver()
        else:
            self._driver.wake()  # the thread cleans up, without anybody waiting for it

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout: float | None) -> bool:
        self._check_may_wait()
        if threading.current_thread() is self._thread:
            return self._drive(ready, timeout)
        with condition:
            return condition.wait_for(lambda: ready() or self.closed, timeout) and ready()

    def later(self, callback: Callable[[], object]) -> None:
        super().later(callback)
        if threading.current_thread() is not self._thread:
            self._driver.wake()

    def _finish_turn(self) -> None:
        if self._thread is not None and not self._stop and not self._run_and_keep(self._driver.run):
            self._driver.wake()
        self._take_events()

    def _run(self) -> None:
        self._drive(lambda: False, None)
        with self.lock:
            self._close_driver()

    def _drive(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """The life of the thread; also a part of it, when a callback waits for something."""
        deadline = None if timeout is None else self.now() + timeout
        while not self._stop:
            with self:
                pass
            self._call_back()
            if ready():
                return True
            left = -1 if deadline is None else max(0, int((deadline - self.now()) * 1000 + 0.999))
            if left == 0:
                return False
            try:
                self._driver.wait(left)
            except Error as error:
                self.fail("waiting failed", error)
                return False
        return ready()

    def _close_driver(self) -> None:
        for transport in self._transports:
            transport.close()
        self._driver.close()


class ScriptRunner(Runner):
    """The script is the driver: it steps, moves the datagrams and answers look-ups."""

    def __init__(self, transport: ScriptTransport, seed: bytes | None) -> None:
        super().__init__(_core.Loop(seed or os.urandom(32)))
        self._script = transport
        self._script.bind(self.loop)

    def attach(self, transport: _core.Transport, local: str | None) -> None:
        raise StateError("a script transport cannot listen")

    def step(self, now_ms: int) -> int | None:
        """Does what is due; returns the next deadline, or None. Raises what a handler raised."""
        try:
            with self:
                self.loop.step(now_ms)
                self._flush()
        finally:
            self._call_back()
        return self.loop.deadline()

    def _flush(self) -> None:
        if self.store is not None:
            self.store()
        self._pump()
        self._script.flush()

    def handler_failed(self, what: str, error: BaseException) -> None:
        self.failures.append(error)
        raise error

    def now(self) -> float:
        return self.loop.now() / 1000

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout: float | None) -> bool:
        self._check_may_wait()
        deadline = None if timeout is None else self.now() + timeout
        while not ready() and not self.closed:
            if self._script.wait is None:
                raise StateError(
                    "this would wait: give the ScriptTransport a wait function, or step until it is there"
                )
            if deadline is not None and self.now() >= deadline:
                return False
            self._script.wait()
        return ready()

    def _finish_turn(self) -> None:
        self._take_events()


class ScriptTransport:
    """Lets a script carry the datagrams of one client or server.

    `send(data, peer)` is called for each datagram to send, `lookup(name)` for each host name, to return an
    address such as ``"192.0.2.1:5683"`` or None. Datagrams that arrive go into :meth:`receive`;
    ``client.step(now_ms)`` does what is due. Calls that must wait, such as ``device.read``, call `wait()`
    until they have what they want::

        transport = linnet.ScriptTransport(send=lambda data, peer: radio.send(data))
        client = linnet.Client("kitchen", server="coap://192.0.2.1", transport=transport)
        client.start()
        deadline = client.step(now_ms=0)

    It carries coap and coaps, which the first byte of a datagram tells apart (RFC 7983).
    """

    def __init__(
        self,
        send: Callable[[bytes, str], object],
        *,
        lookup: Callable[[str], str | None] | None = None,
        wait: Callable[[], object] | None = None,
        local: str | None = None,
    ) -> None:
        self.send = send
        self.lookup = lookup
        self.wait = wait
        self._local = local
        self._loop: _core.Loop | None = None
        self._cores: dict[bool, _core.Transport] = {}

    def bind(self, loop: _core.Loop) -> None:
        """Called by the client or server that uses the transport; there can be one."""
        if self._loop is not None:
            raise StateError("this transport has a client or server already")
        self._loop = loop

    def carry(self, secure: bool) -> _core.Transport:
        """The transport of the C library for coaps or coap; called once for each."""
        assert self._loop is not None
        self._cores[secure] = core = _core.Transport(self._loop, _core.TRANSPORT_UDP)
        if self._local is not None:
            core.set_local(self._local)
        return core

    def receive(self, data: bytes, peer: str) -> None:
        """A datagram arrived from `peer`, e.g. ``"192.0.2.1:5683"``. It is looked at in the next step."""
        if self._loop is None:
            raise StateError("this transport has no client or server yet")
        secure = data[:1] < b"\x40"  # a record of DTLS, not a message of CoAP
        core = self._cores.get(secure) or self._cores.get(not secure)
        if core is not None:
            core.receive(peer, data)

    def unreachable(self, peer: str) -> None:
        """Something sent to `peer` could not be delivered (a hint)."""
        for core in self._cores.values():
            core.unreachable(peer)

    def flush(self) -> None:
        """Hands out what there is to send and to look up."""
        for core in list(self._cores.values()):
            while (name := core.next_lookup()) is not None:
                core.answer_lookup(name, self.lookup(name) if self.lookup is not None else None)
            while (datagram := core.next()) is not None:
                peer, data = datagram
                self.send(data, peer)
