"""What is marked as wrong is kept with its message and comes back as a case file."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.desk.test_session import FLOWERS, finish
from tests.fakes.advisor import FakeAdvisor
from tunewise.conversation import ConversationStore, Wrong
from tunewise.desk import Desk, Session
from tunewise.errors import ConversationError
from tunewise.evaluation.cases import Case, load_cases
from tunewise.types import SentenceShown


@pytest.fixture
def session(advisor: FakeAdvisor) -> Session:
    advisor.reply = replace(advisor.reply, sentences=(SentenceShown("Freeze the early layers.", "code"),))
    session = Desk(advisor).open("ann")  # type: ignore[arg-type]
    finish(session, session.ask(FLOWERS))
    return session


def rows(session: Session) -> list[dict[str, object]]:
    return [json.loads(line) for line in session.export("misses", "json").content.splitlines()]


def test_a_fact_that_was_misread_is_taken_back_and_its_message_kept(session: Session) -> None:
    session.mark_fact("dataset_size")

    assert session.state.situation is not None
    assert session.state.situation.value("dataset_size") == "unknown"
    (row,) = rows(session)
    assert row["question"] == FLOWERS
    assert row["facts"]["dataset_size"] == "unknown"  # type: ignore[index]
    assert row["wrong"] == [{"fact": "dataset_size", "read": "small"}]


def test_what_it_is_set_to_afterwards_is_its_right_value(session: Session) -> None:
    session.mark_fact("dataset_size")
    session.edit({"dataset_size": "large", "compute": "ample"})

    (row,) = rows(session)
    assert row["facts"]["dataset_size"] == "large"  # type: ignore[index]
    assert row["facts"]["compute"] != "ample"  # type: ignore[index]


def test_a_sentence_is_kept_once_and_shown_as_marked(session: Session) -> None:
    session.mark_sentence(1, 0)
    session.mark_sentence(1, 0)

    (row,) = rows(session)
    assert row["wrong"] == [{"sentence": session.state.turns[0].reply.sentences[0].text}]  # type: ignore[union-attr]
    assert session.state.turns[0].wrong == {0}


@pytest.mark.parametrize(("shown", "place"), [(0, 0), (2, 0), (1, -1), (1, 99)])
def test_what_is_not_there_cannot_be_wrong(session: Session, shown: int, place: int) -> None:
    session.mark_sentence(shown, place)
    session.mark_fact("no such fact")
    session.mark_fact("latency_critical")

    assert rows(session) == []


def test_the_evaluation_reads_the_rows(session: Session, tmp_path: Path) -> None:
    session.mark_fact("dataset_size")
    path = tmp_path / "misses.jsonl"
    path.write_text(session.export("misses", "json").content, encoding="utf-8")

    (case,) = load_cases(path)
    assert isinstance(case, Case)
    assert case.question == FLOWERS


def test_nobody_sees_or_marks_what_belongs_to_somebody_else(session: Session, advisor: FakeAdvisor) -> None:
    session.mark_fact("dataset_size")
    conversation = session.state.conversation
    assert conversation is not None

    assert Desk(advisor).open("bob").export("misses", "json").content == ""  # type: ignore[arg-type]
    with pytest.raises(ConversationError):
        advisor.conversations.add_wrong(Wrong(conversation, 1, "fact", "compute"), owner="bob")


def test_a_store_of_the_version_before_is_taken_on(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite3"
    store = ConversationStore(path)
    conversation = store.create("kept")
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE wrong")
        connection.execute("PRAGMA user_version = 1")
    connection.close()

    again = ConversationStore(path)
    assert [each.id for each in again.list()] == [conversation]
    assert again.wrong() == []
    again.close()
