"""The same situation under several frameworks, side by side, and why they disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunewise.framework.decide import Decision, decide
from tunewise.framework.loading import load_framework, shipped_frameworks
from tunewise.framework.model import Framework
from tunewise.framework.words import in_words


@dataclass(frozen=True, slots=True)
class Opinion:
    """One framework's decision; `weighed` are the stated facts that bear on it, `ignored` those it never asks about."""

    name: str
    title: str
    decision: Decision
    weighed: tuple[str, ...]
    ignored: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Opinions in the order asked for; `differences` says in words where the others part from the first, and why."""

    values: Mapping[str, str]
    opinions: tuple[Opinion, ...]
    agree: bool
    differences: tuple[str, ...]


def compare(values: Mapping[str, str], names: Sequence[str] | None = None) -> Comparison:
    """Decide `values` under each framework.

    Args:
        values: Stated facts; a fact that a framework does not have is left out for it.
        names: Shipped names or paths; all shipped frameworks if None.
    """
    opinions = tuple(_opinion(load_framework(name), values) for name in names or shipped_frameworks())
    primaries = {opinion.decision.primary for opinion in opinions}
    differences = tuple(
        f"{_reason(opinions[0])}; {_reason(other)}."
        for other in opinions[1:]
        if other.decision.primary != opinions[0].decision.primary
    )
    return Comparison(dict(values), opinions, len(primaries) == 1, differences)


def _opinion(framework: Framework, values: Mapping[str, str]) -> Opinion:
    known = {name: value for name, value in values.items() if name in framework.facts}
    decision = decide(framework, known)
    asked = {name for rule in framework.rules.values() for name in (*rule.when, *rule.unless)}
    primary = decision.primary
    rules = decision.statuses[primary].rules if primary else ()
    weighed = {name for id_ in rules for name in framework.rules[id_].when}
    return Opinion(
        name=framework.name, title=framework.title, decision=decision, weighed=tuple(sorted(weighed)),
        ignored=tuple(sorted(set(values) - asked)), rules=rules,
    )  # fmt: skip


def _reason(opinion: Opinion) -> str:
    weighed = {name: opinion.decision.values[name] for name in opinion.weighed}
    ground = f"because {in_words(weighed)}" if weighed else "as its default"
    cited = f" ({', '.join(opinion.rules)})" if opinion.rules else ""
    ignored = f" and does not ask about {', '.join(opinion.ignored)}" if opinion.ignored else ""
    return f"{opinion.name} advises {opinion.decision.primary} {ground}{cited}{ignored}"
