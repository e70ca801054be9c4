"""Weights: which files are pinned, where they lie, how they are fetched and how they are trusted."""

from tunewise.weights.fetching import Progress, pull
from tunewise.weights.gguf import check_gguf
from tunewise.weights.pinned import EMBEDDING, PINNED, PinnedFile, Weights
from tunewise.weights.store import is_present, locate, verify

__all__ = [
    "EMBEDDING",
    "PINNED",
    "PinnedFile",
    "Progress",
    "Weights",
    "check_gguf",
    "is_present",
    "locate",
    "pull",
    "verify",
]
