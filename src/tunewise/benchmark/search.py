"""How long the embedding model takes to load, a search, and how many passages are embedded a second."""

from __future__ import annotations

from tunewise.benchmark.figures import Benchmark, Say
from tunewise.settings import Settings

_QUESTIONS = 60


def measure(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Add `search_ms` (with the question's own embedding), `passages_a_second`, and once `embedding_load_s`."""
    from tunewise.retrieval import open_searcher
    from tunewise.retrieval.measure import measure_speed

    with open_searcher(settings) as searcher:
        questions = [passage.text for passage in searcher.passages[:_QUESTIONS]]
        speeds = []
        for run in range(runs):
            say(f"search among {len(searcher.passages)} passages, run {run + 1}/{runs}")
            speeds.append(measure_speed(settings, searcher, questions))
    benchmark.add("search_ms", [speed.search_ms for speed in speeds])
    benchmark.add("passages_a_second", [speed.passages_a_second for speed in speeds])
    benchmark.add("embedding_load_s", [speeds[0].load_s])
