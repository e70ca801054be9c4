"""How much memory training the user's model takes, by the framework's rules of thumb, and whether it fits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tunewise.types import Fact, MemoryEstimate, Situation

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.framework.model import MemoryRule

# Activations are not in the formulas; they grow with batch and sequence length. A method counts as fitting if this
# much more than the formula gives is there, and as too large only if the formula alone is over the limit.
ACTIVATIONS = 1.2
_TRAINED = re.compile(r"(\d+(?:\.\d+)?) bytes × trained parameters \(about (\d+(?:\.\d+)?) ?%")
_USE = "use_as_is"


def memory_estimates(framework: Framework, situation: Situation, *, trains: bool = True) -> tuple[MemoryEstimate, ...]:
    """Memory in GB (1e9 bytes) of every method of the framework for the user's model; none if its size is unknown.

    Args:
        framework: Its parameters hold the formulas and their sources.
        situation: `model_parameters.amount` is a number of parameters, `gpu_memory.amount` is GB.
        trains: Whether training is meant; otherwise the estimate is for using the model.
    """
    parameters = _amount(situation.details.get("model_parameters"))
    if not parameters:
        return ()
    available = _amount(situation.details.get("gpu_memory"))
    rules = [rule for rule in framework.parameters.memory if (rule.strategy == _USE) != trains]
    return tuple(_estimate(rule, parameters, available) for rule in rules)


def _estimate(rule: MemoryRule, parameters: float, available: float | None) -> MemoryEstimate:
    per_parameter = rule.bytes_per_parameter
    if trained := _TRAINED.search(rule.formula):
        per_parameter += float(trained.group(1)) * float(trained.group(2)) / 100
    gigabytes = per_parameter * parameters / 1e9
    formula = f"{rule.formula}; {parameters / 1e9:,.3g} × 10⁹ parameters"
    return MemoryEstimate(rule.method, round(gigabytes, 1), formula, rule.source, _fits(gigabytes, available))


def _fits(gigabytes: float, available: float | None) -> bool | None:
    """None where the hardware is unknown, or where it depends on batch and sequence length."""
    if not available:
        return None
    if gigabytes > available:
        return False
    return True if gigabytes * ACTIVATIONS <= available else None


def _amount(fact: Fact | None) -> float | None:
    return fact.amount if fact is not None and fact.amount and fact.amount > 0 else None
