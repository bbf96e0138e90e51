#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns docs/spec/vectors.yaml into tables of C for tests/unit/codec/vectors.h: vectors_to_c.py IN OUT."""

import sys

import yaml

TYPES = {
    "string": "LINNET_TYPE_STRING",
    "integer": "LINNET_TYPE_INTEGER",
    "float": "LINNET_TYPE_FLOAT",
    "boolean": "LINNET_TYPE_BOOLEAN",
    "opaque": "LINNET_TYPE_OPAQUE",
    "time": "LINNET_TYPE_TIME",
    "objlnk": "LINNET_TYPE_OBJLNK",
    "multiple": "LINNET_TYPE_MULTIPLE",
}


def filled(fill):
    return bytes([int(str(fill["byte"]), 16)]) * fill["count"]


def payload_of(vector):
    if "hex" in vector:
        return bytes.fromhex(vector["hex"])
    if "hex_prefix" in vector:
        return bytes.fromhex(vector["hex_prefix"]) + filled(vector["fill"])
    return vector.get("text", "").encode()


def c_bytes(data):
    """Bytes as string literals of a line each; never an empty one."""
    lines = [data[i : i + 32] for i in range(0, len(data), 32)] or [b""]
    return "\n      ".join('"' + "".join(f"\\{byte:03o}" for byte in line) + '"' for line in lines)


def c_text(text):
    return c_bytes(text.encode())


def c_integer(number):
    return "INT64_MIN" if number == -(2**63) else f"INT64_C({number})"


def c_value(node):
    """The initialiser of a linnet_value."""
    kind = node["type"]
    start = f"{{.type = {TYPES[kind]}"
    value = node.get("value")
    if kind in ("integer", "time"):
        return f"{start}, .as.integer = {c_integer(value)}}}"
    if kind == "float":
        return f"{start}, .as.real = {float(value)!r}}}"
    if kind == "boolean":
        return f"{start}, .as.boolean = {str(value).lower()}}}"
    if kind == "objlnk":
        return f"{start}, .as.link = {{{', '.join(value.split(':'))}}}}}"
    if kind == "multiple":
        return f"{start}}}"
    if "value_fill" in node:
        data = filled(node["value_fill"])
    else:
        data = value.encode() if kind == "string" else bytes.fromhex(value)
    return f"{start}, .as.bytes = {{(const uint8_t *){c_bytes(data)}, {len(data)}}}}}"


def c_path(text):
    ids = [segment for segment in text.split("/") if segment]
    return f"{{{{{', '.join(ids) or '0'}}}, {len(ids)}}}"


def c_parameters(params):
    return "".join(f"{{{c_text(name)}, {c_text(value)}}}, " for name, value in params.items())


def tables(number, vector, out):
    """The arrays a vector points to; returns their initialisers."""
    nodes = [
        f"    {{{c_path(node['path'])}, {c_value(node)}, {float(node.get('time', 0))!r}}},"
        for node in vector.get("nodes", [])
    ]
    links = [
        f"    {{{c_text(link['uri'])}, {{{c_parameters(link['params'])}{{NULL, NULL}}}}}},"
        for link in vector.get("links", [])
    ]
    arguments = [
        f"    {{{argument['digit']}, {c_text(argument['value'])}}}," for argument in vector.get("args", [])
    ]
    result = []
    for name, kind, lines in (
        ("nodes", "linnet_record", nodes),
        ("links", "vector_link", links),
        ("arguments", "vector_argument", arguments),
    ):
        if lines:
            out.append(f"static const {kind} {name}_{number}[] = {{")
            out.extend(lines)
            out.append("};")
            result.append(f"{name}_{number}, {len(lines)}")
        else:
            result.append("NULL, 0")
    return ", ".join(result)


def main(source, target):
    with open(source, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    vectors = document["vectors"]
    if len(vectors) != document["meta"]["count"]:
        sys.exit(f"{len(vectors)} vectors, not {document['meta']['count']}")
    out = ["/* Made by vectors_to_c.py from docs/spec/vectors.yaml. */"]
    rows = []
    for number, vector in enumerate(vectors):
        arrays = tables(number, vector, out)
        payload = payload_of(vector)
        if vector.get("length", len(payload)) != len(payload):
            sys.exit(f"{vector['id']}: {len(payload)} bytes, not {vector['length']}")
        direction = vector["direction"]
        decode, encode = int(direction != "encode"), int(direction != "decode")
        semantic = int(vector.get("compare") == "semantic")
        accepted = int(not vector["expect"].startswith("reject"))
        rows.append(
            f"    {{{c_text(vector['id'])}, {c_text(vector['format'])}, {c_text(vector.get('op', ''))},\n"
            f"     {c_path(vector.get('path', '/'))}, {decode}, {encode}, {semantic}, {accepted},\n"
            f"     {c_bytes(payload)}, {len(payload)}, {arrays}}},"
        )
    out.append("static const wire_vector vectors[] = {")
    out.extend(rows)
    out.append("};")
    with open(target, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
