# SPDX-License-Identifier: Apache-2.0
"""The command ``linnet``: one module for each of its words."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from .. import __version__
from .output import words_of

COMMANDS = ("demo", "client", "server", "bootstrap-server", "decode", "objects", "keys")
_URI_OPTIONS = {"client": "--server", "server": "--listen", "bootstrap-server": "--listen"}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in a line; the usage of some commands would hide it."""

    def error(self, message: str) -> NoReturn:
        """Ends with status 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="linnet", description="LwM2M 1.0.2 at your fingertips: devices, servers, and what they say."
    )
    parser.add_argument("--version", action="version", version=f"linnet {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    # A command that is named needs no other module.
    for command in words[:1] if words and words[0] in COMMANDS else COMMANDS:
        importlib.import_module(f".{command.replace('-', '_')}", __name__).add_parser(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the result is the exit status: 0 only for success, 2 for wrong usage."""
    words = sys.argv[1:] if arguments is None else arguments
    parser = _parser(words)
    options, unknown = parser.parse_known_args(words)
    if unknown:
        _refuse(parser.prog, words[0], unknown)
    if "run" not in options:
        parser.print_help(sys.stderr)
        return 2
    try:
        return int(options.run(options))
    except BrokenPipeError:
        # Whoever read our output has gone; Python must not complain about that when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except (OSError, ValueError, LookupError, RuntimeError, MemoryError, NotImplementedError) as error:
        return _complain(error)
    except Exception as error:
        from ..errors import Error

        if isinstance(error, Error):
            return _complain(error)
        raise


def _refuse(prog: str, command: str, unknown: Sequence[str]) -> NoReturn:
    """An argument that the command does not have; a URI that stands alone is meant for an option."""
    option = _URI_OPTIONS.get(command)
    if option is not None and "://" in unknown[0]:
        words = f"write {option} {unknown[0]}"
    else:
        words = f"unrecognized arguments: {' '.join(unknown)}"
    at = f"{prog} {command}" if command in COMMANDS else prog
    print(f"{at}: {words} (see {at} --help)", file=sys.stderr)
    raise SystemExit(2)


def _complain(error: BaseException) -> int:
    print(f"linnet: {words_of(error)}", file=sys.stderr)
    return 1
