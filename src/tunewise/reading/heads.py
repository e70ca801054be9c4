"""Logistic regression for few examples in many dimensions: solved among the examples, in milliseconds, without a seed.

Newton's method in the dual (Rasmussen and Williams, Gaussian Processes, 2006, algorithm 3.1) with a linear kernel: as
many unknowns as examples, however wide the embeddings are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = 50
CLOSE = 1e-6


def fit(rows: Floats, targets: NDArray[np.bool_], weights: Floats, freedom: float) -> Floats:
    """Weights of one head, its bias last.

    Args:
        rows: One row an example.
        targets: Which of them are to be told from the others.
        weights: How much each example counts.
        freedom: How far the head may go for the examples; the inverse of the penalty.
    """
    bordered = with_bias(rows)
    kernel = bordered @ bordered.T
    scores = np.zeros(len(rows))
    for _ in range(STEPS):
        chance = sigmoid(scores)
        curvature = np.maximum(freedom * weights * chance * (1 - chance), 1e-10)
        gradient = freedom * weights * (targets - chance)
        root = np.sqrt(curvature)
        wanted = curvature * scores + gradient
        inner = np.eye(len(rows)) + root[:, None] * kernel * root
        dual = wanted - root * np.linalg.solve(inner, root * (kernel @ wanted))
        moved = kernel @ dual - scores
        scores = scores + moved
        if np.abs(moved).max() < CLOSE:
            break
    return np.asarray(bordered.T @ dual)


def with_bias(rows: Floats) -> Floats:
    """Rows with a one behind each."""
    return np.hstack([rows, np.ones((len(rows), 1))])


def sigmoid(scores: NDArray[Any]) -> NDArray[Any]:
    """Scores as probabilities, of the same precision."""
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -30, 30))))
