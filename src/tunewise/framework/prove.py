"""Properties of a framework, proved by enumerating every situation, however incomplete.

A situation is one state (a value, or not stated) per fact. Situations in which the same rules fire are decided alike,
so they are enumerated by merging equal states fact by fact; the count is of all of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from tunewise.errors import FrameworkError
from tunewise.framework.compiled import Compiled, bits_of, compile_rules, union
from tunewise.framework.coverage import Property, coverage_of, misquotes
from tunewise.framework.decide import outline
from tunewise.framework.model import ACTIONS, Framework, Rule
from tunewise.framework.redundancy import redundant_rules
from tunewise.framework.words import in_words

BUDGET_S = 300.0
State = tuple[int, int]  # rules that may still fire, rules that are excepted


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules that can fire together and say opposite things about a strategy; `winner` is settled by precedence."""

    strategy: str
    winner: str
    loser: str
    because: str
    situation: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of `prove`; `holds` is true if every property holds."""

    framework: str
    framework_hash: str
    situations: int
    complete_situations: int
    patterns: int
    properties: tuple[Property, ...]
    conflicts: tuple[Conflict, ...]
    redundant: tuple[str, ...]
    never_primary: tuple[str, ...]
    unused_facts: tuple[str, ...]
    unused_values: tuple[str, ...]
    coverage: Mapping[str, int]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether every property holds."""
        return all(one.holds for one in self.properties)


def prove(framework: Framework, *, budget_s: float = BUDGET_S) -> Proof:
    """Prove a framework sound, or find where it is not. Quotes are looked for in the shipped documents.

    Raises:
        FrameworkError: If that takes more than `budget_s` seconds.
    """
    started = time.perf_counter()
    compiled = compile_rules(framework)
    states = _patterns(compiled, compiled.facts)
    fired = {fires & ~excepted: witness for (fires, excepted), (_, witness) in reversed(states.items())}
    primaries, gap = _advice_everywhere(framework, started + budget_s)
    properties = (
        gap, _no_required_and_forbidden(compiled, fired), _never_stays_never(framework),
        _every_rule_fires(compiled, fired), _examples_come_out(framework), misquotes(framework),
    )  # fmt: skip
    values = {
        (name, value)
        for rule in compiled.rules
        for name, allowed in (*rule.when.items(), *rule.unless.items())
        for value in allowed
    }
    used = {name for name, _ in values}
    return Proof(
        framework=framework.name, framework_hash=framework.hash, situations=sum(count for count, _ in states.values()),
        complete_situations=prod(map(len, compiled.values.values())), patterns=len(fired), properties=properties,
        conflicts=tuple(_conflicts(compiled)), redundant=redundant_rules(compiled, fired),
        never_primary=tuple(id_ for id_ in compiled.primaries if id_ not in primaries),
        unused_facts=tuple(sorted(set(framework.facts) - used)),
        unused_values=tuple(
            f"{name}={value}" for name in sorted(used) for value in compiled.values[name] if (name, value) not in values
        ),
        coverage=coverage_of(framework), seconds=round(time.perf_counter() - started, 2),
    )  # fmt: skip


def _patterns(compiled: Compiled, names: tuple[str, ...]) -> dict[State, tuple[int, dict[str, str]]]:
    """State of the rules → how many situations of the named facts lead to it, and one of them."""
    states: dict[State, tuple[int, dict[str, str]]] = {((1 << len(compiled.rules)) - 1, 0): (1, {})}
    for name, masks in compiled.masks:
        options = masks.items() if name in names else ((None, masks[None]),)
        merged: dict[State, tuple[int, dict[str, str]]] = {}
        for (fired, excepted), (count, witness) in states.items():
            for value, (holds, excepts) in options:
                left = fired & holds
                key = (left, (excepted | excepts) & left)
                if key in merged:
                    merged[key] = (merged[key][0] + count, merged[key][1])
                else:
                    merged[key] = (count, witness if value is None else {**witness, name: value})
        states = merged
    return states


def _advice_everywhere(framework: Framework, until: float) -> tuple[frozenset[str], Property]:
    """Every situation has a primary strategy that holds up in some completion, so our own advice is never invalid.

    For each state of the reported facts, the completions of the situation facts are computed once; a partial situation
    is then a subset of them.
    """
    compiled = compile_rules(framework)
    reports = tuple(name for name in compiled.facts if name not in compiled.branching)
    partials = list(_partials(compiled))
    seen: set[str] = set()
    checked = 0
    for count, values in _patterns(compiled, reports).values():
        if time.perf_counter() > until:
            raise FrameworkError(
                f"{framework.name}: the proof was stopped after {checked:,} situations for lack of time. Use fewer "
                "facts or rules with fewer conditions, or give it more seconds (budget_s)."
            )
        worlds = list(compiled.completions_fired(values))
        standing: dict[str, int] = {}
        for stated, cover in partials:
            fired = compiled.fired({**values, **stated})
            primary = _first_standing(compiled, fired, worlds, cover, standing)
            checked += count
            if primary is None:
                situation = {**values, **stated}
                return frozenset(seen), Property("every situation has advice", False, f"none if {in_words(situation)}")
            seen.add(primary)
    return frozenset(seen), Property("every situation has advice", True, f"{checked:,} situations")


def _partials(compiled: Compiled) -> Iterator[tuple[dict[str, str], int]]:
    """Every partial statement of the situation facts, with the set of completions that it leaves open."""
    names = compiled.branching
    worlds = list(product(*(compiled.values[name] for name in names)))
    for row in product(*((None, *compiled.values[name]) for name in names)):
        cover = sum(
            1 << place
            for place, world in enumerate(worlds)
            if all(value is None or value == world[i] for i, value in enumerate(row))
        )
        yield {name: value for name, value in zip(names, row, strict=True) if value is not None}, cover


def _first_standing(
    compiled: Compiled, fired: int, worlds: list[int], cover: int, standing: dict[str, int]
) -> str | None:
    for strategy in compiled.ranked_primaries(fired):
        if strategy not in standing:
            standing[strategy] = sum(
                1 << place for place, world in enumerate(worlds) if compiled.holds_up(world, strategy, strategy)
            )
        if standing[strategy] & cover:
            return strategy
    return None


def _no_required_and_forbidden(compiled: Compiled, fired: Mapping[int, dict[str, str]]) -> Property:
    name = "nothing is both required and forbidden"
    required = [(id_, acts["require"], acts["forbid"]) for id_, acts in compiled.acts.items() if acts["require"]]
    for pattern, witness in fired.items():
        at_once = [id_ for id_, require, _ in required if pattern & require and id_ in compiled.primaries]
        clash = [id_ for id_, require, forbid in required if pattern & require and pattern & forbid]
        if clash or len(at_once) > 1:
            return Property(name, False, f"{', '.join(clash or at_once)} if {in_words(witness)}")
    return Property(name, True, f"{len(fired):,} patterns of rules")


def _never_stays_never(framework: Framework) -> Property:
    """What is never admissible is never advised, however many facts are added."""
    compiled, name = compile_rules(framework), "what is never admissible is never advised"
    checked = 0
    for strategy in framework.strategies:
        bearing = [rule for rule in compiled.rules if strategy in rule.then]
        mentioned = {fact for rule in bearing for fact in (*rule.when, *rule.unless)}
        facts = tuple(fact for fact in compiled.facts if fact in mentioned)
        for row in product(*((None, *compiled.values[fact]) for fact in facts)):
            values = {fact: value for fact, value in zip(facts, row, strict=True) if value is not None}
            checked += 1
            if compiled.stance(compiled.fired(values), strategy) not in ("required", "recommended"):
                continue
            if compiled.admissibility(values, strategy, None)[0] == "never":
                return Property(name, False, f"{strategy} if {in_words(values)}")
    return Property(name, True, f"{checked:,} situations of the facts that bear on a strategy")


def _every_rule_fires(compiled: Compiled, fired: Mapping[int, dict[str, str]]) -> Property:
    ever = union(fired)
    dead = [rule.id for i, rule in enumerate(compiled.rules) if not ever >> i & 1]
    detail = f"never: {', '.join(dead)}" if dead else f"{len(compiled.rules)} rules"
    return Property("every rule fires somewhere", not dead, detail)


def _examples_come_out(framework: Framework) -> Property:
    wrong = []
    for example in framework.examples.values():
        primary, supporting = outline(compile_rules(framework), example.situation)
        advised = {primary, *supporting}
        expect = example.expect
        right = (not expect.primary or primary in expect.primary) and advised >= set(expect.supporting)
        if not right or advised & set(expect.never):
            wrong.append(f"{example.id} gives {primary}")
    detail = "; ".join(wrong) or f"{len(framework.examples)} examples"
    return Property("the source's own examples come out", not wrong, detail)


def _conflicts(compiled: Compiled) -> Iterator[Conflict]:
    """Pairs of rules with opposite effects on a strategy that can fire together, and what settles each."""
    for strategy, acts in compiled.acts.items():
        against = acts["forbid"] | acts["avoid"]
        support = acts["require"] | acts["recommend"]
        for i in bits_of(against):
            for j in bits_of(support):
                one, other = compiled.rules[i], compiled.rules[j]
                situation = _together(compiled, one, other)
                if situation is None or (one.beside and other.beside and not set(one.beside) & set(other.beside)):
                    continue
                first, second = one.then[strategy], other.then[strategy]
                winner, loser = (one, other) if ACTIONS.index(first) < ACTIONS.index(second) else (other, one)
                because = f"{winner.then[strategy]} before {loser.then[strategy]}"
                yield Conflict(strategy, winner.id, loser.id, because, situation)


def _together(compiled: Compiled, one: Rule, other: Rule) -> dict[str, str] | None:
    """A situation in which both rules fire, if there is one."""
    situation = {}
    for name in sorted({*one.when, *other.when}):
        excepted = {*one.unless.get(name, ()), *other.unless.get(name, ())}
        both = set(one.when.get(name, compiled.values[name])) & set(other.when.get(name, compiled.values[name]))
        if not both - excepted:
            return None
        situation[name] = next(value for value in compiled.values[name] if value in both - excepted)
    return situation
