"""Which strategies a text advises for or against, learned from examples (`corpus/reading/advice`).

The reader's encoder with an adapter of its own. Whether a text takes a stance on a strategy, and which, are told apart:
advice for and against is worded alike whatever it is about, so that what one strategy teaches of it helps all others.
The artefact is made by `python -m scripts.train_advice`; its card says from what, and how well it reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from tunewise.reading.encoder import Encoder, Matrix, attended, beside, unusable
from tunewise.reading.heads import sigmoid

NAME = "advice"
HEADS = (
    "query", "direction_query", "stance", "stance_bias", "direction", "direction_of", "direction_bias",
)  # fmt: skip
REMEMBERED = 256  # texts: those of a message are asked for more than once
BACKED = 0.02  # from here on a stance that the words of a text take may be meant


@dataclass(frozen=True, slots=True)
class AdviceSignal:
    """A stance on a strategy, how likely (0 to 1) a text takes it, and whether that is enough to say that it does."""

    strategy: str
    stance: Literal["for", "against"]
    probability: float
    taken: bool = True


class AdviceReader:
    """Reads English texts of a few sentences; safe to use from several threads."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        """Read the artefact of a folder, and join it to an encoder's weights.

        Raises:
            WeightsError: If there is none, or if it is of another form.
        """
        told = ("strategies", "read_from", "sharpness", "longest")
        card, self._encoder, self._heads = beside(
            folder, NAME, told, HEADS, lambda adapter, card: encoder.adapted(adapter, card["longest"])
        )
        self.strategies: tuple[str, ...] = tuple(card["strategies"])
        self._least, self._sharpness = float(card["read_from"]), float(card["sharpness"])
        if len(self._heads["query"]) != len(self.strategies):
            raise unusable(folder, NAME)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._signals)

    def read(self, text: str) -> tuple[AdviceSignal, ...]:
        """The stances of a text that may be meant, the likeliest first; one at most for each strategy."""
        return self._remembered(text) if text.strip() else ()

    def _signals(self, text: str) -> tuple[AdviceSignal, ...]:
        there, speaks_for = likelihoods(self._encoder.states_of_text(text), self._heads, self._sharpness)
        found = []
        for strategy, present, positive in zip(self.strategies, there, speaks_for, strict=True):
            likely = float(present * max(positive, 1 - positive))
            stance: Literal["for", "against"] = "for" if positive >= 0.5 else "against"
            found.append(AdviceSignal(strategy, stance, likely, likely >= self._least))
        backed = (each for each in found if each.probability >= BACKED)
        return tuple(sorted(backed, key=lambda each: -each.probability))


def likelihoods(states: Matrix, heads: Mapping[str, Matrix], sharpness: float) -> tuple[Matrix, Matrix]:
    """For each strategy, how likely a stance on it is taken, and if so, how likely one for it.

    Args:
        states: Tokens × width.
        heads: `query` and `direction_query` (strategies × width) attend; `stance` and `direction_of` (likewise),
            `direction` (width) and the biases weigh.
        sharpness: Of the attention: how much its scores are scaled up.
    """
    scale = sharpness / np.sqrt(np.float32(states.shape[1]))
    about, said = (attended(states, heads[name], scale) for name in ("query", "direction_query"))
    there = sigmoid((about * heads["stance"]).sum(-1) + heads["stance_bias"])
    direction = ((about + said) * (heads["direction"] + heads["direction_of"])).sum(-1)
    return there, sigmoid(direction + heads["direction_bias"])
