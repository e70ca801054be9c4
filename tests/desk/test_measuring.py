"""A table that a visitor chose is measured, what follows is filled in, and it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.advisor import FakeAdvisor
from tests.homes import home_with_weights
from tests.measure.data import texts, write_csv
from tunewise.advisor import Advisor
from tunewise.desk import Desk, Session
from tunewise.desk.measuring import Step, _file_name
from tunewise.facts import edit
from tunewise.framework import Framework
from tunewise.settings import Settings
from tunewise.types import Situation

QUESTION = "I build a text classifier with BERT on one RTX 3060. Should I fine-tune it?"


@pytest.fixture
def table(tmp_path: Path) -> bytes:
    return write_csv(tmp_path / "topics.csv", texts(300)).read_bytes()


@pytest.fixture
def session(advisor: FakeAdvisor) -> Session:
    return Desk(advisor).open("ann")  # type: ignore[arg-type]


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Session]:
    with Advisor.open(Settings(home=home_with_weights(tmp_path)), rules_only=True) as advisor:
        yield Desk(advisor).open("ann")


def measured(session: Session, name: str, data: bytes, whole: float | None = None) -> str:
    """The sentence that says why there is no measurement."""
    list(session.measure(name, data, whole))
    assert isinstance(session.state.measured, str)
    return session.state.measured


def test_a_table_is_chosen_before_it_is_measured(session: Session, table: bytes) -> None:
    assert "Read my dataset" in measured(session, "topics.csv", table)
    session.read_dataset("topics.csv", table)
    assert "Read my dataset" in measured(session, "other.csv", table)


def test_of_a_beginning_nothing_is_measured(session: Session, advisor: FakeAdvisor, table: bytes) -> None:
    session.read_dataset("topics.csv", table, 2e7)

    said = measured(session, "topics.csv", table, 2e7)
    assert said.startswith("'topics.csv' has 20 MB, and the page has only its first")
    assert "tunewise measure FILE" in said
    assert advisor.edits == []


def test_a_file_that_is_gone_is_asked_for_again(session: Session, table: bytes) -> None:
    session.read_dataset("topics.csv", table, len(table))

    assert "Choose it once more" in measured(session, "topics.csv", b"", len(table))


def test_what_cannot_be_measured_gives_its_sentence(session: Session) -> None:
    session.read_dataset("one.csv", b"text,label\n" + b"the same words again and again,x\n" * 60)

    assert "is labelled 'x'" in measured(session, "one.csv", b"text,label\n" + b"the same words again,x\n" * 60)


def test_missing_weights_give_their_sentence_and_change_no_fact(
    session: Session, advisor: FakeAdvisor, table: bytes
) -> None:
    session.read_dataset("topics.csv", table)

    assert "models pull" in measured(session, "topics.csv", table)
    assert advisor.edits == []


def test_a_new_table_takes_the_old_measurement_away(session: Session, table: bytes) -> None:
    measured(session, "topics.csv", table)
    session.read_dataset("topics.csv", table)

    assert session.state.measured is None


def test_a_measurement_that_is_stopped_leaves_everything_as_it_was(
    session: Session, advisor: FakeAdvisor, table: bytes
) -> None:
    session.read_dataset("topics.csv", table)
    steps = session.measure("topics.csv", table)
    next(steps)
    assert isinstance(session.state.measured, Step)
    session.halt()
    list(steps)

    assert session.state.measured is None
    assert advisor.edits == []


def test_a_door_that_goes_away_stops_it(session: Session, table: bytes) -> None:
    session.read_dataset("topics.csv", table)
    steps = session.measure("topics.csv", table)
    next(steps)
    steps.close()  # type: ignore[attr-defined]

    assert session.state.measured is None
    assert threading.active_count() < 20


@pytest.mark.parametrize("name", ["../../etc/x.csv", "..", "", "a/b\\c\n.csv", "語" * 200 + ".csv", ".csv"])
def test_a_file_lies_in_its_folder_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = tmp_path / _file_name(name)
    path.write_bytes(b"x")

    assert path.parent == tmp_path
    assert path.is_file()


def test_a_change_that_was_measured_says_so_and_why(framework: Framework) -> None:
    changes = {"n_examples": "400", "similarity": "low", "compute": "limited"}
    found = edit(Situation(), framework, changes, {"n_examples": "counted", "similarity": "far away"})

    assert (found.details["n_examples"].status, found.details["n_examples"].amount) == ("measured", 400.0)
    assert (found.facts["similarity"].status, found.facts["similarity"].reason) == ("measured", "far away")
    assert found.facts["compute"].status == "edited"


@pytest.mark.models
def test_what_was_measured_is_filled_in_and_decides_and_outlasts_a_resent_message(real: Session, table: bytes) -> None:
    list(real.ask("I build a text classifier on one RTX 3060. Should I fine-tune a pre-trained model?"))
    real.read_dataset("topics.csv", table, len(table))
    list(real.measure("topics.csv", table, len(table), 0.9))
    found = real.state.measured

    assert found is not None
    assert not isinstance(found, Step | str)
    assert (found.rows, found.used, found.encoder) == (300, 300, "all-minilm-l6-v2")
    assert statuses(real) == dict.fromkeys(("baseline", "frozen_features", "n_examples"), "measured")
    assert real.state.advice is not None
    assert real.state.advice.situation is real.state.situation
    list(real.resend())
    assert statuses(real) == dict.fromkeys(("baseline", "frozen_features", "n_examples"), "measured")


@pytest.mark.models
def test_what_an_encoder_scores_is_not_filled_in_for_another_model(real: Session, table: bytes) -> None:
    list(real.ask(QUESTION))
    real.read_dataset("topics.csv", table, len(table))
    list(real.measure("topics.csv", table, len(table), 0.9))
    assert statuses(real) == {"baseline": "unknown", "frozen_features": "unknown", "n_examples": "measured"}
    assert "not filled in for BERT" in (real.state.notice or "")


def statuses(session: Session) -> dict[str, str]:
    assert session.state.situation is not None
    known = {**session.state.situation.facts, **session.state.situation.details}
    return {name: known[name].status for name in ("baseline", "frozen_features", "n_examples")}


@pytest.mark.models
def test_a_measurement_stops_within_moments(real: Session, tmp_path: Path) -> None:
    data = write_csv(tmp_path / "long.csv", texts(4000)).read_bytes()
    real.read_dataset("long.csv", data)
    steps = real.measure("long.csv", data)
    for _ in steps:
        step = real.state.measured
        if isinstance(step, Step) and step.name == "encoding":
            real.halt()
            break
    list(steps)

    assert real.state.measured is None
    assert real.state.situation is None or "n_examples" not in real.state.situation.details


@pytest.mark.models
def test_a_new_conversation_gets_nothing_of_what_was_measured_for_the_old_one(real: Session, table: bytes) -> None:
    real.read_dataset("topics.csv", table)
    steps = real.measure("topics.csv", table)
    for _ in steps:
        if isinstance(real.state.measured, Step) and real.state.measured.name == "learning curve":
            break
    real.new()
    list(steps)

    assert real.state.situation is None
    assert real.state.measured is None
