# SPDX-License-Identifier: Apache-2.0
"""Builds the extension of the Python package by CMake, which has the one list of sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent


class CMakeBuild(build_ext):
    """Configures, builds the target of the extension, and puts its two files into the package."""

    def build_extension(self, ext: Extension) -> None:
        """Builds the one extension there is."""
        build = Path(self.build_temp).resolve() / "cmake"
        build.mkdir(parents=True, exist_ok=True)
        options = [
            "-DCMAKE_BUILD_TYPE=Release",
            "-DLINNET_PYTHON=ON",
            "-DLINNET_INSTALL=OFF",
            "-DLINNET_WERROR=OFF",
            f"-DPython3_EXECUTABLE={sys.executable}",
            *os.environ.get("LINNET_CMAKE_OPTIONS", "").split(),
        ]
        subprocess.run(["cmake", "-S", str(ROOT), "-B", str(build), *options], check=True)
        jobs = str(self.parallel or os.cpu_count() or 1)
        subprocess.run(
            ["cmake", "--build", str(build), "--parallel", jobs, "--target", "linnet_python"], check=True
        )
        package = Path(self.get_ext_fullpath(ext.name)).resolve().parent
        package.mkdir(parents=True, exist_ok=True)
        for pattern in ("_linnet*.so", "_core.py"):
            for made in (build / "python" / "linnet").glob(pattern):
                shutil.copy2(made, package / made.name)


def missing_tools() -> list[str]:
    """CMake and SWIG come from PyPI where the system has none."""
    return [package for package in ("cmake", "swig") if shutil.which(package) is None]


setup(
    ext_modules=[Extension("linnet._linnet", sources=[])],
    cmdclass={"build_ext": CMakeBuild},
    setup_requires=missing_tools(),
)
