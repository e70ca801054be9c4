"""Search at 100, 10,000 and 100,000 passages, and indexing against plain sentence-transformers."""

from __future__ import annotations

from tunewise.benchmark.figures import Benchmark, Say
from tunewise.settings import Settings

SIZES = {"100": 100, "10k": 10_000, "100k": 100_000}
_QUESTIONS = 60
_INDEXED = 400


def measure_search(benchmark: Benchmark, runs: int, say: Say) -> None:
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


def measure_indexing(benchmark: Benchmark, settings: Settings, runs: int, say: Say) -> None:
    """Add how many times faster passages are embedded than by sentence-transformers in fp32."""
    from tunewise.retrieval.corpus import load_corpus
    from tunewise.retrieval.embedding import open_embedder, reference_embeddings
    from tunewise.retrieval.measure import indexing_over_plain

    texts = [passage.text for passage in load_corpus().passages]
    texts = (texts * (_INDEXED // len(texts) + 1))[:_INDEXED]
    ours, plain = open_embedder(settings), reference_embeddings(settings)
    ratios = []
    for run in range(runs):
        say(f"indexing, run {run + 1}/{runs}")
        ratios.append(indexing_over_plain(ours, plain.embed_documents, texts))
    benchmark.add("indexing_over_plain", ratios)
