"""Runs cases and conversations through arms, each from the start, and scores the replies.

Each finished case is at once on disk in a journal, so that an interrupted run resumes. A line of it is keyed by case,
arm and version (hash of code, prompts, framework, corpus and settings), so replies of an older version are never taken
for new ones; a line cut off by a crash is ignored.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tunewise.errors import TunewiseError
from tunewise.evaluation.arms import Answer, Arms
from tunewise.evaluation.baselines import CONSTANT, constant_reply
from tunewise.evaluation.cases import Case, Dialogue
from tunewise.evaluation.measuring import describe_machine
from tunewise.evaluation.scoring import Scorer, score_turn
from tunewise.settings import Settings

Json = dict[str, Any]
RESULT_VERSION = 1

# Neither what shows replies nor what scores them changes a reply; the arms do.
_NO_INPUT = ("ui", "cli", "desk", "evaluation", "benchmark", "__pycache__")
_KINDS_OF_FILE = (".py", ".txt", ".yaml", ".yml", ".md", ".json")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was run: `cases`, for each arm one line per case in the same order, and the scores of each arm.

    A line of a case is {"id", "arm", "reply", "error", "scores"}, one of a conversation has "replies" and, for each of
    them, "missed"; `reply` is null, `replies` empty and `error` says why where an arm failed. `constant` are the scores
    of one reply given to everything.
    """

    cases: tuple[Case | Dialogue, ...]
    lines: dict[str, list[Json]]
    scores: dict[str, Json]
    machine: Json
    constant: Json

    def to_json(self) -> Json:
        """The published result file (version 1)."""
        lines = [line for lines in self.lines.values() for line in lines]
        return {"version": RESULT_VERSION, "machine": self.machine, "arms": self.scores, "cases": lines}

    @property
    def columns(self) -> dict[str, Json]:
        """What stands side by side in a table: the scores of the arms, and those of a constant reply."""
        return {**self.scores, CONSTANT: self.constant}

    @property
    def errors(self) -> list[Json]:
        """Lines of replies that failed."""
        return [line for lines in self.lines.values() for line in lines if line["error"] is not None]


class Journal:
    """Lines already computed by one version; `record` appends one, `finish` removes the file at the end."""

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self._version = version
        self._lines: dict[str, Json] = {}
        for text in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
            try:
                line = json.loads(text)
                self._lines[line.pop("key")] = line
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    def get(self, case: Case | Dialogue, arm: str) -> Json | None:
        """The line of this case and arm, None if it has not been computed."""
        return self._lines.get(self._key(case, arm))

    def record(self, case: Case | Dialogue, arm: str, line: Json) -> Json:
        """Append a line, sync it and return it."""
        self._lines[key := self._key(case, arm)] = line
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(
                f"\n{json.dumps({'key': key, 'case': case.id, 'arm': arm, **line})}\n"
            )  # not glued to a cut line
            file.flush()
            os.fsync(file.fileno())
        return line

    def finish(self) -> None:
        """Remove the journal."""
        self.path.unlink(missing_ok=True)

    def _key(self, case: Case | Dialogue, arm: str) -> str:
        return hashlib.sha256(f"{self._version}\0{arm}\0{case.model_dump_json()}".encode()).hexdigest()[:24]


def version_hash(settings: Settings) -> str:
    """Hash of what a reply depends on: the package's code, prompts and frameworks, the corpus, and the settings."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    parts = [part for part in package.iterdir() if part.name not in _NO_INPUT]
    files = [package / "evaluation" / "arms.py", *parts, *(path for part in parts for path in part.rglob("*"))]
    for path in sorted(path for path in files if path.suffix in _KINDS_OF_FILE):
        digest.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes() + b"\0")
    kept = {key: str(value) for key, value in dataclasses.asdict(settings).items() if key not in ("home", "remote_key")}
    digest.update(json.dumps(kept, sort_keys=True).encode())
    return digest.hexdigest()[:16]


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
    answered = {arm: _answered(arm, arms, cases, journal, progress) for arm in arms}
    lines = {
        arm: [_line(case, arm, each, scorer) for case, each in zip(cases, held, strict=True)]
        for arm, held in answered.items()
    }
    same = constant_reply(cases, scorer.framework)
    always = [_line(each, CONSTANT, {"replies": [same] * len(each.messages), "error": None}, scorer) for each in cases]
    scores = {arm: _scores(cases, of_arm, scorer) for arm, of_arm in lines.items()}
    return Evaluation(tuple(cases), lines, scores, describe_machine(), _scores(cases, always, scorer))


def _answered(
    arm: str, arms: Arms, cases: Sequence[Case | Dialogue], journal: Journal, progress: Callable[[], object]
) -> Iterator[Json]:
    with ExitStack() as stack:
        opened = cache(lambda: stack.enter_context(arms[arm]()))
        for case in cases:
            yield journal.get(case, arm) or journal.record(case, arm, _replies(opened(), case))
            progress()


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
    talks = [line for line in lines if "missed" in line]
    turns = [(line["id"], turn, missed) for line in talks for turn, missed in enumerate(line["missed"], 1)]
    misses = [{"id": id_, "turn": turn, "missed": missed} for id_, turn, missed in turns if missed]
    scores: Json = {"errors": sum(line["error"] is not None for line in lines)}
    if singles:
        scores |= scorer.aggregate(singles)
    if talks:
        right = sum(not any(line["missed"]) for line in talks)
        scores |= {"turns": len(turns), "turns_right": len(turns) - len(misses), "misses": misses}
        scores |= {"conversations": len(talks), "conversations_right": right}
    return scores
