"""Properties that must hold of any situation, recommendation and order of the file."""

from __future__ import annotations

import random
from types import MappingProxyType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.framework.conftest import followed
from tests.framework.naive import situation
from tunewise.framework import Framework, check, decide, load_framework, next_questions, to_json
from tunewise.framework.compiled import compile_rules
from tunewise.types import Recommendation

ARTICLE = load_framework("article")
IDS = sorted(ARTICLE.strategies)
PRIMARIES = [id_ for id_ in IDS if ARTICLE.strategies[id_].is_primary]
VALUES = st.fixed_dictionaries({}, optional={n: st.sampled_from(s.values) for n, s in sorted(ARTICLE.facts.items())})
ADVICE = st.builds(
    Recommendation, st.sampled_from([None, *IDS]), st.lists(st.sampled_from(IDS), max_size=6, unique=True).map(tuple)
)


def shuffled(framework: Framework, seed: int) -> Framework:
    """The same framework with facts, values, strategies, rules and conditions in another order."""
    draw = random.Random(seed)

    def mixed(mapping: Any) -> Any:
        items = list(mapping.items())
        draw.shuffle(items)
        return MappingProxyType(dict(items))

    groups = {name: mixed(getattr(framework, name)) for name in ("facts", "strategies", "rules", "families")}
    return framework.model_copy(update={**groups, "hash": f"{framework.hash}-{seed}"})


SHUFFLED = [shuffled(ARTICLE, seed) for seed in range(3)]


@settings(max_examples=60, deadline=None)
@given(VALUES, ADVICE, st.sampled_from(SHUFFLED))
def test_the_order_of_rules_facts_and_strategies_does_not_matter(
    values: dict[str, str], advice: Recommendation, other: Framework
) -> None:
    one, two = decide(ARTICLE, values), decide(other, dict(reversed(values.items())))
    assert to_json(one).replace(ARTICLE.hash, "") == to_json(two).replace(other.hash, "")
    assert to_json(check(ARTICLE, situation(values), advice)) == to_json(check(other, situation(values), advice))
    assert next_questions(ARTICLE, values) == next_questions(other, values)


@settings(max_examples=80, deadline=None)
@given(VALUES, st.data())
def test_one_more_fact_never_turns_never_into_always_or_back(values: dict[str, str], data: st.DataObject) -> None:
    open_facts = [name for name in ARTICLE.facts if name not in values]
    if not open_facts:
        return
    name = data.draw(st.sampled_from(open_facts))
    more = {**values, name: data.draw(st.sampled_from(ARTICLE.facts[name].values))}
    beside = None
    for strategy in IDS:
        before = compile_rules(ARTICLE).admissibility(values, strategy, beside)[0]
        after = compile_rules(ARTICLE).admissibility(more, strategy, beside)[0]
        assert before in ("depends", after)


@settings(max_examples=80, deadline=None)
@given(VALUES)
def test_what_is_never_admissible_is_never_recommended(values: dict[str, str]) -> None:
    decision = decide(ARTICLE, values)
    for strategy in (decision.primary, *decision.supporting):
        assert strategy is not None
        assert decision.statuses[strategy].status != "never"


@settings(max_examples=80, deadline=None)
@given(VALUES)
def test_our_own_advice_is_never_invalid(values: dict[str, str]) -> None:
    verdict = check(ARTICLE, situation(values), decide(ARTICLE, values).recommendation())
    assert verdict.status in ("valid", "satisfiable")


@settings(max_examples=80, deadline=None)
@given(VALUES, ADVICE)
def test_a_repaired_recommendation_is_not_invalid(values: dict[str, str], advice: Recommendation) -> None:
    better = followed(ARTICLE, situation(values), advice)
    assert check(ARTICLE, situation(values), better).status in ("valid", "satisfiable", "no_recommendation")


@settings(max_examples=60, deadline=None)
@given(VALUES, ADVICE)
def test_a_verdict_is_the_same_on_every_run(values: dict[str, str], advice: Recommendation) -> None:
    fresh = load_framework("article")
    first = to_json(check(ARTICLE, situation(values), advice))
    assert first == to_json(check(fresh, situation(values), advice))
    assert first.isprintable()


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_questions_are_few_open_and_matter(values: dict[str, str]) -> None:
    questions = next_questions(ARTICLE, values)
    assert len(questions) <= 3
    assert not {question.fact for question in questions} & set(values)
    if decide(ARTICLE, values).conditional:
        assert questions
