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
# The libraries that a layer may lean on.
LIBRARIES = {"model": re.compile(r"^XML_"), "dtls": re.compile(r"^(mbedtls|gnutls)_")}
# Sections that can be written at run time. The constants of .data.rel.ro are relocated, then sealed.
WRITABLE = re.compile(r"^\.(data|bss|tdata|tbss)(?!\.rel\.ro)|^\*COM\*$")
# They do the I/O, and stand on the public headers only.
OUTSIDE = {"driver"}
SYMBOL = re.compile(r"^[0-9a-f]+ (.{7}) (\S+)\t[0-9a-f]+ +(?:\.hidden )?(\S+)$")


def layer_of(path: Path) -> str:
    """The folder of libcore an object belongs to."""
    match = re.search(r"linnet_(\w+)\.dir", str(path))
    assert match is not None
    return match[1]


def symbols(path: Path) -> list[tuple[str, str]]:
    """(section, name) of every data, function and undefined symbol of an object file."""
    lines = subprocess.run(
        ["objdump", "-t", str(path)], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    matches = [match for line in lines if (match := SYMBOL.match(line)) is not None]
    return [(match[2], match[3]) for match in matches if "d" not in match[1][5:] and "f" not in match[1][6:]]


def main(build: str) -> int:
    objects = sorted(Path(build).glob("libcore/*/CMakeFiles/linnet_*.dir/**/*.o"))
    if not objects:
        print(f"no objects of libcore under {build}")
        return 1
    tables = {path: symbols(path) for path in objects}
    defined = {name for table in tables.values() for section, name in table if section != "*UND*"}
    found = []
    for path, table in tables.items():
        layer = layer_of(path)
        for section, name in table:
            if WRITABLE.match(section):
                found.append(f"{layer}/{path.name}: writable data {name}")
            if section != "*UND*" or name in defined or layer in OUTSIDE:
                continue
            if layer in LIBRARIES and LIBRARIES[layer].match(name):
                continue
            if name not in ALLOWED_IMPORTS and not COMPILER.match(name):
                found.append(f"{layer}/{path.name}: imports {name}")
    print("\n".join(found) if found else f"{len(objects)} objects: no writable data, no import that does I/O")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build/release"))
