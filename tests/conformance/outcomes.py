# SPDX-License-Identifier: Apache-2.0
"""What is known not to work yet (pending.toml), and the table of docs/conformance.md."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from . import ets
from .ets import Case
from .play import variants

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10 and before; pytest brings this one
    import tomli as tomllib

TABLE = ets.SPEC.parent / "conformance.md"

HEAD = """# Conformance

The client cases of the OMA enabler test specification ([spec/ets-1.0.yaml](spec/ets-1.0.yaml)), run
against `linnet.Client` by a scripted peer with a CoAP and payload implementation of its own, in virtual
time. Made by

    python -m pytest tests/conformance --conformance-table docs/conformance.md

"not yet" is a test that fails today, for the reason given; it is listed in tests/conformance/pending.toml
and has to leave that list as soon as it passes. "not run" takes its result from another case. Variants
(4b and the like) are suggested by the cases.

"""


_PULL = "the application of the test fetches the package"
REMARKS = {
    **dict.fromkeys(["756", "771", "775", "778"], _PULL),
    "225": "the answer is 4.04: 1.0 has no path of four levels",
}


@dataclass(frozen=True)
class Pending:
    """Why a case does not pass yet, and the issue that is about it."""

    reason: str
    issue: int

    def __str__(self) -> str:
        return f"{self.reason} (issue {self.issue})"


@functools.cache
def pending() -> dict[str, Pending]:
    """By case id."""
    with (Path(__file__).parent / "pending.toml").open("rb") as file:
        groups = tomllib.load(file)["pending"]
    return {
        str(case): Pending(group["reason"], group["issue"]) for group in groups for case in group["cases"]
    }


def name_of(case: Case) -> str:
    """The name of a test: ``test_int_101``."""
    return f"test_int_{case.id}"


def client_cases() -> list[Case]:
    """All that are tests, by number."""
    found = [case for case in [*ets.cases().values(), *variants()] if "client" in case.judged]
    return sorted(found, key=lambda case: (int(case.id.rstrip("b")), case.id))


def required() -> dict[str, str]:
    """What pytest has to say of each test; anything else fails the run: pending cases are strict xfails."""

    def outcome(case: Case) -> str:
        if case.status == "delegated":
            return "skipped"
        return "xfailed" if case.id in pending() else "passed"

    ipso = {case.name: "passed" for case in ets.ipso_cases()}
    return {name_of(case): outcome(case) for case in client_cases()} | ipso


def table(outcomes: dict[str, str]) -> str:
    """docs/conformance.md, from what pytest says of each test."""
    words = {"passed": "pass", "failed": "fail", "xfailed": "not yet", "skipped": "not run"}
    rows = []
    for case in client_cases():
        outcome = words[outcomes[name_of(case)]]
        note = str(pending()[case.id]) if outcome == "not yet" else REMARKS.get(case.id, "")
        if case.status == "delegated":
            outcome, note = "not run", case.steps[0]["do"]
        rows.append(f"| {case.id} | {case.title} | {case.status} | {outcome} | {note} |")
    for entry in ets.ipso_cases():
        rows.append(f"| {entry.id} | {entry.title} | optional | {words[outcomes[entry.name]]} |  |")
    counts = {word: sum(f"| {word} |" in row for row in rows) for word in dict.fromkeys(words.values())}
    summary = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    head = ["| Case | Title | Status | Result | Note |", "|---|---|---|---|---|"]
    return f"{HEAD}{len(rows)} tests: {summary}.\n\n" + "\n".join(head + rows) + "\n"
