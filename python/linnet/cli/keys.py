# SPDX-License-Identifier: Apache-2.0
"""``linnet keys``: pre-shared keys, and a public key infrastructure for tests as files."""

from __future__ import annotations

import argparse
import datetime
import os
import tempfile
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Exists, InvalidArgument
from ..keys import DAYS, Authority, Pair, generate_psk
from . import output

HOSTS = ("localhost", "127.0.0.1", "::1")
ENDPOINT = "client"
#: Names of files, which no device can have.
TAKEN = ("ca", "server")

DESCRIPTION = """\
Makes a certificate authority, a server and a client to try coaps with, on P-256, as files in DIR:

  ca.crt.pem                        the authority: give it as --trust
  server.crt.pem, server.key.pem    for linnet server --cert and --key
  client.crt.pem, client.key.pem    for linnet client --cert and --key
  *.pub.pem                         the public key alone, where raw public keys are used

and each of them as .der. Only the owner may read private keys. What is there already stays: a DIR with an
authority gets more devices and servers of that authority. --psk alone, without DIR, prints a key."""


def add_parser(commands: Any) -> None:
    """Adds the command line of this command."""
    parser = commands.add_parser(
        "keys",
        help="make keys and certificates for tests",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", nargs="?", metavar="DIR", type=Path, help="where the files go")
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME|ADDRESS",
        help=f"how clients reach the server; may be repeated (default: {', '.join(HOSTS)})",
    )
    parser.add_argument(
        "--endpoint",
        action="append",
        default=[],
        metavar="EP",
        help=f"the endpoint name of a client; may be repeated (default: {ENDPOINT})",
    )
    parser.add_argument("--psk", action="store_true", help="make a pre-shared key (for each endpoint), too")
    parser.add_argument(
        "--days",
        type=int,
        default=DAYS,
        metavar="N",
        help="how long certificates are valid (default: %(default)s)",
    )
    parser.add_argument(
        "--from",
        dest="start",
        type=_date,
        metavar="DATE",
        help="from when on, e.g. 2020-01-31 (default: now)",
    )
    parser.add_argument("--force", action="store_true", help="replace files that are there already")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, for programs")
    parser.set_defaults(run=run, parser=parser)


def _date(text: str) -> datetime.datetime:
    try:
        date = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2020-01-31") from None
    return date if date.tzinfo else date.replace(tzinfo=datetime.timezone.utc)


def run(options: argparse.Namespace) -> int:
    """Makes what is asked for, and tells what that was."""
    if options.directory is None:
        if not options.psk:
            options.parser.error("say where the files go: linnet keys DIR (or --psk alone, to print a key)")
        _print_psks(options)
        return 0
    files = _plan(options)
    _refuse_to_overwrite(files, options.force)
    options.directory.mkdir(parents=True, exist_ok=True)
    for file in files:
        _write(file)
        _tell(options, file)
    return 0


def _print_psks(options: argparse.Namespace) -> None:
    for endpoint in options.endpoint or [""]:
        key = generate_psk().hex()
        if options.json:
            output.print_json({"endpoint": endpoint, "key": key} if endpoint else {"key": key})
        else:
            print(f"{endpoint}:{endpoint}:{key}" if endpoint else key)


@dataclass(frozen=True)
class File:
    """One to be written."""

    path: Path
    content: bytes
    secret: bool


def _plan(options: argparse.Namespace) -> list[File]:
    """All files that the options ask for, made before the first is written."""
    directory: Path = options.directory
    validity = {"days": options.days, "start": options.start}
    everything = not options.host and not options.endpoint
    files: list[File] = []
    known = (directory / "ca.crt.pem").exists() and (directory / "ca.key.pem").exists()
    if known and not (everything and options.force):
        authority = Authority.load(
            (directory / "ca.crt.pem").read_bytes(), (directory / "ca.key.pem").read_bytes()
        )
    else:
        authority = Authority.make(**validity)
        files += _files_of(directory / "ca", authority.pair)
    if options.host or everything or not (directory / "server.crt.pem").exists():
        files += _files_of(directory / "server", authority.server(*(options.host or HOSTS), **validity))
    for endpoint in dict.fromkeys(options.endpoint or ([ENDPOINT] if everything else [])):
        base = directory / _file_name(endpoint)
        files += _files_of(base, authority.client(endpoint, **validity))
        if options.psk:
            line = f"{endpoint}:{endpoint}:{generate_psk().hex()}\n"
            files.append(File(_with(base, ".psk"), line.encode(), secret=True))
    return files


def _file_name(endpoint: str) -> str:
    """Endpoint names are any text; "urn:imei:123" may stay as it is."""
    if endpoint in TAKEN:
        raise InvalidArgument(f"a device called {endpoint!r} would take the place of {endpoint}.crt.pem")
    quoted = urllib.parse.quote(endpoint, safe=":@+,= ")
    return "%2E" + quoted[1:] if quoted.startswith(".") else quoted


def _with(base: Path, suffix: str) -> Path:
    return base.with_name(base.name + suffix)


def _files_of(base: Path, pair: Pair) -> Iterable[File]:
    return (
        File(_with(base, ".crt.pem"), pair.certificate_pem, secret=False),
        File(_with(base, ".crt.der"), pair.certificate_der, secret=False),
        File(_with(base, ".key.pem"), pair.key_pem, secret=True),
        File(_with(base, ".key.der"), pair.key_der, secret=True),
        File(_with(base, ".pub.pem"), pair.public_pem, secret=False),
        File(_with(base, ".pub.der"), pair.public_der, secret=False),
    )


def _refuse_to_overwrite(files: Iterable[File], force: bool) -> None:
    there = [file.path for file in files if file.path.exists() or file.path.is_symlink()]
    if there and not force:
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise Exists(
            f"{there[0]} exists already{more}; --force replaces it, --endpoint and --host add others"
        )


def _write(file: File) -> None:
    """The whole file or nothing of it; a secret is nobody else's at no moment."""
    descriptor, name = tempfile.mkstemp(dir=file.path.parent, prefix=".linnet-")  # 0600
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(file.content)
            if not file.secret:
                os.fchmod(stream.fileno(), 0o644)
        os.replace(name, file.path)
    except BaseException:
        os.unlink(name)
        raise


def _tell(options: argparse.Namespace, file: File) -> None:
    if options.json:
        output.print_json({"file": str(file.path), "secret": file.secret})
    else:
        print(f"{file.path}{'  (secret)' if file.secret else ''}")
