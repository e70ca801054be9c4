"""Runs the parts of the benchmark one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from tunewise.benchmark import model, quality, search, turns
from tunewise.benchmark.figures import Benchmark, Say
from tunewise.evaluation.measuring import describe_machine
from tunewise.settings import Settings

LEAST_RUNS = 5

_Part = Callable[[Benchmark, Settings, int, Say], None]
_PARTS: dict[str, _Part] = {
    "model": model.measure,
    "turn": turns.measure_turns,
    "cold": turns.measure_cold,
    "search": search.measure,
}
PARTS = tuple(_PARTS)


def run_benchmark(
    settings: Settings,
    *,
    runs: int = LEAST_RUNS,
    parts: Collection[str] = PARTS,
    cases: Path | None = None,
    say: Say = lambda _: None,
) -> Benchmark:
    """Measure on this machine; keep it otherwise idle.

    Args:
        settings: Names weights and home folder, both of which every system uses.
        runs: Runs behind each figure.
        parts: Which of `PARTS` to run.
        cases: Case file to score with states and computed in full; not scored if None.
        say: Called with what is being measured.

    Raises:
        TunewiseError: If weights or index are missing, or a system fails.
    """
    benchmark = Benchmark(
        describe_machine() | {"threads": settings.threads or "physical cores", "model": settings.model}
    )
    for name, part in _PARTS.items():
        if name in parts:
            part(benchmark, settings, max(runs, 1), say)
    if cases is not None:
        quality.measure(benchmark, settings, cases, say)
    return benchmark
