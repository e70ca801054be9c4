"""The figures of a benchmark and how they are written down; `figures.yaml` says what they are made of."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tunewise.evaluation.measuring import Row, draw_bars
from tunewise.tables import load_table
from tunewise.types import Hit

Json = dict[str, Any]

ASKED: Mapping[str, Any] = load_table("questions.yaml", __package__)
_DATA = load_table("figures.yaml", __package__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Row):
    """A figure: the `value` of each run in the group `of`, over another value where `over` names one."""

    of: str
    value: str
    over: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """Median, least and greatest of the runs."""

    median: float
    min: float
    max: float
    runs: int


def prompt_of(question: str, hits: Sequence[Hit]) -> Json:
    """A prompt that every system takes: system text, passages (id, text), and the question with the task."""
    from tunewise.llm.prompts import template_text

    passages = [[hit.passage.id, hit.passage.text] for hit in hits]
    return {"system": template_text("system"), "passages": passages, "tail": f"Question: {question}\n{ASKED['task']}"}


FIGURES = tuple(Measured(**row) for row in _DATA["figures"])


@dataclass(slots=True)
class Benchmark:
    """What was measured: in `details`, by group, the values of each run by their names."""

    machine: Mapping[str, Any]
    details: defaultdict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))

    @property
    def figures(self) -> dict[str, Figure]:
        """The figures of which something was measured, those with a target first."""
        found = {}
        for each in FIGURES:
            needed = {each.value, each.over} - {""}
            rows = [row for row in self.details.get(each.of, ()) if needed <= row.keys()]
            if runs := [row[each.value] / (row[each.over] if each.over else 1) for row in rows]:
                found[each.key] = Figure(statistics.median(runs), min(runs), max(runs), len(runs))
        return found

    def to_json(self) -> Json:
        """The published form: machine, figures (each with median, min, max), targets, details."""
        return {
            "machine": dict(self.machine),
            "figures": {key: asdict(figure) for key, figure in self.figures.items()},
            "targets": {row.key: row.aim for row in FIGURES if row.aim},
            "details": dict(self.details),
        }

    def table(self) -> list[list[str]]:
        """A heading and the figures as rows of cells, those with a target first."""
        rows, figures = [["figure", "median", "min", "max", "target", ""]], self.figures
        for row in FIGURES:
            if figure := figures.get(row.key):
                numbers = [f"{value:.3g}" for value in (figure.median, figure.min, figure.max)]
                rows.append(
                    [row.key, *numbers, row.aim, ("met" if row.met(figure.median) else "missed") if row.aim else ""]
                )
        return rows

    def draw(self, folder: Path) -> list[Path]:
        """Write one PNG for each picture of which something was measured; returns their paths.

        Raises:
            SettingsError: If matplotlib is not installed.
        """
        paths, figures = [], self.figures
        for name, picture in _DATA["pictures"].items():
            if shown := {label: figures[key] for key, label in picture["bars"].items() if key in figures}:
                paths.append(folder / f"{name}.png")
                bars = {"": [(figure.median, figure.min, figure.max) for figure in shown.values()]}
                draw_bars(paths[-1], f"{picture['title']} (median, least to greatest)", list(shown), bars)
        return paths
