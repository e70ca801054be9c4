"""What no reading at all and what perfect reading would score, to print beside the scores of an arm."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from tunewise.evaluation.cases import MOST_STRATEGIES, Case, Dialogue
from tunewise.evaluation.measuring import share
from tunewise.framework import Framework, decide

Json = dict[str, Any]
CONSTANT = "constant"


def baselines(cases: Sequence[Case], framework: Framework) -> Json:
    """The conformity of constant replies, and that of the framework's decision on the labelled facts.

    Returns:
        `constant_baselines`: the best replies that say the same whatever is asked, with one strategy and with up to
        six, each as {"strategies", "conformity"}; `gold_facts_conformity`: what perfect reading would give, None
        without a situation.
    """
    situations = [case for case in cases if case.kind == "situation"]
    return {
        "constant_baselines": [_best_constant(situations, framework, most) for most in (1, MOST_STRATEGIES)],
        "gold_facts_conformity": share([case.conforms(_on_gold_facts(case, framework)) for case in situations]),
    }


def constant_reply(cases: Sequence[Case | Dialogue], framework: Framework) -> Json:
    """The advice that conforms to most of the cases, as the reply to all of them."""
    situations = [case for case in cases if isinstance(case, Case) and case.kind == "situation"]
    primary, *supporting = _best_constant(situations, framework, MOST_STRATEGIES)["strategies"]
    chosen = {"primary": primary, "supporting": supporting}
    return {"kind": "advice", "recommendation": chosen, "verdict": {"status": "valid"}}


def _best_constant(cases: Sequence[Case], framework: Framework, most: int) -> Json:
    """The best of all replies of one primary strategy and supporting ones, at most so many together."""
    primary = [id_ for id_, strategy in framework.strategies.items() if strategy.is_primary]
    others = [id_ for id_ in framework.strategies if id_ not in primary]
    replies = ((first, *rest) for first in primary for n in range(most) for rest in combinations(others, n))
    best = max(replies, key=lambda reply: sum(case.conforms(reply) for case in cases))
    return {"strategies": list(best), "conformity": share([case.conforms(best) for case in cases])}


def _on_gold_facts(case: Case, framework: Framework) -> tuple[str, ...]:
    facts = framework.facts
    known = {name: value for name, value in case.facts.items() if name in facts and value in facts[name].values}
    return decide(framework, known).recommendation().strategies
