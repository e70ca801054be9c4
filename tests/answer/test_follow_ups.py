import pytest

from tests.answer.material import article_framework, passage_of_rule, situation
from tunewise.answer.composed import Composer
from tunewise.answer.follow_ups import what_would_change
from tunewise.answer.follow_ups import why_not as explain
from tunewise.framework import decide, load_framework

FACTS = situation(dataset_size=("small", "800 images"), compute=("limited", "one RTX 3060"))


def composer(language="en", facts=FACTS):
    return Composer(article_framework(), facts, decide(article_framework(), facts.values()), language, passage_of_rule)


def why_not(strategy):
    return explain(composer(), strategy)


def test_a_strategy_that_is_avoided_is_refused_with_the_rule_and_what_would_change_it():
    result = why_not("full_fine_tuning")
    assert result.text.startswith("Full fine-tuning is not advised here.")
    assert "overfitting" in result.text
    assert "It would become the first choice if you have a large dataset" in result.text
    assert "lead to overfitting" in result.citations[0].quote


def test_a_strategy_that_is_possible_is_said_to_come_second():
    assert why_not("lora").text.startswith("LoRA is possible, but feature extraction comes first here.")


def test_a_strategy_that_is_recommended_is_said_to_be_so():
    assert why_not("data_augmentation").text.startswith("Data augmentation is part of the advice.")


def test_a_strategy_that_nothing_calls_for_is_said_to_be_so():
    assert why_not("ewc").text.startswith("Nothing that you have stated calls for")


@pytest.mark.parametrize("language", ["en", "zh", "fr"])
def test_what_would_change_the_advice_is_listed_with_its_sources(language):
    result = what_would_change(composer(language))
    lines = result.text.split("\n")
    assert len(lines) >= 3
    assert any("100" in line for line in lines)
    assert result.citations


def test_where_nothing_flips_that_is_said(tmp_path):
    rules = """
name: one
title: One rule
extends: vocabulary
rules:
  - id: ONE
    then: {lora: require}
    strength: must
    because: {en: We always use LoRA.}
    interpretation: It is how we work.
"""
    (tmp_path / "one.yaml").write_text(rules, encoding="utf-8")
    framework = load_framework(tmp_path / "one.yaml")
    result = what_would_change(Composer(framework, FACTS, decide(framework, FACTS.values()), "en", passage_of_rule))
    assert result.text == "No single fact would change the advice: LoRA stays the first choice."
