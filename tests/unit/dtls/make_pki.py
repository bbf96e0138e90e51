#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes pki.h: certificates and keys for the C tests, good and bad in each way that matters (SEC-13).

.venv/bin/python tests/unit/dtls/make_pki.py > tests/unit/dtls/pki.h
"""

from __future__ import annotations

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# The simulated worlds begin in November 2023.
FROM, TO = datetime.datetime(2020, 1, 1), datetime.datetime(2049, 12, 31)


class Pair:
    """A certificate and its key."""

    def __init__(
        self,
        name: str,
        issuer: Pair | None = None,
        *,
        authority: bool = False,
        hosts: tuple[str, ...] = (),
        dates: tuple[datetime.datetime, datetime.datetime] = (FROM, TO),
    ) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(dates[0])
            .not_valid_after(dates[1])
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if hosts:
            names = [
                x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
                for host in hosts
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self.certificate = builder.sign(issuer.key if issuer else self.key, hashes.SHA256())

    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def key_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()


def show(name: str, text: str) -> None:
    lines = "\n".join(f'    "{line}\\n"' for line in text.strip().splitlines())
    print(f"static const char {name}[] =\n{lines};\n")


def main() -> None:
    authority = Pair("Test Authority", authority=True)
    stranger = Pair("Other Authority", authority=True)
    middle = Pair("Intermediate Authority", authority, authority=True)
    past = (FROM, datetime.datetime(2021, 1, 1))
    future = (datetime.datetime(2040, 1, 1), TO)
    hosts = ("server.example", "10.0.0.1")
    many_hosts = (*hosts, *(f"host-{i}.{'x' * 40}.example" for i in range(40)))
    pairs = {
        "server": Pair("server", authority, hosts=hosts),
        "wrong_host": Pair("server", authority, hosts=("another.example", "10.9.9.9")),
        "common_name": Pair("server.example", authority),
        "expired": Pair("server", authority, hosts=hosts, dates=past),
        "future": Pair("server", authority, hosts=hosts, dates=future),
        "self_signed": Pair("server.example", hosts=hosts),
        "kitchen": Pair("kitchen", authority),
        "untrusted_kitchen": Pair("kitchen", stranger),
        "expired_kitchen": Pair("kitchen", authority, dates=past),
        "chained": Pair("server", middle, hosts=many_hosts),
    }
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* pki.h: certificates and keys for tests, and for nothing else; made by make_pki.py. */")
    print("#ifndef LINNET_TESTS_PKI_H\n#define LINNET_TESTS_PKI_H\n")
    show("authority_pem", authority.pem())
    for name, pair in pairs.items():
        show(f"{name}_pem", pair.pem() + (middle.pem() if name == "chained" else ""))
        show(f"{name}_key", pair.key_pem())
    print("#endif")


if __name__ == "__main__":
    main()
