"""The words that the lexical search compares."""

import pytest

from tunewise.retrieval.words import near_synonyms, words


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


def test_a_word_is_no_near_synonym_of_itself():
    assert "small" not in near_synonyms(words("small tiny"))


def test_an_unknown_word_has_no_near_synonyms():
    assert near_synonyms(["zebra"]) == set()
