"""What evaluation and benchmark share: the machine, percentiles, a result file that is whole or not there, pictures."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from tunewise import __version__
from tunewise.errors import EvaluationError
from tunewise.extras import needs_extra

Json = dict[str, Any]
LIBRARIES = ("llama-cpp-python", "sentence-transformers", "chromadb", "langchain-core", "torch")


def describe_machine() -> Json:
    """What a run was made on: processor, cores, memory, versions."""
    import psutil

    memory: int = psutil.virtual_memory().total  # type: ignore[no-untyped-call]
    return {
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "python": platform.python_version(),
        "tunewise": __version__,
        "libraries": {name: _library_version(name) for name in LIBRARIES},
    }


def share(values: Sequence[bool]) -> float | None:
    """Share of true values; None without any."""
    return sum(values) / len(values) if values else None


def spread(values: Iterable[float | None]) -> dict[str, float | None]:
    """Median and 95th percentile (linear between ranks) of the values there are; None without any."""
    import numpy as np

    counted = [value for value in values if value is not None]
    if not counted:
        return {"p50": None, "p95": None}
    p50, p95 = np.percentile(counted, [50, 95])
    return {"p50": float(p50), "p95": float(p95)}


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


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a picture, with whiskers to what is given; no bar for None."""

    value: float | None
    low: float | None = None
    high: float | None = None

    @property
    def whiskers(self) -> tuple[float, float]:
        """Lengths downwards and upwards."""
        value = self.value or 0.0
        return value - (value if self.low is None else self.low), (value if self.high is None else self.high) - value


def draw_bars(
    path: Path,
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Bar]],
    aims: Sequence[float | None] = (),
) -> None:
    """Write a PNG of horizontal bars: a group for each label, in it a bar of each series; a tick marks an aim.

    Raises:
        SettingsError: If matplotlib is not installed.
    """
    with needs_extra("eval", "A picture"):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 0.25 * len(labels) * (len(series) + 1) + 1.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    height = 0.8 / max(len(series), 1)
    for index, (name, bars) in enumerate(series.items()):
        places = [place + height * (index + 0.5) - 0.4 for place in range(len(labels))]
        lengths, whiskers = [bar.value or 0.0 for bar in bars], zip(*(bar.whiskers for bar in bars), strict=True)
        drawn = axes.barh(places, lengths, height, label=name, xerr=list(whiskers), capsize=2)
        axes.bar_label(drawn, labels=["" if bar.value is None else f" {bar.value:.3g}" for bar in bars], padding=4)
    for place, aim in enumerate(aims):
        axes.vlines([] if aim is None else [aim], place - 0.42, place + 0.42, color="black")
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set_title(title, fontsize=10, loc="left")
    if len(series) > 1:
        figure.legend(loc="outside lower right", ncols=len(series), frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=130)


def _processor() -> str:
    if sys.platform.startswith("linux"):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _library_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
