"""Questions worth asking, flip points and smallest changes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.framework.conftest import rule
from tunewise.errors import SituationError
from tunewise.framework import (
    Framework,
    conditions_first,
    decide,
    flip_points,
    next_questions,
    smallest_change,
    supposed,
)
from tunewise.framework.whatif import influence


def asked(framework: Framework, **values: str) -> list[str]:
    return [question.fact for question in next_questions(framework, values)]


def test_the_three_main_factors_are_asked_first(article: Framework) -> None:
    assert set(asked(article)) == {"dataset_size", "similarity", "compute"}
    assert asked(article, dataset_size="small")[:2] == ["similarity", "compute"]


def test_a_question_says_what_each_answer_leads_to(article: Framework) -> None:
    question = next(one for one in next_questions(article, {"dataset_size": "large"}) if one.fact == "compute")
    assert question.outcomes == {"limited": "lora", "ample": "full_fine_tuning"}
    assert question.text == article.facts["compute"].question["en"]


def test_questions_come_in_the_language_asked_for(article: Framework) -> None:
    for language in ("zh", "fr"):
        question = next_questions(article, {}, language=language)[0]
        assert question.text == article.facts[question.fact].question[language]
    assert next_questions(article, {}, language="de")[0].text.isascii()


def test_what_is_to_be_confirmed_is_not_asked(article: Framework) -> None:
    questions = next_questions(article, {"dataset_size": "small"}, without={"similarity"})
    assert questions[0].fact == "compute"
    assert len(questions) == 3


@pytest.mark.parametrize(("kind", "makes_sense"), [("generative", False), ("other", True), (None, True)])
def test_a_linear_probe_is_not_asked_of_a_generative_model(
    article: Framework, kind: str | None, makes_sense: bool
) -> None:
    values = {"dataset_size": "small", "similarity": "high"} | ({"model_type": kind} if kind else {})
    asked_for = {question.fact for question in next_questions(article, values, limit=12)}
    assert ("frozen_features" in asked_for) is makes_sense


def test_what_would_follow_is_named_before_other_conditions(article: Framework) -> None:
    values = {"dataset_size": "large"}
    advice = decide(article, values).recommendation()
    limited = supposed(article, values, {"compute": "limited"})
    assert limited.primary == "lora"
    named = conditions_first(advice, [limited, supposed(article, values, {"forgetting_concern": "no"})])
    assert named.conditional[0] == limited
    assert sorted(map(str, named.conditional)) == sorted(
        map(str, {str(c.when): c for c in advice.conditional}.values())
    )
    assert named.primary == advice.primary


def test_no_more_questions_than_asked_for(article: Framework) -> None:
    assert len(next_questions(article, {}, limit=1)) == 1
    assert next_questions(article, {}, limit=0) == ()


def test_nothing_is_asked_when_nothing_can_change(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: little", "part: recommend"))
    assert asked(framework) == ["size"]
    assert asked(framework, size="little") == []


def test_a_pair_of_answers_that_matters_only_together_is_asked_for(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: much, tested: bad", "part: recommend"))
    assert "tested" in asked(framework, size="much")
    assert asked(framework) != []


def test_influence_is_the_share_of_completions_that_an_answer_changes(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little, money: some", "part: recommend"), rule("B", "money: none", "guard: recommend")
    )
    size, money = influence(framework, {}, "size"), influence(framework, {}, "money")
    assert (size, money) == ((0.5, 0.5), (0.5, 1.0))


def test_open_facts_can_be_left_out_of_the_flip_points(article: Framework) -> None:
    values = {"dataset_size": "small", "similarity": "low"}
    every = flip_points(article, values)
    stated = flip_points(article, values, of_open=False)
    assert stated == tuple(one for one in every if one.before is not None)
    assert 0 < len(stated) < len(every)


def test_flip_points_say_at_about_which_amount(article: Framework) -> None:
    flips = {(one.fact, one.after): one for one in flip_points(article, {"dataset_size": "small", "similarity": "low"})}
    size = flips["dataset_size", "large"]
    assert (size.before, size.primary_after) == ("small", "full_fine_tuning")
    assert (size.amount, size.unit) == (100_000, "labelled examples")
    assert flips["model_type", "generative"].amount is None
    hours = flip_points(article, {"dataset_size": "large"}, unit_kind="hours")
    assert next((one.amount, one.below) for one in hours if one.after == "small") == (10, True)


def test_a_middle_amount_flips_from_either_side(article: Framework) -> None:
    def at(before: str, after: str) -> tuple[float | None, bool, str]:
        flips = flip_points(article, {"dataset_size": before})
        return next((one.amount, one.below, one.primary_after) for one in flips if one.after == after)

    assert at("small", "medium") == (5_000, False, "progressive_unfreezing")
    assert at("large", "medium") == (100_000, True, "progressive_unfreezing")
    assert at("medium", "small") == (5_000, True, "feature_extraction")
    assert at("medium", "large") == (100_000, False, "full_fine_tuning")


def test_every_flip_point_flips(article: Framework) -> None:
    values = {"dataset_size": "large", "compute": "ample"}
    before = decide(article, values).primary
    for flip in flip_points(article, values):
        assert decide(article, {**values, flip.fact: flip.after}).primary == flip.primary_after != before


def test_the_smallest_change_reaches_the_wanted_strategy(article: Framework) -> None:
    assert smallest_change(article, {"dataset_size": "small"}, "full_fine_tuning") == {"dataset_size": "large"}
    assert smallest_change(article, {"dataset_size": "small"}, "feature_extraction") == {}
    change = smallest_change(article, {"dataset_size": "small", "compute": "limited"}, "full_fine_tuning")
    assert change == {"dataset_size": "large", "compute": "ample"}
    assert smallest_change(article, {}, "use_as_is") == {"baseline": "good_enough"}


def test_open_facts_are_stated_before_stated_ones_are_changed(article: Framework) -> None:
    assert smallest_change(article, {"dataset_size": "small"}, "evaluate_first") == {"similarity": "high"}


def test_what_no_change_reaches_is_none(article: Framework) -> None:
    assert smallest_change(article, {}, "adapters", most=2) is None


def test_a_strategy_that_is_never_primary_cannot_be_reached(article: Framework) -> None:
    with pytest.raises(SituationError, match="'ewc' is not a primary strategy"):
        smallest_change(article, {}, "ewc")
