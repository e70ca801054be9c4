"""Running cases through arms: results, resuming, failures, report."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.replies import flower_reply
from tunewise.errors import DeadlineError, EvaluationError, WeightsMissingError
from tunewise.evaluation import Case, run_evaluation
from tunewise.evaluation.arms import chosen_arms
from tunewise.evaluation.journal import Journal, key_of, version_hash
from tunewise.evaluation.plots import write_plots
from tunewise.evaluation.report import as_markdown, as_text, table, write_report
from tunewise.evaluation.runner import write_json
from tunewise.record import reply_to_json
from tunewise.settings import Settings

CASES = [
    Case.model_validate(
        {
            "id": "S1",
            "kind": "situation",
            "question": "I have 800 labelled images of flowers",
            "facts": {"dataset_size": "small"},
            "expected": {"recommend_any_of": ["feature_extraction"], "also_acceptable": ["data_augmentation"]},
        }
    ),
    Case.model_validate(
        {"id": "O1", "kind": "out_of_scope", "question": "weather?", "expected": {"behaviour": "refuse"}}
    ),
]


class FlowerArm:
    """Advises on flowers whatever is asked; remembers what it was asked; fails where told to."""

    def __init__(self, failing: str | None = None, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.opened = 0
        self._failing, self._error = failing, error or DeadlineError("Too slow.")

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        self.opened += 1
        yield self._answer

    def _answer(self, question: str) -> dict[str, Any]:
        self.asked.append(question)
        if question == self._failing:
            raise self._error
        return reply_to_json(flower_reply())


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "out.json.journal")


def test_each_arm_answers_each_case_and_is_scored(sources, journal):
    evaluation = run_evaluation(
        CASES, {"full": FlowerArm(), "rules_only": FlowerArm()}, sources, journal=journal, version="1"
    )
    result = evaluation.to_json()
    assert [(line["arm"], line["id"]) for line in result["cases"]] == [
        ("full", "S1"),
        ("full", "O1"),
        ("rules_only", "S1"),
        ("rules_only", "O1"),
    ]
    assert result["version"] == 1
    assert result["arms"]["full"]["facts_recall"] == 1.0
    assert result["arms"]["full"]["conformity"] == 1.0
    assert result["arms"]["full"]["behaviour_accuracy"] == 0.0
    assert result["machine"]["cores"] >= 1


def test_an_interrupted_run_goes_on_where_it_stopped(sources, journal):
    with pytest.raises(RuntimeError, match="power cut"):
        run_evaluation(
            CASES, {"full": FlowerArm("weather?", RuntimeError("power cut"))}, sources, journal=journal, version="1"
        )
    second = FlowerArm()
    again = run_evaluation(CASES, {"full": second}, sources, journal=Journal(journal.path), version="1")
    assert second.asked == ["weather?"]
    assert again.scores("full")["conformity"] == 1.0


def test_a_run_that_is_all_in_the_journal_opens_no_arm(sources, journal):
    run_evaluation(CASES, {"full": FlowerArm()}, sources, journal=journal, version="1")
    second = FlowerArm()
    run_evaluation(CASES, {"full": second}, sources, journal=Journal(journal.path), version="1")
    assert second.opened == 0


@pytest.mark.parametrize("version", ["1", "2"])
def test_replies_of_another_version_are_computed_again(sources, journal, version: str):
    run_evaluation(CASES, {"full": FlowerArm()}, sources, journal=journal, version="1")
    second = FlowerArm()
    run_evaluation(CASES, {"full": second}, sources, journal=Journal(journal.path), version=version)
    assert len(second.asked) == (0 if version == "1" else 2)


def test_a_line_cut_off_by_a_crash_is_ignored_and_not_glued_to_the_next(sources, journal):
    journal.record("a", {"reply": None, "error": None})
    with journal.path.open("a") as file:
        file.write('{"key": "b", "rep')
    torn = Journal(journal.path)
    torn.record("c", {"reply": None, "error": None})
    read = Journal(journal.path)
    assert read.get("a") is not None
    assert read.get("b") is None
    assert read.get("c") is not None


def test_a_reply_that_fails_is_counted_and_the_run_goes_on(sources, journal):
    evaluation = run_evaluation(
        CASES, {"full": FlowerArm("I have 800 labelled images of flowers")}, sources, journal=journal, version="1"
    )
    (failed,) = evaluation.errors
    assert (failed["id"], failed["reply"], failed["error"]) == ("S1", None, "DeadlineError: Too slow.")
    assert evaluation.scores("full")["errors"] == 1
    assert evaluation.scores("full")["conformity"] == 0.0


def test_an_arm_that_cannot_be_opened_ends_the_run(sources, journal):
    @contextmanager
    def unopenable() -> Iterator[Any]:
        raise WeightsMissingError("No weights.")
        yield

    with pytest.raises(WeightsMissingError, match="No weights"):
        run_evaluation(CASES, {"full": unopenable}, sources, journal=journal, version="1")


def test_results_and_report_are_written(sources, journal, tmp_path: Path):
    evaluation = run_evaluation(
        CASES, {"full": FlowerArm(), "rules_only": FlowerArm()}, sources, journal=journal, version="1"
    )
    write_json(evaluation, tmp_path / "new" / "out.json")
    assert json.loads((tmp_path / "new" / "out.json").read_text())["arms"].keys() == {"full", "rules_only"}
    plots = write_plots(evaluation, tmp_path / "report")
    text = write_report(evaluation, tmp_path / "report", plots).read_text()
    assert "| facts, micro-F1 |" in text
    assert "wrong behaviour: advice" in text
    assert all((tmp_path / "report" / plot).stat().st_size > 1000 for plot in plots)


def test_results_that_cannot_be_written_say_where(sources, journal, tmp_path: Path):
    (tmp_path / "file").write_text("")
    evaluation = run_evaluation(CASES, {"full": FlowerArm()}, sources, journal=journal, version="1")
    with pytest.raises(EvaluationError, match=r"out\.json"):
        write_json(evaluation, tmp_path / "file" / "out.json")
    with pytest.raises(EvaluationError, match="report cannot be written"):
        write_report(evaluation, tmp_path / "file" / "report")


def test_the_table_marks_the_aims_that_the_first_arm_reaches(sources, journal):
    evaluation = run_evaluation(CASES, {"full": FlowerArm()}, sources, journal=journal, version="1")
    rows = {row[0]: row for row in table({"full": evaluation.scores("full")})}
    assert rows["recommendation conforms"] == ["recommendation conforms", "100.0%", "≥ 95% ✓"]
    assert rows["… out of scope"][-1] == "≥ 95% ✗"
    assert "recommendation conforms" in as_text(list(rows.values()))
    assert as_markdown([["a", "b"], ["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |"


def test_arms_are_chosen_by_name_in_the_order_of_the_report():
    assert chosen_arms("rules_only, full") == ("full", "rules_only")
    assert chosen_arms("") == ("full", "rules_only")
    with pytest.raises(EvaluationError, match="Unknown arm 'half'"):
        chosen_arms("half")


def test_the_key_of_a_reply_changes_with_case_arm_and_version():
    first, second = CASES
    keys = {key_of(first, "full", "1"), key_of(second, "full", "1"), key_of(first, "rules_only", "1")}
    assert len(keys | {key_of(first, "full", "2")}) == 4


def test_the_version_depends_on_the_settings_but_not_on_where_files_lie(tmp_path: Path):
    assert version_hash(Settings()) == version_hash(Settings(home=tmp_path))
    assert version_hash(Settings()) != version_hash(Settings(exact=True))
