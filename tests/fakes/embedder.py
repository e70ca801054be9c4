"""An embedder without weights: texts that share words are near."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tunewise.retrieval.words import words
from tunewise.settings import Settings

WIDTH = 64


class WordEmbedder:
    """Adds up one fixed random direction per word; a text without words points in a direction of its own."""

    fingerprint = "words"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.embedded.extend(texts)
        rows = np.stack([sum(map(_direction, words(text) or ["\0"])) for text in texts])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def word_embedder(_settings: Settings | None = None) -> WordEmbedder:
    """What `open_searcher(..., embedder=WORDS)` makes."""
    return WordEmbedder()


WORDS = f"{__name__}:word_embedder"


def _direction(word: str) -> npt.NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(WIDTH)
