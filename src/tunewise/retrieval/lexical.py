"""BM25 over units. bm25s computes every term's scores once, at index time; a question only adds up columns.

Scoring needs no more than NumPy, so that a question does not wait for bm25s and SciPy to be imported.
Source: Robertson and Zaragoza, 2009; Lù, "BM25S", arXiv 2407.03618 (scores computed before the query).
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tunewise.retrieval.words import words

K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """Sparse score matrix, one column per term: `scores[starts[c]:starts[c+1]]` for the units `units[...]`.

    `counts[c]` is in how many of the `n_units` units the term of column c occurs.
    """

    n_units: int
    columns: Mapping[str, int]
    starts: npt.NDArray[np.int64]
    units: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]

    def score(self, weights: Mapping[str, float]) -> npt.NDArray[np.float32]:
        """BM25 of every unit for a question's weighted words (`words.weighted_words`); shape (n_units,)."""
        total = np.zeros(self.n_units, np.float32)
        for word, weight in weights.items():
            column = self.columns.get(word)
            if column is not None:
                span = slice(self.starts[column], self.starts[column + 1])
                total[self.units[span]] += np.float32(weight) * self.scores[span]
        return total

    def rarity(self, word: str) -> float:
        """Inverse document frequency, log(1 + (N - n + 0.5) / (n + 0.5)); highest for a word that never occurs."""
        column = self.columns.get(word)
        count = 0 if column is None else int(self.starts[column + 1] - self.starts[column])
        return float(np.log1p((self.n_units - count + 0.5) / (count + 0.5)))

    def to_bytes(self) -> bytes:
        """The postings as an .npz file."""
        buffer = io.BytesIO()
        terms = np.frombuffer(json.dumps(list(self.columns)).encode(), np.uint8)
        np.savez(
            buffer, terms=terms, starts=self.starts, units=self.units, scores=self.scores, n=np.int64(self.n_units)
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Postings:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: If it is something else.
        """
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            terms = json.loads(arrays["terms"].tobytes())
            columns = {term: column for column, term in enumerate(terms)}
            return cls(int(arrays["n"]), columns, arrays["starts"], arrays["units"], arrays["scores"])


def build_postings(texts: Sequence[str]) -> Postings:
    """Score every term for every text with bm25s (Lucene's variant)."""
    import bm25s

    documents = [words(text) or ["\0"] for text in texts]  # bm25s cannot take a text without any word
    terms = sorted({word for document in documents for word in document})
    columns = {term: column for column, term in enumerate(terms)}
    engine = bm25s.BM25(k1=K1, b=B, method="lucene")  # type: ignore[no-untyped-call]
    engine.index(([[columns[word] for word in document] for document in documents], dict(columns)), show_progress=False)
    matrix = engine.scores
    return Postings(
        n_units=len(documents),
        columns=columns,
        starts=np.asarray(matrix["indptr"], np.int64)[: len(columns) + 1],
        units=np.asarray(matrix["indices"], np.int32),
        scores=np.asarray(matrix["data"], np.float32),
    )
