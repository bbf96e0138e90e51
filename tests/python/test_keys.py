# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates: ``linnet.generate_psk``, ``linnet.keys`` and the command ``linnet keys``."""

from __future__ import annotations

import datetime
import ipaddress
import json
import stat
import subprocess
import sys
from pathlib import Path

import linnet
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from linnet import keys
from linnet.cli import main

KINDS = ("crt.pem", "crt.der", "key.pem", "key.der", "pub.pem", "pub.der")


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def name(signed: x509.Certificate) -> object:
    return signed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def complaint(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that a command which fails says."""
    assert main(["keys", *words]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("linnet: ")
    return said


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


# ---- pre-shared keys


def test_a_psk_is_of_the_size_that_is_recommended_and_never_the_same() -> None:
    """SEC-11: 16 bytes or more."""
    made = {linnet.generate_psk() for _ in range(100)}
    assert len(made) == 100
    assert {len(key) for key in made} == {16}
    assert len(linnet.generate_psk(64)) == 64


@pytest.mark.parametrize("length", [0, 15, 65, -1])
def test_a_psk_of_another_size_is_refused(length: int) -> None:
    """SEC-11: 64 bytes are what every peer takes."""
    with pytest.raises(linnet.OutOfRange, match="16 to 64 bytes"):
        linnet.generate_psk(length)


def test_the_command_prints_a_psk(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "--psk"]) == 0
    assert len(bytes.fromhex(capsys.readouterr().out.strip())) == 16
    assert main(["keys", "--psk", "--endpoint", "a", "--endpoint", "b", "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["endpoint"], second["endpoint"]) == ("a", "b")
    assert first["key"] != second["key"]


# ---- the infrastructure


@pytest.fixture
def pki(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["keys", str(tmp_path / "pki")]) == 0
    capsys.readouterr()
    return tmp_path / "pki"


def test_a_directory_of_keys_has_an_authority_a_server_and_a_client(pki: Path) -> None:
    assert set(contents(pki)) == {f"{who}.{kind}" for who in ("ca", "server", "client") for kind in KINDS}


def test_only_the_owner_reads_private_keys(pki: Path) -> None:
    for path in pki.iterdir():
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o600 if ".key." in path.name else 0o644), path


def test_pem_and_der_are_the_same(pki: Path) -> None:
    for who in ("ca", "server", "client"):
        signed = certificate(pki / f"{who}.crt.pem")
        assert x509.load_der_x509_certificate((pki / f"{who}.crt.der").read_bytes()) == signed
        private = load_der_private_key((pki / f"{who}.key.der").read_bytes(), None)
        public = load_pem_public_key((pki / f"{who}.pub.pem").read_bytes())
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        assert isinstance(public, ec.EllipticCurvePublicKey)
        assert private.curve.name == "secp256r1"
        assert private.public_key().public_numbers() == public.public_numbers()
        assert private.public_key() == signed.public_key()
    assert len({(pki / f"{who}.pub.der").read_bytes() for who in ("ca", "server", "client")}) == 3  # SEC-06


def test_openssl_finds_the_certificates_good(pki: Path) -> None:
    for who, purpose in (("server", "sslserver"), ("client", "sslclient")):
        file = f"{who}.crt.pem"
        done = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-purpose", purpose, "-CAfile", "ca.crt.pem", file],
            cwd=pki, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout.strip()) == (0, f"{file}: OK"), done.stderr


def test_certificates_say_whose_they_are_and_what_for(pki: Path) -> None:
    server, client = certificate(pki / "server.crt.pem"), certificate(pki / "client.crt.pem")
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    addresses = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    assert names.get_values_for_type(x509.IPAddress) == addresses
    assert name(client) == "client"  # SEC-05: the endpoint name
    purposes = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}  # BS-04
    for signed in (server, client):
        assert set(signed.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == purposes
        assert not signed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_names_and_validity_are_chosen(tmp_path: Path) -> None:
    directory = tmp_path / "pki"
    words = ["--host", "lwm2m.example.com", "--host", "[2001:db8::1]", "--endpoint", "urn:imei:0001", "--psk"]
    assert main(["keys", str(directory), *words, "--from", "2020-01-31", "--days", "30"]) == 0
    server = certificate(directory / "server.crt.pem")
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["lwm2m.example.com"]
    assert names.get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("2001:db8::1")]
    assert name(server) == "lwm2m.example.com"
    device = certificate(directory / "urn:imei:0001.crt.pem")
    assert name(device) == "urn:imei:0001"
    validity = subprocess.run(
        ["openssl", "x509", "-noout", "-dates", "-in", directory / "urn:imei:0001.crt.pem"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert validity.splitlines() == [
        "notBefore=Jan 31 00:00:00 2020 GMT",
        "notAfter=Mar  1 00:00:00 2020 GMT",
    ]
    secret = directory / "urn:imei:0001.psk"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    who, key = secret.read_text().rstrip("\n").rsplit(":", 1)
    assert (who, len(bytes.fromhex(key))) == ("urn:imei:0001:urn:imei:0001", 16)
    assert not (directory / "client.crt.pem").exists()


def test_an_authority_that_is_there_signs_more(pki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(pki)
    assert main(["keys", str(pki), "--endpoint", "hall", "--endpoint", "a/b"]) == 0
    after = contents(pki)
    assert {file: after[file] for file in before} == before
    assert set(after) - set(before) == {f"{who}.{kind}" for who in ("hall", "a%2Fb") for kind in KINDS}
    certificate(pki / "hall.crt.pem").verify_directly_issued_by(certificate(pki / "ca.crt.pem"))
    assert name(certificate(pki / "a%2Fb.crt.pem")) == "a/b"


def test_nothing_is_overwritten_without_force(pki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(pki)
    assert "--force replaces it" in complaint(capsys, str(pki))
    assert "client.crt.pem exists already (and 5 more)" in complaint(capsys, str(pki), "--endpoint", "client")
    # One of two is there: neither is written.
    complaint(capsys, str(pki), "--endpoint", "new", "--endpoint", "client")
    complaint(capsys, str(pki), "--host", "example.com")
    assert contents(pki) == before
    assert main(["keys", str(pki), "--endpoint", "client", "--force"]) == 0
    after = contents(pki)
    assert {file for file in before if after[file] != before[file]} == {f"client.{kind}" for kind in KINDS}
    assert main(["keys", str(pki), "--force"]) == 0
    anew = contents(pki)
    assert not [file for file in before if anew[file] == before[file]]


def test_force_does_not_follow_links_and_keeps_secrets_secret(tmp_path: Path, pki: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (pki / "client.key.pem").unlink()
    (pki / "client.key.pem").symlink_to(elsewhere)
    (pki / "client.key.der").chmod(0o666)
    assert main(["keys", str(pki), "--endpoint", "client", "--force"]) == 0
    assert elsewhere.read_text() == "mine"
    for file in ("client.key.pem", "client.key.der"):
        assert stat.S_IMODE((pki / file).lstat().st_mode) == 0o600


def test_what_cannot_be_is_one_line(tmp_path: Path, pki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = str(tmp_path / "new")
    assert "1 to 64 characters" in complaint(capsys, new, "--endpoint", "x" * 65)
    assert "take the place of server.crt.pem" in complaint(capsys, new, "--endpoint", "server")
    assert "a day or more" in complaint(capsys, new, "--days", "0")
    assert "9999999999 days" in complaint(capsys, new, "--days", "9999999999")
    assert "neither a host name nor an address" in complaint(capsys, new, "--host", "a..b")
    assert not (tmp_path / "new").exists()
    occupied = tmp_path / "file"
    occupied.write_text("")
    assert str(occupied) in complaint(capsys, str(occupied))
    (pki / "ca.key.pem").write_bytes((pki / "server.key.pem").read_bytes())
    assert "not that of the authority's" in complaint(capsys, str(pki), "--endpoint", "other")
    (pki / "ca.key.pem").write_text("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n")
    assert "c2VjcmV0" not in complaint(capsys, str(pki), "--endpoint", "other")


def test_without_the_package_the_command_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography", None)
    assert "pip install 'linnet[keys]'" in complaint(capsys, str(tmp_path / "pki"))
    assert main(["keys", "--psk"]) == 0


# ---- in Python


def test_pairs_show_no_key_and_raw_ones_have_no_certificate() -> None:
    pair = keys.Pair.raw()
    assert pair.certificate_pem == b"" == pair.certificate_der
    assert pair.public_pem.startswith(b"-----BEGIN PUBLIC KEY-----")
    authority = keys.Authority.make("somebody", start=datetime.datetime(2020, 1, 1), days=1)
    for shown in (repr(pair), repr(authority), repr(authority.client("kitchen"))):
        assert len(shown) < 100
    assert repr(authority.client("kitchen")) == "<Pair CN=kitchen>"


def test_an_authority_is_loaded_from_its_files() -> None:
    made = keys.Authority.make()
    loaded = keys.Authority.load(made.pair.certificate_pem, made.pair.key_pem)
    device = x509.load_der_x509_certificate(loaded.client("kitchen").certificate_der)
    device.verify_directly_issued_by(x509.load_der_x509_certificate(made.pair.certificate_der))
    with pytest.raises(linnet.Malformed):
        keys.Authority.load(made.pair.certificate_pem, made.pair.public_pem)
