"""What users of the C library and of pip get: install, pkg-config, CMake package, wheel, parts left out."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import linnet
import pytest

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / "build" / "release"


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    result = subprocess.run(
        [str(word) for word in command], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release build, installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("prefix")
    run("cmake", "--install", RELEASE, "--prefix", folder)
    return folder


def read_a_sensor(reader: Path, sensor: Path, env: dict[str, str]) -> str:
    """Runs both C examples against each other; what the reader printed."""
    with subprocess.Popen([reader, "127.0.0.1:0"], stdout=subprocess.PIPE, text=True, env=env) as server:
        assert server.stdout is not None
        uri = server.stdout.readline().split()[-1]
        with subprocess.Popen([sensor, uri, "pump-7"], stdout=subprocess.PIPE, text=True, env=env) as client:
            output = server.stdout.read()
            assert server.wait(timeout=20) == 0
            client.terminate()
            assert client.wait(timeout=20) == 0
    return output


def test_examples_build_with_pkg_config_and_talk(prefix: Path, tmp_path: Path) -> None:
    library = next(prefix.glob("lib*/**/liblinnet.so")).parent
    env = {**os.environ, "PKG_CONFIG_PATH": str(library / "pkgconfig"), "LD_LIBRARY_PATH": str(library)}
    flags = run("pkg-config", "--cflags", "--libs", "linnet", env=env).split()
    for name in ("reader", "sensor"):
        run("cc", ROOT / "examples" / "c" / f"{name}.c", *flags, "-o", tmp_path / name)
    output = read_a_sensor(tmp_path / "reader", tmp_path / "sensor", env)
    assert "pump-7 registered" in output
    assert "Supported Binding and Modes" in output


@pytest.mark.parametrize("kind", ["static", "shared"])
def test_cmake_package_is_found(prefix: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.18)\nproject(user C)\nfind_package(linnet 0.1 REQUIRED)\n"
        f"add_executable(reader {ROOT}/examples/c/reader.c)\ntarget_link_libraries(reader linnet::{kind})\n"
    )
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", tmp_path / "build")


def test_a_small_client_leaves_everything_else_out(tmp_path: Path) -> None:
    """Also words, and it works: the smallest client registers with a server, which reads and is refused."""
    parts = ("SERVER", "BOOTSTRAP", "DDF", "SIM", "DRIVER", "TOOLS", "WORDS")
    options = ["-DLINNET_FOOTPRINT=ON", "-DLINNET_DTLS=none", *(f"-DLINNET_{part}=OFF" for part in parts)]
    run("cmake", "-S", ROOT, "-B", tmp_path, "-DCMAKE_BUILD_TYPE=MinSizeRel", *options)
    run("cmake", "--build", tmp_path, "--parallel", "2", "--target", "linnet_shared", "footprint")
    library = tmp_path / "libcore" / "liblinnet.so"
    symbols = run("nm", "-D", "--defined-only", library)
    assert "linnet_client_new" in symbols
    for absent in (
        "server_new",
        "bootstrap_new",
        "driver_new",
        "world_new",
        "link_next",
        "value_parse",
        "model_path",
    ):
        assert f"linnet_{absent}" not in symbols
    needed = run("readelf", "-d", library)
    assert "expat" not in needed
    assert "mbedtls" not in needed
    assert b"Manufacturer" not in library.read_bytes()
    weighed = run(sys.executable, ROOT / "tests" / "footprint" / "sizes.py", tmp_path, tmp_path)
    assert "client, all objects" in weighed
    programs = tmp_path / "tests" / "footprint"
    for_bootstrap = ("linnet__transaction_commit", "linnet__consistency_check", "linnet__engine_bootstrap")
    for program, has_bootstrap in {"nothing": False, "bootstrap": True, "everything": True}.items():
        linked = run("nm", programs / f"footprint_{program}")
        assert [name in linked for name in for_bootstrap] == [has_bootstrap] * 3, program
    with linnet.Server("coap://127.0.0.1:0") as server:
        program = subprocess.Popen([programs / "footprint_everything", server.listen[0], "small"])
        try:
            device = server.wait_for("small", timeout=20)
            assert device.read("/3/0/0") == "ACME"
            device.write("/1/0/1", 400)
            assert device.read("/1/0/1") == 400
            with pytest.raises(linnet.ResponseError, match=r"4\.05"):
                device.write("/3/0/0", "other")
        finally:
            program.terminate()
            program.wait(10)


def test_shared_library_shows_public_names_only(prefix: Path) -> None:
    library = next(prefix.glob("lib*/**/liblinnet.so"))
    names = [line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines()]
    assert len(names) > 100
    assert [name for name in names if not name.startswith("linnet_") or name.startswith("linnet__")] == []


def test_wheel_holds_the_package_its_extension_and_the_plugin_of_pytest(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run(*pip, "--wheel-dir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("linnet-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "unpacked")
    code = "import linnet; world = linnet.World(seed=1); print(linnet.__file__)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "unpacked")}
    assert str(tmp_path / "unpacked") in run(sys.executable, "-c", code, cwd=tmp_path, env=env)
    (tmp_path / "test_offline.py").write_text(
        "def test_goes_offline(lwm2m_sim):\n"
        "    server, client = lwm2m_sim.server(), lwm2m_sim.client('kitchen', lifetime=60)\n"
        "    assert 'kitchen' in server.registrations\n"
        "    lwm2m_sim.link(client).down()\n"
        "    lwm2m_sim.advance(hours=1)\n"
        "    assert 'kitchen' not in server.registrations\n"
    )
    pytest_found_it = run(sys.executable, "-m", "pytest", "-q", "test_offline.py", cwd=tmp_path, env=env)
    assert "1 passed" in pytest_found_it
