"""How the probe's score grows with the data, and how it will go on: an inverse power law with an honest interval.

Error = a + b · rows^-c (Cortes et al. 1994; Hestness et al. 2017). The interval holds the noise of the points, whether
the errors fall towards a floor or not, and how much such forecasts missed by where they could be checked;
`scripts/measure_coverage.py` counts how often it holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tunewise.measure.probing import Fold, fit
from tunewise.measure.records import Budget, Curve, CurvePoint, Forecast, Metric
from tunewise.measure.scoring import measured

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from tunewise.measure.records import Codes, Vectors

    Numbers = npt.NDArray[np.float64]

STEP = 1.6  # from one size to the next
LEAST_ROWS = 16
LEAST_POINTS = 4  # three parameters are fitted
DRAWS = 200
# How much of the misses counts: they hold the noise of the points too. Chosen on 72 forecasts each at two and at four
# times the rows (scripts/measure_coverage.py, seeds 100 to 111): 90 % and 94 % held; with 1 it was 94 % and 99 %, with
# 0 88 % and 90 %. On seeds 0 to 3, which nothing was chosen on, 24 and 23 of 24 held.
MISSES_COUNT = 0.5
INTERVAL = (5.0, 95.0)  # percentiles
CHECKED_FROM = 4  # times fewer rows
MOST_TIMES = 32  # as many rows as were measured; nothing is said beyond
MOST_TIMES_FOR_TARGET = 100
STEEPEST, FLATTEST = 2.0, 0.05


def sizes(most: int, classes: int) -> list[int]:
    """Rows to learn from, geometric, smallest first; the smallest has at least two rows a class on average."""
    found, size = [], float(most)
    while size >= max(LEAST_ROWS, 2 * classes):
        found.append(round(size))
        size /= STEP
    return found[::-1]


def learning_curve(
    vectors: Vectors,
    codes: Codes,
    parts: Sequence[Fold],
    predicted: Codes,
    metric: Metric,
    seed: int,
    budget: Budget,
) -> tuple[CurvePoint, ...]:
    """Mean scores over the probe's folds; each size is a beginning of the next, in every fold.

    The largest size is the probe itself. Folds for which no time is left are left out.
    """
    import numpy as np

    wanted = sizes(min(len(fold.learned) for fold in parts), int(codes.max()) + 1)
    found: dict[int, list[float]] = {size: [] for size in wanted}
    for turn, fold in enumerate(parts):
        before = budget.used
        order = np.random.default_rng([seed, turn]).permutation(fold.learned)
        for size in wanted[:-1]:
            learned = order[:size]
            if len(np.unique(codes[learned])) > 1:
                guess = fit(vectors[learned], codes[learned], fold.strength).predict(vectors[fold.tested])
                found[size].append(measured(metric, codes[fold.tested], guess))
        if wanted:
            found[wanted[-1]].append(measured(metric, codes[fold.tested], predicted[fold.tested]))
        budget.at("learning curve", turn + 1, len(parts))
        if turn and budget.left() < budget.used - before:
            break
    tested = sum(len(fold.tested) for fold in parts[: turn + 1]) if parts else 1
    return tuple(_point(size, scores, tested) for size, scores in found.items() if len(scores) > 1)


def _point(size: int, scores: Sequence[float], tested: int) -> CurvePoint:
    import numpy as np

    mean = float(np.mean(scores))
    # at least a half right or wrong: a score of 1 on few rows is not known without error
    chance = max(mean * (1 - mean), 0.5 / tested) / tested
    return CurvePoint(size, mean, float(np.sqrt(np.var(scores, ddof=1) / len(scores) + chance)))


def forecast(points: Sequence[CurvePoint], rows: Sequence[int], seed: int) -> tuple[Forecast, ...]:
    """Scores to expect with so many rows; () where there are too few points to tell.

    Args:
        points: The measured curve, smallest first.
        rows: Sizes to tell of.
        seed: Of the draws behind the interval.
    """
    if len(points) < LEAST_POINTS:
        return ()
    missed = MISSES_COUNT * _missed(points)
    return tuple(_forecasts(points, rows, seed, missed))


def _forecasts(points: Sequence[CurvePoint], rows: Sequence[int], seed: int, missed: float) -> Iterator[Forecast]:
    """`missed` is by how much such forecasts are off for each doubling of the rows."""
    import numpy as np

    ahead, most = np.array(rows, dtype=float), points[-1].rows
    middle = 1 - _law(_fitted(*_columns(points), floor=True), ahead)
    drawn = _drawn(points, ahead, seed)
    random = np.random.default_rng([seed, len(points)])
    doublings = np.log2(np.maximum(ahead, most) / most)
    drawn = drawn + random.standard_normal(drawn.shape) * missed * doublings
    low, high = np.percentile(drawn, INTERVAL, axis=0).clip(0, 1)
    for place, size in enumerate(rows):
        score = float(middle[place])
        yield Forecast(size, score, min(score, float(low[place])), max(score, float(high[place])))


def _drawn(points: Sequence[CurvePoint], ahead: Numbers, seed: int) -> Numbers:
    """Forecasts (draws x sizes) from points moved by their noise: what the folds share moves all points alike."""
    import numpy as np

    random, (rows, errors, noise) = np.random.default_rng(seed), _columns(points)
    found = []
    for draw in range(DRAWS):
        moved = errors + noise * (random.standard_normal() + random.standard_normal(len(errors))) / np.sqrt(2)
        found.append(1 - _law(_fitted(rows, moved.clip(0, 1), noise, floor=draw % 2 == 0), ahead))
    return np.array(found)


def _missed(points: Sequence[CurvePoint]) -> float:
    """By how much forecasts of the measured points from smaller ones were off for each doubling, root mean square."""
    import numpy as np

    misses = []
    for kept in range(LEAST_POINTS, len(points)):
        law = _fitted(*_columns(points[:kept]), floor=True)
        for later in points[kept:]:
            miss = 1 - float(_law(law, np.array([later.rows], dtype=float))[0]) - later.score
            misses.append(miss / max(1.0, np.log2(later.rows / points[kept - 1].rows)))
    return float(np.sqrt(np.mean(np.square(misses)))) if misses else points[-1].error


def _columns(points: Sequence[CurvePoint]) -> tuple[Numbers, Numbers, Numbers]:
    import numpy as np

    rows, scores, noise = np.array([(each.rows, each.score, each.error) for each in points], dtype=float).T
    return rows, 1 - scores, np.maximum(noise, 1e-4)


def _law(law: Sequence[float], rows: Numbers) -> Numbers:
    floor, scale, power = law
    found: Numbers = (floor + scale * rows**-power).clip(0, 1)
    return found


def _fitted(rows: Numbers, errors: Numbers, noise: Numbers, *, floor: bool) -> tuple[float, float, float]:
    """Floor, scale and power by weighted least squares; without `floor` the errors fall to nothing.

    For a given power the law is linear, so that only the power is searched (variable projection; scipy).
    """
    import numpy as np
    from scipy.optimize import minimize_scalar  # type: ignore[import-untyped]

    first, weights, most = rows[0], noise**-2, float(errors.min()) if floor else 0.0

    def solved(power: float) -> tuple[float, float, float]:
        basis = (rows / first) ** -power
        centre, level = np.average(basis, weights=weights), np.average(errors, weights=weights)
        spread = float(weights @ (basis - centre) ** 2)
        slope = float(weights @ ((basis - centre) * (errors - level))) / max(spread, 1e-12)
        base = min(max(level - slope * centre, 0.0), most)
        scale = max(0.0, float(weights @ (basis * (errors - base))) / float(weights @ basis**2))
        return base, scale, float(weights @ (base + scale * basis - errors) ** 2)

    power = minimize_scalar(lambda one: solved(one)[2], bounds=(FLATTEST, STEEPEST), options={"xatol": 1e-3}).x
    base, scale, _ = solved(power)
    return base, scale * float(first**power), float(power)


def extrapolated(points: Sequence[CurvePoint], rows: int, metric: Metric, target: float | None, seed: int) -> Curve:
    """The curve with forecasts at the whole data, at twice and four times as much, and a check of such a forecast.

    Args:
        points: What was measured.
        rows: Rows of the whole data set.
        metric: What the scores are.
        target: A score that would do; None without one.
        seed: Of the intervals.
    """
    import numpy as np

    if len(points) < LEAST_POINTS:
        return Curve(metric, tuple(points))
    most = points[-1].rows
    ahead = [size for size in (rows, 2 * rows, 4 * rows) if most < size <= MOST_TIMES * most]
    ahead = ahead or [2 * most, 4 * most]  # the whole data are too far away to say anything of them
    early = [each for each in points if each.rows <= most / CHECKED_FROM]
    needed = None
    if target is not None:
        grid = np.geomspace(points[0].rows, MOST_TIMES_FOR_TARGET * most, 400)
        reached = grid[1 - _law(_fitted(*_columns(points), floor=True), grid) >= target]
        needed = round(float(reached[0])) if len(reached) else None
    check = forecast(early, [most], seed)
    return Curve(metric, tuple(points), forecast(points, ahead, seed), check[0] if check else None, needed)
