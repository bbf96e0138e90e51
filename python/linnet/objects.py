# SPDX-License-Identifier: Apache-2.0
"""Objects of a client: classes with resources, and the built-in ones by name.

The C library holds definitions and values; Python adds what is computed, checked or done. C holds no object
of Python strongly: what it calls is a closure over a weak reference to the :class:`Home`.
"""

from __future__ import annotations

import contextlib
import datetime
import inspect
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import Any, ClassVar, Generic, Literal, TypeVar, cast, overload

from . import _core
from .errors import Error, InvalidArgument, NotFound, ResponseError, StateError
from .events import arguments_of
from .model import EXECUTE, READ, WRITE, Definition, Model, ResourceDefinition, operations_of
from .runner import Runner
from .values import ObjectLink, Record, Type, ids_of, path_of, records_of

T = TypeVar("T")
U = TypeVar("U")
F = TypeVar("F", bound=Callable[..., Any])

CREATE = _core.OPERATION_CREATE
DELETE = _core.OPERATION_DELETE
_QUESTIONS = READ | WRITE | EXECUTE | CREATE | DELETE

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

    It is given the arguments as ``{0: "now"}``, if it takes any, and may return a Future.
    """
    return lambda function: Executable(id, function, name)


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
    #: True: servers may create and delete instances; a created one is made by calling the class.
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
        """Decorates a function that runs when a server executes the resource."""
        return lambda function: self._home.hook(self._home.executables, self._id, self._path(key), function)


class Home:
    """Where the instances of one object of one client live: the object of C, and what Python adds."""

    def __init__(self, runner: Runner, model: Model, core: _core.Object) -> None:
        self.runner, self.model, self.core = runner, model, core
        self.id = core.id()
        self.definition: Definition = model[self.id]
        self.instances: dict[int, Object] = {}
        self.kind: type[Object] | None = None
        # By instance and resource.
        self.readers: dict[tuple[int, int], Callable[..., object]] = {}
        self.writers: dict[tuple[int, int], Callable[..., object]] = {}
        self.executables: dict[tuple[int, int], Callable[..., object]] = {}
        self._handled = False

    def handle_questions(self) -> None:
        """From now on C asks this home, which it holds weakly."""
        if not self._handled:
            self.core.set_handler(_QUESTIONS, _weakly(self))
            self._handled = True

    # ---- values

    def get(self, instance: int, resource: ResourceDefinition) -> object:
        """What a resource holds; None if it does not exist."""
        path = path_of(self.id, instance, resource.id)
        reader = self.readers.get((instance, resource.id))
        if reader is not None:
            return reader()
        if resource.multiple:
            return Multiple[Any](self, path)
        try:
            return _to_python(resource, self.core.get(path))
        except NotFound:
            return None

    def put(self, instance: int, resource: ResourceDefinition, value: Any) -> None:
        """Gives a resource its value, or a multiple one its values; None makes it not exist."""
        path = path_of(self.id, instance, resource.id)
        with self.runner:
            if value is None:
                self.core.unset(path)
            elif resource.multiple and isinstance(value, Mapping):
                for record in self.stored(path):
                    if ids_of(record.path)[3] not in value:
                        self.core.unset(record.path)
                self.core.offer(path)
                for index, item in value.items():
                    self.core.set(f"{path}/{index}", item)
            else:
                self.core.set(f"{path}/0" if resource.multiple else path, value)

    def set(self, path: str, value: Any) -> None:
        """Gives one value."""
        with self.runner:
            self.core.set(path, value)

    def unset(self, path: str) -> None:
        """Makes a resource, or an instance of it, not exist any more."""
        with self.runner:
            self.core.unset(path)

    def offer(self, path: str) -> None:
        """Makes an executable or an empty multiple resource exist."""
        with self.runner:
            self.core.offer(path)

    def notify(self, path: str) -> None:
        """Tells observers."""
        with self.runner:
            self.core.notify(path)

    def stored(self, path: str) -> list[Record]:
        """Every stored value at or below a path, in order."""
        batch = _core.Batch(self.runner.loop)
        with self.runner.lock:
            self.core.collect(path, batch)
        return [
            record for record in records_of(batch.records()) if record.type not in (Type.NONE, Type.MULTIPLE)
        ]

    # ---- instances

    def hook(
        self, where: dict[tuple[int, int], Callable[..., object]], instance: int, path: str, function: F
    ) -> F:
        """Lets a function answer for one resource."""
        with self.runner:
            if where is self.readers:
                self.core.compute(path)
            elif where is self.executables:
                self.core.offer(path)
            where[instance, ids_of(path)[2]] = function
            self.handle_questions()
        return function

    def adopt(self, instance: Object) -> None:
        """Makes an instance of a class one of this object's."""
        with self.runner:
            if not self.core.has_instance(instance.instance):
                self.core.add_instance(instance.instance)
            self._bind(instance)
            pending, instance._pending = instance._pending, {}
            for id, resource in instance.resources.items():
                value = pending.get(id, resource.default)
                if resource.read_function is not None:
                    self.core.compute(f"{instance.path}/{id}")
                elif value is not None:
                    self.put(instance.instance, resource.definition, value)
                elif resource.definition.multiple:
                    self.core.offer(f"{instance.path}/{id}")
            for id in instance.executables:
                self.core.offer(f"{instance.path}/{id}")

    def _bind(self, instance: Object) -> None:
        number = instance.instance
        for id, resource in instance.resources.items():
            if resource.read_function is not None:
                self.readers[number, id] = resource.read_function.__get__(instance)
            if resource.write_function is not None:
                self.writers[number, id] = resource.write_function.__get__(instance)
        for id, method in instance.executables.items():
            self.executables[number, id] = method.function.__get__(instance)
        self.instances[number] = instance
        instance._home = self
        self.kind = type(instance)

    def forget(self, instance: int) -> None:
        """Drops what Python has of an instance."""
        gone = self.instances.pop(instance, None)
        if gone is not None:
            gone._home = None
        for table in (self.readers, self.writers, self.executables):
            for key in [key for key in table if key[0] == instance]:
                del table[key]

    # ---- questions

    def ask(self, question: _core.Question) -> int:
        """Answers the C library. Returns a status."""
        fields = question.fields()
        try:
            answer = self._answer(fields)
            later = self.runner.future(answer)
            if later is None:
                self._give(question, fields, answer)
            else:
                question.defer()
                later.add_done_callback(lambda future: self._finish(question, fields, future))
        except Exception as error:
            return self._refusal(question, fields, error)
        return _core.OK

    def _answer(self, fields: _core.EventFields) -> object:
        operation, ids = fields["operation"], ids_of(fields["path"])
        key = (ids[1], ids[2] if len(ids) > 2 else -1)
        if operation == READ:
            return self.readers[key]()
        if operation == EXECUTE:
            function = self.executables.get(key)
            return None if function is None else _call_with(function, arguments_of(fields["text"]))
        if operation == CREATE:
            self._create(ids[1])
        elif operation == DELETE:
            self.forget(ids[1])
        else:
            return self._write(ids[1], records_of(fields["records"]))
        return None

    def _write(self, instance: int, records: tuple[Record, ...]) -> object:
        values: dict[int, Any] = {}
        for record in records:
            ids = ids_of(record.path)
            if len(ids) == 4:
                values.setdefault(ids[2], {})[ids[3]] = record.value
            else:
                values[ids[2]] = record.value
        answer = None
        for id, value in values.items():
            writer = self.writers.get((instance, id))
            if writer is not None:
                answer = writer(_to_python(self.definition.resource(id), value))
        return answer

    def _create(self, instance: int) -> None:
        if self.kind is not None:
            self._bind(self.kind(instance=instance))

    def _give(self, question: _core.Question, fields: _core.EventFields, answer: Any) -> None:
        if fields["operation"] != READ:
            return
        if answer is None:
            raise NotFound(f"{fields['path']} has no value now")
        if isinstance(answer, Mapping) and answer:
            for index, value in answer.items():
                question.answer(f"{fields['path']}/{index}", value)
        else:
            question.answer(fields["path"], cast(Any, answer))

    def _finish(self, question: _core.Question, fields: _core.EventFields, future: Any) -> None:
        """A deferred answer is there. Called in any thread."""
        with self.runner:
            status = _core.OK
            try:
                self._give(question, fields, future.result())
            except Exception as error:
                status = self._refusal(question, fields, error)
            with contextlib.suppress(StateError):  # nobody waits any more
                question.finish(status)

    def _refusal(self, question: _core.Question, fields: _core.EventFields, error: Exception) -> int:
        """The status for what a handler raised; what is no refusal is reported."""
        if isinstance(error, ResponseError) and error.number:
            question.refuse(error.number)
            return error.status
        if isinstance(error, Error) and error.status < 0:
            return error.status
        self.runner.handler_failed(f"the handler of {fields['path']} failed", error)
        return _core.ERROR_HANDLER_FAILED


def _weakly(home: Home) -> Callable[[_core.Question], int | None]:
    reference = weakref.ref(home)

    def ask(question: _core.Question) -> int | None:
        found = reference()
        return _core.ERROR_HANDLER_FAILED if found is None else found.ask(question)

    return ask


def _call_with(function: Callable[..., object], arguments: dict[int, str]) -> object:
    """Calls an executable, with the arguments if it takes any."""
    return function(arguments) if inspect.signature(function).parameters else function()


def _to_python(resource: ResourceDefinition, value: Any) -> Any:
    if resource.type is Type.TIME and isinstance(value, int):
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    return value


def declare(model: Model, kind: type[Object]) -> None:
    """Makes the model know the object of a class, if it does not yet."""
    if kind.object_id is None:
        raise InvalidArgument(f"{kind.__name__} has no object id: use @client.object(ID)")
    known = model.get(kind.object_id)
    if known is None:
        model.add_object(
            kind.object_id, kind.object_name or kind.__name__, kind.object_version, kind.multiple
        )
    for resource in kind.definitions():
        if known is None:
            model.declare(kind.object_id, resource)
        elif all(present.id != resource.id for present in known.resources):
            raise InvalidArgument(f"object {known.id} ({known.name}) has no resource {resource.id}")


def _title(member: Resource[Any] | Executable) -> str:
    """A name for a resource from that of its attribute."""
    return member.attribute.replace("_", " ").strip().title() or str(member.definition.id)


def sample(resource: ResourceDefinition) -> Any:
    """A value that a resource may hold, for objects that nobody filled in."""
    lowest = resource.range.split("..")[0].split(",")[0].strip() if resource.range else ""
    number = float(lowest) if lowest.replace(".", "", 1).lstrip("-").isdigit() else 0.0
    samples: dict[Type, Any] = {
        Type.STRING: "",
        Type.INTEGER: int(number),
        Type.FLOAT: number,
        Type.BOOLEAN: False,
        Type.OPAQUE: b"",
        Type.TIME: int(time.time()),
        Type.OBJLNK: ObjectLink(65535, 65535),
    }
    return samples.get(resource.type)


def fill(instance: Instance) -> None:
    """Makes every resource of an instance exist, with samples for values."""
    for resource in instance._home.definition.resources:
        if instance._home.core.has(f"{instance.path}/{resource.id}"):
            continue
        if resource.operations & EXECUTE or not resource.operations & READ or resource.multiple:
            instance.offer(resource.id)
        else:
            instance[resource.id] = sample(resource)
