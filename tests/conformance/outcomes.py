# SPDX-License-Identifier: Apache-2.0
"""What is known not to work yet (pending.toml), and the table of docs/conformance.md."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from . import ets
from .ets import Case
from .roles import ROLES, cases_of

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10 and before; pytest brings this one
    import tomli as tomllib

TABLE = ets.SPEC.parent / "conformance.md"

HEAD = """# Conformance

The cases of the OMA enabler test specification ([spec/ets-1.0.yaml](spec/ets-1.0.yaml)), for each role
that they judge, run in virtual time against a scripted other side with a CoAP and payload implementation of
its own. Made by

    python -m pytest tests/conformance --conformance-table docs/conformance.md

"not yet" is a test that fails today, for the reason given; it is listed in tests/conformance/pending.toml
and has to leave that list as soon as it passes. "not run" takes its result from another case. Variants
(4b and the like) are suggested by the cases.

"""

TITLES = {
    "client": """## Client

`linnet.Client`, asked by a scripted server and bootstrap-server. What a server can drive is driven by that
of Eclipse Leshan, too (tests/interop/test_leshan_cases.py).
""",
    "server": """## Server

`linnet.Server`, told to ask a scripted device what the case says: each request is compared with the case
option by option and byte by byte, and what the application is told with what the device said.
""",
    "bootstrap": """## Bootstrap-server

`linnet.BootstrapServer`, given the commands of the case as its configuration and asked by a scripted device.
""",
}

_PULL = "the application of the test fetches the package"
REMARKS: dict[str, dict[str, str]] = {
    "client": {
        **dict.fromkeys(["756", "771", "775", "778"], _PULL),
        "225": "the answer is 4.04: 1.0 has no path of four levels",
    },
    "server": {
        "7": "the Register of step 7",
        "105": "the server drops the registration when its lifetime ends",
    },
    "bootstrap": {
        "1": "steps 1 to 5",
        "2": "steps 1 to 5",
        "7": "what the device is given after the fallback",
    },
}


@dataclass(frozen=True)
class Pending:
    """Why a case does not pass yet, and the issue that is about it."""

    reason: str
    issue: int

    def __str__(self) -> str:
        return f"{self.reason} (issue {self.issue})"


@functools.cache
def pending(role: str) -> dict[str, Pending]:
    """What a role cannot do yet, by case id."""
    with (Path(__file__).parent / "pending.toml").open("rb") as file:
        groups = tomllib.load(file).get("pending", [])
    return {
        str(case): Pending(group["reason"], group["issue"])
        for group in groups
        for case in group["cases"]
        if role in group["roles"]
    }


def name_of(case: Case) -> str:
    """The name of a test: ``test_int_101``."""
    return f"test_int_{case.id}"


def required() -> dict[str, str]:
    """What pytest has to say of each test; anything else fails the run: pending cases are strict xfails."""

    def outcome(role: str, case: Case) -> str:
        if case.status == "delegated":
            return "skipped"
        return "xfailed" if case.id in pending(role) else "passed"

    found = {key_of(role, name_of(case)): outcome(role, case) for role in ROLES for case in cases_of(role)}
    return found | {key_of("client", case.name): "passed" for case in ets.ipso_cases()}


def key_of(role: str, name: str) -> str:
    """A test of a role, in the module of that role."""
    return f"test_{role}::{name}"


_WORDS = {"passed": "pass", "failed": "fail", "xfailed": "not yet", "skipped": "not run"}


def table(outcomes: dict[str, str]) -> str:
    """docs/conformance.md, from what pytest says of each test."""
    return HEAD + "\n".join(_section(role, outcomes) for role in ROLES)


def _section(role: str, outcomes: dict[str, str]) -> str:
    rows = []
    for case in cases_of(role):
        outcome = _WORDS[outcomes[key_of(role, name_of(case))]]
        note = str(pending(role)[case.id]) if outcome == "not yet" else REMARKS[role].get(case.id, "")
        if case.status == "delegated":
            outcome, note = "not run", case.steps[0]["do"]
        rows.append(f"| {case.id} | {case.title} | {case.status} | {outcome} | {note} |")
    if role == "client":
        for entry in ets.ipso_cases():
            outcome = _WORDS[outcomes[key_of(role, entry.name)]]
            rows.append(f"| {entry.id} | {entry.title} | optional | {outcome} |  |")
    counts = {word: sum(f"| {word} |" in row for row in rows) for word in _WORDS.values()}
    summary = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    head = ["| Case | Title | Status | Result | Note |", "|---|---|---|---|---|"]
    return f"{TITLES[role]}\n{len(rows)} tests: {summary}.\n\n" + "\n".join(head + rows) + "\n"
