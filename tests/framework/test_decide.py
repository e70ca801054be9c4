"""What the article with interpretations decides, and how precedence works on small frameworks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.framework.conftest import rule
from tests.framework.naive import situation
from tunewise.errors import SituationError
from tunewise.framework import Framework, check, decide, next_questions

CASES: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("decisions.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_article_decides(case: dict[str, Any], article: Framework) -> None:
    values, expect = case["situation"], case["expect"]
    decision = decide(article, values)
    advised = (decision.primary, *decision.supporting)
    assert decision.primary == expect["primary"]
    assert set(expect.get("with", ())) <= set(decision.supporting)
    assert not set(expect.get("never", ())) & set(advised)
    assert set(expect.get("avoid", ())) <= set(decision.avoid)
    assert set(expect.get("because", ())) <= set(decision.statuses[expect["primary"]].rules)
    assert set(expect.get("against", ())) <= {r for id_ in decision.avoid for r in decision.statuses[id_].against}
    places = [decision.supporting.index(id_) for id_ in expect.get("order", ())]
    assert places == sorted(places)
    assert set(expect.get("ask", ())) <= {question.fact for question in next_questions(article, values)}
    assert check(article, situation(values), decision.recommendation()).status == expect["verdict"]


def test_forbid_beats_require_beats_avoid_beats_recommend(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: forbid, all: require, helper: avoid", "may"),
        rule("B", "size: little", "part: require, all: avoid, helper: recommend", "must"),
    )
    stances = {id_: status.stance for id_, status in decide(framework, {"size": "little"}).statuses.items()}
    assert (stances["part"], stances["all"], stances["helper"]) == ("forbidden", "required", "avoided")
    assert (stances["nothing"], stances["guard"]) == ("recommended", "open")


def test_data_rules_come_before_compute_rules_whatever_their_strength(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend", "may"), rule("B", "money: some", "all: recommend", "must")
    )
    assert decide(framework, {"size": "little", "money": "some"}).primary == "part"


def test_a_narrower_rule_comes_before_a_stronger_one(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little, money: some", "part: recommend", "may"),
        rule("B", "size: little", "all: recommend", "must"),
    )
    assert decide(framework, {"size": "little", "money": "some"}).primary == "part"


def test_strength_decides_between_equally_narrow_rules(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend", "may"), rule("B", "size: little", "all: recommend", "should")
    )
    assert decide(framework, {"size": "little"}).primary == "all"


def test_the_next_best_rule_decides_between_equals(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend, all: recommend"), rule("B", "money: some", "all: recommend", "may")
    )
    assert decide(framework, {"size": "little"}).primary == "part"
    assert decide(framework, {"size": "little", "money": "some"}).primary == "all"


def test_even_the_weakest_rule_decides_between_equals(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend, all: recommend"), rule("B", "", "all: recommend", "may")
    )
    assert decide(framework, {"size": "little"}).primary == "all"


def test_saying_the_same_twice_adds_no_weight(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend, all: recommend"), rule("B", "size: little", "all: recommend")
    )
    assert decide(framework, {"size": "little"}).primary == "part"


def test_a_required_primary_leaves_no_room_for_others(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend", "must"), rule("B", "money: some", "all: require", "may")
    )
    assert decide(framework, {"size": "little", "money": "some"}).primary == "all"


def test_supporting_strategies_go_by_strength_before_factor(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "helper: recommend", "may"), rule("B", "money: some", "guard: recommend")
    )
    assert decide(framework, {"size": "little", "money": "some"}).supporting == ("guard", "helper")


def test_a_required_supporting_strategy_comes_before_recommended_ones(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "helper: recommend", "must"), rule("B", "money: some", "guard: require", "may")
    )
    assert decide(framework, {"size": "little", "money": "some"}).supporting == ("guard", "helper")


def test_general_rules_come_last_even_for_a_more_important_factor(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "", "helper: recommend", "must"), rule("B", "money: some", "guard: recommend", "may"),
        rule("C", "", "all: recommend", "must"), rule("D", "money: some", "part: recommend", "may"),
    )  # fmt: skip
    decision = decide(framework, {"money": "some"})
    assert (decision.primary, decision.supporting) == ("part", ("guard", "helper"))


def test_a_rule_beside_a_primary_speaks_only_beside_it(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend"), rule("B", "", "helper: recommend", rest="beside: [part]"),
        rule("C", "", "guard: recommend", rest="beside: [all]"),
    )  # fmt: skip
    assert decide(framework, {"size": "little"}).supporting == ("helper",)
    assert decide(framework, {}).supporting == ()


def test_an_exception_that_is_not_stated_does_not_count(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: little", "part: recommend", rest="unless: {tested: [good, bad]}"))
    assert decide(framework, {"size": "little"}).primary == "part"
    assert decide(framework, {"size": "little", "tested": "bad"}).primary == "nothing"


def test_no_more_supporting_strategies_than_the_framework_allows(article: Framework) -> None:
    values = {"compute": "limited", "latency_critical": "yes", "forgetting_concern": "yes", "dataset_size": "small"}
    assert len(decide(article, values).supporting) == article.precedence.max_supporting == 4


def test_what_is_opposed_in_every_completion_is_not_advised(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "money: none", "all: recommend", "must"), rule("B", "size: little, money: none", "all: avoid"),
        rule("C", "size: much, money: none", "all: avoid"),
    )  # fmt: skip
    assert decide(framework, {"money": "none"}).primary == "nothing"
    assert decide(framework, {"money": "none"}).statuses["all"].status == "never"


def test_a_status_names_the_facts_it_depends_on(article: Framework) -> None:
    status = decide(article, {"dataset_size": "large"}).statuses["full_fine_tuning"]
    assert (status.status, status.depends_on) == ("depends", ("baseline", "training_fits"))
    assert decide(article, {"dataset_size": "small"}).statuses["full_fine_tuning"].status == "never"
    assert decide(article, {}).statuses["validate_experimentally"].status == "always"


def test_conditional_advice_names_the_answer_and_what_it_leads_to(article: Framework) -> None:
    decision = decide(article, {"dataset_size": "large"})
    assert ({"compute": "limited"}, "lora") in [(dict(one.when), one.primary) for one in decision.conditional]
    assert not decision.settled


def test_a_decision_that_no_answer_changes_is_settled(article: Framework) -> None:
    decision = decide(article, {"baseline": "good_enough"})
    assert decision.settled
    assert decision.conditional == ()


def test_the_trace_names_facts_effects_and_quotes(article: Framework) -> None:
    decision = decide(article, {"dataset_size": "small"})
    fired = {one.id: one for one in decision.trace}
    assert fired["F3"].facts == {"dataset_size": "small"}
    assert fired["F3"].effects == {"full_fine_tuning": "avoid"}
    assert fired["F3"].source is not None
    assert fired["F3"].source.quote.startswith("If the target dataset is small")
    assert [one.id for one in decision.rules_for("full_fine_tuning")] == ["F3"]
    assert "D13" not in fired


def test_the_decision_becomes_a_recommendation_of_the_rules(article: Framework) -> None:
    recommendation = decide(article, {"compute": "limited"}).recommendation()
    assert (recommendation.primary, recommendation.origin) == ("lora", "rules")
    assert recommendation.avoid == ("full_fine_tuning", "progressive_unfreezing")
    assert recommendation.conditional


def test_unknown_is_the_same_as_not_stated(article: Framework) -> None:
    assert decide(article, {"compute": "unknown"}) == decide(article, {})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"dataset_sise": "small"}, "Unknown fact 'dataset_sise'. Did you mean 'dataset_size'?"),
        ({"dataset_size": "smal"}, "Did you mean 'small'? Allowed: small, medium, large, unknown."),
        ({"dataset_size": 800}, "Fact 'dataset_size' is '800'."),
        ({"dataset_size": float("nan")}, "Fact 'dataset_size' is 'nan'."),
        ({"dataset_size": None}, "Fact 'dataset_size' is 'None'."),
        ({"dataset_size": ["small"]}, "Allowed: small, medium, large"),
        ({7: "small"}, "Unknown fact '7'"),
    ],
)
def test_a_fact_or_value_that_is_not_the_frameworks_is_refused(
    values: dict[Any, Any], message: str, article: Framework
) -> None:
    with pytest.raises(SituationError) as error:
        decide(article, values)
    assert message in str(error.value)
