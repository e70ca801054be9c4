"""A turn as text: what was read and decided first, then the answer as it is written, then what may change it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tunewise.desk import Asked, DeskEvent, offers_of
from tunewise.events import Decided, FactsRead, Finished, Queued, Sentence
from tunewise.languages import language
from tunewise.types import COMPUTED
from tunewise.ui.views import labels

if TYPE_CHECKING:
    from tunewise.framework import Framework

BOLD, DIM, RESET = "\033[1m", "\033[2m", "\033[0m"
TONES = {"good": "\033[32m", "open": "\033[33m", "warn": "\033[33m", "quiet": DIM, "bad": "\033[31m"}


def plain(text: str) -> str:
    """The text without what a terminal would obey rather than show; line breaks stay."""
    return "".join(char for char in text if char.isprintable() or char == "\n")


class Terminal:
    """Prints the events of one turn, in the words of the page; the layout stands in `turn.txt`."""

    def __init__(self, framework: Framework, out: TextIO | None = None, width: int | None = None) -> None:
        self._framework = framework
        self._out = out or sys.stdout
        self._width = width or min(shutil.get_terminal_size().columns, 100)
        self._column = 0
        loader = FileSystemLoader(Path(__file__).parent)
        words = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        words.filters["strategy"] = labels.strategy
        in_colour = self._out.isatty()
        styles = (
            {"bold": BOLD, "dim": DIM, "reset": RESET} if in_colour else dict.fromkeys(("bold", "dim", "reset"), "")
        )
        tones = TONES if in_colour else dict.fromkeys(TONES, "")
        self._words = words.get_template("turn.txt").make_module(
            {"labels": labels, "offers_of": offers_of, "tones": tones, **styles}
        )

    def show(self, event: DeskEvent) -> None:
        """Print what the event brings."""
        with labels.named_by(self._framework):
            match event:
                case FactsRead(situation):
                    facts = (*situation.facts.values(), *situation.details.values())
                    self._print("facts", [fact for fact in facts if fact.known and fact.name not in COMPUTED])
                case Decided(recommendation, verdict):
                    self._print("decision", recommendation, verdict)
                case Queued(position, wait_s):
                    self._print("queue", position, wait_s)
                case Sentence(text):
                    self._flow(text)
                case Finished(reply):
                    self._print("rest", reply)

    def propose(self, asked: Asked) -> None:
        """Print what was seemingly said, and the keys that answer it."""
        with labels.named_by(self._framework):
            self._print("proposal", asked, language(asked.language).proposed["leave"])

    def choose(self, asked: Asked) -> None:
        """Print what else may be so."""
        with labels.named_by(self._framework):
            self._print("choices", asked.others)

    def _print(self, part: str, *values: object) -> None:
        """Print a part of the template, each line wrapped at the terminal's width and indented as it begins."""
        if self._column:
            self._out.write("\n")
            self._column = 0
        for line in getattr(self._words, part)(*values).splitlines():
            indent = " " * (len(line) - len(line.lstrip()) + 2)
            self._out.write(textwrap.fill(line.rstrip(), self._width, subsequent_indent=indent) + "\n")
        self._out.flush()

    def _flow(self, text: str) -> None:
        """Write running text word by word, wrapped at the terminal's width."""
        for word in plain(text).split(" "):
            begins, ends = word.partition("\n")[0], word.rpartition("\n")[2]  # of two words, where a paragraph ends
            if self._column and self._column + len(begins) + 1 > self._width:
                self._out.write("\n")
                self._column = 0
            elif self._column and word:
                self._out.write(" ")
                self._column += 1
            self._out.write(word)
            self._column = len(ends) if "\n" in word else self._column + len(word)
        self._out.flush()
