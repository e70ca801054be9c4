"""A measurement as text for a terminal, at most forty lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tunewise.measure.records import Choice, Curve, Figure, Measurement

SHOWN_CLASSES = 4
SHOWN_NOTES = 5
SHOWN_AVOIDED = 4
LONGEST = 110

Label = Callable[[str], str]


def report(measurement: Measurement, strategy: Label, fact: Callable[[str, str], tuple[str, str]]) -> str:
    """The readable report.

    Args:
        measurement: What was measured.
        strategy: Gives a strategy's name for people.
        fact: Gives the names of a fact and of its value for people.
    """
    parts = (
        *_data(measurement), "", *_scores(measurement), *_growth(measurement), *_distance(measurement), "",
        *_facts(measurement, fact), "", *_advice(measurement, strategy),
        *(_cut(f"Note: {note}") for note in measurement.notes[:SHOWN_NOTES]),
    )  # fmt: skip
    return "\n".join(parts)


def _data(found: Measurement) -> Iterator[str]:
    yield f"{found.source}: {found.rows:,} labelled rows, {len(found.classes)} classes ({found.columns})"
    shown = ", ".join(f"{name[:24]} {count / found.rows:.1%}" for name, count in found.classes[:SHOWN_CLASSES])
    more = len(found.classes) - SHOWN_CLASSES
    yield _cut(f"  Classes: {shown}" + (f" and {more:,} more" if more > 0 else ""))
    copies = found.copies
    exact = (
        f"{copies.exact:,} exact ({copies.conflicts or 0:,} with another label), " if copies.exact is not None else ""
    )
    near = f"{copies.near:,} near pairs ({copies.near_conflicts:,} with another label) among {copies.of:,} rows"
    yield _cut(
        f"  Copies: {exact}" + (near if found.kind != "features" else "near ones are not looked for in features")
    )
    yield (
        f"  Scored: {found.used:,} rows by {found.encoder}, five-fold cross-validation, copies on one side; seed "
        f"{found.seed}, {found.seconds.get('total', 0):.0f} s"
    )


def _scores(found: Measurement) -> Iterator[str]:
    width = max(len(score.way) for score in (*found.baselines, found.probe))
    yield f"  {'':{width}}  {'accuracy':24}  macro-F1      (95 % bootstrap over groups of copies)"
    for score in (*found.baselines, found.probe):
        yield f"  {score.way:{width}}  {_short(score.accuracy):24}  {_short(score.macro_f1)}"
    pairs = ", ".join(f"{one.true[:20]} → {one.taken_for[:20]} {one.share:.0%}" for one in found.confused[:3])
    yield _cut(
        f"  Separation of classes (silhouette): {found.silhouette:.2f}" + (f". Confused: {pairs}" if pairs else "")
    )


def _growth(found: Measurement) -> Iterator[str]:
    curve = found.curve
    if curve is None or (not curve.forecasts and not curve.points):
        return
    shown = curve.points[:: max(1, len(curve.points) // 5)]
    shown = shown if shown[-1] is curve.points[-1] else (*shown, curve.points[-1])
    name = curve.metric.replace("_", "-")
    yield f"  Learning curve ({name}): " + ", ".join(f"{one.score:.3f} at {one.rows:,}" for one in shown)
    for each in curve.forecasts:
        half = (each.high - each.low) / 2
        times = each.rows / found.rows
        of = " (the whole data)" if times == 1 else f" ({times:g} times the data)" if times > 1 else ""
        span = f"{each.low:.3f} to {each.high:.3f}, 90 %"
        yield f"    at {each.rows:,} rows{of}: {each.score:.3f} ± {half:.3f} ({span})"
    yield from _checked(curve, found.target)


def _checked(curve: Curve, target: float | None) -> Iterator[str]:
    if not curve.forecasts:
        yield "    Too few rows to say how it goes on."
    if (check := curve.check) is not None:
        measured = curve.points[-1].score
        verdict = "inside" if check.low <= measured <= check.high else "OUTSIDE"
        span = f"{check.score:.3f} ({check.low:.3f} to {check.high:.3f})"
        yield f"    Held-back check: a quarter foretold {span} for {check.rows:,}; measured {measured:.3f}, {verdict}"
    if target is not None:
        needed = curve.rows_for_target
        yield (
            f"    Target {target:g}: reached at about {needed:,} rows to learn from, if the curve goes on like this"
            if needed is not None
            else f"    Target {target:g}: out of reach of this probe, if the curve goes on like this"
        )


def _distance(found: Measurement) -> Iterator[str]:
    if (shift := found.shift) is not None:
        yield (
            f"  Against {shift.reference} ({shift.rows:,} rows): told apart with AUC {_short(shift.auc)}, "
            f"{shift.inside.value:.0%} as near as its own, MMD² {shift.mmd:.3f}, cosine of means {shift.cosine:.2f}"
        )


def _facts(found: Measurement, fact: Callable[[str, str], tuple[str, str]]) -> Iterator[str]:
    yield "Facts"
    for each in found.facts:
        name, value = fact(each.name, each.value)
        yield _cut(f"  {name}: {value} ({each.status if each.known else 'left open'}) {each.reason or ''}", 200)
    if found.target is None:
        yield "  Give --target to have the scores judged (baseline, linear probe)."
    if found.shift is None:
        yield "  Give --reference to have the similarity measured; nothing else can tell it."


def _advice(found: Measurement, strategy: Label) -> Iterator[str]:
    yield f"Advice ({found.framework})"
    yield f"  before: {_choice(found.before, strategy)}"
    yield f"  with what was measured: {_choice(found.after, strategy)}"


def _choice(choice: Choice, strategy: Label) -> str:
    supporting = f", with {', '.join(map(strategy, choice.supporting))}" if choice.supporting else ""
    more = len(choice.avoid) - SHOWN_AVOIDED
    avoid = f"; avoid {', '.join(map(strategy, choice.avoid[:SHOWN_AVOIDED]))}" if choice.avoid else ""
    avoid += f" and {more} more" if more > 0 else ""
    return (strategy(choice.primary) if choice.primary else "nothing") + supporting + avoid


def _short(figure: Figure) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def _cut(line: str, longest: int = LONGEST + 40) -> str:
    """What a file says is shown without what a terminal would obey."""
    plain = "".join(char if char.isprintable() else " " for char in line)
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"
