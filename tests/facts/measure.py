"""How well facts are read: precision, recall and F1 on a file of cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tunewise.facts import read_message
from tunewise.framework import Framework
from tunewise.types import UNKNOWN

SCORED = ("dataset_size", "similarity", "compute", "forgetting_concern", "latency_critical")


@dataclass(slots=True)
class Score:
    """Counts of right claims, wrong or unwarranted claims, and values that were missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the claims that are right."""
        return self.right / ((self.right + self.wrong) or 1)

    @property
    def recall(self) -> float:
        """Share of the expected values that were read."""
        return self.right / ((self.right + self.missed) or 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 where nothing was expected and nothing claimed."""
        both = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / both if both else 1.0


def load_cases(path: Path) -> list[dict[str, Any]]:
    """Cases of a JSON Lines file (`id`, `question`, `facts`) or of a YAML list (`id`, `message`, `facts`)."""
    if path.suffix in (".yaml", ".yml"):
        import yaml

        return [{**row, "question": row["message"]} for row in yaml.safe_load(path.read_text(encoding="utf-8"))]
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def measure(cases: Iterable[Mapping[str, Any]], framework: Framework) -> dict[str, Score]:
    """Score the five facts over cases: fact → Score, and "all" for the micro average; assumed values are no claims."""
    scores = {name: Score() for name in (*SCORED, "all")}
    for case in cases:
        situation = read_message(case["question"], framework=framework).situation
        for name in SCORED:
            fact = situation.facts[name]
            got = fact.value if fact.status == "stated" else UNKNOWN
            wanted = str(case["facts"].get(name, UNKNOWN))
            if (got, wanted) == ("medium", UNKNOWN):  # most labels know no middle
                got = UNKNOWN
            for score in (scores[name], scores["all"]):
                _count(score, got, wanted)
            if got != wanted:
                scores["all"].mistakes.append(f"{case['id']} {name}: got {got} ({fact.quote!r}), wanted {wanted}")
    return scores


def _count(score: Score, got: str, wanted: str) -> None:
    score.right += got == wanted != UNKNOWN
    score.wrong += got not in (wanted, UNKNOWN)
    score.missed += wanted not in (got, UNKNOWN)


def report(scores: Mapping[str, Score]) -> str:
    """The scores as a table, and every mistake."""
    rows = [f"{'fact':<20} {'P':>5} {'R':>5} {'F1':>5}   right wrong missed"]
    rows += [
        f"{name:<20} {score.precision:5.2f} {score.recall:5.2f} {score.f1:5.2f}   "
        f"{score.right:5} {score.wrong:5} {score.missed:6}"
        for name, score in scores.items()
    ]
    return "\n".join([*rows, *scores["all"].mistakes])
