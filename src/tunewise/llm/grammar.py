"""The shape that an answer can be held to: a template with slots for words of the message, and their tokens.

A template is literal text with slots. What is literal is never sampled: the engine reads it in a batch, as it reads a
prompt, and asks the model only where there is a choice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunewise.llm.backend import Backend

LONGEST_SPAN = 160
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[$€£¥~<>≈≤≥]?[^\W{_CJK}]+[%+]*")
_NEVER = -1  # stands behind a span, which ends only by being closed


@dataclass(frozen=True, slots=True)
class Span:
    """A JSON string that is empty or a run of whole words of `source`, followed by `closing`."""

    source: str
    closing: str
    longest: int = LONGEST_SPAN


@dataclass(frozen=True, slots=True)
class Template:
    """Literal text and slots in order.

    `schema` describes the same answer for servers that take a JSON Schema.
    """

    parts: tuple[str | Span, ...]
    schema: Mapping[str, object] = field(default_factory=dict)


def quotes_grammar(names: Sequence[str], message: str) -> Template:
    """A JSON object with a key for each name, whose values are "" or runs of whole words of the message.

    Raises:
        ValueError: If there are no names.
    """
    keys = tuple(dict.fromkeys(names))
    if not keys or "" in keys:
        raise ValueError(f"Quotes need names, and none may be empty; got {list(names)!r}.")
    parts: list[str | Span] = []
    for number, name in enumerate(keys):
        parts.append(("{" if number == 0 else " ") + json.dumps(name, ensure_ascii=False) + ":")
        parts.append(Span(message, closing='",' if number < len(keys) - 1 else '"}'))
    texts = {name: {"type": "string", "maxLength": LONGEST_SPAN} for name in keys}
    schema = {"type": "object", "properties": texts, "required": list(keys), "additionalProperties": False}
    return Template(tuple(parts), schema=schema)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where a quoted span may begin and end: words, signs that belong to them, and single CJK characters."""
    return [match.span() for match in _WORD.finditer(text)]


@dataclass(frozen=True, slots=True)
class _Run:
    """Tokens of the longest text from one word on; after `ends` of them it may be closed."""

    tokens: tuple[int, ...]
    ends: frozenset[int] = frozenset()


class Alternatives:
    """What a slot may hold, as token sequences that are narrowed down token by token."""

    def __init__(self, backend: Backend, span: Span) -> None:
        """Start with the empty string, and every run of whole words of the source as a JSON string."""
        self._closing = tuple(backend.tokenize(span.closing))
        self._alive = [_Run(tuple(backend.tokenize(' "' + span.closing))), *_runs(backend, span)]
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether one of the sequences is complete."""
        return any(len(run.tokens) == self._at for run in self._alive)

    def candidates(self) -> list[int]:
        """Tokens that may come next, each once, in ascending order."""
        tokens = {run.tokens[self._at] for run in self._alive if self._at < len(run.tokens)} - {_NEVER}
        if any(self._at in run.ends for run in self._alive):
            tokens.add(self._closing[0])
        return sorted(tokens)

    def accept(self, token: int) -> None:
        """Narrow down to what starts with the tokens accepted so far and this one."""
        at, alive = self._at, self._alive
        going_on = [run for run in alive if at < len(run.tokens) and run.tokens[at] == token]
        if not going_on:
            closed = next(run for run in alive if at in run.ends)
            going_on = [_Run((*closed.tokens[:at], *self._closing))]
        self._alive, self._at = going_on, at + 1


def _runs(backend: Backend, span: Span) -> Iterator[_Run]:
    words = word_spans(span.source)
    for start, _ in words:
        ends = [end for _, end in words if start < end <= start + span.longest]
        if ends:
            yield _run(backend, span.source[start : ends[-1]], [end - start for end in ends])


def _run(backend: Backend, text: str, ends: Sequence[int]) -> _Run:
    """Tokens of a text as an open JSON string, which may be closed after each of the offsets `ends`."""
    opening = ' "'
    escaped = [json.dumps(character, ensure_ascii=False)[1:-1] for character in text]
    lengths = list(accumulate((len(piece.encode()) for piece in escaped), initial=len(opening)))
    closable = {lengths[end] for end in ends}
    tokens = tuple(backend.tokenize(opening + "".join(escaped)))
    offset, early = 0, set()
    for number, token in enumerate(tokens, 1):
        offset += len(backend.piece(token))
        if offset in closable:
            early.add(number)
    return _Run((*tokens, _NEVER), frozenset(early))
