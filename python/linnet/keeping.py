# SPDX-License-Identifier: Apache-2.0
"""What a client tells of the machine it is on, and what it keeps over a restart."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from . import _core
from .errors import Malformed, Unavailable
from .sim import WorldRunner
from .store import ClientFile

if TYPE_CHECKING:
    from .runner import Runner

log = logging.getLogger("linnet")


class Keeping:
    """The calls of a client about its machine and its memory."""

    _runner: Runner
    _core: Any

    def _reach_accounts(self) -> None:
        raise NotImplementedError

    def describe(self) -> None:
        """Fills in what Linux knows of the machine, as far as the client does not have it yet.

        Device gets versions, memory, power and time zone; object 4, Connectivity Monitoring, is added. What
        moves is looked at again, at most once a second, before the client does anything.
        """
        with self._runner:
            self._driver().describe(self._core)

    def follow_gpsd(self, address: str | None = None) -> None:
        """Location from gpsd, at ``"host:port"`` (``"localhost:2947"``): adds object 6 if need be.

        Every report of a fix sets position and time, and altitude, radius, velocity and speed as far as gpsd
        tells them. Where it is not there, an "error" event tells, and it is tried again every 10 seconds.
        """
        with self._runner:
            self._driver().follow_gpsd(self._core, address)

    def keep(self, path: str | os.PathLike[str]) -> bool:
        """Keeps the client in a file; restores it from there first. True if it was restored.

        Accounts, access control, attributes and what servers wrote survive a restart, also by SIGKILL: the
        file is written before servers hear that something is done. Call it when the client has its objects,
        before it is started. The accounts of the file take the place of those that the client has. A file
        that is damaged is set aside, which is logged.
        """
        name = os.fspath(path)
        with self._runner:
            there = os.path.exists(name)
            try:
                self._keep_in(name)
            except Malformed as error:
                log.warning("%s", error)
                return False
            self._reach_accounts()
        return there

    def _keep_in(self, name: str) -> None:
        if not isinstance(self._runner, WorldRunner):
            self._driver().keep(self._core, name)
            return
        file, fail = ClientFile(self._core, name, self._runner.now), self._runner.fail
        try:
            file.restore()
        finally:
            self._runner.set_store(lambda: file.keep(fail))

    def save(self) -> bytes:
        """What :meth:`keep` would write, for a store of your own. It holds keys."""
        with self._runner:
            return bytes(self._core.save())

    def restore(self, data: bytes) -> None:
        """Makes the client what it was when :meth:`save` was called. Before it is started."""
        with self._runner:
            self._core.restore(data)
            self._reach_accounts()

    @property
    def revision(self) -> int:
        """Grows when there is something new to save."""
        return int(self._core.revision())

    def _driver(self) -> _core.Driver:
        driver: _core.Driver | None = getattr(self._runner, "_driver", None)
        if driver is None:
            raise Unavailable("only a client on real sockets is on a machine; use save and restore elsewhere")
        return driver
