"""Advice that the rules deny is found; advice that they leave open, or give themselves, is let through."""

import pytest

from tests.retrieval.test_practice import NOTE
from tunewise.evidence.agreement import Agreement, unproved
from tunewise.framework import load_framework
from tunewise.retrieval.practice import read_notes

FRAMEWORK = load_framework()
LITTLE_AND_NEAR = {"dataset_size": "small", "similarity": "high"}
MUCH = {"dataset_size": "large", "similarity": "low", "compute": "ample"}


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (LITTLE_AND_NEAR, {"full_fine_tuning": "recommend"}),
        ({"dataset_size": "small"}, {"feature_extraction": "avoid"}),
        (MUCH, {"full_fine_tuning": "avoid"}),
        ({**MUCH, "forgetting_concern": "yes"}, {"ewc": "avoid"}),
        ({"latency_critical": "yes"}, {"quantization": "avoid"}),
    ],
)
def test_what_the_rules_deny_is_named(values, says):
    assert Agreement(FRAMEWORK, values).denied(says) == tuple(says)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (LITTLE_AND_NEAR, {"feature_extraction": "recommend", "full_fine_tuning": "avoid"}),
        (MUCH, {"full_fine_tuning": "recommend"}),
        ({}, {"lora": "recommend", "full_fine_tuning": "avoid"}),
        (LITTLE_AND_NEAR, {}),
    ],
)
def test_what_they_give_or_leave_open_is_not(values, says):
    assert Agreement(FRAMEWORK, values).denied(says) == ()


def test_what_a_note_advises_is_judged_under_the_askers_facts():
    known = {**LITTLE_AND_NEAR, "compute": "ample", "latency_critical": "no", "goal": "accuracy"}
    says = {
        "feature_extraction": "recommend",
        "full_fine_tuning": "avoid",
        "pruning": "recommend",
        "elsewhere": "avoid",
    }
    judged = {one.strategy: one for one in Agreement(FRAMEWORK, known).stances(says, 3)}
    assert {one.sentence for one in judged.values()} == {3}
    assert {one.by for one in judged.values()} == {"note"}
    assert [judged[name].verdict for name in ("feature_extraction", "full_fine_tuning")] == ["valid", "valid"]
    assert (judged["pruning"].verdict, judged["pruning"].stance) == ("not_checked", "for")
    assert judged["feature_extraction"].rules
    assert "elsewhere" not in judged


def test_a_note_that_cannot_stand_is_named_with_the_reason():
    notes = [
        *read_notes(NOTE, "fine"),
        *read_notes(NOTE.replace("-01", "-02").replace('compute: "limited"', 'weather: "fine"'), "fact"),
        *read_notes(NOTE.replace("-01", "-03").replace("lora: recommend", "magic: recommend"), "strategy"),
        *read_notes(
            NOTE.replace("-01", "-04")
            .replace('compute: "limited"', 'dataset_size: "small", similarity: "high"')
            .replace("lora: recommend", "full_fine_tuning: recommend"),
            "denied",
        ),
    ]
    problems = unproved(FRAMEWORK, notes)
    assert set(problems) == {"PN-test-02", "PN-test-03", "PN-test-04"}
    assert "weather" in problems["PN-test-02"]
    assert "magic" in problems["PN-test-03"]
    assert "full_fine_tuning" in problems["PN-test-04"]
