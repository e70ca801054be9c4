"""How the two legs become one ranking."""

import numpy as np
import pytest

from tunewise.retrieval.ranking import ARTICLE_PREFERENCE, DENSE_WEIGHT, best, merge, per_passage

NONE = np.zeros(3, np.bool_)


def scores(*values):
    return np.array(values, np.float32)


def test_a_passage_scores_as_its_best_unit():
    assert per_passage(scores(1, 3, 2, 5), np.array([0, 2])).tolist() == [3, 5]


def test_each_leg_is_scaled_by_its_best_score():
    merged = merge(scores(0.8, 0.4, 0), scores(0, 10, 5), NONE)
    assert merged == pytest.approx([DENSE_WEIGHT, DENSE_WEIGHT / 2 + 1 - DENSE_WEIGHT, (1 - DENSE_WEIGHT) / 2])


def test_without_any_shared_word_meaning_alone_decides():
    assert np.argmax(merge(scores(0.1, 0.9, 0.2), scores(0, 0, 0), NONE)) == 1


def test_without_vectors_a_passage_that_shares_no_word_is_not_found():
    assert merge(None, scores(0, 2, 0), NONE).tolist() == [-np.inf, 1, -np.inf]


def test_the_article_comes_before_a_note_that_says_the_same():
    merged = merge(scores(0.5, 0.5), scores(1, 1), np.array([False, True]))
    assert merged[1] - merged[0] == pytest.approx(ARTICLE_PREFERENCE)


@pytest.mark.parametrize(
    ("values", "count", "expected"),
    [
        ((1, 3, 2), 2, [1, 2]),
        ((1, 1, 1), 2, [0, 1]),
        ((1, -np.inf, 2), 3, [2, 0]),
        ((1, 2), 9, [1, 0]),
        ((-np.inf, -np.inf), 1, []),
    ],
)
def test_the_best_are_found_in_order_and_ties_go_to_the_earlier(values, count, expected):
    assert best(scores(*values), count) == expected
