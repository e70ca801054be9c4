"""What `Advisor.stream` yields while a turn is under way, in this order.

Facts and decision come before anything is searched and before the model has written a word; `FactsRead` and `Decided`
come a second time if the model points at words that state further facts. `Finished` carries the whole reply and is
always the last event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tunewise.types import (
    Hit,
    Language,
    ProposedFact,
    Question,
    Recommendation,
    Reply,
    Situation,
    Verdict,
    Withheld,
)

Stage = Literal["facts", "decision", "explanation"]


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins, `elapsed_s` seconds after the message came in."""

    stage: Stage
    elapsed_s: float


@dataclass(frozen=True, slots=True)
class FactsRead:
    """The situation after this message."""

    situation: Situation
    language: Language


@dataclass(frozen=True, slots=True)
class Decided:
    """What the rules recommend, with the checker's verdict on it, what to ask next and which facts to confirm."""

    recommendation: Recommendation
    verdict: Verdict
    questions: tuple[Question, ...]
    proposed: tuple[ProposedFact, ...] = ()


@dataclass(frozen=True, slots=True)
class PassagesFound:
    """The passages that the answer may rest on, best first."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Queued:
    """The model serves someone else; `position` requests are ahead, expected wait in seconds."""

    position: int
    wait_s: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of the answer that passed the gate; pieces join to the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class WithheldSentence:
    """A sentence that the gate stopped."""

    withheld: Withheld


@dataclass(frozen=True, slots=True)
class Finished:
    """The whole reply."""

    reply: Reply


Event = StageStarted | FactsRead | Decided | PassagesFound | Queued | Sentence | WithheldSentence | Finished
