# SPDX-License-Identifier: Apache-2.0
"""LwM2M over SMS: what carries short messages, and the transport that client and server take as ``sms=``.

::

    sms = linnet.SmsTransport(linnet.AtModem("/dev/ttyUSB2"), number="+15550111")
    client = linnet.Client("kitchen", server="sms:+15550100", sms=sms)

A modem (:class:`AtModem`) speaks AT commands; a :class:`ScriptModem` is two functions of yours, for the HTTP
API of a gateway, gammu, ModemManager, ubus; in a simulated world no modem is needed, the number is enough.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from . import _core
from .credentials import Credential, Credentials, credentials_of
from .errors import InvalidArgument, StateError
from .sms import ShortMessage, build_short_message, parse_short_message

if TYPE_CHECKING:
    from .runner import Runner

__all__ = ["AtModem", "Modem", "ScriptModem", "SmsTransport"]

_STATES = {
    _core.MODEM_CLOSED: "closed",
    _core.MODEM_STARTING: "starting",
    _core.MODEM_READY: "ready",
    _core.MODEM_WAITING: "waiting",
}


def digits_of(number: str) -> str:
    """A number as LwM2M has it: ``"15550100"`` for ``"+15550100"``, ``"sms:+15550100"``, ``"0015550100"``."""
    digits = number.split(":")[-1].replace(" ", "")
    if digits.startswith("+"):
        digits = digits[1:]
    elif digits.startswith("00"):
        digits = digits[2:]
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise ValueError(f"{number!r} is not a number such as +15550100")
    return digits


class HasFileno(Protocol):
    """A socket, a file."""

    def fileno(self) -> int:
        """Its descriptor."""


class Modem(Protocol):
    """What carries short messages for a :class:`SmsTransport`."""

    def begin(self, runner: Runner, transport: _core.Transport) -> None:
        """Carries the short messages of this transport from now on; called once, in a turn."""


class AtModem:
    """A modem that understands AT commands (3GPP TS 27.005, PDU mode).

    `device` is the path of a serial line or pseudo-terminal, or a descriptor: an int, or something with
    ``fileno()``, of which the modem takes a duplicate. The modem is linnet's alone; messages that it stored
    are read and deleted. What goes wrong is tried again for as long as the client or server lives:
    :attr:`state`, :attr:`failure` and the log tell.
    """

    def __init__(
        self,
        device: str | bytes | os.PathLike[str] | int | HasFileno,
        *,
        speed: int = 115200,
        pin: str | None = None,
        center: str | None = None,
        command_timeout: float = 10,
        submit_timeout: float = 60,
        retry: float = 5,
        check: float = 60,
        attempts: int = 3,
    ) -> None:
        self.device = device
        self._pin, self._center = pin, center
        self._settings = {
            _core.MODEM_SPEED: speed,
            _core.MODEM_COMMAND_MS: round(command_timeout * 1000),
            _core.MODEM_SUBMIT_MS: round(submit_timeout * 1000),
            _core.MODEM_RETRY_MS: round(retry * 1000),
            _core.MODEM_CHECK_MS: round(check * 1000),
            _core.MODEM_ATTEMPTS: attempts,
        }
        self._core: _core.Modem | None = None

    def begin(self, runner: Runner, transport: _core.Transport) -> None:
        """Called by the transport."""
        if self._core is not None:
            raise StateError("this modem has a transport already")
        modem = _core.Modem(runner.driver(), transport)
        for setting, value in self._settings.items():
            modem.set(setting, value)
        if self._pin is not None:
            modem.set_pin(self._pin)
        if self._center is not None:
            modem.set_center(self._center)
        if isinstance(self.device, (str, bytes, os.PathLike)):
            modem.open(os.fsdecode(self.device))
        else:
            modem.use(os.dup(self.device if isinstance(self.device, int) else self.device.fileno()))
        self._core = modem

    @property
    def state(self) -> str:
        """One of closed, starting, ready, waiting (to try again)."""
        return "closed" if self._core is None else _STATES[self._core.get_state()]

    @property
    def failure(self) -> str:
        """What went wrong last, e.g. ``"/dev/ttyUSB2: no answer to AT"``; "" if nothing has."""
        return "" if self._core is None else self._core.failure()

    @property
    def counts(self) -> dict[str, int]:
        """How often: sent, refused, received, garbage, starts."""
        names = ("sent", "refused", "received", "garbage", "starts")
        core = self._core
        return {name: 0 if core is None else core.count(index) for index, name in enumerate(names)}

    def __repr__(self) -> str:
        return f"<modem {self.device!r}: {self.state}>"


class ScriptModem:
    """A modem that is two functions: `send(message)` is called, outside the engine, for each short message.

    The :class:`ShortMessage` has the ``number``, the ``payload`` and the ``header`` (without its length, and
    often empty), and, for whoever can send PDUs, the ``pdu``. What arrives goes into :meth:`receive`, from
    any thread::

        modem = linnet.ScriptModem(lambda sms: gateway.post(to=sms.number, data=sms.payload.hex()))
        server = linnet.Server(sms=linnet.SmsTransport(modem, number="+15550100"))
        modem.receive("+15550111", bytes.fromhex(request.form["data"]))

    An exception of `send` is logged, and the peer is taken for unreachable.
    """

    def __init__(self, send: Callable[[ShortMessage], object]) -> None:
        self.send = send
        self._runner: Runner | None = None
        self._transport: _core.Transport | None = None

    def begin(self, runner: Runner, transport: _core.Transport) -> None:
        """Called by the transport."""
        if self._transport is not None:
            raise StateError("this modem has a transport already")
        self._runner, self._transport = runner, transport
        runner.pump(self._pump)

    def _pump(self) -> None:
        transport, runner = self._transport, self._runner
        while transport is not None and runner is not None and (datagram := transport.next()) is not None:
            peer, pdu = datagram
            runner.later(lambda peer=peer, pdu=pdu: self._carry(peer, pdu))  # type: ignore[misc]

    def _carry(self, peer: str, pdu: bytes) -> None:
        try:
            self.send(parse_short_message(pdu))
        except Exception:
            self.unreachable(peer)
            raise

    def receive(self, number: str, payload: bytes, header: bytes = b"", *, coding: int = 4) -> None:
        """A message arrived from a number. `header`: the user data header without the octet of its length."""
        self.receive_pdu(
            build_short_message("deliver", f"+{digits_of(number)}", payload, header=header, coding=coding)
        )

    def receive_pdu(self, pdu: bytes) -> None:
        """An SMS-DELIVER or SMS-STATUS-REPORT arrived, without the number of a service centre before it."""
        if self._runner is None or self._transport is None:
            raise StateError("this modem has no client or server yet")
        with self._runner:
            self._transport.receive_sms(pdu)

    def unreachable(self, number: str) -> None:
        """What was sent to a number could not be delivered (a hint)."""
        if self._runner is not None and self._transport is not None:
            with self._runner:
                self._transport.unreachable(f"sms:+{digits_of(number)}")


class SmsTransport:
    """CoAP in short messages of 8-bit data, one in each unless `parts` allows more.

    Args:
        modem: What carries them. None in a simulated world, which has a service centre.
        number: The number of this device or server, ``"+15550111"``.
        parts: How many short messages one CoAP message may be cut into. Blocks of block-wise transfers fit in
            one anyway.
        part_bits: 8 or 16 bits for the reference that the parts share.
        ports: ``(destination, source)``, if messages go to ports; 8-bit ones with `port_bits` 8.
        port_bits: 16 or 8.
        validity: Seconds that the service centre tries to deliver a message.
        response_timeout: Seconds that an answer may take. Nothing is sent twice.
        parts_timeout: Seconds that the parts of a message may take.
        reports: Ask for status reports; one that says that delivery failed is a hint that a peer is away.
        coding: TP-DCS, one for 8-bit data. 0xF6 has class 2.
        protocol: TP-PID.
        packets: Keys for secured packets by number, as resources 7 and 8 of the Security object have them:
            ``{"+15550100": (parameters, keys)}``. A client that is kept and a server with a store keep the
            counters; without, keep :meth:`counters` yourself. (With DTLS the keys are those of the client, or
            the credentials of the server.)
        dtls: Secure them by DTLS, with the pre-shared key of the client or the credentials of the server.
            None: where there are such, and no `packets`. False beside coaps: they are triggers alone, as
            anybody could send them.
        credentials: Of a server: whom to let in by SMS, where they have other keys than on coaps.
        tag: Of the TLV in a secured packet.
        checksum: Octets of its checksum: 8 or 4.

    """

    def __init__(
        self,
        modem: Modem | None = None,
        number: str | None = None,
        *,
        parts: int = 1,
        part_bits: int = 8,
        ports: tuple[int, int] | None = None,
        port_bits: int = 16,
        validity: float = 300,
        response_timeout: float = 300,
        parts_timeout: float = 300,
        reports: bool = False,
        coding: int = 4,
        protocol: int = 0,
        packets: Mapping[str, tuple[bytes, bytes]] | None = None,
        dtls: bool | None = None,
        credentials: Credentials | Mapping[str, Credential] | None = None,
        tag: int = 5,
        checksum: int = 8,
    ) -> None:
        self.modem = modem
        #: Keys for secured packets by number, digits only; None: there are none.
        self.packets = None if packets is None else {digits_of(who): keys for who, keys in packets.items()}
        if dtls and packets is not None:
            raise InvalidArgument("short messages are secured by DTLS or by packets, not by both")
        self._dtls = dtls
        #: Whom a server lets in by SMS; None: whom it lets in anyway.
        self.credentials = credentials_of(credentials, None, None, ())
        self._secured = {_core.SECURED_TAG: tag, _core.SECURED_CHECKSUM: checksum}
        #: Digits only, "" if not known.
        self.digits = digits_of(number) if number is not None else ""
        self._timeout_ms = round(response_timeout * 1000)
        self._settings = {
            _core.FRAMING_PART_BITS: part_bits,
            _core.FRAMING_VALIDITY_S: round(validity),
            _core.FRAMING_PARTS_TIMEOUT_S: round(parts_timeout),
            _core.FRAMING_REPORTS: int(reports),
            _core.FRAMING_CODING: coding,
            _core.FRAMING_PROTOCOL: protocol,
        }
        if ports is not None:
            self._settings.update(
                {
                    _core.FRAMING_PORT_BITS: port_bits,
                    _core.FRAMING_DESTINATION_PORT: ports[0],
                    _core.FRAMING_SOURCE_PORT: ports[1],
                }
            )
        self._settings[_core.FRAMING_PARTS] = parts
        self._core: _core.Transport | None = None
        self._runner: Runner | None = None

    @property
    def uri(self) -> str:
        """Where this is reached: ``"sms:+15550111"``; "" if the number is not known."""
        return f"sms:+{self.digits}" if self.digits else ""

    def uses_dtls(self, *, keys: bool) -> bool:
        """Whether a client or server that has `keys` for it, or none, secures short messages by DTLS."""
        return self.packets is None and (keys if self._dtls is None else self._dtls)

    def set_keys(self, number: str, parameters: bytes, keys: bytes) -> None:
        """Keys for secured packets of one more number, or others; b"", b"": none any more."""
        if self.packets is None or self._core is None or self._runner is None:
            raise StateError("this transport was made without packets, or has no client or server yet")
        self.packets[digits_of(number)] = (parameters, keys)
        with self._runner:
            self._core.set_secured_keys(f"sms:+{digits_of(number)}", parameters, keys)

    def counters(self, number: str) -> tuple[int, int]:
        """Of the last secured packet sent to a number, and of the last that was accepted from it."""
        if self._core is None:
            return 0, 0
        peer = f"sms:+{digits_of(number)}"
        return self._core.secured_sent(peer), self._core.secured_accepted(peer)

    def set_counters(self, number: str, sent: int, accepted: int) -> None:
        """Where no store keeps them over a restart: what was accepted once is not accepted again."""
        if self._core is None:
            raise StateError("this transport has no client or server yet")
        self._core.set_secured_counters(f"sms:+{digits_of(number)}", sent, accepted)

    def bind(
        self, runner: Runner, *, secure: bool = False, credentials: _core.Credentials | None = None
    ) -> _core.Transport:
        """Called by the client or server that uses the transport; there can be one."""
        if self._core is not None:
            raise StateError("this transport has a client or server already")
        transport = _core.Transport(runner.loop, _core.TRANSPORT_SMS)
        transport.add_framing()
        for setting, value in self._settings.items():
            transport.set_framing(setting, value)
        transport.set_response_timeout(self._timeout_ms)
        if self.packets is not None:
            transport.add_secured()
            for setting, value in self._secured.items():
                transport.set_secured(setting, value)
            for digits, (parameters, keys) in self.packets.items():
                transport.set_secured_keys(f"sms:+{digits}", parameters, keys)
        if secure:
            transport.secure(credentials)
        if self.uri:
            transport.set_local(self.uri)
        if self.modem is not None:
            self.modem.begin(runner, transport)
        else:
            runner.attach_phone(transport, self.uri)
        runner.keep(transport)
        self._core, self._runner = transport, runner
        return transport
