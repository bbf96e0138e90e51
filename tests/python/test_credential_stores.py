# SPDX-License-Identifier: Apache-2.0
"""Credentials in files and databases (digest 10): taken whole or not at all, changed at run time, secret."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import linnet
import pytest
from linnet import _core
from linnet.keys import Authority

pytestmark = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build of linnet has no DTLS")

KEY, ANOTHER = bytes(range(16)), bytes(range(16, 32))
URI = "coaps://10.0.0.1:5684"
Start = Callable[..., linnet.Client]


def psks(**keys: bytes) -> str:
    return "".join(f'[devices.{name}]\nkey = "{key.hex()}"\n' for name, key in keys.items())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "devices.toml"
    path.write_text(psks(kitchen=KEY))
    return path


@pytest.fixture
def start(world: linnet.World) -> Start:
    """Starts a device, and keeps it alive."""
    kept = []

    def device(endpoint: str, key: bytes = KEY) -> linnet.Client:
        client = linnet.Client(endpoint, server=URI, psk=(endpoint, key), world=world)
        client.start()
        kept.append(client)
        return client

    return device


# ---- TOML


def test_a_file_lets_in_whom_it_names(world: linnet.World, start: Start, file: Path) -> None:
    server = linnet.Server(URI, world=world, credentials=linnet.Credentials.from_toml(file))
    start("kitchen")
    assert server.wait_for("kitchen", timeout=10).read("/3/0/16") == "U"


def test_changes_of_the_file_take_effect_without_restart(
    world: linnet.World, start: Start, file: Path
) -> None:
    store = linnet.Credentials.from_toml(file)
    server = linnet.Server(URI, world=world, credentials=store)
    kitchen = start("kitchen")
    server.wait_for("kitchen", timeout=10)
    ended = []
    kitchen.on("error", ended.append)
    assert not store.stale
    assert not store.reload()
    file.write_text(psks(cellar=ANOTHER))
    assert store.stale
    assert store.reload()
    assert not store.stale
    world.advance(seconds=10)
    assert [event.cause for event in ended][:1] == ["closed"]  # by the server's good-bye
    start("cellar", ANOTHER)
    assert server.wait_for("cellar", timeout=60).registered
    assert list(store) == ["cellar"]


def test_what_stays_the_same_in_the_file_keeps_its_session(
    world: linnet.World, start: Start, file: Path
) -> None:
    store = linnet.Credentials.from_toml(file)
    server = linnet.Server(URI, world=world, credentials=store)
    kitchen = start("kitchen")
    found = server.wait_for("kitchen", timeout=10)
    kitchen.on("error", lambda event: pytest.fail(event.text))
    file.write_text(psks(cellar=ANOTHER, kitchen=KEY))
    assert store.reload()
    world.advance(seconds=10)
    assert found.read("/3/0/16") == "U"


def test_certificates_are_read_beside_the_file(world: linnet.World, tmp_path: Path) -> None:
    authority = Authority.make()
    server_pair, kitchen, hall = (
        authority.server("10.0.0.1"),
        authority.client("kitchen"),
        authority.client("h-17"),
    )
    for name, content in {
        "ca.pem": authority.pair.certificate_pem,
        "server.pem": server_pair.certificate_pem,
        "server.key": server_pair.key_pem,
        "kitchen.der": kitchen.certificate_der,
    }.items():
        (tmp_path / name).write_bytes(content)
    path = tmp_path / "devices.toml"
    path.write_text(
        'certificate = "server.pem"\nprivate_key = "server.key"\ntrust = ["ca.pem"]\n'
        '[devices.kitchen]\ncertificate = "kitchen.der"\n[devices.hall]\nsubject = "h-17"\n'
    )
    world.set_epoch(time.time())
    server = linnet.Server(URI, world=world, credentials=linnet.Credentials.from_toml(path))
    for endpoint, pair in (("kitchen", kitchen), ("hall", hall)):
        client = linnet.Client(
            endpoint, server=URI, world=world, certificate=pair.certificate_pem, private_key=pair.key_pem,
            trust=authority.pair.certificate_pem,
        )  # fmt: skip
        client.start()
        assert server.wait_for(endpoint, timeout=10).registered


def test_half_of_a_file_is_not_taken(world: linnet.World, file: Path) -> None:
    store = linnet.Credentials.from_toml(file)
    file.write_text(psks(cellar=KEY, attic=b"k" * 65))
    with pytest.raises(linnet.OutOfRange, match=r"devices\.toml"):
        store.reload()
    assert list(store) == ["kitchen"]
    file.unlink()
    with pytest.raises(linnet.SystemFailure, match=r"devices\.toml: [Nn]o such file"):
        store.reload()
    assert list(store) == ["kitchen"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[devices.kitchen]\nkey = 'no hex'\n", r"devices\.kitchen: the key is not hexadecimal"),
        ("[devices.kitchen]\nkey = 17\n", r"devices\.kitchen: key: a text is expected"),
        ("[devices.kitchen]\nidentity = 'x'\n", r"devices\.kitchen has one of key, certificate"),
        ("[devices.kitchen]\nkey = '00'\nsubject = 'x'\n", r"devices\.kitchen has one of"),
        ("[devices.kitchen]\nidentity = 'x'\nsubject = 'x'\n", "an identity belongs to a key"),
        ("[devices.kitchen]\nkee = '00'\n", r"devices\.kitchen: there is no 'kee'"),
        ("[device.kitchen]\nkey = '00'\n", "there is no 'device'; there are"),
        ("devices = 1\n", "devices is a table"),
        ("certificate = 'missing.pem'\n", r"missing\.pem: [Nn]o such file"),
        ("trust = ['devices.toml']\n", r"devices\.toml: .*not an X\.509 certificate"),
        ("key 00\n", r"devices\.toml: it is not TOML \(at line 1"),
    ],
)
def test_what_is_wrong_in_a_file_is_one_clear_line(file: Path, text: str, words: str) -> None:
    file.write_text(text)
    with pytest.raises(linnet.Error, match=words) as refused:
        linnet.Credentials.from_toml(file)
    assert "\n" not in str(refused.value)


def test_no_error_about_a_file_shows_a_key(file: Path) -> None:
    secret = "c0ffee" * 5
    for text in (
        f"[devices.kitchen]\nkey = '{secret}\n",
        f"[devices.kitchen]\nkey = {secret}\n",
        f"[devices.kitchen]\nkey = '{secret}0'\n",
        f"{secret}\n",
        f"[devices.kitchen]\nkey = '{secret * 10}'\n",
    ):
        file.write_text(text)
        with pytest.raises(linnet.Error) as refused:
            linnet.Credentials.from_toml(file)
        assert secret not in str(refused.value), text


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_one_line(file: Path) -> None:
    file.chmod(0)
    with pytest.raises(linnet.SystemFailure, match=r"^.*devices\.toml: [Pp]ermission denied$"):
        linnet.Credentials.from_toml(file)


# ---- SQLite


def test_a_database_remembers(world: linnet.World, start: Start, tmp_path: Path) -> None:
    path = tmp_path / "devices.db"
    store = linnet.Credentials.from_sqlite(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    store["kitchen"] = ("kitchen", KEY)
    store["cellar"] = linnet.Psk(b"\xff\x00", ANOTHER)
    store["hall"] = linnet.Subject("h-17")
    store["attic"] = ("attic", KEY)
    del store["attic"]
    authority, another = Authority.make(), Authority.make()
    pair = authority.server("10.0.0.1")
    store.set_certificate(pair.certificate_pem, pair.key_pem)
    store.add_trust(authority.pair.certificate_pem)
    store.set_trust([another.pair.certificate_pem])
    again = linnet.Credentials.from_sqlite(path)
    assert dict(again) == {
        "kitchen": linnet.Psk(b"kitchen", KEY),
        "cellar": linnet.Psk(b"\xff\x00", ANOTHER),
        "hall": linnet.Subject("h-17"),
    }
    assert not again.reload()
    server = linnet.Server(URI, world=world, credentials=again)
    start("kitchen")
    assert server.wait_for("kitchen", timeout=10).registered


def test_a_database_is_changed_by_others_while_a_server_runs(
    world: linnet.World, start: Start, tmp_path: Path
) -> None:
    path = tmp_path / "devices.db"
    store = linnet.Credentials.from_sqlite(path)
    store["kitchen"] = ("kitchen", KEY)
    server = linnet.Server(URI, world=world, credentials=store)
    kitchen = start("kitchen")
    found = server.wait_for("kitchen", timeout=10)
    kitchen.on("error", lambda event: pytest.fail(event.text))
    other = linnet.Credentials.from_sqlite(path)
    other["cellar"] = ("cellar", ANOTHER)
    assert store.stale
    assert store.reload()
    start("cellar", ANOTHER)
    assert server.wait_for("cellar", timeout=10).registered
    assert found.read("/3/0/16") == "U"  # and the kitchen's session goes on


def test_what_is_removed_from_a_database_is_not_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "devices.db"
    store = linnet.Credentials.from_sqlite(path)
    store["kitchen"] = ("kitchen", b"unforgettable-16")
    assert b"unforgettable-16" in path.read_bytes()
    del store["kitchen"]
    assert b"unforgettable-16" not in path.read_bytes()


def test_what_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "devices.db"
    path.write_text("this is a letter to my aunt " * 50)
    with pytest.raises(linnet.SystemFailure, match=r"devices\.db: file is not a database"):
        linnet.Credentials.from_sqlite(path)
    with pytest.raises(linnet.SystemFailure, match="no such file or directory"):
        linnet.Credentials.from_sqlite(tmp_path / "nowhere" / "devices.db")
    with sqlite3.connect(tmp_path / "other.db") as database:
        database.execute("CREATE TABLE device (name TEXT)")
        database.execute("INSERT INTO device VALUES ('x')")
    with pytest.raises(linnet.Error, match=r"other\.db"):
        linnet.Credentials.from_sqlite(tmp_path / "other.db")


# ---- secrets


def test_no_key_is_in_a_log_at_any_level(
    world: linnet.World, start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when it is wrong, removed or replaced; neither as bytes nor in hexadecimal."""
    caplog.set_level(logging.NOTSET)
    right, wrong, removed = b"right-key-16byte", b"wrong-key-16byte", b"other-key-16byte"
    store = linnet.Credentials.from_sqlite(tmp_path / "devices.db")
    store.update({"kitchen": ("kitchen", right), "cellar": ("cellar", right), "hall": ("hall", removed)})
    server = linnet.Server(URI, world=world, credentials=store)
    server._runner.set_log_level(_core.LOG_DEBUG)
    texts = []
    for endpoint, key in (("kitchen", right), ("cellar", wrong), ("hall", removed)):
        client = start(endpoint, key)
        client._runner.set_log_level(_core.LOG_DEBUG)
        client.on("error", lambda event: texts.append(str(event)))
    server.on("error", lambda event: texts.append(str(event)))
    server.wait_for("kitchen", timeout=10).read("/3/0")
    del store["hall"]
    store["kitchen"] = ("kitchen", removed)
    world.advance(minutes=5)
    texts += [repr(store), repr(dict(store)), str(store["kitchen"]), caplog.text]
    said = "\n".join(texts)
    assert caplog.records
    for key in (right, wrong, removed):
        for shown in (key.decode(), key.hex(), key.hex(" "), key.hex(":"), key.hex().upper(), str(key)):
            assert shown not in said
