# SPDX-License-Identifier: Apache-2.0
"""Where the servers of the command listen."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TypeVar

from ..credentials import Credentials

S = TypeVar("S")

#: Also on a machine without IPv6.
EVERYWHERE = ("[::]", "0.0.0.0")


def listen(options: argparse.Namespace, credentials: Credentials | None, make: Callable[[list[str]], S]) -> S:
    """The server, at what ``--listen`` says, else everywhere: on coaps if it has credentials."""
    if options.listen:
        return make(options.listen)
    scheme, port = ("coap", 5683) if credentials is None else ("coaps", 5684)
    try:
        return make([f"{scheme}://{EVERYWHERE[0]}:{port}"])
    except OSError as error:
        if "family" not in str(error) and "assign" not in str(error):
            raise
        return make([f"{scheme}://{EVERYWHERE[1]}:{port}"])
