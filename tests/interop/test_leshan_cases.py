# SPDX-License-Identifier: Apache-2.0
"""The client cases of docs/spec/ets-1.0.yaml with Eclipse Leshan's demo server as the first server.

One test for each case that this server can drive: ``-k int_301``. The client, its configuration and its clock
are those of tests/conformance; the second server of cases 950 and 951 is played. UNDRIVEN says why the
others are not here.
"""

from __future__ import annotations

import pytest
from conformance import checks, ets
from conformance.ets import Case
from conformance.play import play, play_ipso
from conformance.roles import cases_of
from leshan_peer import LeshanRun
from leshan_server import LeshanServer

_BOOTSTRAP = "a bootstrap-server's; Leshan's is in test_leshan_bootstrap.py"
_DTLS = "about DTLS, where the datagrams cannot be compared"
_OBSERVE_1 = "the web interface of Leshan cannot cancel with Observe 1"
_DELEGATED = "the result of another case"


def _undriven() -> dict[str, str]:
    found = {}
    for case in cases_of("client"):
        if case.status == "delegated":
            found[case.id] = _DELEGATED
        elif case.interface == "bootstrap":
            found[case.id] = _BOOTSTRAP
        elif case.interface == "security":
            found[case.id] = _DTLS
    return {**found, "303": _OBSERVE_1, "910": _OBSERVE_1}


#: Cases that Leshan's server cannot drive, and why.
UNDRIVEN = _undriven()
DRIVEN = [case for case in cases_of("client") if case.id not in UNDRIVEN]
#: Checks that ask what Leshan does not: it sends nothing to a device that has left.
LEFT_OUT = [checks.does_not_answer_while_disabled]


@pytest.mark.parametrize("case", DRIVEN, ids=lambda case: f"int_{case.id}")
def test_leshan_drives(case: Case, leshan: LeshanServer) -> None:
    play(case, lambda case: LeshanRun(case, leshan, LEFT_OUT))


@pytest.mark.parametrize("case", ets.ipso_cases(), ids=lambda case: case.name.removeprefix("test_"))
def test_leshan_drives_ipso(case: ets.IpsoCase, leshan: LeshanServer) -> None:
    play_ipso(case, lambda case: LeshanRun(case, leshan))


def test_every_other_case_is_one_that_leshan_cannot_drive() -> None:
    """Each case that judges a server, too, is driven, unless there is a reason that names it."""
    assert set(UNDRIVEN) < {case.id for case in cases_of("client")}
    undriven = {case.id for case in cases_of("client") if case.interface not in ("bootstrap", "security")} - {
        case.id for case in DRIVEN
    }
    assert undriven == {"270", "290", "303", "910"}
