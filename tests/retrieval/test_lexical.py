"""BM25 over the sentences of passages."""

import math
from collections import Counter

import numpy as np
import pytest

from tunewise.retrieval.lexical import K1, SYNONYM_WEIGHT, B, Bm25, units_of
from tunewise.retrieval.words import words
from tunewise.types import Passage

TEXTS = ["LoRA adds low-rank matrices", "Adapters insert modules", "LoRA, LoRA and adapters", "the", "Pruning"]


def passages(*texts, section=""):
    return [
        Passage(f"A{n}", "article", "article", "Article", section, 0, len(text), text)
        for n, text in enumerate(texts, 1)
    ]


@pytest.fixture(scope="module")
def bm25():
    return Bm25(passages(*TEXTS))


def test_scores_are_those_of_the_formula(bm25):
    documents = [words(text) or ["\0"] for text in TEXTS]
    mean = sum(map(len, documents)) / len(documents)
    containing = sum("matric" in document for document in documents)
    rarity = math.log(1 + (len(documents) - containing + 0.5) / (containing + 0.5))
    expected = []
    for document in documents:
        count = Counter(document)["matric"]
        expected.append(rarity * count / (count + K1 * (1 - B + B * len(document) / mean)))
    assert bm25.score("matrices") == pytest.approx(expected, rel=1e-5)


def test_a_near_synonym_counts_less_than_a_word_of_the_question(bm25):
    own, near = bm25.score("prune")[4], bm25.score("remove")[4]
    assert near == pytest.approx(SYNONYM_WEIGHT * own)


def test_a_repeated_word_counts_twice(bm25):
    assert bm25.score("matrices, matrices") == pytest.approx(2 * bm25.score("matrices"))


@pytest.mark.parametrize("question", ["zebra", "the", ""])
def test_an_unknown_word_scores_nothing(bm25, question):
    assert not bm25.score(question).any()


def test_a_passage_scores_as_its_best_sentence():
    whole = Bm25(passages("LoRA adds matrices. Pruning removes weights.", "Nothing here.")).score("pruning")
    apart = Bm25(passages("LoRA adds matrices.", "Pruning removes weights.", "Nothing here.")).score("pruning")
    assert whole == pytest.approx(np.array([apart[1], 0]))


def test_a_sentence_is_found_by_the_label_of_its_passage():
    assert Bm25(passages("It removes weights.", section="Scenarios / Quantization")).score("quantization").all()


def test_every_passage_has_a_unit_and_units_stand_in_order():
    assert [unit.owner for unit in units_of(passages("One. Two.", "", "Three."))] == [0, 0, 1, 2]
