"""A second, deliberately naive implementation of decide and check: plain loops over rules, no bit sets, no caches.

Written from the docstrings of `decide` and `check`, to compare them on every situation. Run it as a module to compare
on all of them (`python -m tests.framework.naive`, a few minutes); the suite compares a large part.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from itertools import product

from tunewise.framework import Framework, Rule, check, decide, load_framework
from tunewise.types import Fact, Recommendation, Situation

STRENGTHS = ["must", "should", "may"]
STANCE = {"forbid": "forbidden", "require": "required", "avoid": "avoided", "recommend": "recommended"}


def fires(rule: Rule, values: Mapping[str, str]) -> bool:
    for name, allowed in rule.when.items():
        if values.get(name) not in allowed:
            return False
    return all(values.get(name) not in excepted for name, excepted in rule.unless.items())


def speaking(framework: Framework, values: Mapping[str, str], primary: str | None) -> list[Rule]:
    fired = [rule for rule in framework.rules.values() if fires(rule, values)]
    return [rule for rule in fired if not rule.beside or primary in rule.beside]


def stance(rules: list[Rule], strategy: str) -> str:
    for action, word in STANCE.items():
        if any(rule.then.get(strategy) == action for rule in rules):
            return word
    return "open"


def rank(framework: Framework, rules: list[Rule], strategy: str, supporting: bool) -> tuple[object, ...]:
    """Sorts best first: the distinct ranks of the supporting rules, best rank first, more rules before fewer."""
    ranks = set()
    for rule in rules:
        action = rule.then.get(strategy)
        if action in ("require", "recommend"):
            factors = [*framework.factors, "general"]
            place = (STRENGTHS.index(rule.strength), factors.index(rule.factor), -rule.specificity)
            inner = place if supporting else (place[1], place[2], place[0])
            ranks.add((action != "require", rule.factor == "general", *inner))
    worse_than_any = (2,)
    return (*sorted(ranks), worse_than_any, framework.ranking.index(strategy))


def primaries(framework: Framework, values: Mapping[str, str]) -> list[str]:
    rules = speaking(framework, values, None)
    stances = {id_: stance(rules, id_) for id_, spec in framework.strategies.items() if spec.is_primary}
    wanted = "required" if "required" in stances.values() else "recommended"
    chosen = [id_ for id_, word in stances.items() if word == wanted]
    return sorted(chosen, key=lambda id_: rank(framework, rules, id_, supporting=False))


def completions(framework: Framework, values: Mapping[str, str]) -> Iterator[dict[str, str]]:
    names = [n for n, spec in framework.facts.items() if spec.kind == "situation" and n not in values]
    for row in product(*(framework.facts[n].values for n in names)):
        yield {**values, **dict(zip(names, row, strict=True))}


def holds_up(framework: Framework, values: Mapping[str, str], strategy: str, primary: str | None) -> bool:
    if strategy == primary:
        return strategy in primaries(framework, values)
    return stance(speaking(framework, values, primary), strategy) in ("required", "recommended")


def naive_decide(framework: Framework, values: Mapping[str, str]) -> tuple[str | None, tuple[str, ...]]:
    worlds = list(completions(framework, values))
    for primary in primaries(framework, values):
        if any(holds_up(framework, world, primary, primary) for world in worlds):
            break
    else:
        return None, ()
    rules = speaking(framework, values, primary)
    chosen = []
    for id_, spec in framework.strategies.items():
        if not spec.is_supporting or id_ == primary or stance(rules, id_) not in ("required", "recommended"):
            continue
        if spec.is_primary and not any(r.beside and r.then.get(id_) in ("require", "recommend") for r in rules):
            continue
        if any(holds_up(framework, world, id_, primary) for world in worlds):
            chosen.append(id_)
    chosen.sort(key=lambda id_: rank(framework, rules, id_, supporting=True))
    return primary, tuple(chosen[: framework.max_supporting])


def naive_kinds(framework: Framework, values: Mapping[str, str], primary: str, supporting: tuple[str, ...]) -> dict[str, str]:
    """Finding kind of each recommended strategy."""
    worlds = list(completions(framework, values))
    kinds = {}
    for strategy in (primary, *supporting):
        verdicts = [holds_up(framework, world, strategy, primary) for world in worlds]
        kinds[strategy] = "valid" if all(verdicts) else "satisfiable" if any(verdicts) else "invalid"
    return kinds


def naive_status(framework: Framework, values: Mapping[str, str], strategy: str, primary: str | None) -> str:
    """Whether a strategy is opposed in no, every or some completion of all facts its rules mention."""
    bearing = [rule for rule in framework.rules.values() if strategy in rule.then]
    names = sorted({n for rule in bearing for n in (*rule.when, *rule.unless)} - set(values))
    opposed = set()
    for row in product(*(framework.facts[n].values for n in names)):
        rules = speaking(framework, {**values, **dict(zip(names, row, strict=True))}, primary)
        opposed.add(stance(rules, strategy) in ("forbidden", "avoided"))
    return "depends" if len(opposed) == 2 else "never" if opposed == {True} else "always"


def every_situation(framework: Framework, names: tuple[str, ...] | None = None) -> Iterator[dict[str, str]]:
    chosen = names or tuple(framework.facts)
    for row in product(*((None, *framework.facts[n].values) for n in chosen)):
        yield {n: value for n, value in zip(chosen, row, strict=True) if value is not None}


def situation(values: Mapping[str, str]) -> Situation:
    return Situation({name: Fact(name, value, "stated") for name, value in values.items()})


def disagreement(framework: Framework, values: Mapping[str, str], proposal: Recommendation) -> str | None:
    """What the two implementations see differently in a situation, None if nothing."""
    decision = decide(framework, values)
    expected = naive_decide(framework, values)
    if (decision.primary, decision.supporting) != expected:
        return f"{dict(values)}: {decision.primary, decision.supporting} against {expected}"
    kinds = naive_kinds(framework, values, str(proposal.primary), proposal.supporting)
    found = {f.strategy: f.kind for f in check(framework, situation(values), proposal).findings}
    return None if found == kinds else f"{dict(values)}, {proposal}: {found} against {kinds}"


if __name__ == "__main__":
    article = load_framework()
    ids = sorted(article.strategies)
    first = [id_ for id_ in ids if article.strategies[id_].is_primary]
    for number, values in enumerate(every_situation(article)):
        proposal = Recommendation(first[number % len(first)], (ids[number % len(ids)],))
        if proposal.primary in proposal.supporting:
            proposal = Recommendation(proposal.primary)
        if wrong := disagreement(article, values, proposal):
            sys.exit(wrong)
    print(f"{number + 1:,} situations: both implementations agree")
