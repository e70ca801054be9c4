"""The figures of a benchmark, what they should be, and how they are written down."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """Median, least and greatest of the runs."""

    median: float
    min: float
    max: float
    runs: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Summarise at least one value."""
        return cls(statistics.median(values), min(values), max(values), len(values))


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be, and what it says."""

    meaning: str
    least: float | None = None
    most: float | None = None

    def met(self, figure: Figure) -> bool:
        """Whether the median is within the target."""
        return (self.least is None or figure.median >= self.least) and (self.most is None or figure.median <= self.most)

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


TARGETS: Mapping[str, Target] = {
    "first_token_chain_over_tunewise": Target("first token, plain chain ÷ Tunewise, about 800 tokens of passages", 10),
    "first_token_chain_over_tunewise_short": Target("first token, plain chain ÷ Tunewise, the corpus's own four", 5),
    "first_token_over_floor": Target("first token, Tunewise ÷ computing the question alone", most=1.25),
    "decode_over_bare": Target("writing speed, Tunewise ÷ bare llama.cpp", 1.3),
    "decision_patterns_s": Target("message → decision, patterns suffice, s", most=0.1),
    "decision_quoted_s": Target("message → decision, the model quotes, s", most=2),
    "explanation_first_word_s": Target("message → first words of the explanation, s", most=4),
    "cold_rules_only_s": Target("`tunewise ask --no-model` from process start, s", most=1.5),
    "cold_first_token_over_bare": Target("process start → first token, Tunewise ÷ bare llama.cpp", most=1.5),
    "search_ms": Target("search by meaning and words, with the question's embedding, ms", most=50),
    "quality_delta_points": Target("scores with states − scores computed in full, worst row, points", -2),
}


@dataclass(slots=True)
class Benchmark:
    """Everything one run has measured; `details` holds the single runs behind the figures."""

    machine: Mapping[str, Any]
    figures: dict[str, Figure] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    def add(self, key: str, values: Sequence[float]) -> None:
        """Add a figure, unless nothing was measured for it."""
        if values:
            self.figures[key] = Figure.of(values)

    def to_json(self) -> dict[str, Any]:
        """The published form: machine, figures (each with median, min, max), targets, details."""
        return {
            "machine": dict(self.machine),
            "figures": {key: asdict(figure) for key, figure in self.figures.items()},
            "targets": {key: str(target) for key, target in TARGETS.items()},
            "details": self.details,
        }

    def table(self) -> list[list[str]]:
        """A heading and the figures as rows of cells, those with a target first."""
        rows = [["figure", "median", "min", "max", "target", ""]]
        for key in [*(key for key in TARGETS if key in self.figures), *sorted(self.figures.keys() - TARGETS)]:
            figure, target = self.figures[key], TARGETS.get(key)
            numbers = [f"{value:.3g}" for value in (figure.median, figure.min, figure.max)]
            verdict = "" if target is None else ("met" if target.met(figure) else "missed")
            rows.append([key, *numbers, str(target or ""), verdict])
        return rows


Say = Callable[[str], None]
