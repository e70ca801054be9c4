"""How far the data lie from a reference, for example texts of the kind that the model was pre-trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunewise.measure.probing import choose_strength, fit
from tunewise.measure.records import Budget, Figure, Shift
from tunewise.measure.scoring import FOLDS, INTERVAL, RESAMPLES
from tunewise.types import UNKNOWN

if TYPE_CHECKING:
    from tunewise.measure.records import Vectors

MOST_ROWS = 2_000  # of each side
LEAST_ROWS = 50
NEAR = 95  # percentile of the reference's own nearest distances
# Our convention, on shares that lie as near to the reference as its own rows: these are 95 % by construction where the
# two are drawn alike. Between the two nothing is said; a classifier that tells them apart must agree with "very
# different", because few of many near rows may just be a sparse reference.
SIMILAR_FROM, DIFFERENT_TO = 0.80, 0.30
TOLD_APART_FROM = 0.90


def shift_between(own: Vectors, other: Vectors, name: str, seed: int, budget: Budget) -> Shift:
    """Compare features of the data with those of a reference; rows are to be in random order.

    Args:
        own: Features of the data.
        other: Features of the reference, as wide.
        name: What the reference is called.
        seed: Of folds and resamples.
        budget: Told how far it is.
    """
    own, other = own[:MOST_ROWS], other[:MOST_ROWS]
    budget.at("reference", 0, 2)
    auc = _told_apart(own, other, seed)
    budget.at("reference", 1, 2)
    inside = _inside(own, other, seed)
    mmd, cosine = _discrepancy(own, other), _cosine(own, other)
    budget.at("reference", 2, 2)
    return Shift(name, len(other), auc, inside, mmd, cosine, _similarity(auc, inside))


def _similarity(auc: Figure, inside: Figure) -> str:
    """The framework's value, where the whole interval says so."""
    if inside.low >= SIMILAR_FROM:
        return "high"
    return "low" if inside.high <= DIFFERENT_TO and auc.low >= TOLD_APART_FROM else UNKNOWN


def _told_apart(own: Vectors, other: Vectors, seed: int) -> Figure:
    """Area under the ROC curve of a linear classifier of the side, cross-validated (classifier two-sample test).

    Source: Lopez-Paz and Oquab, ICLR 2017.
    """
    import numpy as np
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    vectors, sides = np.concatenate([own, other]), np.repeat([0, 1], [len(own), len(other)])
    strength = choose_strength(vectors, sides, seed)
    scores = np.empty(len(sides))
    for learned, tested in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(vectors, sides):
        scores[tested] = fit(vectors[learned], sides[learned], strength).predict_proba(vectors[tested])[:, 1]
    random, found = np.random.default_rng(seed), []
    for _ in range(RESAMPLES // 5):  # each takes a sort of all rows
        rows = random.integers(len(sides), size=len(sides))
        if 0 < sides[rows].sum() < len(rows):
            found.append(roc_auc_score(sides[rows], scores[rows]))
    low, high = np.percentile(found, INTERVAL)
    return Figure(float(roc_auc_score(sides, scores)), float(low), float(high))


def _inside(own: Vectors, other: Vectors, seed: int) -> Figure:
    """The share of the data whose nearest row of the reference is as near as for 95 % of the reference's own rows."""
    import numpy as np
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=2, metric="cosine", algorithm="brute").fit(other)
    among_themselves = index.kneighbors(other)[0][:, 1]
    near = index.kneighbors(own, n_neighbors=1)[0][:, 0] <= np.percentile(among_themselves, NEAR) + 1e-6
    drawn = np.random.default_rng(seed).binomial(len(near), near.mean(), RESAMPLES) / len(near)
    low, high = np.percentile(drawn, INTERVAL)
    return Figure(float(near.mean()), float(low), float(high))


def _discrepancy(own: Vectors, other: Vectors) -> float:
    """Squared maximum mean discrepancy, unbiased, RBF kernel as wide as the median distance.

    Source: Gretton et al., JMLR 2012.
    """
    import numpy as np
    from sklearn.metrics.pairwise import euclidean_distances

    within, across, beyond = (
        euclidean_distances(one, two, squared=True) for one, two in ((own, own), (own, other), (other, other))
    )
    width = max(float(np.median(across)), 1e-12)

    def mean(distances: Vectors) -> float:
        size = len(distances)
        return float((np.exp(-distances / width).sum() - size) / max(1, size * (size - 1)))

    return mean(within) + mean(beyond) - 2 * float(np.exp(-across / width).mean())


def _cosine(own: Vectors, other: Vectors) -> float:
    import numpy as np

    one, two = own.mean(axis=0), other.mean(axis=0)
    return float(one @ two / max(1e-12, float(np.linalg.norm(one) * np.linalg.norm(two))))
