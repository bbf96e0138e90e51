# SPDX-License-Identifier: Apache-2.0
"""OpenSSL's s_client and s_server as the other end of DTLS. They know nothing of CoAP: the tests speak it."""

from __future__ import annotations

import contextlib
import datetime
import queue
import selectors
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import linnet
import pytest
from linnet import _core
from linnet.keys import Authority
from ports import free_port

pytestmark = [
    pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build of linnet has no DTLS"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl (package openssl)"),
]

PATIENCE = 15.0
KEY = bytes(range(16))
REGISTER = (
    bytes.fromhex("42020102aa55") + b"\xb2rd\x11\x28\x3aep=kitchen\x05lt=60\x09lwm2m=1.0\xff</1/0>,</3/0>"
)
#: OpenSSL counts the short tag of CCM_8 as 64 bits of security, which is less than it wants by itself.
PSK_SUITES = ("PSK-AES128-CCM8:@SECLEVEL=0", "PSK-AES128-CBC-SHA256")
CERTIFICATE_SUITES = ("ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0", "ECDHE-ECDSA-AES128-SHA256")


class OpenSsl:
    """A running s_client or s_server: application data goes in and comes out as it is."""

    def __init__(self, *words: object) -> None:
        self.process = subprocess.Popen(
            ["openssl", *map(str, words), "-dtls1_2", "-quiet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.errors = b""

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self) -> bytes:
        """One message; what it says on stderr if there is none."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        deadline = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as waiting:
            waiting.register(self.process.stdout, selectors.EVENT_READ)
            waiting.register(self.process.stderr, selectors.EVENT_READ)
            while waiting.get_map() and time.monotonic() < deadline:
                for key, _ in waiting.select(deadline - time.monotonic()):
                    data = key.fileobj.read1(4096)  # type: ignore[union-attr]
                    if not data:
                        waiting.unregister(key.fileobj)
                    elif key.fileobj is self.process.stdout:
                        return data
                    else:
                        self.errors += data
        raise AssertionError(f"openssl said nothing but: {self.errors.decode()}")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def openssl(*words: object) -> Iterator[OpenSsl]:
    running = OpenSsl(*words)
    try:
        yield running
    finally:
        running.close()


class Files:
    """An authority and two pairs, as files for openssl."""

    def __init__(self, directory: Path) -> None:
        self.authority = Authority.make()
        self.server = self.authority.server("127.0.0.1")
        self.client = self.authority.client("kitchen")
        self.ca = directory / "ca.pem"
        self.ca.write_bytes(self.authority.pair.certificate_pem)
        for name, pair in (("server", self.server), ("client", self.client)):
            (directory / f"{name}.pem").write_bytes(pair.certificate_pem)
            (directory / f"{name}.key").write_bytes(pair.key_pem)
        self.directory = directory

    def words(self, who: str) -> list[object]:
        return [
            "-cert",
            self.directory / f"{who}.pem",
            "-key",
            self.directory / f"{who}.key",
            "-CAfile",
            self.ca,
        ]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def port_of(server: linnet.Server) -> str:
    return server.listen[0].removeprefix("coaps://")


# ---- their client, our server


def register_at(server: linnet.Server, peer: OpenSsl) -> None:
    peer.send(REGISTER)
    answer = linnet.parse_message(peer.receive())
    assert (answer.code, answer.token) == ("2.01", b"\xaa\x55")
    assert server.wait_for("kitchen", PATIENCE).objects == ["/1/0", "/3/0"]


@pytest.mark.parametrize("suite", PSK_SUITES)
def test_s_client_registers_with_a_pre_shared_key(suite: str) -> None:
    with linnet.Server("coaps://127.0.0.1:0", credentials={"kitchen": ("id", KEY)}) as server:
        words = ("-connect", port_of(server), "-psk_identity", "id", "-psk", KEY.hex(), "-cipher", suite)
        with openssl("s_client", *words) as peer:
            register_at(server, peer)


@pytest.mark.parametrize("suite", CERTIFICATE_SUITES)
def test_s_client_registers_with_a_certificate(files: Files, suite: str) -> None:
    with linnet.Server(
        "coaps://127.0.0.1:0",
        certificate=files.server.certificate_pem,
        private_key=files.server.key_pem,
        trust=files.ca,
    ) as server:
        words = [*files.words("client"), "-verify_return_error", "-verify_ip", "127.0.0.1", "-cipher", suite]
        with openssl("s_client", "-connect", port_of(server), *words) as peer:
            register_at(server, peer)


def alert_of(peer: OpenSsl) -> str:
    """What an s_client that is refused says about our alert."""
    with pytest.raises(AssertionError) as said:
        peer.receive()
    return str(said.value)


def test_our_server_refuses_s_client_with_the_alert_that_fits(files: Files) -> None:
    other = Authority.make().client("kitchen")
    (files.directory / "client.pem").write_bytes(other.certificate_pem)
    (files.directory / "client.key").write_bytes(other.key_pem)
    with linnet.Server(
        "coaps://127.0.0.1:0",
        credentials=linnet.Credentials(
            {"cellar": ("id", KEY)},
            certificate=files.server.certificate_pem,
            private_key=files.server.key_pem,
            trust=files.ca,
        ),
    ) as server:
        where = ("-connect", port_of(server))
        suite = ("-cipher", PSK_SUITES[1])
        with openssl("s_client", *where, *suite, "-psk_identity", "nobody", "-psk", KEY.hex()) as peer:
            assert "unknown psk identity" in alert_of(peer).lower()
        with openssl("s_client", *where, *suite, "-psk_identity", "id", "-psk", "00" * 16) as peer:
            assert "bad record mac" in alert_of(peer).lower()
        with openssl("s_client", *where, *files.words("client"), "-cipher", CERTIFICATE_SUITES[1]) as peer:
            assert "unknown ca" in alert_of(peer).lower()
        assert "kitchen" not in server.registrations


# ---- their server, our client


def answer_register(peer: OpenSsl) -> None:
    """Takes a Register that s_server shows, and lets it say 2.01."""
    request = linnet.parse_message(peer.receive())
    assert (request.code, request.path) == ("0.02", "/rd")
    token = request.token
    head = bytes([0x60 | len(token), 0x41]) + request.message_id.to_bytes(2, "big")
    peer.send(head + token + b"\x82rd\x011")


@contextlib.contextmanager
def started(errors: queue.Queue[linnet.Event] | None = None, **options: Any) -> Iterator[linnet.Client]:
    """A client that goes without deregistering: nobody would answer."""
    client = linnet.Client("kitchen", **options)
    if errors is not None:
        client.on("error", errors.put)
    client.start()
    try:
        yield client
    finally:
        client.close()


@pytest.mark.parametrize("suite", PSK_SUITES)
@pytest.mark.parametrize("cookie", [(), ("-listen",)])
def test_our_client_registers_at_s_server_with_a_pre_shared_key(suite: str, cookie: tuple[str, ...]) -> None:
    port = free_port()
    words = ("-accept", f"127.0.0.1:{port}", "-nocert", "-psk", KEY.hex(), "-cipher", suite, *cookie)
    with (
        openssl("s_server", *words) as peer,
        started(server=f"coaps://127.0.0.1:{port}", psk=("id", KEY)) as client,
    ):
        answer_register(peer)
        client.wait_registered(PATIENCE)
        assert client.location() == "/rd/1"


@pytest.mark.parametrize("suite", CERTIFICATE_SUITES)
def test_our_client_registers_at_s_server_with_a_certificate(files: Files, suite: str) -> None:
    port = free_port()
    words = ["-accept", f"127.0.0.1:{port}", *files.words("server"), "-Verify", 2, "-verify_return_error"]
    with (
        openssl("s_server", *words, "-cipher", suite) as peer,
        started(
            server=f"coaps://127.0.0.1:{port}",
            certificate=files.client.certificate_pem,
            private_key=files.client.key_pem,
            trust=files.ca,
        ) as client,
    ):
        answer_register(peer)
        client.wait_registered(PATIENCE)


@pytest.mark.parametrize(
    ("hosts", "days", "cause"),
    [(("127.0.0.1",), 1, "expired"), (("127.0.0.2", "example.com"), 3650, "wrong-host")],
)
def test_our_client_says_why_it_refuses_s_server(
    files: Files, hosts: tuple[str, ...], days: int, cause: str
) -> None:
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    pair = files.authority.server(*hosts, days=days, start=start)
    (files.directory / "server.pem").write_bytes(pair.certificate_pem)
    (files.directory / "server.key").write_bytes(pair.key_pem)
    port = free_port()
    errors: queue.Queue[linnet.Event] = queue.Queue()
    with (
        openssl("s_server", "-accept", f"127.0.0.1:{port}", *files.words("server")),
        started(
            errors,
            server=f"coaps://127.0.0.1:{port}",
            certificate=files.client.certificate_pem,
            private_key=files.client.key_pem,
            trust=files.ca,
        ),
    ):
        assert errors.get(timeout=PATIENCE).cause == cause
