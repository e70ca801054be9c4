"""What would change the advice: questions worth asking, flip points, and the smallest change to another strategy."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, product

from tunewise.errors import SituationError
from tunewise.framework.compiled import Compiled, compile_rules
from tunewise.framework.decide import checked_values, outline
from tunewise.framework.model import FactSpec, Framework, UnitKind
from tunewise.framework.words import suggestion, text_in
from tunewise.types import MEDIUM, Conditional, Question, Recommendation

MAIN_PRIORITY = 3


@dataclass(frozen=True, slots=True)
class FlipPoint:
    """One changed fact that changes the primary strategy.

    `amount` and `unit` say where a counted fact flips ("from about 100,000 labelled examples"), if it is counted;
    `below`: it flips below that amount, not from it on.
    """

    fact: str
    before: str | None
    after: str
    primary_after: str
    amount: float | None = None
    unit: str | None = None
    below: bool = False


def next_questions(
    framework: Framework,
    values: Mapping[str, str],
    limit: int = 3,
    *,
    language: str = "en",
    without: Collection[str] = (),
) -> tuple[Question, ...]:
    """The open questions that could change the advice, the one that settles most first.

    Facts are ordered by the framework's priority, then by the share of completions in which their answer changes the
    primary strategy, then the supporting ones. Facts beyond the main factors are asked for only if they can change the
    primary. Nothing is asked when nothing could change it, nothing that makes no sense for what is stated, and nothing
    about the facts of `without`.
    """
    stated = checked_values(framework, values)
    ranked = [name for name in _ranked(framework, tuple(stated.items())) if name not in without]
    return tuple(_question(framework, stated, name, language) for name in ranked[: max(limit, 0)])


def supposed(framework: Framework, values: Mapping[str, str], change: Mapping[str, str]) -> Conditional:
    """What the advice would be if these facts were so; its primary is "" where there would be none."""
    primary, supporting = outline(compile_rules(framework), checked_values(framework, {**values, **change}))
    return Conditional(dict(change), primary or "", supporting)


def conditions_first(recommendation: Recommendation, first: Collection[Conditional]) -> Recommendation:
    """The recommendation with these conditions named before its others, if they lead to another primary strategy."""
    leading = [each for each in first if each.primary and each.primary != recommendation.primary]
    named = [each.when for each in leading]
    others = [each for each in recommendation.conditional if each.when not in named]
    return replace(recommendation, conditional=(*leading, *others))


def _question(framework: Framework, values: Mapping[str, str], name: str, language: str) -> Question:
    spec = framework.facts[name]
    outcomes = {value: outline(compile_rules(framework), {**values, name: value})[0] or "" for value in spec.values}
    return Question(name, text_in(spec.question, language), outcomes)


@lru_cache(maxsize=512)
def _ranked(framework: Framework, items: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    values, facts = dict(items), framework.facts
    shares = {
        name: influence(framework, values, name)
        for name in sorted(facts)
        if name not in values and facts[name].fits(values)
    }
    asked = [
        name for name, (primary, advice) in shares.items()
        if primary or (advice and facts[name].priority <= MAIN_PRIORITY)
    ] or _joint(framework, values, list(shares))  # fmt: skip
    rank = {name: (facts[name].priority, -shares[name][0], -shares[name][1]) for name in asked}
    return tuple(sorted(asked, key=lambda name: (rank[name], framework.importance(name))))


def influence(framework: Framework, values: Mapping[str, str], name: str) -> tuple[float, float]:
    """How much an open fact matters: shares of completions in which its answer changes the primary, and any advice."""
    compiled, spec = compile_rules(framework), framework.facts[name]
    worlds = changed_primary = changed_advice = 0
    for full in compiled.completions({**values, name: spec.values[0]}):
        outcomes = {outline(compiled, {**full, name: value}) for value in spec.values}
        if spec.kind == "report":
            outcomes.add(outline(compiled, {key: value for key, value in full.items() if key != name}))
        worlds += 1
        changed_primary += len({primary for primary, _ in outcomes}) > 1
        changed_advice += len({(primary, frozenset(rest)) for primary, rest in outcomes}) > 1
    return changed_primary / worlds, changed_advice / worlds


def _joint(framework: Framework, values: Mapping[str, str], names: list[str]) -> list[str]:
    """Facts of which no single answer matters, but a pair of answers does."""
    compiled, facts = compile_rules(framework), framework.facts
    now = outline(compiled, values)[0]
    for one, other in combinations(names, 2):
        for first, second in product(facts[one].values, facts[other].values):
            if outline(compiled, {**values, one: first, other: second})[0] != now:
                return [one, other]
    return []


def flip_points(
    framework: Framework,
    values: Mapping[str, str],
    *,
    of_open: bool = True,
    unit_kind: UnitKind = "examples",
    language: str = "en",
) -> tuple[FlipPoint, ...]:
    """Every single fact, stated or open, whose change changes the primary strategy; most important facts first.

    Args:
        framework: The rules to decide by.
        values: Stated facts.
        of_open: Whether open facts are told too; not where they are asked for.
        unit_kind: How the data set is counted, for the amount at which its size flips.
        language: Language of the units.
    """
    stated = checked_values(framework, values)
    compiled = compile_rules(framework)
    now = outline(compiled, stated)[0]
    found: list[FlipPoint] = []
    for name in sorted(framework.facts if of_open else stated, key=framework.importance):
        spec = framework.facts[name]
        for value in spec.values:
            then = outline(compiled, {**stated, spec.name: value})[0]
            if value != stated.get(spec.name) and then is not None and then != now:
                before = stated.get(spec.name)
                amount, unit = _threshold(framework, spec, before, value, unit_kind)
                said = text_in(unit, language) if unit else None
                below = amount is not None and (value == "small" or before == "large")
                found.append(FlipPoint(spec.name, before, value, then, amount, said, below))
    return tuple(found)


def _threshold(
    framework: Framework, spec: FactSpec, before: str | None, value: str, unit_kind: UnitKind
) -> tuple[float | None, Mapping[str, str] | None]:
    """The amount that lies between two values of a counted fact, next to the new one."""
    sizes, large = framework.parameters.sizes, framework.parameters.large_model
    if spec.name == "dataset_size" and unit_kind in sizes:
        cutoff = sizes[unit_kind]
        is_upper = value == "large" or (value == MEDIUM and before == "large")
        return (cutoff.large_from if is_upper else cutoff.small_below), cutoff.unit
    return (large.parameters_from, large.unit) if spec.name == "model_size" and large else (None, None)


def smallest_change(
    framework: Framework, values: Mapping[str, str], target: str, *, most: int = 4
) -> dict[str, str] | None:
    """The fewest facts to state or change so that `target` becomes the primary strategy.

    Returns:
        fact → value; {} if it is the primary already; None if no change of at most `most` facts does it. Among
        changes of equal size the one on the more important facts wins, open facts before stated ones.

    Raises:
        SituationError: If `target` is not a primary strategy of the framework.
    """
    stated, compiled = checked_values(framework, values), compile_rules(framework)
    if target not in compiled.primaries:
        hint = suggestion(target, compiled.primaries)
        raise SituationError(
            f"{target!r} is not a primary strategy.{hint} Choose one of {', '.join(compiled.primaries)}."
        )
    facts = framework.facts
    names = sorted(facts, key=lambda name: (facts[name].priority, name in stated, framework.importance(name)))
    chosen = (some for size in range(most + 1) for some in combinations(names, size))
    return next((change for some in chosen if (change := _reaches(compiled, stated, some, target)) is not None), None)


def _reaches(
    compiled: Compiled, stated: Mapping[str, str], chosen: tuple[str, ...], target: str
) -> dict[str, str] | None:
    for row in product(*(compiled.values[name] for name in chosen)):
        change = dict(zip(chosen, row, strict=True))
        if all(stated.get(name) != value for name, value in change.items()):
            values = {**stated, **change}
            if target in compiled.ranked_primaries(compiled.fired(values)) and outline(compiled, values)[0] == target:
                return change
    return None
