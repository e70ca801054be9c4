"""The published JSON of a reply."""

import json

import pytest

from tests.fakes.replies import flower_reply
from tunewise.errors import RecordError
from tunewise.record import reply_from_json, reply_to_json, situation_from_json, situation_to_json
from tunewise.types import Clash, Fact, Reply, Situation

PUBLISHED_KEYS = {
    "version",
    "kind",
    "answer",
    "language",
    "facts",
    "recommendation",
    "verdict",
    "proposals",
    "questions",
    "citations",
    "withheld",
    "timings_s",
}


def bare_reply(**changes: object) -> Reply:
    fields = {"kind": "not_covered", "answer": "Not covered.", "language": "en", "situation": Situation()}
    return Reply(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_reply_survives_the_round_trip_through_text():
    reply = flower_reply()
    assert reply_from_json(json.loads(json.dumps(reply_to_json(reply)))) == reply


def test_every_published_key_is_there_even_in_an_empty_reply():
    written = reply_to_json(bare_reply())
    assert written.keys() >= PUBLISHED_KEYS
    assert written["recommendation"] is None
    assert written["verdict"] is None
    assert written["facts"]["similarity"]["status"] == "unknown"
    assert written["timings_s"]["first_token"] is None


def test_the_framework_names_the_facts_that_are_listed():
    assert reply_to_json(bare_reply(), fact_names=["budget"])["facts"].keys() == {"budget"}


def test_a_condition_is_written_under_the_key_if():
    condition = reply_to_json(flower_reply())["recommendation"]["conditional"][0]
    assert condition == {
        "if": {"compute": "limited"},
        "primary": "linear_probing",
        "supporting": ["data_augmentation"],
    }


def test_a_proposal_is_written_with_the_status_of_its_verdict():
    proposal = reply_to_json(flower_reply())["proposals"][0]
    assert (proposal["primary"], proposal["verdict"]) == ("full_fine_tuning", "invalid")


def test_the_number_of_examples_is_an_informative_fact():
    facts = reply_to_json(flower_reply())["facts"]
    assert facts["dataset_n"]["value"] == 800
    assert facts["dataset_unit"]["value"] == "images"
    assert facts["base_model"]["value"] == "ResNet-50"
    assert facts["modality"]["quote"] == "images"


def test_an_amount_without_end_becomes_null_and_valid_json():
    situation = Situation({"dataset_size": Fact("dataset_size", amount=float("inf"))})
    written = json.dumps(situation_to_json(situation), allow_nan=False)
    assert json.loads(written)["facts"]["dataset_size"]["amount"] is None


def test_a_clash_survives_the_round_trip():
    situation = Situation(clashes=(Clash("dataset_size", (("small", "200 images"), ("large", "2 million"))),))
    assert situation_from_json(json.loads(json.dumps(situation_to_json(situation)))) == situation


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"version": 2}, "not a reply of version 1"),
        ({"citations": [{"id": "A1"}]}, "reply cannot be read"),
        ({"facts": {"compute": {"value": "ample", "status": "certain"}}}, "status 'certain'"),
        ({"facts": {"compute": {"value": 3, "status": "stated"}}}, "value 3"),
        ({"recommendation": {"primary": "lora"}}, "reply cannot be read"),
        ({"timings_s": None}, "reply cannot be read"),
    ],
)
def test_a_damaged_reply_is_refused(damage: dict, said: str):
    with pytest.raises(RecordError, match=said):
        reply_from_json({**reply_to_json(flower_reply()), **damage})


def test_what_is_no_object_is_refused():
    with pytest.raises(RecordError, match="list"):
        reply_from_json([])  # type: ignore[arg-type]
