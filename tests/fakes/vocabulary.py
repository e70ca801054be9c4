"""A tokenizer of words and single signs, small enough to read in a test."""

from __future__ import annotations

import re


class WordVocabulary:
    """Words with a space before them are one token, as in byte-pair vocabularies; every other sign is its own."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def tokenize(self, text: str) -> list[int]:
        return [self._id(piece) for piece in re.findall(r" ?\w+|.", text, re.DOTALL)]

    def piece(self, token: int) -> bytes:
        return self._pieces[token] if token >= 0 else b""

    def _id(self, text: str) -> int:
        piece = text.encode()
        if piece not in self._pieces:
            self._pieces.append(piece)
        return self._pieces.index(piece)
