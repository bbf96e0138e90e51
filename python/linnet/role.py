# SPDX-License-Identifier: Apache-2.0
"""What clients and servers share: one loop and its runner, callbacks and streams of events, closing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import _core
from .arguments import whole
from .errors import Error, InvalidArgument, Unavailable
from .events import Event, EventKind
from .model import Model
from .runner import DriverRunner, Runner, ScriptRunner, ScriptTransport

if TYPE_CHECKING:
    from .credentials import Credentials
    from .modem import SmsTransport
    from .sim import World

Callback = TypeVar("Callback", bound=Callable[..., Any])
S = TypeVar("S", bound="BlockingServer")
#: How many events or notifications wait for a slow reader; the eldest is dropped.
QUEUE_LIMIT = 4096
#: How many events of the C library one turn may bring: every device of a server may have something to say.
EVENT_LIMIT = 65536
_KINDS = {kind.value for kind in EventKind}
_LIMITS = {
    name[len("LIMIT_") :].lower().replace("_", "-"): number
    for name, number in vars(_core).items()
    if name.startswith("LIMIT_")
}


def is_number(uri: str) -> bool:
    """True for ``"sms:+15550100"`` and ``"tel:+15550100"``."""
    return uri.lower().startswith(("sms:", "tel:"))


def is_secure(uri: str) -> bool:
    """True for coaps, False for coap. Says so early when a URI asks for what there is not."""
    scheme = uri.split("://")[0].lower() if "://" in uri else "coap"
    if scheme == "coaps" and _core.dtls_backend() == "none":
        raise Unavailable(f"{uri}: this build of linnet has no DTLS")
    if scheme not in ("coap", "coaps") or is_number(uri):
        raise InvalidArgument(f"{uri}: the URI of a server begins with coap:// or coaps://")
    return scheme == "coaps"


class BaseEventStream:
    """Events wait here for who takes them; the parts that do not wait."""

    def __init__(self, runner: Runner, streams: list[Any]) -> None:
        self._streams = streams
        self._condition = runner.condition()
        self._waiting: deque[Event] = deque(maxlen=QUEUE_LIMIT)
        self._closed = False
        streams.append(self)

    def _put(self, event: Event) -> None:
        self._waiting.append(event)
        self._condition.notify_all()

    def _ready(self) -> bool:
        return bool(self._waiting) or self._closed

    def _take(self) -> Event | None:
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """No more events are wanted."""
        self._closed = True
        if self in self._streams:
            self._streams.remove(self)
        self._condition.notify_all()


class EventStream(BaseEventStream):
    """Events as they come, from the moment it was made. An iterator; ``next(timeout=...)`` waits for one."""

    def __init__(self, runner: Runner, streams: list[Any]) -> None:
        super().__init__(runner, streams)
        self._runner = runner

    def next(self, timeout: float | None = None) -> Event | None:
        """The next event; None after `timeout` seconds, or when no more can come."""
        self._runner.wait(self._condition, self._ready, timeout)
        return self._take()

    def close(self) -> None:
        """No more events are wanted."""
        with self._runner:
            super().close()

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event = self.next()
        if event is None:
            raise StopIteration
        return event

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BaseRole:
    """The parts of clients and servers that do not wait."""

    _runner: Runner
    _core: Any
    #: What the traffic of a world calls it.
    _called = "server"
    #: The definitions that this client or server knows; add your own.
    model: Model

    @staticmethod
    def _make_runner(world: World | None, transport: ScriptTransport | None, seed: bytes | None) -> Runner:
        """The runner that the arguments ask for."""
        if world is not None:
            return world.node()
        if transport is not None:
            return ScriptRunner(transport, seed)
        return DriverRunner()

    def _begin(self, runner: Runner, core: Any) -> None:
        self._runner, self._core = runner, core
        runner.loop.set_event_limit(EVENT_LIMIT)
        runner.set_log_level(_core.LOG_WARNING)
        self.model = Model(core=core.own_model())
        self._changed = runner.condition()
        self._on: dict[EventKind, list[Callable[..., Any]]] = {}
        self._streams: list[BaseEventStream] = []
        runner.serve(self)

    def _open(
        self,
        script: ScriptTransport | None,
        local: str | None,
        *,
        secure: bool = False,
        credentials: _core.Credentials | None = None,
    ) -> _core.Transport:
        if script is not None:
            transport = script.carry(secure)
        else:
            transport = _core.Transport(self._runner.loop, _core.TRANSPORT_UDP)
        if secure:
            transport.secure(credentials)
        if script is None:
            self._runner.attach(transport, local)
        self._core.add_transport(transport)
        return transport

    def _listen(
        self, script: ScriptTransport | None, uris: list[str], credentials: Credentials | None
    ) -> list[_core.Transport]:
        """The transports of a server, one a URI; a script carries one for coap and one for coaps."""
        for uri in uris:
            if is_secure(uri) and credentials is None:
                raise InvalidArgument(f"{uri} needs credentials: whom to let in, or whom to trust")
        if script is not None:
            uris = list({is_secure(uri): uri for uri in uris or ["coap://"]}.values())
        return [
            self._open(
                script,
                None if script is not None else uri,
                secure=is_secure(uri),
                credentials=credentials._copy_for(self._runner)
                if credentials is not None and is_secure(uri)
                else None,
            )
            for uri in uris
        ]

    @staticmethod
    def _addresses(transports: list[_core.Transport]) -> tuple[str, ...]:
        return tuple(
            local if is_number(local) else f"{'coaps' if transport.is_secure() else 'coap'}://{local}"
            for transport in transports
            if (local := transport.local())
        )

    def _open_sms(
        self, sms: SmsTransport, *, secure: bool = False, credentials: _core.Credentials | None = None
    ) -> _core.Transport:
        with self._runner:
            transport = sms.bind(self._runner, secure=secure, credentials=credentials)
            self._core.add_transport(transport)
        return transport

    def _open_own_sms(self, sms: SmsTransport, credentials: Credentials | None) -> _core.Transport:
        """The transport of a server, for those who are let in by SMS or anyway."""
        credentials = sms.credentials or credentials
        dtls = sms.uses_dtls(keys=credentials is not None)
        if dtls and credentials is None:
            self.close()
            raise InvalidArgument("short messages with DTLS need credentials: whom to let in")
        own = credentials._copy_for(self._runner) if dtls and credentials is not None else None
        return self._open_sms(sms, secure=dtls, credentials=own)

    def set_limit(self, name: str, value: int) -> None:
        """Bounds what peers may ask for; over a limit is a response code such as 4.13.

        ``"body-size"``: bytes of a payload in blocks, 65536 at first; more, to take large firmware packages.
        ``"instances"``: as many of an object of a client servers may create, 1024.
        ``"observations"``: 1024, of a client in all, of a server for each device. ``"stored-notifications"``
        of a client for a server that is away, 64. ``"queued-requests"`` of a server for a device that sleeps,
        64. The others are told in linnet/limit.h, and by the error for a name that there is not.
        """
        if name not in _LIMITS:
            raise InvalidArgument(f"no limit {name!r}; there are {', '.join(sorted(_LIMITS))}")
        with self._runner:
            self._core.set_limit(_LIMITS[name], whole(name, value, 0, 1 << 62))

    # ---- events

    @overload
    def on(self, kind: EventKind | str) -> Callable[[Callback], Callback]: ...

    @overload
    def on(self, kind: EventKind | str, callback: Callback) -> Callback: ...

    def on(self, kind: EventKind | str, callback: Callback | None = None) -> Any:
        """Calls a function for each event of a kind; also a decorator.

        It is called outside the engine, one event at a time, so it may wait::

            @server.on("registered")
            def hello(device, event):
                print(device.endpoint, device.read("/3/0/0"))
        """
        if callback is None:
            return lambda function: self.on(kind, function)
        if not callable(callback):
            raise InvalidArgument(f"on {kind}: {callback!r:.60} cannot be called")
        if str(kind) not in _KINDS:
            raise InvalidArgument(f"no event {str(kind)!r}; there are {', '.join(sorted(_KINDS))}")
        with self._runner:
            self._on.setdefault(EventKind(kind), []).append(callback)
        return callback

    def _handle_event(self, event: Event) -> None:
        if event.kind is EventKind.ERROR:
            self._runner.remark(event.text)
        for stream in self._streams:
            stream._put(event)
        for callback in self._on.get(event.kind, ()):
            self._call_later(callback, event)
        self._changed.notify_all()

    def _call_later(self, callback: Callable[..., Any], event: Event) -> None:
        self._runner.later(lambda: callback(event))

    @property
    def failures(self) -> list[BaseException]:
        """The last exceptions that handlers and callbacks raised; they are logged, too, and end nothing."""
        return list(self._runner.failures)

    # ---- the script as its own driver

    def step(self, now_ms: int) -> int | None:
        """Does what is due, on a :class:`ScriptTransport`. Returns the next deadline in ms, or None.

        Raises what a handler raised.
        """
        if not isinstance(self._runner, ScriptRunner):
            raise Error("only a client or server on a ScriptTransport is stepped by the program")
        return self._runner.step(now_ms)

    # ---- the end

    @property
    def closed(self) -> bool:
        """True after :meth:`close`."""
        return self._runner.closed

    def close(self) -> None:
        """Ends at once. May be called from anywhere, as often as you like."""
        if self._runner.closed:
            return
        with self._runner:
            if self._runner.store is not None:
                self._runner.store()  # the last changes
                self._runner.set_store(None)
            self._core.close()
            for stream in list(self._streams):
                stream.close()
        self._runner.close()
        with self._runner.lock:
            self._changed.notify_all()

    def __del__(self) -> None:
        runner = self.__dict__.get("_runner")
        if runner is not None and not runner.closed:
            runner.abandon()


class Blocking(BaseRole):
    """What blocking clients and servers have in common."""

    def events(self) -> EventStream:
        """The events from now on: an iterator, with ``next(timeout=...)``."""
        with self._runner:
            return EventStream(self._runner, self._streams)


class BlockingServer(Blocking):
    """What a blocking server and bootstrap server have in common: they run until they are closed."""

    def wait(self, timeout: float | None = None) -> None:
        """Waits until Ctrl-C, or until the server is closed."""
        try:
            self._runner.wait(self._changed, lambda: self.closed, timeout)
        except KeyboardInterrupt:
            self._runner.let_go()
            self.close()

    def __enter__(self: S) -> S:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.close()
