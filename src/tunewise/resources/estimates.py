"""Every method for one model: from the table where it knows the architecture, else walked; what of it a card holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.errors import ResourcesError
from tunewise.resources.records import GB, Workload
from tunewise.resources.sources import architectures, methods, read_config, training_table

if TYPE_CHECKING:
    from tunewise.resources.records import Method, Need

MOST_BATCH, MOST_LENGTH = 65_536, 1_048_576
FITS, TIGHT, TOO_LARGE = "fits", "tight", "does not fit"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One method: its need, where it comes from, how far the form behind it was off; or why there is none."""

    method: Method
    need: Need | None
    source: str


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
        model: A name of the table or the path of a config.json.
        batch: Examples in a step; None for what the table judges the architecture by, or 8.
        length: Of an example; None likewise, or 512.
        mixed: bfloat16 autocast, or 32 bit.
        recomputed: With gradient checkpointing.

    Raises:
        ResourcesError: If there is neither, or a number is beyond all measure.
    """
    known = architectures().get(model.lower().replace("-", "_"))
    usual = known.at if known else (8, 512)
    workload = Workload(batch or usual[0], length or usual[1], mixed, recomputed)
    if not (0 < workload.batch <= MOST_BATCH and 0 < workload.length <= MOST_LENGTH):
        raise ResourcesError(
            f"A step of {workload.batch!r} examples of length {workload.length!r} is no step. "
            f"Give a batch from 1 to {MOST_BATCH:,} and a length from 1 to {MOST_LENGTH:,}."
        )
    if known:
        name = known.source.name
        return Asked(known.label, known.unit, workload, _of_table(name, workload) or _walked(known.source, workload))
    if not model.endswith(".json"):
        listed = ", ".join(architectures())
        raise ResourcesError(f"No architecture {model!r} in the table: {listed}. Or give the path of a config.json.")
    return Asked(model, "as the model takes it", workload, _walked(read_config(Path(model)), workload))


def _of_table(name: str, workload: Workload) -> tuple[Estimate, ...]:
    """From the forms; nothing where they were not measured in this precision or way of keeping."""
    from tunewise.resources.forms import forms

    found = []
    for method in methods():
        form = forms().get((name, method.name, workload.recomputed))
        if form and workload.mixed:
            source = f"table, off by {max(form.held_out_error, 0.001):.1%} at most on rows held out"
            found.append(Estimate(method, form.need(workload.batch, workload.length), source))
    return tuple(found)


def _walked(source: object, workload: Workload) -> tuple[Estimate, ...]:
    from tunewise.resources.deep import unpacked_need
    from tunewise.resources.walk import packed

    found: list[Estimate] = []
    walked: dict[tuple[str, int], Need] = {}
    for method in methods():
        key = method.trains, method.rank
        try:
            need = walked.get(key) or unpacked_need(source, method, workload)  # type: ignore[arg-type]
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
