"""The message as the readers see it: folded to plain lower case without changing any offset, and cut into sentences.

Folding keeps one character per character, so a span found in the folded text is a span of the message.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tunewise.languages import answer_language
from tunewise.tables import load_table
from tunewise.types import Language

MAX_SENTENCE = 600
MANY_SENTENCES = 400


@dataclass(frozen=True, slots=True)
class MessageSentence:
    """A stretch of the message; `text` is folded, `start` its offset in the message."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its folded form; `raw[i]` and `folded[i]` are the same character for every i."""

    raw: str
    folded: str
    language: Language
    sentences: tuple[MessageSentence, ...]

    def quote(self, start: int, end: int) -> str:
        """The user's own words between two offsets, without surrounding white space or stray punctuation."""
        return self.raw[start:end].strip(_table()["stray"])

    def sentence_at(self, position: int) -> MessageSentence:
        """The sentence that holds the character at `position`."""
        for sentence in self.sentences:
            if sentence.start <= position < sentence.end:
                return sentence
        return MessageSentence(self.folded, 0)


def read(raw: str) -> Message:
    """Fold a message and cut it into sentences; never fails, whatever the text holds."""
    folded = fold(raw)
    sentences = tuple(_sentences(raw, folded))
    if len(sentences) > MANY_SENTENCES:  # lists, logs, noise: what follows is linear in the number of sentences
        sentences = tuple(_pieces(folded, 0, len(folded)))
    return Message(raw, folded, answer_language(raw[:4000]), sentences)


def fold(raw: str) -> str:
    """Lower case, no accents, simplified Chinese, half-width forms; as long as `raw`."""
    table = _fold_table()
    return "".join(table.get(char) or _fold_char(char) for char in raw)


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    if char.isascii():
        return char.lower() if char.isprintable() or char == "\n" else " "
    if unicodedata.category(char) in ("Cc", "Cf", "Zs"):
        return " "
    plain = unicodedata.normalize("NFKD", char)[0] if ord(char) < 0x2000 or 0xFF00 <= ord(char) <= 0xFFEF else char
    lower = plain.lower()
    return lower if len(lower) == 1 else char


@lru_cache(maxsize=1)
def _fold_table() -> dict[str, str]:
    plain = {char: reading for reading, chars in _table()["folded"].items() for char in chars}
    return plain | {pair[0]: pair[1] for pair in _table()["traditional"].split()}


def _table() -> dict[str, Any]:
    table: dict[str, Any] = load_table("reading/text.yaml")
    return table


def _sentences(raw: str, folded: str) -> Iterator[MessageSentence]:
    start = 0
    for match in re.finditer(_table()["sentence_end"], raw):
        if re.search(_table()["abbreviation"], folded[max(start, match.end() - 8) : match.end()]):
            continue
        yield from _pieces(folded, start, match.end())
        start = match.end()
    yield from _pieces(folded, start, len(folded))


def _pieces(folded: str, start: int, end: int) -> Iterator[MessageSentence]:
    """Cut what is too long to search in bounded time; white space alone is no sentence."""
    while start < end:
        stop = min(end, start + MAX_SENTENCE)
        if stop < end:
            space = folded.rfind(" ", start + MAX_SENTENCE // 2, stop)
            stop = space if space > 0 else stop
        if any(char.isalnum() for char in folded[start:stop]):
            yield MessageSentence(folded[start:stop], start)
        start = stop
