"""Weights: which files are pinned, where they lie, how they are fetched and how they are trusted."""

from tunewise.weights.fetching import pull
from tunewise.weights.gguf import check_gguf
from tunewise.weights.pinned import PINNED, PinnedFile, Weights
from tunewise.weights.store import Progress, is_hub_id, is_present, locate, locate_embedding, verify

__all__ = [
    "PINNED",
    "PinnedFile",
    "Progress",
    "Weights",
    "check_gguf",
    "is_hub_id",
    "is_present",
    "locate",
    "locate_embedding",
    "pull",
    "verify",
]
