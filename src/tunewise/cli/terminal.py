"""A turn as text: what was read and decided first, then the answer as it is written, then what may change it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from tunewise.events import Decided, Event, FactsRead, Finished, Queued, Sentence
from tunewise.types import Citation, Fact, Plan, Question, Reply

if TYPE_CHECKING:
    from tunewise.framework import Framework

BOLD, DIM, GREEN, YELLOW, RED, RESET = "\033[1m", "\033[2m", "\033[32m", "\033[33m", "\033[31m", "\033[0m"
VERDICT_STYLE = {"valid": GREEN, "satisfiable": YELLOW, "ambiguous": YELLOW}
VERDICT_MEANING = {
    "valid": "follows from your facts and the rules",
    "invalid": "contradicts your facts or the rules",
    "satisfiable": "holds only under facts that you have not stated",
    "impossible": "your facts contradict each other",
    "ambiguous": "a fact can be read in two ways",
    "no_recommendation": "nothing was recommended",
    "not_checked": "could not be checked",
}


class Terminal:
    """Prints the events of one turn; `reply` is there once the turn is finished."""

    def __init__(self, framework: Framework, out: TextIO | None = None, width: int | None = None) -> None:
        self._framework = framework
        self._out = out or sys.stdout
        self._width = width or min(shutil.get_terminal_size().columns, 100)
        self._colour = self._out.isatty()
        self._column = 0
        self.reply: Reply

    def show(self, event: Event) -> None:
        """Print what the event brings."""
        if isinstance(event, FactsRead):
            self._facts(event.situation.facts.values(), event.situation.details.values())
        elif isinstance(event, Decided):
            self._decision(event)
        elif isinstance(event, Queued):
            self._line(f"Waiting for the model: {event.position} ahead, about {event.wait_s:.0f} s.", DIM)
        elif isinstance(event, Sentence):
            self._flow(event.text)
        elif isinstance(event, Finished):
            self.reply = event.reply
            self._rest(event.reply)

    def _facts(self, facts: Iterable[Fact], details: Iterable[Fact]) -> None:
        known = [fact for fact in (*facts, *details) if fact.known]
        if not known:
            return
        self._line("Your situation", BOLD)
        for fact in known:
            words = f"“{fact.quote}”" if fact.quote else fact.reason or ""
            self._line(f"  {fact.name.replace('_', ' ')}: {fact.value}  ({fact.status}) {words}")

    def _decision(self, event: Decided) -> None:
        recommendation, verdict = event.recommendation, event.verdict
        if recommendation.primary is None:
            return
        self._line("Recommendation", BOLD)
        self._line(f"  {self._label(recommendation.primary)}", BOLD)
        if recommendation.supporting:
            self._line("  with " + ", ".join(self._label(id_) for id_ in recommendation.supporting))
        if recommendation.avoid:
            self._line("  avoid " + ", ".join(self._label(id_) for id_ in recommendation.avoid))
        for other in recommendation.conditional:
            when = " and ".join(f"{name.replace('_', ' ')} is {value}" for name, value in other.when.items())
            self._line(f"  if {when}: {self._label(other.primary)}")
        style = VERDICT_STYLE.get(verdict.status, RED)
        self._line(f"  {verdict.status.replace('_', ' ')}: {VERDICT_MEANING[verdict.status]}", style)
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
        return " (" + ", ".join(f"{value} → {self._label(id_)}" for value, id_ in question.outcomes.items()) + ")"

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

    def _label(self, strategy: str) -> str:
        spec = self._framework.strategies.get(strategy)
        return spec.label["en"] if spec else strategy

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
