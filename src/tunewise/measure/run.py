"""One measurement from beginning to end: draw, encode, find copies, score, forecast, compare, derive facts, decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.measure import probing
from tunewise.measure.arrays import draw_features, is_features
from tunewise.measure.copies import find_copies
from tunewise.measure.curve import extrapolated, learning_curve
from tunewise.measure.deriving import choices, derive_facts, still_unseen
from tunewise.measure.drawing import draw_table
from tunewise.measure.encoding import Encoder, encode, names_read, open_encoder
from tunewise.measure.folders import draw_folder
from tunewise.measure.records import (
    LEAST_OF_A_CLASS,
    Budget,
    Copies,
    Drawn,
    MeasureError,
    Measurement,
    Metric,
    Progress,
    Shift,
)  # fmt: skip
from tunewise.measure.scoring import scorable, scored
from tunewise.measure.shift import LEAST_ROWS, MOST_ROWS, shift_between
from tunewise.settings import Settings

if TYPE_CHECKING:
    from tunewise.measure.records import Codes, Vectors

MAX_ROWS = 12_000  # all pairs of them are compared for copies
LEAST_BUDGET = 10.0
ENCODING_SHARE, WITH_REFERENCE = 0.55, 0.70  # of the time, until data, then a reference, are to be encoded
WORK_PER_SECOND = 1.5e6  # rows x width x classes of the probe; about 40 s of 120 on two cores
LEAST_PROBED = 2_000
SMALL_WORK = 5e7  # rows x width x classes


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that are scored: features, codes of their classes, groups of copies, names of the classes by code."""

    vectors: Vectors
    codes: Codes
    groups: Codes
    classes: tuple[str, ...]
    copies: Copies
    notes: tuple[str, ...]


def measure(
    path: Path | str,
    *,
    text: Sequence[str] = (),
    label: str | None = None,
    encoder: str | None = None,
    reference: Path | str | None = None,
    target: float | None = None,
    metric: Metric = "accuracy",
    facts: Mapping[str, str] | None = None,
    seconds: float = 120.0,
    max_rows: int = MAX_ROWS,
    seed: int = 0,
    settings: Settings | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Measurement:
    """Measure what a data set and a frozen encoder show before anything is trained. Nothing leaves the machine.

    Args:
        path: A table of texts, a folder with a sub-folder per class, or a file of features.
        text: Columns of the text; () to guess.
        label: Column (or array) of the label; None to guess.
        encoder: Text encoder (name or folder; default: that of search) or image encoder.
        reference: Data of the kind that the model knows, to tell how similar these are.
        target: Score that would be good enough, between 0 and 1.
        metric: What the target is of, and the learning curve shows.
        facts: What else is known, by names and values of the framework.
        seconds: Time to take; the sample is cut so that it suffices.
        max_rows: Most rows to score.
        seed: Of every draw; the same seed and the same number of rows give the same figures.
        settings: Where weights lie, and which framework decides.
        progress: Called with the step, how much of it is done, and of how much.
        cancelled: Asked again and again; true stops the measurement.

    Raises:
        MeasureError: If data or options cannot be measured with.
        CancelledError: If `cancelled` said so.
        TunewiseError: If weights or the framework cannot be used.
    """
    from tunewise.framework import load_framework

    _refuse_options(target, metric, seconds, max_rows)
    settings = settings or Settings.from_environment()
    framework, stated = load_framework(settings.framework), dict(facts or {})
    choices(framework, (), stated)  # a wrong fact is refused before anything takes time
    budget = Budget(seconds, progress, cancelled, started=time.monotonic())
    took: dict[str, float] = {}
    with _timed(took, "reading"):
        drawn, columns = _draw(Path(path), text, label, max_rows, seed, budget)
        _refuse_labels(drawn)
    with _timed(took, "encoding"):
        model = open_encoder(drawn, encoder, settings)
        used, vectors, encoding_notes = encode(drawn, model, budget, ENCODING_SHARE)
        shift = _shift(reference, used, vectors, model, text, seed, budget) if reference else None
    with _timed(took, "scoring"), _threads(vectors, drawn):
        rows = _rows(used, vectors, drawn, budget)
        probed = probing.probe(rows.vectors, rows.codes, rows.groups, seed, budget)
        score = scored("linear probe", rows.codes, probed.predicted, rows.groups, seed)
        names = _name_vectors(model, rows.classes)
        others = probing.baselines(rows.vectors, rows.codes, rows.groups, probed.folds, names, seed)
        silhouette = probing.separation(rows.vectors, rows.codes)
        matrix = probing.confusion(rows.codes, probed.predicted, rows.classes)
    with _timed(took, "learning curve"), _threads(vectors, drawn):
        points = learning_curve(rows.vectors, rows.codes, probed.folds, probed.predicted, metric, seed, budget)
        curve = extrapolated(points, drawn.rows, metric, target, seed)
    found = derive_facts(
        framework, kind=drawn.kind, rows=drawn.rows, n_classes=len(drawn.counts), baselines=others, probe=score,
        metric=metric, target=target, shift=shift,
        unseen=still_unseen(curve, len(rows.codes), drawn.rows, target),
    )  # fmt: skip
    before, after = choices(framework, found, stated)
    return Measurement(
        source=drawn.source, kind=drawn.kind, columns=columns, encoder=model.name, rows=drawn.rows,
        used=len(rows.codes), seed=seed, metric=metric, target=target, classes=tuple(drawn.counts.items()),
        scored_classes=rows.classes, copies=rows.copies, baselines=others, probe=score, curve=curve,
        silhouette=silhouette, confusion=matrix, confused=probing.most_confused(matrix, rows.classes), shift=shift,
        facts=found, before=before, after=after, framework=framework.name,
        seconds={**took, "total": budget.used}, notes=(*drawn.notes, *encoding_notes, *rows.notes),
        text=drawn.text, label=drawn.label, checkpoint=model.checkpoint, stated=stated,
    )  # fmt: skip


@contextmanager
def _timed(took: dict[str, float], step: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    took[step] = time.monotonic() - started


def _threads(vectors: Vectors, drawn: Drawn) -> AbstractContextManager[object]:
    """One thread for small probes: handing the work around takes four times as long as doing it (measured: 1,797 rows
    of 64 numbers, two busy cores)."""
    from threadpoolctl import threadpool_limits

    is_small = vectors.size * len(drawn.counts) < SMALL_WORK
    limits: AbstractContextManager[object] = threadpool_limits(1 if is_small else None)
    return limits


def _refuse_options(target: float | None, metric: str, seconds: float, max_rows: int) -> None:
    if target is not None and not 0 < target <= 1:
        raise MeasureError(f"The target is {target!r}; it must be a share above 0 and at most 1, for example 0.9.")
    if metric not in ("accuracy", "macro_f1"):
        raise MeasureError(f"There is no metric {metric!r}; there are 'accuracy' and 'macro_f1'.")
    if not LEAST_BUDGET <= seconds <= 86_400:
        raise MeasureError(f"{seconds!r} seconds are not possible; give {LEAST_BUDGET:g} to 86400.")
    if not 50 <= max_rows <= MAX_ROWS * 4:
        raise MeasureError(f"{max_rows!r} rows are not possible; give 50 to {MAX_ROWS * 4}.")


def _draw(
    path: Path, text: Sequence[str], label: str | None, size: int, seed: int, budget: Budget, needs_label: bool = True
) -> tuple[Drawn, str]:
    """Rows of whatever the path is, and which parts of it were read."""
    try:
        if path.is_dir():
            return draw_folder(
                path, size=size, seed=seed, budget=budget, needs_label=needs_label
            ), "one class per sub-folder"
        if not path.is_file():
            raise MeasureError(f"There is no file or folder {str(path)!r}.")
        if path.stat().st_size and is_features(path):
            return draw_features(path, label, size=size, seed=seed, needs_label=needs_label)
        return draw_table(path, text, label, size=size, seed=seed, budget=budget, needs_label=needs_label)
    except OSError as error:
        raise MeasureError(f"{str(path)!r} cannot be read ({error.strerror or error}).") from None


def _refuse_labels(drawn: Drawn) -> None:
    if len(drawn.counts) < 2:
        only = next(iter(drawn.counts), None)
        said = f"is labelled {only!r}" if only is not None else "has no label"
        raise MeasureError(f"Everything in {drawn.source!r} {said}. Scores need two classes or more.")


def _rows(used: Drawn, vectors: Vectors, drawn: Drawn, budget: Budget) -> Rows:
    """The rows of classes that can be scored, as many as the probe has time for."""
    import numpy as np

    limit = max(LEAST_PROBED, round(WORK_PER_SECOND * budget.seconds / (vectors.shape[1] * len(drawn.counts))))
    kept = slice(0, limit)
    used, vectors = replace(used, items=used.items[kept], labels=used.labels[kept]), vectors[kept]
    budget.at("copies", 0, 1)
    names = sorted(set(used.labels))
    codes = np.array([names.index(label) for label in used.labels], dtype=np.int64)
    copies, groups = find_copies(used, vectors, codes)
    budget.at("copies", 1, 1)
    chosen = scorable(codes, groups)
    present, codes = np.unique(codes[chosen], return_inverse=True)
    if len(present) < 2:
        raise MeasureError(
            f"Among {len(used.labels):,} rows drawn from {drawn.source!r} fewer than two classes have "
            f"{LEAST_OF_A_CLASS} different examples. Label more, or put rare classes together."
        )
    classes = tuple(names[place] for place in present.tolist())
    return Rows(vectors[chosen], codes, groups[chosen], classes, copies, tuple(_on_rows(used, drawn, classes, limit)))


def _on_rows(used: Drawn, drawn: Drawn, classes: Sequence[str], limit: int) -> Iterator[str]:
    if rare := len(drawn.counts) - len(classes):
        yield (
            f"{rare:,} of {len(drawn.counts):,} classes have fewer than {LEAST_OF_A_CLASS} different examples among "
            "the rows drawn; they are in no score."
        )
    if len(used.labels) == limit < len(drawn.items):
        yield f"With {len(drawn.counts)} classes the probe has time for {limit:,} rows."
    largest = max(drawn.counts.values())
    if largest > 0.8 * drawn.rows:
        yield f"One class holds {largest / drawn.rows:.0%} of all rows: read macro-F1 rather than accuracy."


def _name_vectors(model: Encoder, classes: Sequence[str]) -> Vectors | None:
    words = names_read(classes) if model.words else None
    return model.words(words) if model.words and words else None


def _shift(
    reference: Path | str,
    used: Drawn,
    vectors: Vectors,
    model: Encoder,
    text: Sequence[str],
    seed: int,
    budget: Budget,
) -> Shift:
    """How far the rows lie from those of a reference, which needs no labels."""
    path = Path(reference)
    try:
        drawn, _ = _draw(path, text, None, MOST_ROWS, seed, budget, needs_label=False)
    except MeasureError as error:
        if not text or "has no column" not in str(error):
            raise
        drawn, _ = _draw(path, (), None, MOST_ROWS, seed, budget, needs_label=False)  # named otherwise there
    if drawn.kind != used.kind:
        raise MeasureError(f"The reference {path.name!r} holds {drawn.kind}, but {used.source!r} {used.kind}.")
    others = encode(drawn, model, budget, WITH_REFERENCE)[1]
    if others.shape[1] != vectors.shape[1] or min(len(others), len(vectors)) < LEAST_ROWS:
        raise MeasureError(
            f"The reference {path.name!r} gives {len(others):,} rows of {others.shape[1]:,} numbers, the data "
            f"{len(vectors):,} of {vectors.shape[1]:,}. At least {LEAST_ROWS} each are needed, of the same width."
        )
    return shift_between(vectors, others, path.name, seed, budget)
