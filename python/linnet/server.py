# SPDX-License-Identifier: Apache-2.0
"""The server role, blocking: ``linnet.Server``, its devices and observations."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union

from . import _core
from .arguments import Paths, milliseconds, paths_of, whole
from .calls import Arguments, Call, Calls, Link, Payload, timed_out
from .credentials import Credential, Credentials, Material, credentials_of
from .devices import BaseDevice, Registrations
from .errors import Closed, Error, NotFound, TimeoutError, about
from .events import Event, EventKind, Notification
from .modem import SmsTransport
from .role import QUEUE_LIMIT, BaseRole, BlockingServer
from .runner import ScriptTransport, seconds_text
from .store import Keeper, Store, make_keeper
from .values import Record

if TYPE_CHECKING:
    from .sim import World

R = TypeVar("R")
D = TypeVar("D", bound="BaseDevice")
Format = Union[str, int, None]
Attribute = Union[int, float, None]

_CLOSED = Event(EventKind.RESPONSE, status=_core.ERROR_CLOSED)
_ENDED = Event(EventKind.OBSERVATION_ENDED, status=_core.ERROR_CLOSED)
_GONE = (EventKind.DEREGISTERED, EventKind.EXPIRED)
_ABOUT_DEVICES = (EventKind.REGISTERED, EventKind.UPDATED, *_GONE)
#: How many devices that left are remembered, and how many that are there are named, in the words of an error.
_MEMORY, _NAMED = 64, 5


class Sink:
    """Where the events of one observation go."""

    def response(self, event: Event) -> None:
        """The answer to the request."""

    def notify(self, event: Event) -> None:
        """One more value."""

    def end(self, event: Event) -> None:
        """No more will come."""


class BaseServer(BaseRole, Generic[D]):
    """What the blocking and the asyncio server share."""

    _core: _core.Server

    def __init__(
        self,
        listen: str | Sequence[str] = "coap://0.0.0.0:5683",
        *,
        timeout: float | None = None,
        queue_time: float | None = None,
        awake_time: float | None = None,
        nstart: int = 1,
        triggers: bool = True,
        store: Store | str | os.PathLike[str] | None = None,
        models: Paths = (),
        credentials: Credentials | Mapping[str, Credential] | None = None,
        certificate: Material | None = None,
        private_key: Material | None = None,
        trust: Material | Sequence[Material] = (),
        world: World | None = None,
        transport: ScriptTransport | None = None,
        sms: SmsTransport | Sequence[SmsTransport] | None = None,
        seed: bytes | None = None,
    ) -> None:
        most_at_a_time = whole("nstart", nstart, 1, 256)
        known = credentials_of(credentials, certificate, private_key, trust)
        runner = self._runner = self._make_runner(world, transport, seed)
        self._pending: dict[int, Callable[[Event], None]] = {}
        self._first_request = 0
        self._sinks: dict[int, Sink] = {}
        self._known: dict[str, None] = {}
        self._left: dict[str, tuple[EventKind, float]] = {}
        self._begin(runner, _core.Server(runner.loop, None))
        self.model.load(*paths_of(models))
        self._calls = Calls(self.model)
        if timeout is not None:
            self._core.set_timeout(milliseconds("timeout", timeout))
        if queue_time is not None:
            self._core.set_queue_time(milliseconds("queue_time", queue_time))
        if awake_time is not None:
            self._core.set_awake_time(milliseconds("awake_time", awake_time))
        self._core.set_limit(_core.LIMIT_NSTART, most_at_a_time)
        self._core.set_trigger(_core.TRIGGER_AUTOMATIC if triggers else _core.TRIGGER_MANUAL)
        uris = [listen] if isinstance(listen, str) else list(listen)
        self._transports = self._listen(transport, uris, known)
        for one in () if sms is None else (sms,) if isinstance(sms, SmsTransport) else sms:
            self._transports.append(self._open_own_sms(one, known))
        #: Where devices can reach the server, e.g. ``("coap://127.0.0.1:5683",)``.
        self.listen = self._addresses(self._transports)
        #: Whom the server lets in on coaps, and what it shows; None if nothing was given.
        self.credentials = known
        self.registrations: Registrations[D] = Registrations(self)
        self._keeper = self._begin_keeping(store)
        runner.begin()

    def _begin_keeping(self, store: Store | str | os.PathLike[str] | None) -> Keeper | None:
        try:
            keeper = make_keeper(self._core, store, self._runner.now)
        except Exception:
            self.close()
            raise
        if keeper is not None:
            fail = self._runner.fail
            self._runner.set_store(lambda: keeper.keep(fail))
        return keeper

    def __repr__(self) -> str:
        count = "closed" if self.closed else f"{len(self.registrations)} registered"
        return f"<server {', '.join(self.listen)}, {count}>"

    def _did_not_come(self, endpoint: str, timeout: float | None) -> Error:
        """Of whom what was awaited, how long and where, and what happened instead."""
        where = f" at {', '.join(self.listen)}" if self.listen else ""
        if self.closed:
            return Closed(f"waiting for {endpoint!r} to register{where}: the server was closed")
        waited = "waited" if timeout is None else f"waited {timeout:g} s"
        happened = self._runner.recent()
        if endpoint in self._left:
            kind, when = self._left[endpoint]
            words = "its lifetime ended" if kind is EventKind.EXPIRED else "it deregistered"
            happened.insert(0, f"{words} {seconds_text(self._runner.now() - when)} ago")
        if not happened or self.registrations:
            happened.append(self._there())
        return TimeoutError(f"{waited} for {endpoint!r} to register{where}: {'; '.join(happened)}")

    def _there(self) -> str:
        """Who is registered, in a few words."""
        count = len(self.registrations)
        names = [name for name in islice(self._known, _NAMED) if name in self.registrations]
        if not names:
            return f"{count or 'no'} device{' is' if count == 1 else 's are'} registered"
        more = f" and {count - len(names)} more" if count > len(names) else ""
        return f"registered {'is' if count == 1 else 'are'} {', '.join(names)}{more}"

    def device(self, endpoint: str) -> D:
        """A device by name, registered or not."""
        return self._make_device(endpoint)

    def _make_device(self, endpoint: str) -> D:
        raise NotImplementedError

    # ---- events

    def _handle_event(self, event: Event) -> None:
        if event.kind is EventKind.RESPONSE:
            respond = self._pending.pop(event.request, None)
            if respond is not None:
                respond(event)
            if respond is not None or 0 < self._first_request <= event.request:
                return  # else it was asked before a restart, and nobody waits for it any more
        if event.kind in (EventKind.NOTIFY, EventKind.OBSERVATION_ENDED):
            self._handle_observation(event)
        elif event.kind is EventKind.REGISTERED:
            self._known[event.endpoint] = None
        elif event.kind in _GONE:
            self._known.pop(event.endpoint, None)
            self._left.pop(event.endpoint, None)
            self._left[event.endpoint] = (event.kind, self._runner.now())
            if len(self._left) > _MEMORY:
                del self._left[next(iter(self._left))]
        super()._handle_event(event)

    def _handle_observation(self, event: Event) -> None:
        if event.kind is EventKind.NOTIFY:
            sink = self._sinks.get(event.request)
            if sink is not None:
                sink.notify(event)
        else:
            sink = self._sinks.pop(event.request, None)
            if sink is not None:
                sink.end(event)

    def _call_later(self, callback: Callable[..., Any], event: Event) -> None:
        if event.endpoint:
            device = self.device(event.endpoint)
            self._runner.later(lambda: callback(device, event))
        else:
            self._runner.later(lambda: callback(event))

    # ---- requests

    def _send(self, endpoint: str, call: Call[Any], respond: Callable[[Event], None]) -> int:
        """Sends; in a turn. `respond` is called once with the response, unless the request is forgotten."""
        if self.closed:
            raise Closed(f"{call.describe(endpoint)}: the server is closed")
        registration = self._core.find(endpoint)
        if registration == 0:
            raise NotFound(f"{call.describe(endpoint)}: {endpoint} is not registered; {self._there()}")
        batch = None
        if call.values is not None:
            batch = _core.Batch(self._runner.loop)
            for path, value in call.values:
                with about(
                    call.describe(endpoint) if path == call.path else f"{call.describe(endpoint)}: {path}"
                ):
                    batch.add(path, value)
        self._core.set_channel(call.channel)
        number = self._core.request(registration, call.operation, call.path, batch, call.text, call.format)
        self._first_request = self._first_request or number
        self._pending[number] = respond
        return number

    def _forget(self, number: int) -> None:
        with self._runner:
            self._pending.pop(number, None)
            self._sinks.pop(number, None)
            if not self.closed:
                with contextlib.suppress(NotFound):  # it is answered, or gone with its device
                    self._core.forget(number)

    def _drop(self, observation: Any) -> None:
        """Ends an observation without a word to its device."""
        with self._runner:
            observation.end(Event(EventKind.OBSERVATION_ENDED, path=observation.path))
        self._forget(observation.number)

    def _cancel(self, observation: int, respond: Callable[[Event], None]) -> int:
        """Ends an observation; in a turn. NotFound: it has ended."""
        number = self._core.cancel(observation)
        self._first_request = self._first_request or number
        self._pending[number] = respond
        return number

    def close(self) -> None:
        """Ends at once; devices notice when they next update. Requests under way raise Closed."""
        if self._runner.closed:
            return
        keeper = self.__dict__.get("_keeper")
        super().close()
        if keeper is not None:
            keeper.release()
        with self._runner.lock:
            pending, self._pending = self._pending, {}
            sinks, self._sinks = self._sinks, {}
            for respond in pending.values():
                respond(_CLOSED)
            for sink in sinks.values():
                sink.end(_ENDED)


class Observation(Sink):
    """Notifications of one path: an iterator, the first value included. Ends when the device leaves.

    ``with device.observe(path) as observation`` cancels it at the end; so does :meth:`cancel`.
    """

    def __init__(self, server: Server, device: Device, path: str) -> None:
        self._server, self.device, self.path = server, device, path
        self.number = 0
        #: The value when the observation began.
        self.first = Notification(path, ())
        #: Why it ended: an Event, or None while it goes on.
        self.ended: Event | None = None
        #: Notifications that were dropped because nobody took them.
        self.dropped = 0
        self._condition = server._runner.condition()
        self._waiting: deque[Notification] = deque(maxlen=QUEUE_LIMIT)

    def notify(self, event: Event) -> None:
        """One more value."""
        self._put(Notification(self.path, event.records))

    def end(self, event: Event) -> None:
        """No more will come."""
        self.ended = event
        self._condition.notify_all()

    def _put(self, notification: Notification) -> None:
        self.dropped += len(self._waiting) == QUEUE_LIMIT
        self._waiting.append(notification)
        self._condition.notify_all()

    def next(self, timeout: float | None = None) -> Notification:
        """The next notification. TimeoutError after so many seconds; StopIteration when no more can come."""
        self._server._runner.wait(
            self._condition, lambda: bool(self._waiting) or self.ended is not None, timeout
        )
        if self._waiting:
            return self._waiting.popleft()
        if self.ended is not None or self._server.closed:
            raise StopIteration
        raise TimeoutError(
            f"observe {self.path} of {self.device.endpoint}: nothing within {timeout or 0:g} s"
        )

    def keep(self) -> None:
        """From now on it begins again whenever the device registers."""
        with self._server._runner:
            self._server._core.keep_observation(self.number)

    def cancel(self, timeout: float | None = None) -> None:
        """Tells the device that nothing more is wanted, and waits for its answer."""
        if self.ended is None and self.device.registered:
            self._server._cancel_and_wait(self, timeout)
        elif self.ended is None:
            self._server._drop(self)

    def forget(self) -> None:
        """Ends it here. The device is told by a Reset, when it notifies next."""
        if self.ended is None:
            self._server._drop(self)

    def __iter__(self) -> Iterator[Notification]:
        return self

    def __next__(self) -> Notification:
        return self.next()

    def __enter__(self) -> Observation:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._server.closed:
            self.cancel()


class Device(BaseDevice):
    """A device, to ask things of. Each call waits for the answer; `timeout` is in seconds."""

    def __init__(self, server: Server, endpoint: str) -> None:
        super().__init__(server, endpoint)
        self._server = server

    def read(self, path: str, *, format: Format = None, timeout: float | None = None) -> Any:
        """Reads a resource, an instance or an object.

        ``read("/3/0/0")`` is a value, ``read("/3/0/6")`` ``{index: value}``,
        ``read("/3/0")`` ``{path: value}``.
        """
        return self._wait(self._server._calls.read(path, format), timeout)

    def read_records(
        self, path: str, *, format: Format = None, timeout: float | None = None
    ) -> tuple[Record, ...]:
        """Reads, and gives the records as they came, with their types."""
        return self._wait(self._server._calls.read_records(path, format), timeout)

    def write(
        self,
        path: str,
        value: Payload,
        *,
        replace: bool = False,
        format: Format = None,
        timeout: float | None = None,
    ) -> None:
        """Writes a resource, or ``{resource: value}`` to an instance, updated unless `replace` is true."""
        self._wait(self._server._calls.write(path, value, replace, format), timeout)

    def execute(self, path: str, arguments: Arguments = None, *, timeout: float | None = None) -> None:
        """Executes a resource: ``device.execute("/3303/0/5605", {0: "now"})``."""
        self._wait(self._server._calls.execute(path, arguments), timeout)

    def create(
        self,
        path: str,
        values: Mapping[Any, Any] | None = None,
        *,
        format: Format = None,
        timeout: float | None = None,
    ) -> str:
        """Creates an instance: ``create("/3303/1", {5750: "hall"})``. Returns its path."""
        return self._wait(self._server._calls.create(path, values, format), timeout)

    def delete(self, path: str, *, timeout: float | None = None) -> None:
        """Deletes an instance."""
        self._wait(self._server._calls.delete(path), timeout)

    def discover(self, path: str, *, timeout: float | None = None) -> list[Link]:
        """What there is at or below a path, with its attributes."""
        root = self._server._core.root(self.registration)
        return self._wait(self._server._calls.discover(path, root), timeout)

    def write_attributes(
        self, path: str, *, timeout: float | None = None, **attributes: int | float | str | None
    ) -> None:
        """Sets when to notify: pmin, pmax, gt, lt, st; None takes one away."""
        self._wait(self._server._calls.attributes(path, attributes), timeout)

    def observe(
        self,
        path: str,
        *,
        format: Format = None,
        timeout: float | None = None,
        keep: bool = False,
        **attributes: int | float | str | None,
    ) -> Observation:
        """Begins an observation; attributes such as ``pmin=1, pmax=10`` are written before.

        With `keep` it begins again whenever the device registers, and the iterator goes on.
        """
        if attributes:
            self.write_attributes(path, timeout=timeout, **attributes)
        call = self._via(self._server._calls.observe(path, format))
        observation = self._server._observe(self, call, timeout)
        if keep:
            observation.keep()
        return observation

    def trigger(self, *, timeout: float | None = None) -> None:
        """Asks by SMS for an Update, which comes over what the device is registered over (/1/x/8)."""
        self.over("sms").execute(self._trigger_path(), timeout=timeout)

    def _wait(self, call: Call[R], timeout: float | None) -> R:
        return self._server._call(self.endpoint, self._via(call), timeout)


class Server(BlockingServer, BaseServer[Device]):
    """An LwM2M server; it runs in a thread of its own, or in a simulated world, from the moment it is made::

        with linnet.Server("coap://0.0.0.0:5683") as server:
            device = server.wait_for("kitchen", timeout=10)
            print(device.read("/3/0"))

    Args:
        listen: One URI, or several, of coap and coaps, or () with `sms`. Port 0 picks a free one;
            :attr:`listen` tells which.
        credentials: With coaps: endpoint names and what lets them in, ``{"kitchen": ("identity", b"key")}``,
            or a :class:`linnet.Credentials`, which can be changed later.
        certificate: With coaps: the certificate of the server, a file or its bytes, PEM or DER.
        private_key: Its key.
        trust: Authorities: who shows a certificate that they vouch for is let in.
        timeout: Seconds that a request may take once it is sent; if left out, as CoAP says (about 90).
        queue_time: Seconds that a request may wait for a device in queue mode to wake; if left out, as long
            as the device is registered. The event "queued" tells that one waits; the call goes on waiting.
        awake_time: Seconds that such a device stays awake after each message, counted from the whole second
            in which it came; 93 if left out.
        nstart: How many requests, 1 to 256, may be on their way to a device at a time (RFC 7252 4.7). With 1
            they are answered in the order in which they were made; with more a distant device has answered
            all of them sooner, in any order.
        store: What keeps registrations, observations and waiting requests over a restart: the path of an
            SQLite database, or a :class:`Store`. Devices are answered when it is stored.
        models: Definition files (DDF) or directories of them.
        triggers: With `sms`: wake devices with binding UQS by SMS when requests wait for them. The event
            "trigger-wanted" tells, too.
        sms: What carries short messages, :class:`SmsTransport`; several where devices secure them in several
            ways.
        world: The simulated world to live in.
        transport: Carries the datagrams itself; see :class:`ScriptTransport`.
        seed: With `transport`: 16 bytes or more, for runs that can be repeated.

    """

    def _make_device(self, endpoint: str) -> Device:
        return Device(self, endpoint)

    def wait_for(self, endpoint: str, timeout: float | None = None) -> Device:
        """Waits until a device is registered."""
        if not self._runner.wait(self._changed, lambda: endpoint in self.registrations, timeout):
            raise self._did_not_come(endpoint, timeout)
        return self.device(endpoint)

    def _call(self, endpoint: str, call: Call[R], timeout: float | None) -> R:
        event = self._ask(lambda respond: self._send(endpoint, call, respond), timeout)
        if event is None:
            raise timed_out(call, endpoint, timeout)
        return call.finish(endpoint, event)

    def _ask(self, send: Callable[[Callable[[Event], None]], int], timeout: float | None) -> Event | None:
        """Sends and waits for the response; None: it did not come in time and is forgotten."""
        condition = self._runner.condition()
        answers: list[Event] = []

        def respond(event: Event) -> None:
            answers.append(event)
            condition.notify_all()

        self._runner._check_may_wait()
        with self._runner:
            number = send(respond)
        try:
            self._runner.wait(condition, lambda: bool(answers), timeout)
        finally:
            if not answers:
                self._forget(number)
        return answers[0] if answers else None

    def _observe(self, device: Device, call: Call[Notification], timeout: float | None) -> Observation:
        observation = Observation(self, device, call.path)

        def send(respond: Callable[[Event], None]) -> int:
            observation.number = self._send(device.endpoint, call, respond)
            self._sinks[observation.number] = observation
            return observation.number

        event = self._ask(send, timeout)
        if event is None:
            raise timed_out(call, device.endpoint, timeout)
        try:
            observation.first = call.finish(device.endpoint, event)
        except Exception:
            with self._runner.lock:
                self._sinks.pop(observation.number, None)
            raise
        with self._runner.lock:
            observation._waiting.appendleft(observation.first)
        return observation

    def _cancel_and_wait(self, observation: Observation, timeout: float | None) -> None:
        observation.ended = Event(EventKind.OBSERVATION_ENDED, path=observation.path)
        try:
            event = self._ask(lambda respond: self._cancel(observation.number, respond), timeout)
        except NotFound:
            return  # it ended in the meantime
        finally:
            with self._runner.lock:
                self._sinks.pop(observation.number, None)
                observation._condition.notify_all()
        if event is None:
            raise TimeoutError(f"cancel {observation.path} of {observation.device.endpoint}: no answer")
