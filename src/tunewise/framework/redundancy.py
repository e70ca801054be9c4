"""Rules that could go without changing any decision."""

from __future__ import annotations

from collections.abc import Mapping

from tunewise.framework.compiled import Compiled
from tunewise.framework.model import Rule


def redundant_rules(compiled: Compiled, fired: Mapping[int, dict[str, str]]) -> tuple[str, ...]:
    """Ids of rules each of which, removed alone, changes no stance, primary or supporting strategy anywhere.

    Most rules show their worth at once: somewhere they are the only one that decides a stance. The rest are tried
    against every pattern of fired rules. A source that says a thing twice gives two rules that are redundant alone.
    """
    left = {i for i in range(len(compiled.rules)) if not _decides_alone(compiled, i)}
    left -= {i for i in left if _changes_order(compiled, i, fired)}
    return tuple(compiled.rules[i].id for i in sorted(left))


def _decides_alone(compiled: Compiled, i: int) -> bool:
    """Whether the rule changes a stance in its own barest situation."""
    rule = compiled.rules[i]
    fired = compiled.fired({name: allowed[0] for name, allowed in rule.when.items()})
    if not fired >> i & 1:
        return False
    without = fired & ~(1 << i)
    return any(
        compiled.stance(fired, strategy, beside) != compiled.stance(without, strategy, beside)
        for strategy in rule.then
        for beside in (rule.beside or (None,))
    )


def _repeated(compiled: Compiled, i: int) -> bool:
    """Whether another rule says at least as much, of equal rank, whenever this one fires."""
    rule = compiled.rules[i]
    return any(_covers(other, rule) for other in compiled.rules if other is not rule)


def _covers(other: Rule, rule: Rule) -> bool:
    same = (
        other.when == rule.when
        and other.unless == rule.unless
        and other.beside == rule.beside
        and (other.strength, other.factor) == (rule.strength, rule.factor)
    )
    return same and rule.then.items() <= other.then.items()


def _changes_order(compiled: Compiled, i: int, fired: Mapping[int, dict[str, str]]) -> bool:
    if _repeated(compiled, i):
        return False
    bit = 1 << i
    strategies = compiled.rules[i].then
    sides = set(strategies) & set(compiled.supporters)
    for pattern in fired:
        if not pattern & bit:
            continue
        without = pattern & ~bit
        best, other = compiled.ranked_primaries(pattern)[:1], compiled.ranked_primaries(without)[:1]
        if best != other:
            return True
        if any(compiled.stance(pattern, id_) != compiled.stance(without, id_) for id_ in strategies):
            return True
        for primary in best if sides else ():
            most = compiled.max_supporting
            if (
                compiled.ranked_supporting(pattern, primary)[:most]
                != compiled.ranked_supporting(without, primary)[:most]
            ):
                return True
    return False
