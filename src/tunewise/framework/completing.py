"""What a source advises as a recommendation, as far as the checker lets it pass; and the rules' own completed by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from tunewise.framework.check import check
from tunewise.framework.model import CHECKING, Framework
from tunewise.types import OF_THE_MODEL, Recommendation, Situation

if TYPE_CHECKING:
    from tunewise.framework.decide import Decision

Advice = Mapping[str, Literal["recommend", "avoid"]]
MOST_ADDED = 2  # supporting strategies that are named: whoever is told five does none of them on Monday
_PASSED = ("valid", "satisfiable", "ambiguous")


def of_source(
    framework: Framework, situation: Situation, advised: Advice, *, first: str | None = None
) -> Recommendation | None:
    """What a source advises: as first choice the first way of training that the checker lets pass (else `first`), and
    what passes beside it; None where there is no first choice.

    That no training is needed is never taken from anybody: the asker's own measurement says it.

    Args:
        framework: The rules.
        situation: The asker's facts.
        advised: Strategy → what the source says of it, the most important first.
        first: The first choice where the source names none.
    """
    strategies = framework.strategies
    wanted = _wanted(framework, advised)

    def passes(primary: str, *supporting: str) -> bool:
        return check(framework, situation, Recommendation(primary, supporting)).status in _PASSED

    leading = next((id_ for id_ in wanted if strategies[id_].trains and passes(id_)), first)
    if leading is None:
        return None
    beside = [id_ for id_ in wanted if id_ != leading and strategies[id_].is_supporting and passes(leading, id_)]
    avoid = tuple(id_ for id_, advice in advised.items() if advice == "avoid" and id_ in strategies)
    return Recommendation(leading, tuple(beside[:MOST_ADDED]), avoid)


def does_without_training(framework: Framework, advised: Advice) -> bool:
    """Whether a source advises a first choice that trains nothing."""
    wanted = [framework.strategies[id_] for id_ in _wanted(framework, advised)]
    return any(not strategy.trains and not strategy.is_supporting for strategy in wanted)


def _wanted(framework: Framework, advised: Advice) -> list[str]:
    return [id_ for id_, advice in advised.items() if advice == "recommend" and id_ in framework.strategies]


def completed(framework: Framework, situation: Situation, rules: Recommendation, advised: Advice) -> Recommendation:
    """The rules' recommendation; where they know nothing but to measure, what a source advises before it.

    Args:
        framework: The rules.
        situation: The asker's facts.
        rules: What they recommend.
        advised: Strategy → what a source that answers the question says of it.
    """
    if rules.primary is None or rules.primary not in framework.in_groups(CHECKING):
        return rules
    own = of_source(framework, situation, advised, first=rules.primary)
    if own is None or own.primary is None:
        return rules
    both = [id_ for id_ in dict.fromkeys((*own.supporting, *rules.supporting)) if id_ != own.primary]
    return replace(
        rules,
        primary=own.primary,
        supporting=tuple(both[:MOST_ADDED]),
        avoid=tuple(dict.fromkeys((*rules.avoid, *own.avoid))),
        conditional=tuple(one for one in rules.conditional if one.primary != own.primary),
    )


def in_short(decision: Decision) -> Recommendation:
    """A recommendation as it is given: the first choice, and two of what goes with it. Behind the first of them comes
    what answers a fact that nothing before it answers ("30 ms, not more"); a third one is named only if it does."""
    advice, chosen = decision.recommendation(), list(decision.supporting[:1])
    answered = set().union(*(_facts_behind(decision, each) for each in advice.strategies[:2]))
    for each in decision.supporting[1:]:
        if len(chosen) <= MOST_ADDED and not _facts_behind(decision, each) <= answered:
            chosen.append(each)
            answered |= _facts_behind(decision, each)
    left = [each for each in decision.supporting if each not in chosen]
    named = {*chosen, *left[: max(0, MOST_ADDED - len(chosen))]}
    return replace(advice, supporting=tuple(each for each in decision.supporting if each in named))


def _facts_behind(decision: Decision, strategy: str) -> set[str]:
    """The asker's facts on which the rules for a strategy fired."""
    return {fact for rule in decision.rules_for(strategy) for fact in rule.facts} - OF_THE_MODEL
