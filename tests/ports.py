"""Ports for programs that have to be told theirs, or come back at it."""

import contextlib
import random
import socket

# Below those that the system gives to whoever asks for none: nobody has one of them by chance.
FIRST, LAST = 20000, 32000


def bound(kind: int = socket.SOCK_DGRAM) -> socket.socket:
    """A socket at a port of 127.0.0.1 that stays free for who closes it and binds again."""
    while True:
        candidate = socket.socket(socket.AF_INET, kind)
        with contextlib.suppress(OSError):
            candidate.bind(("127.0.0.1", random.randint(FIRST, LAST)))
            return candidate
        candidate.close()


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    with bound(kind) as probe:
        return int(probe.getsockname()[1])
