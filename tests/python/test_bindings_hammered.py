# SPDX-License-Identifier: Apache-2.0
"""Every call of the generated module, with arguments that nobody should pass: exceptions, never a crash."""

from __future__ import annotations

import inspect
import random
from typing import Any

import pytest
from linnet import _core

SEED = bytes(16)
# They would wait, or let very much time pass.
LEFT_OUT = {("Driver", "wait"), ("Driver", "keep"), ("World", "run"), ("World", "advance")}
CLASSES = ("Loop", "Transport", "Batch", "Question", "Model", "Object", "Client", "Server", "Driver", "World")
FUNCTIONS = (
    "link_parse",
    "status_name",
    "status_text",
    "type_name",
    "event_kind_name",
    "value_parse",
    "message_parse",
    "option_name",
    "option_format",
    "code_name",
)


def handles() -> dict[str, Any]:
    """One of each class, on a loop of their own."""
    loop = _core.Loop(SEED)
    model = _core.Model(loop)
    client = _core.Client(loop, "kitchen", model)
    made = {
        "Loop": loop,
        "Transport": _core.Transport(loop, 1),
        "Batch": _core.Batch(loop),
        "Model": model,
        "Object": _core.Object(model, 4),
        "Client": client,
        "Server": _core.Server(loop, model),
        "Driver": _core.Driver(loop),
        "World": _core.World(1),
    }
    made["Object"].add_instance(0)
    return made


def methods(kind: str) -> list[str]:
    return [
        name for name in vars(getattr(_core, kind)) if not name.startswith("_") and name not in ("thisown",)
    ]


def plausible(randomly: random.Random, known: dict[str, Any]) -> Any:
    """Something that some argument might be."""
    return randomly.choice(
        [
            None,
            *known.values(),
            0,
            1,
            3,
            -1,
            255,
            65535,
            65536,
            2**31,
            2**32,
            2**63 - 1,
            2**64 - 1,
            2**64,
            -(2**63),
            1.5,
            float("nan"),
            float("inf"),
            True,
            "",
            "/",
            "/4/0/1",
            "/4/0",
            "/3/0/0",
            "4",
            "x" * 300,
            "\0",
            "\ud800",
            "coap://127.0.0.1",
            "1.2.3.4:5683",
            "sms:+15550100",
            "U",
            b"",
            b"\0" * 16,
            b"\xc8\0\1x",
            bytearray(b'{"e":[]}'),
            memoryview(b"abc")[::2],
            (3, 0),
            (1, 2, 3),
            {},
            {1: 2},
            [],
            object(),
            lambda *_: None,
            11542,
            11543,
        ]
    )


def hammer(function: Any, randomly: random.Random, known: dict[str, Any]) -> None:
    """Calls with as many arguments as it takes, now and then with more or fewer."""
    wanted = len(inspect.signature(function).parameters)
    count = wanted if randomly.random() < 0.95 else randomly.randint(0, 7)
    try:
        function(*(plausible(randomly, known) for _ in range(count)))
    except Exception as error:
        text = str(error)
    else:
        text = "fine"
    assert text, function


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind != "Question"])
def test_no_method_crashes(kind: str) -> None:
    randomly = random.Random(f"methods of {kind}")
    known = handles()
    for round in range(600):
        if round % 50 == 0:
            known = handles()
        for name in methods(kind):
            if (kind, name) not in LEFT_OUT:
                hammer(getattr(known[kind], name), randomly, known)


@pytest.mark.parametrize("kind", CLASSES)
def test_no_constructor_crashes(kind: str) -> None:
    randomly = random.Random(f"constructor of {kind}")
    known = handles()
    for _ in range(1500):
        hammer(getattr(_core, kind), randomly, known)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_crashes(name: str) -> None:
    randomly = random.Random(f"function {name}")
    known = handles()
    for _ in range(2000):
        hammer(getattr(_core, name), randomly, known)
