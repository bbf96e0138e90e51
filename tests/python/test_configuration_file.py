# SPDX-License-Identifier: Apache-2.0
"""Configurations in TOML (docs/bootstrap.md): what they mean, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path

import linnet
import pytest
from linnet.configuration_file import read_configurations

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = "coap://10.0.0.2:5683"


def read(tmp_path: Path, text: str) -> dict[str, linnet.Configuration]:
    file = tmp_path / "devices.toml"
    file.write_text(text, encoding="utf-8")
    return read_configurations(file, linnet.Model())


def test_the_example_is_read_and_passes_the_check() -> None:
    world = linnet.World()
    found = read_configurations(ROOT / "examples" / "devices.toml", linnet.Model())
    assert list(found) == ["kitchen", "sensor-*", "meter-?", "*"]
    kitchen, sensors = found["kitchen"], found["sensor-*"]
    assert kitchen.servers == [linnet.ServerAccount("coap://localhost:5683", lifetime=300)]
    assert kitchen.values == {"/3/0/14": "+02:00", "/3/0/15": "Europe/Berlin"}
    assert [account.short_server_id for account in sensors.servers] == [1, 2]
    assert sensors.servers[1].psk == (b"sensors", bytes(range(16)))
    assert sensors.owners == {"/3/0": 1}
    assert sensors.rights == {"/3/0": {2: ["read"]}, "/3303": {2: ["create"]}}
    linnet.BootstrapServer(BOOTSTRAP, ROOT / "examples" / "devices.toml", world=world).close()


def test_every_key_is_there(tmp_path: Path) -> None:
    (tmp_path / "key.der").write_bytes(b"\x30\x01\x00")
    found = read(
        tmp_path,
        """
        [[device]]
        endpoint = "kitchen"
        delete = ["/0", "/1", "Access Control"]
        discover = []
        [[device.server]]
        uri = "coaps://a"
        short_server_id = 65534
        lifetime = 60
        binding = "UQS"
        storing = false
        pmin = 0
        pmax = 5
        disable_timeout = 7
        sms_number = "15550100"
        sms_packets = { parameters = "hex:12121601B20203", keys = "0123456789abcdef" }
        certificate = "file:key.der"
        private_key = "hex:300100"
        server_key = "base64:MAEA"
        [device.bootstrap]
        uri = "coaps://b"
        psk = { identity = "kitchen", key = "hex:00ff" }
        sms_number = "15550101"
        sms_dtls = true
        hold_off = 5
        account_timeout = 60
        [device.values]
        "/3/0/13" = 2026-01-02T03:04:05Z
        "/3/0" = { 14 = "Z", Timezone = "UTC" }
        "/3/0/11" = [0, 3]
        "/3/0/22" = { 0 = "3:0" }
        "/5/0/0" = "hex:00"
        [[device.access]]
        path = "/3/0"
        owner = 0
        rights = { default = ["read"], 65534 = ["read", "write"] }
        """,
    )
    config = found["kitchen"]
    assert config.delete == ["/0", "/1", "/2"]
    assert config.discover == []
    der = b"\x30\x01\x00"
    assert config.servers == [
        linnet.ServerAccount(
            "coaps://a",
            short_server_id=65534,
            lifetime=60,
            binding="UQS",
            storing=False,
            pmin=0,
            pmax=5,
            disable_timeout=7,
            sms_number="15550100",
            sms_packets=(bytes.fromhex("12121601B20203"), b"0123456789abcdef"),
            certificate=der,
            private_key=der,
            server_key=der,
        )
    ]
    assert config.bootstrap == linnet.BootstrapAccount(
        "coaps://b",
        psk=(b"kitchen", b"\x00\xff"),
        sms_number="15550101",
        sms_dtls=True,
        hold_off=5,
        account_timeout=60,
    )
    assert {path: config.values[path] for path in sorted(config.values)} == {
        "/3/0/11/0": 0,
        "/3/0/11/1": 3,
        "/3/0/13": config.values["/3/0/13"],
        "/3/0/14": "Z",
        "/3/0/15": "UTC",
        "/3/0/22/0": linnet.ObjectLink(3, 0),
        "/5/0/0": b"\x00",
    }
    assert config.values["/3/0/13"].timestamp() == 1767323045
    assert config.owners == {"/3/0": 0}
    assert config.rights == {"/3/0": {0: ["read"], 65534: ["read", "write"]}}
    world = linnet.World()
    linnet.BootstrapServer(BOOTSTRAP, tmp_path / "devices.toml", world=world).close()


SERVER = '[[device.server]]\nuri = "coap://a"\n'
KITCHEN = '[[device]]\nendpoint = "kitchen"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[device]", "devices.toml: "),
        ("devices = 1", "devices: unknown key; did you mean device?"),
        ("device = 1", "device: it takes [[device]] tables, not 1"),
        ("[[device]]", "device[0], endpoint: it takes an endpoint name or pattern, or a list of them"),
        ("[[device]]\nendpoint = []", "device[0], endpoint: it takes an endpoint name"),
        (KITCHEN + SERVER + KITCHEN + SERVER, "device[1], endpoint: 'kitchen' is there already"),
        (KITCHEN + "sever = 1", "device 'kitchen', sever: unknown key; did you mean server?"),
        (KITCHEN + "[[device.server]]", "device 'kitchen', server[0], uri: it is missing"),
        (KITCHEN + SERVER + "lifetim = 5", "server[0], lifetim: unknown key; did you mean lifetime?"),
        (KITCHEN + SERVER + "lifetime = 0", "server[0], lifetime: it is 1 to 4294967295, not 0"),
        (KITCHEN + SERVER + "lifetime = true", "server[0], lifetime: it takes a number, not True"),
        (KITCHEN + SERVER + "short_server_id = 65535", "short_server_id: it is 1 to 65534, not 65535"),
        (KITCHEN + SERVER + 'binding = "UX"', "server[0], binding: it is one of U, UQ, S, SQ, US, UQS"),
        (KITCHEN + SERVER + 'storing = "yes"', "server[0], storing: it takes true or false, not 'yes'"),
        (KITCHEN + SERVER + SERVER, "device 'kitchen', server[1].short_server_id: 1 is that of another"),
        (KITCHEN + SERVER + 'psk = "x"', "server[0], psk: it takes a table with identity and key"),
        (KITCHEN + SERVER + 'psk = {identity = "x"}', "server[0], psk.key: it is missing"),
        (
            KITCHEN + SERVER + 'psk = {identity = "x", key = "hex:0"}',
            "server[0], psk.key: this is not hex",
        ),
        (
            KITCHEN + SERVER + 'psk = {identity = "x", key = "hex:00"}',
            "server[0], uri: with psk it begins with coaps://",
        ),
        (
            KITCHEN + SERVER + 'sms_packets = {parameters = "x"}',
            "server[0], sms_packets.keys: it is missing",
        ),
        (
            KITCHEN + SERVER + 'sms_dtls = true\nsms_packets = {parameters = "x", keys = "y"}',
            "server[0], sms_packets: short messages are secured by DTLS or by packets, not by both",
        ),
        (
            KITCHEN + '[[device.server]]\nuri = "coaps://a"',
            "server[0], uri: coaps takes psk, public_key or certificate",
        ),
        (
            KITCHEN + '[[device.server]]\nuri = "coaps://a"\ncertificate = "file:none.der"',
            "server[0], certificate: ",
        ),
        (
            KITCHEN + '[[device.server]]\nuri = "coaps://a"\ncertificate = "x"\nprivate_key = "x"',
            "server[0], server_key: it is missing, with certificate",
        ),
        (KITCHEN + '[[device.server]]\nuri = "http://a"', "server[0]: /0/1: the URI is missing or malformed"),
        (KITCHEN, "device 'kitchen': there is no server account"),
        (KITCHEN + "delete = ['/x']", "device 'kitchen', delete: "),
        (
            KITCHEN + SERVER + '[device.values]\n"/3/0/9" = "full"',
            "device 'kitchen', values, \"/3/0/9\": Battery Level takes a value of type integer, not 'full'",
        ),
        (
            KITCHEN + SERVER + '[device.values]\n"/3/0/9" = 101',
            "device 'kitchen', values['/3/0/9']: write /3/0/9: value is outside the range",
        ),
        (
            KITCHEN + SERVER + '[device.values]\n"Devise/0/9" = 1',
            "device 'kitchen', values, \"Devise/0/9\": ",
        ),
        (
            KITCHEN + SERVER + '[device.values]\n"/3/0/9" = 1\n"3/0/9" = 1',
            "device 'kitchen', values, \"3/0/9\": the value is given twice",
        ),
        (KITCHEN + SERVER + "[[device.access]]", "access[0], path: it is missing"),
        (KITCHEN + SERVER + "[[device.access]]\npath = '/3/0'\nowner = 2", "owner: there is no server 2"),
        (
            KITCHEN + SERVER + "[[device.access]]\npath = '/3/0'\nrights = {9 = ['read']}",
            "access[0], rights.9: there is no such server",
        ),
        (
            KITCHEN + SERVER + "[[device.access]]\npath = '/3/0'\nrights = {1 = ['eat']}",
            "rights.1: rights are read, write, execute, delete, create, not eat",
        ),
    ],
)
def test_a_mistake_is_said_with_file_endpoint_and_key(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "devices.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(linnet.Error) as caught:
        linnet.BootstrapServer(BOOTSTRAP, file, world=linnet.World())
    assert str(caught.value).startswith(str(file) + ": ")
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        linnet.BootstrapServer(BOOTSTRAP, tmp_path / "none.toml", world=linnet.World())


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "devices.toml"
    file.write_bytes(b"\x7fELF\xd0")
    with pytest.raises(linnet.InvalidArgument, match=r"devices\.toml: it is not UTF-8"):
        linnet.BootstrapServer(BOOTSTRAP, file, world=linnet.World())
