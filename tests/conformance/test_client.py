# SPDX-License-Identifier: Apache-2.0
"""One test for each case of docs/spec/ets-1.0.yaml that a client can fail: ``-k test_int_101``."""

from __future__ import annotations

from collections.abc import Callable

from . import ets
from .naming import define_tests
from .play import play, play_ipso

define_tests(globals(), "client", play)


def _test_of_ipso(entry: ets.IpsoCase) -> Callable[[], None]:
    def test() -> None:
        play_ipso(entry)

    test.__name__ = entry.name
    test.__doc__ = entry.title
    return test


for _entry in ets.ipso_cases():
    globals()[_entry.name] = _test_of_ipso(_entry)
