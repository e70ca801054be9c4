"""Is my card enough? The sum, and what fits where not all does."""

import pytest

from tests.answer.material import article_framework
from tunewise.answer.hardware import compose_capacity, compose_hardware
from tunewise.facts import read_message
from tunewise.languages import language


def answer(message: str, code: str = "en") -> str | None:
    situation = read_message(message, framework=article_framework()).situation
    composed = compose_hardware(article_framework(), situation, language(code))
    return composed.text if composed else None


@pytest.mark.parametrize(
    ("message", "begins", "figures"),
    [
        ("BERT-base on an RTX 3060 with 12 GB", "Yes", ("110 million", "2 GB", "12 GB")),
        ("bloom-560m on a 12 GB card", "Just about", ("560 million", "10 GB")),
        ("Llama 8B on my RTX 3060 with 12 GB", "Not for all of it, but yes", ("8 billion", "144 GB", "5.3 GB")),
        ("Llama 70B on an RTX 3060 with 12 GB", "No", ("1,260 GB", "46 GB")),
    ],
)
def test_the_answer_names_the_sum(message, begins, figures):
    said = answer(message)
    assert said.startswith(begins)
    assert all(figure in said for figure in figures)


@pytest.mark.parametrize("message", ["BERT-base on my laptop", "an RTX 3060 with 12 GB", "hello"])
def test_without_card_or_model_there_is_no_sum(message):
    assert answer(message) is None


@pytest.mark.parametrize("code", ["fr", "zh"])
def test_other_languages_have_the_same_figures(code):
    assert "5.3" in answer("Llama 8B on my RTX 3060 with 12 GB", code)


def capacity(message: str, code: str = "en") -> str | None:
    situation = read_message(message, framework=article_framework()).situation
    composed = compose_capacity(article_framework(), situation, language(code))
    return composed.text if composed else None


def test_a_card_alone_says_how_large_a_model_it_trains():
    said = capacity("two A100, 40 GB of memory apiece")
    assert all(figure in said for figure in ("40 GB", "1.9 billion", "15 billion", "51 billion"))


def test_a_model_alone_says_how_much_memory_it_takes():
    said = capacity("Llama 8B, which card do I need?")
    assert all(figure in said for figure in ("8 billion", "144 GB", "17 GB", "5.3 GB"))


@pytest.mark.parametrize("message", ["Llama 8B on my RTX 3060 with 12 GB", "hello"])
def test_with_both_or_neither_nothing_is_left_open_or_known(message):
    assert capacity(message) is None


@pytest.mark.parametrize("code", ["fr", "zh"])
def test_capacities_are_said_in_other_languages(code):
    assert "40" in capacity("two A100, 40 GB of memory apiece", code)
