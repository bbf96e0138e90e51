# SPDX-License-Identifier: Apache-2.0
"""Adds the sizes of the objects of a client up, by folder and by feature; .ci/footprint builds them.

``python sizes.py BUILD TERSE_BUILD``, counted as `size` of binutils does: text with constants and unwind
tables, data with what the loader relocates.
"""

from __future__ import annotations

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

# Folders of libcore; "sms" is for the interface of short messages, and nothing of a client's own calls it.
FOLDERS = ("base", "data", "codec", "model", "dtls", "net", "coap", "engine", "client")
APART = "sms"

# Who needs which objects; the first pattern that fits counts.
FEATURES: dict[str, tuple[str, ...]] = {
    "bootstrap": ("client/bootstrap*", "client/consistency*", "engine/bootstrap*", "engine/transaction*",
                  "model/snapshot*"),
    "access control": ("client/access*",),
    "persistence": ("*/state*", "engine/attributes_state*", "base/packed*"),
    "objects 3 to 7": ("client/firmware*", "client/standard*", "client/device*", "client/location*",
                       "client/statistics*"),
    "accounts, registration, queue mode": ("client/*",),
    "observations, attributes": ("engine/attributes*", "engine/write_attributes*", "engine/notify*",
                                 "engine/observe*", "engine/backlog*", "engine/shared*", "coap/observ*"),
    "operations": ("engine/*",),
    "definitions of objects 0 to 7": ("model/core_objects*",),
    "objects, values, transactions, checks": ("model/*",),
    "JSON": ("codec/json*",),
    "TLV, text, opaque, links": ("codec/*",),
    "block-wise transfer": ("coap/block*", "coap/body*", "coap/transfer*"),
    "CoAP: messages, exchanges, duplicates": ("coap/*",),
    "transports, addresses, names": ("net/*", "dtls/*"),
    "paths, values, batches, events": ("data/*",),
    "floats as text, without stdio": ("base/decimal*",),
    "loop, timers, maps, memory, randomness": ("base/*",),
}  # fmt: skip

Sizes = tuple[int, int, int]


def add(sizes: list[Sizes]) -> Sizes:
    """The sum."""
    return sum(size[0] for size in sizes), sum(size[1] for size in sizes), sum(size[2] for size in sizes)


def measure(files: list[Path]) -> dict[Path, Sizes]:
    """text, data and bss of each file."""
    output = subprocess.run(["size", *map(str, files)], check=True, capture_output=True, text=True).stdout
    found = {}
    for line, path in zip(output.splitlines()[1:], files):
        text, data, bss = map(int, line.split()[:3])
        found[path] = (text, data, bss)
    return found


def objects(build: Path) -> dict[str, Sizes]:
    """Every object by the folder and the name of its source: "coap/peer.c.o"."""
    files = [
        file for folder in (*FOLDERS, APART) for file in sorted((build / "libcore" / folder).rglob("*.o"))
    ]
    layers = {file: file.relative_to(build / "libcore").parts[0] for file in files}
    return {f"{layers[file]}/{file.name}": sizes for file, sizes in measure(files).items()}


def feature_of(name: str) -> str:
    """The feature that an object is there for."""
    return next(
        feature for feature, patterns in FEATURES.items() if any(fnmatch(name, one) for one in patterns)
    )


def show(name: str, full: Sizes, terse: Sizes) -> None:
    """One line of a table."""
    print(f"{name:<40}{full[0]:>9}{full[1]:>8}{full[2]:>6}   {terse[0]:>9}{terse[1]:>8}{terse[2]:>6}")


def main() -> None:
    """Prints the tables."""
    builds = [Path(argument) for argument in sys.argv[1:3]]
    found = [objects(build) for build in builds]
    print(f"{'':<40}{'text':>9}{'data':>8}{'bss':>6}   {'terse':>9}{'data':>8}{'bss':>6}")
    for folder in FOLDERS:
        show(
            folder,
            *(add([sizes for name, sizes in one.items() if name.startswith(f"{folder}/")]) for one in found),
        )
    counted = [
        {name: sizes for name, sizes in one.items() if not name.startswith(f"{APART}/")} for one in found
    ]
    show("client, all objects", *(add(list(one.values())) for one in counted))
    show("smallest program, linked", *(program(build) for build in builds))
    show(
        "not counted: short messages",
        *(add([v for k, v in one.items() if k not in c]) for one, c in zip(found, counted)),
    )
    print("the same objects by what they are there for:")
    for feature in FEATURES:
        show(
            feature,
            *(add([sizes for name, sizes in one.items() if feature_of(name) == feature]) for one in counted),
        )


def program(build: Path) -> Sizes:
    """The linked one."""
    [sizes] = measure([build / "tests" / "footprint" / "footprint"]).values()
    return sizes


if __name__ == "__main__":
    main()
