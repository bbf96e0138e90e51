#!/usr/bin/env python3
"""Fails on writable data in the library, and on imports of the core that do I/O, tell time or draw entropy.

    .ci/check_symbols.py build/release
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

# All the core may ask of the outside world: memory, and the bytes and texts in it.
ALLOWED_IMPORTS = {
    "malloc", "calloc", "realloc", "free",
    "memcpy", "memmove", "memset", "memcmp", "memchr",
    "strlen", "strcmp", "strncmp", "strchr", "strrchr", "strstr", "strcpy", "strncpy", "strcspn", "strspn",
}  # fmt: skip
# What the compiler and the dynamic linker add by themselves.
COMPILER = re.compile(r"^(__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__.*_chk|__(div|mul|u?mod|float|fix)\w*)$")
EXPAT = re.compile(r"^XML_")
WRITABLE = set("bBdDcCsSgG")
# They do the I/O, and stand on the public headers only.
OUTSIDE = {"driver"}


def layer_of(path: Path) -> str:
    return re.search(r"linnet_(\w+)\.dir", str(path)).group(1)  # type: ignore[union-attr]


def symbols(path: Path) -> list[tuple[str, str]]:
    """(kind, name) of every symbol of an object file."""
    lines = subprocess.run(["nm", "-P", str(path)], check=True, capture_output=True, text=True).stdout.splitlines()
    return [(fields[1], fields[0]) for line in lines if len(fields := line.split()) >= 2]


def main(build: str) -> int:
    objects = sorted(Path(build).glob("libcore/*/CMakeFiles/linnet_*.dir/*.o"))
    if not objects:
        print(f"no objects of libcore under {build}")
        return 1
    tables = {path: symbols(path) for path in objects}
    defined = {name for table in tables.values() for kind, name in table if kind not in "Uw"}
    found = []
    for path, table in tables.items():
        layer = layer_of(path)
        for kind, name in table:
            if kind in WRITABLE and not name.startswith(".L"):
                found.append(f"{layer}/{path.name}: writable data {name}")
            if kind != "U" or name in defined or layer in OUTSIDE:
                continue
            if name not in ALLOWED_IMPORTS and not COMPILER.match(name) and not (layer == "model" and EXPAT.match(name)):
                found.append(f"{layer}/{path.name}: imports {name}")
    print("\n".join(found) if found else f"{len(objects)} objects: no writable data, no import that does I/O")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build/release"))
