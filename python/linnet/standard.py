# SPDX-License-Identifier: Apache-2.0
"""Objects 3 to 7 of a client, and what they do by themselves."""

from __future__ import annotations

import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from . import _core
from .errors import InvalidArgument

if TYPE_CHECKING:
    from .runner import Runner


class DeviceError(IntEnum):
    """What the Error Code of Device, ``/3/0/11``, tells."""

    LOW_BATTERY = _core.DEVICE_LOW_BATTERY
    EXTERNAL_SUPPLY_OFF = _core.DEVICE_EXTERNAL_SUPPLY_OFF
    GPS_FAILURE = _core.DEVICE_GPS_FAILURE
    LOW_SIGNAL = _core.DEVICE_LOW_SIGNAL
    OUT_OF_MEMORY = _core.DEVICE_OUT_OF_MEMORY
    SMS_FAILURE = _core.DEVICE_SMS_FAILURE
    IP_FAILURE = _core.DEVICE_IP_FAILURE
    PERIPHERAL_MALFUNCTION = _core.DEVICE_PERIPHERAL_MALFUNCTION


class FirmwareState(IntEnum):
    """The State of Firmware Update, ``/5/0/3``."""

    IDLE = _core.FIRMWARE_IDLE
    DOWNLOADING = _core.FIRMWARE_DOWNLOADING
    DOWNLOADED = _core.FIRMWARE_DOWNLOADED
    UPDATING = _core.FIRMWARE_UPDATING


class FirmwareResult(IntEnum):
    """How a download or an update ended, as Update Result, ``/5/0/5``, has it."""

    #: The download is complete and valid.
    COMPLETE = _core.FIRMWARE_COMPLETE
    UPDATED = _core.FIRMWARE_UPDATED
    NO_SPACE = _core.FIRMWARE_NO_SPACE
    NO_MEMORY = _core.FIRMWARE_NO_MEMORY
    CONNECTION_LOST = _core.FIRMWARE_CONNECTION_LOST
    INTEGRITY = _core.FIRMWARE_INTEGRITY
    UNSUPPORTED_PACKAGE = _core.FIRMWARE_UNSUPPORTED_PACKAGE
    INVALID_URI = _core.FIRMWARE_INVALID_URI
    UPDATE_FAILED = _core.FIRMWARE_UPDATE_FAILED
    UNSUPPORTED_PROTOCOL = _core.FIRMWARE_UNSUPPORTED_PROTOCOL


#: As /5/0/8 numbers them.
_PROTOCOLS = ("coap", "coaps", "http", "https")
#: A delivery method, /5/0/9.
_PUSH_AND_PULL = 2


class StandardObjects:
    """The calls of a client about its own objects. Values beyond these are set as usual, by name or path."""

    _runner: Runner
    _core: Any

    # ---- Device

    def raise_error(self, error: DeviceError) -> None:
        """An error is there from now on: one more value of ``/3/0/11``."""
        with self._runner:
            self._core.raise_error(int(error))

    def clear_error(self, error: DeviceError) -> None:
        """The error is gone; without another one ``/3/0/11/0`` is 0."""
        with self._runner:
            self._core.clear_error(int(error))

    # ---- Firmware Update

    def add_firmware(self, *protocols: str) -> None:
        """Adds object 5 with its state machine.

        A "write" event of ``/5/0/0`` brings a package; one of ``/5/0/1`` the URI of one, for which
        `protocols` are those that the application can fetch by: ``"coap"``, ``"coaps"``, ``"http"``,
        ``"https"``. While the state is DOWNLOADING, the application checks it and calls
        :meth:`end_firmware`; likewise after an "execute" event of ``/5/0/2``, when the state is UPDATING::

            client.add_firmware("https")

            @client.on("write")
            def fetch(event):
                if event.path == "/5/0/1" and client.firmware_state is linnet.FirmwareState.DOWNLOADING:
                    with urllib.request.urlopen(event.value) as package:
                        install_later(package.read())
                    client.end_firmware(linnet.FirmwareResult.COMPLETE)

        The state is DOWNLOADING from the first block of a package on; the event comes with the last.
        """
        for protocol in protocols:
            if protocol not in _PROTOCOLS:
                raise InvalidArgument(f"no protocol {protocol!r:.60}; there are {', '.join(_PROTOCOLS)}")
        with self._runner:
            self._core.add_firmware()
            for index, protocol in enumerate(protocols):
                self._core.set(f"/5/0/8/{index}", _PROTOCOLS.index(protocol))
            if protocols:
                self._core.set("/5/0/9", _PUSH_AND_PULL)

    @property
    def firmware_state(self) -> FirmwareState:
        """Where the update of the firmware is; IDLE also if there is no object 5."""
        return FirmwareState(self._core.firmware_state())

    def end_firmware(self, result: FirmwareResult) -> None:
        """The download, or the update, has ended so. StateError: nothing runs, or it cannot end so."""
        with self._runner:
            self._core.end_firmware(int(result))

    # ---- Location

    def add_location(self) -> None:
        """Adds object 6; its instance comes with the first position."""
        with self._runner:
            self._core.add_location()

    def set_location(self, latitude: float, longitude: float, time: datetime.datetime | int) -> None:
        """Where the client is, and when that was found out (a datetime or Unix seconds)."""
        unix_s = round(time.timestamp()) if isinstance(time, datetime.datetime) else time
        with self._runner:
            self._core.set_location(latitude, longitude, unix_s)

    def set_velocity(self, speed: float, bearing: float) -> None:
        """How it moves: m/s, and degrees clockwise from north."""
        with self._runner:
            self._core.set_velocity(speed, bearing)

    # ---- Connectivity Statistics

    def add_statistics(self) -> None:
        """Adds object 7, which counts what the client's transports carry, from Start to Stop."""
        with self._runner:
            self._core.add_statistics()
