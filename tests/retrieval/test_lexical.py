"""BM25 over units."""

import math
from collections import Counter

import numpy as np
import pytest

from tunewise.retrieval.lexical import K1, B, Postings, build_postings
from tunewise.retrieval.words import words

TEXTS = ["LoRA adds low-rank matrices", "Adapters insert modules", "LoRA, LoRA and adapters", "the", "Pruning"]


@pytest.fixture(scope="module")
def postings():
    return build_postings(TEXTS)


def test_scores_are_those_of_the_formula(postings):
    documents = [words(text) or ["\0"] for text in TEXTS]
    mean = sum(map(len, documents)) / len(documents)
    containing = sum("lora" in document for document in documents)
    rarity = math.log(1 + (len(documents) - containing + 0.5) / (containing + 0.5))
    expected = []
    for document in documents:
        count = Counter(document)["lora"]
        expected.append(rarity * count / (count + K1 * (1 - B + B * len(document) / mean)))
    assert postings.score({"lora": 1.0}) == pytest.approx(expected, rel=1e-5)


def test_weights_scale_the_score_of_their_word(postings):
    assert postings.score({"lora": 0.5}) == pytest.approx(postings.score({"lora": 1.0}) / 2)


def test_an_unknown_word_scores_nothing(postings):
    assert not postings.score({"zebra": 1.0}).any()


def test_a_word_that_never_occurs_is_the_rarest(postings):
    assert postings.rarity("zebra") > postings.rarity("prune") > postings.rarity("lora")


def test_postings_read_back_as_they_were_written(postings):
    copy = Postings.from_bytes(postings.to_bytes())
    assert copy.columns == postings.columns
    assert np.array_equal(copy.score({"lora": 1.0}), postings.score({"lora": 1.0}))
