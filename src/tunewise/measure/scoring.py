"""Scores with honest intervals: copies never on both sides of a split, resampled together in the bootstrap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tunewise.measure.records import LEAST_OF_A_CLASS, Figure, Metric, Score

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tunewise.measure.records import Codes

    Weights = npt.NDArray[np.float64]

RESAMPLES = 1_000
INTERVAL = (2.5, 97.5)  # percentiles
FOLDS = 5


def folds(codes: Codes, groups: Codes, count: int, seed: int) -> Iterator[tuple[Codes, Codes]]:
    """(rows to learn from, rows to test on), stratified by class; the rows of a group are on one side."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    _, first, place = np.unique(groups, return_index=True, return_inverse=True)
    splitter = StratifiedKFold(count, shuffle=True, random_state=seed)
    for _, tested in splitter.split(first, codes[first]):
        is_tested = np.isin(place, tested)
        yield np.flatnonzero(~is_tested), np.flatnonzero(is_tested)


def scorable(codes: Codes, groups: Codes) -> Codes:
    """Rows of the classes that have enough groups of their own for cross-validation."""
    import numpy as np

    kept = np.arange(len(codes))
    while True:
        _, first = np.unique(groups[kept], return_index=True)
        counts = np.bincount(codes[kept][first], minlength=int(codes.max(initial=0)) + 1)
        remaining = kept[counts[codes[kept]] >= LEAST_OF_A_CLASS]
        if len(remaining) == len(kept):
            return kept
        kept = remaining


def macro_f1(codes: Codes, predicted: Codes, weights: Weights | None = None) -> float:
    """Mean F1 over the classes that occur, each counted alike."""
    import numpy as np

    size = int(max(codes.max(), predicted.max())) + 1
    own = np.ones(len(codes)) if weights is None else weights
    true = np.bincount(codes, own, size)
    hits = np.bincount(codes, own * (codes == predicted), size)
    given = np.bincount(predicted, own, size)
    occurs = true > 0
    return float((2 * hits[occurs] / (true + given)[occurs]).mean())


def measured(metric: Metric, codes: Codes, predicted: Codes) -> float:
    """The score by a metric."""
    return macro_f1(codes, predicted) if metric == "macro_f1" else float((codes == predicted).mean())


def scored(way: str, codes: Codes, predicted: Codes, groups: Codes, seed: int) -> Score:
    """Accuracy and macro-F1 of predictions for rows that were not learned from.

    The intervals are 95 % percentile bootstrap intervals over groups of copies. They hold the chance of the tested
    rows, and not that of the rows that were learned from.
    """
    import numpy as np

    random, (_, place) = np.random.default_rng(seed), np.unique(groups, return_inverse=True)
    size, right = int(place.max()) + 1, codes == predicted
    found = np.empty((RESAMPLES, 2))
    for turn in range(RESAMPLES):
        weights = np.bincount(random.integers(size, size=size), minlength=size)[place].astype(float)
        found[turn] = (weights @ right) / weights.sum(), macro_f1(codes, predicted, weights)
    (low, low_f1), (high, high_f1) = np.percentile(found, INTERVAL, axis=0)
    return Score(
        way,
        Figure(float(right.mean()), float(low), float(high)),
        Figure(macro_f1(codes, predicted), float(low_f1), float(high_f1)),
    )
