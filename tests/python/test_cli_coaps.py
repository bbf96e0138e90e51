# SPDX-License-Identifier: Apache-2.0
"""coaps on the command line: keys as options, files that change, mistakes that are named."""

from __future__ import annotations

import select
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import linnet
import pytest
from linnet import _core
from linnet.cli import main
from test_cli import PATIENCE, Command, run

pytestmark = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build of linnet has no DTLS")

HEX, OTHER = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"
LISTEN = ("--listen", "coaps://127.0.0.1:0")


def end(command: Command) -> None:
    command.process.terminate()
    command.process.wait(PATIENCE)


@pytest.fixture
def commands() -> Iterator[list[Command]]:
    started: list[Command] = []
    yield started
    for command in reversed(started):  # clients first: they have something to say to the server
        end(command)


@pytest.fixture
def pki(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["keys", str(tmp_path / "pki"), "--endpoint", "kitchen", "--psk"]) == 0
    capsys.readouterr()
    return tmp_path / "pki"


class Pair:
    """A server and a client that are started with these options."""

    def __init__(self, commands: list[Command], server: list[str], client: list[str]) -> None:
        self.server = Command("server", *LISTEN, *server)
        commands.append(self.server)
        uri = self.server.event("ready")["listen"][0]
        assert uri.startswith("coaps://")
        self.uri = uri
        self.client = Command("client", "--endpoint", "kitchen", "--server", uri, *client)
        commands.append(self.client)


def test_a_pre_shared_key(commands: list[Command]) -> None:
    pair = Pair(commands, ["--psk", f"kitchen:id:{HEX}"], ["--psk-identity", "id", "--psk-key", HEX])
    assert pair.client.event("ready")["listen"][0].startswith("coaps://")
    pair.server.event("registered", endpoint="kitchen")
    assert pair.server.ask("read kitchen /1/0/0")["records"] == [{"path": "/1/0/0", "value": 1}]


def test_keys_from_the_files_that_linnet_keys_makes(commands: list[Command], pki: Path) -> None:
    psk = f"@{pki}/kitchen.psk"
    pair = Pair(commands, ["--psk", psk], ["--psk-identity", "kitchen", "--psk-key", psk])
    pair.server.event("registered", endpoint="kitchen")


def own(pki: Path, who: str, kind: str, trust: str) -> list[str]:
    return [
        "--cert", f"{pki}/{who}.{kind}", "--key", f"{pki}/{who}.key.pem", "--trust", f"{pki}/{trust}",
    ]  # fmt: skip


def test_certificates(commands: list[Command], pki: Path) -> None:
    trust = "ca.crt.pem"
    pair = Pair(commands, own(pki, "server", "crt.pem", trust), own(pki, "kitchen", "crt.pem", trust))
    pair.server.event("registered", endpoint="kitchen")


def test_a_certificate_of_another_endpoint_is_refused(commands: list[Command], pki: Path) -> None:
    """SEC-05: the client is told 4.00."""
    assert main(["keys", str(pki), "--endpoint", "cellar"]) == 0
    trust = "ca.crt.pem"
    pair = Pair(commands, own(pki, "server", "crt.pem", trust), own(pki, "cellar", "crt.pem", trust))
    refused = pair.client.event("error")
    assert refused["code"] == "4.00"


@pytest.mark.parametrize(
    ("identity", "key", "cause"), [("stranger", HEX, "unknown-identity"), ("id", OTHER, "wrong-key")]
)
def test_both_sides_say_what_is_wrong(commands: list[Command], identity: str, key: str, cause: str) -> None:
    pair = Pair(commands, ["--psk", f"kitchen:id:{HEX}"], ["--psk-identity", identity, "--psk-key", key])
    for side in (pair.client, pair.server):
        event = side.event("error")
        assert event["cause"] == cause
        assert key not in event["error"]


@pytest.mark.parametrize(
    ("fault", "heard", "told"),
    [
        ("expired", "expired", "expired"),
        ("untrusted", "untrusted", "untrusted"),
        ("wrong host", "wrong-host", "bad-certificate"),
    ],
)
def test_both_sides_say_what_is_wrong_with_a_certificate(
    commands: list[Command], pki: Path, tmp_path: Path, fault: str, heard: str, told: str
) -> None:
    """The server's: too old, of another authority, of another host."""
    options = {
        "expired": ["--from", "2020-01-01", "--days", "10"],
        "untrusted": [],
        "wrong host": ["--host", "elsewhere.example"],
    }[fault]
    other = tmp_path / "other"
    other.mkdir()
    if fault != "untrusted":
        for name in ("ca.crt.pem", "ca.key.pem"):
            shutil.copy(pki / name, other / name)
    assert main(["keys", str(other), *options]) == 0
    trust = f"{pki}/ca.crt.pem"
    server = ["--cert", f"{other}/server.crt.pem", "--key", f"{other}/server.key.pem", "--trust", trust]
    pair = Pair(commands, server, own(pki, "kitchen", "crt.pem", "ca.crt.pem"))
    assert pair.client.event("error")["cause"] == heard
    assert pair.server.event("error")["cause"] == told


def test_a_file_of_credentials_takes_effect_when_it_changes(commands: list[Command], tmp_path: Path) -> None:
    file = tmp_path / "devices.toml"
    file.write_text(f'[devices.cellar]\nkey = "{HEX}"\n')
    pair = Pair(commands, ["--credentials", str(file)], ["--psk-identity", "kitchen", "--psk-key", HEX])
    assert pair.client.event("error")["cause"] == "unknown-identity"
    assert pair.server.event("error")["cause"] == "unknown-identity"
    file.write_text(f'[devices.kitchen]\nkey = "{HEX}"\n[devices.cellar]\nkey = "{HEX}"\n')
    assert pair.server.event("credentials")["devices"] == 2
    assert pair.server.ask("reload") == {"ok": True, "changed": False}
    file.write_text("[devices.kitchen]\n")
    assert "kitchen has one of key" in pair.server.event("error")["error"]
    assert pair.server.ask("reload")["ok"] is False
    assert pair.client.ask("update")["ok"] in (True, False)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["server", "--psk", f"kitchen:{HEX}"], "EP:IDENTITY:HEXKEY"),
        (["server", "--psk", "kitchen:id:nohex" + HEX], "hexadecimal digits"),
        (["server", "--psk", "@/nowhere/kitchen.psk"], "/nowhere/kitchen.psk: no such file or directory"),
        (["server", "--credentials", "/nowhere/x.toml"], "/nowhere/x.toml: "),
        (["server", "--credentials", "x.toml", "--psk", f"a:a:{HEX}"], "give one or the other"),
        (["server", "--cert", "/nowhere/x.pem", "--key", "/nowhere/y.pem"], "/nowhere/x.pem: "),
        (["server", "--cert", "/nowhere/x.pem"], "go together"),
        (["server", *LISTEN], "needs credentials"),
        (["client", "--server", "coaps://localhost"], "needs psk="),
        (["client", "--server", "coaps://localhost", "--psk-key", HEX], "go together"),
        (["client", "--server", "coap://a", "--psk-identity", "x", "--psk-key", HEX], "on coaps://"),
        (
            ["client", "--server", "coaps://a", "--cert", "/nowhere/x", "--key", "y", "--trust", "z"],
            "/nowhere/x: ",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_clear_line(words: list[str], complaint: str) -> None:
    done = run(*words)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert complaint in last
    assert HEX not in done.stderr
    assert "Traceback" not in done.stderr


def test_no_key_is_in_what_the_commands_say_when_they_say_everything(
    commands: list[Command], tmp_path: Path
) -> None:
    import subprocess

    from test_cli import LINNET

    noise = (tmp_path / "server.log").open("w+")
    server = subprocess.Popen(
        [*LINNET, "server", *LISTEN, "--psk", f"kitchen:id:{HEX}", "--json", "-vv"],
        stdin=subprocess.PIPE, stdout=noise, stderr=noise, text=True,
    )  # fmt: skip
    try:
        uri = ""
        while not uri:
            text = Path(noise.name).read_text()
            uri = text.partition('"coaps://')[2].partition('"')[0]
        client = run(
            "client", "--endpoint", "kitchen", "--server", f"coaps://{uri}", "--psk-identity", "id",
            "--psk-key", HEX, "-vv", "--json", stdin="update\nstatus\n",
        )  # fmt: skip
        assert '"registered"' in client.stdout
        assert server.stdin is not None
        server.stdin.write("read kitchen /3\ndevices\nquit\n")
        server.stdin.close()
        assert server.wait(PATIENCE) == 0
    finally:
        server.kill()
        server.wait()
    said = Path(noise.name).read_text() + client.stdout + client.stderr
    noise.close()
    assert "sends CON POST /rd?ep=kitchen" in said
    for shown in (HEX, HEX.upper(), bytes.fromhex(HEX).hex(" "), str(bytes.fromhex(HEX))):
        assert shown not in said


def has_raw_keys(pki: Path) -> bool:
    try:
        linnet.Credentials({"kitchen": linnet.PublicKey(pki / "kitchen.pub.pem")})
    except linnet.Unavailable:
        return False
    return True


def test_raw_public_keys(commands: list[Command], pki: Path, tmp_path: Path) -> None:
    """RFC 7250: --cert takes a public key, too. Which endpoint a key is for stands in a file."""
    if not has_raw_keys(pki):
        pytest.skip("this build has no raw public keys (libgnutls28-dev)")
    file = tmp_path / "devices.toml"
    file.write_text(
        f'certificate = "{pki}/server.pub.pem"\nprivate_key = "{pki}/server.key.pem"\n'
        f'[devices.kitchen]\npublic_key = "{pki}/kitchen.pub.der"\n'
    )
    pair = Pair(commands, ["--credentials", str(file)], own(pki, "kitchen", "pub.pem", "server.pub.der"))
    pair.server.event("registered", endpoint="kitchen")


DEVICE = """
[[device]]
endpoint = "kitchen"
[[device.server]]
uri = "{uri}"
{keys}
"""


def test_a_bootstrap_server_gives_the_keys_of_a_server(commands: list[Command], tmp_path: Path) -> None:
    """BS-03: a session of its own, with its own keys, for the bootstrap server."""
    server = Command("server", *LISTEN, "--psk", f"kitchen:id:{HEX}")
    commands.append(server)
    config = tmp_path / "devices.toml"
    keys = f'psk = {{ identity = "id", key = "hex:{HEX}" }}'
    config.write_text(DEVICE.format(uri=server.event("ready")["listen"][0], keys=keys))
    bootstrap = Command(
        "bootstrap-server", *LISTEN, "--config", str(config), "--psk", f"kitchen:factory:{OTHER}"
    )
    commands.append(bootstrap)
    uri = bootstrap.event("ready")["listen"][0]
    assert uri.startswith("coaps://")
    client = Command(
        "client", "--endpoint", "kitchen", "--bootstrap", uri, "--psk-identity", "factory", "--psk-key", OTHER
    )
    commands.append(client)
    listening = client.event("ready")["listen"]
    assert bootstrap.event("bootstrap-finished")["ok"] is True
    assert server.event("registered")["endpoint"] == "kitchen"
    # And once more, begun by the bootstrap server (BS-04).
    here = next(uri for uri in listening if uri.startswith("coaps://")).removeprefix("coaps://")
    assert bootstrap.ask(f"start kitchen {here.replace('[::]', '127.0.0.1')}")["ok"]
    assert bootstrap.event("bootstrap-finished")["ok"] is True
    assert server.event("registered")["endpoint"] == "kitchen"


def test_a_bootstrap_server_on_coaps_needs_keys(tmp_path: Path) -> None:
    config = tmp_path / "devices.toml"
    config.write_text(DEVICE.format(uri="coap://127.0.0.1", keys=""))
    done = run("bootstrap-server", *LISTEN, "--config", str(config))
    assert (done.returncode, done.stdout) == (1, "")
    assert "needs credentials" in done.stderr


class Relay:
    """Carries datagrams between one client and a server, and looks at handshakes on their way."""

    def __init__(self) -> None:
        #: Set it before the client begins.
        self.server = ("127.0.0.1", 0)
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind(("127.0.0.1", 0))
        self.far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client: tuple[str, int] | None = None
        self.key_exchanges = 0
        self.closed = False
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def carry(self) -> None:
        while not self.closed:
            for ready in select.select([self.near, self.far], [], [], 0.1)[0]:
                try:
                    data, peer = ready.recvfrom(4096)
                except ConnectionRefusedError:  # the server is gone
                    continue
                if ready is self.near:
                    self.client = peer
                    self.look(data)
                    self.far.sendto(data, self.server)
                elif self.client is not None:
                    self.near.sendto(data, self.client)

    def look(self, data: bytes) -> None:
        """ClientKeyExchange (16) is sent in whole handshakes, and not when a session is resumed."""
        while len(data) > 13:
            if data[0] == 22 and data[3:5] == b"\0\0" and data[13] == 16:
                self.key_exchanges += 1
            data = data[13 + int.from_bytes(data[11:13], "big") :]

    def close(self) -> None:
        self.closed = True
        self.thread.join()
        self.near.close()
        self.far.close()


def test_a_session_survives_kill_9_of_client_and_server(commands: list[Command], tmp_path: Path) -> None:
    """SEC-04: both have a store, and so the session is resumed."""
    relay = Relay()
    uri = f"coaps://127.0.0.1:{relay.near.getsockname()[1]}"
    server_arguments = ("server", "--listen", "coaps://127.0.0.1:0", "--psk", f"kitchen:id:{HEX}")
    client_arguments = ("client", "--endpoint", "kitchen", "--server", uri, "--psk-identity", "id",
                        "--psk-key", HEX)  # fmt: skip

    def start(store: str | None) -> Command:
        server = Command(*server_arguments, *(("--store", str(tmp_path / store)) if store else ()))
        port = int(server.event("ready")["listen"][0].rpartition(":")[2])
        relay.server = ("127.0.0.1", port)
        client = Command(*client_arguments, "--store", str(tmp_path / "kitchen"))
        commands.extend([server, client])
        client.event("registered")
        for command in (server, client):
            command.end(signal.SIGKILL)
        return server

    try:
        start("devices.db")
        assert relay.key_exchanges == 1
        start("devices.db")
        assert relay.key_exchanges == 1  # resumed
        start(None)
        assert relay.key_exchanges >= 2  # a server that remembers nothing has other keys of tickets
    finally:
        relay.close()
    kept = (tmp_path / "devices.db").stat()
    assert kept.st_mode & 0o077 == 0  # the keys of tickets are in it
