# SPDX-License-Identifier: Apache-2.0
"""Collects what became of each case, for the table in docs/conformance.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from .outcomes import required, table


class Collector:
    """Hears of every test, also of those that other processes run (pytest-xdist)."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        module, _, name = report.nodeid.partition("::")
        name = f"{Path(module).stem}::{name.split('@')[0]}"
        if report.when == "call" or report.skipped:
            expected = hasattr(report, "wasxfail") and report.skipped
            self.outcomes[name] = "xfailed" if expected else report.outcome


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance-table", metavar="FILE", help="write the table of the conformance cases")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--conformance-table", None):
        config.pluginmanager.register(Collector(), "conformance-collector")


def pytest_sessionfinish(session: pytest.Session) -> None:
    collector = session.config.pluginmanager.get_plugin("conformance-collector")
    if collector is None or hasattr(session.config, "workerinput"):
        return
    missing = sorted(set(required()) - set(collector.outcomes))
    if missing:
        raise pytest.UsageError(f"no table: {len(missing)} cases were not run, such as {missing[0]}")
    target = Path(session.config.getoption("--conformance-table"))
    target.write_text(table(collector.outcomes), encoding="utf-8")
