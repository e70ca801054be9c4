"""Whether stored states cost quality: the same cases with states and computed in full, score by score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tunewise.benchmark.figures import Benchmark, Say
from tunewise.settings import Settings

Json = dict[str, Any]


def measure(benchmark: Benchmark, settings: Settings, cases: Path, say: Say) -> None:
    """Run a case file both ways, resuming where an earlier run stopped, and add the worst row of the two."""
    scores = {name: _scores(replace(settings, exact=name == "exact"), cases, name, say) for name in ("states", "exact")}
    rows = deltas(scores["states"], scores["exact"])
    benchmark.details["quality"] = {"rows": rows, **scores}
    if rows:
        benchmark.add("quality_delta_points", [min(rows.values())])


def deltas(states: Mapping[str, Any], exact: Mapping[str, Any]) -> dict[str, float]:
    """For each share among the scores, how many points better it is with states than without."""
    from tunewise.evaluation.report import ROWS

    found = {}
    for row in ROWS:
        ours, theirs = states.get(row.key), exact.get(row.key)
        if row.unit == "%" and isinstance(ours, int | float) and isinstance(theirs, int | float):
            found[row.key] = round((ours - theirs) * (100 if row.more_is_better else -100), 2)
    return found


def _scores(settings: Settings, path: Path, name: str, say: Say) -> Json:
    from tunewise.evaluation.arms import standard_arms
    from tunewise.evaluation.cases import load_cases
    from tunewise.evaluation.journal import Journal, version_hash
    from tunewise.evaluation.runner import run_evaluation
    from tunewise.evaluation.sources import CorpusSources
    from tunewise.retrieval.corpus import load_corpus

    cases = load_cases(path)
    arms = {arm: opening for arm, opening in standard_arms(settings).items() if arm == "full"}
    evaluation = run_evaluation(
        cases,
        arms,
        CorpusSources(load_corpus()),
        journal=Journal(settings.home / "benchmark" / f"{path.stem}-{name}.journal"),
        version=f"{version_hash(settings)}-{name}",
        progress=lambda _, case: say(f"quality, {name}, case {case}"),
    )
    return evaluation.scores("full")
