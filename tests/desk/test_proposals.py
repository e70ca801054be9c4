"""Facts that a message only seems to state, as a door gets them and answers them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.embedder import WORDS
from tests.fakes.proposing import ProposingAdvisor
from tunewise.desk import Desk, Session, proposals_of
from tunewise.framework import load_framework
from tunewise.retrieval import open_searcher
from tunewise.settings import Settings

PAID = "We have 300,000 labelled images; the machines are paid for and people rely on the rest. Should we fine-tune?"


@pytest.fixture(scope="module")
def advisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProposingAdvisor]:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    with (
        open_searcher(settings, embedder=WORDS) as searcher,
        ProposingAdvisor(settings, load_framework(), searcher) as advisor,
    ):
        yield advisor


@pytest.fixture(params=[True, False], ids=["stored", "not stored"])
def session(advisor: ProposingAdvisor, request: pytest.FixtureRequest) -> Session:
    session = Desk(advisor).open("ann", stored=request.param)
    list(session.ask(PAID))
    return session


def waiting(session: Session, advisor: ProposingAdvisor) -> list[str]:
    return [each.fact for each in proposals_of(advisor.framework, session.state)]


def test_each_has_a_sentence_with_the_users_words_and_three_answers(
    session: Session, advisor: ProposingAdvisor
) -> None:
    compute = next(each for each in proposals_of(advisor.framework, session.state) if each.fact == "compute")
    assert compute.sentence == "You seem to say that you can use ample compute (“the machines are paid for”)."
    assert (compute.yes.changes, compute.no.changes) == ({"compute": "ample"}, {"compute": "not ample"})
    assert [(each.text, each.changes, each.primary) for each in compute.others] == [
        ("Your compute is limited", {"compute": "limited"}, "lora")
    ]


def test_a_yes_decides_again_and_leaves_the_other_one_waiting(session: Session, advisor: ProposingAdvisor) -> None:
    assert set(waiting(session, advisor)) == {"compute", "forgetting_concern"}
    session.edit({"compute": "ample"})
    assert waiting(session, advisor) == ["forgetting_concern"]
    assert session.state.edited
    assert session.state.situation is not None
    assert session.state.situation.facts["compute"].status == "edited"


def test_a_no_changes_no_fact_and_says_nothing_of_an_edit(session: Session, advisor: ProposingAdvisor) -> None:
    before = session.state.situation
    session.edit({"compute": "not ample"})
    assert waiting(session, advisor) == ["forgetting_concern"]
    assert session.state.situation == before
    assert not session.state.edited


def test_a_no_outlives_sending_the_message_again_and_resuming(advisor: ProposingAdvisor) -> None:
    session = Desk(advisor).open("ann")
    list(session.ask(PAID))
    session.edit({"compute": "not ample"})
    list(session.resend())
    assert waiting(session, advisor) == ["forgetting_concern"]
    resumed = Desk(advisor).open("ann", session.state.conversation)
    assert waiting(resumed, advisor) == ["forgetting_concern"]


def test_it_is_asked_in_german_where_the_answer_is_english(advisor: ProposingAdvisor) -> None:
    session = Desk(advisor).open("ann", stored=False)
    list(
        session.ask("Wir haben viele Bilder, etwas völlig Neues für das Modell. Sollen wir das Modell nachtrainieren?")
    )
    (asked,) = proposals_of(advisor.framework, session.state)
    assert asked.sentence.startswith("Sie scheinen zu sagen, dass Ihre Daten")
    assert "„etwas völlig Neues für das Modell“" in asked.sentence
    assert (asked.yes.text, asked.no.text, asked.other) == ("Ja", "Nein", "Etwas anderes")
