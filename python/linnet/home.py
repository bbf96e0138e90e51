# SPDX-License-Identifier: Apache-2.0
"""Where the objects of a client live: what the C library stores, and what Python computes, checks and does.

C holds no object of Python strongly: what it calls is a closure over a weak reference to the :class:`Home`.
"""

from __future__ import annotations

import contextlib
import datetime
import inspect
import re
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from . import _core
from .errors import (
    Exists,
    InvalidArgument,
    LimitReached,
    Malformed,
    NotAllowed,
    NotFound,
    OutOfRange,
    ResponseError,
    StateError,
    TooLarge,
    UnsupportedFormat,
    WrongType,
    about,
)
from .events import arguments_of
from .model import EXECUTE, READ, WRITE, Definition, Model, ResourceDefinition
from .objects import Instance, Multiple, Object
from .runner import Runner
from .values import ObjectLink, Record, Type, ids_of, path_of, records_of

F = TypeVar("F", bound=Callable[..., Any])
#: Asked before a server creates an instance: its path, and the values by resource id.
OnCreate = Callable[[str, Mapping[int, Any]], object]
#: Asked before a server deletes an instance: its path.
OnDelete = Callable[[str], object]
#: What handlers returned, and the Future if that is one.
_Answers = list[tuple[Any, Any]]
#: What is left to be done when all have said yes.
_Accept = Callable[[], None]

CREATE = _core.OPERATION_CREATE
DELETE = _core.OPERATION_DELETE
# What a handler raises to refuse; anything else is a mistake.
_REFUSALS = (
    Exists,
    InvalidArgument,
    LimitReached,
    Malformed,
    NotAllowed,
    NotFound,
    OutOfRange,
    TooLarge,
    UnsupportedFormat,
    WrongType,
)
_QUESTIONS = READ | WRITE | EXECUTE | CREATE | DELETE


class Home:
    """Where the instances of one object of one client live: the object of C, and what Python adds."""

    def __init__(self, runner: Runner, model: Model, core: _core.Object) -> None:
        self.runner, self.model, self.core = runner, model, core
        self.id = core.id()
        self.definition: Definition = model[self.id]
        self.instances: dict[int, Object] = {}
        self.kind: type[Object] | None = None
        #: True: instances that servers create get samples where the definition wants a value.
        self.samples = False
        #: Asked before servers create and delete instances that no class stands for.
        self.on_create: OnCreate | None = None
        self.on_delete: OnDelete | None = None
        # By instance and resource.
        self.readers: dict[tuple[int, int], Callable[..., object]] = {}
        self.writers: dict[tuple[int, int], Callable[..., object]] = {}
        self.executables: dict[tuple[int, int], Callable[..., object]] = {}
        #: What C asks about.
        self._asked = 0

    def handle_questions(self) -> None:
        """From now on C asks this home, which it holds weakly.

        About writes only where somebody checks them: C keeps no value of write-only resources that it asked
        about.
        """
        of_kind = () if self.kind is None else self.kind.resources.values()
        checked = self.writers or any(resource.write_function is not None for resource in of_kind)
        asked = self._asked | (_QUESTIONS if checked else _QUESTIONS & ~WRITE)
        if asked != self._asked:
            self.core.set_handler(asked, _weakly(self))
            self._asked = asked

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
        with self.runner, about(path):
            if value is None:
                self.core.unset(path)
            elif resource.multiple and isinstance(value, Mapping):
                self._put_all(path, value)
            else:
                self.core.set(f"{path}/0" if resource.multiple else path, value)

    def _put_all(self, path: str, values: Mapping[int, Any]) -> None:
        """All of the values of a multiple resource, or, if one of them is not possible, none."""
        for index, item in values.items():
            if not isinstance(index, int) or not 0 <= index <= 0xFFFF:
                raise OutOfRange(f"{path}: {index!r} is no number of a resource instance: 0 to 65535")
            with about(f"{path}/{index}"):
                self.model._core.check(f"{path}/{index}", item)
        for record in self.stored(path):
            if ids_of(record.path)[3] not in values:
                self.core.unset(record.path)
        self.core.offer(path)
        for index, item in values.items():
            self.core.set(f"{path}/{index}", item)

    def set(self, path: str, value: Any) -> None:
        """Gives one value."""
        with self.runner, about(path):
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
                elif resource.definition.multiple or not resource.definition.operations & READ:
                    self.core.offer(f"{instance.path}/{id}")
            for id in instance.executables:
                self.core.offer(f"{instance.path}/{id}")

    def written(self, records: tuple[Record, ...]) -> None:
        """A server wrote, and C asked: what may only be written, and nobody took, is kept here."""
        instance = ids_of(records[0].path)[1] if records and self._asked & WRITE else None
        if instance is None or not self.core.has_instance(instance):
            return
        for id, value in self._values(records).items():
            resource = self.definition.resource(id)
            if not resource.operations & READ and (instance, id) not in self.writers:
                self.put(instance, resource, value)

    def deleted(self, number: int) -> None:
        """A server deleted an instance; there may be another one of its number by now."""
        if not self.core.has_instance(number):
            self.forget(number)

    def complete(self, number: int) -> None:
        """A server made an instance: gives it what it must have, and servers cannot write (MOD-07, DM-61)."""
        with self.runner:
            instance = self.instances.get(number)
            if instance is not None:
                self._complete(instance)
            elif self.samples:
                fill(Instance(self, number), mandatory_only=True)

    def _complete(self, instance: Object) -> None:
        pending, instance._pending = instance._pending, {}
        for id, resource in instance.resources.items():
            path = f"{instance.path}/{id}"
            readable = resource.definition.operations & READ
            if self.core.has(path) or not (id in pending or resource.definition.mandatory or not readable):
                continue
            value = pending.get(id, resource.default)
            if resource.read_function is not None:
                self.core.compute(path)
            elif value is not None:
                self.put(instance.instance, resource.definition, value)
            elif not readable:
                self.core.offer(path)
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
            given, accept = self._answers(fields)
            answers = [(answer, self.runner.future(answer)) for answer in given]
            waiting = {future for _, future in answers if future is not None and not future.done()}
            if not waiting:
                self._give(question, fields, answers, accept)
                return _core.OK
            question.defer()
        except self.runner.survives as error:
            return self._refusal(question, fields, error)

        def done(future: Any) -> None:
            with self.runner.lock:
                waiting.discard(future)
                last = not waiting
            if last:
                self._finish(question, fields, answers, accept)

        for future in tuple(waiting):
            future.add_done_callback(done)
        return _core.OK

    def _answers(self, fields: _core.EventFields) -> tuple[list[Any], _Accept]:
        """What those return that are asked, perhaps promises; and what is done if none refuses."""
        operation, ids = fields["operation"], ids_of(fields["path"])
        key = (ids[1], ids[2] if len(ids) > 2 else -1)
        if operation == READ:
            return [self.readers[key]()], _nothing
        if operation == EXECUTE:
            function = self.executables.get(key)
            return [] if function is None else [_call_with(function, arguments_of(fields["text"]))], _nothing
        if operation == CREATE:
            return self._create(ids[1], records_of(fields["records"]))
        if operation == DELETE:
            return self._delete(ids[1]), lambda: self.forget(ids[1])
        return self._write(ids[1], records_of(fields["records"])), _nothing

    def _values(self, records: tuple[Record, ...]) -> dict[int, Any]:
        """What a server wrote, by resource id."""
        values: dict[int, Any] = {}
        for record in records:
            ids = ids_of(record.path)
            if len(ids) == 4:
                values.setdefault(ids[2], {})[ids[3]] = record.value
            elif len(ids) == 3:
                values[ids[2]] = record.value
        return {id: _to_python(self.definition.resource(id), value) for id, value in values.items()}

    def _write(self, instance: int, records: tuple[Record, ...]) -> list[Any]:
        values = self._values(records)
        asked = [(self.writers.get((instance, id)), value) for id, value in values.items()]
        return [writer(value) for writer, value in asked if writer is not None]

    def _create(self, number: int, records: tuple[Record, ...]) -> tuple[list[Any], _Accept]:
        if self.kind is None:
            path = path_of(self.id, number)
            return [] if self.on_create is None else [self.on_create(path, self._values(records))], _nothing
        instance = self.kind(instance=number)

        def accept() -> None:
            if self.core.has_instance(number):
                raise Exists(f"{instance.path} exists")  # created by another server meanwhile
            self._bind(instance)

        return [instance.on_create(self._values(records))], accept

    def _delete(self, number: int) -> list[Any]:
        instance = self.instances.get(number)
        if instance is not None:
            return [instance.on_delete()]
        return [] if self.on_delete is None else [self.on_delete(path_of(self.id, number))]

    def _give(
        self, question: _core.Question, fields: _core.EventFields, answers: _Answers, accept: _Accept
    ) -> None:
        given = [answer if future is None else future.result() for answer, future in answers]
        accept()
        if fields["operation"] != READ:
            return
        [answer] = given
        path = fields["path"]
        if answer is None:
            raise NotFound(f"{path} has no value now")
        self._check_answer(path, answer)
        if isinstance(answer, Mapping) and answer:
            for index, value in answer.items():
                question.answer(f"{path}/{index}", value)
        else:
            question.answer(path, answer)

    def _check_answer(self, path: str, answer: Any) -> None:
        """What a reader returns has to fit its resource; else that is a mistake, to be told."""
        resource = self.definition.resource(ids_of(path)[2])
        if isinstance(answer, Mapping) != resource.multiple:
            wanted = "{number: value}" if resource.multiple else "a value"
            raise TypeError(f"the resource takes {wanted}, not {answer!r:.80}")
        for value in answer.values() if isinstance(answer, Mapping) else (answer,):
            try:
                self.model._core.check(path, value)
            except WrongType:
                raise TypeError(f"the resource is {resource.type.name.lower()}, not {value!r:.80}") from None
            except OutOfRange:
                continue  # it is for the server to judge

    def _finish(
        self, question: _core.Question, fields: _core.EventFields, answers: _Answers, accept: _Accept
    ) -> None:
        """Deferred answers are there. Called in any thread, even in the middle of the question."""
        if self.runner.in_turn:
            self.runner.later(lambda: self._finish(question, fields, answers, accept))
            return
        with self.runner:
            status = _core.OK
            try:
                self._give(question, fields, answers, accept)
            except Exception as error:
                status = self._refusal(question, fields, error)
            with contextlib.suppress(StateError):  # nobody waits any more
                question.finish(status)

    def _refusal(self, question: _core.Question, fields: _core.EventFields, error: BaseException) -> int:
        """The status for what a handler raised; what is no refusal is reported."""
        if isinstance(error, ResponseError) and 400 <= error.number < 600:
            with contextlib.suppress(InvalidArgument):  # no such code: a mistake like another
                question.refuse(error.number)
                return error.status
        if isinstance(error, _REFUSALS):
            return error.status
        self.runner.handler_failed(f"the handler of {fields['path']} failed", error)
        return _core.ERROR_HANDLER_FAILED


def _weakly(home: Home) -> Callable[[_core.Question], int | None]:
    reference = weakref.ref(home)

    def ask(question: _core.Question) -> int | None:
        found = reference()
        return _core.ERROR_HANDLER_FAILED if found is None else found.ask(question)

    return ask


def _nothing() -> None:
    pass


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


def sample(resource: ResourceDefinition) -> Any:
    """A value that a resource may hold, for objects that nobody filled in."""
    lowest = re.match(r"\s*(-?\d+(?:\.\d+)?)", resource.range)  # "0..100", "1-65534", "0,1,5"
    number = float(lowest[1]) if lowest else 0.0
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


def fill(instance: Instance, *, mandatory_only: bool = False) -> None:
    """Makes every resource of an instance exist, with samples for values."""
    for resource in instance._home.definition.resources:
        if instance._home.core.has(f"{instance.path}/{resource.id}"):
            continue
        if mandatory_only and not resource.mandatory:
            continue
        if resource.operations & EXECUTE or not resource.operations & READ or resource.multiple:
            instance.offer(resource.id)
        else:
            instance[resource.id] = sample(resource)
