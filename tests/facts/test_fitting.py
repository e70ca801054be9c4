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
        ("Llama 8B, which card do I need?", "unknown"),
        ("I have an RTX 3060 with 12 GB", "unknown"),
    ],
)
def test_it_follows_from_model_and_memory(message, fits):
    assert read(message).value("training_fits") == fits


def test_the_sum_stands_behind_it():
    fact = read("Llama 8B on my RTX 3060 with 12 GB").facts["training_fits"]
    assert "144 GB" in fact.reason
    assert "12 GB" in fact.reason
    assert fact.quote in "Llama 8B on my RTX 3060 with 12 GB"


def test_an_edit_of_the_memory_computes_it_again_and_ones_own_word_stands():
    situation = read("Llama 8B on my RTX 3060 with 12 GB")
    assert edit(situation, FRAMEWORK, {"gpu_memory": "48"}).value("training_fits") == "lora"
    own = edit(situation, FRAMEWORK, {"training_fits": "lora"})
    assert edit(own, FRAMEWORK, {"gpu_memory": "4"}).value("training_fits") == "lora"
