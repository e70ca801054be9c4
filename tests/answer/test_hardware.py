"""Is my card enough? The sum, and what fits where not all does."""

import re

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
        ("BERT-base on an RTX 3060 with 12 GB", "Yes", ("110 million", "3.2 GB", "12 GB", "measured on BERT-base")),
        ("YOLOv8n on a GTX 1650 with 4 GB", "Yes", ("3 million", "0.1 GB before activations", "rule of thumb")),
        (
            "Whisper-medium on a T4 with 16 GB",
            "Just about",
            ("14 GB at batch 1", "9.6 GB at batch 4 and fits for sure"),
        ),
        ("bloom-560m on a 12 GB card", "Just about", ("560 million", "11 GB", "scaled from")),
        ("Llama 8B on my RTX 3060 with 12 GB", "Not for all of it, but yes", ("8 billion", "128 GB", "8.2 GB")),
        ("Llama 70B on an RTX 3060 with 12 GB", "No", ("1,129 GB", "46 GB", "measured on Llama 3.1 70B")),
    ],
)
def test_the_answer_names_the_sum(message, begins, figures):
    said = answer(message)
    assert said.startswith(begins)
    assert all(figure in said for figure in figures)


def test_a_smaller_batch_that_fits_is_a_fit_and_is_said_with_what_makes_it_whole():
    said = answer("T5-base on an RTX 3060 with 12 GB")
    assert said.startswith("Yes")
    assert "8 GB at batch 2 (measured on T5-base with 512 tokens an example; gradients are added up to batch 8)" in said


def test_a_method_that_fits_for_sure_is_preferred_to_one_that_just_about_does():
    said = answer("Llama 8B on an RTX 4000 with 20 GB")
    assert "QLoRA (LoRA on a 4-bit base) takes about 8.2 GB at batch 1 and fits" in said


def test_asked_for_the_size_the_answer_is_the_largest_that_fits_and_was_measured():
    said = answer("Which size of Gemma fits my RTX 3060 with 12 GB?")
    assert all(figure in said for figure in ("470 million", "3.7 billion", "9.8 billion", "scaled from measurements"))
    assert "1.5 billion parameters by QLoRA" in answer("Which Whisper size fits my RTX 3060 with 12 GB?")


def test_where_the_table_ends_before_the_card_does_the_answer_says_so():
    said = answer("Which ViT size fits on an A100 with 80 GB?")
    assert said.count("every size that was measured (up to about 300 million parameters)") == 1
    assert "room for 25 % more" in said


def test_a_model_with_its_size_in_the_table_is_measured_and_not_scaled():
    assert "measured on ResNet-18" in answer("ResNet-18 on a T4 with 16 GB")


@pytest.mark.parametrize("message", ["BERT-base on my laptop", "an RTX 3060 with 12 GB", "hello"])
def test_without_card_or_model_there_is_no_sum(message):
    assert answer(message) is None


@pytest.mark.parametrize("code", ["fr", "zh"])
def test_other_languages_have_the_same_figures(code):
    assert "8.2" in answer("Llama 8B on my RTX 3060 with 12 GB", code)


def capacity(message: str, code: str = "en") -> str | None:
    situation = read_message(message, framework=article_framework()).situation
    composed = compose_capacity(article_framework(), situation, language(code))
    return composed.text if composed else None


def test_a_card_alone_says_how_large_a_model_it_trains():
    said = capacity("two A100, 40 GB of memory apiece")
    assert all(figure in said for figure in ("40 GB", "1.9 billion", "15 billion", "51 billion"))


def test_of_a_kind_of_model_that_was_measured_the_card_says_it_by_measurement():
    said = capacity("Which size of LLM can I fine-tune on an RTX 3060 with 12 GB?")
    assert all(figure in said for figure in ("3.7 billion", "9.8 billion", "Llama 3.1 8B", "gradient checkpointing"))


def test_a_model_alone_says_how_much_memory_it_takes():
    said = capacity("Llama 8B, which card do I need?")
    assert all(figure in said for figure in ("8 billion", "128 GB", "18 GB", "8.2 GB"))


@pytest.mark.parametrize("message", ["Llama 8B on my RTX 3060 with 12 GB", "hello"])
def test_with_both_or_neither_nothing_is_left_open_or_known(message):
    assert capacity(message) is None


@pytest.mark.parametrize("code", ["fr", "zh"])
def test_capacities_are_said_in_other_languages(code):
    assert "40" in capacity("two A100, 40 GB of memory apiece", code)


@pytest.mark.parametrize(("code", "system"), [("en", "About a quarter"), ("fr", "un quart"), ("zh", "四分之一")])
def test_on_a_mac_the_answer_names_what_trains_there_and_what_the_system_keeps(code, system):
    for said in (answer("Llama 8B on my MacBook M2 with 16 GB", code), capacity("my MacBook M2 with 16 GB", code)):
        assert "MLX" in said
        assert system in said
    assert "MLX" not in answer("Llama 8B on my RTX 3060 with 12 GB", code)


def test_what_the_system_of_a_mac_keeps_is_not_counted_on():
    on_a_mac, on_a_card = (
        re.findall("about (.+?) parameters", capacity(one)) for one in ("my MacBook M2 with 16 GB", "a card with 12 GB")
    )
    assert on_a_mac == on_a_card
    assert len(on_a_card) > 1
