from __future__ import annotations

from pathlib import Path

import pytest

from tunewise.facts.measure import load_cases, main, measure, report
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


def test_a_file_of_cases_is_scored_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "question": "I have 800 images.", "facts": {"dataset_size": "small"}}\n\n')
    assert len(load_cases(path)) == 1
    assert main([str(path)]) == 0
    assert "1.00" in capsys.readouterr().out
