"""What `tunewise measure` finds of the table that a visitor chose, while they watch and may stop it."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from tunewise.desk.dataset import DatasetSummary

if TYPE_CHECKING:
    from tunewise.measure import Measurement
    from tunewise.settings import Settings

SECONDS = 60.0
LOOK_S = 0.2
LONGEST_NAME = 60  # characters; a file's name holds 255 bytes


@dataclass(frozen=True, slots=True)
class Step:
    """What a measurement does now, and how much of it is done."""

    name: str
    done: int = 0
    total: int = 1


@dataclass(frozen=True, slots=True)
class Chosen:
    """A table that was chosen: its name, its bytes or the beginning of them, the size of the whole file."""

    name: str
    data: bytes
    whole_bytes: float | None = None


def measure_table(
    chosen: Chosen, reading: object, target: float | None, settings: Settings, stop: threading.Event
) -> Generator[Step | Measurement, None, None]:
    """Measure a table within a minute; the last that comes is the measurement.

    Args:
        chosen: The table.
        reading: What was read of it; its text and label columns are the ones that are measured.
        target: Accuracy that would be good enough, a share; None to judge no score.
        settings: Where weights lie, and which framework decides.
        stop: Stops it; so does closing the iterator.

    Raises:
        MeasureError: If it is not the table that was read, only a beginning of it, or cannot be measured.
        CancelledError: If it was stopped.
        TunewiseError: If weights or the framework cannot be used.
    """
    from tunewise.measure import MeasureError

    columns = _columns(_checked(chosen, reading))
    with tempfile.TemporaryDirectory(prefix="tunewise-") as folder, ThreadPoolExecutor(1) as pool:
        path = Path(folder) / _file_name(chosen.name)
        try:
            path.write_bytes(chosen.data)
        except OSError as error:
            raise MeasureError(
                f"{folder!r} cannot be written ({error.strerror}), so nothing was measured. Make room there."
            ) from None
        steps: SimpleQueue[Step] = SimpleQueue()
        running = pool.submit(_measured, path, columns, target, settings, steps, stop)
        try:
            while not running.done():
                with suppress(Empty):
                    yield _latest(steps)
            yield running.result()
        finally:
            stop.set()


def _measured(
    path: Path,
    columns: tuple[tuple[str, ...], str | None],
    target: float | None,
    settings: Settings,
    steps: SimpleQueue[Step],
    stop: threading.Event,
) -> Measurement:
    from tunewise.measure import measure

    text, label = columns
    return measure(
        path, text=text, label=label, target=target, seconds=SECONDS, settings=settings,
        progress=lambda name, done, total: steps.put(Step(name, done, total)), cancelled=stop.is_set,
    )  # fmt: skip


def _latest(steps: SimpleQueue[Step]) -> Step:
    """The last step of those that were reported; raises `Empty` where none comes for a moment."""
    step = steps.get(timeout=LOOK_S)
    with suppress(Empty):
        while True:
            step = steps.get_nowait()
    return step


def _checked(chosen: Chosen, reading: object) -> DatasetSummary:
    from tunewise.measure import MeasureError

    if not isinstance(reading, DatasetSummary) or reading.name != chosen.name or not reading.columns:
        raise MeasureError("Choose a table with “Read my dataset” first; it is what is measured.")
    if not chosen.data:
        raise MeasureError(f"{chosen.name!r} could not be read again. Choose it once more.")
    if chosen.whole_bytes is not None and chosen.whole_bytes > len(chosen.data):
        raise MeasureError(
            f"{chosen.name!r} has {chosen.whole_bytes / 1e6:,.0f} MB, and the page has only its first "
            f"{len(chosen.data) / 1e6:,.0f} MB: a beginning is no fair sample. Measure the whole file in a terminal: "
            "tunewise measure FILE."
        )
    return reading


def _columns(reading: DatasetSummary) -> tuple[tuple[str, ...], str | None]:
    """Columns of the text, and of the label; what was not found is left to the measurement, which says why not."""
    return (reading.text_column,) if reading.text_column else (), reading.label


def _file_name(name: str) -> str:
    """The name without what no file's name should hold; its ending says what it is."""
    return re.sub(r"[^\w .()-]", "_", name)[-LONGEST_NAME:].lstrip(" .") or "data"
