"""Every method for one model: from the table where it knows the architecture, else walked; what of it a card holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.errors import ResourcesError
from tunewise.resources.records import GB, Source, Workload
from tunewise.resources.sources import architectures, methods, read_config, training_table

if TYPE_CHECKING:
    from tunewise.resources.records import Method, Need

MOST_BATCH, MOST_LENGTH = 65_536, 1_048_576
FITS, TIGHT, TOO_LARGE = "fits", "tight", "does not fit"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One method: its need and where it comes from, or why there is none.

    `held_out_error` is how far the form behind it was off at most on rows that it was not fitted to; None where a need
    was walked. A form's activations are gradients and activations.
    """

    method: Method
    need: Need | None
    source: str
    held_out_error: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, with batch and length filled in."""

    label: str
    unit: str
    workload: Workload
    estimates: tuple[Estimate, ...]


def estimates_for(model: str, batch: int | None, length: int | None, *, mixed: bool, recomputed: bool) -> Asked:
    """What training a model takes, by each method.

    Args:
        model: A name of the table, the path of a config.json, or "timm:NAME".
        batch: Examples in a step; None for what the table judges the architecture by, or 8.
        length: Of an example; None likewise, or the size of image that a configuration names, or 512.
        mixed: bfloat16 autocast, or 32 bit.
        recomputed: With gradient checkpointing.

    Raises:
        ResourcesError: If there is neither, or a number is beyond all measure.
    """
    known = architectures().get(model.lower().replace("-", "_"))
    source = known.source if known else _source(model)
    usual = known.at if known else (8, _usual_length(source))
    workload = Workload(batch or usual[0], length or usual[1], mixed, recomputed)
    if not (0 < workload.batch <= MOST_BATCH and 0 < workload.length <= MOST_LENGTH):
        raise ResourcesError(
            f"A step of {workload.batch!r} examples of length {workload.length!r} is no step. "
            f"Give a batch from 1 to {MOST_BATCH:,} and a length from 1 to {MOST_LENGTH:,}."
        )
    found = _of_table(source.name, workload) if known else ()
    label, unit = (known.label, known.unit) if known else (model, "as the model takes it")
    return Asked(label, unit, workload, found or _walked(source, workload))


def _source(model: str) -> Source:
    if model.startswith("timm:"):
        return Source(model, timm=model.removeprefix("timm:"))
    if not model.endswith(".json"):
        listed = ", ".join(architectures())
        raise ResourcesError(f"No architecture {model!r} in the table: {listed}. Or give the path of a config.json.")
    return read_config(Path(model))


def _usual_length(source: Source) -> int:
    size = (source.config or {}).get("image_size", 224 if source.timm else 512)
    return size if isinstance(size, int) else 512


def _of_table(name: str, workload: Workload) -> tuple[Estimate, ...]:
    """From the forms; nothing where they were not measured in this precision or way of keeping."""
    from tunewise.resources.forms import forms

    found = []
    for method in methods():
        form = forms().get((name, method.name, workload.recomputed))
        if form and workload.mixed:
            need = form.need(workload.batch, workload.length)
            found.append(Estimate(method, need, "table", form.held_out_error))
    return tuple(found)


def _walked(source: Source, workload: Workload) -> tuple[Estimate, ...]:
    from tunewise.resources.deep import unpacked_need
    from tunewise.resources.walk import packed

    found: list[Estimate] = []
    walked: dict[tuple[str, int], Need] = {}
    for method in methods():
        key = method.trains, method.rank
        try:
            need = walked.get(key) or unpacked_need(source, method, workload)
        except ResourcesError as error:
            found.append(Estimate(method, None, str(error)))
            continue
        walked[key] = need
        found.append(Estimate(method, packed(need, method, mixed=workload.mixed), "walked through"))
    if not walked:
        raise ResourcesError(found[0].source)
    return tuple(found)


def verdict(need: Need, card_gb: float) -> str:
    """fits, tight or does not fit, on one card of so many GB."""
    share = need.peak / GB / card_gb
    if share > 1:
        return TOO_LARGE
    return FITS if share < training_table()["fits_below"] else TIGHT
