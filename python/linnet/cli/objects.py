# SPDX-License-Identifier: Apache-2.0
"""``linnet objects``: looks definitions up."""

from __future__ import annotations

import argparse
from typing import Any

from ..errors import NotFound
from ..model import Definition, Model, ResourceDefinition, plain
from ..values import Type
from . import output


def add_parser(commands: Any) -> None:
    """Adds the command line of this command."""
    parser = commands.add_parser(
        "objects",
        help="look object definitions up",
        description="Shows what objects there are, or the resources of one.",
    )
    parser.add_argument("object", nargs="?", metavar="ID|NAME", help="an object; a part of its name will do")
    parser.add_argument(
        "--models", metavar="DIR", action="append", default=[], help="read object definitions (DDF XML)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Prints and ends."""
    model = Model(*options.models)
    found = list(model) if options.object is None else find(model, options.object)
    console = output.console()
    if options.object is not None and len(found) == 1:
        console.print(_one(found[0]))
    else:
        console.print(_several(found))
    return 0


def find(model: Model, what: str) -> list[Definition]:
    """Definitions by id, by name, or by a part of the name."""
    if what.isdigit():
        return [model[int(what)]]
    exact = [definition for definition in model if plain(definition.name) == plain(what)]
    found = exact or [definition for definition in model if plain(what) in plain(definition.name)]
    if not found:
        raise NotFound(f"no object is called {what!r}; --models DIR adds definitions")
    return found


def _table(*columns: str) -> Any:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        table.add_column(
            column, style="cyan" if index == 0 else None, justify="right" if index == 0 else "left"
        )
    return table


def _instances(what: Definition | ResourceDefinition) -> str:
    return "multiple" if what.multiple else "single"


def _presence(what: Definition | ResourceDefinition) -> str:
    return "mandatory" if what.mandatory else "optional"


def _type(resource: ResourceDefinition) -> str:
    return "-" if resource.type is Type.NONE else resource.type.name.lower()


def _several(definitions: list[Definition]) -> Any:
    table = _table("id", "object", "version", "instances", "resources")
    for definition in definitions:
        table.add_row(
            str(definition.id),
            definition.name,
            definition.version,
            _instances(definition),
            str(len(definition.resources)),
        )
    return table


def _one(definition: Definition) -> Any:
    from rich.console import Group

    kind = f"{_instances(definition)}, {_presence(definition)}"
    table = _table("id", "resource", "op", "type", "instances", "presence", "range", "units")
    for resource in definition.resources:
        table.add_row(
            str(resource.id),
            resource.name,
            resource.access or "-",
            _type(resource),
            _instances(resource),
            _presence(resource),
            resource.range,
            resource.units,
        )
    return Group(f"object {definition.id} {definition.name}, version {definition.version}, {kind}", table)
