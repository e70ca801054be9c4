"""Pictures of the results: scores by arm, and the times of each arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunewise.evaluation.measuring import Bar, draw_bars

TIMES = {"to_decision": "decision", "to_first_token": "first sentence", "total": "whole reply"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a key of an arm's scores, how it reads, what is aimed at, which direction is better."""

    key: str
    label: str
    target: float | None = None
    more_is_better: bool = True
    unit: str = "%"


def write_plots(arms: Mapping[str, Mapping[str, Any]], rows: Sequence[Row], folder: Path) -> list[str]:
    """Write scores.png and seconds.png into `folder`; returns the names of those written, none without single cases.

    Raises:
        SettingsError: If matplotlib is not installed.
    """
    if not any("conformity" in scores for scores in arms.values()):
        return []
    shares = [row for row in rows if row.unit == "%"]
    labels = [row.label + ("" if row.more_is_better else " (less is better)") for row in shares]
    bars = {arm: [Bar(scores[row.key]) for row in shares] for arm, scores in arms.items()}
    draw_bars(folder / "scores.png", "Scores; the tick is the aim", labels, bars, aims=[row.target for row in shares])
    spread = {arm: [scores[f"seconds_{time}"] for time in TIMES] for arm, scores in arms.items()}
    times = {arm: [Bar(each["p50"], high=each["p95"]) for each in taken] for arm, taken in spread.items()}
    draw_bars(folder / "seconds.png", "Seconds after the message, median to p95", list(TIMES.values()), times)
    return ["scores.png", "seconds.png"]
