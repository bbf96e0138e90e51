# SPDX-License-Identifier: Apache-2.0
"""What the cases take for granted, do in the middle and check in the end, where a server is the subject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import linnet

from . import ets, formats
from .checks import polls_show
from .coap import RST, TLV, Message
from .formats import ids_of
from .interpreter import PATIENCE, SLACK, Step
from .scenery import nothing
from .secured import SecuredDevice, psk_keys, uses_certificates, variable
from .server_run import ServerRun, values_of
from .subjects import Order

AWAKE = 93
Check = Callable[[ServerRun], None]


# ---- preconditions


def registered(run: ServerRun) -> None:
    """Case 101 has happened."""
    run.register()


def registered_with_both(run: ServerRun) -> None:
    """Case 950 has happened."""
    run.register("server", "server2")


def lifetime_20_s(run: ServerRun) -> None:
    """As in case 102; half of it is over."""
    for step in ets.cases()["102"].steps[:2]:
        run.perform({**step, "n": -1})
    run.network.run(10)


def observations_of_301(run: ServerRun) -> None:
    """Steps 2 to 5 of case 301."""
    for step in ets.cases()["301"].steps[1:5]:
        run.perform({**step, "n": -1})


def saved_times(run: ServerRun) -> None:
    """The server reads 13, 14 and 15 of /3/0."""
    run.saved = {path: value for path, value in run.read("/3/0").items() if path[2] in (13, 14, 15)}
    run.device.requests.clear()


PRECONDITIONS: dict[str, Callable[[ServerRun], None]] = {
    "registered as in case 101": registered,
    "case 950 passed": registered_with_both,
    "lifetime 20 s (case 102)": lifetime_20_s,
    "observations of case 301 active": observations_of_301,
    "server saved 13, 14 and 15 of /3/0": saved_times,
}


def prepare(run: ServerRun) -> None:
    """The device is on, and all else is as the case says."""
    if run.case.id == "107":
        run.config = run.config.with_values({"/1/0/1": 60})
    run.power_on()
    polls = any("poll until" in step.get("expect", {}).get("payload", "") for step in run.case.steps)
    run.device.takes = 3 if polls or run.case.id == "756" else 0
    for text in run.case.preconditions:
        PRECONDITIONS.get(text, nothing)(run)  # type: ignore[arg-type]
    if run.case.id == "241":
        run.perform({**ets.cases()["301"].steps[3], "n": -1, "path": "/3/0/16"})


# ---- actions


def _tell(run: ServerRun, method: str, location: str) -> Message:
    return run.ask(run.device, {"method": method, "path": location})


def freeze(run: ServerRun, step: Step) -> None:
    """The device says nothing until its registration has ended, which is when the lifetime is over."""
    run.network.run(19)
    assert run.endpoint.registered
    run.network.run(2)
    assert not run.endpoint.registered
    assert [event.endpoint for event in run.subject.heard("expired")] == [ets.ENDPOINT]


def expire(run: ServerRun, step: Step) -> None:
    """The lifetime of a minute ends."""
    run.network.run(61)
    assert not run.endpoint.registered


def update_in_the_end(run: ServerRun, step: Step) -> None:
    """At 119 of 120 seconds; 60 would be over by then."""
    run.network.run(119)
    run.perform(step)


def fall_asleep(run: ServerRun, step: Step) -> None:
    """After 93 s the server takes the device to be asleep, and not before."""
    run.network.run(AWAKE - 2)
    assert run.endpoint.awake
    run.network.run(120 - AWAKE + 2)
    assert not run.endpoint.awake


def order_a_read(run: ServerRun, step: Step) -> None:
    """The request waits; the application is told so."""
    run.order = run.subject.order(lambda: run.endpoint.read_records("/1/0/1", format="any"))
    run.network.run(30)
    assert not run.device.requests
    assert run.endpoint.queued == 1
    assert [event.path for event in run.subject.heard("queued")] == ["/1/0/1"]


def read_as_ordered(run: ServerRun, step: Step) -> None:
    """Right after the Update, the Read goes out."""
    order = run.order
    assert isinstance(order, Order)
    assert not order.done
    run.network.settle()
    order.turn()
    assert order.done, "the order is not carried out"
    run.settle_step(step, order.result)


def handshake(run: ServerRun, step: Step) -> None:
    """The device begins a session; with the only suite that it has, and its own keys."""
    device = run.device
    assert isinstance(device, SecuredDevice)
    session = device.connect(run.subject.address)
    assert session.established
    if uses_certificates(run.case):
        assert session.suite == "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"
        assert session.peer_certificate == variable("server_cert_der")
    else:
        assert session.suite == "TLS_PSK_WITH_AES_128_CCM_8"


def reboot(run: ServerRun, step: Step) -> None:
    """The device has forgotten whom it told what."""
    assert run.device.executed == ["/3/0/4"]
    run.first_location = run.device.registered_at[run.subject.address]
    run.power_on()


def forget_and_reset(run: ServerRun, step: Step) -> None:
    """The next notification is answered with Reset."""
    run.subject.observations[step["path"]].forget()
    run.network.run(12)
    run.device.vary()
    assert run.device.notify(step["path"]) == RST


def nothing_more(run: ServerRun, step: Step) -> None:
    """The device has no observer left, and the server asks for none."""
    run.network.run(40)
    assert not run.device.watchers
    for path in ("/3/0/7", "/3/0/8"):
        assert run.subject.observations[path].ended is not None


def let_it_work(run: ServerRun, step: Step) -> None:
    """The device downloads."""
    run.network.run(run.device.takes + 1)


def some_traffic(run: ServerRun, step: Step) -> None:
    """A few seconds of Reads."""
    for _ in range(5):
        run.read("/3/0")
        run.network.run(1)
    run.device.requests.clear()


ACTIONS: dict[tuple[str, int], Callable[[ServerRun, Step], None]] = {
    ("1", 6): handshake,
    ("2", 6): handshake,
    ("401", 1): handshake,
    ("402", 1): handshake,
    ("7", 2): lambda run, step: None,
    ("102b", 3): freeze,
    ("105", 3): expire,
    ("107", 4): update_in_the_end,
    ("109", 4): fall_asleep,
    ("109", 5): order_a_read,
    ("109", 7): read_as_ordered,
    ("241", 2): reboot,
    ("302", 2): forget_and_reset,
    ("302", 4): forget_and_reset,
    ("302", 5): nothing_more,
    ("303", 4): nothing_more,
    ("756", 4): let_it_work,
    ("901", 2): some_traffic,
}


# ---- checks of registrations


def knows_what_was_registered(run: ServerRun) -> None:
    """Endpoint, lifetime, version, binding and objects (REG-01)."""
    device = run.endpoint
    step = next(step for step in run.case.steps if "query" in step and step["op"] == "Register")
    query = dict(item.split("=", 1) for item in map(ets.fill_in, step["query"]))
    told = {"ep": device.endpoint, "lt": str(device.lifetime), "lwm2m": device.version, "b": device.binding}
    assert told == query
    assert device.objects == list(formats.read_links(step["payload"]))
    assert device.location == run.device.registered_at[run.subject.address]
    assert [event.endpoint for event in run.subject.heard("registered")][-1] == ets.ENDPOINT


_REGISTER = ["ep=other", "lt=60", "lwm2m=1.0", "b=U"]


def _register(run: ServerRun, *query: str, links: str = "</1/0>,</3/0>") -> Message:
    template = ets.cases()["101"].steps[0]
    return run.ask(run.device, {**template, "query": query, "payload": links})


def holds_to_the_rules_beside(run: ServerRun) -> None:
    """What is tested beside case 101: versions, parameters, lists, unknown objects, a second time."""
    for missing in ("ep", "lt", "lwm2m"):
        kept = [item for item in _REGISTER if not item.startswith(missing + "=")]
        assert _register(run, *kept).code == "4.00", f"without {missing}"
    for version in ("1.1", "2.0", "0.9"):
        assert _register(run, *_REGISTER[:2], f"lwm2m={version}", "b=U").code == "4.12", version
    assert _register(run, *_REGISTER, links="").code == "4.00"
    assert "other" not in run.subject.server.registrations
    first = _register(run, *_REGISTER, links="</1/0>,</3/0>,</54321/7>,</xyz>;a=b")
    assert first.code == "2.01"
    assert {"/1/0", "/3/0"} <= set(run.subject.server.device("other").objects)
    again = _register(run, *_REGISTER)
    assert again.code == "2.01"
    assert again.location != first.location
    assert len(run.subject.server.registrations) == 2
    assert _tell(run, "POST", first.location).code == "4.04"
    assert _tell(run, "POST", again.location).code == "2.04"


def lifetime_is(seconds: int) -> Check:
    """What the device said in its last Update."""

    def check(run: ServerRun) -> None:
        assert run.endpoint.lifetime == seconds
        assert run.subject.heard("updated")[-1].endpoint == ets.ENDPOINT

    check.__doc__ = f"/1/0/1 is {seconds}"
    return check


def lasts_after_the_last_word(seconds: int) -> Check:
    """The registration ends so long after the last Update, and not before."""

    def check(run: ServerRun) -> None:
        run.network.run(seconds - SLACK)
        assert run.endpoint.registered
        run.network.run(2 * SLACK)
        assert not run.endpoint.registered

    check.__doc__ = f"it lasts {seconds} s"
    return check


def is_gone(run: ServerRun) -> None:
    """Its location is nowhere (case 103)."""
    assert not run.endpoint.registered
    assert [event.endpoint for event in run.subject.heard("deregistered")] == [ets.ENDPOINT]
    for method in ("POST", "DELETE"):
        assert _tell(run, method, run.device.registered_at[run.subject.address]).code == "4.04"


def has_another_location(run: ServerRun) -> None:
    """The registration is a new one, and known as that (case 105)."""
    first, second = (event.registration for event in run.subject.heard("registered"))
    assert first != second
    assert run.endpoint.registration == second
    assert run.endpoint.lifetime == 60


def sleeps_in_the_end(run: ServerRun) -> None:
    """A device in queue mode (case 108)."""
    assert run.endpoint.binding == "UQ"
    assert run.endpoint.awake
    run.network.run(AWAKE + SLACK)
    assert not run.endpoint.awake


def has_dropped_what_was(run: ServerRun) -> None:
    """The registration before the restart, and its observations (REG-06, case 241)."""
    assert run.subject.observations["/3/0/16"].ended is not None
    assert len(run.subject.server.registrations) == 1
    assert run.device.registered_at[run.subject.address] != run.first_location
    assert _tell(run, "POST", run.first_location).code == "4.04"


def lets_nobody_else_in(run: ServerRun) -> None:
    """Another key, or an unknown identity, ends the handshake; another name gets 4.00 (case 401, SEC-05)."""
    device, address = run.device, run.subject.address
    assert isinstance(device, SecuredDevice)
    own = device.keys
    for keys in (psk_keys("psk_identity", "psk2_key"), psk_keys("psk2_identity", "psk_key")):
        device.forget_session(address)
        device.keys = keys
        assert not device.connect(address).established
    device.forget_session(address)
    device.keys = own
    assert device.connect(address).established
    assert _register(run, *_REGISTER).code == "4.00"
    assert set(run.subject.server.registrations) == {ets.ENDPOINT}


# ---- checks of the other interfaces


def understands_tlv_alike(run: ServerRun) -> None:
    """Note of case 224: the device chooses the format."""
    run.device.prefers = TLV
    for step in run.case.steps:
        run.perform(step)


def hears_every_notification(*paths: str) -> Check:
    """At least three of each; an old one that comes late is none (OB-05)."""

    def check(run: ServerRun) -> None:
        for _ in range(3):
            run.network.run(10)
            run.device.vary()
            for path in paths:
                run.device.notify(path)
                _hears(run, path)
        for path in paths:
            _, watcher = run.device.watcher(path)
            run.device.vary()
            run.device.notify(path, number=watcher.count - 2)
            run.device.vary(by=-1)
        run.network.run(5)
        for path in paths:
            assert not run.subject.observations[path]._waiting

    check.__doc__ = f"{', '.join(paths)}"
    return check


def _hears(run: ServerRun, path: str) -> None:
    note = run.subject.observations[path].next(PATIENCE)
    assert values_of(note.records) == run.device.readable(ids_of(path))


def begins_with_the_present(run: ServerRun) -> None:
    """The first value of an observation is what the device had then."""
    for step in run.case.steps:
        if step["op"] == "Observe":
            found = values_of(run.subject.observations[step["path"]].first.records)
            assert found == run.device.config.below(ids_of(step["path"]))


def learns_the_new_list(run: ServerRun) -> None:
    """The device tells of the new object list, and the server takes it (notes of cases 1630 and 1635)."""
    step: dict[str, Any] = {
        **ets.cases()["102"].steps[1],
        "n": -1, "query": [], "content_format": 40, "payload": run.device.links(),
    }  # fmt: skip
    run.perform(step)
    assert run.endpoint.objects == list(formats.read_links(run.device.links()))


def has_both(run: ServerRun) -> None:
    """Each server has its own registration (case 950)."""
    for subject in run.subjects.values():
        device: linnet.Device = subject.server.device(ets.ENDPOINT)
        assert device.location == run.device.registered_at[subject.address]
        assert device.lifetime == 86400


AFTER: dict[tuple[str, int], list[Check]] = {
    ("102", 2): [lifetime_is(20)],
    ("102b", 2): [lifetime_is(20)],
    ("107", 3): [lifetime_is(120)],
    ("109", 3): [lifetime_is(240)],
    ("226", 2): [lifetime_is(61)],
    ("226", 5): [lifetime_is(86400)],
    ("227", 2): [lifetime_is(63)],
    ("227", 5): [lifetime_is(86400)],
    ("301", 5): [begins_with_the_present],
    ("710", 2): [begins_with_the_present],
    ("810", 2): [begins_with_the_present],
    ("910", 3): [begins_with_the_present],
    ("910", 5): [hears_every_notification("/7/0")],
    ("1630", 2): [learns_the_new_list],
    ("1635", 2): [learns_the_new_list],
}

CHECKS: dict[str, list[Check]] = {
    "1": [knows_what_was_registered],
    "2": [knows_what_was_registered],
    "401": [knows_what_was_registered, lets_nobody_else_in],
    "402": [knows_what_was_registered],
    "7": [knows_what_was_registered],
    "101": [knows_what_was_registered, holds_to_the_rules_beside],
    "102": [lasts_after_the_last_word(20)],
    "103": [is_gone],
    "104": [lasts_after_the_last_word(20)],
    "105": [has_another_location],
    "107": [lasts_after_the_last_word(120)],
    "108": [knows_what_was_registered, sleeps_in_the_end],
    "224": [understands_tlv_alike],
    "241": [has_dropped_what_was],
    "301": [hears_every_notification("/3/0/7", "/3/0/8")],
    "710": [hears_every_notification("/4/0")],
    "770": [polls_show(3, {1, 2}, {0}), polls_show(5, {0, 3}, {0, 1})],
    "771": [polls_show(3, {1, 2}, {0}), polls_show(5, {0, 3}, {0, 1})],
    "810": [hears_every_notification("/6/0")],
    "950": [has_both],
}
