"""A turn as text: what was read and decided first, then the answer as it is written, then what may change it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from tunewise.desk import DeskEvent
from tunewise.events import Decided, FactsRead, Finished, Queued, Sentence
from tunewise.types import Citation, Fact, Plan, Question, Reply
from tunewise.ui.views import labels

if TYPE_CHECKING:
    from tunewise.framework import Framework

BOLD, DIM, RESET = "\033[1m", "\033[2m", "\033[0m"
TONES = {"good": "\033[32m", "open": "\033[33m", "warn": "\033[33m", "quiet": DIM, "bad": "\033[31m"}


class Terminal:
    """Prints the events of one turn, in the words of the page."""

    def __init__(self, framework: Framework, out: TextIO | None = None, width: int | None = None) -> None:
        self._framework = framework
        self._out = out or sys.stdout
        self._width = width or min(shutil.get_terminal_size().columns, 100)
        self._colour = self._out.isatty()
        self._column = 0

    def show(self, event: DeskEvent) -> None:
        """Print what the event brings."""
        with labels.named_by(self._framework):
            match event:
                case FactsRead(situation):
                    self._facts((*situation.facts.values(), *situation.details.values()))
                case Decided():
                    self._decision(event)
                case Queued(position, wait_s):
                    self._line(f"Waiting for the model: {position} ahead, about {wait_s:.0f} s.", DIM)
                case Sentence(text):
                    self._flow(text)
                case Finished(reply):
                    self._rest(reply)

    def _facts(self, facts: Iterable[Fact]) -> None:
        known = [fact for fact in facts if fact.known]
        if known:
            self._line("Your situation", BOLD)
        for fact in known:
            words = f"“{fact.quote}”" if fact.quote else fact.reason or ""
            status = labels.STATUSES.get(fact.status, fact.status)
            name, value = labels.fact(fact.name).rstrip("?"), labels.value(fact.name, fact.value)
            self._line(f"  {name}: {value}  ({status}) {words}")

    def _decision(self, event: Decided) -> None:
        recommendation, verdict = event.recommendation, labels.VERDICTS[event.verdict.status]
        if recommendation.primary is None:
            return
        self._line("Recommendation", BOLD)
        self._line(f"  {labels.strategy(recommendation.primary)}", BOLD)
        if recommendation.supporting:
            self._line("  with " + ", ".join(map(labels.strategy, recommendation.supporting)))
        if recommendation.avoid:
            self._line("  avoid " + ", ".join(map(labels.strategy, recommendation.avoid)))
        for other in recommendation.conditional:
            when = " and ".join(labels.stated(name, value) for name, value in other.when.items())
            self._line(f"  if {when} → {labels.strategy(other.primary)}")
        self._line(f"  {verdict.word}. {verdict.meaning}", TONES[verdict.tone])
        self._line("")

    def _rest(self, reply: Reply) -> None:
        if self._column:
            self._line("")
        for notice in reply.notices:
            self._line(notice, DIM)
        if reply.questions and reply.kind == "advice":
            self._line("\nWhat would change this", BOLD)
            for question in reply.questions:
                self._line(f"  {question.text}{self._outcomes(question)}")
        if reply.plan:
            self._plan(reply.plan)
        self._sources(reply.citations)

    def _outcomes(self, question: Question) -> str:
        """What each answer leads to, where the answers differ in the primary strategy."""
        if len(set(question.outcomes.values())) < 2:
            return " (changes what goes with it)"
        each = (
            f"{labels.value(question.fact, raw)} → {labels.strategy(id_)}" for raw, id_ in question.outcomes.items()
        )
        return f" ({', '.join(each)})"

    def _plan(self, plan: Plan) -> None:
        self._line("\nNext steps", BOLD)
        for number, step in enumerate(plan.steps, 1):
            self._line(f"  {number}. {step.title}: {step.text}")
        for estimate in plan.memory:
            digits = 0 if estimate.gigabytes >= 10 else 1
            fits = {True: "fits", False: "does not fit", None: ""}[estimate.fits]
            self._line(
                f"  Memory, {estimate.method}: about {estimate.gigabytes:.{digits}f} GB {fits} ({estimate.formula})"
            )

    def _sources(self, citations: tuple[Citation, ...]) -> None:
        if not citations:
            return
        self._line("\nSources", BOLD)
        for citation in citations:
            self._line(f"  [{citation.id}] {citation.document}, {citation.section}: “{citation.quote}”", DIM)

    def _line(self, text: str, style: str = "") -> None:
        self._column = 0
        indent = " " * (len(text) - len(text.lstrip(" \n")) + 2)
        wrapped = "\n".join(
            textwrap.fill(part, self._width, subsequent_indent=indent) if part.strip() else part
            for part in text.split("\n")
        )
        print(f"{style}{wrapped}{RESET}" if style and self._colour else wrapped, file=self._out, flush=True)

    def _flow(self, text: str) -> None:
        """Write running text word by word, wrapped at the terminal's width."""
        for word in text.split(" "):
            if self._column and self._column + len(word) + 1 > self._width:
                self._out.write("\n")
                self._column = 0
            elif self._column and word:
                self._out.write(" ")
                self._column += 1
            self._out.write(word)
            self._column = 0 if word.endswith("\n") else self._column + len(word)
        self._out.flush()
