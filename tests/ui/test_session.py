"""What the page does with messages, edits, stops and failures; driven without Gradio."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.replies import flower_reply
from tests.ui.fakes import FakeAdvisor, broken_model
from tunewise.errors import ConversationError, DeadlineError
from tunewise.framework import Framework
from tunewise.ui.line import ModelLine
from tunewise.ui.session import Desk
from tunewise.ui.state import PageState
from tunewise.ui.visit import Visit

FLOWERS = "I have 800 labelled images of flowers and a ResNet-50. Should I fine-tune it?"


@pytest.fixture
def desk(advisor: FakeAdvisor) -> Desk:
    return Desk(advisor)  # type: ignore[arg-type]


@pytest.fixture
def visit(desk: Desk) -> Visit:
    visit = Visit()
    desk.start(visit, "ann")
    return visit


def finish(states: Iterator[PageState]) -> list[PageState]:
    return list(states)


def in_background(states: Iterator[PageState]) -> threading.Thread:
    thread = threading.Thread(target=lambda: finish(states), daemon=True)
    thread.start()
    return thread


def wait_for(condition: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.01)
    assert condition()  # type: ignore[operator]


def test_the_decision_is_on_screen_before_the_first_word(desk: Desk, visit: Visit) -> None:
    states = finish(desk.send(visit, FLOWERS))

    first_word = next(at for at, state in enumerate(states) if state.turns[-1].partial)
    decided = next(at for at, state in enumerate(states) if state.advice is not None)
    assert decided < first_word
    assert states[decided].provisional


def test_what_the_patterns_read_is_decided_before_the_model_reads_facts(desk: Desk, visit: Visit) -> None:
    states = finish(desk.send(visit, FLOWERS))

    assert any(state.advice is not None and state.stage and state.stage.stage == "facts" for state in states)


def test_a_turn_that_gives_no_advice_leaves_the_card_as_it_was(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    finish(desk.send(visit, FLOWERS))
    before = visit.state.advice
    advisor.reply = flower_reply(kind="knowledge", recommendation=None, verdict=None, answer="It is a penalty [A12].")
    finish(desk.send(visit, "What would EWC do on my 200,000 images?"))

    assert visit.state.advice is before
    assert visit.state.latest is not None
    assert visit.state.latest.kind == "knowledge"


def test_a_finished_turn_is_stored_and_the_page_is_idle(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    last = finish(desk.send(visit, FLOWERS))[-1]

    assert last.conversation is not None
    assert [turn.message for turn in advisor.conversations.turns(last.conversation, owner="ann")] == [FLOWERS]
    assert last.turns[-1].number == 1
    assert not last.busy
    assert not last.provisional


def test_an_empty_message_does_nothing(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    finish(desk.send(visit, "  \n "))

    assert advisor.asked == []
    assert not visit.state.busy


def test_an_edit_decides_again_without_asking_the_model(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    finish(desk.send(visit, FLOWERS))
    state = desk.edit(visit, {"compute": "ample"})

    assert advisor.asked == [FLOWERS]
    assert state.edited
    assert state.situation is not None
    assert state.situation.facts["compute"].status == "edited"


def test_facts_can_be_set_before_the_first_message(desk: Desk, visit: Visit) -> None:
    state = desk.edit(visit, {"compute": "ample"})

    assert state.advice is not None
    assert not state.edited
    assert state.conversation is not None


def test_an_edit_that_is_refused_says_why_and_changes_nothing(desk: Desk, visit: Visit) -> None:
    finish(desk.send(visit, FLOWERS))
    before = visit.state.advice
    state = desk.edit(visit, {"compute": "nonsense"})

    assert state.notice is not None
    assert "nonsense" in state.notice
    assert state.advice is before


def test_stopping_keeps_the_message_and_what_the_rules_decided(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    advisor.pause_s = 30
    thread = in_background(desk.send(visit, FLOWERS))
    wait_for(lambda: visit.state.provisional)
    visit.cancel.set()
    thread.join(10)

    assert visit.state.turns[-1].stopped
    assert not visit.state.busy
    assert visit.state.conversation is not None
    stored = advisor.conversations.turns(visit.state.conversation, owner="ann")
    assert stored[-1].message == FLOWERS
    assert stored[-1].reply.recommendation is not None


def test_an_edit_while_the_model_writes_stops_it_first(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    advisor.pause_s = 30
    thread = in_background(desk.send(visit, FLOWERS))
    wait_for(lambda: visit.state.provisional)
    state = desk.edit(visit, {"compute": "ample"})
    thread.join(10)

    assert state.situation is not None
    assert state.situation.value("compute") == "ample"
    assert visit.state.turns[-1].stopped


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (broken_model(), "The model stopped working"),
        (DeadlineError("late"), "took too long"),
        (ConversationError("The disk is full. Free some space."), "Free some space."),
    ],
)
def test_a_failure_gives_a_sentence_and_the_decision_stands(
    desk: Desk, visit: Visit, advisor: FakeAdvisor, failure: Exception, said: str
) -> None:
    advisor.fail = failure
    finish(desk.send(visit, FLOWERS))

    assert said in (visit.state.turns[-1].problem or "")
    assert visit.state.advice is not None
    assert visit.state.advice.recommendation is not None
    assert not visit.state.busy


def test_after_a_failure_the_message_can_be_sent_again(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    advisor.fail = broken_model()
    finish(desk.send(visit, FLOWERS))
    advisor.fail = None
    finish(desk.resend(visit))

    assert len(visit.state.turns) == 1
    assert visit.state.turns[-1].problem is None
    assert visit.state.turns[-1].reply is not None


def test_sending_again_replaces_the_last_message_and_keeps_later_edits(
    desk: Desk, visit: Visit, advisor: FakeAdvisor
) -> None:
    finish(desk.send(visit, "first"))
    finish(desk.send(visit, "second"))
    desk.edit(visit, {"compute": "ample"})
    finish(desk.resend(visit, "second, corrected"))

    assert [turn.question for turn in visit.state.turns] == ["first", "second, corrected"]
    assert visit.state.conversation is not None
    stored = advisor.conversations.turns(visit.state.conversation, owner="ann")
    assert [turn.message for turn in stored] == ["first", None, "second, corrected"]
    assert advisor.edits == [{"compute": "ample"}, {"compute": "ample"}]


def test_a_stored_conversation_is_resumed_as_it_was(desk: Desk, visit: Visit) -> None:
    finish(desk.send(visit, FLOWERS))
    desk.rate(visit, 1, "up")
    conversation = visit.state.conversation
    other = Visit()
    state = desk.start(other, "ann", conversation)

    assert [turn.question for turn in state.turns] == [FLOWERS]
    assert state.turns[0].feedback == "up"
    assert state.advice is not None
    assert state.situation is not None


def test_nobody_opens_the_conversation_of_somebody_else(desk: Desk, visit: Visit) -> None:
    finish(desk.send(visit, FLOWERS))
    other = Visit()
    state = desk.start(other, "bob", visit.state.conversation)

    assert state.turns == ()
    assert state.conversation is None
    assert "not yours" in (state.notice or "")


def test_nobody_renames_or_deletes_what_belongs_to_somebody_else(
    desk: Desk, visit: Visit, advisor: FakeAdvisor
) -> None:
    finish(desk.send(visit, FLOWERS))
    conversation = visit.state.conversation or ""
    other = Visit()
    desk.start(other, "bob")

    assert desk.rename(other, conversation, "Mine").notice is not None
    assert desk.delete(other, conversation).notice is not None
    assert advisor.conversations.title(conversation, owner="ann") == FLOWERS


def test_deleting_the_open_conversation_begins_a_new_one(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    finish(desk.send(visit, FLOWERS))
    state = desk.delete(visit, visit.state.conversation or "")

    assert state.conversation is None
    assert state.turns == ()
    assert advisor.conversations.list(owner="ann") == []


def test_feedback_is_kept_with_its_comment(desk: Desk, visit: Visit, advisor: FakeAdvisor) -> None:
    finish(desk.send(visit, FLOWERS))
    desk.rate(visit, 1, "down", "too long")

    kept = advisor.conversations.feedback(owner="ann")
    assert [(each.turn, each.thumb, each.comment) for each in kept] == [(1, "down", "too long")]


@pytest.mark.parametrize(("shown", "thumb"), [(0, "up"), (9, "up"), (1, "sideways")])
def test_feedback_on_nothing_or_of_no_kind_is_ignored(desk: Desk, visit: Visit, shown: int, thumb: str) -> None:
    finish(desk.send(visit, FLOWERS))

    assert desk.rate(visit, shown, thumb).turns[0].feedback is None


def test_where_nothing_can_be_written_answers_still_come(framework: Framework, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    advisor = FakeAdvisor(blocked / "home", framework)
    desk, visit = Desk(advisor), Visit()  # type: ignore[arg-type]
    desk.start(visit, "ann")
    finish(desk.send(visit, FLOWERS))

    assert visit.state.turns[-1].reply is not None
    assert "This conversation is not kept" in (visit.state.notice or "")


def test_the_second_visitor_sees_a_decision_while_the_first_has_the_model(framework: Framework, tmp_path: Path) -> None:
    advisor = FakeAdvisor(tmp_path, framework, pause_s=30)
    desk = Desk(advisor)  # type: ignore[arg-type]
    first, second = Visit(), Visit()
    desk.start(first, "ann")
    desk.start(second, "bob")
    threads = [in_background(desk.send(first, FLOWERS))]
    wait_for(lambda: first.state.provisional and first.state.stage and first.state.stage.stage == "explanation")
    threads.append(in_background(desk.send(second, FLOWERS)))
    wait_for(lambda: second.state.stage and second.state.stage.stage == "queue")

    assert second.state.advice is not None
    assert second.state.advice.recommendation is not None
    assert second.state.stage is not None
    assert second.state.stage.ahead == 1

    first.cancel.set()
    wait_for(lambda: second.state.stage and second.state.stage.stage != "queue")
    second.cancel.set()
    for thread in threads:
        thread.join(10)


def test_a_full_line_says_when_to_come_back_and_shows_the_decision(framework: Framework, tmp_path: Path) -> None:
    advisor = FakeAdvisor(tmp_path, framework)
    line = ModelLine(longest=0)
    desk, visit = Desk(advisor, line), Visit()  # type: ignore[arg-type]
    desk.start(visit, "ann")
    taken = line.join()
    finish(desk.send(visit, FLOWERS))
    line.leave(taken)

    assert "wait for the model already" in (visit.state.turns[-1].problem or "")
    assert visit.state.advice is not None


def test_without_a_model_nobody_waits(advisor: FakeAdvisor, visit: Visit) -> None:
    line = ModelLine(longest=0)
    line.join()
    advisor.model = None
    desk = Desk(advisor, line)  # type: ignore[arg-type]
    finish(desk.send(visit, FLOWERS))

    assert visit.state.turns[-1].reply is not None
