# SPDX-License-Identifier: Apache-2.0
"""Plays a case whose subject is a bootstrap-server."""

from __future__ import annotations

from collections.abc import Callable

from . import ets
from .bootstrap_run import FINISH, BootstrapRun, first_line
from .device import ADDRESS
from .ets import Case
from .formats import read_links

Check = Callable[[BootstrapRun], None]
EXCHANGE_LIFETIME_S = 247


def play(case: Case, setting: Callable[[Case], BootstrapRun] = BootstrapRun) -> None:
    """Runs a case; an AssertionError says what is wrong, and stdout has the dialogue."""
    run = setting(case)
    try:
        _play(run)
    finally:
        print(f"{case.ref}: {case.title}", *run.network.log, sep="\n")


def _play(run: BootstrapRun) -> None:
    first, *more = run.sessions()
    run.server.bootstrap.configure(ets.ENDPOINT, run.configuration(first))
    if not any(step["op"] == "Bootstrap-Request" for step in run.case.steps):
        run.server.bootstrap.start_bootstrap(ets.ENDPOINT, ADDRESS)
    for step in run.case.steps:
        run.perform(step)
        if more and (step.get("method"), step.get("path")) == FINISH:
            run.network.settle()
            run.server.bootstrap.start_bootstrap(ets.ENDPOINT, ADDRESS, run.configuration(more.pop(0)))
    run.network.settle()
    for check in [finishes_in_time, tells_how_it_ended, *CHECKS.get(run.case.id, ())]:
        check(run)
    run.finish()


def answers_before_it_begins(run: BootstrapRun) -> None:
    """The 2.04 to the Bootstrap-Request first (case 0)."""
    answered = first_line(run.network.log, rf"{ets.BOOTSTRAP} -> {ADDRESS}  ACK 2\.04")
    began = first_line(run.network.log, rf"{ets.BOOTSTRAP} -> {ADDRESS}  CON ")
    assert answered < began


def finishes_in_time(run: BootstrapRun) -> None:
    """Finish comes well inside EXCHANGE_LIFETIME after the last command (BS-11), and is empty."""
    times = [request.time for request in run.device.history]
    assert (times[-1] - times[-2]) / 1000 < EXCHANGE_LIFETIME_S / 2
    finish = run.device.history[-1].message
    assert (finish.method, finish.path, finish.payload) == ("POST", "/bs", b"")


def tells_how_it_ended(run: BootstrapRun) -> None:
    """The application hears of every session, with the code of the answer to Finish."""
    wanted = [session[-1]["expect"]["code"] for session in run.sessions()]
    events = run.server.heard("bootstrap-finished")
    assert [(event.endpoint, event.code) for event in events] == [(ets.ENDPOINT, code) for code in wanted]
    assert [event.status >= 0 for event in events] == [code[0] == "2" for code in wanted]
    started = len(run.sessions()) if run.case.id == "5" else 1
    assert len(run.server.heard("bootstrap-started")) >= started


def tells_what_it_discovered(run: BootstrapRun) -> None:
    """The links, each time; an enabler version in front of them is understood (BS-41)."""
    said = [
        request.reply.payload.decode()
        for request in run.device.history
        if request.message.method == "GET" and request.reply is not None
    ]
    told = [event.text for event in run.server.heard("response")]
    assert [read_links(text) for text in told] == [read_links(text) for text in said]


CHECKS: dict[str, list[Check]] = {
    "0": [answers_before_it_begins, tells_what_it_discovered],
    "4": [answers_before_it_begins, tells_what_it_discovered],
    "4b": [answers_before_it_begins, tells_what_it_discovered],
    "7": [answers_before_it_begins],
    "9": [answers_before_it_begins],
    "9b": [answers_before_it_begins],
}
