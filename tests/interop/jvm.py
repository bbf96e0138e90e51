# SPDX-License-Identifier: Apache-2.0
"""A Java program that runs while tests need it, and what it prints."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from maven import tool

# Little memory, no profile-guided compilation: what starts fast on a small machine.
FLAGS = (
    "-Xmx256m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Dfile.encoding=UTF-8",
    "-Djava.net.preferIPv4Stack=true",
)
START_SECONDS = 90.0


class Jvm:
    """A process whose output goes, line by line, to `heard` (in a thread of its own)."""

    def __init__(self, arguments: Sequence[str], folder: Path | None, heard: Callable[[str], None]) -> None:
        self.process = subprocess.Popen(
            [tool("java"), *FLAGS, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            encoding="utf-8",
            errors="replace",
        )
        self._heard = heard
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._heard(line.rstrip("\n"))

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def tell(self, line: str) -> None:
        """A line for its stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """Ends it at once."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()
