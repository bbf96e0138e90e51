# SPDX-License-Identifier: Apache-2.0
"""Scripted peers on DTLS: what they say and hear goes through sessions of dtls.py."""

from __future__ import annotations

from typing import Any

import linnet

from . import ets
from .dtls import ALERT, DATA, Keys, Session, fatal_alert, records
from .network import Network
from .peer import PATIENCE, Peer
from .played_device import PlayedDevice

SERVER, BOOTSTRAP = "127.0.0.1:5684", "127.0.0.1:5784"
PSK, ECDHE = "TLS_PSK_WITH_AES_128_CCM_8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"


class Secured(Peer):
    """A peer that takes part in handshakes: answers them, or begins one by :meth:`connect`."""

    keys: Keys

    def __init__(self, network: Network, address: str) -> None:
        super().__init__(network, address)
        self.sessions: dict[str, Session] = {}
        #: Every record that came, as it came.
        self.heard: list[bytes] = []

    def receive(self, data: bytes, source: str) -> None:
        """A datagram, of a handshake or with a message in it."""
        for record in records(data):
            self.heard.append(record)
            session = self._session(source, record)
            messages = session.feed(record)
            self._flush(source)
            for message in messages:
                self.network.note(f"{source} =>", self.address, message)
                super().receive(message, source)

    def _session(self, source: str, record: bytes) -> Session:
        known = self.sessions.get(source)
        begins_anew = known is not None and known.established and record[0] != DATA and record[3:5] == b"\0\0"
        if known is None or (begins_anew and record[0] != ALERT):
            self.sessions[source] = Session(self.keys, server=True)
        return self.sessions[source]

    def _transmit(self, data: bytes, destination: str) -> None:
        self.network.note(f"{self.address} =>", destination, data)
        self.sessions[destination].write(data)
        self._flush(destination)

    def _flush(self, destination: str) -> None:
        for datagram in self.sessions[destination].take():
            self.network.send(self.address, destination, datagram)

    def connect(self, address: str) -> Session:
        """A handshake with a server; it may fail."""
        session = self.sessions[address] = Session(self.keys, server=False)
        session.begin()
        self._flush(address)
        self.network.run(PATIENCE, lambda: session.established or session.failed)
        return session

    def forget_session(self, address: str) -> None:
        """The next message needs another handshake."""
        self.sessions.pop(address).close()

    @property
    def refused(self) -> bool:
        """True if the other side has ended a handshake with a fatal alert."""
        return any(record[0] == ALERT and fatal_alert(record) for record in self.heard)

    @property
    def got_data(self) -> bool:
        """True if anything came that is more than a handshake."""
        return any(record[0] == DATA for record in self.heard)


class SecuredDevice(Secured, PlayedDevice):
    """A scripted device with keys."""

    def __init__(self, network: Network) -> None:
        PlayedDevice.__init__(self, network)
        self.sessions, self.heard = {}, []


def secured_peers(network: Network, case: ets.Case) -> dict[str, Peer]:
    """The first server, with the key or the certificate of the case, and the bootstrap-server."""
    server = Secured(network, SERVER)
    server.keys = (
        certificate_keys("server") if uses_certificates(case) else psk_keys("psk_identity", "psk_key")
    )
    bootstrap = Secured(network, BOOTSTRAP)
    bootstrap.keys = psk_keys("bs_psk_identity", "bs_psk_key")
    return {"server": server, "bootstrap": bootstrap}


def device_keys(case: ets.Case) -> Keys:
    """What a scripted device shows."""
    return certificate_keys("client") if uses_certificates(case) else psk_keys("psk_identity", "psk_key")


def keys_for(case: ets.Case) -> dict[str, Any]:
    """What a ``linnet.Server`` is given for a case."""
    if not uses_certificates(case):
        return {"credentials": {ets.ENDPOINT: (variable("psk_identity"), variable("psk_key"))}}
    return {
        "certificate": variable("server_cert_der"),
        "private_key": variable("server_key_der"),
        "credentials": {ets.ENDPOINT: linnet.Certificate(variable("client_cert_der"))},
    }


def uses_certificates(case: ets.Case) -> bool:
    """True if the server of a case shows a certificate, as its configuration or its value set says."""
    sets = {str(step.get("payload", "")) for step in case.steps}
    return case.config in ("C.17", "C.18") or "set:2-security" in sets


def psk_keys(identity: str, key: str) -> Keys:
    """A pre-shared key, by the names of its variables."""
    return Keys(PSK, psk=(variable(identity), variable(key)))


def certificate_keys(who: str) -> Keys:
    """The certificate of the server, or of the client."""
    return Keys(ECDHE, certificate=variable(f"{who}_cert_der"), private_key=variable(f"{who}_key_der"))


def variable(name: str) -> bytes:
    """A variable of the configurations, as bytes."""
    return bytes.fromhex(ets.fill_in(f"${{{name}}}"))
