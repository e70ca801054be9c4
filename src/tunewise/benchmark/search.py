"""Search at 100, 10,000 and 100,000 passages."""

from __future__ import annotations

from tunewise.benchmark.figures import Benchmark, Say

SIZES = {"100": 100, "10k": 10_000, "100k": 100_000}
_QUESTIONS = 60


def measure(benchmark: Benchmark, runs: int, say: Say) -> None:
    """Add p50, p95 and recall of the ten best for each size; the question's own embedding is not counted."""
    from tunewise.retrieval.corpus import load_corpus
    from tunewise.retrieval.measure import measure_scale, synthetic_index, synthetic_questions
    from tunewise.retrieval.search import Searcher

    corpus = load_corpus()
    for name, size in SIZES.items():
        found: dict[str, list[float]] = {"p50_ms": [], "p95_ms": [], "recall_at_10": []}
        index = synthetic_index(size)
        for run in range(runs):
            say(f"search among {size} passages, run {run + 1}/{runs}")
            questions, embedder = synthetic_questions(index, _QUESTIONS, seed=run + 1)
            searcher = Searcher(index, corpus, embedder)
            scale = measure_scale(searcher, questions, Searcher(index, corpus, embedder))
            found["p50_ms"].append(scale.p50_s * 1000)
            found["p95_ms"].append(scale.p95_s * 1000)
            found["recall_at_10"].append(scale.recall_at_10)
        for key, values in found.items():
            benchmark.add(f"retrieval_{name}_{key}", values)
