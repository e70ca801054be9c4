"""Case files: one JSON object a line, a question with what is expected of the reply."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tunewise.errors import EvaluationError
from tunewise.record.reply_json import SCORED_FACTS

CaseKind = Literal["situation", "knowledge", "out_of_scope"]
Behaviour = Literal["answer", "answer_partly", "refuse", "ask"]


class Expected(BaseModel):
    """What a good reply does; unknown keys (remarks of the labeller) are ignored."""

    model_config = ConfigDict(frozen=True)

    recommend_any_of: tuple[str, ...] = ()
    also_acceptable: tuple[str, ...] = ()
    must_not_recommend: tuple[str, ...] = ()
    should_ask_about: tuple[str, ...] = ()
    answer_points: tuple[str, ...] = ()
    outside_points: tuple[str, ...] = ()
    behaviour: Behaviour | None = None


def _scored_only(facts: object) -> object:
    return {name: facts.get(name, "unknown") for name in SCORED_FACTS} if isinstance(facts, dict) else facts


class Case(BaseModel):
    """One case; `facts` holds the five scored facts, "unknown" where the message does not state them."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    kind: CaseKind
    question: str
    lang: str = "en"
    facts: Annotated[dict[str, str], BeforeValidator(_scored_only)] = Field(default_factory=dict)
    expected: Expected = Field(default_factory=Expected)
    gold_passages: tuple[str, ...] = ()
    label_confidence: Literal["high", "medium", "low"] = "high"


def load_cases(path: Path) -> list[Case]:
    """Read a case file; blank lines are skipped.

    Raises:
        EvaluationError: If the file cannot be read, holds no case, a line is no case, or two cases share an id.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise EvaluationError(
            f"The case file {str(path)!r} cannot be read ({problem}). Name a UTF-8 JSONL file."
        ) from None
    cases = [_case(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise EvaluationError(f"The case file {str(path)!r} holds no case.")
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            raise EvaluationError(f"{path.name}: two cases have the id {case.id!r}. Rename one.")
        seen.add(case.id)
    return cases


def _case(line: str, where: str) -> Case:
    try:
        return Case.model_validate(json.loads(line))
    except ValidationError as problem:
        first = problem.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the line"
        raise EvaluationError(f"{where}: {key}: {first['msg']} (found {first['input']!r:.80}).") from None
    except (ValueError, RecursionError) as problem:
        raise EvaluationError(f"{where} is not JSON ({problem}).") from None
