# SPDX-License-Identifier: Apache-2.0
"""DTLS 1.2 for the scripted peers, on OpenSSL: datagrams in, datagrams and messages out. Not linnet's.

No socket and no clock: what is lost is not sent again, so the network of the cases must not lose anything.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from dataclasses import dataclass
from typing import Any

HANDSHAKE, ALERT, DATA = 22, 21, 23
FATAL = 2
_HEADER = 13
_MTU, _SET_MTU, _NO_QUERY_MTU = 1200, 17, 0x1000
_WANTS = (2, 3)  # SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE
_EC, _VERIFY_PEER = 408, 3
_VERSION_1_2, _SET_MIN, _SET_MAX = 0xFEFD, 123, 124
#: The suites of the cases, by the name that OpenSSL has for them. A tag of 8 bytes is below its usual level.
SUITES = {
    "TLS_PSK_WITH_AES_128_CCM_8": "PSK-AES128-CCM8",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8": "ECDHE-ECDSA-AES128-CCM8",
}

_PSK_SERVER = ctypes.CFUNCTYPE(
    ctypes.c_uint, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_uint
)
_PSK_CLIENT = ctypes.CFUNCTYPE(
    ctypes.c_uint, ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char), ctypes.c_uint,
    ctypes.POINTER(ctypes.c_ubyte), ctypes.c_uint,
)  # fmt: skip
_VERIFY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)


@functools.cache
def _openssl() -> Any:
    library = ctypes.CDLL(ctypes.util.find_library("ssl") or "libssl.so.3")
    for name in (
        "DTLS_server_method", "DTLS_client_method", "SSL_CTX_new", "SSL_new", "BIO_new", "BIO_s_mem",
        "SSL_get1_peer_certificate", "SSL_get_current_cipher",
    ):  # fmt: skip
        getattr(library, name).restype = ctypes.c_void_p
    library.SSL_CIPHER_get_name.restype = ctypes.c_char_p
    return library


@dataclass(frozen=True)
class Keys:
    """What a side shows, and what it wants to see: a pre-shared key, or certificates in DER."""

    suite: str
    psk: tuple[bytes, bytes] | None = None
    certificate: bytes = b""
    private_key: bytes = b""


def records(data: bytes) -> list[bytes]:
    """The records of a datagram, or of several in a row."""
    found = []
    while data:
        size = _HEADER + int.from_bytes(data[11:13], "big")
        found.append(data[:size])
        data = data[size:]
    return found


def fatal_alert(datagram: bytes) -> bool:
    """True for an alert that ends a handshake and is not encrypted."""
    return any(record[0] == ALERT and record[_HEADER] == FATAL for record in records(datagram))


class Session:
    """One side of a session."""

    def __init__(self, keys: Keys, *, server: bool) -> None:
        self._library = library = _openssl()
        self._keys = keys
        method = library.DTLS_server_method() if server else library.DTLS_client_method()
        context = ctypes.c_void_p(library.SSL_CTX_new(ctypes.c_void_p(method)))
        suites = f"{SUITES[keys.suite]}:@SECLEVEL=0".encode()
        assert library.SSL_CTX_set_cipher_list(context, suites) == 1, f"OpenSSL lacks {keys.suite}"
        for command in (_SET_MIN, _SET_MAX):
            library.SSL_CTX_ctrl(context, command, ctypes.c_long(_VERSION_1_2), None)
        library.SSL_CTX_set_options(context, ctypes.c_uint64(_NO_QUERY_MTU))
        self._give_keys(context, server)
        self._ssl = ctypes.c_void_p(library.SSL_new(context))
        self._in, self._out = (
            ctypes.c_void_p(library.BIO_new(ctypes.c_void_p(library.BIO_s_mem()))) for _ in "io"
        )
        library.SSL_set_bio(self._ssl, self._in, self._out)
        library.SSL_ctrl(self._ssl, _SET_MTU, ctypes.c_long(_MTU), None)
        (library.SSL_set_accept_state if server else library.SSL_set_connect_state)(self._ssl)
        #: Why it failed, if it did.
        self.failed = False
        self._context = context

    def _give_keys(self, context: ctypes.c_void_p, server: bool) -> None:
        library, keys = self._library, self._keys
        if keys.psk is not None:
            self._callback: Any = _PSK_SERVER(self._key_of) if server else _PSK_CLIENT(self._own_key)
            name = "SSL_CTX_set_psk_server_callback" if server else "SSL_CTX_set_psk_client_callback"
            getattr(library, name)(context, self._callback)
            return
        self._callback = _VERIFY(lambda ok, store: 1)  # compared by whoever asks for peer_certificate
        certificate, key = keys.certificate, keys.private_key
        assert library.SSL_CTX_use_certificate_ASN1(context, len(certificate), certificate) == 1
        assert library.SSL_CTX_use_PrivateKey_ASN1(_EC, context, key, ctypes.c_long(len(key))) == 1
        library.SSL_CTX_set_verify(context, _VERIFY_PEER, self._callback)

    def _key_of(self, ssl: Any, identity: bytes, buffer: Any, size: int) -> int:
        assert self._keys.psk is not None
        known, key = self._keys.psk
        if identity != known:
            return 0
        ctypes.memmove(buffer, key, len(key))
        return len(key)

    def _own_key(self, ssl: Any, hint: bytes, identity: Any, size: int, buffer: Any, limit: int) -> int:
        assert self._keys.psk is not None
        own, key = self._keys.psk
        ctypes.memmove(identity, own + b"\0", len(own) + 1)
        ctypes.memmove(buffer, key, len(key))
        return len(key)

    # ---- datagrams

    def feed(self, datagram: bytes) -> list[bytes]:
        """What a datagram says: messages. Look for what there is to send afterwards."""
        self._library.BIO_write(self._in, datagram, len(datagram))
        found = []
        buffer = ctypes.create_string_buffer(1 << 14)
        while True:
            count = self._library.SSL_read(self._ssl, buffer, len(buffer))
            if count <= 0:
                self.failed |= self._library.SSL_get_error(self._ssl, count) not in _WANTS
                return found
            found.append(buffer.raw[:count])

    def begin(self) -> None:
        """As a client: the first flight."""
        self._library.SSL_do_handshake(self._ssl)

    def write(self, message: bytes) -> None:
        """A message to send."""
        assert self.established
        assert self._library.SSL_write(self._ssl, message, len(message)) == len(message)

    def take(self) -> list[bytes]:
        """Datagrams to send, a record each."""
        buffer = ctypes.create_string_buffer(1 << 16)
        count = self._library.BIO_read(self._out, buffer, len(buffer))
        return records(buffer.raw[: max(count, 0)])

    # ---- facts

    @property
    def established(self) -> bool:
        """True after the handshake."""
        return bool(self._library.SSL_is_init_finished(self._ssl))

    @property
    def suite(self) -> str:
        """The name of the suite that was agreed on."""
        cipher = ctypes.c_void_p(self._library.SSL_get_current_cipher(self._ssl))
        name = self._library.SSL_CIPHER_get_name(cipher).decode()
        return next(standard for standard, own in SUITES.items() if own == name)

    @property
    def peer_certificate(self) -> bytes:
        """What the other side showed, in DER."""
        certificate = ctypes.c_void_p(self._library.SSL_get1_peer_certificate(self._ssl))
        if not certificate:
            return b""
        size = self._library.i2d_X509(certificate, None)
        buffer = ctypes.create_string_buffer(size)
        at = ctypes.cast(buffer, ctypes.c_void_p)
        self._library.i2d_X509(certificate, ctypes.byref(at))
        self._library.X509_free(certificate)
        return buffer.raw

    def close(self) -> None:
        """Gives everything back."""
        self._library.SSL_free(self._ssl)
        self._library.SSL_CTX_free(self._context)
