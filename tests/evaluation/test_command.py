"""`tunewise eval`, as it is typed, on the arm that needs no weights."""

import argparse
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.fakes.replies import flower_reply
from tunewise.cli import evaluate
from tunewise.conversation import ConversationStore
from tunewise.errors import EvaluationError
from tunewise.evaluation.arms import answer_with

CASES = Path(__file__).parents[1] / "cases" / "dev_cases.jsonl"


def typed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    evaluate.add_parsers(parser.add_subparsers(required=True))
    return parser.parse_args(["eval", *words])


def test_an_advisor_is_asked_each_question_by_itself():
    asked = []

    class OneReplyAdvisor:
        framework = SimpleNamespace(facts={"dataset_size": None, "budget": None})

        def ask(self, question: str):
            asked.append(question)
            return flower_reply()

    (reply,) = answer_with(OneReplyAdvisor())(["800 images?"])
    assert asked == ["800 images?"]
    assert reply["facts"]["budget"]["status"] == "unknown"


def test_the_rules_alone_run_through_the_first_cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setenv("TUNEWISE_HOME", str(tmp_path))
    out, report = tmp_path / "out.json", tmp_path / "report"
    words = (str(CASES), "--json", str(out), "--report", str(report), "--arms", "rules_only", "--limit", "3")
    arguments = typed(*words)
    assert arguments.func(arguments) == 0
    result = json.loads(out.read_text())
    assert [line["id"] for line in result["cases"]] == ["S04", "S05", "S07"]
    assert result["arms"]["rules_only"]["counts"]["cases"] == 3
    assert (report / "report.md").exists()
    assert not out.with_name("out.json.journal").exists()
    assert "facts, micro-F1" in capsys.readouterr().out


def test_a_file_without_cases_is_refused_before_anything_is_opened(tmp_path: Path):
    (tmp_path / "empty.jsonl").write_text("\n")
    arguments = typed(str(tmp_path / "empty.jsonl"))
    with pytest.raises(EvaluationError, match="no case"):
        arguments.func(arguments)


def test_a_conversation_is_talked_through_and_leaves_nothing_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setenv("TUNEWISE_HOME", str(tmp_path))
    turns = [
        {"say": "I have 800 labelled images and one RTX 3060. Should I fine-tune?", "expect": {"kind": ["advice"]}},
        {"say": "And I must not lose what it knows.", "expect": {"facts": {"dataset_size": "small"}}},
        {"say": "Why?", "expect": {"facts": {"dataset_size": "large"}}},
    ]
    (tmp_path / "talks.jsonl").write_text(json.dumps({"id": "D1", "lang": "en", "turns": turns}))
    arguments = typed(str(tmp_path / "talks.jsonl"), "--arms", "rules_only")
    assert arguments.func(arguments) == 0
    printed = capsys.readouterr().out
    assert "2 of 3" in printed
    assert "rules_only, D1, turn 3: dataset_size: small, not large" in printed
    store = ConversationStore(tmp_path / "conversations.sqlite3")
    assert store.list() == []
    store.close()
