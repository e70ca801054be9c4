"""Prompt, retrieve or tune: what published guides say before any method (`prompt-retrieve-tune`)."""

from __future__ import annotations

import re

import pytest

from tests.framework.conftest import SMALL, rule
from tunewise.errors import FrameworkError
from tunewise.framework import Framework, compare, decide, load_framework, prove
from tunewise.retrieval.corpus import load_corpus

GENERATIVE = {"model_type": "generative"}


@pytest.fixture(scope="module")
def guides() -> Framework:
    return load_framework("prompt-retrieve-tune")


@pytest.mark.parametrize(
    ("values", "primary"),
    [
        ({}, "prompting"),
        ({"goal": "behaviour"}, "prompting"),
        ({"prompting_tried": "no", "goal": "behaviour"}, "prompting"),
        ({"goal": "knowledge"}, "retrieval_augmentation"),
        ({"goal": "knowledge", "prompting_tried": "no"}, "retrieval_augmentation"),
        ({"goal": "knowledge", "prompting_tried": "yes", "tuning_examples": "enough"}, "retrieval_augmentation"),
        ({"knowledge_changes": "often"}, "retrieval_augmentation"),
        ({"answers_cite": "yes"}, "retrieval_augmentation"),
        ({"prompting_tried": "yes", "goal": "behaviour"}, "lora"),
        ({"prompting_tried": "yes", "goal": "behaviour", "evaluation_ready": "no"}, "evaluate_first"),
        ({"prompting_tried": "yes", "goal": "behaviour", "tuning_examples": "few"}, "prompting"),
        ({"baseline": "good_enough", "prompting_tried": "yes"}, "use_as_is"),
    ],
)
def test_the_guides_prompt_first_look_facts_up_and_tune_behaviour(
    values: dict[str, str], primary: str, guides: Framework
) -> None:
    assert decide(guides, {**GENERATIVE, **values}).primary == primary


@pytest.mark.parametrize("reason", ["knowledge_changes=often", "answers_cite=yes"])
def test_retrieval_and_tuning_add_up(reason: str, guides: Framework) -> None:
    name, value = reason.split("=")
    decision = decide(guides, {"prompting_tried": "yes", "goal": "behaviour", name: value})
    assert decision.primary == "lora"
    assert "retrieval_augmentation" in decision.supporting


def test_for_speed_or_cost_another_or_a_smaller_model_goes_with_it(guides: Framework) -> None:
    assert {"knowledge_distillation", "choose_efficient_model"} <= set(
        decide(guides, {"goal": "efficiency"}).supporting
    )


def test_of_other_models_the_guides_say_only_to_measure(guides: Framework) -> None:
    assert decide(guides, {"model_type": "other", "dataset_size": "small"}).primary == "evaluate_first"


def test_it_is_proved_and_every_fact_it_adds_changes_an_outcome(guides: Framework) -> None:
    proof = prove(guides)
    assert proof.holds
    assert proof.redundant == ()
    added = guides.facts.keys() - load_framework("cs231n").facts.keys()
    assert added == {"knowledge_changes", "answers_cite", "evaluation_ready", "tuning_examples"}
    assert added.isdisjoint(proof.unused_facts)


@pytest.mark.parametrize(("examples", "value"), [(0, None), (1, "few"), (49, "few"), (50, "enough"), (5000, "enough")])
def test_fifty_examples_are_enough_to_start(examples: int, value: str | None, guides: Framework) -> None:
    assert guides.facts["tuning_examples"].counted(examples) == value
    assert guides.facts["goal"].counted(examples) is None


def test_every_rule_rests_on_an_address_and_on_passages_that_are_there(guides: Framework) -> None:
    passages = load_corpus().by_id
    for one in guides.rules.values():
        addresses = [reference for reference in one.references if reference.startswith("https://")]
        assert one.digest, one.id
        assert addresses, one.id
        assert set(one.references) - set(addresses) <= passages.keys(), one.id


def test_every_entry_in_brackets_is_named_as_its_source_numbers_it(guides: Framework) -> None:
    named = " ".join(one.digest or "" for one in guides.rules.values())
    assert set(re.findall(r"\b(?:OA|ME|GO|AN|HF|RS)\d+", named)) >= {"OA1", "OA6", "ME9", "GO2", "AN1", "RS10"}


def test_the_other_frameworks_do_not_know_its_facts() -> None:
    found = compare({"goal": "knowledge", **GENERATIVE})
    assert {one.name: one.decision.primary for one in found.opinions}[
        "prompt-retrieve-tune"
    ] == "retrieval_augmentation"


def test_a_value_that_the_fact_has_not_cannot_be_counted(write) -> None:
    text = SMALL.replace("values: {little:", "counted_from: {huge: 9}, values: {little:")
    with pytest.raises(FrameworkError, match=r"counted_from.*'huge'"):
        load_framework(write(text + rule("A", "size: little", "part: recommend")))
