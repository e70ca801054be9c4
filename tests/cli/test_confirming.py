"""What was seemingly said, confirmed in the terminal."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from tests.desk.test_proposals import PAID, advisor
from tests.fakes.proposing import ProposingAdvisor
from tunewise.cli.confirming import chosen, confirm
from tunewise.cli.terminal import Terminal
from tunewise.desk import Desk, Session

__all__ = ["advisor"]


@pytest.fixture
def session(advisor: ProposingAdvisor) -> Session:
    session = Desk(advisor).open("ann")
    list(session.ask(PAID))
    return session


def answered(session: Session, advisor: ProposingAdvisor, *keys: str) -> tuple[str, str]:
    """The message that was typed instead of an answer, and what the terminal showed."""
    lines: Iterator[str] = iter(keys)
    out = io.StringIO()
    message = confirm(session, advisor.framework, Terminal(advisor.framework, out), set(), lambda mark: next(lines, ""))
    return message, out.getvalue()


def value_of(session: Session, fact: str) -> str:
    assert session.state.situation is not None
    return session.state.situation.value(fact)


@pytest.mark.parametrize("key", ["1", "y", "Yes"])
def test_one_key_says_yes_and_the_new_decision_is_shown(session: Session, advisor: ProposingAdvisor, key: str) -> None:
    _, shown = answered(session, advisor, key)
    assert "You seem to say that" in shown
    assert "Recommendation" in shown
    assert [value_of(session, fact) for fact in ("compute", "forgetting_concern")].count("unknown") == 1


def test_a_no_shows_nothing_new_and_the_next_one_is_asked(session: Session, advisor: ProposingAdvisor) -> None:
    _, shown = answered(session, advisor, "2", "n")
    assert shown.count("You seem to say that") == 2
    assert "Recommendation" not in shown
    assert session.state.proposed == ()


def test_something_else_lists_the_choices_and_takes_one(session: Session, advisor: ProposingAdvisor) -> None:
    _, shown = answered(session, advisor, "3", "1", "s", "1")
    assert "1 Your compute is limited → LoRA" in shown
    assert (value_of(session, "compute"), value_of(session, "forgetting_concern")) == ("limited", "no")


def test_enter_leaves_it_open_and_a_sentence_is_the_next_message(session: Session, advisor: ProposingAdvisor) -> None:
    message, _ = answered(session, advisor, "", "And what about LoRA?")
    assert message == "And what about LoRA?"
    assert len(session.state.proposed) == 2


@pytest.mark.parametrize(
    ("typed", "place"), [("1", 0), ("3", 2), ("NO", 1), ("somet", 2), ("4", None), ("", None), ("no way", None)]
)
def test_an_answer_is_its_number_or_its_beginning(typed: str, place: int | None) -> None:
    assert chosen(typed, ("Yes", "No", "Something else")) == place
