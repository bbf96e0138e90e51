# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates: whom a server on coaps lets in, and what the two sides show each other.

A server is given the credentials of its devices by endpoint name, and may change them while it runs::

    credentials = linnet.Credentials({"kitchen": ("kitchen", key)})
    with linnet.Server("coaps://0.0.0.0", credentials=credentials) as server:
        credentials["cellar"] = linnet.Psk("cellar", another)
        del credentials["kitchen"]              # its session ends at once

Certificates and keys of certificates are given as the name of a file, or as the bytes of one: PEM or DER.
"""

from __future__ import annotations

import contextlib
import os
import weakref
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Union

from . import _core
from .errors import Error, InvalidArgument, SystemFailure

if TYPE_CHECKING:
    from .credential_stores import CredentialsDatabase, CredentialsFile
    from .runner import Runner

#: A certificate or a private key: the name of a file, or what is in one.
Material = Union[bytes, str, "os.PathLike[str]"]


def read_material(material: Material) -> bytes:
    """The bytes of a certificate or key; one clear line if its file cannot be read."""
    if isinstance(material, (bytes, bytearray, memoryview)):
        return bytes(material)
    try:
        return Path(material).read_bytes()
    except OSError as error:
        raise SystemFailure(f"{os.fspath(material)}: {(error.strerror or str(error)).lower()}") from None


@dataclass(frozen=True)
class Psk:
    """A pre-shared key: an identity of up to 128 bytes, and a key of up to 64; its text does not show it."""

    identity: str | bytes
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """A key in hexadecimal is none; its text is not shown."""
        if not isinstance(self.identity, (str, bytes)):
            raise InvalidArgument("the identity of a pre-shared key is text or bytes")
        if not isinstance(self.key, (bytes, bytearray)):
            raise InvalidArgument("a pre-shared key is bytes, such as bytes.fromhex('0123...')")

    @property
    def identity_bytes(self) -> bytes:
        """The identity as it is on the wire."""
        return self.identity.encode() if isinstance(self.identity, str) else bytes(self.identity)


@dataclass(frozen=True)
class Certificate:
    """The certificate of a device, which is let in with it whoever signed it."""

    material: Material = field(repr=False)


@dataclass(frozen=True)
class PublicKey:
    """A raw public key of a device (RFC 7250)."""

    material: Material = field(repr=False)


@dataclass(frozen=True)
class Subject:
    """The common name of a device's certificate, where it is not the endpoint name; an authority vouches."""

    name: str


Device = Union[Psk, Certificate, PublicKey, Subject]
#: What lets one device in. A pair is a :class:`Psk`.
Credential = Union[Psk, Certificate, PublicKey, Subject, "tuple[str | bytes, bytes]"]

_P256_PUBLIC_KEY = bytes.fromhex("3059301306072a8648ce3d0201")


def is_public_key(material: bytes) -> bool:
    """A raw public key, PEM or DER, rather than a certificate?"""
    return b"-----BEGIN PUBLIC KEY-----" in material or material.startswith(_P256_PUBLIC_KEY)


def _set_own(core: _core.Credentials, certificate: bytes, private_key: bytes) -> None:
    if is_public_key(certificate):
        core.set_key(private_key)
    else:
        core.set_certificate(certificate, private_key)


def _credential(value: Credential) -> Device:
    if isinstance(value, tuple) and len(value) == 2:
        return Psk(*value)
    if isinstance(value, (Psk, Certificate, PublicKey, Subject)):
        return value
    raise InvalidArgument("a credential is (identity, key), a Psk, a Certificate, a PublicKey or a Subject")


def _add(core: _core.Credentials, endpoint: str, credential: Device) -> None:
    if isinstance(credential, Psk):
        core.add_psk(endpoint, credential.identity_bytes, credential.key)
    elif isinstance(credential, Certificate):
        core.add_certificate(endpoint, read_material(credential.material))
    elif isinstance(credential, PublicKey):
        core.add_public_key(endpoint, read_material(credential.material))
    else:
        core.add_subject(endpoint, credential.name)


class Credentials(MutableMapping[str, Credential]):
    """Whom servers let in, by endpoint name, and what the servers show; see the module.

    Args:
        devices: Endpoint names and what lets them in.
        certificate: The certificate of the server, in PEM with the chain after it.
        private_key: Its key.
        trust: Authorities: whoever shows a certificate that they vouch for is let in, as the endpoint that
            its common name says.

    """

    def __init__(
        self,
        devices: Mapping[str, Credential] | None = None,
        *,
        certificate: Material | None = None,
        private_key: Material | None = None,
        trust: Material | Sequence[Material] = (),
    ) -> None:
        self._devices: dict[str, Device] = {}
        self._own: tuple[bytes, bytes] | None = None
        self._trust: list[bytes] = []
        # What is wrong is found out here, where nobody is let in.
        self._copies: list[tuple[weakref.ref[Runner] | None, _core.Credentials]] = [
            (None, _core.Credentials(_core.Loop(os.urandom(32))))
        ]
        for endpoint, credential in (devices or {}).items():
            self[endpoint] = credential
        if (certificate is None) != (private_key is None):
            raise InvalidArgument("a certificate and its private key go together")
        if certificate is not None and private_key is not None:
            self.set_certificate(certificate, private_key)
        for material in [trust] if isinstance(trust, (bytes, str, os.PathLike)) else trust:
            self.add_trust(material)

    def _each(self) -> Iterator[tuple[Runner | None, _core.Credentials]]:
        """The copy that is tried first, and those of servers that still run."""
        for held in list(self._copies):
            reference, core = held
            runner = reference() if reference is not None else None
            if reference is not None and (runner is None or runner.closed):
                self._copies.remove(held)
            else:
                yield runner, core

    def __setitem__(self, endpoint: str, value: Credential) -> None:
        credential = _credential(value)
        for runner, core in self._each():
            if runner is None:
                self._put(core, endpoint, credential)
            else:
                with runner:
                    self._put(core, endpoint, credential)
        self._devices[endpoint] = credential

    def _put(self, core: _core.Credentials, endpoint: str, new: Device) -> None:
        former = self._devices.get(endpoint)
        if former is not None and former != new:
            core.remove(endpoint)
            try:
                _add(core, endpoint, new)
            except Error:
                _add(core, endpoint, former)
                raise
        else:
            _add(core, endpoint, new)

    def __delitem__(self, endpoint: str) -> None:
        del self._devices[endpoint]
        for runner, core in self._each():
            if runner is None:
                core.remove(endpoint)
            else:
                with runner:
                    core.remove(endpoint)

    def __getitem__(self, endpoint: str) -> Device:
        return self._devices[endpoint]

    def __iter__(self) -> Iterator[str]:
        return iter(self._devices)

    def __len__(self) -> int:
        return len(self._devices)

    def __repr__(self) -> str:
        return f"<Credentials of {len(self)} devices>"

    def set_certificate(self, certificate: Material, private_key: Material) -> None:
        """What servers show from the next handshake on; with a public key it is a raw one (RFC 7250)."""
        own = (read_material(certificate), read_material(private_key))
        for runner, core in self._each():
            if runner is None:
                _set_own(core, *own)
            else:
                with runner:
                    _set_own(core, *own)
        self._own = own

    def add_trust(self, authority: Material) -> None:
        """One more authority, or several in one file."""
        data = read_material(authority)
        for runner, core in self._each():
            if runner is None:
                core.add_trust(data)
            else:
                with runner:
                    core.add_trust(data)
        self._trust.append(data)

    def set_trust(self, authorities: Sequence[Material]) -> None:
        """These authorities in place of the former ones; sessions that rest on those end."""
        trust = [read_material(authority) for authority in authorities]
        for runner, core in self._each():
            with contextlib.nullcontext() if runner is None else runner:
                core.remove_trust()
                for data in trust:
                    core.add_trust(data)
        self._trust = trust

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> CredentialsFile:
        """Those of a TOML file; `reload()` takes what it says later. See docs/coaps.md."""
        from .credential_stores import CredentialsFile

        return CredentialsFile(path)

    @classmethod
    def from_sqlite(cls, path: str | os.PathLike[str]) -> CredentialsDatabase:
        """Those of a SQLite database, made if there is none; changes are written to it."""
        from .credential_stores import CredentialsDatabase

        return CredentialsDatabase(path)

    def _copy_for(self, runner: Runner) -> _core.Credentials:
        """All of it for a server; changes reach it, too."""
        for known, core in self._each():
            if known is runner:
                return core
        core = _core.Credentials(runner.loop)
        for endpoint, credential in self._devices.items():
            _add(core, endpoint, credential)
        if self._own is not None:
            _set_own(core, *self._own)
        for data in self._trust:
            core.add_trust(data)
        self._copies.append((weakref.ref(runner), core))
        return core


@dataclass(frozen=True)
class ClientKeys:
    """What a client shows a server, as the arguments of :class:`linnet.Client` say it."""

    psk: Psk | tuple[str | bytes, bytes] | None = None
    certificate: Material | None = None
    private_key: Material | None = None
    trust: Material | None = None
    sms_psk: Psk | tuple[str | bytes, bytes] | None = None

    def has_any(self) -> bool:
        """True if there is something to show."""
        return self.psk is not None or self.certificate is not None or self.sms_psk is not None

    def give_for_sms(self, core: _core.Client, uri: str, short_server_id: int) -> None:
        """The pre-shared key for short messages: that of the account, or one of their own."""
        if self.certificate is not None and self.sms_psk is None:
            raise InvalidArgument(f"{uri}: SMS are secured with a pre-shared key, not with certificates")
        if self.sms_psk is not None:
            psk = _psk_of(self.sms_psk)
        elif self.psk is not None and not uri.startswith("coaps://"):
            psk = _psk_of(self.psk)
        else:
            psk = Psk(b"", b"")
        fits = len(psk.identity_bytes) in (0, 6, 7) and len(psk.key) in (0, 16, 32, 48)
        if uri.startswith("coaps://") and not fits:
            raise InvalidArgument(
                f"{uri}: sms_psk has an identity of 6 or 7 bytes and a key of 16, 32 or 48, as /0/x/7 and 8"
            )
        core.set_sms_security(short_server_id, _core.SMS_DTLS, psk.identity_bytes, psk.key)

    def give(self, core: _core.Client, uri: str, short_server_id: int) -> None:
        """Writes them into the account; says what is missing."""
        if self.psk is not None and self.certificate is not None:
            raise InvalidArgument(f"{uri}: a pre-shared key or a certificate, not both")
        if self.psk is not None:
            psk = _psk_of(self.psk)
            core.set_psk(short_server_id, psk.identity_bytes, psk.key)
        elif self.certificate is not None and self.private_key is not None and self.trust is not None:
            own = read_material(self.certificate)
            give = core.set_public_key if is_public_key(own) else core.set_certificate
            give(short_server_id, own, read_material(self.private_key), read_material(self.trust))
        elif self.certificate is not None:
            raise InvalidArgument(f"{uri}: a certificate needs its private_key, and whom to trust")
        elif uri.startswith("coaps://"):
            raise InvalidArgument(f"{uri} needs psk=(identity, key), or certificate, private_key and trust")


def _psk_of(psk: Psk | tuple[str | bytes, bytes]) -> Psk:
    return psk if isinstance(psk, Psk) else Psk(*psk)


def credentials_of(
    credentials: Credentials | Mapping[str, Credential] | None,
    certificate: Material | None,
    private_key: Material | None,
    trust: Material | Sequence[Material],
) -> Credentials | None:
    """The store that the arguments of a server make; None: nothing was given."""
    if isinstance(credentials, Credentials):
        if certificate is not None or private_key is not None or trust:
            raise InvalidArgument("certificate, private_key and trust belong into the Credentials")
        return credentials
    if credentials is None and certificate is None and not trust:
        return None
    return Credentials(credentials, certificate=certificate, private_key=private_key, trust=trust)


__all__ = ["Certificate", "Credential", "Credentials", "Material", "Psk", "PublicKey", "Subject"]
