# SPDX-License-Identifier: Apache-2.0
"""docs/conformance.md is what a run of the cases shows."""

from __future__ import annotations

from .ets import cases
from .outcomes import TABLE, client_cases, pending, required, table


def test_the_table_is_what_a_run_shows() -> None:
    """Each case is a test of its own, which fails unless it does what `required` says."""
    assert TABLE.read_text(encoding="utf-8") == table(required()), "make it again with --conformance-table"


def test_every_case_that_judges_a_client_is_in_the_table() -> None:
    assert {id for id, case in cases().items() if "client" in case.judged} <= {
        case.id for case in client_cases()
    }


def test_what_is_pending_exists() -> None:
    assert set(pending()) <= {case.id for case in client_cases()}
