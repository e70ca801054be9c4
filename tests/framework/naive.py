"""A second, deliberately naive implementation of decide and check: plain loops over rules, no bit sets.

Written from the docstrings of `decide` and `check`, to compare them on every situation. Run it as a module to compare
on all of them (`python -m tests.framework.naive`, about ten minutes; `… naive 0 10` for the first tenth of them); the
suite compares a part.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from tunewise.framework import Framework, Rule, check, load_framework
from tunewise.framework.compiled import compile_rules
from tunewise.framework.decide import outline
from tunewise.types import Fact, Recommendation, Situation

STRENGTHS = ["must", "should", "may"]
STANCE = {"forbid": "forbidden", "require": "required", "avoid": "avoided", "recommend": "recommended"}


def fires(rule: Rule, values: Mapping[str, str]) -> bool:
    for name, allowed in rule.when.items():
        if values.get(name) not in allowed:
            return False
    return all(values.get(name) not in excepted for name, excepted in rule.unless.items())


Fired = tuple[str, ...]  # ids of the rules that fire


@cache
def fired(framework: Framework, items: frozenset[tuple[str, str]]) -> Fired:
    return tuple(sorted(rule.id for rule in framework.rules.values() if fires(rule, dict(items))))


def fired_on(framework: Framework, values: Mapping[str, str]) -> Fired:
    return fired(framework, frozenset(values.items()))


def speaking(framework: Framework, ids: Fired, primary: str | None) -> list[Rule]:
    rules = [framework.rules[id_] for id_ in ids]
    return [rule for rule in rules if not rule.beside or primary in rule.beside]


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
            factors = [*framework.precedence.factors, "general"]
            place = (STRENGTHS.index(rule.strength), factors.index(rule.factor), -rule.specificity)
            inner = place if supporting else (place[1], place[2], place[0])
            ranks.add((action != "require", rule.factor == "general", *inner))
    worse_than_any = (2,)
    return (*sorted(ranks), worse_than_any, framework.precedence.ranking.index(strategy))


@cache
def primaries(framework: Framework, ids: Fired) -> tuple[str, ...]:
    rules = speaking(framework, ids, None)
    stances = {id_: stance(rules, id_) for id_, spec in framework.strategies.items() if spec.is_primary}
    wanted = "required" if "required" in stances.values() else "recommended"
    chosen = [id_ for id_, word in stances.items() if word == wanted]
    return tuple(sorted(chosen, key=lambda id_: rank(framework, rules, id_, supporting=False)))


@cache
def supporters(framework: Framework, ids: Fired, primary: str) -> tuple[str, ...]:
    rules, chosen = speaking(framework, ids, primary), []
    for id_, spec in framework.strategies.items():
        if not spec.is_supporting or id_ == primary or stance(rules, id_) not in ("required", "recommended"):
            continue
        next_step = any(rule.beside and rule.then.get(id_) in ("require", "recommend") for rule in rules)
        if next_step or not spec.is_primary:
            chosen.append(id_)
    return tuple(sorted(chosen, key=lambda id_: rank(framework, rules, id_, supporting=True)))


@cache
def holds_up(framework: Framework, ids: Fired, strategy: str, primary: str | None) -> bool:
    if strategy == primary:
        return strategy in primaries(framework, ids)
    return stance(speaking(framework, ids, primary), strategy) in ("required", "recommended")


def completions(framework: Framework, values: Mapping[str, str]) -> Iterator[Fired]:
    """The rules that fire in each completion of the situation facts."""
    names = [n for n, spec in framework.facts.items() if spec.kind == "situation" and n not in values]
    for row in product(*(framework.facts[n].values for n in names)):
        yield fired_on(framework, {**values, **dict(zip(names, row, strict=True))})


def naive_decide(framework: Framework, values: Mapping[str, str]) -> tuple[str | None, tuple[str, ...]]:
    worlds, now = list(completions(framework, values)), fired_on(framework, values)
    for primary in primaries(framework, now):
        if any(holds_up(framework, world, primary, primary) for world in worlds):
            ranked = supporters(framework, now, primary)
            chosen = [id_ for id_ in ranked if any(holds_up(framework, world, id_, primary) for world in worlds)]
            return primary, tuple(chosen[: framework.precedence.max_supporting])
    return None, ()


def naive_kinds(
    framework: Framework, values: Mapping[str, str], primary: str, supporting: tuple[str, ...]
) -> dict[str, str]:
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
        full = {**values, **dict(zip(names, row, strict=True))}
        rules = speaking(framework, fired_on(framework, full), primary)
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
    found_outline, expected = outline(compile_rules(framework), values), naive_decide(framework, values)
    if found_outline != expected:
        return f"{dict(values)}: {found_outline} against {expected}"
    kinds = naive_kinds(framework, values, str(proposal.primary), proposal.supporting)
    found = {f.strategy: f.kind for f in check(framework, situation(values), proposal).findings}
    return None if found == kinds else f"{dict(values)}, {proposal}: {found} against {kinds}"


def proposal_for(framework: Framework, number: int) -> Recommendation:
    """A recommendation that varies with `number`: some primary and one other strategy."""
    ids = sorted(framework.strategies)
    first = [id_ for id_ in ids if framework.strategies[id_].is_primary]
    primary, other = first[number % len(first)], ids[number % len(ids)]
    return Recommendation(primary, () if other == primary else (other,))


def main(part: int = 0, parts: int = 1) -> None:
    """Compare on every situation, or on one part of `parts` of them."""
    framework, number = load_framework(), 0
    situation_facts = [name for name, spec in framework.facts.items() if spec.kind == "situation"]
    reports = tuple(name for name in framework.facts if name not in situation_facts)
    for place, reported in enumerate(every_situation(framework, reports)):
        if place % parts != part:
            continue
        for stated in every_situation(framework, tuple(situation_facts)):
            if wrong := disagreement(framework, {**reported, **stated}, proposal_for(framework, number)):
                sys.exit(wrong)
            number += 1
        fired.cache_clear()
    print(f"{number:,} situations: both implementations agree")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
