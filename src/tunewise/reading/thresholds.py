"""How certain a reader must be, set where its examples were held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEVER = 1.0  # reached by an outright answer only, by no head


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability a fact counts as stated, and from which it is proposed."""

    stated: float
    proposed: float


def least_certain(probabilities: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float:
    """The lowest probability from which on at least this share is right; `NEVER` where there is none."""
    order = np.argsort(-probabilities, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= precision)
    return float(probabilities[order][enough[-1]]) if len(enough) else NEVER
