"""What a source advises completes the rules where they only measure, as far as the checker lets it pass."""

import pytest

from tunewise.framework import check, completed, decide, in_short, of_source
from tunewise.framework.requests import situation_of


def rules(article, values):
    return decide(article, values).recommendation()


def test_where_the_rules_have_a_method_it_stays(article):
    values = {"dataset_size": "small"}
    assert completed(article, situation_of(article, values), rules(article, values), {"lora": "recommend"}) == rules(
        article, values
    )


def test_where_they_only_measure_the_first_method_named_leads(article):
    situation = situation_of(article, {})
    advice = completed(
        article, situation, rules(article, {}), {"lora": "recommend", "feature_extraction": "recommend", "ewc": "avoid"}
    )
    assert advice.primary == "lora"
    assert "validate_experimentally" in advice.supporting
    assert "ewc" in advice.avoid
    assert check(article, situation, advice).status != "invalid"


def test_what_the_checker_denies_is_left_out(article):
    situation = situation_of(article, {"model_type": "generative"})
    assert of_source(article, situation, {"linear_probing": "recommend"}) is None
    advice = of_source(article, situation, {"linear_probing": "recommend", "lora": "recommend"})
    assert advice is not None
    assert advice.primary == "lora"


def test_that_no_training_is_needed_is_taken_from_nobody(article):
    assert of_source(article, situation_of(article, {}), {"use_as_is": "recommend"}) is None


def test_unknown_strategies_of_another_framework_are_passed_over(article):
    assert of_source(article, situation_of(article, {}), {"buy_a_laptop": "recommend"}) is None


@pytest.mark.parametrize(
    ("values", "supporting"),
    [
        ({"dataset_size": "large", "compute": "ample"}, ("monitor_overfitting", "regularization")),
        (
            {"dataset_size": "large", "compute": "ample", "latency_critical": "yes"},
            ("monitor_overfitting", "quantization"),
        ),
        (
            {"dataset_size": "small", "similarity": "high", "compute": "ample", "latency_critical": "yes"},
            ("linear_probing", "hyperparameter_optimization", "quantization"),
        ),
    ],
)
def test_what_is_named_beside_the_first_choice_answers_every_stated_need(article, values, supporting):
    assert in_short(decide(article, values)).supporting == supporting
