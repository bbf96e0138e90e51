# SPDX-License-Identifier: Apache-2.0
"""Nodes as the web interface of Leshan writes them, and values as the conformance cases have them."""

from __future__ import annotations

import datetime
import re
from typing import Any

from conformance import ets, formats
from conformance.coap import LINKS, TLV, Message
from conformance.formats import Ids, Values

#: An instance whose id the device may choose.
ANY = 65535
#: What Leshan calls the parameters of a Register.
PARAMETERS = {
    "ep": "endpoint",
    "lt": "lifetime",
    "lwm2m": "lwM2mVersion",
    "b": "bindingMode",
    "sms": "smsNumber",
}

#: Resources that Leshan has no definition of: in TLV they could be anything, so it takes them for opaque.
UNDEFINED = {(3303, 5750), (3304, 5750)}


def code(told: Any) -> str:
    """``{"status": "CONTENT(205)"}`` as ``"2.05"``."""
    match = re.search(r"\((\d)(\d\d)\)$", told["status"])
    assert match is not None, told
    return f"{match[1]}.{match[2]}"


# ---- to Leshan


def node(base: Ids, values: Values) -> dict[str, Any]:
    """What is to be written at a path: a resource, an instance, or the instance to be created."""
    if len(base) == 3:
        return _resource(base, values)
    instance = base if len(base) == 2 else next(iter(values))[:2]
    paths = dict.fromkeys(path[:3] for path in values)
    found: dict[str, Any] = {"kind": "instance", "resources": [_resource(path, values) for path in paths]}
    return found if instance[1] == ANY else {**found, "id": instance[1]}


def _resource(path: Ids, values: Values) -> dict[str, Any]:
    kind = ets.type_of(path)
    head: dict[str, Any] = {"id": path[2], "type": kind}
    if path in values:
        return {**head, "kind": "singleResource", "value": _shown(kind, values[path])}
    parts = {str(ids[3]): _shown(kind, values[ids]) for ids in values if ids[:3] == path}
    return {**head, "kind": "multiResource", "values": parts}


def _shown(kind: str, value: Any) -> Any:
    if kind == "opaque":
        return bytes(value).hex()
    if kind == "time":
        moment = datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


# ---- from Leshan


def values(base: Ids, node: dict[str, Any]) -> Values:
    """What Leshan read at a path."""
    if len(base) == 1:
        return {
            path: value
            for instance in node["instances"]
            for path, value in _instance((*base, instance["id"]), instance).items()
        }
    if len(base) == 2:
        return _instance(base, node)
    return _parts(base, node)


def _instance(path: Ids, node: dict[str, Any]) -> Values:
    found: Values = {}
    for resource in node["resources"]:
        found.update(_parts((*path, resource["id"]), resource))
    return found


def _parts(path: Ids, node: dict[str, Any]) -> Values:
    kind = ets.type_of(path)
    if "values" in node:
        return {(*path, int(id)): _meant(kind, value) for id, value in node["values"].items()}
    return {path: _meant(kind, node["value"])}


def _meant(kind: str, value: Any) -> object:
    if kind == "opaque":
        return bytes.fromhex(value)
    if kind == "time":
        return int(datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp())
    if kind == "objlnk":
        return f"{value['objectId']}:{value['objectInstanceId']}"
    return value


def compare(told: dict[str, Any], message: Message, path: str) -> None:
    """What Leshan understood is what the device said."""
    base = formats.ids_of(path)
    if message.format == LINKS:
        found = {link["url"]: link.get("attributes", {}) for link in told["objectLinks"]}
        links = formats.read_links(message.payload.decode())
        assert set(found) == set(links), f"Leshan understood {found} of {message}"
        return
    said = formats.read(base, message.format, message.payload, ets.type_of)
    if message.format == TLV:
        said = {
            path: str(value).encode().hex() if path[::2] in UNDEFINED else value
            for path, value in said.items()
        }
    found_values = values(base, told)
    assert found_values == said, f"Leshan understood {found_values} of {message}"
