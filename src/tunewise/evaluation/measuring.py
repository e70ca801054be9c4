"""What evaluation and benchmark share: the machine, figures with aims, tables, whole files, pictures."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from tunewise import __version__
from tunewise.errors import EvaluationError
from tunewise.extras import require_pictures

Json = dict[str, Any]
LIBRARIES = ("llama-cpp-python", "sentence-transformers", "chromadb", "langchain-core", "torch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure: its key, how it reads, its unit, and the aim: at least or at most so much, or none."""

    key: str
    label: str = ""
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def aim(self) -> str:
        """The aim as it stands in a table, "" without one."""
        sign, value = ("≥", self.least) if self.least is not None else ("≤", self.most)
        return "" if value is None else f"{sign} {value:.0%}" if self.unit == "%" else f"{sign} {value:g}"

    def met(self, value: float) -> bool:
        """Whether a value reaches the aim."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def as_text(rows: Sequence[Sequence[str]]) -> str:
    """Cells in aligned columns, for a terminal; the first row is the heading."""
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    form = "  ".join([f"{{:{first}}}", *(f"{{:>{width}}}" for width in others)])
    heading, *lines = (form.format(*row) for row in rows)
    return "\n".join([heading, "─" * len(heading), *lines])


def describe_machine() -> Json:
    """What a run was made on: processor, cores, memory, graphics cards, versions."""
    from tunewise.desk.hardware import read_machine

    versions = {name: metadata.version(name) for name in LIBRARIES}
    return asdict(read_machine()) | {
        "system": platform.platform(),
        "python": platform.python_version(),
        "tunewise": __version__,
        "libraries": versions,
    }


def share(values: Sequence[bool]) -> float | None:
    """Share of true values; None without any."""
    return sum(values) / len(values) if values else None


def spread(values: Iterable[float | None]) -> dict[str, float | None]:
    """Median and 95th percentile (linear between ranks) of the values there are; None without any."""
    import numpy as np

    counted = [value for value in values if value is not None]
    p50, p95 = np.percentile(counted, [50, 95]).tolist() if counted else (None, None)
    return {"p50": p50, "p95": p95}


def write_whole(path: Path, text: str) -> None:
    """Write a text file in one step, with the folders above it: it is either whole or not there.

    Raises:
        EvaluationError: If it cannot be written.
    """
    beside = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as problem:
        raise EvaluationError(f"{str(path)!r} cannot be written ({problem.strerror}). Name another place.") from None


def write_json(path: Path, data: Json) -> None:
    """Write a result file.

    Raises:
        EvaluationError: If it cannot be written.
    """
    write_whole(path, json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def draw_bars(
    path: Path,
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[tuple[float | None, float | None, float | None]]],
    aims: Sequence[float | None] = (),
) -> None:
    """Write a PNG of horizontal bars: a group for each label, in it a bar of each series; a tick marks an aim.

    A bar is its length and the ends of its whiskers; what is None is not drawn.

    Raises:
        SettingsError: If matplotlib is not installed.
    """
    require_pictures("eval")
    import numpy as np
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 0.25 * len(labels) * (len(series) + 1) + 1.2), layout="constrained")
    axes, middle = figure.add_subplot(), np.arange(len(labels))
    height = 0.8 / max(len(series), 1)
    for index, (name, bars) in enumerate(series.items()):
        lengths, low, high = np.array(bars, dtype=float).T
        whiskers = np.nan_to_num([lengths - low, high - lengths])
        drawn = axes.barh(
            middle + height * (index + 0.5) - 0.4, np.nan_to_num(lengths), height, label=name, xerr=whiskers, capsize=2
        )
        axes.bar_label(drawn, labels=["" if np.isnan(value) else f" {value:.3g}" for value in lengths], padding=4)
    if aims:
        axes.vlines(np.array(aims, dtype=float), middle - 0.42, middle + 0.42, color="black")
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_title(title, fontsize=10, loc="left")
    if len(series) > 1:
        figure.legend(loc="outside lower right", ncols=len(series), frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)
