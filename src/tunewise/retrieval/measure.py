"""How well and how fast passages are found: recall tables, search at scale, and indexing speed.

`python -m tunewise.retrieval.measure QUESTIONS.json` prints the recall table of a question file.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tunewise.retrieval.corpus import ARTICLE, Corpus
from tunewise.retrieval.embedding import Embedder, Vectors
from tunewise.retrieval.index import Index, first_units
from tunewise.retrieval.lexical import Postings
from tunewise.retrieval.ranking import Scores, merge
from tunewise.retrieval.search import Searcher
from tunewise.retrieval.units import Unit
from tunewise.types import Passage

LEGS = ("dense", "bm25", "merged")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the ids of the passages of which one must be found."""

    question: str
    wanted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Recall:
    """Share of questions whose passage is among the first 1, 3, 5; and the mean of 1 / rank."""

    leg: str
    at_1: float
    at_3: float
    at_5: float
    mrr: float


def questions_from(rows: Sequence[Mapping[str, object]], corpus: Corpus) -> list[Asked]:
    """Questions of a file.

    Args:
        rows: Each has `question` (or `conclusion`), and what must be found: `quote`, `quotes` (any of them, in the
            article or a paper) or `passages` (any of these ids).
        corpus: Where the quotes stand.

    Raises:
        ValueError: If a quote stands nowhere.
    """
    return [Asked(str(row.get("question") or row["conclusion"]), _wanted(row, corpus)) for row in rows]


def recall_table(searcher: Searcher, asked: Sequence[Asked]) -> list[Recall]:
    """Recall of each leg alone and of the merged search, over the whole corpus."""
    ranks: dict[str, list[int]] = {leg: [] for leg in LEGS}
    for question in asked:
        for leg, scores in _scores(searcher, question.question).items():
            ranks[leg].append(_rank(searcher, scores, question.wanted))
    return [_recall(leg, np.array(found)) for leg, found in ranks.items() if found]


def format_table(rows: Sequence[Recall]) -> str:
    """The table as Markdown."""
    lines = ["| search | recall@1 | recall@3 | recall@5 | MRR |", "|---|---|---|---|---|"]
    lines += [f"| {row.leg} | {row.at_1:.3f} | {row.at_3:.3f} | {row.at_5:.3f} | {row.mrr:.3f} |" for row in rows]
    return "\n".join(lines)


def synthetic_index(n_passages: int, *, width: int = 384, seed: int = 0) -> Index:
    """An index of made-up passages of one sentence each: words of a Zipf-like vocabulary, vectors in soft clusters.

    Vectors are drawn instead of embedded, because the search does not care where they come from: each is a cluster's
    centre plus noise, which leaves neighbours at all distances, as embedded text does.
    """
    random = np.random.default_rng(seed)
    vocabulary = [f"word{number}" for number in range(20_000)]
    frequencies = 1 / np.arange(1, len(vocabulary) + 1)
    chosen = random.choice(len(vocabulary), (n_passages, 16), p=frequencies / frequencies.sum())
    texts = [" ".join(vocabulary[word] for word in row) for row in chosen]
    passages = tuple(
        Passage(f"S{number}", ARTICLE, "synthetic", "Synthetic", "", 0, len(text), text)
        for number, text in enumerate(texts)
    )
    units = tuple(Unit(number, "", text) for number, text in enumerate(texts))
    centres = random.standard_normal((max(10, n_passages // 100), width), np.float32)
    vectors = centres[random.integers(len(centres), size=n_passages)]
    vectors = vectors + random.standard_normal(vectors.shape, np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    from tunewise.retrieval.lexical import build_postings

    postings: Postings = build_postings(texts)
    return Index(passages, units, first_units(units), vectors, postings)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An embedder for synthetic searches: question number n of the seed gets its own vector near some unit."""

    vectors: Vectors
    fingerprint: str = "drawn"

    def embed(self, texts: Sequence[str]) -> Vectors:
        """The vector that the question's first word numbers."""
        rows: Vectors = self.vectors[[int(text.split()[0]) for text in texts]]
        return rows


def synthetic_questions(index: Index, count: int, *, seed: int = 1) -> tuple[list[str], Drawn]:
    """Questions for a synthetic index: eight words of some passage, and a vector near its own."""
    random = np.random.default_rng(seed)
    assert index.vectors is not None
    picked = random.integers(len(index.passages), size=count)
    vectors = index.vectors[picked] + 0.5 * random.standard_normal((count, index.vectors.shape[1]), np.float32) / 19.6
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    questions = [f"{n} {' '.join(index.passages[p].text.split()[:8])}" for n, p in enumerate(picked.tolist())]
    return questions, Drawn(vectors.astype(np.float32))


@dataclass(frozen=True, slots=True)
class Scale:
    """A search over many passages: seconds without embedding the question, and recall@10 against exact search."""

    passages: int
    p50_s: float
    p95_s: float
    recall_at_10: float


def measure_scale(searcher: Searcher, questions: Sequence[str], exact: Searcher) -> Scale:
    """Time `searcher` on synthetic questions, and compare its ten best with those of `exact`."""
    searcher.search(questions[0], 10)
    seconds, kept = [], []
    for question in questions:
        start = time.perf_counter()
        hits = searcher.search(question, 10)
        seconds.append(time.perf_counter() - start)
        best = {hit.passage.id for hit in exact.search(question, 10)}
        kept.append(len(best & {hit.passage.id for hit in hits}) / max(1, len(best)))
    p50, p95 = np.percentile(seconds, [50, 95])
    return Scale(len(searcher.index.passages), float(p50), float(p95), float(np.mean(kept)))


def indexing_over_plain(embedder: Embedder, plain: Callable[[list[str]], object], texts: Sequence[str]) -> float:
    """How many times faster `embedder` embeds the texts than `plain` (sentence-transformers' `encode`), both warm."""
    embedder.embed(texts[:8])
    plain(list(texts[:8]))
    start = time.perf_counter()
    embedder.embed(texts)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    plain(list(texts))
    return (time.perf_counter() - start) / ours


def _wanted(row: Mapping[str, object], corpus: Corpus) -> frozenset[str]:
    if "passages" in row:
        wanted = frozenset(map(str, row["passages"]))  # type: ignore[call-overload]
        unknown = sorted(wanted - corpus.by_id.keys())
    else:
        quotes = [str(row["quote"])] if "quote" in row else [str(quote) for quote in row["quotes"]]  # type: ignore[attr-defined]
        sources = [passage for passage in corpus.passages if passage.collection != "notes"]
        wanted = frozenset(passage.id for passage in sources if any(quote in passage.text for quote in quotes))
        unknown = [quote for quote in quotes if not any(quote in passage.text for passage in sources)]
    if unknown or not wanted:
        raise ValueError(f"No passage for {unknown or dict(row)!r}.")
    return wanted


def _scores(searcher: Searcher, question: str) -> dict[str, Scores]:
    legs = searcher.legs(question)
    merged = merge(legs.dense, legs.lexical, searcher.preferred)
    dense = {} if legs.dense is None else {"dense": legs.dense}
    return {**dense, "bm25": legs.lexical, "merged": merged}


def _rank(searcher: Searcher, scores: Scores, wanted: frozenset[str]) -> int:
    """Rank of the best wanted passage, from 1; ties count as if the wanted one came last among them."""
    wanted_at = [number for number, passage in enumerate(searcher.index.passages) if passage.id in wanted]
    return int(np.sum(scores >= scores[wanted_at].max()))


def _recall(leg: str, ranks: npt.NDArray[np.int64]) -> Recall:
    at_1, at_3, at_5 = (float(np.mean(ranks <= depth)) for depth in (1, 3, 5))
    return Recall(leg, at_1, at_3, at_5, float(np.mean(1 / ranks)))


def main(path: str) -> None:
    """Print the recall table of a question file for the index in use."""
    from tunewise.retrieval.opening import open_searcher
    from tunewise.settings import Settings

    with open_searcher(Settings.from_environment()) as searcher:
        rows = json.loads(Path(path).read_text(encoding="utf-8"))
        sys.stdout.write(format_table(recall_table(searcher, questions_from(rows, searcher.corpus))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
