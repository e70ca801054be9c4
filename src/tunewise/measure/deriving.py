"""The facts that a measurement settles, and what the rules make of them. Nothing is settled that an interval leaves
open, and nothing is good enough where nobody said what would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tunewise.facts.dataset import classify
from tunewise.framework import decide
from tunewise.measure.records import Choice, Curve, Kind, Metric, Score, Shift
from tunewise.types import UNKNOWN, Fact

if TYPE_CHECKING:
    from tunewise.framework import Framework

DETAILS = ("n_examples", "n_classes", "modality")  # what a situation holds beside the facts of its framework
MOST_UNSEEN = 1.5  # times the scored rows, from which a sample that falls short settles nothing by itself
REACHED = {True: ("good_enough", "sufficient"), False: ("insufficient", "insufficient")}


def derive_facts(
    framework: Framework,
    *,
    kind: Kind,
    rows: int,
    n_classes: int,
    baselines: Sequence[Score],  # the most frequent class first
    probe: Score,
    metric: Metric,
    target: float | None,
    shift: Shift | None,
    unseen: str | None,
) -> tuple[Fact, ...]:
    """Facts of status "measured" that this framework has, each with its figures as reason; those that the figures leave
    open are unknown, and say why. `unseen` says why rows that were not scored may still reach the target, if so."""
    size, why = classify(rows, "examples", framework)
    found = [
        Fact("n_examples", f"{rows:,}", "measured", reason="counted", amount=float(rows), unit="examples"),
        Fact("n_classes", str(n_classes), "measured", reason="counted", amount=float(n_classes), unit="classes"),
        _fact("dataset_size", size, why or f"{rows:,} labelled examples; {_cutoffs(framework)}."),
    ]
    if kind != "features":
        found.append(Fact("modality", kind, "measured", reason="read from the files"))
    if target is not None:
        blind, *ways = baselines
        best = max(ways, key=lambda score: score.figure(metric).value)
        found.append(_against_target("baseline", 0, best, blind, metric, target, unseen))
        found.append(_against_target("frozen_features", 1, probe, blind, metric, target, unseen))
    if shift is not None:
        found.append(_fact("similarity", shift.similarity, _on_shift(shift)))
    return tuple(fact for fact in found if fact.name in DETAILS or _is_known_to(framework, fact))


def choices(framework: Framework, facts: Sequence[Fact], stated: Mapping[str, str]) -> tuple[Choice, Choice]:
    """What the rules recommend for what was stated, and for what was stated and measured.

    Raises:
        SituationError: If the framework has no such fact or value.
    """
    measured = {fact.name: fact.value for fact in facts if fact.known and fact.name in framework.facts}
    found = []
    for values in (dict(stated), {**stated, **measured}):
        advice = decide(framework, values).recommendation()
        found.append(Choice(advice.primary, advice.supporting, advice.avoid))
    return found[0], found[1]


def _is_known_to(framework: Framework, fact: Fact) -> bool:
    spec = framework.facts.get(fact.name)
    return spec is not None and (not fact.known or fact.value in spec.values)


def _fact(name: str, value: str, reason: str) -> Fact:
    return Fact(name, value, "measured" if value != UNKNOWN else "unknown", reason=reason)


def _cutoffs(framework: Framework) -> str:
    try:
        small_below, large_from = framework.size_cutoffs("examples")
    except KeyError:
        return "this framework has no cut-offs for examples"
    return f"small is below {small_below:,.10g}, large from {large_from:,.10g}"


def _against_target(
    name: str, place: int, score: Score, blind: Score, metric: Metric, target: float, unseen: str | None
) -> Fact:
    """Whether the whole interval reaches the target, or none of it; open where one fixed answer reaches it too."""
    figure = score.figure(metric)
    said = f"{score.way}: {metric.replace('_', '-')} {figure}, target {target:g}"
    if blind.figure(metric).high >= target:
        return _fact(name, UNKNOWN, f"{said}: always saying the most frequent class reaches it too.")
    if figure.low < target <= figure.high:
        return _fact(name, UNKNOWN, f"{said}: too close to tell.")
    if figure.high < target and unseen:
        return _fact(name, UNKNOWN, f"{said}: {unseen}.")
    return _fact(name, REACHED[figure.low >= target][place], f"{said}.")


def still_unseen(curve: Curve | None, used: int, rows: int, target: float | None) -> str | None:
    """Why the rows that were not scored may still reach the target; None if there are few, or a forecast denies it."""
    if target is None or rows <= MOST_UNSEEN * used:
        return None
    whole = next((each for each in curve.forecasts if each.rows == rows), None) if curve else None
    if whole is not None and whole.high < target:
        return None
    return f"{used:,} of {rows:,} rows were scored, and with all of them it may be reached"


def _on_shift(shift: Shift) -> str:
    said = (
        f"{shift.inside.value:.0%} of the data lie as near to {shift.reference!r} as 95 % of its own rows; a "
        f"classifier tells the two apart with AUC {shift.auc}"
    )
    return f"{said}." if shift.similarity != UNKNOWN else f"{said}: neither very similar nor very different."
