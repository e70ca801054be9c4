"""`tunewise record` and `tunewise conversations`, as they are typed."""

import argparse
import json
from pathlib import Path

import pytest

from tests.fakes.replies import MESSAGE, flower_reply
from tunewise.cli import conversations, record
from tunewise.conversation import ConversationStore
from tunewise.errors import ConversationError, RecordError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TUNEWISE_HOME", str(tmp_path))

    def typed(*words: str) -> int:
        parser = argparse.ArgumentParser()
        commands = parser.add_subparsers(required=True)
        record.add_parsers(commands)
        conversations.add_parsers(commands)
        arguments = parser.parse_args(words)
        return arguments.func(arguments)

    return typed


@pytest.fixture
def conversation(tmp_path: Path, decided) -> str:
    store = ConversationStore(tmp_path / "conversations.sqlite3")
    made = store.create("Flowers")
    store.add_turn(made, MESSAGE, decided)
    store.add_turn(made, "What is EWC?", flower_reply(kind="knowledge", recommendation=None, verdict=None))
    store.close()
    return made


@pytest.mark.parametrize("name", ["r.json", "r.md", "r.html"])
def test_an_exported_record_replays_as_identical(run, conversation: str, tmp_path: Path, capsys, name: str):
    path = str(tmp_path / name)
    assert run("record", "export", conversation, "--out", path) == 0
    assert run("record", "replay", path) == 0
    assert "identical" in capsys.readouterr().out


def test_the_last_turn_with_a_recommendation_is_exported(run, conversation: str, capsys):
    assert run("record", "export", conversation) == 0
    assert json.loads(capsys.readouterr().out)["messages"] == [MESSAGE]


def test_a_turn_without_a_recommendation_is_refused(run, conversation: str):
    with pytest.raises(RecordError, match=r"No turn 2.*Turns with one: 1"):
        run("record", "export", conversation, "--turn", "2")


def test_records_that_differ_give_code_1(run, conversation: str, tmp_path: Path, capsys):
    run("record", "export", conversation, "--out", str(tmp_path / "a.json"))
    run("record", "export", conversation, "--out", str(tmp_path / "b.html"))
    assert run("record", "diff", str(tmp_path / "a.json"), str(tmp_path / "b.html")) == 0
    capsys.readouterr()


def test_conversations_are_listed_renamed_shown_and_deleted(run, conversation: str, tmp_path: Path, capsys):
    run("conversations", "rename", conversation, "Roses")
    run("conversations", "list")
    assert "2 turns  Roses" in capsys.readouterr().out
    run("conversations", "show", conversation, "--format", "json")
    assert json.loads(capsys.readouterr().out)["title"] == "Roses"
    run("conversations", "show", conversation, "--format", "html", "--out", str(tmp_path / "t.html"))
    assert (tmp_path / "t.html").read_text().startswith("<!doctype html>")
    run("conversations", "delete", conversation)
    run("conversations", "list")
    assert "No conversations" in capsys.readouterr().err
    assert run("conversations", "feedback") == 0


def test_a_title_gives_no_orders_to_the_terminal(run, conversation: str, capsys):
    run("conversations", "rename", conversation, "Ro\x1b[2Jses\x9b\u202e")
    run("conversations", "list")
    assert capsys.readouterr().out.endswith("Ro[2Jses\n")


def test_a_transcript_that_cannot_be_written_says_where(run, conversation: str, tmp_path: Path):
    with pytest.raises(ConversationError, match="nowhere"):
        run("conversations", "show", conversation, "--out", str(tmp_path / "nowhere" / "t.md"))
