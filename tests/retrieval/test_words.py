"""The words that the lexical search compares."""

import pytest

from tunewise.retrieval.words import SYNONYM_WEIGHT, near_synonyms, weighted_words, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fine-tuning, fine tuning, finetuning", ["finetun"] * 3),
        ("the pre-trained and pretrained", ["pretrain", "pretrain"]),
        ("Wav2Vec 2.0", ["wav2vec", "2.0"]),
        ("What should I do?", []),
        ("", []),
        ("Köln été", ["köln", "été"]),
    ],
)
def test_words_are_stemmed_content_words(text, found):
    assert words(text) == found


def test_a_near_synonym_counts_less_than_a_word_of_the_question():
    weights = weighted_words("tiny dataset")
    assert weights["tini"] == 1.0
    assert weights["small"] == SYNONYM_WEIGHT


def test_a_repeated_word_counts_twice():
    assert weighted_words("LoRA lora")["lora"] == 2.0


def test_a_word_is_no_near_synonym_of_itself():
    assert "small" not in near_synonyms(words("small tiny"))


def test_an_unknown_word_has_no_near_synonyms():
    assert near_synonyms(["zebra"]) == set()
