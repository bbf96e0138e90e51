# SPDX-License-Identifier: Apache-2.0
"""docs/conformance.md says what the cases, which ran before this file, have shown."""

from __future__ import annotations

from .ets import cases
from .outcomes import TABLE, client_cases, pending, table


def test_the_table_is_what_the_run_has_shown(outcomes: dict[str, str]) -> None:
    assert TABLE.read_text(encoding="utf-8") == table(outcomes), "make it again with --conformance-table"


def test_every_case_that_judges_a_client_is_in_the_table() -> None:
    assert set(cases()) <= {case.id for case in client_cases()}


def test_what_is_pending_exists() -> None:
    assert set(pending()) <= {case.id for case in client_cases()}
