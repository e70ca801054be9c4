"""What a phrase says of the situation: values of facts in conditions ("if you get more data") and in claims about
the user ("your dataset is large"). English only; the phrases are data (`corpus/reading/suppositions.yaml`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from tunewise.answer.cues import any_of
from tunewise.tables import load_table

FALLS_SHORT = "falls_short"
_MEASURED = (FALLS_SHORT, "baseline")  # "may already perform well" claims no measurement


@dataclass(frozen=True, slots=True)
class _Phrase:
    fact: str
    value: str
    pattern: re.Pattern[str]
    compares: bool


def condition_values(text: str) -> dict[str, str]:
    """Values that a condition supposes, by fact; "falls_short": "yes" for "if that is not enough"."""
    values: dict[str, str] = {}
    for phrase, _, _ in _found(text):
        values.setdefault(phrase.fact, phrase.value)
    return values


def supposed_spans(sentence: str) -> list[tuple[int, int]]:
    """Spans that suppose something without an "if": "with a large dataset"."""
    supposing = re.compile(rf"(?<!\w)(?:{_table()['supposing']})$", re.IGNORECASE)
    found = [(supposing.search(sentence[:start]), end) for _, start, end in _found(sentence)]
    return [(before.start(), end) for before, end in found if before]


def claims_about_user(sentence: str) -> dict[str, str]:
    """Values that a sentence claims of the user's own situation; conditions and general statements claim nothing."""
    if not any_of("about_the_user", "suppositions").search(sentence) or any_of("hypothetical", "suppositions").search(
        sentence
    ):
        return {}
    values: dict[str, str] = {}
    for phrase, _, _ in _found(sentence):
        if phrase.fact not in _MEASURED and not phrase.compares:
            values.setdefault(phrase.fact, phrase.value)
    return values


def _found(text: str) -> list[tuple[_Phrase, int, int]]:
    """Phrases in a text that are not negated and do not overlap, with their spans."""
    found: list[tuple[_Phrase, int, int]] = []
    for phrase in _phrases():
        for match in phrase.pattern.finditer(text):
            overlaps = any(start < match.end() and match.start() < end for _, start, end in found)
            if not overlaps and not re.search(_table()["negated"], text[: match.start()]):
                found.append((phrase, match.start(), match.end()))
    return found


@cache
def _phrases() -> tuple[_Phrase, ...]:
    """All phrases; negative ones first, so that "not enough data" isn't read as "enough data"."""
    found = []
    for entry in _table()["phrases"]:
        for kind in ("states", "compares"):
            for text in entry.get(kind, ()):
                for name, pattern in _table()["words"].items():
                    text = text.replace(name, pattern)
                compiled = re.compile(rf"(?<!\w)(?:{text})(?!\w)", re.IGNORECASE)
                found.append(_Phrase(entry["fact"], entry["value"], compiled, kind == "compares"))
    return tuple(sorted(found, key=lambda phrase: phrase.value not in ("small", "limited", "low")))


def _table() -> dict[str, Any]:
    table: dict[str, Any] = load_table("reading/suppositions.yaml")
    return table
