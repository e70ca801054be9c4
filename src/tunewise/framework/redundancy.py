"""Rules that could go without changing any decision."""

from __future__ import annotations

from collections.abc import Iterable

from tunewise.framework.compiled import Compiled
from tunewise.framework.model import Rule


def redundant_rules(compiled: Compiled, patterns: Iterable[int]) -> tuple[str, ...]:
    """Ids of rules each of which, removed alone, changes no stance, primary or supporting strategy anywhere.

    `patterns` are all sets of rules that fire together; most rules show their worth where few others fire. A source
    that says a thing twice gives two rules that are redundant alone.
    """
    repeated = {i for i, rule in enumerate(compiled.rules) if any(_covers(other, rule) for other in compiled.rules)}
    left = set(range(len(compiled.rules))) - repeated
    for pattern in sorted(patterns, key=int.bit_count):
        left -= {i for i in left if pattern >> i & 1 and _changes(compiled, i, pattern)}
    return tuple(compiled.rules[i].id for i in sorted(left | repeated))


def _covers(other: Rule, rule: Rule) -> bool:
    """Whether another rule says at least as much, of equal rank, whenever this one fires."""
    one, two = ((r.when, r.unless, r.beside, r.strength, r.factor) for r in (other, rule))
    return other is not rule and one == two and rule.then.items() <= other.then.items()


def _changes(compiled: Compiled, i: int, pattern: int) -> bool:
    """Whether the advice is another one without the i-th rule where the rules of `pattern` fire."""
    rule, without = compiled.rules[i], pattern & ~(1 << i)
    best = compiled.ranked_primaries(pattern)[:1]
    if compiled.ranked_primaries(without)[:1] != best:
        return True
    for beside in rule.beside or (None,):
        if any(compiled.stance(pattern, id_, beside) != compiled.stance(without, id_, beside) for id_ in rule.then):
            return True
    most = compiled.max_supporting if set(rule.then) & set(compiled.supporters) else 0
    return any(
        compiled.ranked_supporting(pattern, primary)[:most] != compiled.ranked_supporting(without, primary)[:most]
        for primary in best
    )
