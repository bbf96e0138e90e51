"""Every rule of docs/spec has a test that cites it, so that a change of either is noticed by the other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Rules without a test, and why.
EXCEPTIONS = {
    "FW-09": "linnet tells the application of a Package URI and takes the result (FW-03); it fetches",
    "SEC-16": "the same: who fetches a package brings the credentials",
    "SMS-44": "how a modem reaches its card is the application's; the tag values are unverified",
}
KINDS = {".py", ".c", ".h", ".lua"}


def rules() -> set[str]:
    """The ids that begin an item of a list, or a row of a table."""
    return {
        rule
        for file in (ROOT / "docs" / "spec").glob("*.md")
        for rule in re.findall(
            r"^(?:- |\| )\**([A-Z]{2,4}-\d{2,3})\b", file.read_text(encoding="utf-8"), re.M
        )
    }


def cited() -> set[str]:
    """``REG-06`` in a comment or string, ``reg_06`` in the name of a test."""
    found: set[str] = set()
    for file in (ROOT / "tests").rglob("*"):
        if file.suffix in KINDS and file != Path(__file__):
            text = file.read_text(encoding="utf-8", errors="replace")
            found |= {
                f"{letters.upper()}-{number}"
                for letters, number in re.findall(r"(?<![A-Za-z])([A-Za-z]{2,4})[-_](\d{2,3})(?!\d)", text)
            }
    return found


def test_every_rule_is_cited_by_a_test() -> None:
    known = rules()
    assert len(known) > 300
    assert sorted(known - cited() - set(EXCEPTIONS)) == []


def test_exceptions_are_rules_and_still_needed() -> None:
    assert set(EXCEPTIONS) <= rules()
    assert sorted(set(EXCEPTIONS) & cited()) == []
