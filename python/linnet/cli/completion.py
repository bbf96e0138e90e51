# SPDX-License-Identifier: Apache-2.0
"""What the prompts complete: commands, endpoints, paths by id and by name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from ..model import Definition, Model
from ..values import ids_of

#: A word that would do, and what it means.
Candidate = tuple[str, str]


def path_candidates(model: Model, listed: Iterable[str], word: str) -> Iterator[Candidate]:
    """Continuations of a path, one segment further: ids, or names once a letter was typed.

    `listed` are the objects and instances that there are.
    """
    head, slash, last = word.rpartition("/")
    known = [ids_of(path) for path in listed]
    named = last[:1].isalpha()
    segments = [segment for segment in head.split("/") if segment]
    for text, meaning in _segments(model, known, segments, named):
        if text.lower().startswith(last.lower()):
            yield head + slash + text, meaning


def _segments(
    model: Model, known: list[tuple[int, ...]], segments: list[str], named: bool
) -> Iterator[Candidate]:
    if not segments:
        for object_id in sorted({ids[0] for ids in known if ids}):
            definition = model.get(object_id)
            yield from _named(object_id, "" if definition is None else definition.name, named)
        return
    definition = model.get(segments[0])
    object_id = int(segments[0]) if segments[0].isdigit() else -1 if definition is None else definition.id
    if len(segments) == 1:
        for instance in sorted({ids[1] for ids in known if ids[0] == object_id and len(ids) > 1}):
            yield str(instance), ""
    elif len(segments) == 2 and definition is not None:
        yield from _resources(definition, named)


def _resources(definition: Definition, named: bool) -> Iterator[Candidate]:
    for resource in definition.resources:
        yield from _named(resource.id, resource.name, named)


def _named(number: int, name: str, named: bool) -> Iterator[Candidate]:
    if not named:
        yield str(number), name
    elif name:
        yield name.replace(" ", "_"), str(number)


class LineCompleter(Completer):
    """Completes the last word of a command line. `candidates(words, word)` gives what would do."""

    def __init__(self, candidates: Callable[[list[str], str], Iterable[Candidate]]) -> None:
        self._candidates = candidates

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """The completions at the cursor."""
        before = document.text_before_cursor
        words, typed = split_words(before)
        for text, meaning in self._candidates(words[:-1], words[-1]):
            quoted = _quote(text, typed[:1])
            yield Completion(quoted, start_position=-len(typed), display=text, display_meta=meaning)


def _quote(text: str, begun: str) -> str:
    """As one word, in the quotes that were begun with, if any."""
    if begun == '"':
        return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
    if begun == "'" and "'" not in text:
        return f"'{text}'"
    plain = text.replace("/", "").replace("_", "").isalnum()
    return text if plain else shlex.quote(text)


def split_words(text: str) -> tuple[list[str], str]:
    """The words before the cursor, and how the last one, that is being typed, stands there."""
    words, start = [""], 0
    quote = ""
    position = 0
    while position < len(text):
        letter = text[position]
        position += 1
        if letter == "\\" and quote != "'" and position < len(text):
            words[-1] += text[position]
            position += 1
        elif letter == quote:
            quote = ""
        elif not quote and letter in "\"'":
            quote = letter
        elif not quote and letter.isspace():
            if start < position - 1:
                words.append("")
            start = position
        else:
            words[-1] += letter
    return words, text[start:]


def matching(names: Iterable[str], word: str, meaning: str = "") -> Iterator[Candidate]:
    """Of these names those that begin so."""
    return ((name, meaning) for name in names if name.startswith(word))
