# SPDX-License-Identifier: Apache-2.0
"""LwM2M 1.0.2: clients and servers for devices that are managed over CoAP.

``linnet.Client``, ``linnet.Server`` and ``linnet.BootstrapServer`` block and need no event loop;
``linnet.aio`` has the same for asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bootstrap import BootstrapRequest, BootstrapServer
from .calls import Link
from .client import Client
from .codec import Message, Option, decode, decode_links, encode, parse_message, parse_value
from .configuration import BootstrapAccount, Configuration, ServerAccount
from .credentials import Certificate, Credentials, Psk, PublicKey, Subject
from .errors import (
    Cancelled,
    Closed,
    EncodingError,
    Error,
    Exists,
    HandlerFailed,
    InvalidArgument,
    LimitReached,
    Malformed,
    NoMemory,
    NotAllowed,
    NotFound,
    OutOfRange,
    Reset,
    ResponseError,
    SecurityError,
    StateError,
    SystemFailure,
    TimeoutError,
    TooLarge,
    Unavailable,
    UnknownHost,
    UnsupportedFormat,
    WrongType,
)
from .events import Event, EventKind, Notification
from .keys import generate_psk
from .model import Definition, Model, ResourceDefinition
from .modem import AtModem, ScriptModem, SmsTransport
from .objects import Instance, Multiple, Object, Resource, executable
from .role import EventStream
from .runner import ScriptTransport
from .server import Device, Observation, Server
from .sim import World
from .smpp import SmppGateway
from .sms import ShortMessage, build_short_message, parse_short_message
from .standard import DeviceError, FirmwareResult, FirmwareState
from .store import SQLiteStore, Store
from .values import ObjectLink, Record, Type

if TYPE_CHECKING:
    from . import aio as aio

__version__ = "0.1.0"

__all__ = [
    "AtModem",
    "BootstrapAccount",
    "BootstrapRequest",
    "BootstrapServer",
    "Cancelled",
    "Certificate",
    "Client",
    "Closed",
    "Configuration",
    "Credentials",
    "Definition",
    "Device",
    "DeviceError",
    "EncodingError",
    "Error",
    "Event",
    "EventKind",
    "EventStream",
    "Exists",
    "FirmwareResult",
    "FirmwareState",
    "HandlerFailed",
    "Instance",
    "InvalidArgument",
    "LimitReached",
    "Link",
    "Malformed",
    "Message",
    "Model",
    "Multiple",
    "NoMemory",
    "NotAllowed",
    "NotFound",
    "Notification",
    "Object",
    "ObjectLink",
    "Observation",
    "Option",
    "OutOfRange",
    "Psk",
    "PublicKey",
    "Record",
    "Reset",
    "Resource",
    "ResourceDefinition",
    "ResponseError",
    "SQLiteStore",
    "ScriptModem",
    "ScriptTransport",
    "SecurityError",
    "Server",
    "ServerAccount",
    "ShortMessage",
    "SmppGateway",
    "SmsTransport",
    "StateError",
    "Store",
    "Subject",
    "SystemFailure",
    "TimeoutError",
    "TooLarge",
    "Type",
    "Unavailable",
    "UnknownHost",
    "UnsupportedFormat",
    "World",
    "WrongType",
    "aio",
    "build_short_message",
    "decode",
    "decode_links",
    "encode",
    "executable",
    "generate_psk",
    "parse_message",
    "parse_short_message",
    "parse_value",
]


def __getattr__(name: str) -> Any:
    """Imports ``linnet.aio`` when it is asked for: asyncio takes longer to import than all of linnet."""
    if name == "aio":
        import importlib

        return importlib.import_module(".aio", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
