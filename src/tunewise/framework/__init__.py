"""The encoded framework and the deterministic checker: pure Python, no model, no network."""

from tunewise.framework.canonical import to_json
from tunewise.framework.check import check
from tunewise.framework.compare import compare
from tunewise.framework.completing import completed, does_without_training, in_short, of_source
from tunewise.framework.decide import Decision, FiredRule, decide
from tunewise.framework.decision_map import decision_map, map_svg
from tunewise.framework.loading import load_framework, shipped_frameworks
from tunewise.framework.model import Framework, Rule, StrategySpec
from tunewise.framework.prove import Proof, prove
from tunewise.framework.whatif import (
    FlipPoint,
    conditions_first,
    flip_points,
    next_questions,
    smallest_change,
    supposed,
)

__all__ = [
    "Decision",
    "FiredRule",
    "FlipPoint",
    "Framework",
    "Proof",
    "Rule",
    "StrategySpec",
    "check",
    "compare",
    "completed",
    "conditions_first",
    "decide",
    "decision_map",
    "does_without_training",
    "flip_points",
    "in_short",
    "load_framework",
    "map_svg",
    "next_questions",
    "of_source",
    "prove",
    "shipped_frameworks",
    "smallest_change",
    "supposed",
    "to_json",
]
