# SPDX-License-Identifier: Apache-2.0
"""What a client does about short messages: its number, and how those of its servers are secured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _core
from .credentials import ClientKeys
from .errors import InvalidArgument
from .role import is_number

if TYPE_CHECKING:
    from .modem import SmsTransport
    from .runner import Runner

__all__ = ["ShortMessages"]


class ShortMessages:
    """The calls of a client about them."""

    _runner: Runner
    _core: Any
    _sms: SmsTransport | None
    _transports: list[Any]

    def set_sms_number(self, number: str) -> None:
        """The number of this device, digits only, for servers whose binding has an S."""
        with self._runner:
            self._core.set_sms_number(number)

    def set_trigger_limit(self, count: int, seconds: int) -> None:
        """How many triggers by unsecured SMS a client on coaps takes from a server in a time; 3 in 180 s.

        Whoever can send SMS in the server's name can ask for an Update; what is over the limit is ignored.
        With 0 none is taken. Triggers that are secured are not limited.
        """
        with self._runner:
            self._core.set_trigger_limit(count, seconds)

    def _need_sms(self, uri: str) -> None:
        if not any(made.get_kind() == _core.TRANSPORT_SMS for made in self._transports):
            raise InvalidArgument(f"{uri} takes what carries short messages: sms=linnet.SmsTransport(...)")

    def _secure_sms(self, uri: str, digits: str, short_server_id: int, keys: ClientKeys) -> None:
        packets = self._sms.packets if self._sms is not None else None
        if any(made.get_kind() == _core.TRANSPORT_SMS and made.is_secure() for made in self._transports):
            keys.give_for_sms(self._core, uri, short_server_id)
        elif packets is not None and digits in packets:
            self._core.set_sms_security(short_server_id, _core.SMS_SECURED_PACKETS, *packets[digits])
        elif keys.sms_psk is not None or (is_number(uri) and keys.has_any()):
            raise InvalidArgument(f"{uri}: there are keys, but the short messages are not secured by DTLS")
