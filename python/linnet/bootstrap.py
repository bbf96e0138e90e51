# SPDX-License-Identifier: Apache-2.0
"""The bootstrap server role, blocking: ``linnet.BootstrapServer``; what it shares with asyncio."""

from __future__ import annotations

import contextlib
import os
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Union

from . import _core
from .arguments import Paths, paths_of
from .configuration import Configuration, explain
from .credentials import Credential, Credentials, Material, credentials_of
from .errors import Error, InvalidArgument, ResponseError, StateError, TimeoutError
from .events import Event, EventKind
from .modem import SmsTransport
from .role import BaseRole, BlockingServer
from .runner import ScriptTransport

if TYPE_CHECKING:
    from .sim import World

#: A TOML file, configurations by endpoint name or pattern, or a function that is asked for each device.
ConfigurationSource = Union[
    str, "os.PathLike[str]", Mapping[str, Configuration], Callable[["BootstrapRequest"], Any], None
]
_Made = _core.Configuration
_Question = _core.Question
#: How many endings are remembered for :meth:`BootstrapServer.wait_for`.
MEMORY = 1024


@dataclass(frozen=True)
class BootstrapRequest:
    """A device that asks to be bootstrapped."""

    endpoint: str
    #: Where it asks from, e.g. ``"192.0.2.7:40000"``.
    address: str


class BaseBootstrapServer(BaseRole):
    """What the blocking and the asyncio bootstrap server share."""

    _core: _core.Bootstrap
    _called = "bootstrap"

    def __init__(
        self,
        listen: str | Sequence[str] = "coap://0.0.0.0:5683",
        config: ConfigurationSource = None,
        *,
        models: Paths = (),
        credentials: Credentials | Mapping[str, Credential] | None = None,
        certificate: Material | None = None,
        private_key: Material | None = None,
        trust: Material | Sequence[Material] = (),
        sms: SmsTransport | None = None,
        world: World | None = None,
        transport: ScriptTransport | None = None,
        seed: bytes | None = None,
    ) -> None:
        known = credentials_of(credentials, certificate, private_key, trust)
        runner = self._runner = self._make_runner(world, transport, seed)
        self._kept: dict[str, tuple[Configuration, _Made]] = {}
        self._choose: Callable[[BootstrapRequest], Any] | None = None
        self._endings: OrderedDict[str, Event] = OrderedDict()
        self._begin(runner, _core.Bootstrap(runner.loop, None))
        self.model.load(*paths_of(models))
        self._core.set_handler(_weakly(self))
        self.load(config)
        uris = [listen] if isinstance(listen, str) else list(listen)
        self._transports = self._listen(transport, uris, known)
        if sms is not None:
            self._transports.append(self._open_own_sms(sms, known))
        #: Where devices can reach the server, e.g. ``("coap://127.0.0.1:5683",)``.
        self.listen = self._addresses(self._transports)
        #: Whom the server lets in on coaps, and what it shows; None if nothing was given.
        self.credentials = known
        runner.begin()

    # ---- configurations

    def load(self, config: ConfigurationSource) -> None:
        """Takes configurations from a TOML file (docs/bootstrap.md), a dictionary or a function.

        The entries of a file or dictionary are added to those there are, all of them or, if one is wrong,
        none.
        """
        if config is None:
            return
        if callable(config):
            self.on_request(config)
            return
        where = ""
        if not isinstance(config, Mapping):
            from .configuration_file import read_configurations

            where = f"{os.fspath(config)}: "
            config = read_configurations(config, self.model)
        with self._runner:
            made = [
                (endpoint, configuration, self._make(endpoint, configuration, where))
                for endpoint, configuration in config.items()
            ]
            for endpoint, configuration, core in made:
                self._keep(endpoint, configuration, core)

    @property
    def configurations(self) -> dict[str, Configuration]:
        """What there is, by endpoint name or pattern, without what a function chooses."""
        return {endpoint: configuration for endpoint, (configuration, _) in self._kept.items()}

    def reload(self, config: ConfigurationSource) -> None:
        """The same as :meth:`load`, in place of all that there is. On an Error all stays as it is."""
        before = set(self._kept)
        with self._runner:
            kept, self._kept = self._kept, {}
            try:
                self.load(config)
            except BaseException:
                self._kept = kept
                raise
            for endpoint in before - set(self._kept):
                self._drop(endpoint)

    def configure(self, endpoint: str, configuration: Configuration | None) -> None:
        """What devices of this name are given when they ask; None: nothing any more.

        A name with ``*``, ``?`` or ``[`` is a pattern, and ``"*"`` stands for all devices that nothing else
        fits; of several patterns the first one counts.
        """
        with self._runner:
            if configuration is not None:
                core = self._make(endpoint, configuration, "")
                self._keep(endpoint, configuration, core)
            elif self._kept.pop(endpoint, None) is not None:
                self._drop(endpoint)

    def _make(self, endpoint: str, configuration: Configuration, where: str) -> _Made:
        """Makes it, and has it checked."""
        try:
            core = configuration._make(self.model, self._runner.loop)
            probe = _core.Bootstrap(self._runner.loop, None)
            probe.configure(None, core)
            probe.close()
        except Error as error:
            servers = "server" if where else "servers"  # as it is called where it stands
            raise explain(configuration, error, f"{where}device {endpoint!r}", servers) from None
        return core

    def _keep(self, endpoint: str, configuration: Configuration, core: _Made) -> None:
        self._kept[endpoint] = (configuration, core)
        if endpoint == "*":
            self._core.configure(None, core)
        elif not _is_pattern(endpoint):
            self._core.configure(endpoint, core)

    def _drop(self, endpoint: str) -> None:
        if endpoint == "*":
            self._core.configure(None, None)
        elif not _is_pattern(endpoint):
            self._core.configure(endpoint, None)

    def configuration_of(self, endpoint: str) -> Configuration | None:
        """What a device of this name is given, unless a function chooses something else."""
        found = self._kept.get(endpoint) or self._matching(endpoint) or self._kept.get("*")
        return None if found is None else found[0]

    def _matching(self, endpoint: str) -> tuple[Configuration, _Made] | None:
        """What the first pattern that fits has."""
        for pattern, kept in self._kept.items():
            if _is_pattern(pattern) and pattern != "*" and fnmatchcase(endpoint, pattern):
                return kept
        return None

    def _fitting(self, endpoint: str) -> _Made | None:
        """What a pattern has for a name that nothing is configured for by itself."""
        found = None if endpoint in self._kept else self._matching(endpoint)
        return None if found is None else found[1]

    def on_request(self, choose: Callable[[BootstrapRequest], Any]) -> Callable[[BootstrapRequest], Any]:
        """Lets a function choose, for each device that asks, a :class:`Configuration`; also a decorator.

        None leaves it to what is configured for the name. A Future (or, on asyncio, a coroutine) gives it
        later; the device waits. It refuses the device by raising ``linnet.NotFound()`` (4.00) or
        ``linnet.ResponseError("5.03")``::

            @bootstrap.on_request
            def choose(request):
                return configurations[request.endpoint]
        """
        self._choose = choose
        return choose

    # ---- questions

    def _ask(self, question: _Question) -> int:
        """Answers the C library. Returns a status."""
        fields = question.fields()
        request = BootstrapRequest(fields["endpoint"], fields["text"])
        try:
            answer = self._choose(request) if self._choose is not None else None
            later = self._runner.future(answer)
            if later is None:
                self._give(question, request, answer)
            elif later.done():
                self._give(question, request, later.result())
            else:
                question.defer()
                later.add_done_callback(lambda future: self._finish(question, request, future))
        except self._runner.survives as error:
            return self._refuse(question, request, error)
        return _core.OK

    def _give(self, question: _Question, request: BootstrapRequest, answer: Any) -> None:
        if answer is not None:
            self._core.answer(question, self._make(request.endpoint, answer, ""))
        elif (fitting := self._fitting(request.endpoint)) is not None:
            self._core.answer(question, fitting)

    def _finish(self, question: _Question, request: BootstrapRequest, future: Any) -> None:
        """A deferred answer is there. Called in any thread, even in the middle of the question."""
        if self._runner.in_turn:
            self._runner.later(lambda: self._finish(question, request, future))
            return
        with self._runner:
            status = _core.OK
            try:
                self._give(question, request, future.result())
            except StateError:  # nobody waits any more
                return
            except Exception as error:
                status = self._refuse(question, request, error)
            with contextlib.suppress(StateError):
                question.finish(status)

    def _refuse(self, question: _Question, request: BootstrapRequest, error: BaseException) -> int:
        """The status for what was raised; what is no refusal is reported."""
        if isinstance(error, ResponseError) and 400 <= error.number < 600:
            with contextlib.suppress(InvalidArgument):  # no such code: a mistake like another
                question.refuse(error.number)
                return error.status
        if isinstance(error, (LookupError, PermissionError)):
            return _core.ERROR_NOT_FOUND
        self._runner.handler_failed(f"configuring {request.endpoint} failed", error)
        return _core.ERROR_HANDLER_FAILED

    # ---- devices

    def start_bootstrap(self, endpoint: str, address: str, configuration: Configuration | None = None) -> int:
        """Begins by itself with the device at an address, which has the account of this server (BS-04).

        It gets what is configured for its name, or, from now on, `configuration`. The number returned is
        that of its events (`request`).
        """
        if configuration is not None:
            self.configure(endpoint, configuration)
        with self._runner:
            fitting = self._fitting(endpoint)
            if fitting is None:
                return self._core.start(endpoint, address)
            self._core.configure(endpoint, fitting)  # for this time
            try:
                return self._core.start(endpoint, address)
            finally:
                self._core.configure(endpoint, None)

    def _handle_event(self, event: Event) -> None:
        if event.kind is EventKind.BOOTSTRAP_FINISHED:
            self._endings.pop(event.endpoint, None)
            self._endings[event.endpoint] = event
            if len(self._endings) > MEMORY:
                self._endings.popitem(last=False)
        super()._handle_event(event)

    def _done(self, endpoint: str) -> bool:
        ending = self._endings.get(endpoint)
        return ending is not None and ending.status >= 0

    def _not_done(self, endpoint: str, timeout: float | None) -> Error:
        """Of whom what was awaited, how long and where, and what happened instead."""
        waited = "waited" if timeout is None else f"waited {timeout:g} s"
        ending = self._endings.get(endpoint)
        happened = [ending.text] if ending is not None and ending.text else []
        happened += [words for words in self._runner.recent() if not happened or happened[0] not in words]
        others = [known for known in self._endings if known != endpoint]
        if others:
            happened.append(f"bootstrapped lately: {', '.join(others[-5:])}")
        return TimeoutError(
            f"{waited} for {endpoint!r} to be bootstrapped at {', '.join(self.listen)}: "
            + ("; ".join(happened) or "no device has asked")
        )


def _is_pattern(endpoint: str) -> bool:
    return bool(set(endpoint) & set("*?["))


def _weakly(server: BaseBootstrapServer) -> Callable[[_core.Question], int | None]:
    reference = weakref.ref(server)

    def ask(question: _core.Question) -> int | None:
        found = reference()
        return _core.ERROR_HANDLER_FAILED if found is None else found._ask(question)

    return ask


class BootstrapServer(BlockingServer, BaseBootstrapServer):
    """A bootstrap server: gives devices that ask their server accounts. It runs in a thread of its own::

        kitchen = linnet.Configuration(servers=[linnet.ServerAccount("coap://lwm2m.example", lifetime=300)])
        with linnet.BootstrapServer("coap://0.0.0.0:5693", {"kitchen": kitchen}) as bootstrap:
            bootstrap.wait_for("kitchen")

    "bootstrap-started" and "bootstrap-finished" events tell of each device; a "response" event in between has
    the links that it discovered.

    Args:
        listen: One URI, or several. Port 0 picks a free one; :attr:`listen` tells which.
        config: A TOML file (docs/bootstrap.md), a dictionary by endpoint name or pattern, or a function that
            is asked for each device; see :meth:`on_request`.
        credentials: With coaps: what lets each endpoint in; this and the next three as for
            :class:`linnet.Server`.
        certificate: With coaps: the certificate of the server.
        private_key: Its key.
        trust: Authorities: who shows a certificate that they vouch for is let in.
        models: Definition files (DDF) or directories of them.
        sms: What carries short messages; `listen` may be ``()`` then.
        world: The simulated world to live in.
        transport: Carries the datagrams itself; see :class:`ScriptTransport`.
        seed: With `transport`: 16 bytes or more, for runs that can be repeated.

    """

    def wait_for(self, endpoint: str, timeout: float | None = None) -> Event:
        """Waits until a device has been bootstrapped. TimeoutError says why it was not."""
        if not self._runner.wait(self._changed, lambda: self._done(endpoint), timeout):
            raise self._not_done(endpoint, timeout)
        return self._endings[endpoint]
