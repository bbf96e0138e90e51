# SPDX-License-Identifier: Apache-2.0
"""Leshan's demo server, driven by its web interface: /api/clients to ask, /api/event to hear."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jvm import START_SECONDS, Jvm
from linnet.keys import Authority
from maven import HERE, jars
from ports import free_port

PATIENCE = 15.0
#: Seconds of the real clock that Leshan may take for something, on a machine that has much else to do.
REAL_PATIENCE = 60.0
SLEEPING = "The destination client is sleeping"
SCHEMA = (
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:noNamespaceSchemaLocation="http://openmobilealliance.org/tech/profiles/LWM2M.xsd"'
)
DEFINITIONS = HERE.parent / "definitions" / "test_object.xml"


@dataclass(frozen=True)
class Event:
    """One of the server's events: REGISTRATION, UPDATED, DEREGISTRATION, NOTIFICATION, ..."""

    kind: str
    data: Any

    def about(self, endpoint: str) -> bool:
        """True if it is about this device."""
        data = self.data
        return endpoint in (
            data.get("endpoint"),
            data.get("ep"),
            (data.get("registration") or {}).get("endpoint"),
        )


class LeshanServer:
    """The running server. Endpoint names keep tests apart."""

    def __init__(self, folder: Path) -> None:
        models = folder / "models"
        models.mkdir()
        # Leshan takes the version of LwM2M from the name of a schema.
        text = DEFINITIONS.read_text(encoding="utf-8").replace("<LWM2M>", f"<LWM2M {SCHEMA}>")
        (models / "3442.xml").write_text(text, encoding="utf-8")
        coap, coaps, web = (
            free_port(socket.SOCK_DGRAM),
            free_port(socket.SOCK_DGRAM),
            free_port(socket.SOCK_STREAM),
        )
        self.uri = f"coap://127.0.0.1:{coap}"
        self.secure_uri = f"coaps://127.0.0.1:{coaps}"
        self.authority = Authority.make()
        self.pair = self.authority.server("127.0.0.1", "localhost")
        self._web = web
        self._said: deque[str] = deque(maxlen=200)
        self._jvm = Jvm(
            [
                "--add-opens=java.base/java.util=ALL-UNNAMED",  # its JSON library looks inside
                f"-Dlogback.configurationFile={HERE / 'leshan' / 'quiet.xml'}",
                "-cp", jars("server"), "org.eclipse.leshan.server.demo.LeshanServerDemo",
                "-lh", "127.0.0.1", "-lp", str(coap), "-slh", "127.0.0.1", "-slp", str(coaps),
                "-wh", "127.0.0.1", "-wp", str(web), "-m", str(models), *self._keys(folder),
            ],
            folder,
            self._said.append,
        )  # fmt: skip
        self._events: deque[Event] = deque(maxlen=10000)
        self._news = threading.Condition()
        self._stream: http.client.HTTPConnection | None = None

    def _keys(self, folder: Path) -> list[str]:
        """Its certificate, of whose key it makes raw public keys, too."""
        words = []
        for option, name, content in (
            ("-cert", "server.pem", self.pair.certificate_pem),
            ("-prik", "server.der", self.pair.key_der),
            ("-truststore", "ca.der", self.authority.pair.certificate_der),
        ):
            (folder / name).write_bytes(content)
            words += [option, str(folder / name)]
        return words

    def __enter__(self) -> LeshanServer:
        try:
            self._listen()
        except BaseException:
            self._jvm.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._jvm.close()

    # ---- events

    def _listen(self) -> None:
        """Waits until the web server answers, and takes its events from then on."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self._web, timeout=START_SECONDS)
            try:
                connection.request("GET", "/api/event", headers={"Accept": "text/event-stream"})
                response = connection.getresponse()
                break
            except ConnectionRefusedError:
                assert self._jvm.running, "\n".join(self._said)
                assert time.monotonic() < deadline, "\n".join(self._said)
                time.sleep(0.05)
        assert response.status == 200
        self._stream = connection
        threading.Thread(target=self._follow, args=(response,), daemon=True).start()

    def _follow(self, response: http.client.HTTPResponse) -> None:
        kind = ""
        while line := response.readline():
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                with self._news:
                    self._events.append(Event(kind, json.loads(value)))
                    self._news.notify_all()

    def wait(self, kind: str, endpoint: str, wanted: Callable[[Any], bool] = lambda data: True) -> Any:
        """The data of an event of this kind about a device, whether it came already or comes yet."""

        def find() -> Event | None:
            return next(
                (e for e in self._events if e.kind == kind and e.about(endpoint) and wanted(e.data)), None
            )

        with self._news:
            assert self._news.wait_for(find, REAL_PATIENCE), (
                f"no {kind} of {endpoint}: {list(self._events)[-5:]}"
            )
            found = find()
            assert found is not None
            self._events.remove(found)
            return found.data

    def forget(self, endpoint: str) -> None:
        """What was heard of a device until now does not count."""
        with self._news:
            for event in [event for event in self._events if event.about(endpoint)]:
                self._events.remove(event)

    # ---- requests

    def let_in(self, endpoint: str, **how: object) -> None:
        """Gives it the credentials of a device, as its web interface has them."""
        status, text = self._exchange("PUT", "", {"endpoint": endpoint, **how}, below="security/clients")
        assert status == 200, (status, text)

    def ask(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """A request about a device; `path` is ``ENDPOINT/3/0``. The answer as JSON, None if empty."""
        parameters = "&".join(f"{name}={value}" for name, value in {"timeout": 20, **query}.items())
        return self.ask_exactly(method, path, parameters, body)

    def ask_exactly(self, method: str, path: str, parameters: str, body: object = None) -> Any:
        """The same with a query string of your own."""
        deadline = time.monotonic() + PATIENCE
        while True:
            status, text = self._exchange(method, f"{path}?{parameters}", body)
            # Leshan finds out after its 2.01 that a device in queue mode is awake.
            if SLEEPING not in text or time.monotonic() > deadline:
                break
        assert status == 200, (status, text)
        return json.loads(text) if text else None

    def registration(self, endpoint: str) -> dict[str, Any] | None:
        """What Leshan has of a device; None if it is not registered."""
        status, text = self._exchange("GET", endpoint, None)
        if status == 200:
            found: dict[str, Any] = json.loads(text)
            return found
        assert text.startswith("no registered client"), (status, text)
        return None

    def _exchange(self, method: str, path: str, body: object, below: str = "clients") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._web, timeout=REAL_PATIENCE)
        payload = body if isinstance(body, (str, type(None))) else json.dumps(body)
        try:
            connection.request(
                method,
                f"/api/{below}/{path}",
                None if payload is None else payload.encode(),
                {"Content-Type": "text/plain" if isinstance(body, str) else "application/json"},
            )
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()
