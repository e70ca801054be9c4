"""How much memory training the user's model takes, by the framework's rules of thumb, and whether it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunewise.framework.words import text_in
from tunewise.types import Fact, MemoryEstimate, Situation

if TYPE_CHECKING:
    from tunewise.framework.model import Framework, MemoryRule

NOTHING = "nothing"
LEAST_SHOWN = 0.1  # GB


def memory_estimates(
    framework: Framework, situation: Situation, language: str = "en", *, trains: bool = True, advised: str | None = None
) -> tuple[MemoryEstimate, ...]:
    """Memory in GB (1e9 bytes) of every method of the framework for the user's model; none if its size is unknown.

    What takes less than 0.1 GB is given as that.

    Args:
        framework: Its parameters hold the bytes for each parameter and their sources.
        situation: `model_parameters.amount` is a number of parameters, `gpu_memory.amount` GB of one card,
            `hardware.amount` how many there are.
        language: Language of the methods' names.
        trains: Whether training is meant; otherwise the estimate is for using the model.
        advised: The strategy that is advised; its method comes first.
    """
    parameters = _amount(situation.details.get("model_parameters"))
    if not parameters:
        return ()
    available = memory_at_hand(situation)
    rules = [rule for rule in framework.parameters.memory if _is_for_training(framework, rule) == trains]
    estimates = []
    for rule in sorted(rules, key=lambda rule: rule.strategy != advised):
        if rule.strategy == advised or not rule.only_advised:
            gigabytes = _gigabytes(rule, parameters)
            formula = f"{rule.formula}; {parameters / 1e9:,.3g} × 10⁹ parameters"
            fits = _fits(framework, gigabytes, available)
            method = text_in(rule.method, language)
            estimates.append(MemoryEstimate(method, max(round(gigabytes, 1), LEAST_SHOWN), formula, rule.source, fits))
    return tuple(estimates)


def memory_at_hand(situation: Situation) -> float | None:
    """GB of all cards, between which a model can be sharded; None where no card's memory is known."""
    one = _amount(situation.details.get("gpu_memory"))
    return one * cards(situation) if one else None


def cards(situation: Situation) -> int:
    """How many cards there are; one where nobody says."""
    return int(_amount(situation.details.get("hardware")) or 1)


def what_fits(framework: Framework, parameters: float, available: float) -> str | None:
    """The most that so many GB (1e9 bytes) can do to a model of so many parameters: the `fits` of a memory rule.

    Of the method that takes most it is said only where it leaves plenty of room, of those between where activations fit
    in. None where that depends on batch and length, or the framework does not say; "nothing" where nothing fits.
    """
    activations = framework.parameters.activations
    methods = sorted((rule for rule in framework.parameters.memory if rule.fits), key=lambda rule: -rule.bytes_in_all)
    if activations is None or not methods:
        return None
    heaviest, lightest = methods[0], methods[-1]
    if _gigabytes(heaviest, parameters) <= available:
        return heaviest.fits if _gigabytes(heaviest, parameters) * activations.plenty <= available else None
    for rule in methods[1:-1]:
        if _gigabytes(rule, parameters) * activations.factor <= available:
            return rule.fits
    return lightest.fits if _gigabytes(lightest, parameters) <= available else NOTHING


def _gigabytes(rule: MemoryRule, parameters: float) -> float:
    return rule.bytes_in_all * parameters / 1e9


def capacities(framework: Framework, gigabytes: float) -> list[tuple[MemoryRule, float]]:
    """How many parameters a model may have that a card of so many GB (1e9 bytes) trains, by each method, with room for
    activations; the method that takes most memory first."""
    spare = framework.parameters.activations.factor if framework.parameters.activations else 1.0
    every = (rule for rule in framework.parameters.memory if not rule.only_advised)
    rules = [rule for rule in every if _is_for_training(framework, rule)]
    rules.sort(key=lambda rule: -rule.bytes_in_all)
    return [(rule, gigabytes * 1e9 / spare / rule.bytes_in_all) for rule in rules]


def _is_for_training(framework: Framework, rule: MemoryRule) -> bool:
    """A supporting strategy (quantization) stands for training with it."""
    strategy = framework.strategies[rule.strategy]
    return strategy.trains or not strategy.is_primary


def _fits(framework: Framework, gigabytes: float, available: float | None) -> bool | None:
    """None where the hardware is unknown, or where it depends on the activations, so on batch and sequence length."""
    activations = framework.parameters.activations
    if available and gigabytes > available:
        return False
    return True if available and activations and gigabytes * activations.factor <= available else None


def _amount(fact: Fact | None) -> float | None:
    return fact.amount if fact is not None and fact.amount and fact.amount > 0 else None
