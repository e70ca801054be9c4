from __future__ import annotations

import pytest

from tunewise.facts import read_message
from tunewise.framework import Framework


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("The encoder was pretrained on street scenes. Mine are pottery shards.", "low"),
        ("It learned from tweets, but our texts are court files.", "low"),
        ("Ours are 16 bit frames; the pretraining stuff was stock photos.", "low"),
        ("The base was made for German news; our texts are German news, too.", "high"),
        ("The tagger was tuned on hotel reviews from the same portal. We work on hotel reviews.", "high"),
        ("The encoder was pretrained on street scenes. Mine are small.", "unknown"),
        ("It was trained on adult chest films; mine are chest films of children.", "unknown"),
        ("I trained on street scenes. Mine are pottery shards.", "unknown"),
        ("It was trained on 8 GPUs, mine are consumer cards.", "unknown"),
    ],
)
def test_what_the_model_learned_and_what_the_asker_has_are_compared(
    message: str, value: str, framework: Framework
) -> None:
    assert read_message(message, framework=framework).situation.value("similarity") == value


def test_a_domain_that_the_model_is_said_to_know_is_not_far_from_itself(framework: Framework) -> None:
    message = "We tune a DenseNet that was trained on chest X-rays; we have X-rays of hands."
    assert read_message(message, framework=framework).situation.value("similarity") == "unknown"


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("I have some 25 stamps of each issue, photographed by me.", "small"),
        ("摄像头要做到每秒30张，模型跟不上", "unknown"),
        ("I downloaded 9 million games as PGN for my model.", "large"),
        ("My CTC head predicts 26 letters.", "unknown"),
    ],
)
def test_amounts_by_unusual_nouns(message: str, value: str, framework: Framework) -> None:
    assert read_message(message, framework=framework).situation.value("dataset_size") == value
