# SPDX-License-Identifier: Apache-2.0
"""coaps from Python: keys, errors that say what is wrong, changes at run time (digest 10)."""

from __future__ import annotations

import asyncio
import datetime

import linnet
import pytest
from linnet import _core, keys

pytestmark = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build of linnet has no DTLS")

KEY = b"0123456789abcdef"
URI = "coaps://10.0.0.1:5684"


def test_reads_a_device_over_a_real_socket() -> None:
    with (
        linnet.Server("coaps://127.0.0.1:0", credentials={"kitchen": ("id", KEY)}) as server,
        linnet.Client("kitchen", server=server.listen[0], psk=("id", KEY)) as client,
    ):
        assert server.listen[0].startswith("coaps://127.0.0.1:")
        device = server.wait_for("kitchen", timeout=10)
        client.device.manufacturer = "ACME"
        assert device.read("/3/0/0", timeout=10) == "ACME"


def test_asyncio_does_the_same() -> None:
    async def run() -> object:
        async with (
            linnet.aio.Server("coaps://127.0.0.1:0", credentials={"kitchen": ("id", KEY)}) as server,
            linnet.aio.Client("kitchen", server=server.listen[0], psk=("id", KEY)),
        ):
            device = await server.wait_for("kitchen", 10)
            return await device.read("/3/0/16", timeout=10)

    assert asyncio.run(run()) == "U"


def test_world_carries_coaps_and_its_loss() -> None:
    world = linnet.World(seed=7)
    world.network.set(loss=0.2)
    server = linnet.Server(URI, world=world, credentials={"kitchen": ("id", KEY)})
    client = linnet.Client("kitchen", server=URI, psk=("id", KEY), world=world)
    client.start()
    device = server.wait_for("kitchen", timeout=300)
    assert device.read("/3/0/16", timeout=300) == "U"


@pytest.mark.parametrize(
    ("psk", "cause"), [(("stranger", KEY), "unknown-identity"), (("id", b"another key"), "wrong-key")]
)
def test_says_what_is_wrong_on_both_sides(psk: tuple[str, bytes], cause: str) -> None:
    world = linnet.World(seed=3)
    server = linnet.Server(URI, world=world, credentials={"kitchen": ("id", KEY)})
    client = linnet.Client("kitchen", server=URI, psk=psk, world=world)
    told, heard = [], []
    server.on("error", told.append)
    client.on("error", heard.append)
    client.start()
    world.advance(seconds=10)
    assert [event.cause for event in heard] == [cause]
    assert [event.cause for event in told] == [cause]
    assert isinstance(heard[0].error, linnet.SecurityError)
    assert heard[0].error.cause == cause
    assert URI in str(heard[0].error)
    assert KEY.decode() not in heard[0].text + told[0].text


#: A world begins in November 2023.
LONG_AGO, LATELY = datetime.datetime(2020, 1, 1), datetime.datetime(2023, 1, 1)


@pytest.mark.parametrize(
    ("fault", "heard", "told"),
    [
        ("the server's has expired", "expired", "expired"),
        ("the device's has expired", "expired", "expired"),
        ("another authority signed the server's", "untrusted", "untrusted"),
        ("the device signed its own", "untrusted", "untrusted"),
        # TLS has no alert for this one: the server is told that its certificate is unfit.
        ("the server's is of another host", "wrong-host", "bad-certificate"),
    ],
)
def test_says_what_is_wrong_with_certificates_on_both_sides(fault: str, heard: str, told: str) -> None:
    """SEC-13; `heard` by the client, `told` to the server."""
    authority = keys.Authority.make(start=LONG_AGO)
    other = keys.Authority.make(start=LONG_AGO)
    dates = {
        who: {"start": LONG_AGO, "days": 30} if who in fault and "expired" in fault else {"start": LATELY}
        for who in ("server", "device")
    }
    host = "10.9.9.9" if "host" in fault else "10.0.0.1"
    near = (other if "device signed" in fault else authority).client("kitchen", **dates["device"])
    far = (other if "another authority" in fault else authority).server(host, **dates["server"])
    trust = authority.pair.certificate_pem
    world = linnet.World(seed=3)
    server = linnet.Server(
        URI, world=world, certificate=far.certificate_pem, private_key=far.key_pem, trust=trust
    )
    client = linnet.Client(
        "kitchen", server=URI, certificate=near.certificate_pem, private_key=near.key_pem, trust=trust,
        world=world,
    )  # fmt: skip
    events: dict[str, list[linnet.Event]] = {"heard": [], "told": []}
    client.on("error", events["heard"].append)
    server.on("error", events["told"].append)
    client.start()
    world.advance(seconds=10)
    assert [event.cause for event in events["heard"]] == [heard]
    assert [event.cause for event in events["told"]] == [told]


def test_credentials_change_while_the_server_runs() -> None:
    world = linnet.World(seed=4)
    credentials = linnet.Credentials({"cellar": ("other", KEY)})
    server = linnet.Server(URI, world=world, credentials=credentials)
    client = linnet.Client("kitchen", server=URI, psk=("id", KEY), world=world)
    client.start()
    world.advance(seconds=10)
    assert "kitchen" not in server.registrations
    credentials["kitchen"] = ("id", KEY)
    device = server.wait_for("kitchen", timeout=600)
    assert device.read("/3/0/16") == "U"
    del credentials["kitchen"]
    with pytest.raises(linnet.SecurityError, match="kitchen"):
        device.read("/3/0/16")


def test_plain_and_secure_accounts_of_one_client() -> None:
    world = linnet.World(seed=5)
    secure = linnet.Server(URI, world=world, credentials={"kitchen": ("id", KEY)})
    plain = linnet.Server("coap://10.0.0.2:5683", world=world)
    client = linnet.Client("kitchen", server=URI, psk=("id", KEY), world=world)
    client.add_server("coap://10.0.0.2:5683", short_server_id=2)
    client.start()
    secure.wait_for("kitchen", timeout=60)
    plain.wait_for("kitchen", timeout=60)


def test_a_client_that_is_restored_reaches_its_server_again() -> None:
    world = linnet.World(seed=6)
    server = linnet.Server(URI, world=world, credentials={"kitchen": ("id", KEY)})
    client = linnet.Client("kitchen", server=URI, psk=("id", KEY), world=world)
    client.start()
    server.wait_for("kitchen", timeout=60)
    saved = client.save()
    client.close()
    again = linnet.Client("kitchen", world=world)
    again.restore(saved)
    again.start()
    again.wait_registered(60)
    assert server.device("kitchen").read("/3/0/16") == "U"


def test_says_early_what_is_missing_or_malformed() -> None:
    with pytest.raises(linnet.InvalidArgument, match="credentials"):
        linnet.Server("coaps://127.0.0.1:0")
    with pytest.raises(linnet.InvalidArgument, match="psk"):
        linnet.Client("kitchen", server="coaps://localhost")
    with pytest.raises(linnet.OutOfRange, match="64"):
        linnet.Credentials({"kitchen": ("id", b"k" * 65)})
    with pytest.raises(linnet.SystemFailure, match=r"no-such-file\.pem: no such file"):
        linnet.Credentials(trust="no-such-file.pem")
    with pytest.raises(linnet.Malformed, match=r"X\.509"):
        linnet.Credentials(trust=b"not a certificate")
    with pytest.raises(linnet.InvalidArgument, match="go together"):
        linnet.Credentials(certificate=b"x")


def test_keys_appear_in_no_text_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    world = linnet.World(seed=8)
    credentials = linnet.Credentials({"kitchen": ("id", KEY)})
    server = linnet.Server(URI, world=world, credentials=credentials)
    client = linnet.Client("kitchen", server=URI, psk=("id", KEY), world=world)
    for role in (server, client):
        role._runner.set_log_level(_core.LOG_DEBUG)
    with caplog.at_level(1):
        client.start()
        server.wait_for("kitchen", timeout=60)
        world.advance(seconds=60)
    texts = [caplog.text, repr(credentials), repr(credentials["kitchen"]), repr(client), repr(server)]
    assert not any(KEY.decode() in text or KEY.hex() in text for text in texts)
