"""Rules as bit sets, so that one decision costs microseconds and every situation can be enumerated.

Bit i stands for the i-th rule in the order of ids, so the order of the file cannot matter. Which rules fire in a
situation is two AND chains; everything else depends on the fired set alone and is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
KEPT = 200_000  # cache
Table = Mapping[tuple[str, ...], bool]


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
        self._ranking = {id_: -place for place, id_ in enumerate(framework.precedence.ranking)}
        self.primaries = tuple(sorted(id_ for id_, spec in framework.strategies.items() if spec.is_primary))
        self.supporters = tuple(sorted(id_ for id_, spec in framework.strategies.items() if spec.is_supporting))
        self.acts: dict[str, dict[Action, int]] = {
            id_: {action: self._mask(lambda r, a=action, s=id_: r.then.get(s) == a) for action in ACTIONS}
            for id_ in framework.strategies
        }
        self._about = {id_: union(acts.values()) for id_, acts in self.acts.items()}
        self.about_primaries = union(self._about[id_] for id_ in self.primaries)
        self.about_supporters = union(self._about[id_] for id_ in self.supporters)
        unbound = self._mask(lambda rule: not rule.beside)
        self.speaks: dict[str | None, int] = {
            id_: unbound | self._mask(lambda rule, s=id_: s in rule.beside) for id_ in framework.strategies
        }
        self.speaks[None] = unbound
        self._bound = self._every & ~unbound
        self._main_weight = self._weights(framework, supporting=False)
        self._side_weight = self._weights(framework, supporting=True)
        self.max_supporting = framework.precedence.max_supporting

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
        factor_rank = {factor: place for place, factor in enumerate(framework.precedence.factors)}
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
        speaking = fired & self.speaks[primary] & self._about[strategy]
        return _stance(self, speaking, strategy) if speaking else "open"

    def _score(self, fired: int, strategy: str, primary: str | None, supporting: bool) -> int:
        """How well the fired rules support a strategy; compares like the sorted list of its rules' ranks."""
        weights = self._side_weight if supporting else self._main_weight
        speaking = fired & self.speaks[primary]
        return union(
            weights[i, action]
            for action in ("require", "recommend")
            for i in bits_of(speaking & self.acts[strategy][action])
        )

    def ranked_primaries(self, fired: int) -> tuple[str, ...]:
        """Primary strategies that fired rules support and none opposes, best first.

        A required strategy leaves no room for those that are only recommended.
        """
        return _ranked_primaries(self, fired & self.about_primaries)

    def ranked_supporting(self, fired: int, primary: str | None) -> tuple[str, ...]:
        """Every supporting strategy that fired rules support beside `primary`, best first.

        One that can also be primary (a next step, like a linear probe) is listed only where a rule with `beside` says
        so.
        """
        return _ranked_supporting(self, fired & self.speaks[primary] & self.about_supporters, primary)

    def next_steps(self, strategy: str, primary: str | None) -> int:
        """Rules bound to `primary` by `beside` that support a strategy."""
        return self._bound & self.behind(self._every, strategy, primary, "require", "recommend")

    def best_first(
        self, fired: int, strategies: list[str], primary: str | None, *, supporting: bool
    ) -> tuple[str, ...]:
        """Strategies by how well the fired rules support them, then by the framework's ranking."""
        scores = {id_: self._score(fired, id_, primary, supporting) for id_ in strategies}
        return tuple(sorted(strategies, key=lambda id_: (-scores[id_], -self._ranking[id_])))

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
        facts, table = _admissible(self, strategy, primary)
        stated = [(place, values[name]) for place, name in enumerate(facts) if name in values]
        rows = [row for row in table if all(row[place] == value for place, value in stated)]
        outcomes = {table[row] for row in rows}
        if len(outcomes) == 1:
            return ("always" if outcomes.pop() else "never"), frozenset()
        open_facts = ((place, name) for place, name in enumerate(facts) if name not in values)
        return "depends", frozenset(
            name for place, name in open_facts if _matters(table, rows, place, self.values[name])
        )

    def bearing(self, strategy: str, primary: str | None) -> tuple[str, ...]:
        """Facts that the rules beside `primary` name which oppose or require a strategy."""
        rules = self.behind(self._every, strategy, primary, "forbid", "avoid", "require")
        return tuple(sorted({name for i in bits_of(rules) for name in (*self.rules[i].when, *self.rules[i].unless)}))

    def completions(self, values: Mapping[str, str]) -> Iterator[dict[str, str]]:
        """Every way to state the situation facts that are not stated; reported facts stay as they are."""
        open_facts = [name for name in self.branching if name not in values]
        for chosen in product(*(self.values[name] for name in open_facts)):
            yield {**values, **dict(zip(open_facts, chosen, strict=True))}


@lru_cache(maxsize=16)
def compile_rules(framework: Framework) -> Compiled:
    """A framework's rules as bit sets, kept for the frameworks in use."""
    return Compiled(framework)


@lru_cache(maxsize=KEPT)  # cache
def _stance(compiled: Compiled, speaking: int, strategy: str) -> Stance:
    acts = compiled.acts[strategy]
    return next((STANCES[action] for action in ACTIONS if speaking & acts[action]), "open")


@lru_cache(maxsize=KEPT)  # cache
def _ranked_primaries(compiled: Compiled, fired: int) -> tuple[str, ...]:
    stances = {id_: compiled.stance(fired, id_) for id_ in compiled.primaries}
    wanted = "required" if "required" in stances.values() else "recommended"
    return compiled.best_first(fired, [id_ for id_, one in stances.items() if one == wanted], None, supporting=False)


@lru_cache(maxsize=KEPT)  # cache
def _ranked_supporting(compiled: Compiled, fired: int, primary: str | None) -> tuple[str, ...]:
    chosen = [
        id_ for id_ in compiled.supporters
        if id_ != primary
        and (id_ not in compiled.primaries or fired & compiled.next_steps(id_, primary))
        and compiled.stance(fired, id_, primary) in ("required", "recommended")
    ]  # fmt: skip
    return compiled.best_first(fired, chosen, primary, supporting=True)


@lru_cache(maxsize=KEPT)  # cache
def _admissible(compiled: Compiled, strategy: str, primary: str | None) -> tuple[tuple[str, ...], Table]:
    """The facts that bear on a strategy, and for every combination of them whether no rule opposes it."""
    facts = compiled.bearing(strategy, primary)
    rows = product(*(compiled.values[name] for name in facts))
    fired_by = {row: compiled.fired(dict(zip(facts, row, strict=True))) for row in rows}
    opposed = ("avoided", "forbidden")
    return facts, {row: compiled.stance(fired, strategy, primary) not in opposed for row, fired in fired_by.items()}


def _matters(table: Table, rows: list[tuple[str, ...]], place: int, domain: tuple[str, ...]) -> bool:
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
