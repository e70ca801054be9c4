"""Records between the steps of this package; sizes in bytes, a step is forward, backward and AdamW."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

GB = 1e9
LEAST_SHOWN = 0.1  # GB


@dataclass(frozen=True, slots=True)
class Method:
    """One way to train, as `corpus/resources/training.yaml` has it.

    Attributes:
        trains: all, low_rank, last_blocks or head.
        rank: Of the adapters.
        share: Of the blocks that are trained with last_blocks, from the end.
        frozen_bits: Bits of a frozen parameter in mixed precision.
        constant_bits: Bits of a quantised parameter that its constants take besides.
    """

    name: str
    label: str
    trains: str
    rank: int = 0
    share: float = 0.0
    frozen_bits: int = 32
    constant_bits: float = 0.0


@dataclass(frozen=True, slots=True)
class Workload:
    """What one step is given.

    Attributes:
        batch: Examples at once.
        length: Of each: tokens, pixels a side or seconds, as the model takes them.
        mixed: bfloat16 autocast over 32-bit master weights; otherwise everything is 32 bit.
        recomputed: Whether blocks are computed again backwards instead of kept (gradient checkpointing).
    """

    batch: int
    length: int
    mixed: bool = True
    recomputed: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A model without weights: a name of timm, or what its config.json says."""

    name: str
    timm: str | None = None
    config: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What one step of training holds at its peak, in bytes; `operations` are floating-point operations of the step.

    `gradients` are those that exist at the peak, `all_gradients` what they come to at its end. `activations` are all
    else: what is kept for the way back, 16-bit copies of trained weights, what is passing. `adapted` are parameters of
    the matrices that carry adapters, `largest` those of one matrix.
    """

    parameters: int
    trainable: int
    weights: int
    optimizer: int
    gradients: int
    activations: int
    all_gradients: int
    operations: float
    adapted: int = 0
    largest: int = 0

    @property
    def peak(self) -> int:
        """All of it together."""
        return self.weights + self.optimizer + self.gradients + self.activations
