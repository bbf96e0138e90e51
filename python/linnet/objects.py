# SPDX-License-Identifier: Apache-2.0
"""Objects of a client: classes with resources, and the built-in ones by name."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar, cast, overload

from .errors import NotFound
from .model import EXECUTE, ResourceDefinition, operations_of
from .values import ObjectLink, Type, ids_of, path_of

if TYPE_CHECKING:
    from .home import Home

T = TypeVar("T")
U = TypeVar("U")
F = TypeVar("F", bound=Callable[..., Any])

_TYPES: dict[object, Type] = {
    str: Type.STRING,
    int: Type.INTEGER,
    float: Type.FLOAT,
    bool: Type.BOOLEAN,
    bytes: Type.OPAQUE,
    datetime.datetime: Type.TIME,
    ObjectLink: Type.OBJLNK,
}


class Multiple(MutableMapping[int, T]):
    """A multiple resource: a mapping from resource instance id to value. Assigning notifies observers."""

    def __init__(self, home: Home, path: str) -> None:
        self._home, self._path = home, path

    def __getitem__(self, index: int) -> T:
        try:
            return cast(T, self._home.core.get(f"{self._path}/{index}"))
        except NotFound:
            raise KeyError(index) from None

    def __setitem__(self, index: int, value: T) -> None:
        self._home.set(f"{self._path}/{index}", value)

    def __delitem__(self, index: int) -> None:
        if index not in self:
            raise KeyError(index)
        self._home.unset(f"{self._path}/{index}")

    def __iter__(self) -> Iterator[int]:
        return iter([ids_of(record.path)[3] for record in self._home.stored(self._path)])

    def __len__(self) -> int:
        return len(self._home.stored(self._path))

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and self._home.core.has(f"{self._path}/{index}")

    def __repr__(self) -> str:
        return repr(dict(self))


class Resource(Generic[T]):
    """A resource of an :class:`Object`.

    It reads and writes like an attribute; assigning notifies observers. `operations` is what servers may do::

        value = linnet.Resource(5700, float, "R", units="Cel")
        label = linnet.Resource(5750, str, "RW", default="kitchen wall")
    """

    @overload
    def __init__(
        self: Resource[U],
        id: int,
        type: type[U],
        operations: str = ...,
        *,
        default: U | None = ...,
        name: str = ...,
        units: str = ...,
        range: str = ...,
        multiple: Literal[False] = ...,
        mandatory: bool = ...,
    ) -> None: ...

    @overload
    def __init__(
        self: Resource[Multiple[U]],
        id: int,
        type: type[U],
        operations: str = ...,
        *,
        default: Mapping[int, U] | None = ...,
        name: str = ...,
        units: str = ...,
        range: str = ...,
        multiple: Literal[True],
        mandatory: bool = ...,
    ) -> None: ...

    def __init__(
        self,
        id: int,
        type: type[Any],
        operations: str = "R",
        *,
        default: object | None = None,
        name: str = "",
        units: str = "",
        range: str = "",
        multiple: bool = False,
        mandatory: bool = False,
    ) -> None:
        if type not in _TYPES:
            raise TypeError(
                f"no LwM2M type for {type!r}; there are str, int, float, bool, bytes, datetime, ObjectLink"
            )
        self.default = default
        self.definition = ResourceDefinition(
            id, name, _TYPES[type], operations_of(operations), multiple, mandatory, units, range
        )
        self.read_function: Callable[[Any], object] | None = None
        self.write_function: Callable[[Any, Any], object] | None = None

    def __set_name__(self, owner: type[object], name: str) -> None:
        self.attribute = name

    def reader(self, function: F) -> F:
        """Decorates the method that computes the value at each read. It may return a Future."""
        self.read_function = function
        return function

    def writer(self, function: F) -> F:
        """Decorates the method that is given what a server wants to write; to raise refuses it."""
        self.write_function = function
        return function

    @overload
    def __get__(self, instance: None, owner: Any) -> Resource[T]: ...

    @overload
    def __get__(self, instance: Object, owner: Any) -> T: ...

    def __get__(self, instance: Object | None, owner: Any) -> Resource[T] | T:
        if instance is None:
            return self
        if self.read_function is not None:
            return cast(T, self.read_function(instance))
        if instance._home is None:
            return cast(T, instance._pending.get(self.definition.id, self.default))
        return cast(T, instance._home.get(instance.instance, self.definition))

    def __set__(self, instance: Object, value: T | Mapping[int, Any]) -> None:
        if self.read_function is not None:
            raise AttributeError(
                f"{self.attribute} is computed; notify({self.attribute!r}) tells that it changed"
            )
        if instance._home is None:
            instance._pending[self.definition.id] = value
        else:
            instance._home.put(instance.instance, self.definition, value)


class Executable:
    """A method that servers may execute; made by :func:`executable`."""

    def __init__(self, id: int, function: Callable[..., object], name: str = "") -> None:
        self.definition = ResourceDefinition(id, name, Type.NONE, EXECUTE, False, False, "", "")
        self.function = function

    def __set_name__(self, owner: type[object], name: str) -> None:
        self.attribute = name

    def __get__(self, instance: object | None, owner: Any) -> Callable[..., Any]:
        return self.function if instance is None else self.function.__get__(instance, owner)


def executable(id: int, *, name: str = "") -> Callable[[Callable[..., object]], Executable]:
    """Decorates a method of an :class:`Object`: servers may execute it.

    It is given the arguments as ``{0: "now"}``, if it takes any, and may return a Future. The server hears
    after that it is done: what ends the program, such as a reboot, belongs into an "execute" event (DM-54)::

        @client.on("execute")
        def restart(event):
            if event.path == "/3/0/4":
                os.execv(sys.executable, [sys.executable, *sys.argv])
    """
    return lambda function: Executable(id, function, name)


def _title(member: Resource[Any] | Executable) -> str:
    """A name for a resource from that of its attribute."""
    return member.attribute.replace("_", " ").strip().title() or str(member.definition.id)


class Object:
    """An instance of an object of your own. Derive a class, say what it has, and add instances to a client::

    @client.object(3303)
    class Temperature(linnet.Object):
        value = linnet.Resource(5700, float, "R", units="Cel")

    sensor = client.add(Temperature(instance=0, value=20.5))
    sensor.value = 21.0
    """

    #: The object id; ``client.object(3303)`` sets it, or ``class Temperature(linnet.Object, id=3303)``.
    object_id: ClassVar[int | None] = None
    object_version: ClassVar[str] = "1.0"
    object_name: ClassVar[str] = ""
    #: False: the object has one instance, 0.
    multiple: ClassVar[bool] = True
    #: True: servers may create and delete instances; a created one is made by calling the class, and asked by
    #: :meth:`on_create`; :meth:`on_delete` is asked before one goes.
    creatable: ClassVar[bool] = False
    resources: ClassVar[dict[int, Resource[Any]]] = {}
    executables: ClassVar[dict[int, Executable]] = {}

    def __init_subclass__(cls, *, id: int | None = None, version: str | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if id is not None:
            cls.object_id = id
        if version is not None:
            cls.object_version = version
        cls.resources, cls.executables = dict(cls.resources), dict(cls.executables)
        for member in vars(cls).values():
            if isinstance(member, Resource):
                cls.resources[member.definition.id] = member
            elif isinstance(member, Executable):
                cls.executables[member.definition.id] = member

    @classmethod
    def definitions(cls) -> list[ResourceDefinition]:
        """What the class declares, for models that should know it, too."""
        members: list[Resource[Any] | Executable] = [*cls.resources.values(), *cls.executables.values()]
        return [
            member.definition if member.definition.name else replace(member.definition, name=_title(member))
            for member in members
        ]

    def __init__(self, instance: int = 0, **values: Any) -> None:
        self.instance = instance
        self._home: Home | None = None
        self._pending: dict[int, Any] = {}
        for name, value in values.items():
            if not isinstance(getattr(type(self), name, None), Resource):
                raise TypeError(f"{type(self).__name__} has no resource {name!r}")
            setattr(self, name, value)

    def on_create(self, values: Mapping[int, Any]) -> object:
        """A server wants this instance, with these values by resource id.

        Override it to refuse by raising, or to answer later by returning a Future, or as a coroutine under
        asyncio. Until it is answered the instance is not there, and one that is refused never was::

            def on_create(self, values: Mapping[int, Any]) -> None:
                if self.instance >= 8:
                    raise linnet.ResponseError("4.06")
        """
        return None

    def on_delete(self) -> object:
        """A server wants the instance to go. Override it to refuse, or to answer later, as in on_create."""
        return None

    @property
    def path(self) -> str:
        """Where the instance is, e.g. ``"/3303/0"``."""
        return path_of(self.object_id or 0, self.instance)

    def notify(self, *names: str) -> None:
        """Tells observers that computed resources changed; without names, any of the instance."""
        if self._home is None:
            return
        for name in names:
            if not isinstance(getattr(type(self), name, None), Resource):
                raise AttributeError(f"{type(self).__name__} has no resource {name!r}")
            self._home.notify(f"{self.path}/{getattr(type(self), name).definition.id}")
        if not names:
            self._home.notify(self.path)


class Instance:
    """An instance, its resources by name: ``client.device.manufacturer``, or by id: ``client.device[0]``."""

    _home: Home
    _id: int

    def __init__(self, home: Home, instance: int) -> None:
        object.__setattr__(self, "_home", home)
        object.__setattr__(self, "_id", instance)

    @property
    def path(self) -> str:
        """Where the instance is, e.g. ``"/3/0"``."""
        return path_of(self._home.id, self._id)

    def __getitem__(self, key: int | str) -> Any:
        return self._home.get(self._id, self._home.definition.resource(key))

    def __setitem__(self, key: int | str, value: Any) -> None:
        self._home.put(self._id, self._home.definition.resource(key), value)

    def __delitem__(self, key: int | str) -> None:
        self._home.unset(self._path(key))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except NotFound as error:
            raise AttributeError(str(error)) from None

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            self[name] = value
        except NotFound as error:
            raise AttributeError(str(error)) from None

    def __dir__(self) -> list[str]:
        names = [resource.name.lower().replace(" ", "_") for resource in self._home.definition.resources]
        return [*super().__dir__(), *names]

    def __repr__(self) -> str:
        return f"<{self._home.definition.name} {self.path}>"

    def _path(self, key: int | str) -> str:
        return f"{self.path}/{self._home.definition.resource(key).id}"

    def notify(self, key: int | str) -> None:
        """Tells observers that a computed resource changed."""
        self._home.notify(self._path(key))

    def offer(self, key: int | str) -> None:
        """Makes an executable, or an empty multiple resource, exist."""
        self._home.offer(self._path(key))

    def reader(self, key: int | str) -> Callable[[F], F]:
        """Decorates a function without arguments that computes the resource at each read."""
        return lambda function: self._home.hook(self._home.readers, self._id, self._path(key), function)

    def writer(self, key: int | str) -> Callable[[F], F]:
        """Decorates a function that is given what a server wants to write; to raise refuses it."""
        return lambda function: self._home.hook(self._home.writers, self._id, self._path(key), function)

    def executable(self, key: int | str) -> Callable[[F], F]:
        """Decorates a function that runs when a server executes the resource, before that is answered."""
        return lambda function: self._home.hook(self._home.executables, self._id, self._path(key), function)
