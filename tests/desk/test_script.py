"""The training script of what is recommended, as a door hands it out."""

from __future__ import annotations

import ast
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.advisor import FakeAdvisor
from tests.fakes.replies import flower_reply, flower_situation
from tunewise.desk import Desk, Session, script_kinds
from tunewise.desk.exporting import ExportError
from tunewise.errors import RecipeError
from tunewise.types import Fact

FLOWERS = "I have 800 labelled images of flowers and a ResNet-50. Should I fine-tune it?"


@pytest.fixture
def session(advisor: FakeAdvisor) -> Session:
    return Desk(advisor).open("ann")  # type: ignore[arg-type]


def unpacked(content: str | bytes) -> dict[str, str]:
    assert isinstance(content, bytes)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def answered(advisor: FakeAdvisor, session: Session, **details: str) -> None:
    """A conversation whose recommendation is about these details."""
    facts = {name: Fact(name, value, "stated") for name, value in details.items()}
    advisor.reply = flower_reply(situation=replace(flower_situation(), details=facts))
    list(session.ask(FLOWERS))


def test_the_script_of_the_recommendation_comes_in_one_folder(session: Session) -> None:
    list(session.ask(FLOWERS))
    made = session.script()
    files = unpacked(made.content)

    assert made.name == "tunewise-recipe-i-have-800-labelled-images-of-flowers-an.zip"
    folder = made.name.removesuffix(".zip")
    assert {f"{folder}/{name}" for name in ("train.py", "measuring.py", "README.md", "requirements.txt")} <= set(files)
    assert "resnet50.a1_in1k" in files[f"{folder}/train.py"]
    ast.parse(files[f"{folder}/train.py"])


def test_the_same_recommendation_gives_the_same_bytes(session: Session) -> None:
    list(session.ask(FLOWERS))

    assert session.script().content == session.script().content


def test_an_edit_is_in_the_script(session: Session) -> None:
    list(session.ask(FLOWERS))
    session.edit({"base_model": "convnext-tiny"})

    assert any("convnext_tiny" in text for text in unpacked(session.script().content).values())


def test_without_a_recommendation_there_is_no_script(session: Session) -> None:
    with pytest.raises(ExportError, match="Describe your situation first"):
        session.script()


def test_where_no_script_is_written_the_reason_is_that_of_the_command(advisor: FakeAdvisor, session: Session) -> None:
    answered(advisor, session, modality="video")

    with pytest.raises(
        RecipeError, match=r"No script is written for data of the kind 'video'\. Choose one with --kind"
    ):
        session.script()


def test_checkpoint_and_kind_can_be_named(advisor: FakeAdvisor, session: Session) -> None:
    answered(advisor, session, modality="video")
    files = unpacked(session.script("my-lab/my-model", "image").content)

    assert any("my-lab/my-model" in text for name, text in files.items() if name.endswith("train.py"))


def test_a_checkpoint_that_is_no_name_is_refused(session: Session) -> None:
    list(session.ask(FLOWERS))

    with pytest.raises(RecipeError, match="no checkpoint"):
        session.script("bad\nname")


def test_the_columns_of_the_dataset_that_was_used_are_those_of_the_script(
    advisor: FakeAdvisor, session: Session
) -> None:
    answered(advisor, session, modality="text", base_model="bert-base-uncased", n_classes="2")
    rows = "".join(f"{i},the parcel number {i} came late again,{'ab'[i % 2]}\n" for i in range(40))
    session.read_dataset("tickets.csv", f"id,body,queue\n{rows}".encode())
    script = next(text for name, text in unpacked(session.script().content).items() if name.endswith("train.py"))

    assert '"body"' in script
    assert '"queue"' in script


def test_a_success_takes_the_sentence_about_a_failure_away(session: Session) -> None:
    list(session.ask(FLOWERS))
    session.note("No script was written.")
    session.script()

    assert session.state.notice is None


def test_another_visitor_gets_no_script_of_this_conversation(advisor: FakeAdvisor, session: Session) -> None:
    list(session.ask(FLOWERS))

    with pytest.raises(ExportError):
        Desk(advisor).open("bob").script()  # type: ignore[arg-type]


def test_every_kind_of_script_says_what_it_is_for() -> None:
    assert script_kinds()["text"] == "text classification"


def test_a_folder_of_the_server_is_not_looked_at(tmp_path: Path) -> None:
    from tunewise.recipe.choosing import checked_name

    assert checked_name(str(tmp_path / ".." / tmp_path.name), resolves=False) == str(tmp_path / ".." / tmp_path.name)
    assert checked_name(str(tmp_path / ".." / tmp_path.name)) == str(tmp_path.resolve())
