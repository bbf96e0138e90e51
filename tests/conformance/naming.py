# SPDX-License-Identifier: Apache-2.0
"""Tests from cases: one function for each, named by its id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import linnet
import pytest

from .ets import Case
from .outcomes import name_of, pending
from .roles import cases_of


def define_tests(module: dict[str, Any], role: str, play: Callable[[Case], None]) -> None:
    """Puts a test for each case of a role into a module; those that are pending have to fail."""
    for case in cases_of(role):
        module[name_of(case)] = _test_of(role, case, play)


def _test_of(role: str, case: Case, play: Callable[[Case], None]) -> Callable[[], None]:
    def test() -> None:
        play(case)

    test.__name__ = name_of(case)
    test.__doc__ = f"{case.ref}: {case.title}"
    if case.status == "delegated":
        return pytest.mark.skip(reason=case.steps[0]["do"])(test)
    reason = pending(role).get(case.id)
    if reason is not None:
        expected = (AssertionError, linnet.Error, TypeError, AttributeError)  # also of what is not there yet
        return pytest.mark.xfail(strict=True, raises=expected, reason=str(reason))(test)
    return test
