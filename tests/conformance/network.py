# SPDX-License-Identifier: Apache-2.0
"""A clock that only moves when told, and datagrams that take 10 ms."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Protocol

from . import coap

LATENCY_MS = 10


class Node(Protocol):
    """Who lives in the network."""

    address: str

    def receive(self, data: bytes, source: str) -> None:
        """A datagram arrives."""

    def step(self, now: int) -> int | None:
        """Does what is due; returns the next deadline."""


class Network:
    """Nodes, the datagrams between them, and what was said, for whoever has to find out why a case fails."""

    def __init__(self) -> None:
        self.now = 1000
        self.nodes: dict[str, Node] = {}
        #: Addresses that nothing reaches, and nothing comes from.
        self.cut: set[str] = set()
        self.log: list[str] = []
        #: From where to where, and how many bytes with UDP and IP headers; as long as the log.
        self.passed: list[tuple[str, str, int]] = []
        self._under_way: list[tuple[int, int, str, str, bytes]] = []
        self._count = 0

    def add(self, node: Node) -> None:
        """From now on the node gets what is sent to its address."""
        self.nodes[node.address] = node

    def remove(self, node: Node) -> None:
        """The node is gone."""
        if self.nodes.get(node.address) is node:
            del self.nodes[node.address]

    def send(self, source: str, destination: str, data: bytes) -> None:
        """Takes a datagram; it arrives later, or not."""
        self.note(source, destination, data)
        self.passed[-1] = (source, destination, len(data) + 28)
        self._count += 1
        heapq.heappush(self._under_way, (self.now + LATENCY_MS, self._count, source, destination, data))

    def run(self, seconds: float, ready: Callable[[], bool] | None = None) -> bool:
        """Lets time pass, at most so much; true as soon as it is ready()."""
        until = self.now + round(seconds * 1000)
        while True:
            due = self._step()
            if ready is not None and ready():
                return True
            if due > until:
                self.now = until
                self._step()  # nothing is due, but whoever is asked now has a clock that is right
                return False
            self.now = max(self.now, due)

    @property
    def quiet(self) -> bool:
        """True if no datagram is on its way."""
        return not self._under_way

    def settle(self) -> None:
        """Lets pass what is on its way: a tenth of a second."""
        self.run(0.1)

    def _step(self) -> int:
        while self._under_way and self._under_way[0][0] <= self.now:
            _, _, source, destination, data = heapq.heappop(self._under_way)
            node = self.nodes.get(destination)
            if node is not None and not self.cut & {source, destination}:
                node.receive(data, source)
        deadlines = [node.step(self.now) for node in list(self.nodes.values())]
        due = [deadline for deadline in deadlines if deadline is not None]
        if self._under_way:
            due.append(self._under_way[0][0])
        return max(min(due, default=1 << 62), self.now + (0 if self._arrived() else 1))

    def _arrived(self) -> bool:
        return bool(self._under_way) and self._under_way[0][0] <= self.now

    def note(self, source: str, destination: str, data: bytes) -> None:
        """A line of the log; not what passes on the wire by itself."""
        self.passed.append((source, destination, 0))
        try:
            shown = str(coap.decode(data))
        except coap.FormatError:
            shown = data.hex()
        lost = " (lost)" if self.cut & {source, destination} else ""
        self.log.append(f"{self.now / 1000:10.3f}  {source} -> {destination}  {shown}{lost}")
