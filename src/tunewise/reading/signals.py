"""What a reader says of one message, with its certainty; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from tunewise.types import ReadMove, ReadProject, ReadReality

ASKS = (
    "whether_to_tune", "which_method", "hardware_enough", "data_enough", "which_of_two", "plan_right", "went_wrong",
    "forgetting", "steps", "time_cost", "prompt_or_retrieve", "why", "why_not", "what_would_change", "summarise",
    "recall", "source", "concept", "other",
)  # fmt: skip
ASKED = "advisor asks:"  # what a context with a question begins with
MOVES: tuple[str, ...] = get_args(ReadMove)
PROJECTS: tuple[str, ...] = get_args(ReadProject)  # which case a turn is about
REALITIES: tuple[str, ...] = get_args(ReadReality)  # and whether that is so or supposed
MODEL_TYPE = "model_type"  # the fact that a message tells as a whole, where it names no model
MODEL_TYPES = ("generative", "other", "unknown")


@dataclass(frozen=True, slots=True)
class FactSignal:
    """How likely it is (0 to 1) that the sentence from `start` to `end` (offsets into the message) states a fact.

    `own` is the probability that an amount or a machine of that value is the asker's own; 0.5 where none is named.
    """

    fact: str
    value: str
    probability: float
    start: int
    end: int
    own: float = 0.5


@dataclass(frozen=True, slots=True)
class Signals:
    """One signal for every value of every fact, from the sentence that states it most clearly; what is asked and which
    move the message is, each with its probability (questions: each by itself; moves: together 1); roughly where
    among an embedding model's vectors it lies, which helps to tell how likely it is about which type of model
    (`MODEL_TYPES`, together 1); which case of the conversation (`PROJECTS`) and what is so or supposed
    (`REALITIES`, each together 1)."""

    facts: tuple[FactSignal, ...] = ()
    asks: Mapping[str, float] = field(default_factory=dict)
    moves: Mapping[str, float] = field(default_factory=dict)
    place: tuple[float, ...] | None = None
    model_types: Mapping[str, float] = field(default_factory=dict)
    projects: Mapping[str, float] = field(default_factory=dict)
    realities: Mapping[str, float] = field(default_factory=dict)


def context_text(asked: str | None, reply: str | None) -> str:
    """What came before a message, as the reader sees it: the last question, else the gist of the last reply."""
    if asked:
        return f"{ASKED} {asked}"
    return f"advisor: {reply}" if reply else "new"


def is_question(context: str) -> bool:
    """Whether a context is a question that was asked."""
    return context.startswith(ASKED)
