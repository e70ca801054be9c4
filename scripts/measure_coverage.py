"""How often the forecasts of `tunewise measure` hold: each is made from few rows and held against many.

`.venv/bin/python -m scripts.measure_coverage [TRIALS]` prints the share of 90 % intervals that hold the score that was
then measured, and their mean width, for data sets of scikit-learn (digits, breast cancer) and synthetic ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tunewise.measure.curve import forecast, learning_curve
from tunewise.measure.probing import fit, probe
from tunewise.measure.records import Budget

ROWS = 250
TIMES = (2, 4)
SYNTHETIC = (
    {"n_classes": 2, "class_sep": 0.5, "flip_y": 0.05},
    {"n_classes": 2, "class_sep": 1.0, "flip_y": 0.0},
    {"n_classes": 4, "class_sep": 0.8, "flip_y": 0.1},
    {"n_classes": 4, "class_sep": 1.5, "flip_y": 0.02},
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One forecast, and the score that was measured with so many rows on rows that nothing was learned from."""

    data: str
    times: int
    low: float
    high: float
    measured: float

    @property
    def holds(self) -> bool:
        """Whether the interval holds the score."""
        return self.low <= self.measured <= self.high


def data_sets(seed: int) -> Iterator[tuple[str, Any, Any]]:
    """Name, features and classes of each data set."""
    import numpy as np
    from sklearn.datasets import load_breast_cancer, load_digits, make_classification

    for place, options in enumerate(SYNTHETIC):
        vectors, codes = make_classification(
            6_000, 48, n_informative=12, n_redundant=8, n_clusters_per_class=2, random_state=seed, **options
        )
        yield f"synthetic {place + 1}", vectors.astype(np.float32), codes.astype(np.int64)
    for name, load in (("digits", load_digits), ("breast cancer", load_breast_cancer)):
        bunch = load()
        yield name, bunch.data.astype(np.float32), bunch.target.astype(np.int64)


def trials(name: str, vectors: Any, codes: Any, seed: int) -> Iterator[Trial]:
    """Forecast from `ROWS` rows (fewer of small data sets) and measure at each of `TIMES`."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(codes))
    few = min(ROWS, len(codes) // 6)
    drawn = order[:few]
    probed = probe(vectors[drawn], codes[drawn], np.arange(few), seed, Budget(1e9))
    points = learning_curve(vectors[drawn], codes[drawn], probed.folds, probed.predicted, "accuracy", seed, Budget(1e9))
    most = points[-1].rows
    strength = float(np.median([fold.strength for fold in probed.folds]))
    test = order[max(TIMES) * most :]
    for times, told in zip(TIMES, forecast(points, [times * most for times in TIMES], seed), strict=False):
        learned = order[: times * most]
        model = fit(vectors[learned], codes[learned], strength)
        score = float((model.predict(vectors[test]) == codes[test]).mean())
        yield Trial(name, times, told.low, told.high, score)


def run(count: int) -> list[Trial]:
    """Trials with `count` seeds on every data set."""
    return [
        trial
        for seed in range(count)
        for name, vectors, codes in data_sets(seed)
        for trial in trials(name, vectors, codes, seed)
    ]


def table(found: list[Trial]) -> str:
    """Coverage and mean width by data set and by how far was forecast."""
    lines = [f"{'data':16} {'rows':>4}  {'holds':>12}  {'mean width':>10}"]
    for name in [*dict.fromkeys(one.data for one in found), "all"]:
        for times in TIMES:
            some = [one for one in found if name in (one.data, "all") and one.times == times]
            if some:
                held = sum(one.holds for one in some)
                width = sum(one.high - one.low for one in some) / len(some)
                lines.append(f"{name:16} {times:>3}x  {held:>3} of {len(some):>3}  {width:>12.3f}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 10)))
