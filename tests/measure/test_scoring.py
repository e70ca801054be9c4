"""Scores, their intervals, copies, and how the curve goes on."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from scripts.measure_coverage import data_sets, table, trials
from tests.measure.data import blobs, texts
from tunewise.measure.copies import find_copies
from tunewise.measure.curve import extrapolated, forecast, sizes
from tunewise.measure.probing import choose_strength, confusion, most_confused, probe, separation
from tunewise.measure.records import Budget, CurvePoint, Drawn
from tunewise.measure.scoring import folds, macro_f1, scorable, scored


def coded(**options: object) -> tuple[np.ndarray, np.ndarray]:
    features, labels = blobs(**options)  # type: ignore[arg-type]
    return features, np.unique(labels, return_inverse=True)[1]


def test_copies_are_never_on_both_sides_of_a_split():
    codes, groups = np.arange(200) % 4, np.arange(200) // 2 * 2  # each pair of rows is one group, of two classes
    for learned, tested in folds(codes, groups, 5, seed=0):
        assert not set(groups[learned]) & set(groups[tested])
        assert len(learned) + len(tested) == 200


def test_macro_f1_is_that_of_scikit_learn():
    from sklearn.metrics import f1_score

    random = np.random.default_rng(0)
    codes, predicted = random.integers(4, size=300), random.integers(4, size=300)
    assert macro_f1(codes, predicted) == pytest.approx(f1_score(codes, predicted, average="macro"))


def test_an_interval_of_accuracy_is_about_as_wide_as_the_binomial_one():
    codes = np.zeros(400, dtype=int)
    predicted = (np.arange(400) < 80).astype(int)
    figure = scored("x", codes, predicted, np.arange(400), seed=0).accuracy
    assert figure.value == pytest.approx(0.8)
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * np.sqrt(0.8 * 0.2 / 400), rel=0.1)


def test_copies_widen_the_interval_because_they_are_no_new_evidence():
    codes, predicted = np.zeros(400, dtype=int), (np.arange(400) < 80).astype(int)
    alone, tens = (scored("x", codes, predicted, np.arange(400) // size, seed=0).accuracy for size in (1, 10))
    assert tens.high - tens.low > 2 * (alone.high - alone.low)


def test_a_class_with_too_few_different_examples_is_in_no_score():
    codes = np.array([0] * 6 + [1] * 6 + [2] * 6)
    groups = np.array([*range(12), *[12] * 6])  # six copies of one example
    assert set(codes[scorable(codes, groups)]) == {0, 1}


def test_classes_far_apart_are_told_apart_and_noise_is_not():
    features, codes = coded(spread=0.3)
    found = probe(features, codes, np.arange(len(codes)), 0, Budget(1e9))
    assert (found.predicted == codes).mean() > 0.97
    assert separation(features, codes) > 0.5
    shuffled = np.random.default_rng(0).permutation(codes)
    blind = probe(features, shuffled, np.arange(len(codes)), 0, Budget(1e9))
    assert (blind.predicted == shuffled).mean() < 0.5


def test_of_equal_strengths_the_weakest_model_is_taken():
    features, codes = coded(spread=0.01, classes=2)
    assert choose_strength(features, codes, 0) == 1e-3


def test_confusion_counts_true_rows_and_predicted_columns():
    matrix = confusion(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), ("a", "b"))
    assert matrix == ((1, 2), (0, 1))
    assert [(one.true, one.taken_for, one.count) for one in most_confused(matrix, ("a", "b"))] == [("a", "b", 2)]


def test_near_copies_of_texts_are_found_and_held_together():
    rows = [*texts(30), ("An entirely new sentence about the weather of this week", "chess")]
    rows.append(("An entirely new sentence about the weather of this weekend", "sailing"))
    random = np.random.default_rng(0)
    vectors = random.normal(size=(32, 64)).astype(np.float32)
    vectors[31] = vectors[30] + 0.01
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    drawn = Drawn("text", [text for text, _ in rows], tuple(label for _, label in rows), 32, {})
    codes = np.unique(drawn.labels, return_inverse=True)[1]
    copies, groups = find_copies(drawn, vectors, codes)
    assert (copies.near, copies.near_conflicts) == (1, 1)
    assert groups[30] == groups[31]
    assert len(set(groups)) == 31


def law(rows: int) -> float:
    return 1 - (0.05 + 1.2 * rows**-0.5)


def points(*rows: int, error: float = 0.002) -> tuple[CurvePoint, ...]:
    return tuple(CurvePoint(each, law(each), error) for each in rows)


def test_a_power_law_is_found_again():
    told = forecast(points(50, 100, 200, 400, 800), [3200], seed=0)[0]
    assert told.score == pytest.approx(law(3200), abs=0.003)
    assert told.low <= law(3200) <= told.high
    assert told.high - told.low < 0.06


def test_an_interval_grows_with_the_distance_and_with_the_noise():
    near, far = forecast(points(50, 100, 200, 400, 800, error=0.01), [1600, 12_800], seed=0)
    quiet = forecast(points(50, 100, 200, 400, 800, error=0.001), [12_800], seed=0)[0]
    assert far.high - far.low > near.high - near.low
    assert far.high - far.low > quiet.high - quiet.low


def test_nothing_is_said_from_three_points_nor_far_beyond_the_data():
    assert forecast(points(50, 100, 200), [400], seed=0) == ()
    told = extrapolated(points(50, 100, 200, 400, 800), 100_000, "accuracy", None, 0).forecasts
    assert [each.rows for each in told] == [1600, 3200]


def test_the_rows_that_a_target_needs_are_told_or_that_none_do():
    reachable = extrapolated(points(50, 100, 200, 400, 800), 1000, "accuracy", law(2000), 0)
    beyond = extrapolated(points(50, 100, 200, 400, 800), 1000, "accuracy", 0.99, 0)
    assert reachable.rows_for_target == pytest.approx(2000, rel=0.15)
    assert beyond.rows_for_target is None


def test_sizes_are_geometric_and_leave_two_rows_a_class():
    found = sizes(1000, 20)
    assert found[-1] == 1000
    assert found[0] >= 40
    assert all(1.5 < later / earlier < 1.7 for earlier, later in pairwise(found))


def test_forecasts_hold_on_data_that_was_held_back(capsys: pytest.CaptureFixture[str]):
    found = [
        trial
        for seed in (1, 2)
        for name, vectors, codes in data_sets(seed)
        if name in ("synthetic 1", "synthetic 2", "digits")
        for trial in trials(name, vectors, codes, seed)
    ]
    with capsys.disabled():
        print(f"\n{table(found)}")
    assert len(found) == 12
    assert sum(trial.holds for trial in found) >= 9
