"""Small helpers for messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


def suggestion(word: str, known: Iterable[str]) -> str:
    """ " Did you mean 'full_fine_tuning'?", or nothing if no known word is near."""
    near = get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


def text_in(texts: Mapping[str, str], language: str) -> str:
    """A text in a language, or in English where it lacks that language."""
    return texts.get(language, texts["en"])


def in_words(values: Mapping[str, str]) -> str:
    """ "compute is limited and similarity is low"; "nothing is known" for no values."""
    return " and ".join(f"{name} is {value}" for name, value in sorted(values.items())) or "nothing is known"


def explained(error: ValidationError, known: Iterable[str], groups: Mapping[str, str]) -> str:
    """The first problem that a record found, with its place: ", rule 'F3', then: the key 'strength' is missing."

    Args:
        error: What pydantic found.
        known: Keys to suggest for one that is unknown.
        groups: What one member of a group is called ("rules" → "rule").
    """
    first = error.errors(include_url=False)[0]
    words = [f"number {step + 1}" if isinstance(step, int) else step for step in first["loc"] if step != "[key]"]
    key = words[-1] if words else ""
    if len(words) > 1 and words[0] in groups:
        words[:2] = [f"{groups[words[0]]} {words[1]!r}"]
    said = first["msg"].replace("valid tuple", "valid list").replace("Tuple", "List")
    problem = {
        "extra_forbidden": f"unknown key {key[:80]!r}.{suggestion(key, known)} Remove it or correct its name.",
        "missing": f"the key {key!r} is missing.",
        "problem": said,
    }.get(first["type"], f"{said} (found {str(first['input'])[:80]!r}).")
    return "".join(f", {word}" for word in words) + f": {problem}"
