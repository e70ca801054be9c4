"""One queue for one model: everybody sees the decision and their place in it, whichever door they came by."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.test_session import FLOWERS, in_background, wait_for
from tests.fakes.advisor import FakeAdvisor
from tunewise.desk import Desk, Session
from tunewise.events import Decided, Queued
from tunewise.framework import Framework
from tunewise.llm.line import line_of


@pytest.fixture
def busy(framework: Framework, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose model serves somebody for a long time."""
    desk = Desk(FakeAdvisor(tmp_path, framework, pause_s=30))  # type: ignore[arg-type]
    first = desk.open("ann")
    thread = in_background(first.ask(FLOWERS))
    wait_for(lambda: bool(line_of(desk.advisor.model).places))
    yield desk
    first.stop()
    thread.join(10)


def waiting(desk: Desk, owner: str) -> tuple[Session, threading.Thread]:
    session = desk.open(owner)
    thread = in_background(session.ask(FLOWERS))
    wait_for(lambda: session.state.stage and session.state.stage.stage == "queue")
    return session, thread


def test_who_waits_is_told_their_place_and_sees_the_decision(busy: Desk) -> None:
    session = busy.open("bob")
    events = session.ask(FLOWERS)
    before = [type(event) for event in itertools.takewhile(lambda event: not isinstance(event, Queued), events)]
    state = session.state
    events.close()  # type: ignore[attr-defined]

    assert Decided in before
    assert state.stage is not None
    assert (state.stage.stage, state.stage.ahead) == ("queue", 1)
    assert state.stage.wait_s > 0
    assert state.advice is not None


def test_a_door_that_goes_away_frees_its_place(busy: Desk) -> None:
    events = busy.open("bob").ask(FLOWERS)
    next(event for event in events if isinstance(event, Queued))
    line = line_of(busy.advisor.model)
    events.close()  # type: ignore[attr-defined]

    assert line.join().ahead == 1


def test_the_place_moves_up_when_somebody_leaves(busy: Desk) -> None:
    bob, bobs = waiting(busy, "bob")
    cas, cass = waiting(busy, "cas")
    assert cas.state.stage is not None
    assert cas.state.stage.ahead == 2
    bob.stop()
    bobs.join(10)

    wait_for(lambda: cas.state.stage and cas.state.stage.ahead == 1)
    assert bob.state.turns[-1].stopped
    cas.stop()
    cass.join(10)


def test_a_full_queue_refuses_at_once_says_when_to_come_back_and_the_decision_stands(busy: Desk) -> None:
    line_of(busy.advisor.model).longest = 0
    session = busy.open("bob")
    decided_s = refused_s = 0.0
    for event in session.ask(FLOWERS):
        decided_s, refused_s = (time.monotonic(), 0.0) if isinstance(event, Decided) else (decided_s, time.monotonic())

    turn = session.state.turns[-1]
    assert refused_s - decided_s < 0.1
    assert "ry again" in (turn.problem or "")
    assert session.state.advice is not None
    assert turn.question == FLOWERS
    line_of(busy.advisor.model).longest = 16


def test_after_a_refusal_the_message_can_be_sent_again(busy: Desk) -> None:
    line = line_of(busy.advisor.model)
    line.longest = 0
    session = busy.open("bob")
    list(session.ask(FLOWERS))
    line.longest = 16
    thread = in_background(session.resend())
    wait_for(lambda: session.state.stage and session.state.stage.stage == "queue")

    assert len(session.state.turns) == 1
    session.stop()
    thread.join(10)


def test_without_a_model_nobody_waits(advisor: FakeAdvisor) -> None:
    advisor.model = None
    session = Desk(advisor).open("ann")  # type: ignore[arg-type]

    assert not any(isinstance(event, Queued) for event in session.ask(FLOWERS))
    assert session.state.turns[-1].reply is not None
