# SPDX-License-Identifier: Apache-2.0
"""What a newcomer types wrong: one line that says what is missing, and a status that is not 0."""

from __future__ import annotations

from pathlib import Path

import pytest
from linnet.cli import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("client", "linnet client: say which server, such as --server coap://localhost"),
        ("client --server coap://localhost --lifetime 0", "a lifetime is 1 to 4294967295 seconds"),
        ("client --server coap://localhost --binding X", "--binding: invalid choice: 'X'"),
        ("bootstrap-server", "the following arguments are required: --config"),
        ("server --psk a:b", "--psk: a pre-shared key is EP:IDENTITY:HEXKEY"),
        ("serve", "invalid choice: 'serve'"),
        ("keys", "say where the files go: linnet keys DIR"),
        ("decode", "the following arguments are required: HEX|-"),
        ("server coap://0.0.0.0:5683", "linnet server: write --listen coap://0.0.0.0:5683"),
        ("client coap://localhost", "linnet client: write --server coap://localhost"),
        ("decode 44 55", "linnet decode: unrecognized arguments: 55"),
    ],
)
def test_wrong_usage_is_said_in_a_line(capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert said in line
    assert line.endswith("--help)")


def test_without_a_command_all_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    shown = capsys.readouterr().err
    for command in ("demo", "client", "server", "bootstrap-server", "decode", "objects", "keys"):
        assert f"\n    {command}" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("client --server localhost", '"localhost" is not coap://host[:port] or sms:+number'),
        ("client --server foo://host", "the URI of a server begins with coap:// or coaps://"),
        (
            "client --server coap://localhost --object 3303",
            "no definition of object '3303': 0 to 7 are built in",
        ),
        ("client --server coap://localhost --object no.xml", "no.xml: no such file"),
        ("client --server coap://localhost --set /3/0/x=1", "is no object or resource that the model knows"),
        ("client --server coaps://localhost --psk-identity a", "key"),
        ("server --listen coap://192.0.2.1:5683", "this machine has no such address"),
        ("server --listen coap://127.0.0.1:99999", "is not an address or a host name with a port"),
        ("server --models nowhere", "nowhere: no such file or directory"),
        ("server --credentials nowhere.toml", "nowhere.toml: no such file or directory"),
        ("server --store nowhere/x.db", "nowhere/x.db: no such file or directory"),
        ("bootstrap-server --config nowhere.toml", "nowhere.toml: no such file or directory"),
        ("decode zz", "'zz' is not hexadecimal"),
        ("decode c800", "say --path, such as --path /3/0"),
        ("decode --path nowhere c1", '"nowhere" is no object or resource that the model knows'),
        ("objects 3303", "no definition of object 3303"),
        ("objects temperature", "no object is called 'temperature'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        status = main(words.split())
    except SystemExit as ended:
        status = ended.code
    assert status in (1, 2)
    shown = capsys.readouterr()
    line = shown.err.splitlines()[0]
    assert line.startswith("linnet")
    assert said in line
    assert "linnet_" not in line
    assert "Traceback" not in shown.err
