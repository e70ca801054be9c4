"""The records of a measurement, from the rows that were drawn to the advice that follows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tunewise.errors import CancelledError, TunewiseError
from tunewise.types import Fact

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Codes = npt.NDArray[np.int64]

Kind = Literal["text", "image", "features"]
Metric = Literal["accuracy", "macro_f1"]
Json = dict[str, Any]
Progress = Callable[[str, int, int], None]

MOST_CLASSES = 1_000
LEAST_OF_A_CLASS = 5  # examples, copies counted once: what five-fold cross-validation needs


class MeasureError(TunewiseError):
    """Data, an encoder or an option cannot be measured with; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows drawn at random from a data set.

    `items` are texts, paths of images, or rows of numbers; `labels` one name each ("" where there are no labels), in
    an order that is random too, so that any beginning is a fair sample. `rows` counts the labelled rows of the whole
    set, `counts` them by class. `copies` and `conflicts` count rows of the whole set that repeat an earlier one, and
    those among them whose label is another. `text` and `label` name the columns, or the arrays of a file of features,
    that were read; () and "" where there are none.
    """

    kind: Kind
    items: Any
    labels: tuple[str, ...]
    rows: int
    counts: Mapping[str, int]
    copies: int | None = None
    conflicts: int | None = None
    source: str = ""
    notes: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A share between 0 and 1 with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Score:
    """What a way of predicting reaches on rows that it has not seen."""

    way: str
    accuracy: Figure
    macro_f1: Figure

    def figure(self, metric: Metric) -> Figure:
        """The figure that a target is compared with."""
        return self.macro_f1 if metric == "macro_f1" else self.accuracy


@dataclass(frozen=True, slots=True)
class Copies:
    """Rows of the sample that repeat others: `near` are pairs that differ in little, `near_conflicts` those pairs whose
    labels differ. `of` is how many rows were compared, `how` says what counts as near."""

    exact: int | None
    conflicts: int | None
    near: int
    near_conflicts: int
    of: int
    how: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Mean score with `rows` to learn from, and its standard error over repeats and test rows."""

    rows: int
    score: float
    error: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the curve says of `rows` rows: a score, and the ends of its 90 % interval."""

    rows: int
    score: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """Scores by amount of data, and how they go on.

    `check` is the forecast for the largest size from the sizes up to a quarter of it, to be held against what was
    measured there; None where there are too few sizes. `rows_for_target` is None without a target and where none up to
    a hundred times the data reaches it.
    """

    metric: Metric
    points: tuple[CurvePoint, ...]
    forecasts: tuple[Forecast, ...] = ()
    check: Forecast | None = None
    rows_for_target: int | None = None


@dataclass(frozen=True, slots=True)
class Confused:
    """A class that is taken for another: how often, and which share of its rows."""

    true: str
    taken_for: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the data lie from the reference.

    `auc` of a linear classifier that tells the two apart (.5: it cannot), `inside` the share of the data that lie as
    near to the reference as 95 % of the reference's own rows do, `mmd` the squared maximum mean discrepancy (RBF
    kernel, median width), `cosine` between the two means.
    """

    reference: str
    rows: int
    auc: Figure
    inside: Figure
    mmd: float
    cosine: float
    similarity: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules recommend."""

    primary: str | None
    supporting: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()


TIMM_FOLDER = "local-dir:"  # how timm is told that a model is a folder
# Facts of a measurement that say something of the encoder it was made with, and nothing certain of another model.
OF_THE_ENCODER = frozenset({"baseline", "frozen_features"})


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything that was measured, the facts that follow, and the decision without and with them.

    `used` are the rows behind the scores; `classes` (name, rows of the whole set), most frequent first; `confusion`
    rows are true classes, columns predicted ones, in the order of `scored_classes`. `silhouette` is in [-1, 1], by
    cosine distance. `text` and `label` name the columns that were read, `checkpoint` what a training script loads (a
    name or a folder; None where no script loads this encoder), `stated` the facts that were given.
    """

    source: str
    kind: Kind
    columns: str
    encoder: str
    rows: int
    used: int
    seed: int
    metric: Metric
    target: float | None
    classes: tuple[tuple[str, int], ...]
    scored_classes: tuple[str, ...]
    copies: Copies
    baselines: tuple[Score, ...]
    probe: Score
    curve: Curve | None
    silhouette: float
    confusion: tuple[tuple[int, ...], ...]
    confused: tuple[Confused, ...]
    shift: Shift | None
    facts: tuple[Fact, ...]
    before: Choice
    after: Choice
    framework: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    label: str = ""
    checkpoint: str | None = None
    stated: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> Json:
        """Plain data; numbers that are not finite become null."""
        written: Json = _finite(asdict(self))
        return written


@dataclass(frozen=True, slots=True)
class Budget:
    """The time that a measurement may take, who is told how far it is, and who may stop it.

    `clock` gives seconds.
    """

    seconds: float
    progress: Progress | None = None
    cancelled: Callable[[], bool] | None = None
    clock: Callable[[], float] = time.monotonic
    started: float = 0.0

    @property
    def used(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.started

    def left(self, share: float = 1.0) -> float:
        """Seconds until this share of the time is over."""
        return self.seconds * share - self.used

    def at(self, step: str, done: int, total: int) -> None:
        """Say how far a step is.

        Raises:
            CancelledError: If the caller went away.
        """
        if self.cancelled is not None and self.cancelled():
            raise CancelledError("The measurement was stopped.")
        if self.progress is not None:
            self.progress(step, done, total)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
