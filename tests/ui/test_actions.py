"""Events as the browser sends them, or as somebody pretends that it did."""

from __future__ import annotations

import json

import pytest

from tests.ui.fakes import FakeAdvisor
from tunewise.settings import Settings
from tunewise.ui.actions import EVENTS, Actions, number_of, text_of, texts_of
from tunewise.ui.exports import ExportError, export
from tunewise.ui.session import Desk
from tunewise.ui.visit import Visit

HOSTILE = (
    {},
    {
        "text": 5,
        "changes": "x",
        "values": [],
        "id": None,
        "turn": "1",
        "thumb": {},
        "entries": 3,
        "name": [],
        "bytes": "x",
    },
    {"changes": {"a": {"b": 1}, 3: "x"}, "turn": float("nan"), "bytes": float("inf"), "total": -1, "entries": [[1]]},
    {"turn": 10**400, "id": "../../etc/passwd", "what": "record", "form": "../x", "title": "x" * 10**6},
)


@pytest.fixture
def actions(advisor: FakeAdvisor) -> Actions:
    return Actions(Desk(advisor))  # type: ignore[arg-type]


@pytest.fixture
def visit(actions: Actions) -> Visit:
    visit = Visit()
    actions.start(visit, "ann", None)
    return visit


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("event", EVENTS)
def test_a_payload_that_makes_no_sense_never_breaks_the_page(
    actions: Actions, visit: Visit, event: str, payload: dict[str, object]
) -> None:
    list(actions.run(event, visit, payload))

    assert not visit.state.busy


def test_reading_a_dataset_changes_no_fact_until_somebody_confirms(
    actions: Actions, visit: Visit, advisor: FakeAdvisor
) -> None:
    list(
        actions.run(
            "dataset", visit, {"name": "a.csv", "text": "text,label\nsome words,x\nmore words,y\n", "bytes": 40}
        )
    )

    assert advisor.edits == []
    assert "Use these figures" in (visit.state.reading or "")


def test_a_file_that_cannot_be_read_says_so_in_the_sheet(actions: Actions, visit: Visit) -> None:
    list(actions.run("dataset", visit, {"name": "a.bin", "text": "abc", "bytes": 3}))

    assert "Choose a CSV" in (visit.state.reading or "")


def test_filling_in_the_hardware_decides_again(actions: Actions, visit: Visit, advisor: FakeAdvisor) -> None:
    list(actions.run("hardware", visit, {}))

    assert "hardware" in advisor.edits[0]
    assert "This machine" in (visit.state.reading or "")


def test_what_if_stays_apart_from_the_facts(actions: Actions, visit: Visit, advisor: FakeAdvisor) -> None:
    list(actions.run("whatif", visit, {"values": {"compute": "ample"}}))

    assert visit.state.whatif == {"compute": "ample"}
    assert advisor.edits == []


def test_a_transcript_is_offered_as_a_file(actions: Actions, visit: Visit) -> None:
    list(actions.run("send", visit, {"text": "800 images, <b>ResNet</b>?"}))
    (file,) = actions.run("export", visit, {"what": "transcript", "form": "md"})

    assert file is not None
    assert 'data-download="tunewise-transcript-800-images-b-resnet-b.md"' in file
    assert "<b>ResNet" not in file


def test_a_record_is_offered_and_can_be_replayed(actions: Actions, visit: Visit, advisor: FakeAdvisor) -> None:
    from tunewise.record import parse_record

    advisor.settings = Settings()
    list(actions.run("send", visit, {"text": "800 images of flowers"}))
    file = export(advisor, visit.state, "record", "json")  # type: ignore[arg-type]

    assert parse_record(file.content).reply.recommendation is not None


def test_feedback_is_exported_line_by_line(actions: Actions, visit: Visit, advisor: FakeAdvisor) -> None:
    list(actions.run("send", visit, {"text": "800 images"}))
    list(actions.run("feedback", visit, {"turn": 1, "thumb": "up"}))
    list(actions.run("feedback", visit, {"turn": 1, "comment": "clear"}))
    file = export(advisor, visit.state, "feedback", "json")  # type: ignore[arg-type]

    (line,) = file.content.splitlines()
    assert (json.loads(line)["thumb"], json.loads(line)["comment"]) == ("up", "clear")


def test_the_map_is_offered_as_a_picture(visit: Visit, advisor: FakeAdvisor) -> None:
    assert export(advisor, visit.state, "map", "svg").content.startswith("<svg")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "form"), [("record", "html"), ("transcript", "md"), ("nothing", "md"), ("map", "exe")]
)
def test_what_cannot_be_saved_says_so(visit: Visit, advisor: FakeAdvisor, what: str, form: str) -> None:
    with pytest.raises(ExportError):
        export(advisor, visit.state, what, form)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, True, "5", float("nan"), float("inf"), -1, 10**400, [], {}])
def test_what_is_no_number_is_none(value: object) -> None:
    assert number_of({"n": value}, "n") is None


def test_texts_are_cut_and_pairs_are_limited() -> None:
    assert text_of({"t": "x" * 50}, "t", most=10) == "x" * 10
    assert len(texts_of({"c": {str(i): "v" for i in range(1000)}}, "c")) == 40
