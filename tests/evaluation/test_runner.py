"""Running cases through arms: results, resuming, failures, report."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.replies import flower_reply
from tunewise.errors import DeadlineError, EvaluationError, WeightsMissingError
from tunewise.evaluation.arms import chosen_arms
from tunewise.evaluation.cases import Case, Dialogue
from tunewise.evaluation.measuring import as_text, write_json
from tunewise.evaluation.report import misses, table, write_report
from tunewise.evaluation.runner import Journal, run_evaluation, version_hash
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

    def _answer(self, messages: Sequence[str]) -> list[dict[str, Any]]:
        self.asked.extend(messages)
        if self._failing in messages:
            raise self._error
        return [reply_to_json(flower_reply()) for _ in messages]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "out.json.journal", "1")


def test_each_arm_answers_each_case_and_is_scored(scorer, journal):
    evaluation = run_evaluation(CASES, {"full": FlowerArm(), "rules_only": FlowerArm()}, scorer, journal)
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


def test_an_interrupted_run_goes_on_where_it_stopped(scorer, journal):
    with pytest.raises(RuntimeError, match="power cut"):
        run_evaluation(CASES, {"full": FlowerArm("weather?", RuntimeError("power cut"))}, scorer, journal)
    second = FlowerArm()
    again = run_evaluation(CASES, {"full": second}, scorer, Journal(journal.path, "1"))
    assert second.asked == ["weather?"]
    assert again.scores["full"]["conformity"] == 1.0


def test_a_run_that_is_all_in_the_journal_opens_no_arm(scorer, journal):
    run_evaluation(CASES, {"full": FlowerArm()}, scorer, journal)
    second = FlowerArm()
    run_evaluation(CASES, {"full": second}, scorer, Journal(journal.path, "1"))
    assert second.opened == 0


@pytest.mark.parametrize("version", ["1", "2"])
def test_replies_of_another_version_are_computed_again(scorer, journal, version: str):
    run_evaluation(CASES, {"full": FlowerArm()}, scorer, journal)
    second = FlowerArm()
    run_evaluation(CASES, {"full": second}, scorer, Journal(journal.path, version))
    assert len(second.asked) == (0 if version == "1" else 2)


def test_a_line_cut_off_by_a_crash_is_ignored_and_not_glued_to_the_next(journal):
    first, second = CASES
    journal.record(first, "full", {"replies": [], "error": None})
    with journal.path.open("a") as file:
        file.write('{"key": "b", "rep')
    Journal(journal.path, "1").record(second, "full", {"replies": [], "error": None})
    read = Journal(journal.path, "1")
    assert read.get(first, "full") is not None
    assert read.get(second, "full") is not None
    assert read.get(second, "plain") is None


def test_a_reply_that_fails_is_counted_and_the_run_goes_on(scorer, journal):
    evaluation = run_evaluation(CASES, {"full": FlowerArm("I have 800 labelled images of flowers")}, scorer, journal)
    (failed,) = evaluation.errors
    assert (failed["id"], failed["reply"], failed["error"]) == ("S1", None, "DeadlineError: Too slow.")
    assert evaluation.scores["full"]["errors"] == 1
    assert evaluation.scores["full"]["conformity"] == 0.0


def test_an_arm_that_cannot_be_opened_ends_the_run(scorer, journal):
    @contextmanager
    def unopenable() -> Iterator[Any]:
        raise WeightsMissingError("No weights.")
        yield

    with pytest.raises(WeightsMissingError, match="No weights"):
        run_evaluation(CASES, {"full": unopenable}, scorer, journal)


def test_results_and_report_are_written(scorer, journal, tmp_path: Path):
    evaluation = run_evaluation(CASES, {"full": FlowerArm(), "rules_only": FlowerArm()}, scorer, journal)
    write_json(tmp_path / "new" / "out.json", evaluation.to_json())
    assert json.loads((tmp_path / "new" / "out.json").read_text())["arms"].keys() == {"full", "rules_only"}
    text = write_report(evaluation, tmp_path / "report").read_text()
    assert "| facts, micro-F1 |" in text
    assert "wrong behaviour: advice" in text
    assert "![scores.png](scores.png)" in text
    assert all((tmp_path / "report" / name).stat().st_size > 1000 for name in ("scores.png", "seconds.png"))


def test_results_that_cannot_be_written_say_where(scorer, journal, tmp_path: Path):
    (tmp_path / "file").write_text("")
    evaluation = run_evaluation(CASES, {"full": FlowerArm()}, scorer, journal)
    with pytest.raises(EvaluationError, match=r"out\.json"):
        write_json(tmp_path / "file" / "out.json", evaluation.to_json())
    with pytest.raises(EvaluationError, match=r"report\.md.*cannot be written"):
        write_report(evaluation, tmp_path / "file" / "report")


def test_conversations_are_judged_turn_by_turn(scorer, journal, tmp_path: Path):
    turns = [
        {"say": "800 images", "expect": {"facts": {"dataset_size": "small"}}},
        {"say": "thanks", "expect": {"kind": ["small_talk"]}},
    ]
    right = Dialogue.model_validate({"id": "D1", "turns": turns[:1]})
    wrong = Dialogue.model_validate({"id": "D2", "turns": turns})
    arm = FlowerArm()
    evaluation = run_evaluation([right, wrong], {"full": arm}, scorer, journal)
    scores = evaluation.scores["full"]
    assert arm.asked == ["800 images", "800 images", "thanks"]
    assert (scores["turns_right"], scores["turns"]) == (2, 3)
    assert (scores["conversations_right"], scores["conversations"]) == (1, 2)
    assert misses(evaluation) == ["full, D2, turn 2: kind advice, not small_talk"]
    assert ["turns of conversations that are right", "2 of 3", ""] in table(evaluation.scores)
    assert "turn 2: kind advice" in write_report(evaluation, tmp_path).read_text()


def test_a_conversation_that_fails_misses_every_turn(scorer, journal):
    talk = Dialogue.model_validate({"id": "D1", "turns": [{"say": "hi", "expect": {"kind": ["advice"]}}]})
    evaluation = run_evaluation([talk], {"full": FlowerArm("hi")}, scorer, journal)
    assert evaluation.scores["full"]["turns_right"] == 0
    assert len(evaluation.errors) == 1


def test_the_table_marks_the_aims_that_the_first_arm_reaches(scorer, journal):
    evaluation = run_evaluation(CASES, {"full": FlowerArm()}, scorer, journal)
    rows = {row[0]: row for row in table({"full": evaluation.scores["full"]})}
    assert rows["recommendation conforms"] == ["recommendation conforms", "100.0%", "≥ 95% ✓"]
    assert rows["… out of scope"][-1] == "≥ 95% ✗"
    assert "recommendation conforms" in as_text(list(rows.values()))


def test_a_constant_reply_is_scored_beside_the_arms(scorer, journal, tmp_path: Path):
    evaluation = run_evaluation(CASES, {"full": FlowerArm()}, scorer, journal)
    rows = {row[0]: row for row in table(evaluation.columns)}
    assert rows["score"] == ["score", "full", "constant", "aim"]
    assert rows["facts, micro-F1"][1:3] == ["66.7%", "0.0%"]
    assert rows["recommendation conforms"][2] == "100.0%"
    assert evaluation.to_json()["arms"].keys() == {"full"}
    assert "| score | full | constant | aim |" in write_report(evaluation, tmp_path).read_text()


def test_arms_are_chosen_by_name_in_the_order_of_the_report():
    assert chosen_arms("rules_only, full") == ("full", "rules_only")
    assert chosen_arms("") == ("full", "plain", "rules_only")
    with pytest.raises(EvaluationError, match="Unknown arm 'half'"):
        chosen_arms("half")


def test_the_version_depends_on_the_settings_but_not_on_where_files_lie(tmp_path: Path):
    assert version_hash(Settings()) == version_hash(Settings(home=tmp_path))
    assert version_hash(Settings()) != version_hash(Settings(exact=True))
