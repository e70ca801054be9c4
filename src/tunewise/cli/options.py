"""What several commands share: their parser, the options that override settings, progress bars, files to write."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from tunewise.errors import TunewiseError
from tunewise.settings import Settings

Commands = Any  # argparse's sub-parsers: their type is private, and generic only for type checkers
Run = Callable[[argparse.Namespace], int]
SETTINGS = ("home", "model", "framework", "notes", "exact")


def command(commands: Commands, name: str, run: Run, help: str, description: str = "") -> argparse.ArgumentParser:
    """A new command with the options that override settings; each of them is None unless it was given."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=description or None)
    parser.set_defaults(func=run)
    group = parser.add_argument_group("settings")
    group.add_argument("--home", type=Path, metavar="DIR", help="folder for weights, index and conversations")
    group.add_argument("--model", metavar="NAME|PATH", help="a pinned model's name, or the path of a GGUF file")
    group.add_argument("--framework", metavar="NAME|PATH", help="a shipped framework's name, or a framework file")
    group.add_argument(
        "--no-notes", dest="notes", action="store_const", const=False, help="search article and papers only"
    )
    group.add_argument("--exact", action="store_const", const=True, help="compute every prompt in full")
    return parser


def actions(commands: Commands, name: str, help: str) -> Commands:
    """A new command that has commands of its own."""
    return commands.add_parser(name, help=help).add_subparsers(title="actions", metavar="ACTION", required=True)


def settings_from(arguments: argparse.Namespace) -> Settings:
    """Settings from the environment, overridden by the options that were given."""
    return Settings.from_environment(os.environ, **{name: getattr(arguments, name, None) for name in SETTINGS})


def write(
    text: str, out: Path | None, error: type[TunewiseError], mode: Literal["w", "x"] = "w", then: str = ""
) -> None:
    """Write a text to a file, and say so on standard error; without a file print it.

    Raises:
        TunewiseError: As `error`, if it cannot be written, or with mode "x" if the file exists.
    """
    if out is None:
        sys.stdout.write(text)
        return
    try:
        with out.open(mode, encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise error(f"{str(out)!r} exists already. Choose another name.") from None
    except OSError as problem:
        raise error(f"Cannot write {str(out)!r}: {problem.strerror}.") from None
    print(f"Wrote {out}.{then}", file=sys.stderr)


class Bar:
    """Progress on standard error, one bar for each step; steps of less than `least` get none."""

    def __init__(self, least: int = 0, **options: Any) -> None:
        self._least, self._options = least, options
        self._bar: Any = None
        self._step = ""

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show how far a step is."""
        if total < self._least:
            return
        if step != self._step:
            from tqdm import tqdm

            self.__exit__()
            self._step, self._bar = step, tqdm(desc=step, total=total, **self._options)
        self._bar.update(done - self._bar.n)
