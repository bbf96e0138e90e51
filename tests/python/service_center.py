# SPDX-License-Identifier: Apache-2.0
"""A service centre with modems on pseudo-terminals: 3GPP TS 27.005 (PDU mode) and TS 23.040.

Written from these documents, not from linnet, and knows nothing of it: what it takes for a TPDU, what it
answers to which command, and what it sends unasked is what a modem does.
"""

from __future__ import annotations

import os
import pty
import select
import threading
import time
import tty
from collections.abc import Callable

CONTROL_Z, ESCAPE = b"\x1a", b"\x1b"


def swap(digits: str) -> bytes:
    """Semi-octets, the last one filled (9.1.2.3)."""
    padded = digits + "F" * (len(digits) % 2)
    return bytes.fromhex("".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2)))


def unswap(octets: bytes, count: int) -> str:
    """The digits of semi-octets."""
    return "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in octets)[:count]


class Submit:
    """The parts of an SMS-SUBMIT (9.2.2.2) that a centre needs."""

    def __init__(self, tpdu: bytes) -> None:
        first = tpdu[0]
        if first & 3 != 1:
            raise ValueError("not an SMS-SUBMIT")
        self.has_header, self.wants_report, self.reference = bool(first & 0x40), bool(first & 0x20), tpdu[1]
        count = tpdu[2]
        end = 4 + (count + 1) // 2
        self.to = unswap(tpdu[4:end], count)
        self.protocol, self.coding = tpdu[end], tpdu[end + 1]
        validity = {0: 0, 2: 1, 1: 7, 3: 7}[first >> 3 & 3]
        rest = tpdu[end + 2 + validity :]
        self.length, self.data = rest[0], rest[1:]
        octets = (self.length * 7 + 7) // 8 if self.coding & 0x0C == 0 else self.length
        if len(self.data) != octets or octets > 140:
            raise ValueError("TP-UDL does not fit")

    def deliver(self, sender: str) -> bytes:
        """The SMS-DELIVER (9.2.2.1) that it becomes."""
        stamp = time.strftime("%y%m%d%H%M%S", time.gmtime()) + "00"
        first = 0x04 | (0x40 if self.has_header else 0)
        address = bytes([len(sender), 0x91]) + swap(sender)
        return (
            bytes([first])
            + address
            + bytes([self.protocol, self.coding])
            + swap(stamp)
            + bytes([self.length])
        ) + self.data


class Phone:
    """A modem with a SIM."""

    def __init__(self, center: ServiceCenter, number: str) -> None:
        self.center, self.number = center, number
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.device, self._slave = os.ttyname(slave), slave
        os.set_blocking(self.master, False)
        self.commands: list[str] = []
        self.indication = "0,0,0,0,0"
        self.stored: dict[int, bytes] = {}
        self.on = True
        self._echo, self._text, self._line = True, -1, b""

    def receive(self, tpdu: bytes) -> None:
        """The network delivers."""
        mode = self.indication.split(",")
        if mode[1] == "2":
            self.write(f"\r\n+CMT: ,{len(tpdu)}\r\n{self._pdu(tpdu)}\r\n")
        else:
            index = next(i for i in range(1, 100) if i not in self.stored)
            self.stored[index] = tpdu
            if mode[1] == "1":
                self.write(f'\r\n+CMTI: "SM",{index}\r\n')

    def _pdu(self, tpdu: bytes) -> str:
        return (bytes([5, 0x91]) + swap("15550000") + tpdu).hex().upper()

    def write(self, text: str) -> None:
        """What the modem says."""
        os.write(self.master, text.encode())

    def hear(self, data: bytes) -> None:
        """What the terminal says."""
        for byte in (data[i : i + 1] for i in range(len(data))):
            if self._text >= 0 and byte in (CONTROL_Z, ESCAPE):
                line, self._line = self._line, b""
                length, self._text = self._text, -1
                self._submit(line, length) if byte == CONTROL_Z else self.write("\r\nOK\r\n")
            elif self._text < 0 and byte == b"\r":
                line, self._line = self._line, b""
                if self._echo:
                    self.write(line.decode() + "\r")
                self._command(line.decode(errors="replace").strip())
            elif byte != ESCAPE:
                self._line += byte

    def _submit(self, line: bytes, length: int) -> None:
        try:
            octets = bytes.fromhex(line.decode())
            tpdu = octets[1 + octets[0] :]
            if len(tpdu) != length:
                raise ValueError("not as long as it was announced")
            submit = Submit(tpdu)
        except (ValueError, IndexError):
            self.write("\r\n+CMS ERROR: 304\r\n")  # invalid PDU mode parameter
            return
        self.write(f"\r\n+CMGS: {submit.reference}\r\n\r\nOK\r\n")
        self.center.carry(self, submit)

    def _command(self, command: str) -> None:
        if not command:
            return
        self.commands.append(command)
        name, _, argument = command.partition("=")
        answer: str | None = "OK"
        if command == "ATE0":
            self._echo = False
        elif command == "AT+CPIN?":
            answer = "+CPIN: READY\r\n\r\nOK"
        elif name == "AT+CNMI":
            self.indication = argument
        elif command == "AT+CNMI?":
            answer = f"+CNMI: {self.indication}\r\n\r\nOK"
        elif command == "AT+CREG?":
            answer = "+CREG: 0,1\r\n\r\nOK"  # at home
        elif command == "AT+CSQ":
            answer = "+CSQ: 20,99\r\n\r\nOK"
        elif command == "AT+CPMS?":
            used = len(self.stored)
            answer = "+CPMS: " + ",".join(f'"SM",{used},99' for _ in range(3)) + "\r\n\r\nOK"
        elif name == "AT+CMGS":
            self._text, answer = int(argument), None
            self.write("\r\n> ")
        elif name == "AT+CMGR":
            tpdu = self.stored.get(int(argument))
            answer = "+CMS ERROR: 321"
            if tpdu is not None:
                answer = f"+CMGR: 0,,{len(tpdu)}\r\n{self._pdu(tpdu)}\r\n\r\nOK"
        elif name == "AT+CMGD":
            self.stored.pop(int(argument), None)
        elif name == "AT+CMGL":
            lines = [f"+CMGL: {i},0,,{len(t)}\r\n{self._pdu(t)}" for i, t in sorted(self.stored.items())]
            answer = "\r\n".join([*lines, "", "OK"]) if lines else "OK"
        elif name not in ("AT", "AT+CMEE", "AT+CMGF", "AT+CSMS", "AT+CSCA", "AT+CPMS", "AT+CREG"):
            answer = "ERROR"
        if answer is not None:
            self.write(f"\r\n{answer}\r\n")

    def close(self) -> None:
        """Takes it away."""
        os.close(self.master)
        os.close(self._slave)


class ServiceCenter:
    """Phones, and a thread that carries messages between them."""

    def __init__(self) -> None:
        self.phones: dict[str, Phone] = {}
        #: (from, to, octets of user data) of every message taken.
        self.carried: list[tuple[str, str, bytes]] = []
        self._waiting: dict[str, list[bytes]] = {}
        self._changed = threading.Condition()
        self._pipe = os.pipe()
        self._thread = threading.Thread(target=self._run, name="service-center", daemon=True)

    def add(self, number: str) -> Phone:
        """A phone with this number, digits only; before the centre is entered."""
        phone = self.phones[number] = Phone(self, number)
        return phone

    def carry(self, sender: Phone, submit: Submit) -> None:
        """Takes a message."""
        with self._changed:
            self.carried.append((sender.number, submit.to, submit.data))
            self._changed.notify_all()
        phone = self.phones.get(submit.to)
        if phone is None:
            return
        tpdu = submit.deliver(sender.number)
        if phone.on:
            phone.receive(tpdu)
        else:
            self._waiting.setdefault(submit.to, []).append(tpdu)

    def wait_for(self, count: int, timeout: float) -> None:
        """Waits until so many messages have been carried."""
        self.wait_until(lambda: len(self.carried) >= count, timeout)

    def wait_until(self, ready: Callable[[], bool], timeout: float) -> None:
        """Waits until something is true of the messages that have been carried."""
        with self._changed:
            self._changed.wait_for(ready, timeout)

    def _run(self) -> None:
        by_descriptor = {phone.master: phone for phone in self.phones.values()}
        while True:
            ready, _, _ = select.select([*by_descriptor, self._pipe[0]], [], [])
            if self._pipe[0] in ready:
                return
            for descriptor in ready:
                try:
                    by_descriptor[descriptor].hear(os.read(descriptor, 4096))
                except (BlockingIOError, OSError):
                    continue

    def __enter__(self) -> ServiceCenter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._pipe[1], b"x")
        self._thread.join(5)
        for phone in self.phones.values():
            phone.close()
        for descriptor in self._pipe:
            os.close(descriptor)
