"""An embedder without weights: texts that share words are near."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt

from tunewise.retrieval.embedding import Embedder
from tunewise.retrieval.words import words

WIDTH = 64


class WordEmbedder(Embedder):
    """Adds up one fixed random direction per word; a text without words points in a direction of its own."""

    fingerprint = "words"

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded.extend(texts)
        return [_vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return _vector(text)


WORDS = WordEmbedder()


def _vector(text: str) -> list[float]:
    total = sum(map(_direction, words(text) or ["\0"]))
    return [float(value) for value in total / np.linalg.norm(total)]


@cache
def _direction(word: str) -> npt.NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(WIDTH)
