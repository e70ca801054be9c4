from __future__ import annotations

import pytest

from tests.facts.measure import measure, report
from tunewise.framework import Framework


def test_right_wrong_and_missed_values_are_counted(framework: Framework) -> None:
    cases = [
        {"id": "a", "question": "I have 800 images.", "facts": {"dataset_size": "small", "compute": "ample"}},
        {"id": "b", "question": "I have one RTX 3060.", "facts": {}},
    ]
    scores = measure(cases, framework)
    assert (scores["all"].right, scores["all"].wrong, scores["all"].missed) == (1, 1, 1)
    assert scores["all"].f1 == pytest.approx(0.5)
    assert "b compute: got limited" in report(scores)
