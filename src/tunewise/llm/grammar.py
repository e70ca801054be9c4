"""The shapes that an answer can be held to: templates with free slots, and GBNF for engines that know only that.

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

    @property
    def gbnf(self) -> str:
        """The same answers (spans only bounded in length) as a GBNF grammar."""
        return "root ::= " + " ".join(_gbnf(part) for part in self.parts)


def choice_grammar(ids: Sequence[str]) -> Template:
    """Exactly one of `ids`, bare.

    Raises:
        ValueError: If there is nothing to choose from, or one id is the beginning of another.
    """
    options = _checked(ids)
    for one, other in zip(sorted(options), sorted(options)[1:], strict=False):
        if other.startswith(one):
            raise ValueError(f"{one!r} is the beginning of {other!r}; a choice could not tell them apart.")
    return Template((Choice(options),), schema={"type": "string", "enum": list(options)})


def recommendation_grammar(
    primary_ids: Sequence[str], supporting_ids: Sequence[str], max_supporting: int = 3
) -> Template:
    """`{"primary": "lora", "supporting": ["ewc", ...]}` with ids from the two lists only, supporting ones distinct.

    Raises:
        ValueError: If there is no primary id to choose from.
    """
    primary, supporting = _checked(primary_ids), tuple(dict.fromkeys(supporting_ids))
    schema = _object_schema(
        primary={"type": "string", "enum": list(primary)},
        supporting={
            "type": "array",
            "items": {"type": "string", "enum": list(supporting)},
            "maxItems": max_supporting,
        },
    )
    return Template(
        (
            '{"primary":',
            Choice(tuple(f" {json.dumps(id_)}," for id_ in primary)),
            ' "supporting":',
            Items(supporting, max_supporting, closing="]}"),
        ),
        schema=schema,
    )


def quotes_grammar(names: Sequence[str], message: str) -> Template:
    """A JSON object with a key for each name, whose values are "" or runs of whole words of the message.

    Raises:
        ValueError: If there are no names.
    """
    keys = _checked(names)
    parts: list[str | Slot] = []
    for number, name in enumerate(keys):
        parts.append(("{" if number == 0 else " ") + json.dumps(name, ensure_ascii=False) + ":")
        parts.append(Span(message, closing='",' if number < len(keys) - 1 else '"}'))
    schema = _object_schema(**{name: {"type": "string", "maxLength": LONGEST_SPAN} for name in keys})
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


def _checked(ids: Sequence[str]) -> tuple[str, ...]:
    options = tuple(dict.fromkeys(ids))
    if not options or "" in options:
        raise ValueError(f"A grammar needs ids to choose from, and none may be empty; got {list(ids)!r}.")
    return options


def _object_schema(**properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _gbnf(part: str | Slot) -> str:
    if isinstance(part, str):
        return gbnf_literal(part)
    if isinstance(part, Choice):
        return _alternatives(part.options)
    if isinstance(part, Span):
        return rf'" \"" [^"\\\x00-\x1F]{{0,{part.longest}}} {gbnf_literal(part.closing)}'
    empty = gbnf_literal(" [" + part.closing)
    if not part.options or part.at_most < 1:
        return empty
    one = _alternatives([json.dumps(option) for option in part.options])
    more = f'(", " {one}){{0,{part.at_most - 1}}} ' if part.at_most > 1 else ""
    return f'({empty} | " [" {one} {more}{gbnf_literal(part.closing)})'


def _alternatives(options: Sequence[str]) -> str:
    return "(" + " | ".join(gbnf_literal(option) for option in options) + ")"


def gbnf_literal(text: str) -> str:
    """A text as a quoted GBNF terminal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for character, name in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(character, name)
    return f'"{escaped}"'
