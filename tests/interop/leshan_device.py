# SPDX-License-Identifier: Apache-2.0
"""Java programs on Leshan's libraries, each one for all tests: devices, and a bootstrap server."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass
from typing import TypeVar

from jvm import START_SECONDS, Jvm
from maven import HERE, jars

P = TypeVar("P", bound="LeshanProgram")
PATIENCE = 15.0
DEFINITIONS = HERE.parent / "definitions" / "test_object.xml"


@dataclass(frozen=True)
class Event:
    """What a device says: registered, updated, write, bootstrapped, failed, ..."""

    event: str
    endpoint: str
    path: str
    value: str


class LeshanProgram:
    """A running program whose output is events, one a line."""

    def __init__(self, arguments: list[str]) -> None:
        self._events: deque[Event] = deque(maxlen=10000)
        self._failures: deque[Event] = deque(maxlen=10)
        self._noise: deque[str] = deque(maxlen=200)
        self._news = threading.Condition()
        self._jvm = Jvm(arguments, None, self._hear)
        #: The value of its event "ready".
        self.ready = ""

    def __enter__(self: P) -> P:
        try:
            self.ready = self.wait("ready", "", seconds=START_SECONDS)
        except BaseException:
            self._jvm.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._jvm.close()

    def _hear(self, line: str) -> None:
        with self._news:
            if line.startswith("{"):
                event = Event(**json.loads(line))
                (self._failures if event.event == "failed" else self._events).append(event)
            else:
                self._noise.append(line)
            self._news.notify_all()

    def tell(self, *words: object) -> None:
        """A command, e.g. ``tell("start", "kettle", uri, 60)``."""
        self._jvm.tell(" ".join(map(str, words)))

    def wait(self, event: str, endpoint: str, path: str = "", seconds: float = PATIENCE) -> str:
        """The value of an event, whether it came already or comes yet."""

        def find() -> Event | None:
            return next(
                (e for e in self._events if (e.event, e.endpoint, e.path) == (event, endpoint, path)), None
            )

        with self._news:
            self._news.wait_for(lambda: find() or self._failures or not self._jvm.running, seconds)
            found = find()
            assert found, f"no {event} of {endpoint}: {self._failures} {self._events} {self._noise}"
            self._events.remove(found)
            return found.value


class LeshanDevices(LeshanProgram):
    """Devices: leshan/LeshanDevices.java."""

    def __init__(self) -> None:
        super().__init__(
            ["-cp", jars("client"), str(HERE / "leshan" / "LeshanDevices.java"), str(DEFINITIONS)]
        )


class LeshanBootstrap(LeshanProgram):
    """A bootstrap server: leshan/LeshanBootstrap.java."""

    def __init__(self) -> None:
        super().__init__(["-cp", jars("bootstrap"), str(HERE / "leshan" / "LeshanBootstrap.java")])

    @property
    def uri(self) -> str:
        """Where it listens on coap."""
        return self.ready.split()[0]

    @property
    def secure_uri(self) -> str:
        """Where it listens on coaps."""
        return self.ready.split()[1]
