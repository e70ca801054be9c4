"""Finds passages for a question: similarity of meaning and BM25 over sentences, merged; the passage is returned.

The meaning leg compares the question with every unit exactly where that is fast enough (a few milliseconds up to
EXACT_UNITS), and asks the Chroma store for candidates beyond that, which it then scores exactly.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tunewise.errors import CorpusError, IndexUnavailableError
from tunewise.retrieval.chunking import split_sentences
from tunewise.retrieval.corpus import ARTICLE, Corpus
from tunewise.retrieval.embedding import Embedder, Vectors
from tunewise.retrieval.index import Index
from tunewise.retrieval.ranking import Scores, best, merge, per_passage
from tunewise.retrieval.words import near_synonyms, weighted_words, words
from tunewise.types import Hit, Passage

if TYPE_CHECKING:
    from langchain_chroma import Chroma

    from tunewise.retrieval.chroma import ChromaStore

EXACT_UNITS = 200_000
CANDIDATES = 200  # units that a store is asked for, and passages taken from BM25, before they are scored exactly
MAX_SENTENCES = 8  # of a long question; the first ones
MAX_QUESTION = 20_000  # characters of a question that are read


@dataclass(frozen=True, slots=True)
class Legs:
    """The two legs' scores per passage, before they are merged; `similarity` is the cosine with the whole question."""

    dense: Scores | None
    similarity: Scores | None
    lexical: Scores


class Searcher:
    """Searches one index. Safe to use from several threads; close it, or use it in a `with` block."""

    def __init__(
        self,
        index: Index,
        corpus: Corpus,
        embedder: Embedder | None = None,
        *,
        collections: Collection[str] | None = None,
        notice: str | None = None,
    ) -> None:
        """Search `index` with `embedder`, which must be the one that made its vectors.

        Args:
            index: What is searched.
            corpus: What the index was built from.
            embedder: None searches by words alone.
            collections: What is searched when a search does not say; None means all.
            notice: What the user should know about this index ("answers rest on words alone, because …").
        """
        self.index = index
        self.corpus = corpus
        self.notice = notice
        self._embedder = embedder if index.vectors is not None else None
        self._collections = None if collections is None else frozenset(collections)
        self._names = np.array([passage.collection for passage in index.passages])
        self.preferred = preferred(index.passages)
        self._store: ChromaStore | None = None
        self._store_folder: Path | None = None
        self._guard = threading.Lock()

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage that can be found, in the order of the corpus."""
        if self._collections is None:
            return self.index.passages
        return tuple(p for p in self.index.passages if p.collection in self._collections)

    @property
    def dense(self) -> bool:
        """Whether meaning is compared, or words alone (the embedding weights are missing)."""
        return self._embedder is not None

    def search(self, question: str, top_k: int = 4, collections: Collection[str] | None = None) -> list[Hit]:
        """The passages that answer a question best, best first.

        Args:
            question: In English (`translation.to_english_query` helps); only the first 20,000 characters are read.
            top_k: How many passages; fewer come back if words alone are compared and fewer share any.
            collections: Only passages of these collections; None means those that the searcher was opened for.
        """
        if not question.strip() or top_k < 1:
            return []
        legs = self.legs(question, collections)
        merged = np.where(self._allowed(collections), merge(legs.dense, legs.lexical, self.preferred), -np.inf)
        return [
            Hit(
                self.index.passages[position],
                float(merged[position]),
                None if legs.similarity is None else float(legs.similarity[position]),
            )
            for position in best(merged, top_k)
        ]

    def legs(self, question: str, collections: Collection[str] | None = None) -> Legs:
        """Both legs' scores of every passage (0 where a store's candidates leave one out)."""
        question = question[:MAX_QUESTION]
        lexical = per_passage(self.index.postings.score(weighted_words(question)), self.index.first_unit)
        lexical = np.where(self._allowed(collections), lexical, np.float32(0))
        if self._embedder is None:
            return Legs(None, None, lexical)
        queries = self._embedder.embed(queries_of(question))
        scores = self._similarities(queries, lexical, collections)
        scores = np.where(self._allowed(collections), scores, np.float32(-1))
        return Legs(scores.mean(axis=0), scores[0], lexical)

    def coverage(self, question: str, hits: Sequence[Hit] | None = None) -> float:
        """Share of the question's content words that the sources know, rare words counting more; 0 to 1.

        A word is known if it, or a near synonym, occurs in the passages of `hits`, or anywhere in the corpus where
        `hits` is None. A question without any content word has coverage 0.
        """
        asked = set(words(question[:MAX_QUESTION]))
        if hits is None:
            known = set(self.index.postings.columns)
        else:
            known = {word for hit in hits for word in words(f"{hit.passage.section} {hit.passage.text}")}
        weights = {word: self.index.postings.rarity(word) for word in asked}
        total = sum(weights.values())
        covered = sum(
            weight for word, weight in weights.items() if word in known or not known.isdisjoint(near_synonyms([word]))
        )
        return covered / total if total else 0.0

    def passage(self, id_: str) -> Passage:
        """The passage with this id.

        Raises:
            CorpusError: If there is none.
        """
        try:
            return self._by_id[id_]
        except KeyError:
            raise CorpusError(f"No passage {id_!r} in the corpus ({len(self._by_id)} passages).") from None

    def passage_of_quote(self, document: str, quote: str) -> Passage | None:
        """The passage of `document` that contains `quote` literally; None if there is none."""
        return self.corpus.passage_of_quote(document, quote)

    def document_text(self, document: str) -> str:
        """The text of a document as shipped; passages and citations give offsets into it.

        Raises:
            CorpusError: If there is no such document.
        """
        try:
            return self.corpus.documents[document].text
        except KeyError:
            raise CorpusError(f"No document {document!r}; there are {', '.join(self.corpus.documents)}.") from None

    def attach_store(self, folder: Path) -> None:
        """From now on take the meaning leg's candidates from the Chroma store in `folder`, a private copy.

        Raises:
            IndexUnavailableError: If the store is not that of the index.
        """
        from tunewise.retrieval.chroma import ChromaStore

        store = ChromaStore(folder)
        if store.count != len(self.index.units):
            store.close()
            raise IndexUnavailableError(f"The Chroma store in {str(folder)!r} belongs to another index.")
        with self._guard:
            self._store, self._store_folder = store, folder

    @property
    def uses_store(self) -> bool:
        """Whether a Chroma store gives the candidates."""
        return self._store is not None

    def vector_store(self) -> Chroma:
        """The attached store as a `langchain_chroma.Chroma`.

        Raises:
            IndexUnavailableError: If none is attached (`open_searcher(settings, store="chroma")` attaches it).
        """
        if self._store is None or self._embedder is None:
            raise IndexUnavailableError("No Chroma store is attached. Open the searcher with store='chroma'.")
        return self._store.as_langchain(self._embedder)

    def close(self) -> None:
        """Release the store and remove its private copy; searching goes on exactly, without it."""
        with self._guard:
            store, folder = self._store, self._store_folder
            self._store, self._store_folder = None, None
            if store is not None:
                store.close()
        if folder is not None:
            shutil.rmtree(folder.parent, ignore_errors=True)

    def __enter__(self) -> Searcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _by_id(self) -> Mapping[str, Passage]:
        return {passage.id: passage for passage in self.index.passages}

    def _allowed(self, collections: Collection[str] | None) -> npt.NDArray[np.bool_]:
        wanted = self._collections if collections is None else collections
        if wanted is None:
            return np.ones(len(self._names), np.bool_)
        return np.isin(self._names, sorted(wanted))

    def _similarities(self, queries: Vectors, lexical: Scores, collections: Collection[str] | None) -> Scores:
        """Cosine of each query with each passage's best unit, shape (queries, passages)."""
        vectors = self.index.vectors
        assert vectors is not None
        with self._guard:
            store = self._store
            if store is not None:
                wanted = self._collections if collections is None else collections
                near = store.nearest(queries, CANDIDATES, wanted)
        if store is None:
            return per_passage(queries @ vectors.T, self.index.first_unit)
        owners = {self.index.units[unit].owner for units in near for unit in units.tolist()}
        passages = np.array(sorted(owners.union(best(np.where(lexical > 0, lexical, -np.inf), CANDIDATES))))
        scores = np.zeros((len(queries), len(self.index.passages)), np.float32)
        if len(passages):
            units, starts = self._units_of(passages)
            scores[:, passages] = per_passage(queries @ vectors[units].T, starts)
        return scores

    def _units_of(self, passages: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Numbers of all units of some passages, and where in them each passage begins."""
        ends = np.append(self.index.first_unit[1:], len(self.index.units))
        spans = [np.arange(self.index.first_unit[passage], ends[passage]) for passage in passages]
        return np.concatenate(spans), np.cumsum([0, *(len(span) for span in spans[:-1])])


def preferred(passages: Sequence[Passage]) -> npt.NDArray[np.bool_]:
    """Which passages are the article's own prose; its list of references is not."""
    return np.array([p.collection == ARTICLE and not p.section.startswith("References") for p in passages], np.bool_)


def queries_of(question: str) -> list[str]:
    """The question as a whole, and, if it has several, its first sentences: each is compared for itself."""
    sentences = [question[start:end] for start, end in split_sentences(question)][:MAX_SENTENCES]
    return [question, *sentences] if len(sentences) > 1 else [question]
