"""How well and how fast passages are found with the embedding model of the settings.

`python -m tunewise.retrieval.measure QUESTIONS.json …` prints the table; TUNEWISE_EMBEDDING names another model.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tunewise.retrieval.corpus import Corpus
from tunewise.retrieval.lexical import Scores
from tunewise.retrieval.search import Legs, Searcher, merge, preferred
from tunewise.settings import Settings


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


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds until the first question is embedded, ms a search, passages embedded a second, size of the weights."""

    load_s: float
    search_ms: float
    passages_a_second: float
    megabytes: float


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
    ranks: dict[str, list[int]] = {}
    for question in asked:
        legs = searcher.legs(question.question)
        scores = {"words": merge(Legs(legs.lexical), np.zeros(len(legs.lexical), np.bool_))}
        if legs.dense is not None:
            scores = {"meaning": legs.dense, **scores, "merged": merge(legs, preferred(searcher.corpus))}
        for leg, values in scores.items():
            ranks.setdefault(leg, []).append(_rank(searcher.corpus, values, question.wanted))
    return [_recall(leg, found) for leg, found in ranks.items()]


def measure_speed(settings: Settings, searcher: Searcher, questions: Sequence[str]) -> Speed:
    """Time loading (in this process, so only once), searching and embedding."""
    from tunewise.retrieval.embedding import open_embeddings

    start = time.perf_counter()
    embeddings = open_embeddings(settings)
    embeddings.embed_query("x")
    loaded = time.perf_counter()
    texts = [passage.text for passage in searcher.passages]
    embeddings.embed_documents(texts)
    embedded = time.perf_counter()
    searcher.search("x")
    ready = time.perf_counter()
    for question in questions:
        searcher.search(question)
    search_ms = 1000 * (time.perf_counter() - ready) / len(questions)
    size = sum(path.stat().st_size for path in embeddings.folder.rglob("*") if path.is_file())
    return Speed(loaded - start, search_ms, len(texts) / (embedded - loaded), size / 1e6)


def format_table(rows: Sequence[Recall]) -> str:
    """The table as Markdown."""
    lines = ["| search by | recall@1 | recall@3 | recall@5 | MRR |", "|---|---|---|---|---|"]
    lines += [f"| {row.leg} | {row.at_1:.3f} | {row.at_3:.3f} | {row.at_5:.3f} | {row.mrr:.3f} |" for row in rows]
    return "\n".join(lines)


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


def _rank(corpus: Corpus, scores: Scores, wanted: frozenset[str]) -> int:
    """Rank of the best wanted passage, from 1; ties count as if the wanted one came last among them."""
    wanted_at = [number for number, passage in enumerate(corpus.passages) if passage.id in wanted]
    return int(np.sum(scores >= scores[wanted_at].max()))


def _recall(leg: str, found: Sequence[int]) -> Recall:
    ranks = np.array(found)
    at_1, at_3, at_5 = (float(np.mean(ranks <= depth)) for depth in (1, 3, 5))
    return Recall(leg, at_1, at_3, at_5, float(np.mean(1 / ranks)))


def main(paths: Sequence[str]) -> None:
    """Print the tables of question files, and the speed, for the embedding model in force."""
    from tunewise.retrieval.search import open_searcher

    settings = Settings.from_environment()
    with open_searcher(settings) as searcher:
        files = {path: questions_from(json.loads(Path(path).read_text("utf-8")), searcher.corpus) for path in paths}
        speed = measure_speed(settings, searcher, [asked.question for rows in files.values() for asked in rows])
        for path, rows in files.items():
            sys.stdout.write(f"{path}, {settings.embedding}\n{format_table(recall_table(searcher, rows))}\n")
    sys.stdout.write(
        f"loaded in {speed.load_s:.1f} s, {speed.search_ms:.0f} ms a search, {speed.passages_a_second:.0f} passages "
        f"a second, {speed.megabytes:.0f} MB\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
