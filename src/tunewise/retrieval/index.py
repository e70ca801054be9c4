"""What is searched: passages, their units, the units' vectors and postings; built in memory, kept as plain files.

These files are the canonical data of the store: everything else (Chroma) can be built from them again.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version

import numpy as np
import numpy.typing as npt

from tunewise.retrieval.corpus import Corpus
from tunewise.retrieval.embedding import Embedder, Vectors
from tunewise.retrieval.lexical import Postings, build_postings
from tunewise.retrieval.units import UNITS_VERSION, Unit, units_of
from tunewise.retrieval.words import WORDS_VERSION
from tunewise.types import Passage

INDEX_VERSION = "1"  # raise it when the files below change
PASSAGES, VECTORS, POSTINGS = "passages.json", "vectors.npy", "postings.npz"
EMBED_AT_ONCE = 512

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Everything that a search reads.

    `units` stand in the order of `passages`; `first_unit[p]` is the first unit of passage p; `vectors` has one row per
    unit, of length 1, or is None where the index was built without the embedding model.
    """

    passages: tuple[Passage, ...]
    units: tuple[Unit, ...]
    first_unit: npt.NDArray[np.int64]
    vectors: Vectors | None
    postings: Postings

    def to_files(self) -> dict[str, bytes]:
        """The canonical files, by name."""
        records = {
            "passages": [asdict(passage) for passage in self.passages],
            "units": [[unit.owner, unit.label, unit.text] for unit in self.units],
        }
        files = {PASSAGES: json.dumps(records, ensure_ascii=False).encode(), POSTINGS: self.postings.to_bytes()}
        if self.vectors is not None:
            buffer = io.BytesIO()
            np.save(buffer, self.vectors)
            files[VECTORS] = buffer.getvalue()
        return files

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> Index:
        """Read what `to_files` wrote.

        Raises:
            KeyError, ValueError, TypeError: If the files are something else.
        """
        records = json.loads(files[PASSAGES])
        passages = tuple(Passage(**record) for record in records["passages"])
        units = tuple(Unit(owner, label, text) for owner, label, text in records["units"])
        vectors = np.load(io.BytesIO(files[VECTORS]), allow_pickle=False) if VECTORS in files else None
        return cls(passages, units, first_units(units), vectors, Postings.from_bytes(files[POSTINGS]))


def build_index(
    corpus: Corpus, embedder: Embedder | None, *, known: Index | None = None, progress: Progress | None = None
) -> Index:
    """Build the index of a corpus in memory.

    Args:
        corpus: What is searched.
        embedder: Gives the vectors; without one the search is by words alone.
        known: An index built with the same embedder; units that it already has are not embedded again.
        progress: Called as ("embedding", units done, units in all).
    """
    units = units_of(corpus.passages)
    vectors = None if embedder is None else _embed(units, embedder, known, progress)
    postings = build_postings([unit.labelled for unit in units])
    return Index(corpus.passages, tuple(units), first_units(units), vectors, postings)


def index_key(corpus: Corpus, embedder: Embedder | None) -> str:
    """Names what an index is built from and by; an index with another key is stale."""
    parts = [
        f"corpus {corpus.hash}",
        f"index {INDEX_VERSION} units {UNITS_VERSION} words {WORDS_VERSION}",
        f"embedder {embedder.fingerprint if embedder else 'none'}",
        f"bm25s {version('bm25s')} chromadb {version('chromadb')}",
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def first_units(units: Sequence[Unit]) -> npt.NDArray[np.int64]:
    """Position of the first unit of each passage."""
    owners = np.fromiter((unit.owner for unit in units), np.int64, len(units))
    return np.flatnonzero(np.diff(owners, prepend=-1))


def _embed(units: Sequence[Unit], embedder: Embedder, known: Index | None, progress: Progress | None) -> Vectors:
    rows: dict[str, npt.NDArray[np.float32]] = {}
    if known is not None and known.vectors is not None:
        rows = {unit.text: vector for unit, vector in zip(known.units, known.vectors, strict=True)}
    missing = sorted({unit.text for unit in units} - rows.keys(), key=len)
    for start in range(0, len(missing), EMBED_AT_ONCE):
        texts = missing[start : start + EMBED_AT_ONCE]
        rows.update(zip(texts, embedder.embed(texts), strict=True))
        if progress:
            progress("embedding", start + len(texts), len(missing))
    return np.stack([rows[unit.text] for unit in units]).astype(np.float32)
