"""The record of what the rules decide for a situation, where no conversation led to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tunewise.record.decision_record import Record, make_record
from tunewise.types import Reply, SentenceShown, Situation

if TYPE_CHECKING:
    from tunewise.framework import Framework

ASKED = 2  # open questions


def record_of_situation(
    situation: Situation,
    framework: Framework,
    *,
    messages: Sequence[str],
    title: str,
    said: Sequence[str] = (),
    weights: Mapping[str, str] | None = None,
    at: datetime | None = None,
) -> Record:
    """Decide by the rules, check the decision, and record both.

    Args:
        situation: Facts and details; stated ones quote one of the messages.
        framework: To decide by.
        messages: What was asked, in words.
        title: Of the record.
        said: Sentences to keep beside the decision, such as the figures behind it.
        weights: Model name → SHA-256 of what the facts were measured with.
        at: When it was decided; None is now.

    Raises:
        SituationError: If the framework has no such fact or value.
    """
    from tunewise.framework import check, decide, next_questions
    from tunewise.retrieval.corpus import load_corpus

    chosen = decide(framework, situation.values()).recommendation()
    reply = Reply(
        "advice", " ".join(said), "en", situation, chosen, check(framework, situation, chosen),
        questions=next_questions(framework, situation.values(), ASKED),
        sentences=tuple(SentenceShown(sentence) for sentence in said),
    )  # fmt: skip
    return make_record(
        reply,
        messages,
        framework,
        corpus=load_corpus().hash,
        weights=weights or {},
        title=title,
        at=at or datetime.now(UTC),
    )
