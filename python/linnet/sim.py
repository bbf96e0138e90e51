# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: D102 (what a runner overrides is described in Runner)
"""A simulated world: a virtual clock and a network that can be as bad as you like.

Clients and servers live in it when they are made with ``world=``. Nothing sleeps: a call that waits, such as
``device.read``, moves the clock until the answer is there. The same seed gives the same run.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Optional

from . import _core
from .errors import StateError
from .runner import Runner
from .traffic import Traffic

if TYPE_CHECKING:
    from .bootstrap import BootstrapServer, ConfigurationSource
    from .client import Client
    from .role import BaseRole
    from .server import Server

#: Virtual seconds that a client of :meth:`World.client` has to register.
REGISTRATION_TIME = 600.0
#: Virtual seconds after which a wait without a timeout is in vain: something always happens in a world.
PATIENCE = 7 * 86400.0


def _uri_of(server: str | Server | BootstrapServer | None) -> str | None:
    return server if server is None or isinstance(server, str) else server.listen[0]


_Observer = Callable[[int, Optional[str], Optional[str], bytes, bool], object]


class World:
    """A simulated world::

        with linnet.World(seed=1) as world:
            server, client = world.server(), world.client("kitchen", lifetime=60)
            world.link(client).down()
            world.advance(hours=1)                  # takes milliseconds
            assert "kitchen" not in server.registrations

    What is made by :meth:`server` and :meth:`client` lives until it is closed, or the world is; so does what
    is made with ``linnet.Server(..., world=world)``, as long as somebody holds it.
    """

    def __init__(self, seed: int = 1) -> None:
        self._core = _core.World(seed)
        #: The same seed and the same calls give the same run.
        self.seed = seed
        self._made: list[BaseRole] = []
        self._servers: list[Server] = []
        self._observers: list[_Observer] = []
        self._lock = threading.RLock()
        self._nodes: list[WorldRunner] = []
        self._gone: list[WorldRunner] = []
        self._running = False
        self._addresses = 0

    # ---- who lives in it

    def server(self, listen: str | Sequence[str] | None = None, **options: Any) -> Server:
        """A server at an address of its own; options are those of :class:`linnet.Server`."""
        from .server import Server

        server = Server(self._own_uri(options) if listen is None else listen, world=self, **options)
        self._made.append(server)
        self._servers.append(server)
        return server

    def client(
        self,
        endpoint: str,
        server: str | Server | None = None,
        *,
        bootstrap: str | BootstrapServer | None = None,
        start: bool = True,
        **options: Any,
    ) -> Client:
        """A client that has registered; options are those of :class:`linnet.Client`.

        `server` is the first server of :meth:`server` that is there, if left out; with `bootstrap`, which is
        asked for accounts, none. With ``start=False`` it is yours to start. TimeoutError: it cannot register.
        """
        from .client import Client

        if server is None and bootstrap is None:
            server = next((made for made in self._servers if not made.closed), None)
        if server is None and bootstrap is None and start:
            raise StateError(
                f"client {endpoint!r} has no server to register with: make one before, by server(), "
                "or name its URI"
            )
        client = Client(endpoint, _uri_of(server), world=self, **options)
        self._made.append(client)
        if bootstrap is not None:
            client.add_bootstrap_server(_uri_of(bootstrap) or "")
        if start:
            client.start()
            client.wait_registered(REGISTRATION_TIME)
        return client

    def bootstrap_server(
        self, config: ConfigurationSource = None, listen: str | Sequence[str] | None = None, **options: Any
    ) -> BootstrapServer:
        """A bootstrap server at an address of its own; options: :class:`linnet.BootstrapServer`."""
        from .bootstrap import BootstrapServer

        uri = self._own_uri(options) if listen is None else listen
        server = BootstrapServer(uri, config, world=self, **options)
        self._made.append(server)
        return server

    def _own_uri(self, options: dict[str, Any]) -> str:
        secure = any(options.get(name) for name in ("credentials", "certificate", "trust"))
        return f"{'coaps' if secure else 'coap'}://{self.address()}"

    def close(self) -> None:
        """Closes every client and server in it. May be called as often as you like."""
        living = [node._role() for node in list(self._nodes)]
        self._made.clear()
        self._servers.clear()
        for role in living:
            if role is not None:
                role.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- time

    @property
    def now(self) -> float:
        """Virtual seconds since the beginning."""
        return self._core.now() / 1000

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0, ms: float = 0) -> None:
        """Lets time pass."""
        self._run(self._core.now() + round((hours * 3600 + minutes * 60 + seconds) * 1000 + ms), None)

    def run_until(self, ready: Callable[[], bool], timeout: float = 86400) -> bool:
        """Lets time pass until something is true, at most so many virtual seconds."""
        return self._run(self._core.now() + round(timeout * 1000), ready)

    def settle(self) -> None:
        """Lets pass what is on its way: a second."""
        self.advance(seconds=1)

    # ---- the network

    def name(self, name: str, address: str) -> None:
        """Makes a host name: ``world.name("server.example", "10.0.0.1:5683")``."""
        self._core.name(name, address)

    def set_epoch(self, unix_seconds: float) -> None:
        """The wall clock at virtual time 0."""
        self._core.set_epoch(round(unix_seconds * 1000))

    @property
    def network(self) -> Link:
        """The whole network: ``world.network.set(loss=0.1)``."""
        return Link(self, None)

    def link(self, role: BaseRole) -> Link:
        """What connects one client or server to the network."""
        return self._link(role, _core.TRANSPORT_UDP)

    def phone(self, role: BaseRole) -> Link:
        """What connects one client or server to the service centre for short messages.

        Messages wait there for one that is :meth:`down <Link.down>`; `mtu` counts octets of user data.
        """
        return self._link(role, _core.TRANSPORT_SMS)

    def stored(self, number: str | None = None) -> int:
        """How many short messages wait for a number, ``"sms:+15550111"``; or for all."""
        return self._core.stored(number)

    def _link(self, role: BaseRole, kind: int) -> Link:
        runner = role._runner
        if isinstance(runner, WorldRunner):
            for transport in runner.transports:
                if transport.get_kind() == kind:
                    return Link(self, transport)
        raise StateError("this client or server has no such link in a world")

    def watch(self, observer: _Observer | None) -> None:
        """Calls ``observer(ms, source, destination, data, lost)`` for every datagram that is sent.

        So does each further one; None ends them all.
        """
        self._observers = [*self._observers, observer] if observer is not None else []
        self._core.observe(self._observe if self._observers else None)

    def _observe(self, *datagram: Any) -> None:
        for observer in self._observers:
            observer(*datagram)

    def record(self, limit: int = 1000) -> Traffic:
        """The datagrams from now on, the last `limit` of them: a list that grows, printed a line each."""
        traffic = Traffic(limit, self._names)
        self.watch(traffic.take)
        return traffic

    def _names(self) -> dict[str, str]:
        """Who is at which address now: endpoint names, "server", "server 2", "bootstrap"."""
        names: dict[str, str] = {}
        count: dict[str, int] = {}
        for node in self._nodes:
            name = getattr(node._role(), "_called", "server")
            count[name] = count.get(name, 0) + 1
            if count[name] > 1:
                name += f" {count[name]}"
            names.update((transport.local() or "", name) for transport in node.transports)
        return names

    def fail_memory(self, role: BaseRole, after: int = 0, count: int = 0xFFFFFFFF) -> None:
        """Makes allocations of a client or server fail: from the `after`-th on, so many."""
        self._core.fail_memory(role._runner.loop, after, count)

    def kill(self, role: BaseRole) -> None:
        """Ends a client or server as SIGKILL or a power cut does: nobody hears of it, nothing more is stored.

        Begin another one on the same store, to see what it remembers::

            world.kill(server)
            server = linnet.Server("coap://10.0.0.1:5683", world=world, store="server.db")
        """
        runner = role._runner
        if not isinstance(runner, WorldRunner) or runner.world is not self:
            raise StateError("this client or server is not in this world")
        with self._lock:
            if not runner.closed:
                runner.set_store(None)
                self._nodes.remove(runner)
                self._core.remove_loop(runner.loop)
        role.close()

    def node(self, kind: type[WorldRunner] | None = None) -> WorldRunner:
        """A runner for one more client or server."""
        with self._lock:
            runner = (kind or WorldRunner)(self)
            self._nodes.append(runner)
            return runner

    def address(self) -> str:
        """An address that nobody has yet."""
        self._addresses += 1
        return f"10.1.{self._addresses >> 8 & 255}.{self._addresses & 255}:5683"

    def _run(self, until: int, ready: Callable[[], bool] | None) -> bool:
        with self._lock:
            while True:
                if self._running:
                    raise StateError("a handler cannot wait, nor move the clock")
                self._take_events()
                if ready is not None and ready():
                    return True
                if self._core.now() >= until:
                    return ready is None
                if ready is not None and self._core.next() is None:
                    return False  # nothing will ever happen again
                self._let_run(until)

    def later(self, seconds: float) -> int:
        """The virtual milliseconds in so many seconds."""
        return self._core.now() + round(seconds * 1000)

    def step(self, until: int) -> bool:
        """Lets the next thing happen, or the time come. False: nothing will ever happen by itself."""
        with self._lock:
            upcoming = self._core.next()
            if upcoming is not None:
                self._let_run(min(max(self._core.now(), upcoming), until))
            self._take_events()
            return upcoming is not None

    def _let_run(self, until: int) -> None:
        self._running = True
        try:
            self._core.run(until)
        finally:
            self._running = False
            self._remove_gone()

    def _take_events(self) -> None:
        for node in list(self._nodes):
            if node.loop.has_event():
                with node:
                    pass
            node._call_back()

    def _remove(self, node: WorldRunner) -> None:
        self._gone.append(node)
        if not self._running:
            self._remove_gone()

    def _remove_gone(self) -> None:
        for node in self._gone:
            if node in self._nodes:
                self._nodes.remove(node)
                self._core.remove_loop(node.loop)
        self._gone.clear()


class Link:
    """What connects a client or server to the network, or, as ``world.network``, all of it."""

    def __init__(self, world: World, transport: _core.Transport | None) -> None:
        self._world, self._transport = world, transport

    def down(self) -> None:
        """Nothing passes any more."""
        self._set(_core.WORLD_DOWN, 1)

    def up(self) -> None:
        """Datagrams pass again."""
        self._set(_core.WORLD_DOWN, 0)

    def set(
        self,
        *,
        loss: float | None = None,
        duplication: float | None = None,
        reordering: float | None = None,
        delay_ms: int | None = None,
        jitter_ms: int | None = None,
        mtu: int | None = None,
        store: int | None = None,
    ) -> None:
        """What happens to datagrams: probabilities from 0 to 1, milliseconds, the largest size in bytes.

        `store`: how many short messages wait for a phone that is down.
        """
        for trait, part in (
            (_core.WORLD_LOSS, loss),
            (_core.WORLD_DUPLICATION, duplication),
            (_core.WORLD_REORDERING, reordering),
        ):
            if part is not None:
                self._set(trait, round(part * 1000))
        for trait, number in (
            (_core.WORLD_DELAY_MS, delay_ms),
            (_core.WORLD_JITTER_MS, jitter_ms),
            (_core.WORLD_MTU, mtu),
            (_core.WORLD_STORE, store),
        ):
            if number is not None:
                self._set(trait, number)

    def rebind(self, address: str) -> None:
        """Gives the client or server another address, as a NAT that forgot does."""
        if self._transport is None:
            raise StateError("the whole network cannot move to another address")
        self._world._core.rebind(self._transport, address)

    def _set(self, trait: int, value: int) -> None:
        self._world._core.set(self._transport, trait, value)


def _weakly(runner: Runner) -> Callable[[], object]:
    """What a world calls before anything of a node leaves."""
    itself = weakref.ref(runner)

    def store() -> None:
        alive = itself()
        if alive is not None and alive.store is not None:
            alive.store()

    return store


class WorldRunner(Runner):
    """Runs one client or server in a world; the world runs them all."""

    def __init__(self, world: World) -> None:
        super().__init__(world._core.new_loop())
        self.world = world
        self.lock = world._lock
        self.transports: list[_core.Transport] = []

    def attach(self, transport: _core.Transport, local: str | None) -> None:
        self.world._core.attach(transport, local or self.world.address())
        self.transports.append(transport)

    def attach_phone(self, transport: _core.Transport, uri: str) -> None:
        if not uri:
            raise StateError("in a world a SmsTransport needs a number: SmsTransport(number=...)")
        self.world._core.attach(transport, uri)

    def keep(self, transport: _core.Transport) -> None:
        self.transports.append(transport)

    def set_store(self, store: Callable[[], bool] | None) -> None:
        super().set_store(store)
        if not self.closed:
            self.world._core.keep(self.loop, None if store is None else _weakly(self))

    def close(self) -> None:
        with self.lock:
            if not self.closed:
                self.closed = True
                for transport in self.transports:
                    transport.close()
                self.world._remove(self)

    def now(self) -> float:
        return self.world.now

    def wait(self, condition: threading.Condition, ready: Callable[[], bool], timeout: float | None) -> bool:
        self._check_may_wait()
        world = self.world
        until = world.later(PATIENCE if timeout is None else timeout)
        return world._run(until, lambda: ready() or self.closed) and ready()

    @property
    def in_turn(self) -> bool:
        """True inside a handler of any node."""
        return self.world._running or super().in_turn

    def _finish_turn(self) -> None:
        if not self.world._running:
            if self.store is not None:
                self.store()  # what the turn has changed is as safe as on real sockets
            self._take_events()
