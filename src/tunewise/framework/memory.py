"""How much memory training the user's model takes, and whether it fits: measured where its family was, else by rule of
thumb."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.framework.measured import sized, sizes_of
from tunewise.framework.words import text_in
from tunewise.types import Fact, MemoryEstimate, Situation, TrainingStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tunewise.framework.measured import Sized
    from tunewise.framework.model import Framework, MemoryRule

NOTHING = "nothing"
LEAST_SHOWN = 0.1  # GB
SHARE_ON_A_MAC = 0.75  # of its memory, which GPU and system share, for training (rule of thumb)
MOST_PARAMETERS, CLOSE = 1e14, 1.0001
UNITS = {"tokens": "{} tokens", "pixels": "{0} × {0} pixels", "seconds": "{} seconds"}


@dataclass(frozen=True, slots=True)
class Need:
    """GB (1e9 bytes) that one method takes of a model.

    Attributes:
        steps: (examples at once, GB) from the usual step down to one example; by rule of thumb a single one.
        spare: Times its GB with which a step fits for sure.
        plenty: GB with which memory is no problem.
        measured: The family and size that were measured; None by rule of thumb.
    """

    rule: MemoryRule
    steps: tuple[tuple[int, float], ...]
    spare: float
    plenty: float
    measured: Sized | None = None

    @property
    def least(self) -> float:
        """GB of the smallest step."""
        return self.steps[-1][1]

    def step(self, available: float | None) -> tuple[int, float]:
        """The largest step that fits so many GB for sure, else the smallest; the usual one if the GB are unknown."""
        if available is None:
            return self.steps[0]
        return next((step for step in self.steps if step[1] * self.spare <= available), self.steps[-1])

    def training_step(self, batch: int | None = None) -> TrainingStep | None:
        """What was measured, at a batch (None: the usual one); None by rule of thumb."""
        found, method = self.measured, self.rule.measured
        need = found.need(method) if found and method else None
        if found is None or need is None:
            return None
        family, models = found.family, tuple(model.label for model in found.models)
        return TrainingStep(
            batch or family.batch, family.batch, family.length, family.unit, need.recomputed, models, found.is_scaled
        )

    def fits(self, available: float | None) -> bool | None:
        """None where the hardware is unknown, or where it depends on what the sum does not hold."""
        if available and self.least > available:
            return False
        return True if available and self.least * self.spare <= available else None


def memory_estimates(
    framework: Framework, situation: Situation, language: str = "en", *, trains: bool = True, advised: str | None = None
) -> tuple[MemoryEstimate, ...]:
    """Memory in GB (1e9 bytes) of every method of the framework for the user's model; none if its size is unknown.

    The method that takes most comes first. What takes less than 0.1 GB is given as that.

    Args:
        framework: Its parameters hold what was measured, the bytes for each parameter, and their sources.
        situation: `architecture` is a measured family, `model_parameters.amount` a number of parameters,
            `gpu_memory.amount` GB of one card, `hardware.amount` how many there are.
        language: Language of the methods' names.
        trains: Whether training is meant; otherwise the estimate is for using the model.
        advised: The strategy that is advised; its method comes first.
    """
    parameters = _amount(situation.details.get("model_parameters"))
    if not parameters:
        return ()
    available = memory_at_hand(situation)
    needs = _needs(framework, parameters, family_of(situation), trains=trains)
    shown = [need for need in needs if need.rule.strategy == advised or not need.rule.only_advised]
    shown.sort(key=lambda need: need.rule.strategy != advised)
    return tuple(_estimate(framework, need, parameters, available, language) for need in shown)


def family_of(situation: Situation) -> str | None:
    """The architecture of the user's model, where it is one that may have been measured."""
    named = situation.details.get("architecture")
    return named.value if named is not None and named.known else None


def memory_at_hand(situation: Situation) -> float | None:
    """GB of all cards, between which a model can be sharded; None where no card's memory is known."""
    one = memory_of_a_card(situation)
    return one * cards(situation) if one else None


def memory_of_a_card(situation: Situation) -> float | None:
    """GB of one card, less what the system of a Mac keeps; None where that is not known."""
    one = _amount(situation.details.get("gpu_memory"))
    return one * SHARE_ON_A_MAC if one and is_mac(situation) else one


def is_mac(situation: Situation) -> bool:
    """Whether the hardware is an Apple chip, by the name that the table of hardware or the machine gives it."""
    named = situation.details.get("hardware")
    return named is not None and named.value.startswith("Apple")


def cards(situation: Situation) -> int:
    """How many cards there are; one where nobody says."""
    return int(_amount(situation.details.get("hardware")) or 1)


def what_fits(framework: Framework, parameters: float, available: float, family: str | None = None) -> str | None:
    """The most that so many GB (1e9 bytes) can do to a model of so many parameters: the `fits` of a memory rule.

    Of the method that takes most it is said only where memory is no problem, of those between where a step fits for
    sure. None where that depends on batch and length, or the framework does not say; "nothing" where nothing fits.
    """
    needs = [need for need in _needs(framework, parameters, family) if need.rule.fits]
    if not needs or any(math.isinf(need.spare) for need in needs):
        return None
    heaviest, lightest = needs[0], needs[-1]
    if heaviest.least <= available:
        return heaviest.rule.fits if heaviest.plenty <= available else None
    for need in needs[1:-1]:
        if need.fits(available):
            return need.rule.fits
    return lightest.rule.fits if lightest.least <= available else NOTHING


def capacities(framework: Framework, gigabytes: float, family: str | None = None) -> list[tuple[Need, float]]:
    """How many parameters a model (of a family: at most as many as were measured) may have that a card of so many GB
    (1e9 bytes) trains for sure, by each method, and what it needs there; the method that takes most memory first."""
    limits = sizes_of(framework.parameters.measured, family) or (1.0, MOST_PARAMETERS)
    rules = [need.rule for need in _needs(framework, 1.0, None) if not need.rule.only_advised]
    found = [(rule, _largest(framework, rule, gigabytes, family, *limits)) for rule in rules]
    return [(need, most) for rule, most in found if most and (need := _need(framework, rule, most, family))]


def _largest(
    framework: Framework, rule: MemoryRule, gigabytes: float, family: str | None, low: float, high: float
) -> float | None:
    """By halving the interval, as memory grows with the parameters; None where not even the smallest size fits."""

    def fits(parameters: float) -> bool:
        need = _need(framework, rule, parameters, family)
        return need is not None and bool(need.fits(gigabytes))

    if fits(high):
        return high
    if not fits(low):
        return None
    while high / low > CLOSE:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _needs(framework: Framework, parameters: float, family: str | None, *, trains: bool = True) -> Iterator[Need]:
    """Of every method that the model can be trained by, the one that takes most first."""
    for rule in sorted(framework.parameters.memory, key=lambda rule: -rule.bytes_in_all):
        if _is_for_training(framework, rule) == trains and (need := _need(framework, rule, parameters, family)):
            yield need


def _need(framework: Framework, rule: MemoryRule, parameters: float, family: str | None) -> Need | None:
    """None for a method that was tried on the family and has nothing to train in it (LoRA where there is no linear
    layer)."""
    measured, room = framework.parameters.measured, framework.parameters.activations
    if rule.measured and measured and (found := sized(measured, family, parameters)):
        if found.need(rule.measured) is None:
            return None
        steps = tuple((batch, found.gigabytes(rule.measured, batch)) for batch in _halved(found.family.batch))
        part = found.gigabytes(rule.measured, min(measured.micro_batch, found.family.batch))
        return Need(rule, steps, measured.room, part * measured.room, found)
    gigabytes = rule.bytes_in_all * parameters / 1e9
    factor, plenty = (room.factor, room.plenty) if room else (math.inf, math.inf)
    return Need(rule, ((1, gigabytes),), factor, gigabytes * plenty)


def _halved(batch: int) -> Iterator[int]:
    while batch >= 1:
        yield batch
        batch //= 2


def _estimate(
    framework: Framework, need: Need, parameters: float, available: float | None, language: str
) -> MemoryEstimate:
    batch, gigabytes = need.step(available)
    step, measured = need.training_step(batch), framework.parameters.measured
    formula, source = _by_thumb(need.rule, parameters), need.rule.source
    if step and measured:
        source = measured.source
        summed = f" (gradients added up to {step.usual_batch})" if step.batch < step.usual_batch else ""
        formula = f"{measured_on(step)}, at batch {step.batch}{summed}"
    method, shown = text_in(need.rule.method, language), max(round(gigabytes, 1), LEAST_SHOWN)
    return MemoryEstimate(method, shown, formula, source, need.fits(available), step)


def _by_thumb(rule: MemoryRule, parameters: float) -> str:
    return f"rule of thumb: {rule.formula}; {parameters / 1e9:,.3g} × 10⁹ parameters"


def measured_on(step: TrainingStep) -> str:
    """English: "measured on Llama 3.1 8B with 1,024 tokens an example and gradient checkpointing"."""
    how = "scaled from measurements of" if step.scaled else "measured on"
    shape = UNITS[step.unit].format(f"{step.length:,}")
    kept = " and gradient checkpointing" if step.recomputed else ""
    return f"{how} {' and '.join(step.models)} with {shape} an example{kept}"


def _is_for_training(framework: Framework, rule: MemoryRule) -> bool:
    """A supporting strategy (quantization) stands for training with it."""
    strategy = framework.strategies[rule.strategy]
    return strategy.trains or not strategy.is_primary


def _amount(fact: Fact | None) -> float | None:
    return fact.amount if fact is not None and fact.amount and fact.amount > 0 else None
