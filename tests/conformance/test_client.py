# SPDX-License-Identifier: Apache-2.0
"""One test for each case of docs/spec/ets-1.0.yaml that a client can fail: ``-k test_int_101``."""

from __future__ import annotations

from collections.abc import Callable

import linnet
import pytest

from . import ets
from .ets import Case
from .outcomes import name_of, pending
from .play import play, play_ipso, variants


def _test_of(case: Case) -> Callable[[], None]:
    def test() -> None:
        play(case)

    test.__name__ = name_of(case)
    test.__doc__ = f"{case.ref}: {case.title}"
    if case.status == "delegated":
        return pytest.mark.skip(reason=case.steps[0]["do"])(test)
    if case.id in pending():
        expected = (AssertionError, linnet.Error)
        return pytest.mark.xfail(strict=True, raises=expected, reason=str(pending()[case.id]))(test)
    return test


for _case in [*ets.cases().values(), *variants()]:
    if "client" in _case.judged:
        globals()[name_of(_case)] = _test_of(_case)


def _test_of_ipso(entry: ets.IpsoCase) -> Callable[[], None]:
    def test() -> None:
        play_ipso(entry)

    test.__name__ = entry.name
    test.__doc__ = entry.title
    return test


for _entry in ets.ipso_cases():
    globals()[_entry.name] = _test_of_ipso(_entry)
