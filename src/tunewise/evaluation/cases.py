"""Case files: one JSON object a line, a question or a conversation with what is expected of the replies."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tunewise.errors import EvaluationError
from tunewise.record.reply_json import SCORED_FACTS

MOST_STRATEGIES = 6  # recommending everything is no advice


class _Row(BaseModel):
    """Part of a case file; keys that no score needs (language, remarks of the labeller) are ignored."""

    model_config = ConfigDict(frozen=True)


class Expected(_Row):
    """What a good reply to a single message does."""

    recommend_any_of: tuple[str, ...] = ()
    also_acceptable: tuple[str, ...] = ()
    must_not_recommend: tuple[str, ...] = ()
    should_ask_about: tuple[str, ...] = ()
    behaviour: Literal["answer", "answer_partly", "refuse", "ask"] | None = None


def _scored_only(facts: object) -> object:
    return {name: facts.get(name, "unknown") for name in SCORED_FACTS} if isinstance(facts, dict) else facts


class Case(_Row):
    """One case; `facts` holds the five scored facts, "unknown" where the message does not state them."""

    id: str = Field(min_length=1)
    kind: Literal["situation", "knowledge", "out_of_scope"]
    question: str
    facts: Annotated[dict[str, str], BeforeValidator(_scored_only)] = Field(default_factory=dict)
    expected: Expected = Field(default_factory=Expected)
    gold_passages: tuple[str, ...] = ()
    label_confidence: Literal["high", "medium", "low"] = "high"

    @property
    def messages(self) -> tuple[str, ...]:
        """What is said: the question alone."""
        return (self.question,)

    @property
    def listed(self) -> set[str]:
        """Strategies that are wanted or acceptable."""
        return {*self.expected.recommend_any_of, *self.expected.also_acceptable}

    def violations(self, recommended: Collection[str]) -> int:
        """How many of the recommended strategies (primary or supporting) must not be."""
        return len(set(recommended) & set(self.expected.must_not_recommend))

    def conforms(self, recommended: Collection[str]) -> bool:
        """One of any_of is recommended, none of must_not is, and there are at most six strategies."""
        wanted = self.expected.recommend_any_of
        hit = not wanted or not set(wanted).isdisjoint(recommended)
        return hit and not self.violations(recommended) and len(recommended) <= MOST_STRATEGIES


class TurnExpected(_Row):
    """What must hold after one turn of a conversation; what is left out is not judged."""

    facts: dict[str, str] = Field(default_factory=dict)
    recommend_any_of: tuple[str, ...] = ()
    must_not_recommend: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    asks: str | None = None


class DialogueTurn(_Row):
    """A message of a conversation, and what is expected of the reply to it."""

    say: str
    expect: TurnExpected = Field(default_factory=TurnExpected)


class Dialogue(_Row):
    """A conversation of several messages."""

    id: str = Field(min_length=1)
    turns: tuple[DialogueTurn, ...] = Field(min_length=1)

    @property
    def messages(self) -> tuple[str, ...]:
        """What is said, in order."""
        return tuple(turn.say for turn in self.turns)


def load_cases(path: Path) -> list[Case | Dialogue]:
    """Read a case file; a line with `turns` is a conversation, blank lines are skipped.

    Raises:
        EvaluationError: If the file cannot be read, holds no case, a line is no case, or two cases share an id.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise EvaluationError(
            f"The case file {str(path)!r} cannot be read ({problem}). Name a UTF-8 JSONL file."
        ) from None
    cases: dict[str, Case | Dialogue] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            case = _case(line, f"{path.name}, line {number}")
            if case.id in cases:
                raise EvaluationError(f"{path.name}: two cases have the id {case.id!r}. Rename one.")
            cases[case.id] = case
    if not cases:
        raise EvaluationError(f"The case file {str(path)!r} holds no case.")
    return list(cases.values())


def _case(line: str, where: str) -> Case | Dialogue:
    try:
        row = json.loads(line)
        return (Dialogue if isinstance(row, dict) and "turns" in row else Case).model_validate(row)
    except ValidationError as problem:
        first = problem.errors()[0]
        key = ".".join(map(str, first["loc"])) or "the line"
        raise EvaluationError(f"{where}: {key}: {first['msg']} (found {first['input']!r:.80}).") from None
    except (ValueError, RecursionError) as problem:
        raise EvaluationError(f"{where} is not JSON ({problem}).") from None
