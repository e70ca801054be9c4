"""Near-duplicates in a sample, and the groups that must not be torn apart between learning and testing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tunewise.measure.images import fingerprints
from tunewise.measure.records import Copies, Drawn

if TYPE_CHECKING:
    from tunewise.measure.records import Codes, Vectors

NEIGHBOURS = 10  # nearest rows of a text that are compared with it letter by letter
LEAST_COSINE = 0.9
LEAST_OVERLAP = 0.7  # of the runs of four letters; MinHash systems use .7 to .8
LETTERS = 4
MOST_BITS = 3  # of 64 that may differ between two images
COMPARED_AT_ONCE = 1_024
HOW = {
    "text": f"{LEAST_OVERLAP:.0%} of all runs of {LETTERS} letters in common",
    "image": f"difference hashes that differ in at most {MOST_BITS} of 64 bits",
    "features": "not looked for in features",
}


def find_copies(drawn: Drawn, vectors: Vectors, codes: Codes) -> tuple[Copies, Codes]:
    """Count copies in a sample.

    Args:
        drawn: The rows.
        vectors: Their features; of texts, of length 1.
        codes: Their classes.

    Returns:
        The counts, and a group for each row: rows that are copies of each other, over several steps too, have one.
    """
    import numpy as np
    from scipy.sparse import coo_matrix  # type: ignore[import-untyped]
    from scipy.sparse.csgraph import connected_components  # type: ignore[import-untyped]

    same = _same(drawn, vectors)
    near = sorted({pair for pair in _near(drawn, vectors) if same[pair[0]] != same[pair[1]]})
    ends = np.array([*near, *((place, first) for place, first in enumerate(same.tolist()))], dtype=np.int64)
    size = len(drawn.labels)
    graph = coo_matrix((np.ones(len(ends), dtype=bool), (ends[:, 0], ends[:, 1])), shape=(size, size))
    groups = connected_components(graph, directed=False)[1].astype(np.int64)
    conflicts = sum(bool(codes[left] != codes[right]) for left, right in near)
    return Copies(drawn.copies, drawn.conflicts, len(near), conflicts, size, HOW[drawn.kind]), groups


def _same(drawn: Drawn, vectors: Vectors) -> Codes:
    """For each row the first one with the same content."""
    import numpy as np

    keys: list[Any]
    if drawn.kind == "text":
        keys = [" ".join(text.lower().split()) for text in drawn.items]
    else:
        keys = [row.tobytes() for row in vectors]
    first: dict[Any, int] = {}
    return np.array([first.setdefault(key, place) for place, key in enumerate(keys)], dtype=np.int64)


def _near(drawn: Drawn, vectors: Vectors) -> Iterator[tuple[int, int]]:
    if drawn.kind == "text":
        return _near_texts(drawn.items, vectors)
    return _near_images(drawn.items) if drawn.kind == "image" else iter(())


def _near_texts(texts: Sequence[str], vectors: Vectors) -> Iterator[tuple[int, int]]:
    """Pairs (smaller place first) whose meaning is near and whose letters overlap."""
    import numpy as np

    runs: dict[int, frozenset[str]] = {}

    def runs_of(place: int) -> frozenset[str]:
        if place not in runs:
            text = " ".join(texts[place].lower().split())
            runs[place] = frozenset(text[i : i + LETTERS] for i in range(max(1, len(text) - LETTERS + 1)))
        return runs[place]

    for start in range(0, len(texts), COMPARED_AT_ONCE):
        cosines = vectors[start : start + COMPARED_AT_ONCE] @ vectors.T
        kept = min(NEIGHBOURS + 1, len(texts))
        nearest = np.argpartition(-cosines, kept - 1, axis=1)[:, :kept]
        for row, places in enumerate(nearest):
            left = start + row
            for right in places[cosines[row, places] >= LEAST_COSINE].tolist():
                if left != right and _overlap(runs_of(left), runs_of(right)) >= LEAST_OVERLAP:
                    yield min(left, right), max(left, right)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard index."""
    common = len(one & other)
    return common / max(1, len(one) + len(other) - common)


def _near_images(paths: Sequence[Any]) -> Iterator[tuple[int, int]]:
    import numpy as np

    hashes = fingerprints(paths)
    for place, own in enumerate(hashes[:-1]):
        if own:
            later = hashes[place + 1 :]
            close = (np.bitwise_count(later ^ own) <= MOST_BITS) & (later != 0)
            yield from ((place, place + 1 + int(other)) for other in np.flatnonzero(close))
