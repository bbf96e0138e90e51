# SPDX-License-Identifier: Apache-2.0
"""Collects what became of each case, for the table in docs/conformance.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .outcomes import client_cases, name_of, table

OUTCOMES = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance-table", metavar="FILE", help="write the table of the conformance cases")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTCOMES] = {}
    config.addinivalue_line("markers", "xdist_group(name): tests that one process runs, with pytest-xdist")


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The table needs to have seen all of them."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("conformance"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if item.name.startswith("test_int_") and (report.when == "call" or report.skipped):
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        item.config.stash[OUTCOMES][item.name] = outcome
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    target, found = session.config.getoption("--conformance-table", None), session.config.stash[OUTCOMES]
    if target and complete(found):
        Path(target).write_text(table(found), encoding="utf-8")


def complete(found: dict[str, str]) -> bool:
    """True if every case was run."""
    return all(name_of(case) in found for case in client_cases())


@pytest.fixture
def outcomes(request: pytest.FixtureRequest) -> dict[str, str]:
    found: dict[str, str] = request.config.stash[OUTCOMES]
    if request.config.getoption("--conformance-table", None):
        pytest.skip("it is being made")
    if not complete(found):
        pytest.skip("only a run of all cases tells")
    return found
