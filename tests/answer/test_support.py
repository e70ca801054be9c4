"""Whether a sentence is supported: the shipped weights on labelled pairs, and weights fitted on other questions."""

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tests.answer.material import article_framework, passage_of_rule
from tunewise.answer.support import SUPPORTED, WEIGHTS, Evidence, likeness, without_preface
from tunewise.framework import decide
from tunewise.reading.calibration import logistic

PAIRS = [json.loads(line) for line in Path(__file__).with_name("support_pairs.jsonl").read_text("utf-8").splitlines()]
LIKENESS = [likeness(without_preface(pair["sentence"]), pair["evidence"]) for pair in PAIRS]
SUPPORTS = np.array([pair["supported"] for pair in PAIRS])
PASSAGES = [p for rule in decide(article_framework(), {"dataset_size": "small"}).trace if (p := passage_of_rule(rule))]


def test_the_pairs_are_enough_to_tell():
    assert len(PAIRS) >= 1500
    assert SUPPORTS.sum() >= 90


def test_what_passes_is_supported():
    passes = np.array([logistic(WEIGHTS, each) for each in LIKENESS]) >= SUPPORTED
    assert SUPPORTS[passes].mean() >= 0.95
    assert passes[SUPPORTS].mean() >= 0.7


def test_weights_fitted_on_other_questions_do_as_well():
    features, certainty = np.array(LIKENESS), np.zeros(len(PAIRS))
    questions = np.array([pair["question"] for pair in PAIRS])
    shuffled = np.random.default_rng(0).permutation(np.unique(questions))
    for fold in range(10):
        held = np.isin(questions, shuffled[fold::10])
        fitted = LogisticRegression(C=10, max_iter=5000).fit(features[~held], SUPPORTS[~held])
        certainty[held] = fitted.predict_proba(features[held])[:, 1]
    passes = certainty >= SUPPORTED
    assert SUPPORTS[passes].mean() >= 0.95
    assert passes[SUPPORTS].mean() >= 0.7


@pytest.mark.parametrize(
    ("sentence", "supported"),
    [
        ("By freezing the early layers, you preserve the general knowledge learned during pre-training.", True),
        ("The passage states that fine-tuning the entire model can lead to overfitting.", True),
        ("Freezing the early layers makes the model forget what it learned during pre-training.", False),
        ("Weight averaging over the last ten epochs works better than anything else.", False),
    ],
)
def test_a_sentence_is_supported_by_one_that_says_it(sentence, supported):
    found = Evidence(PASSAGES).of(sentence)
    assert (found.certainty >= SUPPORTED) is supported
    if supported:
        assert found.evidence in found.passage.text


def test_rules_sentences_support_without_a_passage():
    found = Evidence([], ["The risk of training everything on little data is overfitting."]).of(
        "The risk of training everything on little data is overfitting."
    )
    assert found.certainty >= SUPPORTED
    assert found.passage is None


def test_without_evidence_nothing_is_supported():
    assert Evidence([]).of("Anything at all may be said here.").certainty == 0
