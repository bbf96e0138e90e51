# SPDX-License-Identifier: Apache-2.0
"""The cases of each role: those of the matrix that it can fail, and the variants that these suggest."""

from __future__ import annotations

from typing import Any

from . import ets
from .ets import Case

Step = dict[str, Any]
ROLES = ("client", "server", "bootstrap")


def _steps(id: str, *numbers: int) -> list[Step]:
    return [ets.cases()[id].steps[number - 1] for number in numbers]


def _request(method: str, path: str, code: str, **more: Any) -> Step:
    sender = "bootstrap" if method == "DELETE" else "server"
    return {
        "dir": f"{sender}->client",
        "op": "",
        "method": method,
        "path": path,
        "expect": {"code": code},
        **more,
    }


def _update(*query: str) -> Step:
    template = ets.cases()["102"].steps[1]
    return {**template, "query": list(query)}


def variants() -> list[Case]:
    """Those that the notes of the matrix suggest; the cases say whom they judge."""
    binding = {"content_format": 11542, "payload": "", "payload_hex": "c2075551"}
    discover = {**_steps("4", 7)[0]}
    frozen = {"dir": "harness", "op": "Freeze", "do": "the client does nothing for 21 s"}
    register = {**_steps("105", 5)[0], "query": ["ep=${ep}", "lt=20", "lwm2m=1.0", "b=U"]}
    return [
        ets.variant(
            "4b", "4", "Bootstrap-Delete of everything",
            [*_steps("4", 1, 2, 3, 4), _request("DELETE", "/", "2.02"), discover, *_steps("4", 8, 9, 10, 11)],
        ),
        ets.variant(
            "9b", "9", "Bootstrap, corrected after an inconsistent configuration",
            [*_steps("9", 1, 2, 3), *_steps("0", 2, 3, 5), *_steps("4", 11)],
        ),
        ets.variant(
            "102b", "102", "Registration update, with a client that was frozen for longer than its lifetime",
            [*_steps("102", 1, 2), frozen, register],
        ),
        ets.variant(
            "302b", "302", "Cancel an observation with Reset, of notifications that are not confirmable",
            [*_steps("302", 1, 2, 3, 4, 5)],
        ),
        ets.variant(
            "402b", "402", "DTLS with certificates of an authority that the client trusts",
            _steps("402", 1, 2, 3),
        ),
        ets.variant("403b", "403", "Certificate other than the one that is expected", _steps("403", 1)),
        ets.variant(
            "215b", "215", "Write basic information as TLV, with another binding",
            [
                _request("POST", "/1/0", "2.04", **binding), _update("b=UQ"),
                *_steps("215", 3), _update("b=U"), *_steps("215", 4),
            ],
        ),
    ]  # fmt: skip


#: Variants that say nothing new of a role which the case itself judges.
_CLIENT_ONLY = ("215b", "302b", "402b", "403b")


def cases_of(role: str) -> list[Case]:
    """All that are tests, by number."""
    found = [case for case in ets.cases().values() if role in case.judged]
    found += [
        case
        for case in variants()
        if role in case.judged and (role == "client" or case.id not in _CLIENT_ONLY)
    ]
    return sorted(found, key=lambda case: (int(case.id.rstrip("b")), case.id))
