"""What code adds to a message before it is read: sizes of amounts, strength of machines, and nothing else."""

import pytest

from tunewise.facts.text import read
from tunewise.framework import load_framework
from tunewise.reading.marking import amounts_in, mark

FRAMEWORK = load_framework()


def marked(message: str) -> str:
    return mark(read(message), FRAMEWORK).text


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("I have 800 images.", "I have 800 images (small)."),
        ("about 20k transcripts", "about 20k transcripts (medium)"),
        ("2 million sentences", "2 million sentences (large)"),
        ("600 hours of speech", "600 hours of speech (large)"),
        ("Forty of each, there's twelve types", "Forty (small) of each, there's twelve types"),
        ("300 of each class, 1000 classes", "300 (large) of each class, 1000 classes"),
        ("100 hours in the drawer", "100 hours (medium) in the drawer"),
        ("two hundred and ten hours of talk", "two hundred and ten hours of talk (medium)"),
        ("an answer within 15 seconds", "an answer within 15 seconds"),
        ("trained on an RTX 3060", "trained on an RTX 3060 [weak]"),
        ("eight A100 stand idle", "eight A100 [strong] stand idle"),
    ],
)
def test_amounts_and_machines_are_marked(message: str, expected: str) -> None:
    assert marked(message) == expected


@pytest.mark.parametrize(
    "message",
    [
        "100 epochs",
        "at 640 px",
        "12 GB of memory is all",
        "since 2019",
        "wav2vec2-base-960h",
        "accuracy of 81%",
        "3 of us",
    ],
)
def test_what_counts_no_data_is_left_alone(message: str) -> None:
    assert marked(message) == message


@pytest.mark.parametrize(
    ("message", "amounts"),
    [
        ("300 clips are annotated, one 4090 and me", [300]),
        ("We train on 4090 clips", [4090]),
        ("My 2080 labelled x-rays, trained on an A100", [2080]),
    ],
)
def test_the_number_of_a_card_is_no_amount(message: str, amounts: list[float]) -> None:
    assert [each.quantity.amount for each in amounts_in(read(message), FRAMEWORK)] == amounts


def test_sentences_know_their_place_in_both_texts() -> None:
    message = "  My data:  500 photos.\nThe machine is a  GTX 1080. Enough?"
    text = mark(read(message), FRAMEWORK)
    for sentence in text.sentences:
        plain = text.text[sentence.start : sentence.end].replace(" (small)", "").replace(" [weak]", "")
        assert plain == " ".join(message[sentence.message_start : sentence.message_end].split())


def test_a_mark_knows_its_place_in_both_texts() -> None:
    message = "  We own  500 photos, theirs were 2 million.\nOne  GTX 1080."
    text = mark(read(message), FRAMEWORK)
    found = [(text.text[each.start : each.end], message[each.mark.message_start : each.mark.message_end])
             for each in text.marks]  # fmt: skip
    assert found == [("(small)", "500 photos"), ("(large)", "2 million"), ("[weak]", "GTX 1080")]


def test_a_message_of_nothing_has_no_sentences() -> None:
    assert mark(read(" \n "), FRAMEWORK).sentences == ()
