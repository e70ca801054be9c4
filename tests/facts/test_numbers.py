from __future__ import annotations

import pytest

from tunewise.facts.numbers import find_numbers
from tunewise.facts.quantities import count_classes, find_quantities
from tunewise.facts.text import fold


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2M", 2e6),
        ("1.5k", 1500),
        ("10,000", 10_000),
        ("2 000", 2000),
        ("half a million", 5e5),
        ("a couple hundred", 200),
        ("a dozen", 12),
        ("twenty-five", 25),
        ("two hundred thousand", 2e5),
        ("tens of thousands", 30_000),
        ("5-10k", 7500),
        ("17万", 170_000),
        ("1W", 10_000),
        ("五百", 500),
        ("十几万", 150_000),
        ("三千二百", 3200),
        ("兩千", 2000),
        ("quelques centaines", 500),
        ("un millier", 1000),
        ("deux mille", 2000),
        ("plusieurs milliers", 5000),
    ],
)
def test_a_number_is_read_in_digits_and_words(text: str, value: float) -> None:
    assert [number.value for number in find_numbers(fold(text))] == [value]


@pytest.mark.parametrize("text", ["resnet50", "v2.0.1", "yolov8n", "gpt2", "a100", ""])
def test_a_digit_that_belongs_to_a_name_is_no_number(text: str) -> None:
    assert [number.value for number in find_numbers(text)] in ([], [2.0])


@pytest.mark.parametrize(
    ("text", "amount", "kind"),
    [
        ("800 labelled images", 800, "examples"),
        ("350 H&E slides", 350, "examples"),
        ("1.2k (query, passage) pairs", 1200, "examples"),
        ("6 hours of audio", 6, "hours"),
        ("40 mins of Urdu audio", 2 / 3, "hours"),
        ("150GB of Dutch data", 150, "gigabytes"),
        ("10 million tokens", 1e7, "tokens"),
        ("50 images per class", 50, "per_class"),
        ("1000 videos for each one", 1000, "per_class"),
        ("五百张", 500, "examples"),
        ("3000條資料", 3000, "examples"),
        ("20小时的录音", 20, "hours"),
        ("每类50张", 50, "per_class"),
        ("quelques centaines d'images", 500, "examples"),
        ("2 000 phrases", 2000, "examples"),
    ],
)
def test_an_amount_of_data_has_its_unit(text: str, amount: float, kind: str) -> None:
    (quantity,) = find_quantities(fold(text))
    assert (round(quantity.amount, 6), quantity.kind) == (round(amount, 6), kind)


@pytest.mark.parametrize(
    "text",
    [
        "50 epochs",
        "12 layers",
        "512x512 pixels",
        "224 px",
        "24 GB VRAM",
        "8x A100",
        "4张V100",
        "10 classes",
        "3 questions",
        "92% accuracy",
        "lr=2e-5",
        "version 4.31",
        "$4,000",
        "training takes 6 hours",
        "7 billion parameters",
        "30 fps",
    ],
)
def test_what_is_no_amount_of_data_is_not_read_as_one(text: str) -> None:
    assert find_quantities(fold(text)) == []


@pytest.mark.parametrize(("text", "count"), [("a classifier with 5 classes", 5), ("七类", 7), ("nine intents", 9)])
def test_the_number_of_classes_is_counted(text: str, count: int) -> None:
    found = count_classes(fold(text))
    assert found is not None
    assert found[0] == count
