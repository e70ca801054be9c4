"""A framework with the facts of the shipped one, without its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunewise.facts.cutoffs import DEFAULT_CUTOFFS

VALUES = {
    "dataset_size": ("small", "large"),
    "similarity": ("high", "low"),
    "compute": ("limited", "ample"),
    "forgetting_concern": ("yes", "no"),
    "latency_critical": ("yes", "no"),
    "baseline": ("good_enough", "insufficient"),
    "model_size": ("small", "large"),
    "model_type": ("generative", "other"),
    "frozen_features": ("sufficient", "insufficient"),
    "old_task_data": ("yes", "no"),
    "goal": ("knowledge", "behaviour", "accuracy", "efficiency"),
    "prompting_tried": ("yes", "no"),
}


@dataclass(frozen=True)
class TinyFact:
    values: tuple[str, ...]


@dataclass(frozen=True)
class TinyFramework:
    """As much of a framework as reading needs."""

    facts: Mapping[str, TinyFact] = field(default_factory=lambda: {name: TinyFact(v) for name, v in VALUES.items()})

    def size_cutoffs(self, unit_kind: str) -> tuple[float, float]:
        return DEFAULT_CUTOFFS[unit_kind]
