# SPDX-License-Identifier: Apache-2.0
"""The checks of the cases that the `expect` of their steps does not carry."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable

from . import device, ets, formats, payloads
from .coap import LINKS, NON, OBSERVE
from .formats import Ids
from .interpreter import PATIENCE, SLACK, Run
from .peer import NoAnswerError, Observation

Check = Callable[[Run], None]
#: Seconds by which a virtual clock may differ; the second that the cases allow is for real ones.
JITTER = 0.1


# ---- registration


def registers_with_what_bootstrap_wrote(run: Run) -> None:
    """Case 101 follows (note of case 0)."""
    run.check_request(run.server, ets.cases()["101"].steps[0], run.server.next_request(PATIENCE))


def does_not_register(run: Run) -> None:
    """The configuration is not complete (case 9)."""
    run.network.run(60)
    assert not run.server.requests
    account = run.device.config.below((0, 1))
    assert {path: run.device.value(formats.path_of(path)) for path in account} == account


def says_nothing_to_the_bootstrap_server(run: Run) -> None:
    """With an account that works there is no reason to (case 6)."""
    run.network.run(60)
    assert not run.peers["bootstrap"].history


def answers_before_it_leaves(run: Run) -> None:
    """The 2.04 first, then the De-register (case 103)."""
    log = run.network.log
    answered = next(index for index, line in enumerate(log) if "ACK 2.04" in line)
    left = next(index for index, line in enumerate(log) if "DELETE /rd/" in line)
    assert answered < left


def does_not_answer_while_disabled(run: Run) -> None:
    """REG-40: what the server asks is ignored."""
    run.network.run(86400 / 2)
    sent = len(run.network.log)
    try:
        run.send("GET", "/3/0/0")
    except NoAnswerError:
        pass
    else:
        raise AssertionError("a disabled server was answered")
    assert len(run.network.log) == sent + 1


def comes_back_when_no_more_disabled(run: Run) -> None:
    """REG-40: nothing is sent for /1/0/5 seconds; then comes a Register."""
    request = run.server.next_request(86400 + SLACK)
    run.check_request(run.server, ets.cases()["101"].steps[0], request)
    assert 86400 * 1000 - 1000 <= request.time - run.requests[2].time <= 86401 * 1000


def stays_registered(run: Run) -> None:
    """For a minute, each Update comes before the lifetime of 20 s ends (case 104)."""
    run.network.run(60)
    refreshes = [request for request in run.server.history if request.message.method == "POST"]
    times = [request.time for request in refreshes] + [run.network.now]
    assert all(later - earlier <= 20_000 for earlier, later in zip(times[1:], times[2:]))
    assert {request.answer for request in refreshes} == {"2.01", "2.04"}
    run.server.requests.clear()
    run.device.running = False


def gets_another_location(run: Run) -> None:
    """The registration is a new one (case 105)."""
    first, second = run.server.given
    assert first != second
    assert run.device.client.location() == second


def tells_both_the_same(run: Run) -> None:
    """Both registrations list all there is but object 0 (note of case 950)."""
    lists = [
        set(formats.read_links(run.peers[name].history[0].message.payload.decode()))
        for name in ("server", "server2")
    ]
    assert lists[0] == lists[1] == {"/", "/1/0", "/1/1", "/2/0", "/2/1", "/2/2", "/3/0"}


# ---- reading and writing


def acts_after_the_answer(run: Run) -> None:
    """DM-54: the 2.04 is on its way before the device is told to restart (case 241)."""
    heard = next(index for index, event in run.device.heard if event.path == "/3/0/4")
    assert any("ACK 2.04" in line for line in run.network.log[run.marks[1] : heard])


def json_has_a_base_name(run: Run) -> None:
    """An object with bn and an array e (case 204)."""
    document = json.loads(run.responses[1].payload)
    assert isinstance(document["bn"], str)
    assert isinstance(document["e"], list)


def leaves_the_others_alone(run: Run) -> None:
    """What the set does not name is as it was (cases 215 and 220)."""
    named = {line.ids for line in ets.value_set(run.case.id[:3])}
    now = run.read("/1/0")
    for path in set(run.saved) - named:
        assert now[path] == run.saved[path]


def refuses_all_on_security(run: Run) -> None:
    """4.01 for every operation on /0 and nothing changes (AMB-14)."""
    new_account = bytes.fromhex("c10000")
    for method, path, more in (
        ("GET", "/0", {"accept": LINKS}),
        ("GET", "/0/0", {}),
        ("GET", "/0/0/0", {"observe": 0}),
        ("POST", "/0", {"payload": new_account, "content_format": 11542}),
        ("POST", "/0/0", {"payload": new_account, "content_format": 11542}),
        ("POST", "/0/0/0", {}),
        ("DELETE", "/0/0", {}),
        ("PUT", "/0/0/0", {"query": ["pmin=1"]}),
    ):
        response = run.send(method, path, **more)
        assert (response.code, response.payload) == ("4.01", b""), f"{method} {path}: {response}"
        assert response.number(OBSERVE) is None
    assert run.device.value("/0/0/0") == f"coap://{ets.SERVER}"


def reads_every_readable_resource(run: Run) -> None:
    """All that the configuration has (cases 222 and 223)."""
    for step in run.case.steps:
        base = formats.ids_of(step["path"])
        values = payloads.values_in(run, run.responses[step["n"]], step["path"])
        configured = run.device.config.below(base)
        assert {path: values.get(path) for path in configured} == configured


def gives_no_data(run: Run) -> None:
    """A refusal carries no value (case 225)."""
    assert not run.responses[1].payload


def registers_before_anything_else(run: Run) -> None:
    """REG-07: no Update with a registration that has ended."""
    assert [request.message.path for request in run.server.history[2:]] == ["/rd"]


# ---- discovering


def has_exactly_one_link(run: Run) -> None:
    """The last Discover of the case names one target."""
    assert len(formats.read_links(run.responses[len(run.case.steps)].payload.decode())) == 1


def bootstrap_delete_leaves_no_account(run: Run) -> None:
    """Neither /0/0 nor /1/0 is left (cases 4 and 4b)."""
    links = formats.read_links(_last_discover(run))
    assert not {"/0/0", "/1/0"} & set(links)
    assert {"/0/1", "/3/0"} <= set(links)


def leaves_the_account_and_the_device_only(run: Run) -> None:
    """BS-30: no instance but /0/1 and /3/0 (case 4b)."""
    instances = {link for link in formats.read_links(_last_discover(run)) if link.count("/") == 2}
    assert instances == {"/0/1", "/3/0"}


def _last_discover(run: Run) -> str:
    numbers = [step["n"] for step in run.case.steps if step["op"] == "Bootstrap-Discover"]
    return run.responses[numbers[-1]].payload.decode()


# ---- reporting


def begins_with_current_values(run: Run) -> None:
    """The response to an Observe is the first notification (OBS-01)."""
    for step in run.case.steps:
        if step["op"] == "Observe":
            values = payloads.values_in(run, run.responses[step["n"]], step["path"])
            assert values == run.device.config.below(formats.ids_of(step["path"]))


def keeps_notifying(path: str, pmin: int, pmax: int) -> Check:
    """At least three notifications while values change and three while they do not, in the window each."""

    def check(run: Run) -> None:
        observation = run.server.observation(path)
        for moving in (True, True, True, False, False, False):
            run.device.moving = moving
            note = run.server.next_note(observation, pmax + SLACK)
            _is_current(run, payloads.values_in(run, note.message, path), formats.ids_of(path))
        _check_rhythm(observation, pmin, pmax)
        run.device.moving = False

    check.__doc__ = f"{path} between {pmin} and {pmax} s"
    return check


def _is_current(run: Run, values: formats.Values, base: Ids) -> None:
    """All of it, as the device has it now or, where it moves, had it a second ago (OBS-02)."""
    for line in run.device.config.resources:
        if line.ids[: len(base)] == base:
            now, sent = run.device.value(line.path), values[line.ids]
            assert sent == now or (line.stimulus and now - sent <= 1), f"{line.path}: {sent}, not {now}"


def _check_rhythm(observation: Observation, pmin: int, pmax: int) -> None:
    notes = observation.notes[: observation.seen]
    for earlier, later in zip(notes, notes[1:]):
        gap = (later.time - earlier.time) / 1000
        assert pmin - JITTER <= gap <= pmax + JITTER, f"{observation.path}: {gap} s after the previous one"
        numbers = earlier.message.observe, later.message.observe
        assert None not in numbers
        assert numbers[0] < numbers[1], f"{observation.path}: sequence numbers {numbers}"


def notifies_without_asking_for_an_answer(run: Run) -> None:
    """Non-confirmable (case 302b)."""
    assert run.notes[1].message.type == NON


def notes_carry_the_token(run: Run) -> None:
    """What came for an observation came for its path; the peer finds it by the token."""
    assert all(
        note.message.token == token
        for token, found in run.server.observations.items()
        for note in found.notes
    )


def timestamps_follow_the_clock(run: Run) -> None:
    """The time of the fix advances as long as the device moves (case 810)."""
    notes = run.server.observation("/6/0").notes[:5]
    fixes = [payloads.values_in(run, note.message, "/6/0")[6, 0, 5] for note in notes]
    for (earlier, fix), (later, next_fix) in zip(zip(notes, fixes), zip(notes[1:], fixes[1:])):
        assert isinstance(fix, int)
        assert isinstance(next_fix, int)
        assert abs(next_fix - fix - (later.time - earlier.time) / 1000) <= SLACK


# ---- core objects


def the_rest_is_unchanged(run: Run) -> None:
    """The write to /3/0 changed 13, 14 and 15 only (case 651)."""
    configured = run.device.config.below((3, 0))
    values = payloads.values_in(run, run.responses[2], "/3/0")
    others = {path: value for path, value in configured.items() if path[2] not in (13, 14, 15)}
    assert {path: values.get(path) for path in others} == others


def time_runs_on(run: Run) -> None:
    """13 advances from the written value (case 651)."""
    before = run.read("/3/0/13")[3, 0, 13]
    run.network.run(5)
    after = run.read("/3/0/13")[3, 0, 13]
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert 4 <= after - before <= 6


def refuses_every_create_of_device(run: Run) -> None:
    """Also with the id of the one that is there, and without an id (note of case 680)."""
    for payload in ("0300c10041", "c10041"):
        response = run.send("POST", "/3", bytes.fromhex(payload), content_format=11542)
        assert response.code == "4.05", str(response)
    assert {path[1] for path in run.read("/3")} == {0}


def device_is_still_there(run: Run) -> None:
    """/3/0 can be read (case 685)."""
    assert run.read("/3/0")[3, 0, 0] == "Open Mobile Alliance"


_RANGES: dict[Ids, tuple[int, int]] = {
    (4, 0): (0, 50),
    (4, 1): (0, 50),
    (4, 6): (0, 100),
    (4, 8): (0, 268435455),
    (4, 9): (0, 999),
    (4, 10): (0, 999),
}


def connectivity_is_plausible(run: Run) -> None:
    """All configured resources, with values of the right type and range (case 701)."""
    values = payloads.values_in(run, run.responses[1], "/4/0")
    assert set(values) >= set(run.device.config.below((4, 0)))
    for path, value in values.items():
        lowest, highest = _RANGES.get((4, path[2]), (-(1 << 31), 1 << 31))
        if ets.type_of(path) == "integer":
            assert isinstance(value, int)
            assert lowest <= value <= highest
        elif path[2] in (4, 5):
            ipaddress.ip_address(str(value))


# ---- firmware


def nothing_happened(run: Run) -> None:
    """State and Result as before (case 772)."""
    first, last = (payloads.values_in(run, run.responses[number], "/5/0") for number in (1, 3))
    assert first[5, 0, 3] != 2
    assert [first[5, 0, id] for id in (3, 5)] == [last[5, 0, id] for id in (3, 5)]


def nothing_happens_while_downloading(run: Run) -> None:
    """The same in State 1 (note of case 772)."""
    run.device.checking = False
    assert run.send("PUT", "/5/0/0", device.package(device.GOOD), content_format=42).code == "2.04"
    assert run.read("/5/0/3") == {(5, 0, 3): 1}
    assert run.send("POST", "/5/0/2").code == "4.05"
    assert run.read("/5/0/3") == {(5, 0, 3): 1}
    assert run.read("/5/0/5") == {(5, 0, 5): 0}


def polls_show(number: int, states: set[int], results: set[int]) -> Check:
    """What Reads see while the device is at work: nothing but these States and Update Results."""

    def check(run: Run) -> None:
        seen = [payloads.values_in(run, response, "/5/0") for response in run.polled[number]]
        assert len(seen) > 1, "nothing was seen of the work"
        assert {values[5, 0, 3] for values in seen} <= states
        assert {values[5, 0, 5] for values in seen} <= results

    check.__doc__ = f"step {number}: State in {states}, Result in {results}"
    return check


# ---- statistics


def counts_the_traffic(run: Run) -> None:
    """Counters fit what went by, and stand still after Stop (case 901)."""
    values = payloads.values_in(run, run.responses[4], "/7/0")
    assert values[7, 0, 0] == values[7, 0, 1] == 0
    received, sent = run.traffic("192.0.2.9:5683", 1, 3)
    for id, octets in ((2, sent), (3, received)):
        found = values[7, 0, id]
        assert isinstance(found, int)
        assert abs(found - octets / 1024) <= 1, f"/7/0/{id} is {found} after {octets} bytes"
    assert 0 < values[7, 0, 5] <= values[7, 0, 4]
    for _ in range(40):
        run.read("/3/0")
    assert run.read("/7/0") == values


def counters_grow(run: Run) -> None:
    """Several notifications, later ones with more (case 910)."""
    observation = run.server.observation("/7/0")
    seen = []
    for _ in range(3):
        for _ in range(40):
            run.read("/3/0")
        note = run.server.next_note(observation, 10 + SLACK)
        seen.append(payloads.values_in(run, note.message, "/7/0")[7, 0, 2])
    assert seen == sorted(set(seen)), seen
    _check_rhythm(observation, 2, 10)


def nothing_more_comes(run: Run) -> None:
    """The observation is over (case 910)."""
    observation = run.server.observation("/7/0")
    before = len(observation.notes)
    run.send("POST", "/7/0/6")
    run.network.run(30)
    assert len(observation.notes) == before


# ---- the object list


def tells_of_the_new_instance(run: Run) -> None:
    """An Update with the new object list (note of case 1630)."""
    assert {"/16/0", "/16/1"} <= set(_updated_links(run))


def tells_of_the_empty_object(run: Run) -> None:
    """/16 stands alone in the new list (note of case 1635)."""
    links = _updated_links(run)
    assert "/16" in links
    assert not any(link.startswith("/16/") for link in links)


def tells_of_a_new_list(run: Run) -> None:
    """DM-68: an Update with the complete list after Create and Delete."""
    assert set(_updated_links(run)) > {"/1/0", "/3/0"}


def _updated_links(run: Run) -> formats.Links:
    message = run.server.next_request(PATIENCE).message
    assert (message.method, message.path, message.query) == ("POST", run.server.location, [])
    assert message.format == LINKS
    return formats.read_links(message.payload.decode())


#: Right after a step.
AFTER: dict[tuple[str, int], list[Check]] = {
    ("6", 2): [says_nothing_to_the_bootstrap_server],
    ("4", 7): [bootstrap_delete_leaves_no_account],
    ("4b", 6): [bootstrap_delete_leaves_no_account, leaves_the_account_and_the_device_only],
    ("9", 3): [does_not_register],
    ("9b", 3): [does_not_register],
    ("215", 2): [leaves_the_others_alone],
    ("220", 2): [leaves_the_others_alone],
    ("241", 1): [acts_after_the_answer],
    ("301", 5): [begins_with_current_values],
    ("302b", 1): [notifies_without_asking_for_an_answer],
    ("651", 2): [the_rest_is_unchanged],
    ("710", 2): [begins_with_current_values],
    ("810", 2): [begins_with_current_values],
    ("910", 5): [counters_grow],
    ("1630", 2): [tells_of_the_new_instance],
    ("1635", 2): [tells_of_the_empty_object],
}

#: After the last step.
CHECKS: dict[str, list[Check]] = {
    "0": [registers_with_what_bootstrap_wrote],
    "102b": [registers_before_anything_else],
    "103": [
        answers_before_it_leaves,
        does_not_answer_while_disabled,
        comes_back_when_no_more_disabled,
    ],
    "104": [stays_registered],
    "105": [gets_another_location],
    "204": [json_has_a_base_name],
    "221": [refuses_all_on_security],
    "222": [reads_every_readable_resource],
    "223": [reads_every_readable_resource],
    "225": [gives_no_data],
    "260": [has_exactly_one_link],
    "301": [keeps_notifying("/3/0/7", 5, 15), keeps_notifying("/3/0/8", 10, 20), notes_carry_the_token],
    "651": [time_runs_on],
    "680": [refuses_every_create_of_device],
    "685": [device_is_still_there],
    "701": [connectivity_is_plausible],
    "710": [keeps_notifying("/4/0", 2, 10)],
    "770": [polls_show(3, {1, 2}, {0}), polls_show(5, {0, 3}, {0, 1})],
    "771": [polls_show(3, {1, 2}, {0}), polls_show(5, {0, 3}, {0, 1})],
    "773": [polls_show(4, {0, 1}, {0, 2})],
    "774": [polls_show(4, {0, 1}, {0, 3})],
    "775": [polls_show(4, {0, 1}, {0, 4})],
    "776": [polls_show(4, {0, 1}, {0, 5})],
    "777": [polls_show(4, {0, 1}, {0, 6})],
    "778": [polls_show(4, {0, 1}, {0, 7})],
    "779": [polls_show(6, {2, 3}, {0, 8})],
    "772": [nothing_happened, nothing_happens_while_downloading],
    "810": [keeps_notifying("/6/0", 2, 10), timestamps_follow_the_clock],
    "901": [counts_the_traffic],
    "910": [nothing_more_comes],
    "950": [tells_both_the_same],
    "1635": [has_exactly_one_link],
}
