# SPDX-License-Identifier: Apache-2.0
"""What ``linnet client`` and ``linnet server`` share: commands from stdin or a prompt, signals, answers."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import difflib
import logging
import os
import re
import shlex
import signal
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import _core
from ..aio import BootstrapServer, Client, Server
from ..codec import parse_value
from ..errors import Error, InvalidArgument, NotAllowed, ResponseError
from ..events import Event
from ..model import EXECUTE, Model
from ..values import Type
from .output import commands_table, console, print_json, printable, words_of


class Usage(InvalidArgument):
    """A command line that makes no sense; the message is its usage."""


@dataclass
class Line:
    """A command as it was typed: its first words, and the text behind them as it stands."""

    words: list[str]
    text: str

    def two(self) -> tuple[str, str]:
        """Endpoint and path."""
        if len(self.words) < 3:
            raise IndexError
        return self.words[1], self.words[2]

    def rest(self, count: int) -> str:
        """What follows the first `count` words, blanks and quotes included."""
        rest = self.text
        for _ in range(count):
            rest = _WORD.sub("", rest, count=1).lstrip()
        return rest


# What is not allowed on this side has the code that a device would answer.
_CODES: dict[type[Exception], str] = {NotAllowed: "4.05"}
# What people type elsewhere.
ALIASES = {"exit": "quit", "?": "help"}
# How long "quit" waits for the answers to what came before it.
QUIT_S = 10
# A word, or one in quotes.
_WORD = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|\S+)""")


def parse_line(text: str) -> Line:
    """Quotes keep blanks together; a quote that is never closed stands for itself."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    return Line(words, text.strip())


def value_of(model: Model, path: str, text: str) -> Any:
    """A value as it was typed: of the type that the definition has, else of the type it looks like."""
    definition = model.resource(path)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    if definition is None or definition.type is Type.NONE:
        return guess(text)
    try:
        return parse_value(definition.type, text)
    except Error:
        kind = definition.type.name.lower()
        raise InvalidArgument(
            f"{path} ({definition.name}) takes a value of type {kind}, not {text!r}"
        ) from None


def guess(text: str) -> Any:
    """``5`` is a number, ``true`` a boolean, anything else text."""
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        return float(text)
    return text


def values_of(model: Model, path: str, words: list[str]) -> dict[Any, Any]:
    """``RES=VALUE...`` of an instance, ``INDEX=VALUE...`` of a multiple resource; ids or names."""
    values: dict[Any, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not equals:
            raise InvalidArgument(f"{word!r} is not of the form RESOURCE=VALUE")
        at = model.path(f"{path}/{key}")
        values[at if path.count("/") == 2 else number_of(key)] = value_of(model, at, text)
    return values


def number_of(text: str) -> int:
    """The number of an instance."""
    if not text.isdigit() or int(text) > 0xFFFF:
        raise InvalidArgument(f"{text!r} is no number of an instance: 0 to 65535")
    return int(text)


def split_assignment(text: str) -> tuple[str, str]:
    """``PATH=VALUE``."""
    path, equals, value = text.partition("=")
    if not equals:
        raise InvalidArgument(f"{text!r} is not of the form PATH=VALUE")
    return path, value


def is_executable(model: Model, path: str) -> bool:
    """True if the path names a resource that is executed."""
    definition = model.resource(path)
    return definition is not None and bool(definition.operations & EXECUTE)


#: What a command gives: fields of its JSON answer, and something to show to people.
Answer = tuple[dict[str, Any], Any]
Handler = Callable[[Line], Awaitable[Answer]]


class Session:
    """One run of ``linnet client`` or ``linnet server``: reads commands, answers, shows events, ends well."""

    def __init__(self, options: argparse.Namespace, prompt: str) -> None:
        self.json: bool = options.json
        self.prompt = prompt
        self.console = console()
        self.commands: dict[str, tuple[Handler, str]] = {}
        #: What would do for the last word of a line, after the words before it.
        self.candidates: Callable[[list[str], str], Iterable[tuple[str, str]]] = lambda words, word: ()
        self._done = asyncio.Event()
        self._failure: Exception | None = None
        self._prompting = False
        self._tasks: set[asyncio.Task[None]] = set()
        # Of each queue the lines that are not answered: each lets the next one begin.
        self._gates: dict[str, deque[asyncio.Future[None]]] = {}
        verbosity = (logging.WARNING, logging.INFO, logging.DEBUG)[min(options.verbose, 2)]
        logging.basicConfig(stream=sys.stderr, level=verbosity, format="%(name)s: %(message)s")
        if not self.json and options.verbose == 0:
            logging.getLogger("asyncio").setLevel(logging.ERROR)

    # ---- output

    def show(self, event: dict[str, Any], words: Any) -> None:
        """An event: a line of JSON, or words for people."""
        try:
            if self.json:
                print_json(event)
            elif words is not None:
                self.console.print(words)
        except BrokenPipeError as error:  # nobody reads any more
            self.fail(error)

    def _answer(self, number: int | None, answer: dict[str, Any], words: Any) -> None:
        self.show(answer if number is None else {"id": number, **answer}, words)

    # ---- commands

    def command(self, usage: str, handler: Handler) -> None:
        """Adds a command; the first word of `usage` is its name, the docstring of `handler` what it does."""
        self.commands[usage.split()[0]] = (handler, usage)

    def submit(self, text: str, queue: Callable[[Line], str]) -> None:
        """Runs a command line. Lines of the same queue run one after the other, others side by side.

        The next one need not wait for the answer of one for which :meth:`pass_on` was called.
        """
        line = parse_line(text)
        if not line.words:
            return
        number = None
        if line.words[0].isdigit():
            number = int(line.words[0])
            line = Line(line.words[1:], line.rest(1))
        key = queue(line)
        gates = self._gates.setdefault(key, deque())
        gate = asyncio.get_running_loop().create_future()
        task = asyncio.ensure_future(self._run(number, line, gates[-1] if gates else None))
        gates.append(gate)
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._end_line(task, key, gate))

    def _end_line(self, task: asyncio.Task[None], key: str, gate: asyncio.Future[None]) -> None:
        self._tasks.discard(task)
        gates = self._gates[key]
        gates.remove(gate)
        if not gates:
            del self._gates[key]
        if not gate.done():
            gate.set_result(None)

    def pass_on(self, key: str) -> None:
        """Lets the next line of a queue begin, although the one before it is not answered."""
        gate = next((gate for gate in self._gates.get(key, ()) if not gate.done()), None)
        if gate is not None:
            gate.set_result(None)

    async def _run(self, number: int | None, line: Line, before: asyncio.Future[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        typed = line.words[0] if line.words else ""
        name = ALIASES.get(typed, typed)
        try:
            if name not in self.commands:
                raise Usage(self._unknown(typed))
            handler, usage = self.commands[name]
            try:
                answer, words = await handler(line)
            except IndexError:
                raise Usage(f"usage: {usage}") from None
            self._answer(number, {"ok": True, **answer}, words)
        except (Error, ValueError, LookupError, OSError) as error:
            code = error.code if isinstance(error, ResponseError) else _CODES.get(type(error))
            answer = {"ok": False, **({"code": code} if code else {}), "error": words_of(error)}
            self._answer(number, answer, f"[red]{_escape(words_of(error))}[/red]")

    def _unknown(self, typed: str) -> str:
        if not typed:
            return "no command"
        close = difflib.get_close_matches(typed.lower(), self.commands, 1)
        known = f"did you mean {close[0]}?" if close else f"there are {', '.join(self.commands)}"
        return f"unknown command {typed!r}; {known}"

    def fail(self, error: Exception) -> None:
        """Ends the session, and the command, with an error."""
        self._failure = error
        self._done.set()

    def quit(self) -> None:
        """Ends the session, after what is being done."""
        self._done.set()

    async def run(self, queue: Callable[[Line], str]) -> None:
        """Until quit, SIGINT or SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.quit)
        reading = asyncio.ensure_future(self._read(lambda text: self.submit(text, queue)))
        reading.add_done_callback(_raise)
        await self._done.wait()
        reading.cancel()
        for task in list(self._tasks):
            task.cancel()
        if self._failure is not None:
            raise self._failure

    async def _read(self, take: Callable[[str], None]) -> None:
        if not self.json and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty():
            self._prompting = True
            await self._prompt(take)
        else:
            self._read_lines(take)

    async def _prompt(self, take: Callable[[str], None]) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import FileHistory
        from prompt_toolkit.patch_stdout import patch_stdout

        from .completion import LineCompleter

        completer = LineCompleter(self._complete)
        session: Any = PromptSession(completer=completer, history=FileHistory(str(_history(self.prompt))))
        with patch_stdout(raw=True):
            self.console = console()
            while True:
                try:
                    take(await session.prompt_async(f"{self.prompt}> "))
                except KeyboardInterrupt:
                    if not session.default_buffer.text:  # else it gives up a line that was begun
                        return self.quit()
                except EOFError:
                    return self.quit()

    def _complete(self, words: list[str], word: str) -> Iterable[tuple[str, str]]:
        """Commands with their usage, then what the command takes."""
        if words:
            return self.candidates(words, word)
        return ((name, usage) for name, (_, usage) in self.commands.items() if name.startswith(word))

    def _read_lines(self, take: Callable[[str], None]) -> None:
        """A thread reads stdin. The end of commands ends the session; an empty stdin does not."""
        loop = asyncio.get_running_loop()

        def read() -> None:
            seen = False
            with contextlib.suppress(OSError, RuntimeError):  # no stdin, or no loop any more
                for text in _lines(0):
                    seen = True
                    loop.call_soon_threadsafe(take, text)
                if seen:
                    loop.call_soon_threadsafe(self._finish)

        threading.Thread(target=read, name="stdin", daemon=True).start()

    def _finish(self) -> None:
        """Quits when every command has been answered."""
        waiting = asyncio.gather(*self._tasks, return_exceptions=True)
        waiting.add_done_callback(lambda _: self.quit())

    async def help(self, line: Line) -> Answer:
        """Shows the commands."""
        usages = [(usage, handler.__doc__ or "") for handler, usage in self.commands.values()]
        words = None if self.json else commands_table(usages)
        return {"commands": [usage for usage, _ in usages]}, words

    async def quit_command(self, line: Line) -> Answer:
        """Ends, after the answers to the commands before it."""
        before = [task for task in self._tasks if task is not asyncio.current_task()]
        if before and not self._prompting:
            await asyncio.wait(before, timeout=QUIT_S)
        asyncio.get_running_loop().call_soon(self.quit)
        return {}, None


def _lines(descriptor: int) -> Iterator[str]:
    """Lines of a descriptor, without the locks of sys.stdin, which a program that ends would wait for."""
    rest = b""
    while data := os.read(descriptor, 65536):
        *lines, rest = (rest + data).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")


def _escape(text: str) -> str:
    from rich.markup import escape

    return escape(printable(text))


def _raise(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logging.getLogger("linnet").error("reading commands failed: %s", task.exception())


def _history(name: str) -> Path:
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "linnet"
    try:
        base.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(os.devnull)
    return base / f"{name}-history"


def set_verbosity(role: Client | Server | BootstrapServer, verbosity: int) -> None:
    """-v shows what linnet has to say, -vv every message."""
    if verbosity:
        role._runner.set_log_level(_core.LOG_DEBUG if verbosity > 1 else _core.LOG_INFO)


def add_common(parser: argparse.ArgumentParser) -> None:
    """Options of both sides."""
    parser.add_argument(
        "--models", metavar="DIR", action="append", default=[], help="read object definitions (DDF XML)"
    )
    parser.add_argument(
        "--json", action="store_true", help="speak JSON, one object a line; commands from stdin"
    )
    parser.add_argument(
        "-v", "--verbose", action="count", default=0, help="say more on stderr; twice: every message"
    )


def split_count(text: str) -> tuple[str, int]:
    """``ID[=COUNT]``."""
    what, equals, count = text.partition("=")
    if equals and not (count.isdigit() and 0 < int(count) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r}: the number of instances is 1 to 1000")
    return what, int(count) if equals else 1


def event_words(event: Event, model: Model) -> str:
    """A path with its name, for events."""
    name = model.name(event.path)
    return _escape(f"{event.path}" + (f" {name}" if name else ""))
