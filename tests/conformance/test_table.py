# SPDX-License-Identifier: Apache-2.0
"""docs/conformance.md is what a run of the cases shows."""

from __future__ import annotations

import pytest

from .ets import cases
from .outcomes import TABLE, pending, required, table
from .roles import ROLES, cases_of


def test_the_table_is_what_a_run_shows() -> None:
    """Each case is a test of its own, which fails unless it does what `required` says."""
    assert TABLE.read_text(encoding="utf-8") == table(required()), "make it again with --conformance-table"


@pytest.mark.parametrize("role", ROLES)
def test_every_case_that_judges_a_role_is_in_its_table(role: str) -> None:
    assert {id for id, case in cases().items() if role in case.judged} <= {case.id for case in cases_of(role)}


@pytest.mark.parametrize("role", ROLES)
def test_what_is_pending_exists(role: str) -> None:
    assert set(pending(role)) <= {case.id for case in cases_of(role)}
