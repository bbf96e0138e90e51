# SPDX-License-Identifier: Apache-2.0
"""The devices of a server: who is registered, and what each has said of itself."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _core
from .calls import CHANNELS, Call, Link, links_of
from .errors import InvalidArgument
from .values import ids_of

if TYPE_CHECKING:
    from .server import BaseServer

D = TypeVar("D", bound="BaseDevice")
R = TypeVar("R")
Self = TypeVar("Self", bound="BaseDevice")


class Registrations(Mapping[str, D], Generic[D]):
    """The devices that are registered now, by endpoint name. Always current."""

    def __init__(self, server: BaseServer[D]) -> None:
        self._server = server

    def __getitem__(self, endpoint: str) -> D:
        if endpoint not in self:
            raise KeyError(endpoint)
        return self._server.device(endpoint)

    def __contains__(self, endpoint: object) -> bool:
        return isinstance(endpoint, str) and bool(endpoint) and self._server._core.find(endpoint) != 0

    def __len__(self) -> int:
        return self._server._core.registration_count()

    def __iter__(self) -> Iterator[str]:
        core = self._server._core
        with self._server._runner.lock:
            known = [endpoint for endpoint in self._server._known if core.find(endpoint)]
            if len(known) != len(self):  # events were dropped
                known = [core.endpoint(core.registration_at(index)) for index in range(len(self))]
                self._server._known = dict.fromkeys(known)
        return iter(known)

    def at(self, address: str) -> list[D]:
        """The devices that come from an address, such as ``"192.0.2.1:5683"``."""
        core, found = self._server._core, []
        with self._server._runner.lock:
            registration = core.find_peer(address)
            while registration:
                found.append(self._server.device(core.endpoint(registration)))
                registration = core.next_at_peer(registration)
        return found

    def located(self, location: str) -> D | None:
        """The device that has been told a location, such as ``"/rd/5a3f"``; or None."""
        core = self._server._core
        registration = core.find_location(location)
        return self._server.device(core.endpoint(registration)) if registration else None

    def __repr__(self) -> str:
        return f"<registrations: {', '.join(self)}>"


class BaseDevice:
    """A device is its endpoint name; it may leave and come back. Facts are of the present registration."""

    def __init__(self, server: BaseServer[Any], endpoint: str) -> None:
        self._base = server
        self.endpoint = endpoint
        self._channel = _core.CHANNEL_REGISTERED

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BaseDevice) and (self._base, self.endpoint) == (other._base, other.endpoint)

    def __hash__(self) -> int:
        return hash(self.endpoint)

    def __repr__(self) -> str:
        return f"<device {self.endpoint}>"

    def over(self: Self, channel: str | None) -> Self:
        """The same device, asked ``"sms"`` or ``"udp"``; None: over what it registered (the default).

        A request by SMS to a device that is registered over UDP waits for nothing, as in
        ``device.over("sms").execute("/3/0/4")``. StateError: its binding has no S, it gave no number, or it
        is an observation, of which the notifications come over UDP.
        """
        if channel not in CHANNELS:
            raise InvalidArgument(f"no channel {channel!r}; there are udp and sms")
        device = copy.copy(self)
        device._channel = CHANNELS[channel]
        return device

    def _trigger_path(self) -> str:
        """The Registration Update Trigger of the first Server instance that is registered."""
        instances = [path for path in self.objects if path.startswith("/1/")]
        return f"{instances[0] if instances else '/1/0'}/8"

    def _via(self, call: Call[R]) -> Call[R]:
        return dataclasses.replace(call, channel=self._channel)

    @property
    def registration(self) -> int:
        """The number of the registration; 0: not registered now."""
        return self._base._core.find(self.endpoint)

    @property
    def registered(self) -> bool:
        """True if it is registered now."""
        return self.registration != 0

    @property
    def lifetime(self) -> int:
        """Seconds that the registration lasts without an Update."""
        return self._base._core.lifetime(self.registration)

    @property
    def binding(self) -> str:
        """How it can be reached: U, UQ, S, SQ, US or UQS."""
        return self._base._core.binding(self.registration)

    @property
    def awake(self) -> bool:
        """True if a request would go now; False while it sleeps in queue mode, or is not registered."""
        with self._base._runner:
            pass  # the clock of the loop is that of the last turn
        return self._base._core.is_awake(self.registration)

    @property
    def queued(self) -> int:
        """How many requests wait for the device to wake."""
        return self._base._core.queued_count(self.registration)

    @property
    def sms_number(self) -> str:
        """Where short messages reach it; "" for nowhere."""
        return self._base._core.sms_number(self.registration)

    @property
    def version(self) -> str:
        """The version of LwM2M that it speaks."""
        return self._base._core.lwm2m_version(self.registration)

    @property
    def location(self) -> str:
        """Where the registration is, e.g. ``"/rd/5a3f"``."""
        return self._base._core.location(self.registration)

    @property
    def address(self) -> str:
        """Where it was last heard from; "" if not registered."""
        return self._base._core.peer(self.registration) if self.registered else ""

    @property
    def links(self) -> list[Link]:
        """The objects and instances that it registered, with attributes such as the version."""
        core, registration = self._base._core, self.registration
        links = links_of(core.links(registration), core.root(registration))
        return [link for link in links if len(ids_of(link.path)) <= 2]  # REG-24

    @property
    def root(self) -> str:
        """The path that its objects are below; "" mostly."""
        return self._base._core.root(self.registration)

    def object_version(self, object: int) -> str:
        """The version of an object that it registered: "1.0" if it told none; "" if it has no such object."""
        return self._base._core.object_version(self.registration, object)

    @property
    def objects(self) -> list[str]:
        """The paths of the objects and instances that it registered."""
        return list(dict.fromkeys(link.path for link in self.links))
