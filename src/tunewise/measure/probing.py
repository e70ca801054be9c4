"""What frozen features reach: without training (most frequent class, names of classes, nearest neighbours), and with a
linear probe, by cross-validation."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunewise.measure.records import Budget, Confused, Score
from tunewise.measure.scoring import FOLDS, folds, scored

if TYPE_CHECKING:
    from tunewise.measure.records import Codes, Vectors

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)  # C of the logistic regression, on standardised features
MOST_TO_CHOOSE = 1_000  # rows of the learning part, on which C is chosen
NEIGHBOURS = 5
MAX_STEPS = 200
MOST_CONFUSED = 5
MOST_COMPARED = 2_000  # rows of the silhouette, which compares all pairs


@dataclass(frozen=True, slots=True)
class Fold:
    """One turn of the cross-validation: its rows, and the C that was chosen in it."""

    learned: Codes
    tested: Codes
    strength: float


@dataclass(frozen=True, slots=True)
class Probed:
    """Predictions of the linear probe for every row by a probe that has not seen it, and the folds behind them."""

    predicted: Codes
    folds: tuple[Fold, ...]


def fit(vectors: Vectors, codes: Codes, strength: float) -> Any:
    """A standardised logistic regression (scikit-learn; lbfgs, L2)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=MAX_STEPS, tol=1e-3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a probe that stops early scores alike
        return model.fit(vectors, codes)


def choose_strength(vectors: Vectors, codes: Codes, seed: int) -> float:
    """The C that predicts best in two halves; the smaller one of equals. Needs rows in random order."""
    import numpy as np

    size = min(MOST_TO_CHOOSE, len(codes))
    picked = np.random.default_rng(seed).permutation(len(codes))[:size]
    halves = picked[: size // 2], picked[size // 2 :]
    right = dict.fromkeys(STRENGTHS, 0)
    for learned, tested in (halves, halves[::-1]):
        if len(np.unique(codes[learned])) < 2:
            continue
        for strength in STRENGTHS:
            predicted = fit(vectors[learned], codes[learned], strength).predict(vectors[tested])
            right[strength] += int((predicted == codes[tested]).sum())
    return max(STRENGTHS, key=lambda strength: (right[strength], -strength))


def probe(vectors: Vectors, codes: Codes, groups: Codes, seed: int, budget: Budget) -> Probed:
    """Cross-validate the linear probe; C is chosen anew within the learning part of every fold."""
    import numpy as np

    predicted, done = np.empty_like(codes), []
    for turn, (learned, tested) in enumerate(folds(codes, groups, FOLDS, seed)):
        strength = choose_strength(vectors[learned], codes[learned], seed)
        predicted[tested] = fit(vectors[learned], codes[learned], strength).predict(vectors[tested])
        done.append(Fold(learned, tested, strength))
        budget.at("linear probe", turn + 1, FOLDS)
    return Probed(predicted, tuple(done))


def neighbours(vectors: Vectors, codes: Codes, parts: Sequence[Fold]) -> Codes:
    """What the nearest rows by cosine say, in the same folds."""
    import numpy as np
    from sklearn.neighbors import KNeighborsClassifier

    predicted = np.empty_like(codes)
    for fold in parts:
        count = min(NEIGHBOURS, len(fold.learned))
        model = KNeighborsClassifier(count, metric="cosine", algorithm="brute")
        predicted[fold.tested] = model.fit(vectors[fold.learned], codes[fold.learned]).predict(vectors[fold.tested])
    return predicted


def baselines(
    vectors: Vectors, codes: Codes, groups: Codes, parts: Sequence[Fold], names: Vectors | None, seed: int
) -> tuple[Score, ...]:
    """Scores without training anything.

    Args:
        vectors: Features of the rows.
        codes: Their classes.
        groups: Copies of each other.
        parts: The folds of the probe.
        names: Features of the classes' names, one row for each code, None where they say nothing.
        seed: Of the bootstrap.
    """
    import numpy as np

    ways = [("most frequent class", np.full_like(codes, np.bincount(codes).argmax()))]
    if names is not None:
        ways.append(("names of the classes (zero-shot)", (vectors @ names.T).argmax(axis=1)))
    ways.append((f"{NEIGHBOURS} nearest neighbours", neighbours(vectors, codes, parts)))
    return tuple(scored(way, codes, predicted, groups, seed) for way, predicted in ways)


def separation(vectors: Vectors, codes: Codes) -> float:
    """Silhouette by cosine distance: 1 for classes far apart, 0 where they overlap, below where they are mixed up."""
    import numpy as np
    from sklearn.metrics import silhouette_score

    some, names = vectors[:MOST_COMPARED], codes[:MOST_COMPARED]
    usable = np.linalg.norm(some, axis=1) > 0
    n_classes = len(np.unique(names[usable]))
    if not 2 <= n_classes < int(usable.sum()):
        return float("nan")
    return float(silhouette_score(some[usable], names[usable], metric="cosine"))


def confusion(codes: Codes, predicted: Codes, classes: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Counts: rows are true classes, columns predicted ones."""
    import numpy as np

    size = len(classes)
    counts = np.bincount(codes * size + predicted, minlength=size * size).reshape(size, size)
    return tuple(map(tuple, counts.tolist()))


def most_confused(matrix: Sequence[Sequence[int]], classes: Sequence[str]) -> tuple[Confused, ...]:
    """The pairs with the most errors, most first."""
    pairs = [
        Confused(classes[true], classes[other], count, count / sum(row))
        for true, row in enumerate(matrix)
        for other, count in enumerate(row)
        if count and other != true
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.count, pair.true, pair.taken_for))[:MOST_CONFUSED])
