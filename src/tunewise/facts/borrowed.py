"""Which words of a message are the asker's own, where it passes on what somebody else says: those facts count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from tunewise.facts.text import MessageSentence, read
from tunewise.tables import load_table

_PART = re.compile(r"[^,;()–—\uff0c\uff1b]+")
_EMPTY_LINE = re.compile(r"\n\s*\n|$")


def own_words(message: str) -> str:
    """The message with a blank for every character that somebody else says, so that offsets stay."""
    text = read(message)
    kept = list(message)
    for start, end in _borrowed(text.folded, text.sentences):
        kept[start:end] = [char if char == "\n" else " " for char in kept[start:end]]
    return "".join(kept)


def _borrowed(folded: str, sentences: tuple[MessageSentence, ...]) -> Iterator[tuple[int, int]]:
    pasted_to = 0
    for match in _pattern("quoted").finditer(folded):
        yield match.span()
    for sentence in sentences:
        if sentence.start < pasted_to:
            yield sentence.start, sentence.end
        elif _pattern("attributed").search(sentence.text):
            yield from _said_by_others(sentence)
            if re.search(_table()["goes_on"], sentence.text):
                pasted_to = _EMPTY_LINE.search(folded, sentence.end).start()  # type: ignore[union-attr]


def _said_by_others(sentence: MessageSentence) -> Iterator[tuple[int, int]]:
    for part in _PART.finditer(sentence.text):
        if not _pattern("own").search(part.group()):
            yield sentence.start + part.start(), sentence.start + part.end()


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(_table()[kind]))


def _table() -> dict[str, Any]:
    table: dict[str, Any] = load_table("reading/borrowed.yaml")
    return table
