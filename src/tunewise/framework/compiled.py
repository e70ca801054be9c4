"""Rules as bit sets, so that one decision costs microseconds and every situation can be enumerated.

Bit i stands for the i-th rule in the order of ids, so the order of the file cannot matter. Which rules fire in a
situation is two AND chains; everything else depends on the fired set alone and is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Literal

from tunewise.framework.model import ACTIONS, GENERAL, STRENGTHS, Action, Framework, Rule

Stance = Literal["required", "recommended", "open", "avoided", "forbidden"]
STANCES: dict[Action, Stance] = {
    "forbid": "forbidden",
    "require": "required",
    "avoid": "avoided",
    "recommend": "recommended",
}
CACHE_LIMIT = 200_000  # cache
OUTLINES_KEPT = 20_000  # cache


@dataclass(frozen=True, slots=True)
class _Admissible:
    """For every combination of the facts that bear on a strategy: whether no rule opposes it."""

    facts: tuple[str, ...]
    table: Mapping[tuple[str, ...], bool]


class Compiled:
    """A framework as bit sets over its rules."""

    def __init__(self, framework: Framework) -> None:
        self.rules: tuple[Rule, ...] = tuple(framework.rules[id_] for id_ in sorted(framework.rules))
        self.facts = tuple(sorted(framework.facts))
        self.values = {name: framework.facts[name].values for name in self.facts}
        self.branching = tuple(name for name in self.facts if framework.facts[name].kind == "situation")
        self._branching_set = frozenset(self.branching)
        self._every = (1 << len(self.rules)) - 1
        self.masks = tuple((name, self._fact_masks(name)) for name in self.facts)
        self._ranking = {id_: -place for place, id_ in enumerate(framework.ranking)}
        self.primaries = tuple(sorted(id_ for id_, spec in framework.strategies.items() if spec.is_primary))
        self.supporters = tuple(sorted(id_ for id_, spec in framework.strategies.items() if spec.is_supporting))
        self.acts: dict[str, dict[Action, int]] = {
            id_: {action: self._mask(lambda r, a=action, s=id_: r.then.get(s) == a) for action in ACTIONS}
            for id_ in framework.strategies
        }
        self._about = {id_: union(acts.values()) for id_, acts in self.acts.items()}
        self._about_primaries = union(self._about[id_] for id_ in self.primaries)
        self._about_supporters = union(self._about[id_] for id_ in self.supporters)
        unbound = self._mask(lambda rule: not rule.beside)
        self.speaks: dict[str | None, int] = {
            id_: unbound | self._mask(lambda rule, s=id_: s in rule.beside) for id_ in framework.strategies
        }
        self.speaks[None] = unbound
        self._bound = self._every & ~unbound
        self._main_weight = self._weights(framework, supporting=False)
        self._side_weight = self._weights(framework, supporting=True)
        self.max_supporting = framework.precedence.max_supporting
        self._stance_cache: dict[tuple[int, str], Stance] = {}  # cache
        self._primary_cache: dict[int, tuple[str, ...]] = {}  # cache
        self._supporting_cache: dict[tuple[int, str | None], tuple[str, ...]] = {}  # cache
        self._admissible_cache: dict[tuple[str, str | None], _Admissible] = {}  # cache
        self.outlines: dict[tuple[tuple[str, str], ...], tuple[str | None, tuple[str, ...]]] = {}  # cache

    def _mask(self, predicate) -> int:  # type: ignore[no-untyped-def]
        return sum(1 << i for i, rule in enumerate(self.rules) if predicate(rule))

    def _fact_masks(self, name: str) -> dict[str | None, tuple[int, int]]:
        """value (None: not stated) → (rules that may still fire, rules that are excepted)."""
        return {
            value: (
                self._mask(lambda rule, v=value: name not in rule.when or v in rule.when[name]),
                self._mask(lambda rule, v=value: v in rule.unless.get(name, ())),
            )
            for value in (None, *self.values[name])
        }

    def _weights(self, framework: Framework, *, supporting: bool) -> dict[tuple[int, Action], int]:
        """(rule, action) → one bit; a higher bit outranks all lower ones together.

        Primary strategies: require before recommend, general rules last, then factor, specificity, strength.
        Supporting ones: require before recommend, general rules last, then strength, factor, specificity.
        """
        factor_rank = {factor: place for place, factor in enumerate(framework.factors)}
        keys: dict[tuple[int, Action], tuple[int, ...]] = {}
        for i, rule in enumerate(self.rules):
            factor, strength = factor_rank.get(rule.factor, len(factor_rank)), STRENGTHS.index(rule.strength)
            inner = (strength, factor, -rule.specificity) if supporting else (factor, -rule.specificity, strength)
            for action in set(rule.then.values()) & {"require", "recommend"}:
                keys[i, action] = (action != "require", rule.factor == GENERAL, *inner)
        order = {key: place for place, key in enumerate(sorted(set(keys.values()), reverse=True))}
        return {rule_action: 1 << order[key] for rule_action, key in keys.items()}

    def fired(self, values: Mapping[str, str]) -> int:
        """The rules that fire on the stated facts, as a bit set."""
        fired, excepted, stated = self._every, 0, values.get
        for name, masks in self.masks:
            holds, excepts = masks[stated(name)]
            fired &= holds
            excepted |= excepts
        return fired & ~excepted

    def completions_fired(self, values: Mapping[str, str]) -> Iterator[int]:
        """The fired rules of each completion, in the order of `completions`."""
        fixed, excluded, choices = self._every, 0, []
        for name, masks in self.masks:
            if name in values or name not in self._branching_set:
                holds, excepts = masks[values.get(name)]
                fixed &= holds
                excluded |= excepts
            else:
                choices.append([masks[value] for value in self.values[name]])
        for chosen in product(*choices):
            fired, excepted = fixed, excluded
            for holds, excepts in chosen:
                fired &= holds
                excepted |= excepts
            yield fired & ~excepted

    def ids(self, bits: int) -> tuple[str, ...]:
        """Ids of the rules in a bit set, in the order of ids."""
        return tuple(self.rules[i].id for i in bits_of(bits))

    def behind(self, fired: int, strategy: str, primary: str | None, *actions: Action) -> int:
        """Fired rules that do one of `actions` to `strategy` beside `primary`."""
        speaking = fired & self.speaks[primary]
        return speaking & union(self.acts[strategy][action] for action in actions)

    def stance(self, fired: int, strategy: str, primary: str | None = None) -> Stance:
        """What the fired rules say about a strategy beside `primary`: forbid > require > avoid > recommend."""
        speaking = fired & self.speaks[primary]
        key = (speaking & self._about[strategy], strategy)
        if key not in self._stance_cache:
            acts = self.acts[strategy]
            found: Stance = next((STANCES[action] for action in ACTIONS if speaking & acts[action]), "open")
            if len(self._stance_cache) >= CACHE_LIMIT:  # cache
                self._stance_cache.clear()  # cache
            self._stance_cache[key] = found  # cache
        return self._stance_cache[key]

    def score(self, fired: int, strategy: str, primary: str | None, *, supporting: bool) -> int:
        """How well the fired rules support a strategy; compares like the sorted list of its rules' ranks."""
        weights = self._side_weight if supporting else self._main_weight
        speaking, total = fired & self.speaks[primary], 0
        for action in ("require", "recommend"):
            for i in bits_of(speaking & self.acts[strategy][action]):
                total |= weights[i, action]
        return total

    def ranked_primaries(self, fired: int) -> tuple[str, ...]:
        """Primary strategies that fired rules support and none opposes, best first.

        A required strategy leaves no room for those that are only recommended.
        """
        key = fired & self._about_primaries
        cached = self._primary_cache.get(key)
        if cached is None:
            stances = {id_: self.stance(fired, id_) for id_ in self.primaries}
            wanted = "required" if "required" in stances.values() else "recommended"
            chosen = [id_ for id_, stance in stances.items() if stance == wanted]
            scores = {id_: self.score(fired, id_, None, supporting=False) for id_ in chosen}
            cached = tuple(sorted(chosen, key=lambda id_: (-scores[id_], -self._ranking[id_])))
            if len(self._primary_cache) < CACHE_LIMIT:  # cache
                self._primary_cache[key] = cached  # cache
        return cached

    def ranked_supporting(self, fired: int, primary: str | None) -> tuple[str, ...]:
        """Every supporting strategy that fired rules support beside `primary`, best first.

        One that can also be primary (a next step, like a linear probe) is listed only where a rule with `beside` says
        so.
        """
        key = (fired & self.speaks[primary] & self._about_supporters, primary)
        cached = self._supporting_cache.get(key)
        if cached is None:
            stances = {
                id_: self.stance(fired, id_, primary)
                for id_ in self.supporters
                if id_ != primary and (id_ not in self.primaries or fired & self._next_step(id_, primary))
            }
            chosen = [id_ for id_, stance in stances.items() if stance in ("required", "recommended")]
            scores = {id_: self.score(fired, id_, primary, supporting=True) for id_ in chosen}
            cached = tuple(sorted(chosen, key=lambda id_: (-scores[id_], -self._ranking[id_])))
            if len(self._supporting_cache) < CACHE_LIMIT:  # cache
                self._supporting_cache[key] = cached  # cache
        return cached

    def _next_step(self, strategy: str, primary: str | None) -> int:
        acts = self.acts[strategy]
        return self._bound & self.speaks[primary] & (acts["require"] | acts["recommend"])

    def holds_up(self, fired: int, strategy: str, primary: str | None) -> bool:
        """Whether fired rules support `strategy` (beside `primary`, or as the primary itself) and none opposes it."""
        if strategy == primary:
            return strategy in self.ranked_primaries(fired)
        return self.stance(fired, strategy, primary) in ("required", "recommended")

    def admissibility(
        self, values: Mapping[str, str], strategy: str, primary: str | None
    ) -> tuple[Literal["always", "never", "depends"], frozenset[str]]:
        """Whether any completion of all facts, reports included, opposes a strategy; and the facts it depends on.

        Only facts that the strategy's own rules mention are completed, so this stays small.
        """
        found = self._admissible(strategy, primary)
        stated = [(place, values[name]) for place, name in enumerate(found.facts) if name in values]
        rows = [row for row in found.table if all(row[place] == value for place, value in stated)]
        outcomes = {found.table[row] for row in rows}
        if len(outcomes) == 1:
            return ("always" if outcomes.pop() else "never"), frozenset()
        depends = {
            name
            for place, name in enumerate(found.facts)
            if name not in values and _matters(found.table, rows, place, self.values[name])
        }
        return "depends", frozenset(depends)

    def _admissible(self, strategy: str, primary: str | None) -> _Admissible:
        key = (strategy, primary)
        if key not in self._admissible_cache:
            masks = self.behind(self._every, strategy, primary, "forbid", "avoid", "require")
            mentioned = {name for i in bits_of(masks) for name in (*self.rules[i].when, *self.rules[i].unless)}
            facts = tuple(sorted(mentioned))
            table: dict[tuple[str, ...], bool] = {}
            for row in product(*(self.values[name] for name in facts)):
                stance = self.stance(self.fired(dict(zip(facts, row, strict=True))), strategy, primary)
                table[row] = stance not in ("avoided", "forbidden")
            self._admissible_cache[key] = _Admissible(facts, table)
        return self._admissible_cache[key]

    def remember_outline(self, key: tuple[tuple[str, str], ...], found: tuple[str | None, tuple[str, ...]]) -> None:
        """Keep an outline; the oldest ones give way."""
        if len(self.outlines) >= OUTLINES_KEPT:  # cache
            self.outlines.clear()  # cache
        self.outlines[key] = found  # cache

    def completions(self, values: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Every way to state the situation facts that are not stated; reported facts stay as they are."""
        open_facts = [name for name in self.branching if name not in values]
        for chosen in product(*(self.values[name] for name in open_facts)):
            yield {**values, **dict(zip(open_facts, chosen, strict=True))}


@lru_cache(maxsize=16)
def compile_rules(framework: Framework) -> Compiled:
    """A framework's rules as bit sets, kept for the frameworks in use."""
    return Compiled(framework)


def _matters(
    table: Mapping[tuple[str, ...], bool], rows: list[tuple[str, ...]], place: int, domain: tuple[str, ...]
) -> bool:
    """Whether changing the value at `place` alone changes some row's outcome."""
    return any(table[row] != table[(*row[:place], value, *row[place + 1 :])] for row in rows for value in domain)


def bits_of(bits: int) -> Iterator[int]:
    """Positions of the set bits, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def union(masks: Iterable[int]) -> int:
    """Union of bit sets."""
    total = 0
    for mask in masks:
        total |= mask
    return total
