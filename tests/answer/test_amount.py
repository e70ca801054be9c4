"""Is that enough data? What the asker's own amount is enough for."""

import pytest

from tests.answer.material import article_framework, passage_of_rule
from tunewise.answer.amount import compose_amount
from tunewise.answer.composed import Composer
from tunewise.facts import read_message
from tunewise.framework import decide


def answer(message: str, code: str = "en") -> str | None:
    framework = article_framework()
    situation = read_message(message, framework=framework).situation
    composer = Composer(framework, situation, decide(framework, situation.values()), code, passage_of_rule)
    composed = compose_amount(composer)
    return composed.text if composed else None


@pytest.mark.parametrize(
    ("message", "begins", "figures"),
    [
        ("I have 700 labelled photos of my own.", "Enough for feature extraction, too little", ("700", "5,000")),
        ("I have 3 hours of labelled recordings of my own.", "Enough for", ("3 hours", "10 hours")),
        ("We labelled 20,000 of our own contracts.", "Enough for", ("20,000", "5,000 to 100,000")),
        ("We labelled 400,000 of our own contracts, nothing like the pre-training data.", "Enough for", ("100,000",)),
    ],
)
def test_the_amount_is_compared_with_the_cut_offs(message, begins, figures):
    said = answer(message)
    assert said.startswith(begins)
    assert all(figure in said for figure in figures)


@pytest.mark.parametrize("message", ["I have an RTX 3060.", "hello", "We have hardly any labelled data."])
def test_without_an_amount_there_is_no_such_answer(message):
    assert answer(message) is None


@pytest.mark.parametrize("code", ["fr", "zh"])
def test_other_languages_name_the_same_figures(code):
    assert "700" in answer("I have 700 labelled photos of my own.", code)
