# SPDX-License-Identifier: Apache-2.0
"""Plays a case: scenery, steps, checks. Also the variants that the cases suggest."""

from __future__ import annotations

from typing import Any

from . import checks, ets, scenery
from .ets import Case
from .interpreter import Run, Step


def play(case: Case) -> None:
    """Runs a case; an AssertionError says what is wrong, and stdout has the dialogue."""
    run = Run(case)
    try:
        _play(run)
    finally:
        print(f"{case.ref}: {case.title}", *run.network.log, sep="\n")


def _play(run: Run) -> None:
    case = run.case
    scenery.configure(run)
    for text in case.preconditions:
        scenery.PRECONDITIONS[text](run)
    if case.steps[0]["op"] != "Power on":
        run.power_on()
    for step in case.steps:
        run.marks[step["n"]] = len(run.network.log)
        action = scenery.ACTIONS.get((case.id, step["n"]))
        if action is not None:
            action(run, step)
        else:
            run.perform(step)
        for check in checks.AFTER.get((case.id, step["n"]), ()):
            check(run)
    for check in checks.CHECKS.get(case.id, ()):
        check(run)
    run.finish()


# ---- variants


def _steps(id: str, *numbers: int) -> list[Step]:
    return [ets.cases()[id].steps[number - 1] for number in numbers]


def _request(method: str, path: str, code: str, **more: Any) -> Step:
    sender = "bootstrap" if method == "DELETE" else "server"
    return {
        "dir": f"{sender}->client",
        "op": "",
        "method": method,
        "path": path,
        "expect": {"code": code},
        **more,
    }


def _update(*query: str) -> Step:
    template = ets.cases()["102"].steps[1]
    return {**template, "query": list(query)}


def variants() -> list[Case]:
    """Those of the matrix that a client can fail."""
    binding = {"content_format": 11542, "payload": "", "payload_hex": "c2075551"}
    discover = {**_steps("4", 7)[0]}
    frozen = {"dir": "harness", "op": "Freeze", "do": "the client does nothing for 21 s"}
    register = {**_steps("105", 5)[0], "query": ["ep=${ep}", "lt=20", "lwm2m=1.0", "b=U"]}
    return [
        ets.variant(
            "4b", "4", "Bootstrap-Delete of everything",
            [*_steps("4", 1, 2, 3, 4), _request("DELETE", "/", "2.02"), discover, *_steps("4", 8, 9, 10, 11)],
        ),
        ets.variant(
            "9b", "9", "Bootstrap, corrected after an inconsistent configuration",
            [*_steps("9", 1, 2, 3), *_steps("0", 2, 3, 5), *_steps("4", 11)],
        ),
        ets.variant(
            "102b", "102", "Registration update, with a client that was frozen for longer than its lifetime",
            [*_steps("102", 1, 2), frozen, register],
        ),
        ets.variant(
            "215b", "215", "Write basic information as TLV, with another binding",
            [
                _request("POST", "/1/0", "2.04", **binding), _update("b=UQ"),
                *_steps("215", 3), _update("b=U"), *_steps("215", 4),
            ],
        ),
    ]  # fmt: skip
