# SPDX-License-Identifier: Apache-2.0
"""Jars from Maven Central for the tests: what a pom names, fetched once into build/interop."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
JARS = HERE.parents[1] / "build" / "interop"
FETCH_SECONDS = 300


def missing(reason: str) -> None:
    """Skips the test; where CI runs, what is missing is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have this: {reason}")
    pytest.skip(reason)


def tool(*names: str) -> str:
    """The path of the first of these commands that is installed."""
    for name in names:
        found = shutil.which(name)
        if found is not None:
            return found
    missing(f"{names[0]} is not installed")
    raise AssertionError


def jars(peer: str) -> str:
    """The class path with everything that leshan/<peer>/pom.xml names."""
    tool("java")
    pom = HERE / "leshan" / peer / "pom.xml"
    folder = JARS / f"leshan-{peer}-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    JARS.mkdir(parents=True, exist_ok=True)
    with (JARS / f"{peer}.lock").open("w") as lock:  # the tests may run in several processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _fetch(pom, folder)
    return f"{folder}/*"


def _fetch(pom: Path, folder: Path) -> None:
    partial = folder.with_suffix(f".{os.getpid()}")
    command = [
        tool("mvn"), "--batch-mode", "--quiet", "--file", str(pom),
        "dependency:copy-dependencies", f"-DoutputDirectory={partial}",
    ]  # fmt: skip
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False)
        words = (result.stdout + result.stderr).strip().splitlines()
        failure = "" if result.returncode == 0 else words[0] if words else f"status {result.returncode}"
    except subprocess.TimeoutExpired:
        failure = f"nothing within {FETCH_SECONDS} s"
    if failure:
        shutil.rmtree(partial, ignore_errors=True)
        missing(f"Maven cannot fetch what leshan/{pom.parent.name}/pom.xml names (no network?): {failure}")
    partial.rename(folder)
