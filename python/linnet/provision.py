# SPDX-License-Identifier: Apache-2.0
"""Where the accounts of a client come from when no server is asked: the factory, a smartcard."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Union

from . import _core
from .configuration import Configuration, explain, rights_of
from .errors import Error, NotFound

if TYPE_CHECKING:
    from .model import Model
    from .runner import Runner

#: A configuration, or a file of them (docs/bootstrap.md), from which that of the client's name is taken.
FactorySource = Union[Configuration, str, "os.PathLike[str]"]


class Provision:
    """The calls of a client about accounts that come with the device."""

    endpoint: str
    model: Model
    _runner: Runner
    _core: Any

    def factory(self, source: FactorySource) -> None:
        """Accounts, access control and values that the device is made with.

        They are those of a :class:`Configuration`, or of the file that a bootstrap server would read. Nothing
        happens if the client has accounts already, from :meth:`keep` for instance. Before it is started::

            client.factory(linnet.Configuration(servers=[linnet.ServerAccount("coap://lwm2m.example")]))
        """
        where, configuration, servers = "factory", source, "servers"
        if not isinstance(configuration, Configuration):
            where, servers = f"{os.fspath(configuration)}: device {self.endpoint!r}", "server"
            configuration = self._from_file(configuration)
        with self._runner:
            batch = _core.Batch(self._runner.loop)
            before = self._core.own_object(0).instance_count()
            try:
                for path, value in _grouped(configuration._values(self.model)):
                    batch.add(path, value)
                self._core.factory(batch)
                if before == 0:
                    self._control(configuration)
            except Error as error:
                raise explain(configuration, error, where, servers) from None

    def _from_file(self, file: str | os.PathLike[str]) -> Configuration:
        from .configuration_file import read_configurations

        found = read_configurations(file, self.model)
        if self.endpoint in found:
            return found[self.endpoint]
        for pattern, configuration in found.items():
            if fnmatchcase(self.endpoint, pattern):
                return configuration
        raise NotFound(f"{os.fspath(file)}: there is nothing for {self.endpoint}")

    def _control(self, configuration: Configuration) -> None:
        for path, owner in configuration.owners.items():
            self._core.set_owner(self.model.path(path), owner)
        for path, entries in configuration.rights.items():
            for server, names in entries.items():
                self._core.set_access(self.model.path(path), int(server), rights_of(names))

    def set_smartcard(self, read: Callable[[], bytes | None] | None) -> None:
        """Accounts from a smartcard: `read` gives the content of EF LwM2M_Bootstrap, or None without a card.

        It is called when the client starts, before each Register and Update with a server that the card gave,
        and after :meth:`check_smartcard`; it may not wait. Accounts of a card that was removed or changed go,
        those of the new content come. What it raises is an "error" event, and changes nothing.
        """
        with self._runner:
            self._core.set_smartcard(None if read is None else _reader(self, read))

    def check_smartcard(self) -> None:
        """Looks at the card now: it may have been changed."""
        with self._runner:
            self._core.check_smartcard()


def _grouped(values: Any) -> list[tuple[str, Any]]:
    """The records of an instance together, in the order of the paths."""
    from .values import ids_of

    return sorted(values, key=lambda item: ids_of(item[0]))


def _reader(client: Provision, read: Callable[[], bytes | None]) -> Callable[[_core.Question], int]:
    reference = weakref.ref(client)

    def ask(question: _core.Question) -> int:
        owner = reference()
        try:
            content = read()
            if content is None:
                return _core.ERROR_NOT_FOUND
            question.answer("/", bytes(content))
        except Exception as error:
            if owner is not None:
                owner._runner.fail("reading the smartcard failed", error)
            return _core.ERROR_HANDLER_FAILED
        return _core.OK

    return ask
