"""Opens the searcher: takes the index that fits, builds it where there is none, and falls back where it cannot."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from tunewise.errors import BusyError, IndexUnavailableError, WeightsError
from tunewise.retrieval.building import CHROMA, EMBEDDER, build_generation, make_embedder
from tunewise.retrieval.corpus import ARTICLE, PAPERS, load_corpus
from tunewise.retrieval.embedding import Embedder
from tunewise.retrieval.index import Index, Progress, build_index, index_key
from tunewise.retrieval.search import EXACT_UNITS, Searcher
from tunewise.retrieval.store import Generation, GenerationStore
from tunewise.settings import Settings

StoreUse = Literal["auto", "chroma", "background"]
WAIT_FOR_OTHERS_S = 120.0
IN_MEMORY_PASSAGES = 5_000


def open_searcher(
    settings: Settings,
    *,
    progress: Progress | None = None,
    store: StoreUse = "auto",
    corpus_root: Path | None = None,
    embedder: str | None = EMBEDDER,
) -> Searcher:
    """Open the index of the corpus; build it first if it is missing, stale or damaged.

    Without the embedding weights the search is by words alone (`Searcher.dense` is False, `Searcher.notice` says why).
    Where the index cannot be written, a small corpus is indexed in memory.

    Args:
        settings: Home folder, threads, and whether notes are searched.
        progress: Called as (what, done, in all) while an index is built.
        store: "chroma" opens the Chroma store before it returns, "background" does so in a thread, for a process that
            lives on; "auto" opens it where the corpus is too large for exact search. The results are the same.
        corpus_root: Another corpus than the shipped one.
        embedder: "module:function" that makes the embedder from settings.

    Raises:
        CorpusError: If the corpus is damaged.
        IndexUnavailableError: If there is no usable index and none could be built.
    """
    corpus = load_corpus(corpus_root)
    model, notice = _embedder(embedder, settings)
    if model is None:
        embedder = None
    else:
        _warm_up(model)
    generations = GenerationStore(settings.index_dir)
    key = index_key(corpus, model)
    generation = generations.find(key)
    if generation is None or generation.name != generations.current_name():
        try:
            generation = _obtain(generations, generation, key, settings, corpus_root, embedder, progress)
        except IndexUnavailableError as problem:
            if len(corpus.passages) > IN_MEMORY_PASSAGES:
                raise
            notice = " ".join(filter(None, [notice, f"{problem} Until then the index is kept in memory."]))
    index = build_index(corpus, model) if generation is None else Index.from_files(generation.files)
    collections = None if settings.notes else {ARTICLE, PAPERS}
    searcher = Searcher(index, corpus, model, collections=collections, notice=notice)
    if generation is not None:
        _attach(searcher, generations, generation, store)
    return searcher


def rebuild(settings: Settings, progress: Progress | None = None) -> str:
    """Build the index anew, whether or not it is stale; returns the name of the new generation.

    Raises:
        BusyError: At once, with the pid, if another process is building.
        IndexUnavailableError: If it cannot be built; the one that was there stays in use.
    """
    model, _ = _embedder(EMBEDDER, settings)
    embedder = EMBEDDER if model else None
    return build_generation(GenerationStore(settings.index_dir), settings, embedder=embedder, progress=progress).name


def index_state(settings: Settings) -> str:
    """One line about the index for `tunewise doctor`.

    Raises:
        IndexUnavailableError: If it is missing, damaged or stale; the message says what to do.
    """
    generations = GenerationStore(settings.index_dir)
    name = generations.current_name()
    generation = generations.verified(name) if name else None
    if generation is None:
        state = "is damaged" if name else "has not been built"
        raise IndexUnavailableError(f"The index in {str(settings.index_dir)!r} {state}. Run 'tunewise index'.")
    model, _ = _embedder(EMBEDDER, settings)
    if generation.key != index_key(load_corpus(), model):
        raise IndexUnavailableError("The index was built from another corpus or other weights. Run 'tunewise index'.")
    kind = "meaning and words" if generation.manifest.get("embedder") else "words alone"
    return f"{generation.name}, {generation.manifest['passages']} passages, searched by {kind}"


def _embedder(spec: str | None, settings: Settings) -> tuple[Embedder | None, str | None]:
    """The embedder, or None and what to tell the user."""
    try:
        return make_embedder(spec, settings), None
    except (WeightsError, OSError) as problem:
        return None, f"Passages are found by their words alone: {problem}"


def _warm_up(model: Embedder) -> None:
    if warm_up := getattr(model, "warm_up", None):
        warm_up()


def _obtain(
    generations: GenerationStore,
    found: Generation | None,
    key: str,
    settings: Settings,
    corpus_root: Path | None,
    embedder: str | None,
    progress: Progress | None,
) -> Generation | None:
    """The generation with this key: point CURRENT back to it, build it, or wait for the process that builds it."""
    deadline = time.monotonic() + WAIT_FOR_OTHERS_S
    while True:
        try:
            if found is not None:
                with generations.writing():
                    generations.point_to(found.name)
                return found
            return build_generation(
                generations, settings, corpus_root=corpus_root, embedder=embedder, progress=progress
            )
        except BusyError as problem:
            if time.monotonic() > deadline:
                raise IndexUnavailableError(str(problem)) from problem
            time.sleep(0.1)
            found = found or generations.find(key)
            if found is not None:
                return found
        except IndexUnavailableError:
            if found is None:
                raise
            return found


def _attach(searcher: Searcher, generations: GenerationStore, generation: Generation, use: StoreUse) -> None:
    """Give the searcher a private copy of the generation's Chroma store, where that is wanted."""
    if not searcher.dense or (use == "auto" and len(searcher.index.units) <= EXACT_UNITS):
        return
    if use == "background":
        threading.Thread(target=_attach_now, args=(searcher, generations, generation)).start()
    else:
        _attach_now(searcher, generations, generation)


def _attach_now(searcher: Searcher, generations: GenerationStore, generation: Generation) -> None:
    # A copy that cannot be made (full disk, read-only home) leaves the exact search in place: same results.
    with suppress(OSError, IndexUnavailableError):
        copy = generations.private_copy(generation, CHROMA)
        if copy is not None:
            searcher.attach_store(copy)
