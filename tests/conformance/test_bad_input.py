# SPDX-License-Identifier: Apache-2.0
"""Every malformed payload of docs/spec/vectors.yaml that goes to a client, on the wire, to one that lives.

It answers 4.00, every value, instance and attribute stays what it was, and it goes on (meta of vectors.yaml).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from .coap import CONTENT_FORMAT, URI_QUERY, Message
from .kitchen import ROOT, Kitchen

METHODS = {"write-replace": "PUT", "write-update": "POST", "write-attributes": "PUT"}


def bad_vectors() -> list[dict[str, Any]]:
    """Those that a client has to refuse; what goes to a server is "register"."""
    vectors = yaml.safe_load((ROOT / "docs/spec/vectors.yaml").read_text(encoding="utf-8"))["vectors"]
    return [found for found in vectors if found["expect"] == "reject with 4.00" and found["op"] != "register"]


def send(kitchen: Kitchen, vector: dict[str, Any]) -> Message:
    """What a vector says, as it comes from the wire."""
    payload = bytes.fromhex(vector["hex"]) if "hex" in vector else str(vector.get("text", "")).encode()
    options: list[tuple[int, int | str]] = [(URI_QUERY, text) for text in vector.get("query", ())]
    if "content_format" in vector:
        options.append((CONTENT_FORMAT, vector["content_format"]))
    return kitchen.ask(METHODS.get(vector["op"], "POST"), vector["path"], payload, *options)


@pytest.fixture(scope="module")
def shared() -> Kitchen:
    """One client for all of them: that it lives on is a part of the test."""
    return Kitchen()


@pytest.fixture
def kitchen(shared: Kitchen) -> Iterator[Kitchen]:
    shared.events.clear()
    yield shared
    assert shared.client.registered
    assert not shared.client.failures


@pytest.mark.parametrize("vector", bad_vectors(), ids=lambda vector: vector["id"])
def test_is_refused_and_changes_nothing(vector: dict[str, Any], kitchen: Kitchen) -> None:
    if "state_before" in vector and vector["op"] == "write-attributes":
        before = [(URI_QUERY, f"{name}={value}") for name, value in vector["state_before"].items()]
        assert kitchen.ask("PUT", vector["path"], b"", *before).code == "2.04"
    state = kitchen.state()
    updates = len(kitchen.peer.history)
    assert send(kitchen, vector).code == "4.00", vector["reason"]
    assert kitchen.state() == state
    assert kitchen.events == []
    kitchen.network.settle()
    assert len(kitchen.peer.history) == updates  # nothing that a server would be told by an Update


def test_what_is_refused_would_be_taken_if_it_were_whole(kitchen: Kitchen) -> None:
    """The refusals above are about the payloads: the same requests with good ones are fine."""
    good: list[dict[str, Any]] = [
        {"op": "write-replace", "path": "/1/0/1", "hex": "c4010001517f", "content_format": 11542},
        {"op": "write-update", "path": "/1/0", "hex": "c10601", "content_format": 11542},
        {
            "op": "write-update",
            "path": "/1/0",
            "text": '{"bn":"/1/0/","e":[{"n":"2","v":2}]}',
            "content_format": 11543,
        },
        {"op": "write-replace", "path": "/3442/0/170", "text": "66:65535", "content_format": 0},
        {"op": "create", "path": "/16", "hex": "0807058300410041", "content_format": 11542},
        {"op": "write-replace", "path": "/5/0/0", "hex": "c10055", "content_format": 11542},
        {"op": "write-attributes", "path": "/3/0/9", "query": ["lt=5", "gt=9"]},
        {"op": "execute", "path": "/3/0/4", "text": "0='a'", "content_format": 0},
    ]
    for vector in good:
        assert send(kitchen, vector).code[0] == "2", vector
    assert len(kitchen.events) >= 7


def test_the_vectors_are_there() -> None:
    kinds = {vector["format"] for vector in bad_vectors()}
    assert kinds == {"tlv", "json", "text", "attributes", "execute-args"}
    assert len(bad_vectors()) >= 53
