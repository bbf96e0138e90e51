# SPDX-License-Identifier: Apache-2.0
"""What objects and resources there are: definitions, built in, read from files, or declared in code."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Union

from . import _core
from .errors import Error, NotFound, WrongType
from .values import Type, ids_of

READ = _core.OPERATION_READ
WRITE = _core.OPERATION_WRITE
EXECUTE = _core.OPERATION_EXECUTE
_LETTERS = {"R": READ, "W": WRITE, "E": EXECUTE}

#: A definition file (DDF XML), or a directory full of them.
ModelSource = Union[str, "os.PathLike[str]"]


def operations_of(access: str) -> int:
    """``"RW"`` as a sum of operations."""
    unknown = set(access) - set(_LETTERS)
    if unknown:
        raise ValueError(f"operations are made of the letters R, W and E, not {access!r}")
    return sum(_LETTERS[letter] for letter in set(access))


@dataclass(frozen=True)
class ResourceDefinition:
    """What a definition says of one resource."""

    id: int
    name: str
    type: Type
    operations: int
    multiple: bool
    mandatory: bool
    units: str
    range: str

    @property
    def access(self) -> str:
        """The operations as letters, e.g. ``"RW"``; "" for a resource that only bootstrap touches."""
        return "".join(letter for letter, bit in _LETTERS.items() if self.operations & bit)


@dataclass(frozen=True)
class Definition:
    """The definition of an object."""

    id: int
    name: str
    version: str
    multiple: bool
    mandatory: bool
    resources: tuple[ResourceDefinition, ...]

    def resource(self, key: int | str) -> ResourceDefinition:
        """A resource by id or name; case, blanks and underscores do not matter."""
        for resource in self.resources:
            if resource.id == key or (isinstance(key, str) and plain(resource.name) == plain(key)):
                return resource
        raise NotFound(f"object {self.id} ({self.name}) has no resource {key!r}")


def plain(name: str) -> str:
    """A name as it is compared: "Model Number" and "model_number" are the same."""
    return "".join(character for character in name.lower() if character.isalnum())


def _resource_of(fields: _core.ResourceFields) -> ResourceDefinition:
    return ResourceDefinition(
        fields["id"],
        fields["name"],
        Type(fields["type"]),
        fields["operations"],
        fields["multiple"],
        fields["mandatory"],
        fields["units"],
        fields["range"],
    )


def _definition_of(fields: _core.DefinitionFields) -> Definition:
    return Definition(
        fields["id"],
        fields["name"],
        fields["version"],
        fields["multiple"],
        fields["mandatory"],
        tuple(_resource_of(resource) for resource in fields["resources"]),
    )


class Model:
    """A registry of definitions: objects 0 to 7, and what is added.

    Clients and servers have one each, as `model`; one made alone is for looking things up and for decoding::

        linnet.Model()["Device"].resource(0).name       # "Manufacturer"
    """

    def __init__(self, *sources: ModelSource, core: _core.Model | None = None) -> None:
        self._core = core or _core.Model(_core.Loop(bytes(_core.SEED_SIZE)))
        self._resources: dict[tuple[int, int], ResourceDefinition | None] = {}
        self.load(*sources)

    def load(self, *sources: ModelSource) -> None:
        """Reads definition files, and every ``.xml`` of directories. An Error names the file."""
        for source in sources:
            for file in _files(Path(source)):
                try:
                    self._core.read_ddf(file.read_bytes())
                except Error as error:
                    raise type(error)(f"{file}: {error}") from None
        self._resources.clear()

    def add_object(self, id: int, name: str, version: str = "1.0", multiple: bool = True) -> None:
        """Declares an object that no file defines."""
        self._core.add_object(id, name, version, _core.MULTIPLE if multiple else _core.SINGLE)
        self._resources.clear()

    def add_resource(
        self,
        object: int,
        id: int,
        name: str,
        type: Type,
        operations: str,
        *,
        multiple: bool = False,
        mandatory: bool = False,
        units: str = "",
        range: str = "",
    ) -> None:
        """Declares a resource of an object declared before."""
        made = ResourceDefinition(
            id, name, type, operations_of(operations), multiple, mandatory, units, range
        )
        self.declare(object, made)

    def declare(self, object: int, resource: ResourceDefinition) -> None:
        """The same with a definition."""
        self._core.add_resource(
            object,
            resource.id,
            resource.name,
            resource.type,
            resource.operations,
            _core.MULTIPLE if resource.multiple else _core.SINGLE,
            _core.MANDATORY if resource.mandatory else _core.OPTIONAL,
        )
        if resource.units or resource.range:
            self._core.describe_resource(object, resource.id, resource.units, resource.range)
        self._resources.clear()

    def __iter__(self) -> Iterator[Definition]:
        for index in range(self._core.count()):
            fields = self._core.at(index)
            if fields is not None:
                yield _definition_of(fields)

    def __len__(self) -> int:
        return self._core.count()

    def get(self, key: int | str) -> Definition | None:
        """An object by id or name, in the version added last, or None."""
        if isinstance(key, str) and not key.isdigit():
            ids = [definition.id for definition in self if plain(definition.name) == plain(key)]
            return self.get(ids[-1]) if ids else None
        fields = self._core.find(int(key)) if 0 <= int(key) <= 0xFFFF else None
        return None if fields is None else _definition_of(fields)

    def __getitem__(self, key: int | str) -> Definition:
        definition = self.get(key)
        if definition is None:
            raise NotFound(
                f"no definition of object {key!r}: 0 to 7 are built in, others come from definition files "
                "(DDF XML), by models= or --models"
            )
        return definition

    def __contains__(self, key: object) -> bool:
        return isinstance(key, (int, str)) and self.get(key) is not None

    def resource(self, path: str) -> ResourceDefinition | None:
        """The definition of the resource that a path names, or None."""
        ids = ids_of(path)
        if len(ids) < 3:
            return None
        key = (ids[0], ids[2])
        if key not in self._resources:
            fields = self._core.resource(path)
            self._resources[key] = None if fields is None else _resource_of(fields)
        return self._resources[key]

    def path(self, text: str) -> str:
        """A path written with names or ids: ``"Device/0/Manufacturer"`` is ``"/3/0/0"``."""
        if not isinstance(text, str):
            raise WrongType(f"a path is text, such as '/3/0/0', not {text!r:.40}")
        try:
            return self._core.path(text)
        except Error:
            return self._core.path(text.replace("_", " "))

    def name(self, path: str) -> str:
        """The name of what a path names, as far as it is known; "" if not."""
        ids = ids_of(path)
        if len(ids) >= 3:
            resource = self.resource(path)
            return "" if resource is None else resource.name
        definition = self.get(ids[0]) if ids else None
        return "" if definition is None else definition.name


def _files(source: Path) -> Iterable[Path]:
    if not source.is_dir():
        return [source]
    return sorted(file for file in source.iterdir() if file.suffix.lower() == ".xml")
