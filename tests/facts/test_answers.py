"""A bare answer is the amount that was asked for, in any language, and a bare number behind an amount corrects it."""

import pytest

from tunewise.facts import read_message
from tunewise.framework import load_framework

FRAMEWORK = load_framework()


def size_of(message: str, asked: str = "dataset_size") -> tuple[str, float | None]:
    fact = read_message(message, framework=FRAMEWORK, turn=2, asked=[asked]).situation.facts["dataset_size"]
    return fact.value, fact.amount


@pytest.mark.parametrize(
    ("message", "value", "amount"),
    [
        ("about 3k", "small", 3000),
        ("250000", "large", 250000),
        ("vingt mille à peu près", "medium", 20000),
        ("大概三百", "small", 300),
        ("about 4 hours, transcribed", "small", 4),
        ("600 hours", "large", 600),
    ],
)
def test_a_number_answers_the_question_how_much(message: str, value: str, amount: float) -> None:
    assert size_of(message) == (value, amount)


@pytest.mark.parametrize(
    "message", ["is 3000 enough?", "between us, the three of them wanted 9000 of something else", "no idea"]
)
def test_what_is_no_bare_answer_says_nothing(message: str) -> None:
    assert size_of(message)[0] == "unknown"


@pytest.mark.parametrize("message", ["16 GB", "two A100", "a 4070", "20 ms at most", "in 2024"])
def test_a_number_of_something_else_is_no_amount_of_data(message: str) -> None:
    assert size_of(message)[0] == "unknown"


def test_a_number_answers_only_what_was_asked() -> None:
    assert size_of("about 3k", asked="compute")[0] == "unknown"


def corrected(first: str, then: str) -> tuple[str, float | None, str | None]:
    before = read_message(first, framework=FRAMEWORK, turn=1, asked=["dataset_size"]).situation
    fact = read_message(then, framework=FRAMEWORK, turn=2, previous=before).situation.facts["dataset_size"]
    return fact.value, fact.amount, fact.unit


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("like 350", "oops 3500, typed too fast", ("small", 3500, "examples")),
        ("6 hours of audio", "oops no, 600. lost two zeros", ("large", 600, "hours")),
        ("21k", "sorry 2.1k, fat fingers", ("small", 2100, "examples")),
        ("120.000", "quatsch, 12.000 nicht 120.000, sorry", ("medium", 12000, "examples")),
        ("about 3k", "no, not 3000, 300", ("small", 300, "examples")),
    ],
)
def test_a_bare_number_behind_an_amount_takes_its_place_in_its_unit(first, then, expected) -> None:
    assert corrected(first, then) == expected


@pytest.mark.parametrize(
    "then",
    ["gaming pc, a 3090", "in 2024, roughly", "is 3500 enough?", "within 30 ms", "twelve classes", "3500 epochs"],
)
def test_a_number_of_something_else_corrects_nothing(then: str) -> None:
    assert corrected("like 350", then) == ("small", 350, "examples")


@pytest.mark.parametrize(
    "then",
    [
        "next spring we'll have 150k labelled ones, but this has to ship in january",
        "from March on we'd get 150,000 labelled images",
        "next season should bring 10,000 more photos",
    ],
)
def test_an_amount_that_is_only_to_come_does_not_replace_one_that_is_there(then: str) -> None:
    assert corrected("like 350", then)[:2] == ("small", 350)


def test_with_no_amount_yet_what_will_be_there_is_the_amount() -> None:
    assert size_of("We will have 300 labelled images to train on.")[0] == "small"
