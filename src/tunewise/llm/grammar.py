"""The shapes that an answer can be held to: templates with free slots.

A template is literal text with slots. What is literal is never sampled: the engine reads it in a batch, as it reads a
prompt, and asks the model only where there is a choice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LONGEST_SPAN = 160


@dataclass(frozen=True, slots=True)
class Choice:
    """Exactly one of some texts; none may be the beginning of another."""

    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A JSON list of distinct strings from `options`, at most `at_most`, with `closing` after its bracket."""

    options: tuple[str, ...]
    at_most: int
    closing: str = "]"


@dataclass(frozen=True, slots=True)
class Span:
    """A JSON string that is empty or a run of whole words of `source`, followed by `closing`."""

    source: str
    closing: str
    longest: int = LONGEST_SPAN


Slot = Choice | Items | Span


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and slots in order.

    `schema` describes the same answer for servers that take a JSON Schema.
    """

    parts: tuple[str | Slot, ...]
    schema: Mapping[str, object] = field(default_factory=dict)


def quotes_grammar(names: Sequence[str], message: str) -> Template:
    """A JSON object with a key for each name, whose values are "" or runs of whole words of the message.

    Raises:
        ValueError: If there are no names.
    """
    keys = tuple(dict.fromkeys(names))
    if not keys or "" in keys:
        raise ValueError(f"Quotes need names, and none may be empty; got {list(names)!r}.")
    parts: list[str | Slot] = []
    for number, name in enumerate(keys):
        parts.append(("{" if number == 0 else " ") + json.dumps(name, ensure_ascii=False) + ":")
        parts.append(Span(message, closing='",' if number < len(keys) - 1 else '"}'))
    texts = {name: {"type": "string", "maxLength": LONGEST_SPAN} for name in keys}
    schema = {"type": "object", "properties": texts, "required": list(keys), "additionalProperties": False}
    return Template(tuple(parts), schema=schema)


def word_starts(text: str) -> Iterator[int]:
    """Offsets where a quoted span may begin: words, signs that belong to them, and single CJK characters."""
    for match in _WORD.finditer(text):
        yield match.start()


def word_ends(text: str) -> Iterator[int]:
    """Offsets where a quoted span may end."""
    for match in _WORD.finditer(text):
        yield match.end()


_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[$€£¥~<>≈≤≥]?[^\W{_CJK}]+[%+]*")
