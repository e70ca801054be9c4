"""Three stories from raw data to a trained model, by the commands that a user types: what one command finds out, the
next one knows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.stories.data import draw_shapes, write_chats, write_tickets
from tunewise.framework import load_framework
from tunewise.measure.curve import forecast
from tunewise.measure.records import CurvePoint
from tunewise.record import load_record, record_of_situation
from tunewise.types import Fact, Situation


def better(result: dict) -> bool:
    return result["gain"]["interval"][0] > 0 and " is better than the untouched model" in result["verdict"]


def foretold(measured: dict, rows: int) -> float:
    """What the measured learning curve says of so many rows to learn from."""
    points = [CurvePoint(**point) for point in measured["curve"]["points"]]
    assert rows > points[-1].rows  # a forecast, no interpolation
    return forecast(points, [rows], seed=0)[0].score


@pytest.mark.models
def test_a_table_of_texts_becomes_a_classifier_as_good_as_was_foretold(tmp_path: Path, command, train):
    data = write_tickets(tmp_path / "tickets.csv", 2000)
    options = ("--target", "0.76", "--max-rows", "1400", "--seconds", "600", "--record", "decision.json")
    measured = json.loads(command("measure", data.name, *options, "--json"))
    replayed = command("record", "replay", "decision.json")
    assert "measured: frozen_features is sufficient (linear probe: accuracy" in replayed
    assert replayed.splitlines()[-1].startswith("identical")
    command("recipe", "decision.json", "--out", "recipe", "--data", data.name)  # no --model, --text or --label
    result = train(data)
    expected = foretold(measured, rows=result["train_rows"])
    print(f"untouched {result['untouched']['score']}, tuned {result['tuned']['score']}, foretold {expected:.3f}")
    assert better(result)
    assert result["tuned"]["score"] == pytest.approx(expected, abs=0.05)


@pytest.mark.filterwarnings("ignore")  # timm warns when it saves a model
def test_a_folder_of_pictures_becomes_a_classifier(tmp_path: Path, tiny_image_model: Path, command, train):
    data = draw_shapes(tmp_path / "shapes", 360)
    options = ("--encoder", tiny_image_model.name, "--target", "0.55", "--record", "decision.json")
    said = command("measure", data.name, *options)
    assert said.splitlines()[-1] == "Next: tunewise recipe decision.json --out recipe --data shapes"
    command(*said.splitlines()[-1].split()[2:])  # the very command that the report names
    known = load_record(tmp_path / "decision.json").reply.situation
    assert known.details["base_model"].value == f"local-dir:{tiny_image_model.resolve()}"
    result = train(data)
    print(f"untouched {result['untouched']['score']}, tuned {result['tuned']['score']}")
    assert better(result)


@pytest.mark.filterwarnings("ignore")  # transformers warns when it saves a model
def test_a_chat_model_learns_answers_by_low_rank_matrices(tmp_path: Path, tiny_chat_model: Path, command, train):
    framework = load_framework("article")
    facts = {"dataset_size": "small", "compute": "limited", "model_type": "generative"}
    situation = Situation(
        {name: Fact(name, value, "edited") for name, value in facts.items()},
        {"modality": Fact("modality", "text", "edited")},
    )
    record = record_of_situation(situation, framework, messages=["How should I tune it?"], title="Answers")
    assert record.reply.recommendation is not None
    assert record.reply.recommendation.primary == "lora"
    (tmp_path / "decision.json").write_text(record.to_json(), "utf-8")
    data = write_chats(tmp_path / "chats.jsonl", 120)
    command("recipe", "decision.json", "--out", "recipe", "--data", data.name, "--model", tiny_chat_model.name)
    result = train(data)
    loss = result["also"]["loss"]
    print(f"untouched {loss['untouched']['score']}, tuned {loss['tuned']['score']} (minus the loss)")
    assert all("lora_" in name for name in result["trained"])
    assert np.isfinite(loss["tuned"]["score"])
    assert better(loss)
    assert result["verdict"].endswith(", by chrF.")  # so small a model learns too little to write a right answer
