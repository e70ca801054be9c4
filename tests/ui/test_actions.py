"""Events as the browser sends them, or as somebody pretends that it did."""

from __future__ import annotations

import base64
import json

import pytest

from tests.fakes.advisor import FakeAdvisor
from tunewise.desk import Desk, File, Session
from tunewise.desk.dataset import DatasetSummary
from tunewise.desk.exporting import ExportError
from tunewise.desk.hardware import Machine
from tunewise.ui.actions import ACTIONS, bytes_of, download_html, number_of, run, text_of, texts_of

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
def session(advisor: FakeAdvisor) -> Session:
    return Desk(advisor).open("ann")  # type: ignore[arg-type]


def do(session: Session, event: str, **payload: object) -> File | None:
    """Carry out an event; the file that it made."""
    *_, file = run(event, session, payload)
    return file


@pytest.mark.parametrize("payload", HOSTILE)
@pytest.mark.parametrize("event", ACTIONS)
def test_a_payload_that_makes_no_sense_never_breaks_the_page(
    session: Session, event: str, payload: dict[str, object]
) -> None:
    list(run(event, session, payload))

    assert not session.state.busy


def test_an_empty_message_does_nothing(session: Session, advisor: FakeAdvisor) -> None:
    do(session, "send", text="  \n ")

    assert advisor.asked == []


def test_what_is_refused_is_said_above_the_chat(session: Session) -> None:
    do(session, "edit", changes={"compute": "nonsense"})

    assert "nonsense" in (session.state.notice or "")
    do(session, "open", id="somebody-elses")
    assert "not yours" in (session.state.notice or "")


def test_reading_a_dataset_changes_no_fact_until_somebody_confirms(session: Session, advisor: FakeAdvisor) -> None:
    data = b"text,label\nsome words,x\nmore words,y\n"
    do(session, "dataset", name="a.csv", data=base64.b64encode(data).decode(), bytes=len(data))

    assert advisor.edits == []
    assert isinstance(session.state.reading, DatasetSummary)
    assert session.state.reading.rows == 2


def test_a_file_that_cannot_be_read_says_so_in_the_sheet(session: Session) -> None:
    do(session, "dataset", name="a.bin", data=base64.b64encode(b"abc").decode(), bytes=3)

    assert "Choose a CSV" in str(session.state.reading)


def test_filling_in_the_hardware_decides_again(session: Session, advisor: FakeAdvisor) -> None:
    do(session, "hardware")

    assert "hardware" in advisor.edits[0]
    assert isinstance(session.state.reading, Machine)


def test_what_if_stays_apart_from_the_facts(session: Session, advisor: FakeAdvisor) -> None:
    do(session, "whatif", values={"compute": "ample"})

    assert session.state.whatif == {"compute": "ample"}
    assert advisor.edits == []


def test_a_transcript_is_offered_as_a_file(session: Session) -> None:
    do(session, "send", text="800 images, <b>ResNet</b>?")
    file = do(session, "export", what="transcript", form="md")

    assert file is not None
    assert file.name == "tunewise-transcript-800-images-b-resnet-b.md"
    assert "<b>ResNet" not in download_html(file)


def test_a_record_is_offered_and_can_be_replayed(session: Session) -> None:
    from tunewise.record import parse_record

    do(session, "send", text="800 images of flowers")

    assert parse_record(session.export("record", "json").content).reply.recommendation is not None


def test_feedback_is_exported_line_by_line(session: Session) -> None:
    do(session, "send", text="800 images")
    do(session, "feedback", turn=1, thumb="up")
    do(session, "feedback", turn=1, comment="clear")

    (line,) = session.export("feedback", "json").content.splitlines()
    assert (json.loads(line)["thumb"], json.loads(line)["comment"]) == ("up", "clear")


def test_the_map_is_offered_as_a_picture(session: Session) -> None:
    assert session.export("map", "svg").content.startswith("<svg")


@pytest.mark.parametrize(
    ("what", "form"), [("record", "html"), ("transcript", "md"), ("nothing", "md"), ("map", "exe")]
)
def test_what_cannot_be_saved_says_so(session: Session, what: str, form: str) -> None:
    with pytest.raises(ExportError):
        session.export(what, form)


@pytest.mark.parametrize("value", [None, 5, "no base 64!", "ä", []])
def test_what_is_no_base_64_is_no_bytes(value: object) -> None:
    assert bytes_of({"data": value}, "data") == b""


@pytest.mark.parametrize("value", [None, True, "5", float("nan"), float("inf"), -1, 10**400, [], {}])
def test_what_is_no_number_is_none(value: object) -> None:
    assert number_of({"n": value}, "n") is None


def test_texts_are_cut_and_pairs_are_limited() -> None:
    assert text_of({"t": "x" * 50}, "t", most=10) == "x" * 10
    assert len(texts_of({"c": {str(i): "v" for i in range(1000)}}, "c")) == 40
