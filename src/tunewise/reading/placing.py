"""Where among the practice notes the answer to a message lies, learned from graded notes.

The reader's encoder with an adapter of its own in the upper half, and one attention: of the notes that searches
proposed, readers have said which answer a message and which only lie near. The artefact is made by
`python -m scripts.train_places`; its card says from what, and how well it places.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tunewise.reading.encoder import Encoder, Matrix, attended, beside, unusable
from tunewise.reading.signals import context_text

NAME = "places"


class Placer:
    """Places English messages; safe to use from several threads."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        """Read the artefact of a folder, and join it to the encoder of the reader.

        Raises:
            WeightsError: If there is none, or if it is of another form.
        """
        card, self._encoder, self._heads = beside(
            folder, NAME, ("sharpness",), ("query", "note"), lambda adapter, _: encoder.adapted_above(adapter)
        )
        if self._heads["query"].shape != (1, encoder.width) or self._heads["note"].shape[1:] != (encoder.width,):
            raise unusable(folder, NAME)
        self._scale = card["sharpness"] / np.sqrt(np.float32(encoder.width))

    def place(self, marked: str) -> tuple[float, ...]:
        """Where a first message with its marks lies (`marking.mark`): a vector of length 1 among those of the embedding
        model that the card names, near the notes that answer."""
        states = self._encoder.encode(marked, context_text(None, None)).states
        return place_of(states, self._heads["query"], self._heads["note"], self._scale)


def place_of(states: Matrix, query: Matrix, note: Matrix, scale: float) -> tuple[float, ...]:
    """What a query (1 × width) attends to in a text (tokens × width), put among vectors of notes by `note` (their width
    × width); of length 1."""
    placed = attended(states, query, scale)[0] @ note.T
    return tuple((placed / np.linalg.norm(placed)).tolist())
