"""What a phrase says of the situation: values of facts in conditions ("if you get more data") and in claims about
the user ("your dataset is large"). The phrases are data (`data/situations.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

_NEGATED = re.compile(
    r"(?:\b(?:not|never|no|without|lack(?:s|ing)?|don['’]t|isn['’]t|aren['’]t|hardly)|n['’]t)(?: \w+){0,2} ?$"
    r"|(?:不|没有?|未|并非)[^，。]{0,2}$|\bpas (?:\w+ ){0,2}$"
)
FALLS_SHORT = "falls_short"
_MEASURED = (FALLS_SHORT, "baseline")  # "may already perform well" claims no measurement
_HYPOTHETICAL = re.compile(
    r"\b(?:if|when|once|unless|whenever|would|could|were|until|need|needs|require|requires|typically|usually|often)\b"
    r"|\b(?:large|small|limited|ample)(?:r)? (?:target )?datasets\b|\bwith (?:a|an|more|larger|ample)\b"
    r"|\bin (?:such )?cases?\b"
    r"|如果|若|当|一旦|除非|假如|要是|只要|的情况下|的话|时[，,。]|\b(?:si|lorsque|quand|dès que|avec un)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Phrase:
    fact: str
    value: str
    pattern: re.Pattern[str]
    compares: bool


def condition_values(text: str, language: str) -> dict[str, str]:
    """Values that a condition supposes, by fact; "falls_short": "yes" for "if that is not enough"."""
    values: dict[str, str] = {}
    for phrase, _, _ in _found(text, language):
        values.setdefault(phrase.fact, phrase.value)
    return values


def supposed_spans(sentence: str, language: str) -> list[tuple[int, int]]:
    """Spans that suppose something without an "if": "with a large dataset", 数据少时."""
    around = _load()["supposing"].get(language) or _load()["supposing"]["en"]
    spans = []
    for _, start, end in _found(sentence, language):
        before = re.search(rf"(?<!\w)(?:{around['before']})$", sentence[:start], re.I) if around["before"] else None
        after = re.match(around["after"], sentence[end:]) if around["after"] else None
        if before or after:
            spans.append((before.start() if before else start, end + (after.end() if after else 0)))
    return spans


def claims_about_user(sentence: str, language: str) -> dict[str, str]:
    """Values that a sentence claims of the user's own situation; conditions and general statements claim nothing."""
    if not _about_user(language).search(sentence) or _HYPOTHETICAL.search(sentence):
        return {}
    values: dict[str, str] = {}
    for phrase, _, _ in _found(sentence, language):
        if phrase.fact not in _MEASURED and not phrase.compares:
            values.setdefault(phrase.fact, phrase.value)
    return values


def contradicted(claims: Mapping[str, str], known: Mapping[str, str]) -> list[str]:
    """Facts that a sentence claims otherwise than they are known, sorted."""
    return sorted(fact for fact, value in claims.items() if fact in known and known[fact] != value)


def _found(text: str, language: str) -> list[tuple[_Phrase, int, int]]:
    """Phrases in a text that are not negated and do not overlap, with their spans."""
    found: list[tuple[_Phrase, int, int]] = []
    for phrase in _phrases(language):
        for match in phrase.pattern.finditer(text):
            overlaps = any(start < match.end() and match.start() < end for _, start, end in found)
            if not overlaps and not _NEGATED.search(text[: match.start()]):
                found.append((phrase, match.start(), match.end()))
    return found


@cache
def _phrases(language: str) -> tuple[_Phrase, ...]:
    """Phrases of one language; negative ones first, so that "not enough data" isn't read as "enough data"."""
    data = _load()
    words = data["words"].get(language, data["words"]["en"])
    found = []
    for entry in data["phrases"]:
        for compares, texts in ((False, entry), (True, entry.get("more", {}))):
            for text in texts.get(language, ()):
                for name, pattern in words.items():
                    text = text.replace(name, pattern)
                compiled = re.compile(text if language == "zh" else rf"(?<!\w)(?:{text})(?!\w)", re.IGNORECASE)
                found.append(_Phrase(entry["fact"], entry["value"], compiled, compares))
    return tuple(sorted(found, key=lambda phrase: phrase.value not in ("small", "limited", "low")))


@cache
def _about_user(language: str) -> re.Pattern[str]:
    by_language = _load()["about_the_user"]
    return re.compile("|".join(by_language.get(language, by_language["en"])), re.IGNORECASE)


@cache
def _load() -> dict[str, Any]:
    text = files("tunewise.answer").joinpath("data/situations.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
