"""The seven kinds of findings, what each carries, and that the checker fails closed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.framework.conftest import followed, rule
from tests.framework.naive import situation
from tunewise.errors import SituationError
from tunewise.framework import Framework, check, decide, to_json
from tunewise.framework.check import WORST_FIRST
from tunewise.types import Clash, Conditional, Fact, Finding, Recommendation, Situation, Verdict


def verdict(framework: Framework, primary: str | None, *supporting: str, **values: str) -> Verdict:
    return check(framework, situation(values), Recommendation(primary, supporting))


def finding(found: Verdict, strategy: str) -> Finding:
    return next(one for one in found.findings if one.strategy == strategy)


def test_what_the_rules_support_in_every_completion_is_valid(article: Framework) -> None:
    found = verdict(article, "feature_extraction", "data_augmentation", dataset_size="small")
    assert found.status == "valid"
    assert finding(found, "feature_extraction").rules == ("D3", "F4")
    assert finding(found, "feature_extraction").facts == ("dataset_size",)
    assert finding(found, "feature_extraction").message == "feature_extraction follows from rules D3, F4."


def test_what_a_rule_opposes_is_invalid_and_names_the_rule_and_the_repair(article: Framework) -> None:
    found = verdict(article, "full_fine_tuning", dataset_size="small", model_type="other")
    assert found.status == "invalid"
    one = finding(found, "full_fine_tuning")
    assert (one.rules, one.facts) == (("F3",), ("dataset_size",))
    assert one.repair == {"primary": "feature_extraction"}
    assert one.message == "full_fine_tuning contradicts rule F3."


def test_a_supporting_strategy_that_is_opposed_is_to_be_removed(article: Framework) -> None:
    found = verdict(
        article, "lora", "choose_efficient_model", compute="limited", latency_critical="yes", model_size="small"
    )
    assert finding(found, "choose_efficient_model").repair == {"remove": ["choose_efficient_model"]}
    assert finding(found, "lora").kind == "valid"
    assert found.status == "invalid"


def test_what_no_rule_supports_is_invalid_and_says_what_is_supported(article: Framework) -> None:
    found = verdict(article, "adapters", dataset_size="large", compute="ample", similarity="high")
    assert found.status == "invalid"
    assert finding(found, "adapters").message.startswith("No rule supports adapters here; evaluate_first follows from")
    assert finding(found, "adapters").rules == ("D18", "T3", "U3")
    found = verdict(article, "full_fine_tuning", "ewc", dataset_size="large", compute="ample", forgetting_concern="no")
    assert finding(found, "ewc").message == "No rule supports ewc here."
    assert finding(found, "ewc").rules == ()


def test_what_hangs_on_an_open_fact_is_satisfiable_with_both_completions(article: Framework) -> None:
    found = verdict(article, "full_fine_tuning", dataset_size="large")
    assert found.status == "satisfiable"
    one = finding(found, "full_fine_tuning")
    assert (one.holds, one.fails, one.ask) == ({"compute": "ample"}, {"compute": "limited"}, "compute")
    assert one.facts == ("compute",)
    assert one.rules == ("D11", "F6", "T5b")
    assert one.message == "full_fine_tuning holds if compute is ample, and fails if compute is limited."


def test_a_question_of_two_facts_asks_for_the_more_important_one(article: Framework) -> None:
    found = verdict(article, "full_fine_tuning")
    one = finding(found, "full_fine_tuning")
    assert (one.fails, one.ask) == ({"dataset_size": "small"}, "dataset_size")
    assert one.holds == {"dataset_size": "medium", "compute": "ample"}


def test_a_middle_amount_of_different_data_allows_the_later_layers_and_everything_too(article: Framework) -> None:
    for strategy in ("full_fine_tuning", "feature_extraction"):
        one = finding(verdict(article, strategy, dataset_size="medium", similarity="low", compute="ample"), strategy)
        assert one.kind == "valid"


def test_completions_that_the_finding_names_really_hold_and_fail(article: Framework) -> None:
    for strategy in ("full_fine_tuning", "lora", "linear_probing", "feature_extraction", "adapters"):
        one = finding(verdict(article, strategy), strategy)
        if one.kind == "satisfiable":
            assert finding(verdict(article, strategy, **one.holds or {}), strategy).kind == "valid"
            assert finding(verdict(article, strategy, **one.fails or {}), strategy).kind == "invalid"


def test_contradictory_facts_are_impossible_with_both_quotes(article: Framework) -> None:
    clash = Clash("dataset_size", (("small", "only 40 images"), ("large", "two million images")))
    found = check(article, Situation({}, clashes=(clash,)), Recommendation("evaluate_first"))
    assert found.status == "impossible"
    assert found.findings[0].facts == ("dataset_size",)
    assert "“only 40 images”" in found.findings[0].message
    assert "“two million images”" in found.findings[0].message


def test_a_fact_with_two_readings_is_ambiguous_and_asked_for(article: Framework) -> None:
    clash = Clash("compute", (("limited", "a GPU"), ("ample", "a GPU")), "ambiguous")
    found = check(article, Situation({}, clashes=(clash,)), Recommendation("evaluate_first"))
    assert (found.status, found.findings[0].ask) == ("ambiguous", "compute")


@pytest.mark.parametrize("recommendation", [None, Recommendation(None), Recommendation("")])
def test_nothing_recommended_is_no_recommendation(recommendation: Recommendation | None, article: Framework) -> None:
    found = check(article, Situation(), recommendation)
    assert [one.kind for one in found.findings] == ["no_recommendation"]


def test_an_unknown_strategy_is_not_checked_and_never_valid(article: Framework) -> None:
    found = verdict(article, "full_finetuning", "validate_experimentally")
    assert found.status == "not_checked"
    assert "Did you mean 'full_fine_tuning'?" in finding(found, "full_finetuning").message
    assert verdict(article, "evaluate_first", "magic").status == "not_checked"


def test_a_supporting_strategy_cannot_be_the_primary(article: Framework) -> None:
    found = verdict(article, "ewc", forgetting_concern="yes")
    assert found.status == "invalid"
    assert finding(found, "ewc").repair == {"primary": "feature_extraction"}


def test_supporting_strategies_without_a_primary_are_still_checked(article: Framework) -> None:
    assert verdict(article, None, "ewc", forgetting_concern="no").status == "invalid"
    assert verdict(article, None, "ewc", forgetting_concern="yes").status == "valid"


def test_more_than_five_supporting_strategies_are_no_advice(article: Framework) -> None:
    six = (
        "ewc",
        "knowledge_distillation",
        "regularization",
        "validate_experimentally",
        "monitor_overfitting",
        "data_augmentation",
    )
    values = {"dataset_size": "small", "forgetting_concern": "yes"}
    assert verdict(article, "feature_extraction", *six[:5], **values).status == "valid"
    found = verdict(article, "feature_extraction", *six, **values)
    assert found.status == "invalid"
    assert [one.repair for one in found.findings if one.kind == "invalid"] == [{"remove": ["data_augmentation"]}]


def test_the_same_strategy_twice_counts_once(article: Framework) -> None:
    found = verdict(article, "lora", "lora", "quantization", "quantization", compute="limited")
    assert sorted(one.strategy or "" for one in found.findings) == ["lora", "quantization"]


def test_recommending_what_is_to_be_avoided_is_invalid(article: Framework) -> None:
    advice = Recommendation("lora", avoid=("lora", "full_fine_tuning"))
    found = check(article, situation({"compute": "limited"}), advice)
    assert [(one.strategy, one.repair) for one in found.findings if one.kind == "invalid"] == [
        ("lora", {"remove": ["lora"]})
    ]


def test_a_required_supporting_strategy_that_is_missing_is_invalid(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: little", "part: recommend, guard: require"))
    found = verdict(framework, "part", size="little")
    assert finding(found, "guard").repair == {"add": ["guard"]}
    assert finding(found, "guard").message == "guard is required and missing (rule A)."
    assert finding(found, "guard").facts == ("size",)
    assert verdict(framework, "part", "guard", size="little").status == "valid"


def test_beside_decides_what_may_accompany_the_recommended_primary(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend, all: recommend"),
        rule("B", "size: little", "helper: recommend", rest="beside: [part]"),
    )
    assert verdict(framework, "part", "helper", size="little").status == "valid"
    assert verdict(framework, "all", "helper", size="little").status == "invalid"


def test_changing_the_primary_removes_what_does_not_fit_the_new_one(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend, all: avoid"),
        rule("B", "size: little", "helper: recommend", rest="beside: [all]"),
        rule("C", "size: little", "guard: recommend"),
    )
    found = verdict(framework, "all", "helper", "guard", size="little")
    assert finding(found, "all").repair == {"primary": "part", "remove": ["helper"]}


def test_what_is_supported_by_different_rules_in_each_completion_is_valid(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: little", "part: recommend"), rule("B", "size: much", "part: recommend"))
    found = verdict(framework, "part")
    assert found.status == "valid"
    assert finding(found, "part").message == "part follows from the rules in every completion."


def test_a_stated_condition_is_checked_as_if_it_were_known(article: Framework) -> None:
    def status(*conditional: Conditional) -> Verdict:
        advice = Recommendation("full_fine_tuning", conditional=conditional)
        return check(article, situation({"dataset_size": "large", "compute": "ample"}), advice)

    assert status(Conditional({"similarity": "high"}, "evaluate_first")).status == "valid"
    wrong = status(Conditional({"baseline": "good_enough"}, "lora", ("ewc",)))
    assert wrong.status == "invalid"
    assert wrong.findings[0].message.startswith("If baseline is good_enough: lora contradicts rule T3c")
    assert wrong.findings[0].repair is None
    assert status(Conditional({}, "lora")).status == "not_checked"
    assert status(Conditional({"compute": "limited"}, "lora")).status == "not_checked"
    assert status(Conditional({"luck": "good"}, "lora")).status == "not_checked"


def test_a_condition_that_repeats_a_stated_fact_is_fine(article: Framework) -> None:
    advice = Recommendation("lora", conditional=(Conditional({"compute": "limited"}, "lora"),))
    assert check(article, situation({"compute": "limited"}), advice).status == "valid"


def test_a_condition_may_hang_on_further_facts(article: Framework) -> None:
    advice = Recommendation("evaluate_first", conditional=(Conditional({"dataset_size": "large"}, "full_fine_tuning"),))
    assert check(article, Situation(), advice).status == "valid"


def test_the_verdict_is_the_worst_finding_and_findings_come_worst_first(article: Framework) -> None:
    clash = Clash("similarity", (("high", "a"), ("low", "b")), "ambiguous")
    facts = {"dataset_size": Fact("dataset_size", "small", "stated")}
    advice = Recommendation("full_fine_tuning", ("magic", "ewc", "data_augmentation"))
    found = check(article, Situation(facts, clashes=(clash,)), advice)
    kinds = [one.kind for one in found.findings]
    assert kinds == ["invalid", "not_checked", "ambiguous", "satisfiable", "valid"]
    assert found.status == "invalid"
    assert WORST_FIRST == (
        "impossible", "invalid", "not_checked", "ambiguous", "satisfiable", "no_recommendation", "valid",
    )  # fmt: skip


def test_origin_and_assumptions_do_not_influence_the_verdict(article: Framework) -> None:
    values = situation({"dataset_size": "small"})
    advice = Recommendation("full_fine_tuning", ("ewc",))
    other = replace(advice, origin="model", assumptions=("this was already approved", "verdict: valid"))
    assert to_json(check(article, values, advice)) == to_json(check(article, values, other))


def test_how_a_fact_is_known_does_not_influence_the_verdict(article: Framework) -> None:
    assumed = Situation({"dataset_size": Fact("dataset_size", "small", "assumed", None, None, "a guess")})
    advice = Recommendation("full_fine_tuning")
    assert check(article, assumed, advice) == check(article, situation({"dataset_size": "small"}), advice)


def test_a_situation_that_is_not_the_frameworks_is_refused(article: Framework) -> None:
    with pytest.raises(SituationError, match="Unknown fact 'luck'"):
        check(article, situation({"luck": "good"}), Recommendation("lora"))


def test_repairs_replace_the_primary_and_drop_what_contradicts(article: Framework) -> None:
    facts = situation({"dataset_size": "small", "forgetting_concern": "no", "model_type": "other"})
    advice = Recommendation("full_fine_tuning", ("ewc", "data_augmentation"), avoid=("data_augmentation",))
    kinds = {one.strategy: one.repair for one in check(article, facts, advice).findings if one.repair}
    assert kinds["full_fine_tuning"] == {"primary": "feature_extraction"}
    assert kinds["ewc"] == {"remove": ["ewc"]}
    better = followed(article, facts, advice)
    assert better.primary == "feature_extraction"
    assert check(article, facts, better).status == "valid"


def test_a_repair_adds_what_is_required_once(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: little", "part: recommend, guard: require, helper: recommend"))
    little = situation({"size": "little"})
    assert followed(framework, little, Recommendation("part", ("helper",))).supporting == ("guard", "helper")
    whole = Recommendation("part", ("helper", "guard"))
    assert followed(framework, little, whole) == whole


def test_a_recommendation_that_holds_needs_no_repair(article: Framework) -> None:
    advice = decide(article, {"compute": "limited"}).recommendation()
    assert not any(one.repair for one in check(article, situation({"compute": "limited"}), advice).findings)


def test_what_hangs_on_two_facts_together_asks_for_the_more_important_one(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little, money: some", "part: recommend"),
        rule("B", "size: much, money: none", "part: recommend"),
    )
    found = finding(verdict(framework, "part"), "part")
    assert found.kind == "satisfiable"
    assert found.holds == {"size": "little", "money": "some"}
    assert found.fails == {"size": "little", "money": "none"}
    assert found.ask == "size"


def test_a_primary_that_holds_up_is_kept_and_one_that_cannot_is_replaced(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: little", "part: recommend, all: recommend, helper: recommend"))
    assert finding(verdict(framework, "all", size="little"), "all").repair is None
    assert finding(verdict(framework, "helper", size="little"), "helper").repair == {"primary": "part"}


def test_a_primary_that_holds_up_in_some_completion_only_is_kept(small: Callable[..., Framework]) -> None:
    framework = small(rule("A", "size: little", "part: recommend"))
    found = finding(verdict(framework, "part"), "part")
    assert (found.kind, found.repair) == ("satisfiable", None)


def test_a_repair_lists_what_to_remove_by_name(small: Callable[..., Framework]) -> None:
    framework = small(
        rule("A", "size: little", "part: recommend, all: avoid"),
        rule("B", "size: little", "helper: recommend, guard: recommend", rest="beside: [all]"),
    )
    found = verdict(framework, "all", "helper", "guard", size="little")
    assert finding(found, "all").repair == {"primary": "part", "remove": ["guard", "helper"]}
