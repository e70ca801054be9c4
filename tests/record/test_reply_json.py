"""The published JSON of a reply."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.replies import flower_reply
from tunewise.conversation import ConversationStore
from tunewise.errors import RecordError
from tunewise.framework import Framework
from tunewise.record import Record, load_record, parse_record, replay, reply_from_json, reply_to_json, write_record
from tunewise.types import Citation, Clash, Fact, NearbyNote, ProposedFact, Reply, SentenceShown, Situation, Stance

PUBLISHED_KEYS = {
    "version",
    "kind",
    "asked",
    "move",
    "answer",
    "sentences",
    "stances",
    "proposed",
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


def test_a_step_that_did_not_run_has_no_time():
    written = reply_to_json(bare_reply(timings_s={"reading": 0.1, "decision": float("nan")}))
    assert written["timings_s"] == {"reading": 0.1}


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
    written = json.dumps(reply_to_json(bare_reply(situation=situation)), allow_nan=False)
    assert json.loads(written)["facts"]["dataset_size"]["amount"] is None


def test_a_clash_survives_the_round_trip():
    situation = Situation(clashes=(Clash("dataset_size", (("small", "200 images"), ("large", "2 million"))),))
    reply = bare_reply(situation=situation)
    assert reply_from_json(json.loads(json.dumps(reply_to_json(reply, fact_names=())))) == reply


def test_sentences_stances_and_proposed_facts_survive_the_round_trip():
    reply = bare_reply(
        asked=("hardware_enough",),
        move="follow_up",
        sentences=(SentenceShown("Yes [A1].", "note", ("A1",)), SentenceShown("Use LoRA.", "model")),
        stances=(Stance(1, "model", "lora", "for", "valid", ("T9",)),),
        proposed=(ProposedFact("similarity", "low", "nothing like it"),),
    )
    written = json.loads(json.dumps(reply_to_json(reply, fact_names=())))
    assert written["sentences"][0] == {"text": "Yes [A1].", "by": "note", "citations": ["A1"]}
    assert written["stances"][0]["stance"] == "for"
    assert reply_from_json(written) == reply


def test_notes_near_the_question_survive_the_round_trip_and_a_reply_without_them_still_opens():
    cited = Citation("PN-flowers-01", "practice", "practice-flowers", "How long?", 100, 112, "Two are good")
    reply = bare_reply(nearby=(NearbyNote("How many epochs?", cited),))
    written = json.loads(json.dumps(reply_to_json(reply, fact_names=())))
    assert written["version"] == 2
    (near,) = written["nearby"]
    assert near.keys() == {"question", "citation"}
    assert near["citation"].keys() == reply_to_json(flower_reply())["citations"][0].keys()
    assert reply_from_json(written) == reply
    del written["nearby"]
    assert reply_from_json(written).nearby == ()


def test_a_record_keeps_what_lies_near_in_its_data_and_does_not_print_it(make: Callable[..., Record], decided: Reply):
    cited = Citation("PN-flowers-01", "practice", "practice-flowers", "How long?", 100, 112, "Two are good")
    near = (NearbyNote("How many epochs?", cited),)
    written = write_record(make(replace(decided, nearby=near)), "html")
    printed, data = written.split("Machine-readable record")
    assert "How many epochs?" in data
    assert "How many epochs?" not in printed
    assert parse_record(written).reply.nearby == near


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"version": 3}, "not a reply of version 1 or 2"),
        ({"citations": [{"id": "A1"}]}, "reply cannot be read"),
        ({"facts": {"compute": {"value": "ample", "status": "certain"}}}, r"compute\.status.*'certain'"),
        ({"facts": {"compute": {"value": 3, "status": "stated"}}}, r"compute\.value.*found 3"),
        ({"recommendation": {"primary": "lora", "conditional": [{"when": {}}]}}, "reply cannot be read"),
        ({"timings_s": None}, "reply cannot be read"),
    ],
)
def test_a_damaged_reply_is_refused(damage: dict, said: str):
    with pytest.raises(RecordError, match=said):
        reply_from_json({**reply_to_json(flower_reply()), **damage})


def test_what_is_no_object_is_refused():
    with pytest.raises(RecordError, match="list"):
        reply_from_json([])  # type: ignore[arg-type]


VERSION_1 = Path(__file__).parent / "version1"  # written by the code of the first contract


@pytest.mark.parametrize("name", ["record.json", "record.md", "record.html"])
def test_a_record_of_version_1_still_opens_and_replays(name: str, framework: Framework):
    record = load_record(VERSION_1 / name)
    assert record.content.reply["version"] == 1
    assert record.reply.recommendation.origin == "model"
    assert record.reply.timings_s == {"reading": 0.01, "decision": 0.001, "total": 2.5}
    assert record.reply.proposals[0].verdict.status == "invalid"
    assert replay(record, framework).identical
    assert "Rejected proposals" in write_record(record, "html")


def test_a_conversation_of_version_1_still_opens_and_goes_on(tmp_path: Path):
    shutil.copy(VERSION_1 / "conversations.sqlite3", tmp_path)
    store = ConversationStore(tmp_path / "conversations.sqlite3")
    (conversation,) = (each.id for each in store.list())
    turns = store.turns(conversation)
    assert [turn.reply.kind for turn in turns] == ["advice", "knowledge", "advice", "advice"]
    assert turns[0].reply.situation.value("compute") == "limited"
    assert turns[2].reply.proposals[0].primary == "full_fine_tuning"
    assert store.add_turn(conversation, "And now?", flower_reply()).number == 5
    store.close()
