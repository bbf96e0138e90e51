# SPDX-License-Identifier: Apache-2.0
"""Short messages through a service centre that is reached over TCP: SMPP 3.4, for servers without a modem.

::

    gateway = linnet.SmppGateway("smsc.example", 2775, system_id="linnet", password="secret")
    server = linnet.Server(sms=linnet.SmsTransport(gateway, number="+15550100"))

The protocol is that of smpplib: ``pip install linnet[smpp]``.
"""

from __future__ import annotations

import datetime
import importlib
import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from . import _core
from .errors import Unavailable
from .modem import ScriptModem, digits_of
from .sms import ShortMessage

if TYPE_CHECKING:
    import ssl

    from .runner import Runner

__all__ = ["SmppGateway"]

log = logging.getLogger("linnet")

UDHI, RECEIPT, MESSAGE_TYPES = 0x40, 0x04, 0x3C  # esm_class
OCTETS = (0x02, 0x04)  # data_coding: octets, unspecified
INTERNATIONAL, TELEPHONE = 1, 1
#: States of a delivery receipt after which nothing more happens.
FAILED = ("UNDELIV", "EXPIRED", "DELETED", "REJECTD")
#: How many submissions that are not answered yet are remembered.
PENDING = 1024


class SmppGateway(ScriptModem):
    """Binds to a service centre as a transceiver, and binds again whenever the connection is lost.

    Args:
        host: Of the service centre.
        port: Usually 2775.
        system_id: The account, as its operator gave it.
        password: Its password.
        system_type: What some operators want to have.
        tls: True for TLS with the certificates of the system, or an ``ssl.SSLContext``.
        timeout: Seconds that the centre may take to connect and to bind; also how often an idle connection is
            tried.
        retry: Seconds until a connection that failed is tried again.

    """

    def __init__(
        self,
        host: str,
        port: int = 2775,
        *,
        system_id: str,
        password: str = "",
        system_type: str = "",
        tls: bool | ssl.SSLContext = False,
        timeout: float = 30,
        retry: float = 5,
    ) -> None:
        super().__init__(self._submit)
        self.host, self.port = host, port
        self._account = {"system_id": system_id, "password": password, "system_type": system_type}
        self._tls = importlib.import_module("ssl").create_default_context() if tls is True else tls or None
        self._timeout, self._retry = timeout, retry
        self._smpp, self._consts = _import("client"), _import("consts")
        self._client: Any = None
        self._bound = threading.Event()
        self._sending = threading.Lock()
        self._pending: OrderedDict[int, str] = OrderedDict()
        self._counts = dict.fromkeys(("sent", "refused", "received", "garbage", "starts"), 0)
        #: What went wrong last; "" if nothing has.
        self.failure = ""

    @property
    def state(self) -> str:
        """One of closed, waiting (to connect or to be bound), ready."""
        if self._runner is None or self._runner.closed:
            return "closed"
        return "ready" if self._bound.is_set() else "waiting"

    @property
    def counts(self) -> dict[str, int]:
        """How often: sent, refused, received, garbage, starts."""
        return dict(self._counts)

    def wait_ready(self, timeout: float | None = None) -> bool:
        """Waits until it is bound; False after so many seconds."""
        return self._bound.wait(timeout)

    def begin(self, runner: Runner, transport: _core.Transport) -> None:
        """Called by the transport."""
        super().begin(runner, transport)
        threading.Thread(target=self._run, name="linnet-smpp", daemon=True).start()

    # ---- the connection, in a thread of its own

    def _run(self) -> None:
        pause = threading.Event()
        while self._runner is not None and not self._runner.closed:
            try:
                self._connect()
                while not self._runner.closed:
                    self._client.read_once()
            except Exception as error:
                # Whatever the centre or the network did, the next connection may fare better.
                self._fail(f"{self.host}:{self.port}: {error or type(error).__name__}")
            self._disconnect()
            if not self._runner.closed:
                pause.wait(self._retry)

    def _connect(self) -> None:
        self._counts["starts"] += 1
        client = self._smpp.Client(
            self.host,
            self.port,
            timeout=self._timeout,
            ssl_context=self._tls,
            allow_unknown_opt_params=True,
            logger_name="linnet.smpp",
        )
        client.set_message_received_handler(self._received)
        client.set_message_sent_handler(self._answered)
        client.set_error_pdu_handler(lambda pdu: None)  # what is refused is seen in the answer
        self._client = client
        client.connect()
        client.bind_transceiver(**self._account)
        log.info("%s:%d: bound as %s", self.host, self.port, self._account["system_id"])
        self._bound.set()

    def _disconnect(self) -> None:
        self._bound.clear()
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
        self._pending.clear()

    def _fail(self, text: str) -> None:
        if self._runner is not None and not self._runner.closed:
            self.failure = text
            log.warning("%s", text)

    # ---- out

    def _submit(self, message: ShortMessage) -> None:
        header = bytes([len(message.header)]) + message.header if message.header else b""
        validity = message.validity
        with self._sending:
            client = self._client
            if client is None or not self._bound.is_set():
                self._counts["refused"] += 1
                raise ConnectionError(f"{self.host}:{self.port}: not bound")
            pdu = client.send_message(
                source_addr_ton=INTERNATIONAL,
                source_addr_npi=TELEPHONE,
                source_addr=self._number,
                dest_addr_ton=INTERNATIONAL,
                dest_addr_npi=TELEPHONE,
                destination_addr=digits_of(message.number),
                esm_class=UDHI if header else 0,
                protocol_id=message.protocol,
                registered_delivery=1 if "report" in message.flags else 0,
                validity_period=_period(validity) if isinstance(validity, datetime.timedelta) else "",
                data_coding=OCTETS[1],
                short_message=header + message.payload,
            )
            self._pending[pdu.sequence] = message.number
            while len(self._pending) > PENDING:
                self._pending.popitem(last=False)

    @property
    def _number(self) -> str:
        local = self._transport.local() if self._transport is not None else None
        return digits_of(local) if local else ""

    def _answered(self, pdu: Any) -> None:
        number = self._pending.pop(pdu.sequence, None)
        if not pdu.is_error():
            self._counts["sent"] += 1
            return
        self._counts["refused"] += 1
        words = self._consts.DESCRIPTIONS.get(pdu.status, "unknown error")
        self._fail(f"{self.host}:{self.port}: message to {number or 'somebody'} refused: {words}")
        if number is not None:
            self.unreachable(number)

    # ---- in

    def _received(self, pdu: Any) -> None:
        """Never raises: what cannot be understood is counted, and acknowledged, lest it comes again."""
        try:
            self._take(pdu)
        except Exception as error:
            self._counts["garbage"] += 1
            log.debug("%s:%d: message dropped: %s", self.host, self.port, error)

    def _take(self, pdu: Any) -> None:
        sender = _text(pdu.source_addr)
        data = pdu.short_message or getattr(pdu, "message_payload", None) or b""
        if pdu.esm_class & MESSAGE_TYPES == RECEIPT:
            if any(f"stat:{state}" in data.decode("latin-1") for state in FAILED):
                self.unreachable(sender)
            return
        if pdu.data_coding not in OCTETS:
            raise ValueError(f"data coding {pdu.data_coding} is no data of 8 bits")
        header = b""
        if pdu.esm_class & UDHI:
            header, data = data[1 : 1 + data[0]], data[1 + data[0] :]
        self.receive(f"+{digits_of(sender)}", data, _elements(pdu) + header)
        self._counts["received"] += 1


def _import(name: str) -> Any:
    try:
        return importlib.import_module(f"smpplib.{name}")
    except ImportError:
        raise Unavailable("SmppGateway needs smpplib: pip install linnet[smpp]") from None


def _text(value: Any) -> str:
    return value.decode("ascii") if isinstance(value, bytes) else str(value)


def _elements(pdu: Any) -> bytes:
    """What some centres say in parameters rather than in the header: ports, and parts of a message."""

    def number(name: str) -> int | None:
        value = getattr(pdu, name, None)
        return int.from_bytes(value, "big") if isinstance(value, bytes) else value

    elements = b""
    destination, source = number("destination_port"), number("source_port")
    if destination is not None:
        elements += bytes([5, 4]) + destination.to_bytes(2, "big") + (source or 0).to_bytes(2, "big")
    reference, total, part = (
        number(f"sar_{name}") for name in ("msg_ref_num", "total_segments", "segment_seqnum")
    )
    if reference is not None and total is not None and part is not None:
        elements += bytes([8, 4]) + reference.to_bytes(2, "big") + bytes([total, part])
    return elements


def _period(validity: datetime.timedelta) -> str:
    """A relative time (SMPP 3.4, 7.1.1.2): YYMMDDhhmmss000R."""
    minutes, seconds = divmod(int(validity.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{min(days, 31):02}{hours:02}{minutes:02}{seconds:02}000R"
