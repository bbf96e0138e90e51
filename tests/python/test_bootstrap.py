# SPDX-License-Identifier: Apache-2.0
"""The bootstrap server, and clients that it gives their accounts, in a simulated world (digest 6)."""

from __future__ import annotations

import concurrent.futures
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import linnet
import pytest
from linnet import _core, keys

BOOTSTRAP = "coap://10.0.0.2:5683"
SERVER = "coap://10.0.0.1:5683"


def account(**changes: Any) -> linnet.Configuration:
    return linnet.Configuration(servers=[linnet.ServerAccount(SERVER, lifetime=300, **changes)])


@pytest.fixture
def server(world: linnet.World) -> linnet.Server:
    return linnet.Server(SERVER, world=world)


def start_client(
    world: linnet.World, endpoint: str = "kitchen", address: str | None = None, hold_off: int = 0
) -> linnet.Client:
    client = linnet.Client(endpoint, world=world, local=address)
    client.add_bootstrap_server(BOOTSTRAP, hold_off=hold_off)
    client.start()
    kept.append(client)
    return client


kept: list[linnet.Client] = []


@pytest.fixture(autouse=True)
def _close_clients() -> Iterator[None]:
    yield
    while kept:
        kept.pop().close()


def commands(world: linnet.World) -> list[str]:
    """What the bootstrap server sends from now on, as ``"PUT /0/1"``."""
    seen: list[str] = []
    methods = {"0.01": "GET", "0.02": "POST", "0.03": "PUT", "0.04": "DELETE"}

    def look(ms: int, source: str | None, to: str | None, data: bytes, lost: bool) -> None:
        message = linnet.parse_message(data)
        if source == "10.0.0.2:5683" and message.code in methods:
            seen.append(f"{methods[message.code]} {message.path}")

    world.watch(look)
    return seen


def test_a_device_is_given_its_account(world: linnet.World, server: linnet.Server) -> None:
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": account()}, world=world)
    seen = commands(world)
    client = start_client(world)
    assert bootstrap.wait_for("kitchen", 10).code == "2.04"
    device = server.wait_for("kitchen", 10)
    assert device.lifetime == 300
    assert seen == ["GET /", "DELETE /", "PUT /0/1", "PUT /1/0", "POST /bs"]
    assert client.get("/1/0/1") == 300


def test_events_tell_of_each_device(world: linnet.World) -> None:
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": account()}, world=world)
    stream = bootstrap.events()
    start_client(world, address="10.0.0.9:4000")
    started, links, finished = stream.next(10), stream.next(10), stream.next(10)
    assert started is not None
    assert (started.kind, started.endpoint, started.text) == ("bootstrap-started", "kitchen", "10.0.0.9:4000")
    assert links is not None
    assert (links.kind, links.text) == ("response", 'lwm2m="1.0",</0/0>,</1>,</3/0>')
    assert finished is not None
    assert (finished.kind, finished.code) == ("bootstrap-finished", "2.04")
    assert started.request == links.request == finished.request


def test_the_account_of_the_bootstrap_server_is_not_written_over(
    world: linnet.World, server: linnet.Server
) -> None:
    """BS-40: Discover tells where it is."""
    config = linnet.Configuration(
        values={
            "/0/0": {0: SERVER, 1: False, 2: 3, 10: 7},
            "/1/0": {0: 7, 1: 60, 6: True, 7: "U"},
        }
    )
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": config}, world=world)
    client = start_client(world)  # which has its bootstrap account in /0/0
    server.wait_for("kitchen", 10)
    assert client.get("/0/0/1") is True
    assert client.get("/0/1/10") == 7
    assert not client.failures
    bootstrap.close()


def test_names_patterns_and_everybody(world: linnet.World, server: linnet.Server) -> None:
    configurations = {
        "sensor-[0-9]": account(binding="UQ"),
        "sensor-*": account(short_server_id=2),
        "*": account(short_server_id=3),
        "sensor-5": account(short_server_id=4),
    }
    linnet_bootstrap = linnet.BootstrapServer(BOOTSTRAP, configurations, world=world)
    expected = {"sensor-1": (1, "UQ"), "sensor-x": (2, "U"), "other": (3, "U"), "sensor-5": (4, "U")}
    for endpoint, (number, binding) in expected.items():
        client = start_client(world, endpoint)
        device = server.wait_for(endpoint, 10)
        assert (client.get("/1/0/0"), device.binding) == (number, binding)
    linnet_bootstrap.configure("*", None)
    start_client(world, "yet another")
    world.settle()
    assert "yet another" not in server.registrations


def test_an_unknown_device_is_refused(world: linnet.World) -> None:
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": account()}, world=world)
    client = start_client(world, "cellar")
    stream = client.events()
    finished = None
    while finished is None or finished.kind != "bootstrap-finished":
        finished = stream.next(10)
        assert finished is not None
    assert finished.code == "4.00"
    with pytest.raises(
        linnet.TimeoutError,
        match=r"waited 1 s for 'cellar' to be bootstrapped at coap://.*: 1 s ago: cellar asks",
    ):
        bootstrap.wait_for("cellar", 1)


def test_what_devices_refuse_is_told(world: linnet.World) -> None:
    config = linnet.Configuration(operations=[("write", "/1/0/5", 86400, "text")], check=False)  # ETS 9
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": config}, world=world)
    start_client(world)
    with pytest.raises(linnet.TimeoutError, match=r"finish of kitchen: 4\.06 Not Acceptable"):
        bootstrap.wait_for("kitchen", 10)


def test_operations_are_sent_as_they_are_given(world: linnet.World, server: linnet.Server) -> None:
    """ETS 4, without a client of its shape: object-level writes, deletes, discovers, in any order."""
    security = {1: {0: SERVER, 1: False, 2: 3, 10: 1}}
    terms = {0: {0: 1, 1: 86400, 6: False, 7: "U"}}
    writes: list[Any] = [("write", "/0", security), ("write", "/1", terms)]
    deletes: list[Any] = [("delete", "/0"), ("delete", "/1")]
    operations = [*writes, ("discover", "/"), *deletes, ("discover", "/0"), *writes]
    config = linnet.Configuration(operations=operations)
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": config}, world=world)
    links: list[str] = []
    bootstrap.on("response", lambda event: links.append(event.text))
    seen = commands(world)
    start_client(world)
    server.wait_for("kitchen", 10)
    puts = ["PUT /0", "PUT /1"]
    assert seen == [*puts, "GET /", "DELETE /0", "DELETE /1", "GET /0", *puts, "POST /bs"]
    assert links == ['lwm2m="1.0",</0/0>,</0/1>;ssid=1,</1/0>;ssid=1,</3/0>', 'lwm2m="1.0",</0/0>']


# ---- access control (digest 8)


def test_several_servers_get_object_2(world: linnet.World, server: linnet.Server) -> None:
    """ACL-02, ACL-03: each owns its account, the first one the rest, as far as nothing else is said."""
    second = linnet.Server("coap://10.0.0.3:5683", world=world)
    config = linnet.Configuration(
        servers=[
            linnet.ServerAccount(SERVER, short_server_id=101),
            linnet.ServerAccount("coap://10.0.0.3:5683", short_server_id=102),
        ],
        values={"/3/0/14": "+02:00"},
        owners={"/3303/0": 102},
        rights={"/3/0": {102: ["read"]}, "/3303": {101: ["create"]}, "/3303/0": {0: ["read"]}},
    )
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": config}, world=world)
    client = linnet.Client("kitchen", world=world)
    client.add_bootstrap_server(BOOTSTRAP)

    @client.object(3303)
    class Temperature(linnet.Object):
        value = linnet.Resource(5700, float, "R", default=20.5)

    client.add(Temperature(0))
    client.start()
    bootstrap.wait_for("kitchen", 10)
    first, other = server.wait_for("kitchen", 10), second.wait_for("kitchen", 10)
    everything = {"read", "write", "execute", "delete"}
    assert client.access("/1/0", 101) == everything
    assert client.access("/1/0", 102) == set()
    assert client.access("/1/1", 102) == everything
    assert client.access("/3/0", 101) == everything
    assert client.access("/3/0", 102) == {"read"}
    assert client.access("/3303/0", 101) == {"read"}
    assert client.access("/3303/0", 102) == everything
    assert client.access("/3303", 101) == {"create"}
    assert client.access("/3303", 102) == set()
    assert other.read("/3/0/14") == "+02:00"
    first.write("/3/0/14", "+01:00")
    with pytest.raises(linnet.ResponseError, match=r"4\.01"):
        other.write("/3/0/14", "+03:00")


def test_one_server_needs_no_object_2(world: linnet.World, server: linnet.Server) -> None:
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": account()}, world=world)
    seen = commands(world)
    start_client(world)
    bootstrap.wait_for("kitchen", 10)
    assert not any(command.startswith("PUT /2") for command in seen)


# ---- what is wrong is said before a device asks (BS-51)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (linnet.Configuration(), "device 'kitchen': there is no server account"),
        (
            linnet.Configuration(servers=[linnet.ServerAccount("http://a")]),
            r"device 'kitchen', servers\[0\]: /0/1: the URI is missing or malformed",
        ),
        (
            linnet.Configuration(servers=[linnet.ServerAccount("coap://a", psk=("id", b"key"))]),
            r"device 'kitchen', servers\[0\]: /0/1: the URI does not fit the security mode",
        ),
        (
            linnet.Configuration(
                servers=[linnet.ServerAccount("coap://a"), linnet.ServerAccount("coap://b")]
            ),
            r"device 'kitchen', servers\[0\]: /0/1: the Short Server ID is there twice",
        ),
        (
            linnet.Configuration(servers=[linnet.ServerAccount("coap://a", binding="X")]),
            r"device 'kitchen', servers\[0\]: write /1/0/7: value is outside the range",
        ),
        (
            linnet.Configuration(servers=[linnet.ServerAccount("coap://a")], values={"/3/0/9": "full"}),
            r"device 'kitchen', values\['/3/0/9'\]: write /3/0/9: value has the wrong type",
        ),
        (
            linnet.Configuration(servers=[linnet.ServerAccount("coap://a")], owners={"/0/1": 1}),
            "device 'kitchen'.*access to /0/1: it is of an object, or of an instance",
        ),
        (
            linnet.Configuration(servers=[linnet.ServerAccount("coap://a")], rights={"/3/0": {1: ["eat"]}}),
            "rights are read, write, execute, delete, create, not eat",
        ),
        (linnet.Configuration(operations=[("erase", "/")]), r"\('erase', '/'\): an operation is"),
    ],
)
def test_a_configuration_that_contradicts_itself_is_refused(
    world: linnet.World, config: linnet.Configuration, words: str
) -> None:
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, world=world)
    with pytest.raises(linnet.Error, match=words):
        bootstrap.configure("kitchen", config)
    with pytest.raises(linnet.Error, match=words):
        bootstrap.load({"cellar": account(), "kitchen": config})
    start_client(world, "cellar")
    with pytest.raises(linnet.TimeoutError):
        bootstrap.wait_for("cellar", 5)  # all or none


# ---- a function that chooses


def test_a_function_chooses_when_a_device_asks(world: linnet.World, server: linnet.Server) -> None:
    asked: list[linnet.BootstrapRequest] = []

    def choose(request: linnet.BootstrapRequest) -> linnet.Configuration | None:
        asked.append(request)
        return account(short_server_id=9) if request.endpoint == "kitchen" else None

    bootstrap = linnet.BootstrapServer(BOOTSTRAP, choose, world=world)
    bootstrap.configure("cellar", account())
    client = start_client(world, address="10.0.0.9:4000")
    server.wait_for("kitchen", 10)
    assert asked == [linnet.BootstrapRequest("kitchen", "10.0.0.9:4000")]
    assert client.get("/1/0/0") == 9
    start_client(world, "cellar")
    server.wait_for("cellar", 10)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (linnet.NotFound("no"), "4.00"),
        (linnet.ResponseError("5.03"), "5.03"),
        (KeyError("kitchen"), "4.00"),
        (RuntimeError("oh"), "5.00"),
    ],
)
def test_a_function_refuses(world: linnet.World, error: Exception, code: str) -> None:
    def choose(request: linnet.BootstrapRequest) -> None:
        raise error

    bootstrap = linnet.BootstrapServer(BOOTSTRAP, choose, world=world)
    client = start_client(world)
    finished: list[linnet.Event] = []
    client.on("bootstrap-finished", finished.append)
    world.settle()
    assert [event.code for event in finished] == [code]
    assert bootstrap.failures == ([error] if code == "5.00" else [])


def test_an_answer_may_come_later(world: linnet.World, server: linnet.Server) -> None:
    promise: concurrent.futures.Future[linnet.Configuration] = concurrent.futures.Future()
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, lambda request: promise, world=world)
    start_client(world)
    world.advance(seconds=60)
    assert "kitchen" not in server.registrations
    promise.set_result(account())
    server.wait_for("kitchen", 10)
    assert bootstrap.wait_for("kitchen").code == "2.04"


def test_a_late_refusal_and_a_late_mistake_reach_the_device(world: linnet.World) -> None:
    for error, code in ((linnet.NotFound("no"), "4.00"), (RuntimeError("oh"), "5.00")):
        promise: concurrent.futures.Future[linnet.Configuration] = concurrent.futures.Future()
        bootstrap = linnet.BootstrapServer(BOOTSTRAP, lambda request, p=promise: p, world=world)
        client = start_client(world)
        finished: list[linnet.Event] = []
        client.on("bootstrap-finished", finished.append)
        world.settle()
        promise.set_exception(error)
        world.settle()
        assert [event.code for event in finished] == [code]
        client.close()
        bootstrap.close()


def test_closing_while_a_device_waits_is_no_harm(world: linnet.World) -> None:
    promise: concurrent.futures.Future[linnet.Configuration] = concurrent.futures.Future()
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, lambda request: promise, world=world)
    start_client(world)
    world.settle()
    bootstrap.close()
    promise.set_result(account())
    world.settle()


def test_it_is_collected_when_nobody_has_it(world: linnet.World) -> None:
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, lambda request: account(), world=world)
    reference = weakref.ref(bootstrap)
    del bootstrap
    gc.collect()
    assert reference() is None


# ---- begun by the bootstrap server (BS-04)


def test_the_bootstrap_server_begins_by_itself(world: linnet.World, server: linnet.Server) -> None:
    """ETS 5: in its hold-off time, and while it is registered."""
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, {"kitchen": account()}, world=world)
    client = start_client(world, address="10.0.0.9:4000", hold_off=3600)
    world.settle()
    number = bootstrap.start_bootstrap("kitchen", "10.0.0.9:4000")
    assert bootstrap.wait_for("kitchen", 10).request == number
    server.wait_for("kitchen", 10)
    second = account(short_server_id=2)
    bootstrap.start_bootstrap("kitchen", "10.0.0.9:4000", second)
    world.settle()
    assert client.get("/1/0/0") == 2
    assert client.registered


def test_a_device_without_its_account_does_not_answer(world: linnet.World) -> None:
    bootstrap = linnet.BootstrapServer("coap://10.0.0.7:5683", {"kitchen": account()}, world=world)
    client = start_client(world, address="10.0.0.9:4000", hold_off=3600)
    world.settle()
    bootstrap.start_bootstrap("kitchen", "10.0.0.9:4000")
    with pytest.raises(linnet.TimeoutError, match="the peer did not answer in time"):
        bootstrap.wait_for("kitchen", 300)
    assert client.instances() == ["/3/0"]


def test_starting_needs_a_configuration_and_an_address(world: linnet.World) -> None:
    bootstrap = linnet.BootstrapServer(BOOTSTRAP, world=world)
    with pytest.raises(linnet.NotFound, match="bootstrap of kitchen: nothing is configured for it"):
        bootstrap.start_bootstrap("kitchen", "10.0.0.9:4000")
    with pytest.raises(ValueError, match="not an address"):
        bootstrap.start_bootstrap("kitchen", "not an address", account())


no_dtls = pytest.mark.skipif(_core.dtls_backend() == "none", reason="this build of linnet has no DTLS")
SECURE_BOOTSTRAP = "coaps://10.0.0.2:5684"
FACTORY = ("factory", b"sixteen bytes ok")


def secure_bootstrap(world: linnet.World, **arguments: Any) -> linnet.BootstrapServer:
    return linnet.BootstrapServer(SECURE_BOOTSTRAP, {"kitchen": account()}, world=world, **arguments)


def secure_client(world: linnet.World, **keys: Any) -> linnet.Client:
    client = linnet.Client("kitchen", world=world, local="coaps://10.0.0.9:5684")
    client.add_bootstrap_server(SECURE_BOOTSTRAP, hold_off=3600, **keys)
    client.start()
    kept.append(client)
    world.settle()
    return client


@no_dtls
def test_it_begins_on_coaps_where_it_has_a_key(world: linnet.World, server: linnet.Server) -> None:
    """SEC-03: the device is the DTLS server then."""
    credentials = linnet.Credentials(
        {"kitchen": linnet.Psk(*FACTORY), "cellar": linnet.Psk("cellar", FACTORY[1])}
    )
    bootstrap = secure_bootstrap(world, credentials=credentials)
    client = secure_client(world, psk=FACTORY)
    number = bootstrap.start_bootstrap("kitchen", "coaps://10.0.0.9:5684")
    assert bootstrap.wait_for("kitchen", 10).request == number
    server.wait_for("kitchen", 10)
    world.settle()
    assert client.registered


@no_dtls
def test_it_begins_on_coaps_with_raw_public_keys(world: linnet.World, server: linnet.Server) -> None:
    here, there = keys.Pair.raw(), keys.Pair.raw()
    credentials = linnet.Credentials(certificate=here.public_pem, private_key=here.key_pem)
    try:
        credentials["kitchen"] = linnet.PublicKey(there.public_pem)
    except linnet.Unavailable:
        pytest.skip("this build has no raw public keys (libgnutls28-dev)")
    bootstrap = secure_bootstrap(world, credentials=credentials)
    secure_client(world, certificate=there.public_pem, private_key=there.key_pem, trust=here.public_pem)
    bootstrap.start_bootstrap("kitchen", "10.0.0.9:5684")
    bootstrap.wait_for("kitchen", 10)
    server.wait_for("kitchen", 10)


@no_dtls
def test_both_sides_say_why_it_may_not_begin(world: linnet.World) -> None:
    credentials = linnet.Credentials({"kitchen": linnet.Psk("factory", b"another sixteen.")})
    bootstrap = secure_bootstrap(world, credentials=credentials)
    client = secure_client(world, psk=FACTORY)
    causes = []
    client.on("error", lambda event: causes.append(event.cause))
    bootstrap.start_bootstrap("kitchen", "10.0.0.9:5684")
    with pytest.raises(linnet.TimeoutError, match="the keys of the two sides differ"):
        bootstrap.wait_for("kitchen", 300)
    assert causes == ["wrong-key"]
    with pytest.raises(linnet.StateError, match="on coaps there are no keys for it"):
        bootstrap.start_bootstrap("cellar", "10.0.0.8:5684", account())
