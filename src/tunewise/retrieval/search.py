"""Finds passages for a question: by meaning in the Chroma store, by words with BM25, merged; the passage is returned.

Meaning needs the embedding model and the store, which are opened together in a thread, by `Searcher.warm_up` or the
first `search`. Where meaning cannot be searched, `search` gives what words find, and `Searcher.notice` says so.

Each leg is divided by its best score, so that both reach from about 0 to 1, and added with fixed weights (a convex
combination; Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023, arXiv 2210.11934).
Rank fusion throws the distances away; on this corpus it was worse than BM25 alone, and averaging over the sentences of
a question was worse than the question as a whole. `tunewise.retrieval.measure` gives the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tunewise.errors import CorpusError
from tunewise.retrieval.corpus import ARTICLE, NOTES, PAPERS, Corpus, load_corpus
from tunewise.retrieval.index import Progress, VectorIndex, index_key, is_whole, open_index
from tunewise.retrieval.lexical import Bm25, Scores
from tunewise.types import PRACTICE, Hit, Passage

if TYPE_CHECKING:
    from tunewise.retrieval.embedding import Embedder
    from tunewise.retrieval.retriever import CorpusRetriever
    from tunewise.settings import Settings

MEANING_WEIGHT = 0.6
# What the article says comes before what a note says about the same thing; a note that alone answers still wins.
ARTICLE_PREFERENCE = 0.15
CANDIDATES = 100  # sentences that the store is asked for
DOCUMENTS = frozenset({ARTICLE, PAPERS, NOTES})  # what is searched where a search does not say
MAX_QUESTION = 20_000  # characters of a question that are read


@dataclass(frozen=True, slots=True)
class Legs:
    """Scores per passage before they are merged: BM25, and cosine (None where meaning is not searched)."""

    lexical: Scores
    dense: Scores | None = None


class Searcher:
    """Searches one corpus. Safe to use from several threads; close it, or use it in a `with` block."""

    def __init__(
        self, corpus: Corpus, open_: Callable[[], VectorIndex], collections: Collection[str] = DOCUMENTS
    ) -> None:
        """Search `corpus`.

        Args:
            corpus: What is searched.
            open_: Opens the index of meaning; called once, in a thread, when it is first needed.
            collections: What is searched when a search does not say.
        """
        self.corpus = corpus
        self.notice: str | None = None
        self._collections = frozenset(collections)
        self._open = open_
        self._opening: Future[VectorIndex] | None = None
        self._guard = Lock()
        self._positions = {passage.id: position for position, passage in enumerate(corpus.passages)}
        self._preferred = preferred(corpus)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage that a search finds which does not say where, in the order of the corpus."""
        return tuple(p for p in self.corpus.passages if p.collection in self._collections)

    def warm_up(self) -> Future[VectorIndex]:
        """Load the embedding model and open the store in the background; builds the store if it has to.

        Importing torch holds Python's lock for much of its seconds, so call this after what is urgent has been shown.
        Wait for the returned future where that is the point (`tunewise index`); its error is what `search` will say.
        """
        with self._guard:
            if self._opening is None:
                executor = ThreadPoolExecutor(1, "search by meaning")
                self._opening = executor.submit(self._open)
                executor.shutdown(wait=False)
            return self._opening

    def opens_within(self, seconds: float) -> bool:
        """Whether meaning can be searched by then, or has failed; building an index takes longer than opening one."""
        return bool(wait([self.warm_up()], seconds).done)

    def search(
        self,
        question: str,
        top_k: int = 4,
        collections: Collection[str] | None = None,
        place: Sequence[float] | None = None,
    ) -> list[Hit]:
        """The passages that answer a question best, best first; waits until meaning can be searched.

        Args:
            question: In English; only the first 20,000 characters are read.
            top_k: How many passages; fewer come back if words alone are compared and fewer share any.
            collections: Only passages of these collections; None means those that the searcher was opened for.
            place: Where among the embedding model's vectors the question belongs; None: where that model puts it.
        """
        if not question.strip() or top_k < 1:
            return []
        legs = self.legs(question, collections, place)
        merged = np.where(self._allowed(collections), merge(legs, self._preferred), -np.inf)
        similarity: Sequence[float | None] = [None] * len(merged) if legs.dense is None else legs.dense.tolist()
        return [
            Hit(self.corpus.passages[position], float(merged[position]), similarity[position])
            for position in np.argsort(-merged, kind="stable")[:top_k].tolist()
            if np.isfinite(merged[position])
        ]

    def legs(
        self, question: str, collections: Collection[str] | None = None, place: Sequence[float] | None = None
    ) -> Legs:
        """Both legs' scores of every passage; sets `notice` if there is none by meaning, and takes it back if so."""
        question = question[:MAX_QUESTION]
        lexical = np.where(self._allowed(collections), self._words(question, self._wanted(collections)), np.float32(0))
        try:
            dense = self._cosines(question if place is None else place, self._wanted(collections))
        except Exception as problem:  # noqa: BLE001 - whatever a library raises, words still answer, and it is said
            self.notice = f"Search by meaning is missing; passages are found by their words alone: {problem}"
            return Legs(lexical)
        self.notice = None
        return Legs(lexical, dense)

    def cosines(self, question: str, texts: Sequence[str]) -> list[float]:
        """How near a question is to each of some texts by their meaning; all alike where that is not searched."""
        with suppress(Exception):  # whatever a library raises: `legs` says it
            return self.warm_up().result().cosines(question[:MAX_QUESTION], texts)
        return [0.0] * len(texts)

    def as_retriever(
        self, top_k: int = 4, collections: Collection[str] | None = None, place: Sequence[float] | None = None
    ) -> CorpusRetriever:
        """This search as a LangChain retriever; see `CorpusRetriever`."""
        from tunewise.retrieval.retriever import CorpusRetriever

        return CorpusRetriever(
            searcher=self,
            top_k=top_k,
            collections=None if collections is None else tuple(sorted(collections)),
            place=None if place is None else tuple(place),
        )

    def passage(self, id_: str) -> Passage:
        """The passage with this id.

        Raises:
            CorpusError: If there is none.
        """
        if id_ not in self._positions:
            raise CorpusError(f"No passage {id_!r} in the corpus ({len(self._positions)} passages).")
        return self.corpus.passages[self._positions[id_]]

    def passage_of_quote(self, document: str, quote: str) -> Passage | None:
        """The passage of `document` that contains `quote` literally; None if there is none."""
        return self.corpus.passage_of_quote(document, quote)

    def close(self) -> None:
        """Release the store and remove its private copy, as soon as it is open if it is being opened."""
        with self._guard:
            opening = self._opening
        if opening is not None:
            opening.add_done_callback(lambda opened: None if opened.exception() else opened.result().close())

    def __enter__(self) -> Searcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _shelves(self) -> list[tuple[bool, npt.NDArray[np.intp], Bm25]]:
        """Documents and practice notes, each with how rare its words are there: places of its passages, and BM25."""
        of_practice = np.array([passage.collection == PRACTICE for passage in self.corpus.passages], np.bool_)
        shelves = ((is_practice, np.flatnonzero(of_practice == is_practice)) for is_practice in (False, True))
        return [
            (is_practice, places, Bm25([self.corpus.passages[place] for place in places.tolist()]))
            for is_practice, places in shelves
            if places.size
        ]

    def _words(self, question: str, wanted: Collection[str]) -> Scores:
        """BM25 of each passage on the shelves that are wanted, shape (passages,)."""
        scores = np.zeros(len(self._positions), np.float32)
        for is_practice, places, bm25 in self._shelves:
            if (PRACTICE in wanted) if is_practice else not DOCUMENTS.isdisjoint(wanted):
                scores[places] = bm25.score(question)
        return scores

    def _cosines(self, question: str | Sequence[float], wanted: Collection[str]) -> Scores:
        """Cosine of the question with each passage's best sentence, shape (passages,).

        A passage of which no sentence was found gets the least cosine that was: it has no more than that.
        """
        found = self.warm_up().result().search(question, CANDIDATES, wanted)
        cosines = np.full(len(self._positions), min((cosine for _, cosine in found), default=0.0), np.float32)
        for passage, cosine in reversed(found):
            cosines[self._positions[passage]] = cosine
        return cosines

    def _wanted(self, collections: Collection[str] | None) -> Collection[str]:
        return self._collections if collections is None else collections

    def _allowed(self, collections: Collection[str] | None) -> npt.NDArray[np.bool_]:
        wanted = self._wanted(collections)
        return np.array([passage.collection in wanted for passage in self.corpus.passages], np.bool_)


def open_searcher(
    settings: Settings,
    *,
    progress: Progress | None = None,
    corpus_root: Path | None = None,
    embedder: Embedder | None = None,
) -> Searcher:
    """A searcher of the corpus; loads nothing heavy, see `Searcher.warm_up`.

    Args:
        settings: Home folder, embedding model, and whether notes are searched.
        progress: Called as (what, done, in all) while an index is built.
        corpus_root: Another corpus than the shipped one.
        embedder: Another embedding model than that of the settings.

    Raises:
        CorpusError: If the corpus is damaged.
    """
    corpus = load_corpus(corpus_root)

    def open_() -> VectorIndex:
        from tunewise.retrieval.embedding import open_embeddings

        model = embedder or open_embeddings(settings)
        model.embed_query("")  # loads it
        return open_index(settings.index_dir, corpus, model, progress)

    return Searcher(corpus, open_, DOCUMENTS if settings.notes else {ARTICLE, PAPERS})


def index_state(settings: Settings) -> str:
    """One line about the index for `tunewise doctor`.

    Raises:
        WeightsError: If there is no embedding model.
        IndexUnavailableError: If the index is missing, damaged or stale; the message says what to do.
    """
    from tunewise.errors import IndexUnavailableError
    from tunewise.retrieval.embedding import open_embeddings

    corpus = load_corpus()
    folder = settings.index_dir / index_key(corpus, open_embeddings(settings).fingerprint)
    if not is_whole(folder):
        state = "is damaged" if folder.exists() else "has not been built for this corpus and embedding model"
        raise IndexUnavailableError(f"The index in {str(settings.index_dir)!r} {state}. Run 'tunewise index'.")
    return f"{folder.name}, {len(corpus.passages)} passages, searched by meaning ({settings.embedding}) and words"


def merge(legs: Legs, preferred: npt.NDArray[np.bool_]) -> Scores:
    """One score per passage, higher is better; -inf for a passage that only words could find and did not.

    Args:
        legs: Both legs' scores.
        preferred: Which passages belong to the article.
    """
    merged = _scaled(legs.lexical)
    if legs.dense is None:
        merged = np.where(legs.lexical > 0, merged, -np.inf)
    else:
        merged = MEANING_WEIGHT * _scaled(legs.dense) + (1 - MEANING_WEIGHT) * merged
    return np.asarray(merged + ARTICLE_PREFERENCE * preferred, np.float32)


def preferred(corpus: Corpus) -> npt.NDArray[np.bool_]:
    """Which passages are the article's own prose; its list of references is not."""
    return np.array(
        [p.collection == ARTICLE and not p.section.startswith("References") for p in corpus.passages], np.bool_
    )


def _scaled(scores: Scores) -> Scores:
    highest = scores.max(initial=0.0)
    return scores / highest if highest > 0 else np.zeros_like(scores)
