#!/usr/bin/env python3
"""Fails when an include in libcore goes up or across the layers (docs/architecture.md, section 1)."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBCORE = ROOT / "libcore"

# What each folder may include besides itself and the public headers.
BELOW: dict[str, set[str]] = {
    "base": set(),
    "data": {"base"},
    "sms": {"base"},
    "dtls": {"base"},
    "net": {"base", "data", "sms", "dtls"},
    "codec": {"base", "data"},
    "model": {"base", "data", "codec"},
    "coap": {"base", "data", "net"},
    "engine": {"base", "data", "codec", "model", "net", "coap"},
    "client": {"base", "data", "codec", "model", "net", "coap", "engine"},
    "server": {"base", "data", "codec", "model", "net", "coap"},
    "bootstrap": {"base", "data", "codec", "model", "net", "coap"},
    "driver": set(),
    "sim": set(),
}

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')
IN_PUBLIC_HEADERS = re.compile(r"linnet/|std(bool|def|int|arg)\.h$")
# Headers of the C library that bring I/O, clocks or entropy into the core.
FORBIDDEN_IN_CORE = {
    "stdio.h",
    "time.h",
    "unistd.h",
    "sys/socket.h",
    "sys/time.h",
    "netinet/in.h",
    "poll.h",
    "locale.h",
}


def problems_of(path: Path) -> list[str]:
    """Every line of one file that includes what it may not."""
    folder = path.relative_to(LIBCORE).parts[0]
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match is None:
            continue
        quoted, angled = match.groups()
        where = f"{path.relative_to(ROOT)}:{number}"
        if folder == "include":
            if not IN_PUBLIC_HEADERS.match(angled or quoted):
                found.append(f"{where}: a public header includes {angled or quoted}")
        elif quoted is not None:
            target = (path.parent / quoted).resolve()
            if not target.is_relative_to(LIBCORE):
                found.append(f"{where}: includes {quoted}, outside libcore")
                continue
            other = target.relative_to(LIBCORE).parts[0]
            if other not in BELOW[folder] | {folder}:
                found.append(f"{where}: {folder} includes {other}, which is not below it")
            elif other != folder and target.name != f"{other}.h":
                found.append(
                    f"{where}: {folder} includes {quoted}; only {other}/{other}.h is shown to others"
                )
        elif angled in FORBIDDEN_IN_CORE and folder != "driver":
            found.append(f"{where}: the core includes <{angled}>")
    return found


def main() -> int:
    files = sorted(p for p in LIBCORE.rglob("*.[ch]") if p.is_file())
    found = [problem for path in files for problem in problems_of(path)]
    print("\n".join(found) if found else f"{len(files)} files include downwards only")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
