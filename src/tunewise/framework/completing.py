"""The rules' recommendation completed by what a source advises, where the rules know nothing but to measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from tunewise.framework.check import check
from tunewise.framework.model import CHECKING, Framework
from tunewise.types import Recommendation, Situation

_PASSED = ("valid", "satisfiable", "ambiguous")


def completed(
    framework: Framework,
    situation: Situation,
    rules: Recommendation,
    advised: Mapping[str, Literal["recommend", "avoid"]],
) -> Recommendation:
    """The same recommendation where the rules have a method; otherwise with the first choice and the additions that the
    checker lets pass among those that are `advised`, simpler ones first. Whether no training is needed is never taken
    from anybody: the asker's own measurement says it.

    Args:
        framework: The rules.
        situation: The asker's facts.
        rules: What they recommend.
        advised: Strategy → what a source that answers the question says of it.
    """
    if rules.primary is None or rules.primary not in framework.in_groups(CHECKING):
        return rules
    strategies = framework.strategies
    wanted = [id_ for id_ in framework.precedence.ranking if advised.get(id_) == "recommend" and id_ != rules.primary]

    def passes(primary: str | None, *supporting: str) -> bool:
        return check(framework, situation, Recommendation(primary, supporting)).status in _PASSED

    first = next((id_ for id_ in wanted if strategies[id_].trains and passes(id_)), rules.primary)
    others = [id_ for id_ in dict.fromkeys((*wanted, *rules.supporting)) if strategies[id_].is_supporting]
    beside = [id_ for id_ in others if id_ != first and passes(first, id_)]
    avoid = [id_ for id_ in advised if advised[id_] == "avoid" and id_ in strategies]
    return replace(
        rules,
        primary=first,
        supporting=tuple(beside[: framework.precedence.max_supporting]),
        avoid=tuple(dict.fromkeys((*rules.avoid, *avoid))),
        conditional=tuple(one for one in rules.conditional if one.primary != first),
    )
