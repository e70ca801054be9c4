"""What a door gets for messages, edits, stops and failures."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.advisor import FakeAdvisor, broken_model
from tests.fakes.replies import flower_reply
from tunewise.desk import Desk, DeskEvent, Failed, Session, State
from tunewise.errors import CancelledError, ConversationError, DeadlineError, SituationError
from tunewise.events import Sentence
from tunewise.framework import Framework

FLOWERS = "I have 800 labelled images of flowers and a ResNet-50. Should I fine-tune it?"


@pytest.fixture
def desk(advisor: FakeAdvisor) -> Desk:
    return Desk(advisor)  # type: ignore[arg-type]


@pytest.fixture
def session(desk: Desk) -> Session:
    return desk.open("ann")


def finish(session: Session, events: Iterator[DeskEvent]) -> list[State]:
    """The states after each event, and at the end."""
    return [*(session.state for _ in events), session.state]


def in_background(events: Iterator[DeskEvent]) -> threading.Thread:
    thread = threading.Thread(target=lambda: list(events), daemon=True)
    thread.start()
    return thread


def wait_for(condition: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.01)
    assert condition()  # type: ignore[operator]


def test_the_decision_is_on_screen_before_the_first_word(session: Session) -> None:
    states = finish(session, session.ask(FLOWERS))

    first_word = next(at for at, state in enumerate(states) if state.turns[-1].partial)
    decided = next(at for at, state in enumerate(states) if state.advice is not None)
    assert decided < first_word
    assert states[decided].provisional


def test_a_turn_that_gives_no_advice_leaves_the_card_as_it_was(session: Session, advisor: FakeAdvisor) -> None:
    finish(session, session.ask(FLOWERS))
    before = session.state.advice
    advisor.reply = flower_reply(kind="knowledge", recommendation=None, verdict=None, answer="It is a penalty [A12].")
    finish(session, session.ask("What would EWC do on my 200,000 images?"))

    assert session.state.advice is before
    assert session.state.latest is not None
    assert session.state.latest.kind == "knowledge"


def test_a_finished_turn_is_stored_and_the_page_is_idle(session: Session, advisor: FakeAdvisor) -> None:
    last = finish(session, session.ask(FLOWERS))[-1]

    assert last.conversation is not None
    assert [turn.message for turn in advisor.conversations.turns(last.conversation, owner="ann")] == [FLOWERS]
    assert last.turns[-1].number == 1
    assert not last.busy
    assert not last.provisional


def test_an_edit_decides_again_without_asking_the_model(session: Session, advisor: FakeAdvisor) -> None:
    finish(session, session.ask(FLOWERS))
    session.edit({"compute": "ample"})

    assert advisor.asked == [FLOWERS]
    assert session.state.edited
    assert session.state.situation is not None
    assert session.state.situation.facts["compute"].status == "edited"


def test_the_last_edit_is_taken_back_and_nothing_else(session: Session, advisor: FakeAdvisor) -> None:
    finish(session, session.ask(FLOWERS))
    before = session.state
    session.edit({"compute": "ample"})
    session.edit({"similarity": "low"})
    session.undo()
    assert session.state.edited
    assert session.state.situation is not None
    assert (session.state.situation.value("compute"), session.state.situation.value("similarity")) == ("ample", "high")
    session.undo()
    session.undo()

    assert not session.state.edited
    assert session.state.situation == before.situation
    assert [turn.question for turn in session.state.turns] == [FLOWERS]
    assert advisor.asked == [FLOWERS]


def test_facts_can_be_set_before_the_first_message(session: Session) -> None:
    session.edit({"compute": "ample"})

    assert session.state.advice is not None
    assert not session.state.edited
    assert session.state.conversation is not None


def test_stopping_keeps_the_message_and_what_the_rules_decided(session: Session, advisor: FakeAdvisor) -> None:
    advisor.pause_s = 30
    thread = in_background(session.ask(FLOWERS))
    wait_for(lambda: session.state.provisional)
    session.stop()
    thread.join(10)

    assert session.state.turns[-1].stopped
    assert not session.state.busy
    assert session.state.conversation is not None
    stored = advisor.conversations.turns(session.state.conversation, owner="ann")
    assert stored[-1].message == FLOWERS
    assert stored[-1].reply.recommendation is not None


def test_what_was_written_of_a_stopped_answer_keeps_its_sources_and_says_that_it_was_stopped(
    desk: Desk, session: Session, advisor: FakeAdvisor
) -> None:
    for event in session.ask(FLOWERS):
        if isinstance(event, Sentence):
            session.stop()
    resumed = desk.open("ann", session.state.conversation).state

    for turn in (session.state.turns[-1], resumed.turns[-1]):
        assert turn.reply is not None
        assert "overfitting [A12]" in turn.answer
        assert [each.id for each in turn.reply.citations] == ["A12"]
        assert turn.answer == "".join(each.text for each in turn.reply.sentences)
        assert turn.reply.timings_s == {}
        assert turn.notices[-1].startswith("Stopped.")
        assert turn.may_differ
    finish(session, session.resend())
    assert not session.state.turns[-1].may_differ


def test_an_edit_while_the_model_writes_stops_it_first(session: Session, advisor: FakeAdvisor) -> None:
    advisor.pause_s = 30
    thread = in_background(session.ask(FLOWERS))
    wait_for(lambda: session.state.provisional)
    session.edit({"compute": "ample"})
    thread.join(10)

    assert session.state.situation is not None
    assert session.state.situation.value("compute") == "ample"
    assert session.state.turns[-1].stopped


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (broken_model(), "The model stopped working"),
        (DeadlineError("late"), "took too long"),
        (ConversationError("The disk is full. Free some space."), "Free some space."),
    ],
)
def test_a_failure_gives_a_sentence_and_the_decision_stands(
    session: Session, advisor: FakeAdvisor, failure: Exception, said: str
) -> None:
    advisor.fail = failure
    finish(session, session.ask(FLOWERS))

    assert said in (session.state.turns[-1].problem or "")
    assert session.state.advice is not None
    assert session.state.advice.recommendation is not None
    assert not session.state.busy


def test_after_a_failure_the_message_can_be_sent_again(session: Session, advisor: FakeAdvisor) -> None:
    advisor.fail = broken_model()
    finish(session, session.ask(FLOWERS))
    advisor.fail = None
    finish(session, session.resend())

    assert len(session.state.turns) == 1
    assert session.state.turns[-1].problem is None
    assert session.state.turns[-1].reply is not None


def test_sending_again_replaces_the_last_message_and_keeps_later_edits(session: Session, advisor: FakeAdvisor) -> None:
    finish(session, session.ask("first"))
    finish(session, session.ask("second"))
    session.edit({"compute": "ample"})
    finish(session, session.resend("second, corrected"))

    assert [turn.question for turn in session.state.turns] == ["first", "second, corrected"]
    assert session.state.conversation is not None
    stored = advisor.conversations.turns(session.state.conversation, owner="ann")
    assert [turn.message for turn in stored] == ["first", None, "second, corrected"]
    assert advisor.edits == [{"compute": "ample"}, {"compute": "ample"}]


def test_feedback_is_kept_with_its_comment(session: Session, advisor: FakeAdvisor) -> None:
    finish(session, session.ask(FLOWERS))
    session.rate(1, "down", "too long")

    kept = advisor.conversations.feedback(owner="ann")
    assert [(each.turn, each.thumb, each.comment) for each in kept] == [(1, "down", "too long")]
    assert "comment is kept" in (session.state.notice or "")


@pytest.mark.parametrize(("shown", "thumb"), [(0, "up"), (9, "up"), (1, "sideways")])
def test_feedback_on_nothing_or_of_no_kind_is_ignored(session: Session, shown: int, thumb: str) -> None:
    finish(session, session.ask(FLOWERS))

    session.rate(shown, thumb)

    assert session.state.turns[0].feedback is None


def test_an_edit_that_is_refused_says_why_and_changes_nothing(session: Session) -> None:
    finish(session, session.ask(FLOWERS))
    before = session.state
    with pytest.raises(SituationError, match="nonsense"):
        session.edit({"compute": "nonsense"})

    assert session.state == before


def test_a_stored_conversation_is_resumed_as_it_was(desk: Desk, session: Session) -> None:
    finish(session, session.ask(FLOWERS))
    session.rate(1, "up")
    state = desk.open("ann", session.state.conversation).state

    assert [turn.question for turn in state.turns] == [FLOWERS]
    assert state.turns[0].feedback == "up"
    assert state.advice is not None
    assert state.situation is not None


def test_nobody_opens_renames_or_deletes_what_belongs_to_somebody_else(
    desk: Desk, session: Session, advisor: FakeAdvisor
) -> None:
    finish(session, session.ask(FLOWERS))
    conversation, bob = session.state.conversation or "", desk.open("bob")
    for attempt in (
        lambda: desk.open("bob", conversation),
        lambda: bob.resume(conversation),
        lambda: bob.rename(conversation, "Mine"),
        lambda: bob.delete(conversation),
    ):
        with pytest.raises(ConversationError):
            attempt()

    assert bob.state.turns == ()
    assert desk.conversations("bob") == []
    assert advisor.conversations.title(conversation, owner="ann") == FLOWERS


def test_deleting_the_open_conversation_begins_a_new_one(desk: Desk, session: Session) -> None:
    finish(session, session.ask(FLOWERS))
    session.delete(session.state.conversation or "")

    assert session.state.conversation is None
    assert session.state.turns == ()
    assert desk.conversations("ann") == []


def test_a_session_that_is_not_kept_leaves_nothing(desk: Desk, advisor: FakeAdvisor) -> None:
    session = desk.open(stored=False)
    finish(session, session.ask(FLOWERS))

    assert session.state.latest is not None
    assert desk.conversations() == []


def test_where_nothing_can_be_written_answers_still_come(framework: Framework, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    session = Desk(FakeAdvisor(blocked / "home", framework)).open("ann")  # type: ignore[arg-type]
    finish(session, session.ask(FLOWERS))

    assert session.state.turns[-1].reply is not None
    assert "This conversation is not kept" in (session.state.notice or "")


def test_the_last_event_of_a_stopped_turn_says_so(session: Session, advisor: FakeAdvisor) -> None:
    advisor.fail = CancelledError("Stopped.")
    *_, last = session.ask(FLOWERS)

    assert isinstance(last, Failed)
    assert session.state.turns[-1].stopped
    assert session.state.turns[-1].problem is None
