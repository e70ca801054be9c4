"""Case files: the shipped ones are sound, broken ones are refused."""

import json
from pathlib import Path

import pytest

from tunewise.errors import EvaluationError
from tunewise.evaluation.cases import Case, Dialogue, load_cases
from tunewise.framework import load_framework
from tunewise.record.reply_json import SCORED_FACTS
from tunewise.retrieval.corpus import load_corpus

CASES = Path(__file__).parents[1] / "cases"
FILES = sorted(CASES.glob("*.jsonl"))
OWN = [case for name in ("own_cases.jsonl", "own_cases_second.jsonl") for case in load_cases(CASES / name)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_case_file_can_be_read(path: Path):
    assert load_cases(path)


def test_development_and_unseen_cases_share_nothing():
    questions = [case.question for path in FILES for case in load_cases(path)]
    assert len(questions) == len(set(questions))


@pytest.mark.parametrize("case", OWN, ids=lambda case: case.id)
def test_a_label_names_known_things_and_never_both_wants_and_forbids(case: Case):
    expected = case.expected
    listed = [*expected.recommend_any_of, *expected.also_acceptable, *expected.must_not_recommend]
    assert set(listed) <= load_framework().strategies.keys()
    assert len(listed) == len(set(listed))
    assert set(expected.should_ask_about) <= {*SCORED_FACTS, "base_model"}
    assert all(case.facts[fact] == "unknown" for fact in expected.should_ask_about if fact in case.facts)
    assert (expected.behaviour is None) == (case.kind == "situation")


@pytest.mark.parametrize("case", [case for case in OWN if case.gold_passages], ids=lambda case: case.id)
def test_gold_snippets_stand_in_the_article_or_are_titles_of_papers(case: Case):
    documents = load_corpus().documents
    for snippet in case.gold_passages:
        assert snippet in documents["article"].text or snippet in {each.title for each in documents.values()}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no case"),
        ("{", "line 1 is not JSON"),
        ("[]", "line 1"),
        ('{"id": "a"}', "kind"),
        ('{"id": "a", "kind": "riddle", "question": ""}', "riddle"),
        ('{"id": "a", "turns": []}', "turns"),
        ('{"id": "a", "turns": [{"expect": {}}]}', r"turns\.0\.say"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_broken_case_file_is_refused_with_the_place(tmp_path: Path, text: str, said: str):
    path = tmp_path / "cases.jsonl"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=said):
        load_cases(path)


def test_two_cases_with_one_id_are_refused(tmp_path: Path):
    path = tmp_path / "cases.jsonl"
    path.write_text((json.dumps({"id": "a", "kind": "knowledge", "question": "?"}) + "\n") * 2)
    with pytest.raises(EvaluationError, match="two cases have the id 'a'"):
        load_cases(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(EvaluationError, match=r"nowhere\.jsonl"):
        load_cases(tmp_path / "nowhere.jsonl")


def test_facts_that_a_case_leaves_out_are_unknown():
    assert Case.model_validate({"id": "a", "kind": "knowledge", "question": "?"}).facts in (
        {},
        dict.fromkeys(SCORED_FACTS, "unknown"),
    )


def test_a_line_with_turns_is_a_conversation(tmp_path: Path):
    path = tmp_path / "talks.jsonl"
    turn = {"say": "hi", "expect": {"facts": {"compute": "ample"}, "note": "a remark"}}
    path.write_text(json.dumps({"id": "D1", "lang": "en", "turns": [turn, {"say": "and now?"}]}))
    (talk,) = load_cases(path)
    assert isinstance(talk, Dialogue)
    assert talk.messages == ("hi", "and now?")
    assert talk.turns[0].expect.facts == {"compute": "ample"}
