"""What fits the asker's hardware is read from their model and their cards, with its sum."""

import pytest

from tunewise.facts import edit, read_message
from tunewise.framework import load_framework

FRAMEWORK = load_framework()


def read(message):
    return read_message(message, framework=FRAMEWORK).situation


@pytest.mark.parametrize(
    ("message", "fits"),
    [
        ("ResNet-50 on my RTX 3060 with 12 GB", "full"),
        ("Llama 8B on my RTX 3060 with 12 GB", "qlora"),
        ("Llama-2-70B on one machine with 16 x A10 (23G each)", "lora"),
        ("Llama 70B on an RTX 3060 with 12 GB", "nothing"),
        ("Mistral 7B on a GTX 1080 with 8 GB", "qlora"),
        ("Whisper-small on my RTX 3060 with 12 GB", "full"),
        ("Whisper-medium on a T4 with 16 GB", "unknown"),
        ("Llama 8B, which card do I need?", "unknown"),
        ("I have an RTX 3060 with 12 GB", "unknown"),
    ],
)
def test_it_follows_from_model_and_memory(message, fits):
    assert read(message).value("training_fits") == fits


def test_the_sum_stands_behind_it():
    fact = read("Llama 8B on my RTX 3060 with 12 GB").facts["training_fits"]
    assert "128.5 GB at batch 1" in fact.reason
    assert "measured on Llama 3.1 8B" in fact.reason
    assert "12 GB" in fact.reason
    assert fact.quote in "Llama 8B on my RTX 3060 with 12 GB"


def test_without_a_measurement_the_sum_is_a_rule_of_thumb():
    assert "rule of thumb" in read("Mixtral 8x7B on an A100 with 80 GB").facts["training_fits"].reason


def test_another_model_is_another_sum():
    message, more = "BERT-base on an RTX 3060 with 12 GB", "And Mixtral 8x7B?"
    situation = read_message(more, framework=FRAMEWORK, turn=2, previous=read(message)).situation
    assert "rule of thumb" in situation.facts["training_fits"].reason
    edited = edit(read(message), FRAMEWORK, {"base_model": "Llama 3.1 8B"})
    assert edited.value("training_fits") == "qlora"
    assert "architecture" not in edit(edited, FRAMEWORK, {"base_model": "a model of our own"}).details


def test_an_edit_of_the_memory_computes_it_again_and_ones_own_word_stands():
    situation = read("Llama 8B on my RTX 3060 with 12 GB")
    assert edit(situation, FRAMEWORK, {"gpu_memory": "48"}).value("training_fits") == "lora"
    own = edit(situation, FRAMEWORK, {"training_fits": "lora"})
    assert edit(own, FRAMEWORK, {"gpu_memory": "4"}).value("training_fits") == "lora"
