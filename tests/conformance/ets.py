# SPDX-License-Identifier: Apache-2.0
"""docs/spec/ets-1.0.yaml and ets-configs.yaml, with the variables filled in."""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from linnet.keys import Authority

from .formats import Ids, Values, ids_of

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
ENDPOINT = "urn:uuid:00000000-0000-4000-8000-000000000001"

#: The same servers without DTLS, for cases that do not judge security (rules of ets-configs.yaml).
SERVER, SERVER2, BOOTSTRAP = "127.0.0.1:5683", "127.0.0.1:5693", "127.0.0.1:5783"
NOBODY, FILES = "127.0.0.1:5999", "127.0.0.1:5699"
_WITHOUT_DTLS = {
    "coaps://127.0.0.1:5684": SERVER,
    "coaps://127.0.0.1:5694": SERVER2,
    "coaps://127.0.0.1:5784": BOOTSTRAP,
}
_NOSEC = 3


@dataclass(frozen=True)
class Resource:
    """A line of a configuration or value set."""

    path: str
    type: str
    value: Any
    stimulus: str = ""

    @property
    def ids(self) -> Ids:
        """The path as numbers."""
        return ids_of(self.path)


@dataclass
class Config:
    """The state that a client starts from."""

    name: str
    resources: list[Resource]
    executables: list[str]

    def with_values(self, values: dict[str, Any]) -> Config:
        """The same with other values."""
        changed = [
            Resource(line.path, line.type, values.get(line.path, line.value), line.stimulus)
            for line in self.resources
        ]
        return Config(self.name, changed, self.executables)

    def plus(self, other: Config) -> Config:
        """Both together; what is in both is as in the other."""
        paths = {line.path for line in other.resources}
        kept = [line for line in self.resources if line.path not in paths]
        executables = dict.fromkeys(self.executables + other.executables)
        return Config(f"{self.name} and {other.name}", kept + other.resources, list(executables))

    def below(self, base: Ids) -> Values:
        """What the configuration has at or below a path."""
        return {line.ids: line.value for line in self.resources if line.ids[: len(base)] == base}


@dataclass
class Case:
    """A case of the matrix, as it stands in the file."""

    id: str
    ref: str
    title: str
    interface: str
    config: str
    status: str
    judged: list[str]
    preconditions: list[str]
    steps: list[dict[str, Any]]
    checks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def judges_security(self) -> bool:
        """True if it cannot be run without DTLS."""
        return self.interface == "security" or any(
            text.startswith("client supports DTLS") for text in self.preconditions
        )


@functools.cache
def matrix() -> dict[str, Any]:
    """The file of the cases."""
    return _load("ets-1.0.yaml")


@functools.cache
def certificates() -> dict[str, str]:
    """The variables that a run makes for itself, in hex: an authority, a server and a client."""
    authority = Authority.make()
    server, client = authority.server("server.example.com"), authority.client(ENDPOINT)
    made = {
        "client_cert_der": client.certificate_der,
        "client_key_der": client.key_der,
        "server_cert_der": server.certificate_der,
        "server_key_der": server.key_der,
        "ca_cert_der": authority.pair.certificate_der,
    }
    return {name: der.hex() for name, der in made.items()}


@functools.cache
def _configs() -> dict[str, Any]:
    return _load("ets-configs.yaml")


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((SPEC / name).read_text(encoding="utf-8"))
    return loaded


@functools.cache
def cases() -> dict[str, Case]:
    """Every case by its id."""
    found = {}
    for entry in matrix()["cases"]:
        names = ("ref", "title", "interface", "config", "status", "judged", "preconditions", "steps")
        case = Case(str(entry["id"]), *(entry[name] for name in names), checks=entry["pass"])
        found[case.id] = case
    return found


@dataclass(frozen=True)
class IpsoCase:
    """One of the optional cases, whose steps are lines such as ``GET /3300/0/5700 Accept 0 -> 2.05``."""

    id: str
    title: str
    steps: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its test: ``test_ipso_3300_01``."""
        return "test_" + self.id.lower().replace("-", "_")


@functools.cache
def ipso_cases() -> list[IpsoCase]:
    """The optional cases of IPSO objects."""
    entries = matrix()["ipso_cases"]
    return [IpsoCase(entry["id"], entry["title"], tuple(entry["steps"])) for entry in entries]


def variant(id: str, of: str, title: str, steps: list[dict[str, Any]]) -> Case:
    """A case that another one suggests."""
    case = copy.deepcopy(cases()[of])
    case.id, case.title = id, title
    case.steps = [{**step, "n": number} for number, step in enumerate(steps, 1)]
    return case


def fill_in(text: str, more: dict[str, str] | None = None) -> str:
    """Text with ``${...}`` replaced."""
    values = {**_configs()["meta"]["variables"], "ep": ENDPOINT, **certificates(), **(more or {})}
    return re.sub(r"\$\{(\w+)\}", lambda found: values[found.group(1)], text)


def _lines(entries: list[dict[str, Any]]) -> list[Resource]:
    lines = []
    for entry in entries:
        value = entry["value"]
        if isinstance(value, str):
            value = fill_in(value)
            if entry["type"] == "opaque" and not value.startswith("("):
                value = bytes.fromhex(value)
        lines.append(Resource(entry["path"], entry["type"], value, entry.get("stimulus", "")))
    return lines


def without_dtls(lines: list[Resource]) -> list[Resource]:
    """Accounts with NoSec at the same host, as the rules of ets-configs.yaml allow; keys as in C.1-NOSEC."""
    changed = []
    for line in lines:
        ids, value = line.ids, line.value
        if ids[0] == 0 and ids[2] == 0 and value in _WITHOUT_DTLS:
            value = f"coap://{_WITHOUT_DTLS[value]}"
        elif ids[0] == 0 and ids[2] == 2:
            value = _NOSEC
        elif ids[0] == 0 and ids[2] in (3, 4, 5):
            value = b""
        changed.append(Resource(line.path, line.type, value, line.stimulus))
    return changed


def config(name: str, *, dtls: bool = False) -> Config:
    """A configuration by its name."""
    entry = _configs()["configs"][name]
    lines = _lines(entry["resources"])
    return Config(name, lines if dtls else without_dtls(lines), entry["executables"])


def value_set(name: str, *, dtls: bool = False) -> list[Resource]:
    """A value set by its name."""
    lines = _lines(matrix()["value_sets"][name]["values"])
    return lines if dtls else without_dtls(lines)


_IPSO = {
    5500: "boolean",
    5700: "float",
    5701: "string",
    5750: "string",
    5850: "boolean",
    5851: "integer",
    5852: "integer",
    5853: "string",
    5903: "integer",
}


@functools.cache
def _types() -> dict[tuple[int, int], str]:
    types = {(5, 0): "opaque"}  # write-only, so no configuration has a value of it
    for entry in _configs()["configs"].values():
        for line in entry["resources"]:
            ids = ids_of(line["path"])
            types[ids[0], ids[2]] = line["type"]
    for entry in matrix()["value_sets"].values():
        for line in entry["values"]:
            ids = ids_of(line["path"])
            types[ids[0], ids[2]] = line["type"]
    return types


def type_of(ids: Ids) -> str:
    """The type of a resource that any configuration mentions, or of one that IPSO objects share."""
    return _IPSO[ids[2]] if ids[2] in _IPSO else _types()[ids[0], ids[2]]
