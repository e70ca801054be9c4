"""What was measured of common architectures, as a form of batch and length (`corpus/resources/forms.json`).

`python -m scripts.measure_memory` walks, fits and writes it; the rows behind it stand beside it in memory.jsonl.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from tunewise.resources.records import Need

Coefficients = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Form:
    """The need of one architecture and method.

    Attributes:
        least: Bytes of gradients and activations of the smallest step that was walked: no step takes fewer.
        moving: Bytes of gradients and activations: in all, for each example, for each unit of length of it, and for
            each of its square (an image grows by the square of its side, attention that keeps its weights too).
        operations: Floating-point operations of a step, likewise.
        held_out_error: Largest error of the peak on rows that it was not fitted to; `operations_error` likewise.
    """

    architecture: str
    method: str
    recomputed: bool
    parameters: int
    trainable: int
    weights: int
    optimizer: int
    all_gradients: int
    least: int
    moving: Coefficients
    operations: Coefficients
    held_out_error: float
    operations_error: float

    def need(self, batch: int, length: int) -> Need:
        """The need of a step; a form cannot tell gradients from activations, which here are both."""
        moving = round(max(_at(self.moving, batch, length), self.least))
        return Need(
            self.parameters,
            self.trainable,
            self.weights,
            self.optimizer,
            0,
            moving,
            self.all_gradients,
            _at(self.operations, batch, length),
        )


def _at(coefficients: Coefficients, batch: int, length: int) -> float:
    constant, per_example, per_length, per_square = coefficients
    return constant + batch * (per_example + length * (per_length + length * per_square))


@lru_cache(maxsize=1)
def forms() -> dict[tuple[str, str, bool], Form]:
    """Every form, by architecture, method and whether blocks are computed again."""
    text = resources.files("tunewise").joinpath("corpus/resources/forms.json").read_text(encoding="utf-8")
    found = [
        Form(**{**row, "moving": tuple(row["moving"]), "operations": tuple(row["operations"])})
        for row in json.loads(text)
    ]
    return {(form.architecture, form.method, form.recomputed): form for form in found}
