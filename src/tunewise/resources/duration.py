"""Hours and money from operations: a range, because nobody knows beforehand what share of a card's peak is reached."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tunewise.resources.sources import training_table


@dataclass(frozen=True, slots=True)
class Duration:
    """Steps, operations of all of them, hours at the higher and at the lower share of the card's peak."""

    steps: int
    operations: float
    fewest_hours: float
    most_hours: float

    def cost(self, price_per_hour: float) -> tuple[float, float]:
        """From and to, in whatever the price is in."""
        return self.fewest_hours * price_per_hour, self.most_hours * price_per_hour


def duration_of(operations_per_step: float, batch: int, examples: int, epochs: float, tflops: float) -> Duration:
    """How long one card trains.

    Args:
        operations_per_step: Floating-point operations of a step of `batch` examples.
        examples: In the training set.
        epochs: How often each is seen.
        tflops: Dense 16-bit peak of the card, in 10^12 operations a second.
    """
    steps = math.ceil(examples / batch) * epochs
    operations = operations_per_step * steps
    share = training_table()["achieved_share"]
    hours = [operations / (tflops * 1e12 * share[end] / 100) / 3600 for end in ("high", "low")]
    return Duration(math.ceil(steps), operations, *hours)
