"""Whether stored states cost quality: the same cases with states and computed in full, score by score."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tunewise.benchmark.figures import Benchmark, Say
from tunewise.evaluation.report import ROWS
from tunewise.settings import Settings


def measure(benchmark: Benchmark, settings: Settings, path: Path, say: Say) -> None:
    """Run a case file both ways, resuming where an earlier run stopped, and add the worst row of the two."""
    from tunewise.evaluation.arms import opened_late
    from tunewise.evaluation.cases import load_cases
    from tunewise.evaluation.journal import Journal, version_hash
    from tunewise.evaluation.runner import run_evaluation
    from tunewise.evaluation.scoring import Scorer
    from tunewise.framework import load_framework
    from tunewise.retrieval.corpus import load_corpus

    scorer = Scorer(load_corpus(), load_framework(settings.framework))
    journal = Journal(settings.home / "benchmark" / f"{path.stem}.journal", version_hash(settings))
    arms = opened_late(settings, ("full", "exact"))
    evaluation = run_evaluation(load_cases(path), arms, scorer, journal, progress=lambda: say("quality, one case more"))
    rows = deltas(evaluation.scores["full"], evaluation.scores["exact"])
    benchmark.details["quality"] = {"rows": rows, **evaluation.scores}
    benchmark.add("quality_delta_points", [min(rows.values())] if rows else [])


def deltas(states: Mapping[str, Any], exact: Mapping[str, Any]) -> dict[str, float]:
    """For each share among the scores, how many points better it is with states than without."""
    found = {}
    for row in ROWS:
        ours, theirs = states.get(row.key), exact.get(row.key)
        if row.unit == "%" and isinstance(ours, int | float) and isinstance(theirs, int | float):
            found[row.key] = round((ours - theirs) * (100 if row.more_is_better else -100), 2)
    return found
