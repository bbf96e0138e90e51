# SPDX-License-Identifier: Apache-2.0
"""Eclipse Leshan on coaps, as server and client: pre-shared keys, certificates, raw public keys (SEC-10)."""

from __future__ import annotations

from typing import Any

import linnet
import pytest
from leshan_device import LeshanDevices
from leshan_server import PATIENCE, LeshanServer
from linnet import _core
from linnet.keys import Authority, Pair

pytestmark = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build of linnet has no DTLS")

KEY = bytes(range(16))
COUNT = iter(range(1, 1000))


def has_raw_keys() -> bool:
    try:
        linnet.Credentials({"x": linnet.PublicKey(Pair.raw().public_der)})
    except linnet.Unavailable:
        return False
    return True


def need_raw_keys() -> None:
    if not has_raw_keys():
        pytest.skip("this build has no raw public keys (libgnutls28-dev)")


# ---- our client at their server


def registers_and_answers(leshan: LeshanServer, endpoint: str, **keys: Any) -> None:
    with linnet.Client(endpoint, server=leshan.secure_uri, local="127.0.0.1:0", **keys) as client:
        client.device.manufacturer = "ACME"
        client.wait_registered(PATIENCE)
        registration = leshan.wait("REGISTRATION", endpoint)
        assert registration["secure"] is True
        answer = leshan.ask("GET", f"{endpoint}/3/0/0")
        assert (answer["status"], answer["content"]["value"]) == ("CONTENT(205)", "ACME")


def test_our_client_registers_with_a_pre_shared_key(leshan: LeshanServer) -> None:
    endpoint = f"vault-{next(COUNT)}"
    leshan.let_in(endpoint, psk={"identity": endpoint, "key": KEY.hex()})
    registers_and_answers(leshan, endpoint, psk=(endpoint, KEY))


def test_our_client_registers_with_a_certificate(leshan: LeshanServer) -> None:
    endpoint = f"vault-{next(COUNT)}"
    leshan.let_in(endpoint, x509=True)
    pair = leshan.authority.client(endpoint)
    registers_and_answers(
        leshan,
        endpoint,
        certificate=pair.certificate_der,
        private_key=pair.key_der,
        trust=leshan.authority.pair.certificate_der,
    )


def test_our_client_registers_with_a_raw_public_key(leshan: LeshanServer) -> None:
    need_raw_keys()
    endpoint = f"vault-{next(COUNT)}"
    pair = Pair.raw()
    leshan.let_in(endpoint, rpk={"key": pair.public_der.hex()})
    registers_and_answers(
        leshan,
        endpoint,
        certificate=pair.public_der,
        private_key=pair.key_der,
        trust=leshan.pair.public_der,
    )


# ---- their client at our server


def serve_a_device(devices: LeshanDevices, server: linnet.Server, endpoint: str, *keys: str | bytes) -> None:
    words = [word if isinstance(word, str) else word.hex() for word in keys]
    devices.tell("start", endpoint, server.listen[0], 300, *words)
    devices.wait("registered", endpoint)
    device = server.device(endpoint)
    assert device.read("/3/0/0") == "Leshan"
    device.write("/3442/0/120", 7)
    assert devices.wait("write", endpoint, "/3442/0/120") == "7"
    devices.tell("update", endpoint)
    devices.wait("updated", endpoint)
    devices.tell("stop", endpoint)
    devices.wait("deregistered", endpoint)


def test_their_client_registers_with_a_pre_shared_key(leshan_devices: LeshanDevices) -> None:
    endpoint = f"kettle-coaps-{next(COUNT)}"
    with linnet.Server("coaps://127.0.0.1:0", credentials={endpoint: (endpoint, KEY)}) as server:
        serve_a_device(leshan_devices, server, endpoint, "psk", endpoint.encode(), KEY)


def test_their_client_registers_with_a_certificate(leshan_devices: LeshanDevices) -> None:
    endpoint = f"kettle-coaps-{next(COUNT)}"
    authority = Authority.make()
    own, theirs = authority.server("127.0.0.1", "localhost"), authority.client(endpoint)
    with linnet.Server(
        "coaps://127.0.0.1:0",
        certificate=own.certificate_der,
        private_key=own.key_der,
        trust=authority.pair.certificate_der,
    ) as server:
        keys = (theirs.certificate_der, theirs.key_der, own.certificate_der)
        serve_a_device(leshan_devices, server, endpoint, "x509", *keys)


def test_their_client_registers_with_a_raw_public_key(leshan_devices: LeshanDevices) -> None:
    need_raw_keys()
    endpoint = f"kettle-coaps-{next(COUNT)}"
    own, theirs = Pair.raw(), Pair.raw()
    credentials = linnet.Credentials(
        {endpoint: linnet.PublicKey(theirs.public_der)}, certificate=own.public_der, private_key=own.key_der
    )
    with linnet.Server("coaps://127.0.0.1:0", credentials=credentials) as server:
        keys = (theirs.public_der, theirs.key_der, own.public_der)
        serve_a_device(leshan_devices, server, endpoint, "rpk", *keys)
