"""A measurement as a decision record: what it keeps, and what a recipe makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.measure.data import save_blobs
from tunewise.cli.main import main
from tunewise.errors import RecipeError
from tunewise.framework import load_framework
from tunewise.measure import Measurement, measure, record_of
from tunewise.recipe import RecipeOptions, make_recipe
from tunewise.record import Record, load_record, replay
from tunewise.types import Fact


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_blobs(tmp_path_factory.mktemp("blobs") / "blobs.npz", rows=200, spread=1.5)


@pytest.fixture(scope="module")
def found(blobs: Path) -> Measurement:
    return measure(blobs, target=0.6, facts={"compute": "limited"})


@pytest.fixture(scope="module")
def record(found: Measurement) -> Record:
    return record_of(found)


def as_texts(found: Measurement, **changes: object) -> Measurement:
    """The same figures, as if they were of texts in a table."""
    facts = (*found.facts, Fact("modality", "text", "measured", reason="read from the files"))
    return replace(found, kind="text", facts=facts, **{"text": ("body",), "label": "topic", **changes})


def test_the_record_decides_as_the_measurement_did_and_replays(found: Measurement, record: Record):
    chosen = record.reply.recommendation
    assert chosen is not None
    assert (chosen.primary, chosen.supporting, chosen.avoid) == (
        found.after.primary, found.after.supporting, found.after.avoid,
    )  # fmt: skip
    result = replay(record, load_framework("article"))
    assert result.identical
    assert any(said.startswith("frozen_features is") and "target 0.6" in said for said in result.measured)


def test_measured_facts_keep_their_figures_and_stated_ones_their_words(record: Record):
    facts = record.reply.situation.facts
    assert (facts["dataset_size"].status, facts["compute"].status) == ("measured", "stated")
    assert facts["compute"].quote == "compute=limited"
    assert "linear probe: accuracy" in (facts["frozen_features"].reason or "")
    assert "Linear probe: accuracy" in record.reply.answer


def test_a_recipe_reads_the_columns_and_the_encoder_that_were_measured(found: Measurement, tmp_path: Path):
    record = record_of(as_texts(found, checkpoint=str(tmp_path)))
    script = make_recipe(record).files["train.py"]
    for setting in (f'MODEL = "{tmp_path}"', 'TEXT = "body"', 'LABEL = "topic"'):
        assert setting in script
    assert 'TEXT = "other"' in make_recipe(record, RecipeOptions(text="other")).files["train.py"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": ("title", "body")}, "Join them in the data, and name it with --text"),
        ({"checkpoint": "/nowhere/encoder"}, "is not here"),
        ({"checkpoint": None}, "names no base model"),
    ],
)
def test_what_no_script_goes_on_from_is_said(found: Measurement, tmp_path: Path, changes: dict, said: str):
    record = record_of(as_texts(found, **{"checkpoint": str(tmp_path), **changes}))
    with pytest.raises(RecipeError, match=said):
        make_recipe(record)


def test_stored_features_become_a_script_that_reads_the_measured_arrays(blobs: Path, tmp_path: Path, capsys):
    decision = tmp_path / "decision.json"
    assert main(["measure", str(blobs), "--record", str(decision)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"Next: tunewise recipe {decision} --out recipe")
    assert main(["recipe", str(decision), "--out", str(tmp_path / "recipe"), "--data", str(blobs)]) == 0
    script = (tmp_path / "recipe" / "train.py").read_text("utf-8")
    assert 'FEATURES = "features"' in script
    assert 'LABEL = "labels"' in script


def test_a_record_to_read_is_read_back_and_replayed_by_its_commands(blobs: Path, tmp_path: Path, capsys):
    file = tmp_path / "decision.md"
    assert main(["measure", str(blobs), "--record", str(file)]) == 0
    assert load_record(file).reply.situation.details["label_column"].value == "labels"
    assert main(["record", "replay", str(file)]) == 0
    assert "measured: dataset_size is small" in capsys.readouterr().out


def test_a_place_that_holds_no_record_is_refused_before_anything_is_measured(blobs: Path, tmp_path: Path, capsys):
    assert main(["measure", str(blobs), "--record", str(tmp_path / "no" / "d.json")]) == 2
    assert "No record can be written" in capsys.readouterr().err
