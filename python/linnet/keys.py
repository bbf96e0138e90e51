# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates to begin with: pre-shared keys, and a small public key infrastructure for tests.

:func:`generate_psk` needs nothing; certificates are made with the package ``cryptography``, which
``pip install 'linnet[keys]'`` brings::

    authority = linnet.keys.Authority.make()
    server = authority.server("lwm2m.example.com", "192.0.2.1")
    kitchen = authority.client("kitchen")
    Path("kitchen.key.pem").write_bytes(kitchen.key_pem)

An authority made here is no one's but yours, and nothing revokes what it signed: for a laboratory, not for
devices in the field.
"""

from __future__ import annotations

import datetime
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import Malformed, OutOfRange, Unavailable

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["Authority", "Pair", "generate_psk"]

#: SEC-11: what every implementation has to take, and the least that is recommended.
LONGEST_PSK = 64
SHORTEST_PSK = 16
#: What X.509 grants a common name (RFC 5280, ub-common-name).
LONGEST_NAME = 64
DAYS = 3650


def generate_psk(length: int = SHORTEST_PSK) -> bytes:
    """A new pre-shared key from the system's randomness: one for each device (SEC-06).

    `length` is from 16 to 64 bytes (SEC-11)::

        key = linnet.generate_psk()
        client = linnet.Client("kitchen", server="coaps://localhost", psk=("kitchen", key))
    """
    if not SHORTEST_PSK <= length <= LONGEST_PSK:
        raise OutOfRange(f"a pre-shared key has {SHORTEST_PSK} to {LONGEST_PSK} bytes, not {length}")
    return os.urandom(length)


@dataclass(frozen=True)
class Pair:
    """A key on P-256 and, unless it is a raw public key, the certificate of it. Its text shows no key."""

    _key: EllipticCurvePrivateKey
    _certificate: x509.Certificate | None = None

    def __repr__(self) -> str:
        subject = self._certificate.subject.rfc4514_string() if self._certificate else "raw public key"
        return f"<Pair {subject}>"

    @staticmethod
    def raw() -> Pair:
        """A new pair without a certificate, for raw public keys (RFC 7250)."""
        _require()
        return Pair(_new_key())

    @property
    def key_pem(self) -> bytes:
        """The private key, PKCS #8. Keep it secret."""
        return self._private("PEM")

    @property
    def key_der(self) -> bytes:
        """The same in DER, as resource /0/x/5 has it."""
        return self._private("DER")

    @property
    def public_pem(self) -> bytes:
        """The public key, SubjectPublicKeyInfo: what a peer has to know of a raw public key."""
        return self._public("PEM")

    @property
    def public_der(self) -> bytes:
        """The same in DER, as resources /0/x/3 and /0/x/4 have it."""
        return self._public("DER")

    @property
    def certificate_pem(self) -> bytes:
        """The certificate; empty for a raw public key."""
        return self._signed("PEM")

    @property
    def certificate_der(self) -> bytes:
        """The same in DER."""
        return self._signed("DER")

    def _private(self, encoding: str) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return self._key.private_bytes(getattr(Encoding, encoding), PrivateFormat.PKCS8, NoEncryption())

    def _public(self, encoding: str) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._key.public_key().public_bytes(
            getattr(Encoding, encoding), PublicFormat.SubjectPublicKeyInfo
        )

    def _signed(self, encoding: str) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding

        return self._certificate.public_bytes(getattr(Encoding, encoding)) if self._certificate else b""


class Authority:
    """Signs certificates on secp256r1 with SHA-256, as the suites of LwM2M want them."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair

    @classmethod
    def make(
        cls, name: str = "linnet test CA", *, days: int = DAYS, start: datetime.datetime | None = None
    ) -> Authority:
        """A new authority, which vouches for itself."""
        _require()
        from cryptography import x509

        key = _new_key()
        subject = _subject(name)
        builder = (
            _builder(subject, subject, key, key, days, start)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        )
        return cls(Pair(key, _sign(builder, key)))

    @classmethod
    def load(cls, certificate: bytes, key: bytes) -> Authority:
        """An authority that was made before, from its certificate and key in PEM."""
        _require()
        from cryptography import x509
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

        try:
            signed = x509.load_pem_x509_certificate(certificate)
            private = load_pem_private_key(key, None)
        except (ValueError, TypeError):
            # What the library says of a key may quote it.
            raise Malformed("the authority is not a certificate and a private key in PEM") from None
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if not isinstance(private, EllipticCurvePrivateKey) or (
            private.public_key().public_bytes(*form) != signed.public_key().public_bytes(*form)
        ):
            raise Malformed("the key is not that of the authority's certificate")
        return cls(Pair(private, signed))

    def server(
        self, *hosts: str, days: int = DAYS, start: datetime.datetime | None = None, name: str = ""
    ) -> Pair:
        """A pair for a server that is reached under these host names and addresses.

        `name` is the common name, which is the first host unless it is given.
        """
        from cryptography import x509

        if not hosts:
            raise OutOfRange("a server's certificate needs a host name or an address")
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        return self._issue(name or hosts[0][:LONGEST_NAME], names, days, start)

    def client(self, endpoint: str, *, days: int = DAYS, start: datetime.datetime | None = None) -> Pair:
        """A pair for the device of that endpoint name: its common name (SEC-05)."""
        return self._issue(endpoint, None, days, start)

    def _issue(
        self,
        name: str,
        names: x509.SubjectAlternativeName | None,
        days: int,
        start: datetime.datetime | None,
    ) -> Pair:
        from cryptography import x509
        from cryptography.x509.oid import ExtendedKeyUsageOID

        issuer = self.pair._certificate
        assert issuer is not None
        key = _new_key()
        # A device is the DTLS server where a bootstrap-server begins (BS-04); some peers want to see both.
        purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.pair._key.public_key())
        builder = (
            _builder(_subject(name), issuer.subject, key, self.pair._key, days, start)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage("digital_signature"), critical=True)
            .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
            .add_extension(identifier, critical=False)
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return Pair(key, _sign(builder, self.pair._key))


def _require() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise Unavailable(
            "making certificates needs the Python package cryptography: pip install 'linnet[keys]'"
        ) from None


def _new_key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _subject(name: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    if not 0 < len(name) <= LONGEST_NAME:
        raise OutOfRange(f"{name!r}: the name in a certificate has 1 to {LONGEST_NAME} characters")
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    import ipaddress

    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        pass
    try:
        return x509.DNSName(host.encode("idna").decode())
    except (ValueError, UnicodeError):
        raise OutOfRange(f"{host!r} is neither a host name nor an address") from None


def _usage(*allowed: str) -> x509.KeyUsage:
    from cryptography import x509

    words = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{word: word in allowed for word in words})


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    signer: EllipticCurvePrivateKey,
    days: int,
    start: datetime.datetime | None,
) -> x509.CertificateBuilder:
    from cryptography import x509

    if days < 1:
        raise OutOfRange(f"a certificate is valid for a day or more, not {days}")
    # A clock that is a little behind must not find it in the future.
    begin = start or datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    try:
        end = begin + datetime.timedelta(days=days)
    except OverflowError:
        raise OutOfRange(f"a certificate cannot be valid for {days} days") from None
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _sign(builder: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> Any:
    from cryptography.hazmat.primitives.hashes import SHA256

    return builder.sign(key, SHA256())
