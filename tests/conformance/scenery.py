# SPDX-License-Identifier: Apache-2.0
"""What cases take for granted (preconditions), and what the harness does in the middle of them."""

from __future__ import annotations

from collections.abc import Callable

import linnet
from linnet.keys import Authority

from . import device, ets
from .interpreter import PATIENCE, Run, Step
from .peer import Peer
from .secured import Secured, uses_certificates, variable

URI = f"coap://{ets.FILES}/firmware"


def nothing(run: Run) -> None:
    """Holds anyway: the configuration says so, or linnet does it, or the case would fail without."""


# ---- preconditions


def registered(run: Run) -> None:
    """Case 101 has happened."""
    run.register()


def registered_with_both(run: Run) -> None:
    """Case 950 has happened."""
    run.register("server", "server2")


def lifetime_20_s(run: Run) -> None:
    """As in case 102."""
    assert run.send("PUT", "/1/0/1", b"20", content_format=0).code == "2.04"
    assert run.server.next_request(PATIENCE).message.query == ["lt=20"]


def observations_of_301(run: Run) -> None:
    """Steps 2 to 5 of case 301."""
    for step in ets.cases()["301"].steps[1:5]:
        run.perform(step)


def saved_server_instance(run: Run) -> None:
    """The server reads /1/0."""
    run.saved = run.read("/1/0")


def saved_times(run: Run) -> None:
    """The server reads 13, 14 and 15 of /3/0."""
    run.saved = {path: value for path, value in run.read("/3/0").items() if path[2] in (13, 14, 15)}


def idle_in_hold_off_time(run: Run) -> None:
    """The client will not ask a bootstrap-server for an hour, which knows it all the same."""
    hold_off = ets.Config("hold off", [ets.Resource("/0/1/11", "integer", 3600)], [])
    run.config = run.config.plus(hold_off)
    run.peers["bootstrap"].client = device.ADDRESS


def idle(run: Run) -> None:
    """The firmware update has not begun."""
    assert run.device.value("/5/0/3") == 0


def download_server(run: Run) -> None:
    """A good package can be had."""
    run.device.downloads[URI] = device.package(device.GOOD)


def cut_download(run: Run) -> None:
    """The download of the package ends in the middle."""
    run.device.downloads[URI] = None


PRECONDITIONS: dict[str, Callable[[Run], None]] = {
    "registered as in case 101": registered,
    "case 950 passed": registered_with_both,
    "lifetime 20 s (case 102)": lifetime_20_s,
    "observations of case 301 active": observations_of_301,
    "server saved the current /1/0": saved_server_instance,
    "server saved 13, 14 and 15 of /3/0": saved_times,
    "client is registered with the server of case 1, or idle inside its hold-off time": idle_in_hold_off_time,
    "State 0": idle,
    "State 0 or 2": idle,
    "State is not 2": idle,
    "/5/0/3 is 0": idle,
    "download server up": download_server,
    "a way to cut the link to the download server": cut_download,
    **dict.fromkeys(
        [
            "client supports client initiated bootstrap",
            "no instance of /1",
            "no server account in /0",
            "as case 0",
            "client supports DTLS with PSK",
            "client supports DTLS with X.509",
            "server.example.com resolves to the server",
            "client keeps its bootstrap account",
            "Bootstrap-Server knows the client address",
            "client supports at least two bootstrap modes, for example factory and client initiated",
            "factory server account points to a server that does not exist",
            "Bootstrap-Server reachable and provisioned with the 0 sets",
            "device on",
            "bootstrap done or factory data present",
            "server set up for UDP",
            "/1/0/7 is UQ",
            "MAX_TRANSMIT_WAIT is 93 s on both sides",
            "client supports Content-Format 0",
            "client supports Content-Format 11543",
            "no attributes on /3",
            "bootstrap data present, /0/0/2 is 0",
            "certificates generated for the run",
            "server-fail.example.com resolves to the same server",
            "server shows its certificate for server.example.com",
            "/5/0/9 allows push",
            "/5/0/9 allows pull",
            "case 755 passed",
            "push allowed",
            "pull allowed",
            "package larger than the free flash",
            "package that exhausts RAM",
            "damaged package",
            "package of a type the client does not know",
            "URI that leads nowhere",
            "package that downloads but does not install",
            "two independent servers",
        ],
        nothing,
    ),
}


def configure(run: Run) -> None:
    """Where a case contradicts its configuration, or another wants to see a change."""
    if run.case.id == "107":  # registers for 60 s
        run.config = run.config.with_values({"/1/0/1": 60})
    if run.case.config == "C.6":  # "13, 14 and 15 must differ from the int-651 set", and 13 does not
        run.config = run.config.with_values({"/3/0/13": 1300000000})
    if run.case.id == "402b":
        run.config = ets.config("C.18", dtls=True).with_values({"/0/0/0": "coaps://server.example.com"})
    if run.case.id == "403b":  # pure 1.0: the certificate of the server itself, and another one is shown
        other = Authority.make().server("server.example.com").certificate_der
        run.config = ets.config("C.17", dtls=True).with_values({"/0/0/4": other})
    if run.case.id == "302b":
        run.device.client.set_confirmable(False)


# ---- actions


def pass_over(run: Run, step: Step) -> None:
    """The device, or the network, does that by itself."""
    run.network.settle()


def handshake(run: Run, step: Step) -> None:
    """The client begins a session; with the only suite that the server has, and with its own keys."""
    server = run.server
    assert isinstance(server, Secured)
    assert run.network.run(PATIENCE, lambda: any(each.established for each in server.sessions.values()))
    (session,) = server.sessions.values()
    if uses_certificates(run.case):
        assert session.suite == "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"
        assert session.peer_certificate == variable("client_cert_der")
    else:
        assert session.suite == "TLS_PSK_WITH_AES_128_CCM_8"


def refused_handshake(run: Run, step: Step) -> None:
    """The client ends it with a fatal alert, and says nothing else."""
    server = run.server
    assert isinstance(server, Secured)
    assert run.network.run(PATIENCE, lambda: server.refused)
    run.network.run(60)
    assert not server.got_data
    assert not server.history


def factory_config() -> ets.Config:
    """C.1 and the bootstrap account of C.13."""
    return ets.config("C.1").plus(ets.config("C.13"))


def power_on_with_server(run: Run, step: Step) -> None:
    """A factory account of a server."""
    run.restart(factory_config())


def power_on_without_server(run: Run, step: Step) -> None:
    """Nothing but the bootstrap account."""
    run.restart(ets.config("C.13"))


def power_on_with_dead_server(run: Run, step: Step) -> None:
    """A factory account, and silence."""
    run.server.silent = True
    run.restart(factory_config())


def power_on_with_wrong_server(run: Run, step: Step) -> None:
    """A factory account of a server that is not there."""
    run.peers["nobody"] = Peer(run.network, ets.NOBODY)
    run.peers["nobody"].silent = True
    run.restart(factory_config().with_values({"/0/0/0": f"coap://{ets.NOBODY}"}))


def register_in_vain(run: Run, step: Step) -> None:
    """A Register that nobody answers."""
    peer = run.peers.get("nobody", run.server)
    request = peer.next_request(PATIENCE)
    assert (request.message.method, request.message.path) == (step["method"], step["path"])
    assert not run.peers["bootstrap"].requests


def bootstrap_in_the_end(run: Run, step: Step) -> None:
    """A Bootstrap-Request after all registrations failed, and not before the first has."""
    failed = [peer for peer in (run.peers.get("nobody"), run.server) if peer is not None and peer.silent]
    begun = run.network.now
    run.perform({**step, "within": "in the end"})
    assert run.requests[step["n"]].time - begun > 30_000, "gave up before the Register had timed out"
    failed[0].requests.clear()


def drop_registration(run: Run, step: Step) -> None:
    """The server forgets the client."""
    run.server.forget_registrations()


def two_minutes_of_silence(run: Run, step: Step) -> None:
    """The client, too, says nothing."""
    run.network.run(120)
    assert not run.server.requests


def reboot(run: Run, step: Step) -> None:
    """The device restarts when the application hears of it."""
    executed = [event for event in run.device.events if event.kind is linnet.EventKind.EXECUTE]
    assert [event.path for event in executed] == ["/3/0/4"]
    run.restart()


def reset_next_note(run: Run, step: Step) -> None:
    """Answers the next notification with Reset."""
    observation = run.server.observation(step["path"])
    run.server.reset_next(observation)
    run.device.moving = True
    run.network.run(21, lambda: observation.cancelled)
    assert observation.cancelled
    observation.seen = len(observation.notes)


def wait_two_pmax(run: Run, step: Step) -> None:
    """Values change, and nobody is told."""
    run.network.settle()
    before = {token: len(found.notes) for token, found in run.server.observations.items()}
    run.device.moving = True
    run.network.run(40)
    assert {token: len(found.notes) for token, found in run.server.observations.items()} == before


def some_traffic(run: Run, step: Step) -> None:
    """Reads, for a few seconds."""
    for _ in range(30):
        run.read("/3/0")
        run.network.run(0.1)


def freeze(run: Run, step: Step) -> None:
    """The client does nothing until its registration has ended."""
    run.device.running = False
    run.network.run(21)
    run.server.forget_registrations()
    run.device.running = True


ACTIONS: dict[tuple[str, int], Callable[[Run, Step], None]] = {
    ("1", 6): handshake,
    ("2", 6): handshake,
    ("5", 1): pass_over,
    ("6", 1): power_on_with_server,
    ("6", 3): power_on_without_server,
    ("6", 5): power_on_with_dead_server,
    ("6", 6): register_in_vain,
    ("6", 7): bootstrap_in_the_end,
    ("7", 1): power_on_with_wrong_server,
    ("7", 2): register_in_vain,
    ("7", 3): bootstrap_in_the_end,
    ("102b", 3): freeze,
    ("105", 3): drop_registration,
    ("109", 4): two_minutes_of_silence,
    ("109", 5): pass_over,
    ("241", 2): reboot,
    ("302", 2): reset_next_note,
    ("302", 4): reset_next_note,
    ("302", 5): wait_two_pmax,
    ("302b", 2): reset_next_note,
    ("302b", 4): reset_next_note,
    ("302b", 5): wait_two_pmax,
    ("303", 4): wait_two_pmax,
    ("401", 1): handshake,
    ("402", 1): handshake,
    ("402b", 1): handshake,
    ("403", 1): refused_handshake,
    ("403b", 1): refused_handshake,
    ("756", 4): pass_over,
    ("773", 3): pass_over,
    ("774", 3): pass_over,
    ("775", 3): pass_over,
    ("776", 3): pass_over,
    ("777", 3): pass_over,
    ("778", 3): pass_over,
    ("901", 2): some_traffic,
}
