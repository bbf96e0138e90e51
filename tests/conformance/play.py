# SPDX-License-Identifier: Apache-2.0
"""Plays a case whose subject is a client: scenery, steps, checks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from . import checks, device, ets, formats, payloads, scenery
from .ets import Case
from .interpreter import Run


def play(case: Case, setting: Callable[[Case], Run] = Run) -> None:
    """Runs a case; an AssertionError says what is wrong, and stdout has the dialogue."""
    run = setting(case)
    try:
        _play(run)
    finally:
        print(f"{case.ref}: {case.title}", *run.network.log, sep="\n")
        run.close()


def _play(run: Run) -> None:
    case = run.case
    scenery.configure(run)
    for text in case.preconditions:
        scenery.PRECONDITIONS[text](run)
    if case.steps[0]["op"] != "Power on":
        run.power_on()
    for step in case.steps:
        run.marks[step["n"]] = len(run.network.log)
        action = scenery.ACTIONS.get((case.id, step["n"]))
        if action is not None:
            action(run, step)
        else:
            run.perform(step)
        run.hold(checks.AFTER.get((case.id, step["n"]), ()))
    run.hold(checks.CHECKS.get(case.id, ()))
    run.finish()


# ---- IPSO objects

_IPSO_STEP = re.compile(
    r"(?P<method>GET|PUT|POST|DELETE) (?P<path>\S+)(?: Accept (?P<accept>\d+))?"
    r"(?: Content-Format (?P<format>\d+))?(?: \{(?P<ids>[\d, ]+)\})? -> (?P<code>\d\.\d\d)"
    r"(?:, Content-Format (?P<answer>\d+))?"
)
_WRITTEN = {5750: "ceiling", 5850: True, 5851: 70, 5852: 10, 5853: "high", 5903: 7}


def play_ipso(case: ets.IpsoCase, setting: Callable[[Case], Run] = Run) -> None:
    """Runs one of the optional cases."""
    run = setting(ets.cases()["101"])
    try:
        run.device.add_ipso(int(case.id.split("-")[1]))
        run.register()
        path = "/x"
        for step in case.steps:
            path = _play_ipso_step(run, step, path)
        run.finish()
    finally:
        print(f"{case.id}: {case.title}", *run.network.log, sep="\n")
        run.close()


def _play_ipso_step(run: Run, text: str, created: str) -> str:
    """Returns the path of what was created last."""
    step = _IPSO_STEP.fullmatch(text.replace("GET of the new instance", f"GET {created}"))
    assert step is not None, f"what does {text!r} mean?"
    method, path = step["method"], step["path"].replace("/x", "/0")
    more: dict[str, Any] = {"accept": int(step["accept"])} if step["accept"] else {}
    values = _to_write(method, path, step["ids"])
    if step["format"]:
        more["content_format"] = int(step["format"])
        base = formats.ids_of(path)
        more["payload"] = formats.write(base, int(step["format"]), values, ets.type_of)
    response = run.send(method, path, **more)
    assert response.code == step["code"], f"{text}: {response}"
    if method == "GET":
        assert response.format == int(step["answer"] or step["accept"]), f"{text}: {response}"
        found = payloads.values_in(run, response, path)
        assert found
        assert found == {ids: run.device.value(formats.path_of(ids)) for ids in found}
    elif method == "DELETE":
        assert run.send("GET", path).code == "4.04"
    else:
        assert {ids: run.device.value(formats.path_of(ids)) for ids in values} == values
    if method in ("POST", "DELETE"):
        assert "payload" not in more or response.location == path + "/1"
        checks.tells_of_a_new_list(run)
    if method == "POST":
        kind = device.IPSO[formats.ids_of(path)[0]]
        mandatory = {id for id, resource in kind.resources.items() if resource.definition.mandatory}
        assert mandatory <= {ids[2] for ids in run.read(response.location)}, "MOD-07"
    return response.location or created


def _to_write(method: str, path: str, listed: str | None) -> formats.Values:
    """Values for the resources listed, or else for what the object lets servers write."""
    object_id = int(path.split("/")[1])
    resources = device.IPSO[object_id].resources
    numbers = [int(id) for id in listed.split(", ")] if listed else [id for id in _WRITTEN if id in resources]
    instance = 1 if method == "POST" else 0
    return {} if method in ("GET", "DELETE") else {(object_id, instance, id): _WRITTEN[id] for id in numbers}
