# SPDX-License-Identifier: Apache-2.0
"""The servers under test: nodes of the network that run a ``linnet.Server`` or ``linnet.BootstrapServer``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import linnet

from .network import Network

TURN = 0.01


class Subject:
    """A role of linnet at an address; calls that wait let the network go on."""

    def __init__(self, network: Network, address: str) -> None:
        self.network, self.address = network, address
        self.role: Any = None
        self.transport = linnet.ScriptTransport(
            lambda data, peer: network.send(address, peer, data), wait=self._wait, local=address
        )
        self._order: Order | None = None
        network.add(self)

    def receive(self, data: bytes, source: str) -> None:
        """A datagram arrives."""
        self.transport.receive(data, source)

    def step(self, now: int) -> int | None:
        """Does what is due, and what callbacks have asked for."""
        self.role.step(now)
        deadline: int | None = self.role.step(now)
        return deadline

    def close(self) -> None:
        """The end, without a word."""
        assert not self.role.failures, self.role.failures
        self.role.close()

    def order(self, call: Callable[[], Any]) -> Order:
        """Has somebody else make a call that waits, while the script goes on."""
        self._order = Order(call)
        self._order.turn()
        return self._order

    def _wait(self) -> None:
        if self._order is not None and self._order.is_mine():
            self._order.pause()
        else:
            self.network.run(TURN)


class Order:
    """A call in a thread of its own, which has its turn only when the script says so."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self.result: Any = None
        self.done = False
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def is_mine(self) -> bool:
        """True in its thread."""
        return threading.current_thread() is self._thread

    def pause(self) -> None:
        """In its thread: the script goes on."""
        self._stopped.release()
        self._go.acquire()

    def turn(self) -> None:
        """In the script: lets it go on until it waits, or is done."""
        if not self.done:
            self._go.release()
            self._stopped.acquire()

    def _run(self) -> None:
        self._go.acquire()
        try:
            self.result = self._call()
        except linnet.Error as error:
            self.result = error
        self.done = True
        self._stopped.release()


class ServerSubject(Subject):
    """A server, and the observations that its application has made."""

    def __init__(self, network: Network, address: str, **keys: Any) -> None:
        super().__init__(network, address)
        self.role = self.server = linnet.Server(
            "coaps://" if keys else "coap://", transport=self.transport, seed=bytes(32), **keys
        )
        self.server.model.add_object(16, "Portfolio")
        self.server.model.add_resource(
            16, 0, "Identity", linnet.Type.STRING, "RW", multiple=True, mandatory=True
        )
        self.events: list[linnet.Event] = []
        self.observations: dict[str, linnet.Observation] = {}
        for kind in linnet.EventKind:
            if kind not in (linnet.EventKind.QUESTION, linnet.EventKind.LOG):
                self.server.on(kind, self._happened)

    def _happened(self, *arguments: Any) -> None:
        self.events.append(arguments[-1])

    def heard(self, kind: str) -> list[linnet.Event]:
        """The events of a kind."""
        return [event for event in self.events if event.kind == kind]


__all__ = ["Order", "ServerSubject", "Subject"]
