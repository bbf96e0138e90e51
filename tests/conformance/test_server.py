# SPDX-License-Identifier: Apache-2.0
"""One test for each case of docs/spec/ets-1.0.yaml that a server can fail: ``-k test_int_101``."""

from __future__ import annotations

from .naming import define_tests
from .server_play import play

define_tests(globals(), "server", play)
