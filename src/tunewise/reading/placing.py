"""Where among the practice notes the answer to a message lies, learned from graded notes.

The reader's encoder with an adapter of its own in the upper half, and one attention: of the notes that searches
proposed, readers have said which answer a message and which only lie near. The artefact is made by
`python -m scripts.train_places`; its card says from what, and how well it places. A message lies near a note, and near
the messages that belong to the note; where those lie is worked out beforehand (`python -m scripts.place_notes`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tunewise.errors import WeightsError
from tunewise.reading.encoder import Encoder, Matrix, attended, beside, unusable
from tunewise.reading.signals import context_text

NAME = "places"
WIDTH = 384  # of a place: that of the default embedding model
HEARD_FILE = "heard.safetensors"
STEPS = 127  # of a number between -1 and 1 in that file, from 0 on


class Place(NamedTuple):
    """Where a message lies: a vector of length 1 among those of the embedding model that the card names, near the notes
    that answer; and for each note, by its id, the cosine of that and of where the messages lie that belong to it."""

    vector: tuple[float, ...]
    heard: Mapping[str, float]


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

    @property
    def width(self) -> int:
        """Of a place."""
        return len(self._heads["note"])

    def place(self, marked: str) -> tuple[float, ...]:
        """Where a first message with its marks lies (`marking.mark`): a vector of length 1 among those of the embedding
        model that the card names, near the notes that answer."""
        states = self._encoder.encode(marked, context_text(None, None)).states
        return place_of(states, self._heads["query"], self._heads["note"], self._scale)


class Heard:
    """Where the messages lie that belong to each note: of their places the mean, of length 1.

    Attributes:
        ids: Of the notes.
        places: A row each, as wide as the vectors of the notes.
        digests: Of the messages of each (`digest_of`).
        made_by: Of the weights that placed them (`digest_of_places`).
    """

    def __init__(self, folder: Path, width: int = WIDTH) -> None:
        """Read the file of a folder, of places with so many numbers.

        Raises:
            WeightsError: If there is none, or if it is of another form.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            held = load_file(folder / HEARD_FILE)
            self.ids = tuple(held["ids"].tobytes().decode().split())
            self.places: Matrix = held["places"].astype(np.float32) / np.float32(STEPS)
            self.digests, self.made_by = tuple(held["digests"].tolist()), int(held["made_by"][0])
            if self.places.shape[1:] != (width,) or not len(self.ids) == len(self.places) == len(self.digests):
                raise ValueError("It is of another form.")
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise WeightsError(
                f"{HEARD_FILE} is missing in {folder}, is damaged, or is of another form. Install Tunewise again, "
                f"or run: python -m scripts.place_notes --places {folder}"
            ) from error

    def cosines(self, place: Sequence[float]) -> dict[str, float]:
        """How near a place is to the messages of each note."""
        return dict(zip(self.ids, (self.places @ np.array(place, np.float32)).tolist(), strict=True))


def digest_of(messages: Sequence[str]) -> int:
    """Tells whether the messages of a note are those that were placed."""
    return zlib.crc32("\n".join(messages).encode())


def digest_of_places(folder: Path) -> int:
    """Tells whether the weights of a folder are those that placed them."""
    return zlib.crc32((folder / f"{NAME}.safetensors").read_bytes())


def place_of(states: Matrix, query: Matrix, note: Matrix, scale: float) -> tuple[float, ...]:
    """What a query (1 × width) attends to in a text (tokens × width), put among vectors of notes by `note` (their width
    × width); of length 1."""
    placed = attended(states, query, scale)[0] @ note.T
    return tuple((placed / np.linalg.norm(placed)).tolist())
