# SPDX-License-Identifier: Apache-2.0
"""Options of the commands for keys, certificates and whom to let in (coaps)."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from ..credential_stores import StoredCredentials
from ..credentials import Credentials, Psk
from ..errors import Error, InvalidArgument
from ..role import is_number
from .session import Answer, Line, Session, _escape

DATABASES = (".db", ".sqlite", ".sqlite3")
#: How often a file of credentials is looked at.
LOOK_EVERY_S = 1.0


# ---- words of the command line; none of their errors shows a key


def _from_file(text: str) -> str:
    """``@FILE`` is what stands in the file: other users see command lines, but not files."""
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise argparse.ArgumentTypeError(f"{text[1:]}: {str(reason).lower()}") from None


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a key is hexadecimal digits, two a byte") from None


def psk_key(text: str) -> bytes:
    """``HEX`` or ``@FILE``, with a key in it or the line that ``linnet keys --psk`` writes."""
    return _hexadecimal(_from_file(text).rpartition(":")[2])


def device_psk(text: str) -> tuple[str, Psk]:
    """``EP:IDENTITY:HEXKEY`` or ``@FILE``. Both names may have colons if they are the same."""
    names, colon, key = _from_file(text).rpartition(":")
    parts = names.split(":")
    half = len(parts) // 2
    if not colon or len(parts) % 2 != 0 or (len(parts) > 2 and parts[:half] != parts[half:]):
        raise argparse.ArgumentTypeError(
            "a pre-shared key is EP:IDENTITY:HEXKEY; with other colons in the names, use --credentials"
        )
    return ":".join(parts[:half]), Psk(":".join(parts[half:]), _hexadecimal(key))


def packet_keys(text: str) -> tuple[str, tuple[bytes, bytes]]:
    """``NUMBER:PARAMETERS:KEYS`` or ``@FILE``: what secures packets to and from a number."""
    parts = _from_file(text).split(":")
    if len(parts) != 3:
        raise argparse.ArgumentTypeError(
            "keys of packets are NUMBER:PARAMETERS:KEYS, or @FILE with that in it"
        )
    number, parameters, keys = parts
    return number, (_hexadecimal(parameters), _hexadecimal(keys))


# ---- options


def _add_own_keys(parser: argparse.ArgumentParser, trust: str) -> None:
    parser.add_argument(
        "--cert", metavar="FILE", help="coaps: the own certificate, or a raw public key; PEM or DER"
    )
    parser.add_argument("--key", metavar="FILE", help="coaps: its private key")
    parser.add_argument("--trust", metavar="FILE", help=f"coaps: {trust}")


def add_client_keys(parser: argparse.ArgumentParser) -> None:
    """The options of a client."""
    parser.add_argument("--psk-identity", metavar="ID", help="coaps: the identity of the pre-shared key")
    parser.add_argument("--psk-key", metavar="HEX|@FILE", type=psk_key, help="coaps: the pre-shared key")
    _add_own_keys(parser, "the server's certificate or public key, or an authority that vouches for it")


def add_access(parser: argparse.ArgumentParser) -> None:
    """The options of a server."""
    parser.add_argument(
        "--psk",
        metavar="EP:IDENTITY:HEXKEY|@FILE",
        action="append",
        type=device_psk,
        default=[],
        help="coaps: let a device in by its pre-shared key; may be given several times",
    )
    parser.add_argument(
        "--credentials",
        metavar="FILE",
        help="coaps: whom to let in, and the own keys: TOML, or a SQLite database (.db, .sqlite); "
        "changes of it take effect at once",
    )
    _add_own_keys(parser, "an authority: who shows a certificate that it vouches for is let in")


# What a pre-shared key may secure.
_SECURED = {"coaps", "sms"}


def client_keys(options: argparse.Namespace) -> dict[str, Any]:
    """What the options say, as arguments of a client."""
    if (options.psk_identity is None) != (options.psk_key is None):
        raise InvalidArgument("--psk-identity and --psk-key go together")
    given = {"certificate": options.cert, "private_key": options.key, "trust": options.trust}
    if options.psk_key is not None:
        given["psk"] = Psk(options.psk_identity, options.psk_key)
    schemes = {scheme_of(uri) for uri in (options.server, options.bootstrap) if uri is not None}
    if "coaps" not in schemes and any(value is not None for name, value in given.items() if name != "psk"):
        raise InvalidArgument(
            f"{options.server or options.bootstrap}: certificates are for a server on coaps://"
        )
    if not schemes & _SECURED and "psk" in given:
        raise InvalidArgument(
            f"{options.server or options.bootstrap}: keys are for a server on coaps://, or by SMS"
        )
    return given


def keys_for(uri: str | None, keys: dict[str, Any]) -> dict[str, Any]:
    """The keys, where the URI is one that takes them."""
    scheme = None if uri is None else scheme_of(uri)
    if scheme == "coaps":
        return keys
    return {name: value for name, value in keys.items() if name == "psk"} if scheme in _SECURED else {}


def credentials(options: argparse.Namespace) -> Credentials | None:
    """Whom a server lets in, as the options say; None: they say nothing."""
    own = {"certificate": options.cert, "private_key": options.key, "trust": options.trust or ()}
    if options.credentials is None:
        if not (options.psk or any(own.values())):
            return None
        return Credentials(dict(options.psk), **own)
    if options.psk or any(own.values()):
        raise InvalidArgument(
            "--credentials has all of --psk, --cert, --key and --trust; give one or the other"
        )
    read = Credentials.from_sqlite if options.credentials.endswith(DATABASES) else Credentials.from_toml
    return read(options.credentials)


def scheme_of(uri: str) -> str:
    """Whether it is "coap" or "coaps", or "sms" for a number."""
    if is_number(uri):
        return "sms"
    return "coaps" if uri.lower().startswith("coaps://") else "coap"


# ---- while it runs


class Watch:
    """Takes what a file of credentials says whenever it changes, and on the command "reload"."""

    usage = "reload"

    def __init__(self, session: Session, store: Credentials | None) -> None:
        self.session = session
        self.store = store if isinstance(store, StoredCredentials) else None
        if self.store is not None:
            session.command(self.usage, self.reload)

    async def run(self) -> None:
        """Looks at the file until it is cancelled."""
        while self.store is not None:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self.store.stale:
                continue
            try:
                if self.store.reload():
                    self._tell()
            except Error as error:
                self.store.ignore()
                text = str(error)
                self.session.show({"event": "error", "error": text}, f"[red]{_escape(text)}[/red]")

    def _tell(self) -> None:
        assert self.store is not None
        self.session.show(
            {"event": "credentials", "devices": len(self.store)},
            f"{_escape(str(self.store.path))}: {len(self.store)} devices are let in",
        )

    async def reload(self, line: Line) -> Answer:
        """Reads the file now."""
        assert self.store is not None
        changed = self.store.reload()
        return {"changed": changed}, "changed" if changed else "nothing is different"
