# SPDX-License-Identifier: Apache-2.0
"""Adds the sizes of the objects of a client up, by folder and by feature; .ci/footprint builds them.

``python sizes.py BUILD TERSE_BUILD``, counted as `size` of binutils does: text with constants and unwind
tables, data with what the loader relocates.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

FOLDERS = ("base", "data", "codec", "model", "sms", "dtls", "net", "coap", "engine", "client")
# What transports of short messages need: a client without one does not link it.
APART = ("sms/*", "net/framing*", "net/secured*")

# Who needs which objects; the first pattern that fits counts.
FEATURES: dict[str, tuple[str, ...]] = {
    "bootstrap": ("client/bootstrap*", "client/consistency*", "client/provision*", "client/smartcard*",
                  "engine/bootstrap*", "engine/transaction*", "model/consistency*", "model/snapshot*"),
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

PROGRAMS = {
    "nothing": "smallest program, linked",
    "bootstrap": "the same with bootstrap",
    "everything": "the same with all that there is",
}

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
    layers = build / "libcore"
    files = [file for folder in FOLDERS for file in sorted((layers / folder).rglob("*.o"))]
    return {
        f"{file.relative_to(layers).parts[0]}/{file.name}": sizes for file, sizes in measure(files).items()
    }


def fits(name: str, patterns: tuple[str, ...]) -> bool:
    """True if one of them fits."""
    return any(fnmatch(name, pattern) for pattern in patterns)


def feature_of(name: str) -> str:
    """The feature that an object is there for."""
    return next(feature for feature, patterns in FEATURES.items() if fits(name, patterns))


def program(build: Path, extras: str) -> Sizes:
    """A linked one."""
    [sizes] = measure([build / "tests" / "footprint" / f"footprint_{extras}"]).values()
    return sizes


def in_folder(folder: str) -> Callable[[str], bool]:
    """Chooses the objects of a folder."""
    return lambda key: key.startswith(f"{folder}/") and not fits(key, APART)


def for_feature(feature: str) -> Callable[[str], bool]:
    """Chooses the objects of a feature."""
    return lambda key: not fits(key, APART) and feature_of(key) == feature


def for_all_but(feature: str) -> Callable[[str], bool]:
    """Chooses the objects of all other features."""
    return lambda key: not fits(key, APART) and feature_of(key) != feature


class Table:
    """Prints lines for two builds."""

    def __init__(self, builds: list[Path]) -> None:
        self.builds, self.objects = builds, [objects(build) for build in builds]

    def show(self, name: str, full: Sizes, terse: Sizes) -> None:
        """One line."""
        print(f"{name:<40}{full[0]:>9}{full[1]:>8}{full[2]:>6}   {terse[0]:>9}{terse[1]:>8}{terse[2]:>6}")

    def show_those(self, name: str, chosen: Callable[[str], bool]) -> None:
        """One line for all objects that are chosen."""
        full, terse = (add([sizes for key, sizes in one.items() if chosen(key)]) for one in self.objects)
        self.show(name, full, terse)


def main() -> None:
    """Prints the tables."""
    table = Table([Path(argument) for argument in sys.argv[1:3]])
    print(f"{'':<40}{'text':>9}{'data':>8}{'bss':>6}   {'terse':>9}{'data':>8}{'bss':>6}")
    for folder in FOLDERS:
        if f"{folder}/*" not in APART:
            table.show_those(folder, in_folder(folder))
    table.show_those("client, all objects", lambda key: not fits(key, APART))
    table.show_those("client, all objects but of bootstrap", for_all_but("bootstrap"))
    for extras, name in PROGRAMS.items():
        full, terse = (program(build, extras) for build in table.builds)
        table.show(name, full, terse)
    table.show_those("not counted: short messages", lambda key: fits(key, APART))
    print("the same objects by what they are there for:")
    for feature in FEATURES:
        table.show_those(feature, for_feature(feature))


if __name__ == "__main__":
    main()
