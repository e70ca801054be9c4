"""The encoded framework and the deterministic checker: pure Python, no model, no network."""

from tunewise.framework.check import check, repaired
from tunewise.framework.decide import Decision, FiredRule, StrategyStatus, decide
from tunewise.framework.loading import load_framework, shipped_frameworks
from tunewise.framework.model import FactSpec, Framework, Rule, StrategySpec

__all__ = [
    "Decision",
    "FactSpec",
    "FiredRule",
    "Framework",
    "Rule",
    "StrategySpec",
    "StrategyStatus",
    "check",
    "decide",
    "load_framework",
    "repaired",
    "shipped_frameworks",
]
