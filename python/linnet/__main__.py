# SPDX-License-Identifier: Apache-2.0
"""``python -m linnet`` is the command ``linnet``."""

import sys

from .cli import main

sys.exit(main())
