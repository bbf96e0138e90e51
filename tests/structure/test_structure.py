"""What the built library and its sources look like from outside (docs/architecture.md, sections 1 to 3)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_check(script: str, *arguments: str) -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / script), *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_includes_go_down_the_layers_only() -> None:
    run_check("check_layers.py")


@pytest.mark.parametrize("build", ["release"])
def test_library_has_no_writable_global_and_core_imports_no_io(build: str) -> None:
    if not (ROOT / "build" / build / "CMakeCache.txt").exists():
        pytest.fail(f"build/{build} is missing: run make first")
    run_check("check_symbols.py", str(ROOT / "build" / build))


def test_checks_can_fail(tmp_path: Path) -> None:
    """A writable global and a printf in an object are found."""
    folder = tmp_path / "libcore" / "base" / "CMakeFiles" / "linnet_base.dir"
    folder.mkdir(parents=True)
    source = tmp_path / "bad.c"
    source.write_text(
        '#include <stdio.h>\nint counter;\nvoid f(void);\nvoid f(void) { printf("%d", counter); }\n'
    )
    subprocess.run(["cc", "-c", str(source), "-o", str(folder / "bad.c.o")], check=True)
    result = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "check_symbols.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "writable data counter" in result.stdout
    assert "imports printf" in result.stdout
