"""Certain signals are stated, likely ones proposed; the number comes from the sentence that was read."""

from dataclasses import replace

from tunewise.facts.text import read
from tunewise.framework import load_framework
from tunewise.reading.calibration import Trust, calibrated
from tunewise.reading.settling import limits_for, proposals, signal_claims
from tunewise.reading.signals import FactSignal

FRAMEWORK = load_framework()
TRUST = Trust(
    dict.fromkeys(FRAMEWORK.facts, (1.0, 0.0, 2.0, -2.0, 0.0, 0.5, 0.0)), stated=0.8, answered=0.6, proposed=0.4
)
LIMITS = dict.fromkeys(FRAMEWORK.facts, 0.8)
MESSAGE = read("The paper had 2 million clips. I recorded 300 clips on one RTX 3060. Nothing like podcasts.")


def signal(fact: str, value: str, probability: float, sentence: int) -> FactSignal:
    place = MESSAGE.sentences[sentence]
    return FactSignal(fact, value, probability, place.start, place.end)


def claims(*signals: FactSignal) -> dict[str, tuple[str, str]]:
    found = signal_claims(MESSAGE, signals, LIMITS, FRAMEWORK)
    return {claim.fact: (claim.value, MESSAGE.quote(claim.start, claim.end)) for claim in found}


def test_the_amount_is_the_one_of_that_sentence_and_size() -> None:
    found = claims(signal("dataset_size", "small", 0.9, 1))
    assert found == {"dataset_size": ("small", "300 clips"), "n_examples": ("300 clips", "300 clips")}


def test_the_machine_is_quoted() -> None:
    assert claims(signal("compute", "limited", 0.9, 1)) == {"compute": ("limited", "RTX 3060")}


def test_where_no_number_stands_the_sentence_is_quoted() -> None:
    assert claims(signal("similarity", "low", 0.9, 2)) == {"similarity": ("low", "Nothing like podcasts.")}


def test_what_is_less_certain_is_proposed_and_what_is_unlikely_is_neither() -> None:
    signals = signal("similarity", "low", 0.5, 2), signal("compute", "limited", 0.3, 1)
    assert claims(*signals) == {}
    (proposed,) = proposals(MESSAGE, signals, LIMITS, 0.4, FRAMEWORK)
    assert (proposed.fact, proposed.value, proposed.quote) == ("similarity", "low", "Nothing like podcasts.")


def test_only_the_likeliest_value_of_a_fact_counts() -> None:
    signals = signal("similarity", "low", 0.9, 2), signal("similarity", "high", 0.85, 1)
    (found,) = calibrated(signals, TRUST, {}, 3)
    assert (found.value, round(found.probability, 6)) == ("low", 0.9)


def test_patterns_make_a_reading_surer_or_less_sure() -> None:
    alone, with_patterns, against = (
        calibrated([signal("similarity", "low", 0.6, 2)], TRUST, patterns, 3)[0].probability
        for patterns in ({}, {"similarity": "low"}, {"similarity": "high"})
    )
    assert against < alone < with_patterns


def test_whose_the_amount_is_makes_a_reading_surer_or_less_sure() -> None:
    theirs, unnamed, own = (
        calibrated([replace(signal("dataset_size", "small", 0.6, 1), own=own)], TRUST, {}, 3)[0].probability
        for own in (0.1, 0.5, 0.9)
    )
    assert theirs < unnamed < own


def test_at_most_two_proposals() -> None:
    signals = [
        signal(fact, value, 0.5, 0)
        for fact, value in (("similarity", "low"), ("compute", "limited"), ("goal", "accuracy"))
    ]
    assert len(proposals(MESSAGE, signals, LIMITS, 0.4, FRAMEWORK)) == 2


def test_what_was_asked_for_needs_less_certainty_and_least_where_code_sees_the_answer() -> None:
    limits = limits_for(read("on my 3060, twelve of us"), TRUST, ["similarity", "compute"])
    assert limits["compute"] == TRUST.answered
    assert TRUST.answered < limits["similarity"] < TRUST.stated
    assert limits["forgetting_concern"] == TRUST.stated
