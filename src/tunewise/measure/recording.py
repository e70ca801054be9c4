"""A measurement as a decision record, so that a recipe goes on from it and `record replay` recomputes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from tunewise.measure.records import TIMM_FOLDER
from tunewise.types import Fact, Situation

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.measure.records import Measurement
    from tunewise.record import Record


def record_of(found: Measurement, framework: Framework | None = None, *, at: datetime | None = None) -> Record:
    """The decision record of what the rules make of a measurement.

    Measured facts keep their figures as reasons. What a training script needs is kept among the details: modality,
    classes, the columns that were read (`text_column`, `label_column`), and the encoder as `base_model`.

    Args:
        found: What was measured.
        framework: The framework that it was decided by; None loads the shipped one of that name.
        at: When it was measured; None is now.

    Raises:
        FrameworkError: If the framework is not a shipped one and none is given.
    """
    from tunewise.framework import load_framework
    from tunewise.record import record_of_situation, weights_hash

    framework = framework or load_framework(found.framework)
    name = (found.checkpoint or "").removeprefix(TIMM_FOLDER)
    return record_of_situation(
        _situation(found, framework),
        framework,
        messages=(_asked(found),),
        title=f"Measured: {found.source}",
        said=tuple(_figures(found)),
        weights=weights_hash(name) if name else {},
        at=at,
    )


def _asked(found: Measurement) -> str:
    """What was asked for, as a command says it; stated facts quote it."""
    return " ".join(["tunewise measure", found.source, *(f"--fact {fact}" for fact in _stated(found).values())])


def _stated(found: Measurement) -> dict[str, str]:
    return {name: f"{name}={value}" for name, value in found.stated.items()}


def _situation(found: Measurement, framework: Framework) -> Situation:
    given = {name: Fact(name, found.stated[name], "stated", said, 1) for name, said in _stated(found).items()}
    known = {fact.name: fact for fact in found.facts if fact.name in framework.facts}
    facts = {**known, **given, **{name: fact for name, fact in known.items() if fact.known}}
    details = {fact.name: fact for fact in (*found.facts, *_script_facts(found)) if fact.name not in framework.facts}
    return Situation(facts, details)


def _script_facts(found: Measurement) -> Iterator[Fact]:
    """What a training script needs beside what was measured."""
    if found.kind == "features":
        yield Fact("modality", "features", "measured", reason="read from the file")
    elif found.checkpoint is None:
        yield Fact("base_model", reason=f"measured with {found.encoder}, which no script loads")
    else:
        yield Fact("base_model", found.checkpoint, "measured", reason="the encoder that was measured with")
    if len(found.text) == 1:
        yield Fact("text_column", found.text[0], "measured", reason="read as text")
    elif found.text:
        yield Fact("text_column", reason=f"{' + '.join(map(repr, found.text))} were read as one text")
    if found.label:
        yield Fact("label_column", found.label, "measured", reason="read as label")


def _figures(found: Measurement) -> Iterator[str]:
    """The figures behind the facts, and how the probe goes on with more data."""
    yield (
        f"Measured on {found.used:,} of {found.rows:,} rows of {found.source} with {found.encoder}, five-fold "
        "cross-validation, intervals of 95 %."
    )
    for score in (*found.baselines, found.probe):
        yield f"{score.way.capitalize()}: accuracy {score.accuracy}, macro-F1 {score.macro_f1}."
    for each in found.curve.forecasts if found.curve else ():
        span = f"{each.low:.3f} to {each.high:.3f}, 90 %"
        metric = found.metric.replace("_", "-")
        yield f"The probe's {metric} is foretold to be {each.score:.3f} ({span}) with {each.rows:,} rows to learn from."
