# SPDX-License-Identifier: Apache-2.0
"""One test for each case of docs/spec/ets-1.0.yaml that a bootstrap-server can fail: ``-k test_int_0``."""

from __future__ import annotations

from .bootstrap_play import play
from .naming import define_tests

define_tests(globals(), "bootstrap", play)
