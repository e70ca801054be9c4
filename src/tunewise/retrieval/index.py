"""The index of meaning: a Chroma store of the corpus' sentences, in one folder per key; built aside, verified, renamed.

    <home>/index/
      <key>/                    chroma/, maker (by what its vectors are), manifest.json (SHA-256 of each file)
      build-<pid>-<nonce>/      an index that is being built; writer.lock lets one process build at a time
      run-<pid>-<nonce>/        a process's private copy

The key names corpus, embedding model and versions, so an index fits or is not there. It can always be built again:
what does not verify is rebuilt, and no store is opened that did not. Chroma writes when it reads (and crashes on a
damaged file), so what is opened is a private copy, verified after it was made. A changed corpus takes the vectors of
unchanged sentences from the index before it, if the same model made them: embedding is nearly all the work.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from tunewise import offline
from tunewise.errors import BusyError, IndexUnavailableError
from tunewise.retrieval.lexical import UNITS_VERSION, Unit, units_of

if TYPE_CHECKING:
    from langchain_chroma import Chroma

    from tunewise.retrieval.corpus import Corpus
    from tunewise.retrieval.embedding import Embedder

Progress = Callable[[str, int, int], None]
Vector = NDArray[np.float32]

INDEX_VERSION = "2"  # raise it when what is stored of an unchanged unit changes
WAIT_FOR_OTHERS_S = 900.0  # building from nothing takes minutes
MANIFEST, CHROMA, MAKER, COLLECTION = "manifest.json", "chroma", "maker", "sentences"
# Measured at 100,000 vectors: recall@10 of 0.98 and more against exact search.
_HNSW = {"space": "cosine", "ef_construction": 400, "ef_search": 400, "max_neighbors": 32}
_BATCH = 64
_ROOM_BYTES, _ROOM_PER_UNIT = 64 << 20, 32 << 10  # a small store and its copy; vector, graph and text of a sentence
_KEY_LENGTH = 16
_KEY = re.compile(f"[0-9a-f]{{{_KEY_LENGTH}}}")  # no name of a copy, which has hyphens


class VectorIndex:
    """An opened store, in a private copy that `close` removes."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self._folder = folder
        self._embedder = embedder
        self.store = open_chroma(folder / CHROMA, embedder)

    def search(
        self, query: str | Sequence[float], count: int, collections: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """The nearest sentences: id of their passage and cosine, nearest first.

        Args:
            query: Embedded as a question; or its place among the embedder's vectors.
            count: How many sentences.
            collections: Only sentences of these collections; None means all.
        """
        where: Any = None if collections is None else {"collection": {"$in": sorted(collections)}}
        if isinstance(query, str):
            found = self.store.similarity_search_with_score(query, count, filter=where)
        else:
            found = self.store.similarity_search_by_vector_with_relevance_scores(list(query), count, filter=where)
        return [(sentence.metadata["passage"], 1 - distance) for sentence, distance in found]

    def cosines(self, query: str, texts: Sequence[str]) -> list[float]:
        """How near a question is to each of some texts that need not be in the store."""
        embedded = np.array(self._embedder.embed_documents(list(texts)))
        return list(map(float, embedded @ np.array(self._embedder.embed_query(query))))

    def close(self) -> None:
        """Release the store and remove the copy."""
        self.store._client.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def index_key(corpus: Corpus, fingerprint: str) -> str:
    """Name of the folder of an index: what it is built from, and by."""
    parts = [corpus.hash, _maker(fingerprint), UNITS_VERSION]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_KEY_LENGTH]


def _maker(fingerprint: str) -> str:
    """What the vector of a sentence, and reading it back, hang on."""
    return "\n".join([fingerprint, INDEX_VERSION, version("chromadb")])


def open_index(folder: Path, corpus: Corpus, embedder: Embedder, progress: Progress | None = None) -> VectorIndex:
    """Open the index of a corpus; builds it if it is missing or damaged, or waits for the process that does.

    Args:
        folder: Where indexes lie.
        corpus: What is searched.
        embedder: Makes the vectors of its sentences and of questions.
        progress: Called as (what, done, in all) while an index is built.

    Raises:
        IndexUnavailableError: If there is none and none could be built or opened.
    """
    key, deadline = index_key(corpus, embedder.fingerprint), time.monotonic() + WAIT_FOR_OTHERS_S
    while (copy := _private_copy(folder, key)) is None:
        try:
            build_index(folder, corpus, embedder, progress)
        except BusyError as problem:
            if time.monotonic() > deadline:
                raise IndexUnavailableError(str(problem)) from problem
            time.sleep(0.2)
    return VectorIndex(copy, embedder)


def build_index(folder: Path, corpus: Corpus, embedder: Embedder, progress: Progress | None = None) -> Path:
    """Build the index of a corpus, whether or not it is there, and remove those with other keys.

    Raises:
        BusyError: At once, with the pid, if another process is building.
        IndexUnavailableError: If there is too little room or the build failed; what was there is untouched then.
    """
    from chromadb.errors import ChromaError

    target = folder / index_key(corpus, embedder.fingerprint)
    units = units_of(corpus.passages)
    try:
        with _built_aside(folder) as aside:
            _require_room(folder, len(units))
            maker = _maker(embedder.fingerprint)
            known_first = _KnownFirst(embedder, _vectors_of_others(folder, target, maker))
            _fill(aside / CHROMA, corpus, units, known_first, progress)
            (aside / MAKER).write_text(maker, encoding="utf-8")
            (aside / MANIFEST).write_text(json.dumps(_hashes(aside), indent=1), encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)  # whoever builds found it damaged or wants it anew
            aside.rename(target)
            _remove_others(folder, target)
        if not is_whole(target):
            raise OSError("what was written does not read back")
    except (OSError, ChromaError) as problem:
        raise IndexUnavailableError(
            f"The index could not be written to {str(folder)!r} ({getattr(problem, 'strerror', None) or problem}). "
            "Make room or set TUNEWISE_HOME."
        ) from problem
    return target


def is_whole(folder: Path) -> bool:
    """Whether every file of an index is there and unchanged, and there is no other."""
    try:
        expected = json.loads((folder / MANIFEST).read_bytes())
        return bool(expected == _hashes(folder))
    except (OSError, ValueError):
        return False


def open_chroma(folder: Path, embedder: Embeddings | None) -> Chroma:
    """The store in a folder, which must be new or a private copy, sealed from network and environment.

    A tampered store could make Chroma construct an embedding function, so its registry of those is emptied.
    """
    offline.seal()
    import chromadb
    from chromadb.utils import embedding_functions
    from langchain_chroma import Chroma

    embedding_functions.known_embedding_functions.clear()
    client = chromadb.PersistentClient(str(folder), settings=offline.chroma_settings(folder))
    return Chroma(COLLECTION, embedder, client=client, collection_configuration={"hnsw": _HNSW})  # type: ignore[arg-type]


class _KnownFirst(Embeddings):
    """An embedder that looks up the vectors that are known already."""

    def __init__(self, embedder: Embeddings, known: Mapping[str, Vector]) -> None:
        self._embedder, self._known = embedder, known

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        unknown = [text for text in texts if text not in self._known]
        made = dict(zip(unknown, self._embedder.embed_documents(unknown) if unknown else (), strict=True))
        return [made[text] if text in made else self._known[text].tolist() for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self._embedder.embed_query(text)


def _vectors_of_others(folder: Path, target: Path, maker: str) -> dict[str, Vector]:
    """The vectors of the sentences in other whole indexes of the same maker, by text. What cannot be read lends
    nothing: embedding everything is always right."""
    from chromadb.errors import ChromaError

    found: dict[str, Vector] = {}
    for path in _others(folder, target):
        with suppress(OSError, ValueError, ChromaError, IndexUnavailableError):
            if (path / MAKER).read_bytes() == maker.encode() and (copy := _private_copy(folder, path.name)):
                found |= _vectors_in(copy)
    return found


def _vectors_in(copy: Path) -> dict[str, Vector]:
    """All vectors of a private copy, which is removed."""
    try:
        store = open_chroma(copy / CHROMA, None)
        try:
            held = store.get(include=["documents", "embeddings"])
            return dict(zip(held["documents"], held["embeddings"], strict=True))
        finally:
            store._client.close()
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _fill(folder: Path, corpus: Corpus, units: list[Unit], embedder: Embeddings, progress: Progress | None) -> None:
    """Write all units into a new store."""
    store = open_chroma(folder, embedder)
    try:
        order = sorted(range(len(units)), key=lambda number: len(units[number].text))  # like lengths pad least
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            owners = [corpus.passages[units[number].owner] for number in batch]
            store.add_texts(
                [units[number].text for number in batch],
                [
                    {"passage": p.id, "collection": p.collection, "document": p.document, "section": p.section}
                    for p in owners
                ],
                [str(number) for number in batch],
            )
            if progress:
                progress("index: embedding", start + len(batch), len(order))
        if (held := len(store.get(include=[])["ids"])) != len(units):
            raise IndexUnavailableError(f"The new index holds {held} of {len(units)} sentences. Try again.")
    finally:
        store._client.close()


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest, by its path in the folder.

    Raises:
        ValueError: If there is a link, which is none of ours.
    """
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise ValueError(f"{str(path)!r} is a link")
        if path.is_file() and name != MANIFEST:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _private_copy(folder: Path, key: str) -> Path | None:
    """A whole copy of an index; None if the index is not there or damaged.

    Raises:
        IndexUnavailableError: If it cannot be copied (full disk, read-only home).
    """
    if not (folder / key / MANIFEST).is_file():
        return None
    try:
        copy = _own_folder(folder, "run")
        try:
            shutil.copytree(folder / key, copy, symlinks=True, dirs_exist_ok=True)
            if is_whole(copy):
                return copy
        except OSError:
            shutil.rmtree(copy, ignore_errors=True)
            raise
    except OSError as problem:
        raise IndexUnavailableError(
            f"The index in {str(folder)!r} could not be copied to be opened ({problem.strerror or problem}). "
            "Make room or set TUNEWISE_HOME."
        ) from problem
    shutil.rmtree(copy, ignore_errors=True)
    return None


@contextmanager
def _built_aside(folder: Path) -> Iterator[Path]:
    """The folder to build in; only one process has one, and it is gone afterwards unless it was renamed."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "writer.lock", timeout=0):
            aside = _own_folder(folder, "build")
            try:
                yield aside
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    except Timeout:
        writer = next((path.name.split("-")[1] for path in folder.glob("build-*-*")), "?")
        raise BusyError(
            f"Process {writer} is building the index in {str(folder)!r}. Wait until it has finished."
        ) from None


def _own_folder(folder: Path, kind: str) -> Path:
    """A fresh folder of this process, "build" or "run"; what processes that are gone left behind is removed."""
    import psutil

    alive = set(map(str, psutil.pids()))  # type: ignore[no-untyped-call]
    for path in (*folder.glob("build-*"), *folder.glob("run-*")):
        if path.name.split("-")[1] not in alive:
            shutil.rmtree(path, ignore_errors=True)
    own = folder / f"{kind}-{os.getpid()}-{secrets.token_hex(4)}"
    own.mkdir()
    return own


def _others(folder: Path, kept: Path) -> list[Path]:
    """Indexes with other keys."""
    named = (path.parent for path in folder.glob(f"*/{MANIFEST}"))
    return [path for path in named if _KEY.fullmatch(path.name) and path != kept]


def _remove_others(folder: Path, kept: Path) -> None:
    """Remove indexes with other keys, and the generations of the first edition."""
    for path in (*_others(folder, kept), *folder.glob("gen-*")):
        shutil.rmtree(path, ignore_errors=True)
    (folder / "CURRENT").unlink(missing_ok=True)


def _require_room(folder: Path, units: int) -> None:
    needed, free = _ROOM_BYTES + _ROOM_PER_UNIT * units, shutil.disk_usage(folder).free
    if free < needed:
        raise IndexUnavailableError(
            f"The index needs {needed / 1e6:.0f} MB below {str(folder)!r}, and {free / 1e6:.0f} MB are free. "
            "Make room or set TUNEWISE_HOME."
        )
