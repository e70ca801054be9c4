"""Facts that a message only seems to state, as every door asks about them: yes, no, something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.languages import ENGLISH, capitalised, language, language_of
from tunewise.types import ProposedFact, Situation

if TYPE_CHECKING:
    from tunewise.desk.state import State
    from tunewise.framework import Framework


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: what it says, what it changes if it is chosen (for `Session.edit`), and the strategy it leads to.

    `primary` is None where the first choice stays what it is.
    """

    text: str
    changes: Mapping[str, str]
    primary: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A proposal in the language of the message, with its answers; `others` are those behind "something else"."""

    fact: str
    language: str
    sentence: str
    yes: Choice
    no: Choice
    other: str
    others: tuple[Choice, ...]


def proposals_of(framework: Framework, state: State) -> tuple[Asked, ...]:
    """The proposals that wait for an answer."""
    message = state.turns[-1].question if state.turns else ""
    return tuple(asked(framework, state.situation or Situation(), each, message) for each in state.proposed)


def asked(framework: Framework, situation: Situation, proposed: ProposedFact, message: str = "") -> Asked:
    """One proposal, asked in the language of the message if the framework says it in that language."""
    from tunewise.answer.phrases import Phrases

    fact, value, spec = proposed.fact, proposed.value, framework.facts[proposed.fact]
    spoken = language_of(message) or ENGLISH
    said = spec.conditions.get(value, spec.label)
    phrases = Phrases(spoken if spoken in said else ENGLISH, framework)
    texts = language(phrases.language).proposed

    def choice(each: str, text: str) -> Choice:
        return Choice(text, {fact: each}, _leads_to(framework, situation, {fact: each}))

    return Asked(
        fact,
        phrases.language,
        phrases.seeming(proposed),
        choice(value, texts["yes"]),
        Choice(texts["no"], {fact: f"not {value}"}),
        texts["other"],
        tuple(choice(each, capitalised(phrases.condition(fact, each))) for each in spec.values if each != value),
    )


def _leads_to(framework: Framework, situation: Situation, change: Mapping[str, str]) -> str | None:
    from tunewise.framework import supposed

    now, then = (supposed(framework, situation.values(), each).primary for each in ({}, change))
    return then if then and then != now else None
