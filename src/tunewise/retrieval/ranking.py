"""Merges the two legs of the search, similarity of meaning and BM25, into one ranking of passages.

Each leg is divided by its best score, so that both reach from about 0 to 1, and added with fixed weights (a convex
combination; Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023, arXiv 2210.11934).
Rank fusion throws the distances away; on this corpus it was worse than BM25 alone. `tunewise.retrieval.measure` gives
the figures.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]

DENSE_WEIGHT = 0.6
# What the article says comes before what a note says about the same thing; a note that alone answers still wins.
ARTICLE_PREFERENCE = 0.15


def per_passage(unit_scores: Scores, first_unit: npt.NDArray[np.int64]) -> Scores:
    """A passage scores as its best unit does; the last axis of `unit_scores` counts units."""
    best: Scores = np.maximum.reduceat(unit_scores, first_unit, axis=-1)
    return best


def merge(dense: Scores | None, lexical: Scores, preferred: npt.NDArray[np.bool_]) -> Scores:
    """One score per passage.

    Args:
        dense: Similarity of meaning per passage; None without the embedding model.
        lexical: BM25 per passage, not negative.
        preferred: Which passages belong to the article.

    Returns:
        Scores, higher is better; -inf for a passage that only BM25 could find and did not.
    """
    words = _scaled(lexical)
    if dense is None:
        merged = np.where(lexical > 0, words, -np.inf)
    else:
        merged = DENSE_WEIGHT * _scaled(dense) + (1 - DENSE_WEIGHT) * words
    return np.asarray(merged + ARTICLE_PREFERENCE * preferred, np.float32)


def best(scores: Scores, count: int) -> list[int]:
    """Positions of the `count` highest finite scores, best first; ties go to the earlier one."""
    if count < len(scores):
        threshold = np.partition(scores, -count)[-count]
        candidates = np.flatnonzero(scores >= threshold)
    else:
        candidates = np.arange(len(scores))
    order = candidates[np.argsort(-scores[candidates], kind="stable")][:count]
    return [int(position) for position in order if np.isfinite(scores[position])]


def _scaled(scores: Scores) -> Scores:
    highest = scores.max(initial=0.0)
    return scores / highest if highest > 0 else np.zeros_like(scores)
