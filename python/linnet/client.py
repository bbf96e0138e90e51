# SPDX-License-Identifier: Apache-2.0
"""The client role, blocking: ``linnet.Client``. What it shares with asyncio is :class:`BaseClient`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import _core
from .arguments import Paths, lifetime_of, paths_of, server_id_of, text_of, whole
from .client_sms import ShortMessages
from .credentials import ClientKeys, Material, Psk
from .errors import Closed, Error, NotFound, StateError, TimeoutError, about
from .events import Event, EventKind
from .home import CREATE, DELETE, Home, OnCreate, OnDelete, declare, fill
from .keeping import Keeping
from .modem import SmsTransport, digits_of
from .objects import Instance, Object
from .provision import Provision
from .role import BaseRole, Blocking, is_number, is_secure
from .runner import ScriptTransport
from .standard import StandardObjects
from .values import Record, ids_of, path_of, unpack

if TYPE_CHECKING:
    from .sim import World

O = TypeVar("O", bound=Object)  # noqa: E741
Self = TypeVar("Self", bound="BaseClient")

Transport = _core.Transport

#: Every server account at once, where a Short Server ID is wanted.
EVERY_SERVER = _core.EVERY_SERVER

_RIGHTS = {
    "read": _core.ACCESS_READ,
    "write": _core.ACCESS_WRITE,
    "execute": _core.ACCESS_EXECUTE,
    "delete": _core.ACCESS_DELETE,
    "create": _core.ACCESS_CREATE,
}
_STATES = {
    _core.CLIENT_IDLE: "idle",
    _core.CLIENT_RESOLVING: "resolving",
    _core.CLIENT_REGISTERING: "registering",
    _core.CLIENT_REGISTERED: "registered",
    _core.CLIENT_WAITING: "waiting",
    _core.CLIENT_DEREGISTERING: "deregistering",
}
#: What a state means to somebody who waits for the registration.
_NOT_REGISTERED = {
    "idle": "it is not started",
    "resolving": "the name of the host is being looked up",
    "registering": "no answer yet",
    "registered": "not with every server",
    "waiting": "it failed and will be tried again",
    "deregistering": "it deregisters",
}


class BaseClient(BaseRole, StandardObjects, Keeping, Provision, ShortMessages):
    """What the blocking and the asyncio client share."""

    _core: _core.Client

    def __init__(
        self,
        endpoint: str,
        server: str | None = None,
        *,
        lifetime: int = 86400,
        short_server_id: int = 1,
        binding: str | None = None,
        local: str | None = None,
        models: Paths = (),
        sms: SmsTransport | None = None,
        server_number: str | None = None,
        psk: Psk | tuple[str | bytes, bytes] | None = None,
        certificate: Material | None = None,
        private_key: Material | None = None,
        trust: Material | None = None,
        sms_psk: Psk | tuple[str | bytes, bytes] | None = None,
        world: World | None = None,
        transport: ScriptTransport | None = None,
        seed: bytes | None = None,
    ) -> None:
        keys = ClientKeys(psk, certificate, private_key, trust, sms_psk)
        runner = self._runner = self._make_runner(world, transport, seed)
        self.endpoint = self._called = text_of("endpoint", endpoint)
        self._homes: dict[int, Home] = {}
        self._begin(runner, _core.Client(runner.loop, endpoint, None))
        self.model.load(*paths_of(models))
        self._script, self._local = transport, local
        self._transports: list[Transport] = []
        self._reached: dict[bool, Transport] = {}
        by_number = server is not None and is_number(text_of("server", server))
        waits = transport is not None and server is None  # its first account says whether it carries coaps
        if not waits and (sms is None or not by_number or local is not None):
            self._reach(is_secure((None if by_number else server) or local or "coap://"))
        self._sms = sms
        if sms is not None:
            dtls = sms.uses_dtls(keys=keys.psk is not None or keys.sms_psk is not None)
            self._transports.append(self._open_sms(sms, secure=dtls))
            if sms.digits:
                self.set_sms_number(sms.digits)
        if server is not None:
            self._add_server(server, short_server_id, lifetime, binding, server_number, keys)

    def __repr__(self) -> str:
        return f"<client {self.endpoint!r}, {'closed' if self.closed else self.state()}>"

    def _reach(self, secure: bool) -> None:
        """Opens the transport for coap or coaps, when it is asked for first."""
        if secure in self._reached:
            return
        local = self._local
        if local is not None and "://" in local:  # the socket of that scheme
            local = local.split("://", 1)[1] if is_secure(local) == secure else None
        elif self._reached:
            local = None
        self._reached[secure] = self._open(self._script, local, secure=secure)
        self._transports.append(self._reached[secure])

    def _reach_accounts(self) -> None:
        """Opens what the accounts need that a file brought."""
        securities = self._core.own_object(0)
        assert securities is not None  # a client is never without
        for index in range(securities.instance_count()):
            uri = securities.get(path_of(0, securities.instance_at(index), 0))
            if isinstance(uri, str) and not is_number(uri):
                self._reach(uri.startswith("coaps://"))

    # ---- servers

    def add_server(
        self,
        uri: str,
        *,
        short_server_id: int = 1,
        lifetime: int = 86400,
        binding: str | None = None,
        number: str | None = None,
        psk: Psk | tuple[str | bytes, bytes] | None = None,
        certificate: Material | None = None,
        private_key: Material | None = None,
        trust: Material | None = None,
        sms_psk: Psk | tuple[str | bytes, bytes] | None = None,
    ) -> None:
        """Adds a server account: instances of objects 0 and 1. For the keys see :class:`linnet.Client`.

        `number` is where short messages to the server go, and the only one from which they are taken. A
        server that is reached by SMS alone has it as its URI, ``"sms:+15550100"``. The binding is then S,
        else U, unless you say another.
        """
        keys = ClientKeys(psk, certificate, private_key, trust, sms_psk)
        self._add_server(uri, short_server_id, lifetime, binding, number, keys)

    def _add_server(
        self,
        uri: str,
        short_server_id: int,
        lifetime: int,
        binding: str | None,
        number: str | None,
        keys: ClientKeys,
    ) -> None:
        by_number = is_number(text_of("server", uri))
        secure = not by_number and is_secure(uri)
        server_id_of(short_server_id)
        lifetime_of(lifetime)
        with self._runner:
            if by_number:
                self._need_sms(uri)
            else:
                self._reach(secure)
            self._core.add_server(uri, short_server_id, lifetime)
            if number is not None:
                self._core.set_server_number(short_server_id, digits_of(number))
            if binding is not None:
                self._core.set_binding(short_server_id, binding)
            if not by_number:
                keys.give(self._core, uri, short_server_id)
            if by_number or number is not None:
                self._secure_sms(uri, digits_of(number or uri), short_server_id, keys)

    def add_bootstrap_server(
        self,
        uri: str,
        *,
        hold_off: int = 0,
        psk: Psk | tuple[str | bytes, bytes] | None = None,
        certificate: Material | None = None,
        private_key: Material | None = None,
        trust: Material | None = None,
    ) -> None:
        """Adds the account of a bootstrap-server, which is asked for accounts of servers.

        It is asked `hold_off` seconds after the start without any account of a server, or after registrations
        with all servers failed. "bootstrap-started" and "bootstrap-finished" events tell of each attempt.
        One that is reached by SMS has its number as its URI, ``"sms:+15550100"``.
        """
        keys = ClientKeys(psk, certificate, private_key, trust)
        with self._runner:
            if is_number(uri):
                self._need_sms(uri)
                self._core.add_bootstrap_server(uri, hold_off)
                self._secure_sms(uri, digits_of(uri), _core.BOOTSTRAP_ACCOUNT, keys)
                return
            secure = is_secure(uri)
            self._reach(secure)
            if _core.dtls_backend() != "none":
                self._reach(not secure)  # whatever servers it will name
            self._core.add_bootstrap_server(uri, whole("hold_off", hold_off, 0, 0xFFFFFFFF))
            keys.give(self._core, uri, _core.BOOTSTRAP_ACCOUNT)

    def _start_registering(self) -> None:
        with self._runner:
            self._core.start()

    def update(self, short_server_id: int = EVERY_SERVER) -> None:
        """Sends an Update now."""
        with self._runner:
            self._core.update(short_server_id)

    def deregister(self, short_server_id: int = EVERY_SERVER) -> None:
        """Leaves the server; a "deregistered" event follows. :meth:`start` registers again."""
        with self._runner:
            self._core.deregister(short_server_id)

    def register_anew(self, short_server_id: int = EVERY_SERVER) -> None:
        """Registers as if for the first time, at once: after the address of this device has changed."""
        with self._runner:
            self._core.register_anew(short_server_id)

    def set_confirmable(self, confirmable: bool, short_server_id: int = EVERY_SERVER) -> None:
        """Whether notifications ask for an acknowledgement (they do at first). One a day does anyway."""
        with self._runner:
            self._core.set_reliability(
                short_server_id, _core.CONFIRMABLE if confirmable else _core.NON_CONFIRMABLE
            )

    def set_root(self, root: str) -> None:
        """Has the objects below a path, e.g. ``"/lwm2m"``, instead of ``"/"``."""
        with self._runner:
            self._core.set_root(root)

    def awake_for(self, short_server_id: int = EVERY_SERVER) -> float | None:
        """For how many seconds more a server in queue mode may send something; None: always.

        At 0 the radio may be off until linnet has something to send. "asleep" and "awake" events tell, too.
        """
        until = self._core.awake_until(short_server_id)
        return None if until is None else max(0.0, until / 1000 - self._runner.loop.now() / 1000)

    def set_access(self, path: str, short_server_id: int = EVERY_SERVER, *rights: str) -> None:
        """Gives a server rights on an instance: of ``"read"``, ``"write"``, ``"execute"``, ``"delete"``.

        On an object, ``"create"``. Without any the server has none. They are asked for with more than one
        server account only, and then what nobody was given, nobody can do. Without a server's id: those that
        were given nothing of their own.
        """
        unknown = set(rights) - set(_RIGHTS)
        if unknown:
            raise ValueError(f"rights are {', '.join(_RIGHTS)}, not {', '.join(sorted(unknown))}")
        with self._runner:
            self._core.set_access(path, short_server_id, sum(_RIGHTS[right] for right in set(rights)))

    def set_owner(self, path: str, short_server_id: int) -> None:
        """Makes a server the owner of an instance: it has all rights and gives them to others."""
        with self._runner:
            self._core.set_owner(path, short_server_id)

    def access(self, path: str, short_server_id: int) -> set[str]:
        """What that server may do to an instance, or ``{"create"}`` of an object."""
        granted = self._core.access(path, short_server_id)
        return {name for name, right in _RIGHTS.items() if granted & right}

    def state(self, short_server_id: int = EVERY_SERVER) -> str:
        """One of idle, resolving, registering, registered, waiting (to try again), deregistering."""
        return _STATES[self._core.get_state(short_server_id)]

    @property
    def registered(self) -> bool:
        """True if registered with every server."""
        return not self.closed and self.state() == "registered"

    def location(self, short_server_id: int = 1) -> str:
        """Where the server keeps the registration, e.g. ``"/rd/5a3f"``; "" if not registered."""
        return self._core.location(short_server_id)

    def next_update(self, short_server_id: int = 1) -> float | None:
        """In how many seconds the next Update is due; None if not registered."""
        due = self._core.next_update(short_server_id)
        return None if due is None else max(0.0, due / 1000 - self._runner.loop.now() / 1000)

    @property
    def local(self) -> str:
        """Where the client can be reached, e.g. ``"127.0.0.1:41000"``, ``"sms:+15550111"`` if only by SMS."""
        return (self._transports[0].local() or "") if self._transports else ""

    @property
    def listen(self) -> tuple[str, ...]:
        """Where it can be reached, such as ``("coap://[::]:40000", "coaps://[::]:40001")``."""
        return self._addresses(self._transports)

    def _handle_event(self, event: Event) -> None:
        home = self._homes.get(ids_of(event.path)[0]) if event.path.strip("/") else None
        if home is not None and event.kind in (EventKind.CREATE, EventKind.DELETE):
            number = ids_of(event.path)[1]
            (home.complete if event.kind is EventKind.CREATE else home.deleted)(number)
        elif home is not None and event.kind is EventKind.WRITE:
            home.written(event.records)
        super()._handle_event(event)

    def _settled(self) -> bool:
        """True unless the answer to a Register is due."""
        return self.state() not in ("resolving", "registering")

    def _not_registered(self, timeout: float | None) -> Error:
        """With whom, how long, and what happened instead."""
        if self.closed:
            return Closed(f"waiting for {self.endpoint!r} to be registered: it was closed")
        waited = "waited" if timeout is None else f"waited {timeout:g} s"
        happened = [_NOT_REGISTERED[self.state()], *self._runner.recent()]
        whom = f" with {', '.join(self._server_uris()) or 'any server: it has none'}"
        return TimeoutError(f"{waited} for {self.endpoint!r} to be registered{whom}: {'; '.join(happened)}")

    def _server_uris(self) -> list[str]:
        securities = self._core.own_object(0)
        assert securities is not None  # a client is never without
        at = [securities.instance_at(index) for index in range(securities.instance_count())]
        uris = [
            securities.get(path_of(0, number, 0))
            for number in at
            if not securities.get(path_of(0, number, 1))
        ]
        return [str(uri) for uri in uris]

    # ---- objects

    def object(self, id: int, *, version: str = "1.0", name: str = "") -> Callable[[type[O]], type[O]]:
        """Decorates a class derived from :class:`linnet.Object`: says which object it is, and declares it."""

        def decorate(kind: type[O]) -> type[O]:
            kind.object_id, kind.object_version = id, version
            kind.object_name = name or kind.object_name
            with self._runner:
                declare(self.model, kind)
            return kind

        return decorate

    def add(self, instance: O) -> O:
        """Adds an instance of an :class:`linnet.Object` class. Servers are told by an Update."""
        with self._runner:
            declare(self.model, type(instance))
            home = self._home(instance.object_id or 0, create=True)
            home.adopt(instance)
            home.handle_questions()
            if type(instance).creatable:
                home.core.allow(CREATE | DELETE)
            self._show(home)
        return instance

    def remove(self, instance: Object | str) -> None:
        """Removes an instance (an object of Python, or a path such as ``"/3303/0"``)."""
        object_id, number = ids_of(instance if isinstance(instance, str) else instance.path)[:2]
        home = self._home(object_id)
        with self._runner:
            home.core.remove_instance(number)
            home.forget(number)

    def add_object(
        self,
        id: int | str,
        *instances: int,
        creatable: bool = True,
        on_create: OnCreate | None = None,
        on_delete: OnDelete | None = None,
    ) -> list[Instance]:
        """Adds an object that the model knows, with every resource; values are samples to begin with.

        Servers may create and delete instances of it, if it can have several and `creatable` is not False.
        `on_create` is asked before, with the path and what the server gives by resource id, `on_delete` with
        the path; to raise refuses, a Future is an answer that comes later, as in :meth:`Object.on_create`::

            def at_most_four(path: str, values: Mapping[int, Any]) -> None:
                if len([there for there in client.instances() if there.startswith("/3303/")]) >= 4:
                    raise linnet.ResponseError("4.06")

            client.add_object(3303, 0, on_create=at_most_four)
        """
        definition = self.model[id]
        with self._runner:
            home = self._home(definition.id, create=True)
            home.samples = True
            made = []
            for number in instances or (0,):
                if not home.core.has_instance(number):
                    home.core.add_instance(number)
                made.append(Instance(home, number))
                fill(made[-1])
            if creatable and definition.multiple:
                home.core.allow(CREATE | DELETE)
            home.on_create, home.on_delete = on_create or home.on_create, on_delete or home.on_delete
            if home.on_create is not None or home.on_delete is not None:
                home.handle_questions()
            self._show(home)
        return made

    def _home(self, object_id: int, create: bool = False) -> Home:
        if self.closed:
            raise Closed(f"{self.endpoint} is closed")
        home = self._homes.get(object_id)
        if home is None:
            core = self._core.own_object(object_id)
            if core is None and create:
                core = _core.Object(self.model._core, object_id)
            if core is None:
                raise NotFound(f"{self.endpoint} has no object {object_id}")
            home = self._homes[object_id] = Home(self._runner, self.model, core)
        return home

    def _show(self, home: Home) -> None:
        if self._core.own_object(home.id) is None:
            self._core.add_object(home.core)

    def instance(self, object: int | str, instance: int = 0) -> Instance:
        """An instance by object id or name: ``client.instance("Device").manufacturer``."""
        home = self._home(self.model[object].id)
        if not home.core.has_instance(instance):
            raise NotFound(f"{self.endpoint} has no {path_of(home.id, instance)}")
        return Instance(home, instance)

    @property
    def device(self) -> Instance:
        """The Device object: ``client.device.manufacturer = "ACME"``."""
        return self.instance(3)

    def instances(self) -> list[str]:
        """The paths of all instances, but those of Security."""
        found = []
        for definition in {definition.id for definition in self.model}:
            core = self._core.own_object(definition)
            if core is not None and definition != 0:
                found += [
                    path_of(definition, core.instance_at(index)) for index in range(core.instance_count())
                ]
        return sorted(found, key=ids_of)

    # ---- values by path

    def records(self, path: str) -> list[Record]:
        """What is stored at or below a path, and what is computed there."""
        path = self.model.path(path)
        ids = ids_of(path)
        if not ids:
            return [record for instance in self.instances() for record in self.records(instance)]
        home = self._home(ids[0])
        found = home.stored(path)
        for (instance, id), reader in sorted(home.readers.items()):
            at = path_of(home.id, instance, id)
            if (at + "/").startswith(path + "/"):
                value = reader()
                items = value.items() if isinstance(value, dict) else ((None, value),)
                kind = home.definition.resource(id).type
                found += [
                    Record(at if index is None else f"{at}/{index}", item, kind) for index, item in items
                ]
        if not found and not home.core.has(path):
            raise NotFound(f"{self.endpoint} has no {path}")
        return sorted(found, key=lambda record: ids_of(record.path))

    def get(self, path: str) -> Any:
        """What the client has at a path, as ``device.read`` would give it to the server."""
        path = self.model.path(path)
        return unpack(path, tuple(self.records(path)))

    def set(self, path: str, value: Any) -> None:
        """Gives a resource a value, whatever servers may do to it. Observers are told."""
        path = self.model.path(path)
        ids = ids_of(path)
        if len(ids) == 3:
            home = self._home(ids[0])
            home.put(ids[1], home.definition.resource(ids[2]), value)
        else:
            with self._runner, about(path):
                self._core.set(path, value)

    def notify(self, path: str) -> None:
        """Tells observers that what is at or below a path changed."""
        with self._runner:
            self._core.notify(self.model.path(path))


class Client(Blocking, BaseClient):
    """An LwM2M client, in a thread of its own or in a simulated world::

        with linnet.Client("kitchen", server="coap://localhost", lifetime=300) as client:
            client.device.manufacturer = "ACME"
            client.wait()

    Args:
        endpoint: The name that the server knows the client by.
        server: The URI of the server, ``"coap://host"`` or ``"sms:+15550100"``; more with :meth:`add_server`.
        lifetime: Seconds that the registration lasts without an Update; linnet sends them in time.
        binding: U, UQ, S, SQ, US or UQS; if left out U, or S for a server of which only the number is known.
        local: Where to bind the socket, ``"host:port"``; any port if left out. Where there are sockets for
            coap and coaps it is the first of them, or that of its scheme, ``"coaps://host:port"``.
        models: Definition files (DDF) or directories of them.
        sms: What carries short messages, :class:`SmsTransport`. Registration and notifications go over UDP
            with US and UQS, over SMS with S and SQ; answers go where the request came from.
        server_number: With `sms`: the number of a server that has a ``coap://`` URI, too.
        psk: With ``coaps://``: the identity and the key, ``("kitchen", b"...")``. Short messages are secured
            with it, too.
        certificate: With ``coaps://``: the certificate of this client, a file or its bytes, PEM or DER.
        private_key: Its key.
        trust: The certificate of the server, or of an authority that vouches for it; then the server's
            certificate has to name the host of the URI.
        sms_psk: Beside ``coaps://``: another pre-shared key for short messages, with an identity of 6 or 7
            bytes and a key of 16, 32 or 48, as resources 7 and 8 of the Security object have them.
        world: The simulated world to live in; `local` is then the address there.
        transport: Carries the datagrams itself; see :class:`ScriptTransport`.
        seed: With `transport`: 16 bytes or more, for runs that can be repeated.

    """

    def start(self) -> None:
        """Registers, and keeps registered, in the background. :meth:`wait_registered` waits for it."""
        self._runner.start()
        self._start_registering()

    def wait_registered(self, timeout: float | None = None) -> None:
        """Waits until every server has the registration. TimeoutError says why not."""
        if not self._runner.wait(self._changed, lambda: self.registered, timeout):
            raise self._not_registered(timeout)

    def wait(self, timeout: float | None = None) -> None:
        """Waits until Ctrl-C, or until the client is closed; then stops it. Starts it if need be."""
        if self.closed:
            return
        if self.state() == "idle":
            self.start()
        try:
            if not self._runner.wait(self._changed, lambda: self.closed, timeout) and timeout is not None:
                return
        except KeyboardInterrupt:
            self._runner.let_go()
        try:
            self.stop()
        except KeyboardInterrupt:  # twice: without a goodbye
            self.close()

    def stop(self, timeout: float = 3.0) -> None:
        """Says goodbye to the servers, waiting so long for their answer, and ends."""
        if self.closed:
            return
        if self.state() != "idle" and not self._runner.in_turn:
            with contextlib.suppress(StateError):  # there was nothing to say goodbye to
                self._runner.wait(self._changed, self._settled, timeout)
                self.deregister()
                self._runner.wait(self._changed, lambda: self.state() == "idle", timeout)
        self.close()

    def __enter__(self) -> Client:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.stop()
