"""Small helpers for messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches


def suggestion(word: str, known: Iterable[str]) -> str:
    """ " Did you mean 'full_fine_tuning'?", or nothing if no known word is near."""
    near = get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def in_words(values: Mapping[str, str]) -> str:
    """ "compute is limited and similarity is low"; "nothing is known" for no values."""
    return " and ".join(f"{name} is {value}" for name, value in sorted(values.items())) or "nothing is known"
