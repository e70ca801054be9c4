"""Runs cases and conversations through arms, each from the start, and scores the replies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from tunewise.errors import TunewiseError
from tunewise.evaluation.arms import Answer, Arms
from tunewise.evaluation.cases import Case, Dialogue
from tunewise.evaluation.journal import Journal
from tunewise.evaluation.measuring import describe_machine
from tunewise.evaluation.scoring import Scorer, score_turn

Json = dict[str, Any]
RESULT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was run: `cases`, for each arm one line per case in the same order, and the scores of each arm.

    A line of a case is {"id", "arm", "reply", "error", "scores"}, one of a conversation has "replies" and, for each of
    them, "missed"; `reply` is null, `replies` empty and `error` says why where an arm failed.
    """

    cases: tuple[Case | Dialogue, ...]
    lines: dict[str, list[Json]]
    scores: dict[str, Json]
    machine: Json

    def to_json(self) -> Json:
        """The published result file (version 1)."""
        lines = [line for lines in self.lines.values() for line in lines]
        return {"version": RESULT_VERSION, "machine": self.machine, "arms": self.scores, "cases": lines}

    @property
    def errors(self) -> list[Json]:
        """Lines of replies that failed."""
        return [line for lines in self.lines.values() for line in lines if line["error"] is not None]


def run_evaluation(
    cases: Sequence[Case | Dialogue],
    arms: Arms,
    scorer: Scorer,
    journal: Journal,
    *,
    progress: Callable[[], object] = lambda: None,
) -> Evaluation:
    """Run every case through every arm; what the journal holds is not computed again.

    Args:
        cases: What to say and what to expect.
        arms: How to open each arm; an arm is only opened if something of it is missing.
        scorer: Judges the replies.
        journal: Where finished cases are kept.
        progress: Called after each case.

    Raises:
        TunewiseError: If an arm cannot be opened (weights missing, no index).
    """
    lines, scores = {}, {}
    for arm in arms:
        answered = list(_answered(arm, arms, cases, journal, progress))
        lines[arm] = [_line(case, arm, held, scorer) for case, held in zip(cases, answered, strict=True)]
        scores[arm] = _scores(cases, lines[arm], scorer)
    return Evaluation(tuple(cases), lines, scores, describe_machine())


def _answered(
    arm: str, arms: Arms, cases: Sequence[Case | Dialogue], journal: Journal, progress: Callable[[], object]
) -> Iterator[Json]:
    with ExitStack() as stack:
        answer: Answer | None = None
        for case in cases:
            line = journal.get(case, arm)
            if line is None:
                answer = answer or stack.enter_context(arms[arm]())
                line = {"case": case.id, "arm": arm, **_replies(answer, case)}
                journal.record(case, arm, line)
            progress()
            yield line


def _replies(answer: Answer, case: Case | Dialogue) -> Json:
    try:
        return {"replies": answer(case.messages), "error": None}
    except TunewiseError as problem:
        return {"replies": [], "error": f"{type(problem).__name__}: {problem}"}


def _line(case: Case | Dialogue, arm: str, held: Json, scorer: Scorer) -> Json:
    replies, line = held["replies"], {"id": case.id, "arm": arm, "error": held["error"]}
    if isinstance(case, Case):
        reply = replies[0] if replies else None
        return line | {"reply": reply, "scores": scorer.score(case, reply)}
    each = replies or [None] * len(case.turns)
    missed = [score_turn(turn.expect, reply) for turn, reply in zip(case.turns, each, strict=True)]
    return line | {"replies": replies, "missed": missed}


def _scores(cases: Sequence[Case | Dialogue], lines: Sequence[Json], scorer: Scorer) -> Json:
    """The scores of an arm: of the single messages, and of the conversations, as far as there are any."""
    singles = [(case, line["scores"]) for case, line in zip(cases, lines, strict=True) if isinstance(case, Case)]
    scores: Json = {"errors": sum(line["error"] is not None for line in lines)}
    if singles:
        scores |= scorer.aggregate([case for case, _ in singles], [score for _, score in singles])
    talks = [line for line in lines if "missed" in line]
    if talks:
        turns = [missed for line in talks for missed in line["missed"]]
        scores |= {
            "turns": len(turns),
            "turns_right": sum(not missed for missed in turns),
            "conversations": len(talks),
            "conversations_right": sum(not any(line["missed"]) for line in talks),
            "misses": [
                {"id": line["id"], "turn": number, "missed": missed}
                for line in talks
                for number, missed in enumerate(line["missed"], 1)
                if missed
            ],
        }
    return scores
