"""The type of model that a message is about as a whole, where it names none: assumed, with a quote, and said so."""

import json

import pytest

from tunewise.facts.text import read
from tunewise.framework import load_framework
from tunewise.reading.examples import example_rows
from tunewise.reading.reader import CARD_FILE, FOLDER, open_reader
from tunewise.reading.signals import MODEL_TYPES
from tunewise.reading.understanding import understand
from tunewise.settings import Settings

FRAMEWORK = load_framework()
CARD = json.loads((FOLDER / CARD_FILE).read_text("utf-8"))["model_types"]
LABELS = [json.loads(line) for line in (FOLDER.parent / "model_types.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def reader():
    opened = open_reader(Settings.from_environment(), FRAMEWORK)
    assert opened is not None
    return opened


def type_of(reader, message: str, **further):
    return understand(message, reader=reader, framework=FRAMEWORK, **further).situation.facts["model_type"]


def test_the_card_says_how_often_authors_that_it_had_not_seen_were_read_the_wrong_way_round() -> None:
    assert CARD["labelled"] == len(LABELS) > 1500
    assert {row["type"] for row in LABELS} == set(MODEL_TYPES)
    for name in MODEL_TYPES[:-1]:
        assert CARD[name]["precision"] >= 0.8
        assert CARD[name]["opposite"] <= 0.1
        assert CARD[name]["recall"] >= 0.5


@pytest.mark.models
@pytest.mark.parametrize(
    ("message", "value"),
    [
        (
            "Our assistant should answer in our house style; we have 1,200 good conversations. Which method?",
            "generative",
        ),
        (
            "It should speak in my grandmother's voice; 40 minutes of her letters read aloud. Which method?",
            "generative",
        ),
        ("I have 400 photos of leaves with 12 diseases and want to tell them apart. Freeze or train all?", "other"),
        ("We have 3,000 scans, each marked sick or healthy by a radiologist. Train all layers?", "other"),
    ],
)
def test_what_a_message_is_about_is_assumed_with_a_quote(reader, message: str, value: str) -> None:
    fact = type_of(reader, message)
    assert (fact.value, fact.status) == (value, "assumed")
    assert fact.quote
    assert fact.quote in message


@pytest.mark.models
@pytest.mark.parametrize("message", ["hello", "How many examples would I need?"])
def test_what_does_not_tell_assumes_nothing(reader, message: str) -> None:
    assert type_of(reader, message).status == "unknown"


@pytest.mark.models
def test_a_model_that_is_named_is_stated(reader) -> None:
    fact = type_of(reader, "We want to fine-tune Llama 3 8B on our 1,200 conversations.")
    assert (fact.value, fact.status) == ("generative", "stated")


@pytest.mark.models
def test_what_is_known_already_is_not_assumed_again(reader) -> None:
    before = understand("We fine-tune ResNet-50.", reader=reader, framework=FRAMEWORK).situation
    fact = type_of(reader, "It should also answer in our house style.", turn=2, previous=before)
    assert (fact.value, fact.turn) == ("other", 1)


@pytest.mark.models
def test_the_shipped_head_reads_what_it_learned_from(reader) -> None:
    """A head whose weights were stored in another order reads at random."""
    texts = {row["id"]: row["text"] for row in example_rows(FOLDER.parent / "examples")}
    rows = LABELS[:60]
    likely = [reader.read(read(texts[row["id"]])).model_types for row in rows]
    right = sum(max(each, key=each.__getitem__) == row["type"] for each, row in zip(likely, rows, strict=True))
    assert right >= 0.75 * len(rows)
