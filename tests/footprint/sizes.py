# SPDX-License-Identifier: Apache-2.0
"""Adds the sizes of the objects of a client up, by folder; .ci/footprint builds them.

``python sizes.py BUILD TERSE_BUILD``, counted as `size` of binutils does: text with constants and unwind
tables, data with what the loader relocates.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDERS = ("base", "data", "codec", "model", "sms", "dtls", "net", "coap", "engine", "client")
# What the interface of short messages needs; nothing of a client's own calls it.
APART = ("sms",)


def sizes(files: list[Path]) -> tuple[int, int, int]:
    """text, data and bss."""
    if not files:
        return 0, 0, 0
    output = subprocess.run(
        ["size", "-t", *map(str, files)], check=True, capture_output=True, text=True
    ).stdout
    text, data, bss = output.splitlines()[-1].split()[:3]
    return int(text), int(data), int(bss)


def folder_sizes(build: Path, folder: str) -> tuple[int, int, int]:
    """Those of all objects of a folder."""
    return sizes(sorted((build / "libcore" / folder).rglob("*.o")))


def show(name: str, full: tuple[int, int, int], terse: tuple[int, int, int]) -> None:
    """One line of the table."""
    print(f"{name:<28}{full[0]:>9}{full[1]:>8}{full[2]:>6}   {terse[0]:>9}{terse[1]:>8}{terse[2]:>6}")


def main() -> None:
    """Prints the table."""
    full, terse = map(Path, sys.argv[1:3])
    print(f"{'':<28}{'text':>9}{'data':>8}{'bss':>6}   {'terse':>9}{'data':>8}{'bss':>6}")
    total = [[0, 0, 0], [0, 0, 0]]
    for folder in FOLDERS:
        found = folder_sizes(full, folder), folder_sizes(terse, folder)
        show(folder + (" (not counted)" if folder in APART else ""), *found)
        if folder not in APART:
            total = [[a + b for a, b in zip(sums, more)] for sums, more in zip(total, found)]
    show("client, all objects", tuple(total[0]), tuple(total[1]))  # type: ignore[arg-type]
    programs = [sizes([build / "tests" / "footprint" / "footprint"]) for build in (full, terse)]
    show("smallest program, linked", *programs)


if __name__ == "__main__":
    main()
