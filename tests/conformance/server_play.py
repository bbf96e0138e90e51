# SPDX-License-Identifier: Apache-2.0
"""Plays a case whose subject is a server."""

from __future__ import annotations

from collections.abc import Callable

from . import server_scenery
from .ets import Case
from .server_run import ServerRun


def play(case: Case, setting: Callable[[Case], ServerRun] = ServerRun) -> None:
    """Runs a case; an AssertionError says what is wrong, and stdout has the dialogue."""
    run = setting(case)
    try:
        server_scenery.prepare(run)
        for step in case.steps:
            action = server_scenery.ACTIONS.get((case.id, step["n"]))
            if action is not None:
                action(run, step)
            else:
                run.perform(step)
            for check in server_scenery.AFTER.get((case.id, step["n"]), ()):
                check(run)
        for check in server_scenery.CHECKS.get(case.id, ()):
            check(run)
        run.finish()
    finally:
        print(f"{case.ref}: {case.title}", *run.network.log, sep="\n")
