"""Numbers in running text: digits with multipliers, number words of all languages.

All patterns run on folded text (see `text.fold`) and have no nested repetition, so they are linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tunewise.facts.patterns import pattern
from tunewise.number_words import chinese_value, multiplier, number_words

A_FEW = 5.0  # what "a handful of" is taken for: only the order of magnitude matters
SOME_SCALES = 3.0  # "hundreds", "thousands"
LONGEST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands in the folded text; `written` tells digits from words."""

    value: float
    start: int
    end: int
    written: bool = False


def find_numbers(folded: str) -> list[Number]:
    """All numbers of a folded text, in order, without overlaps: the longer one wins, then digits."""
    found = [
        Number(value, *match.span(), written=reader is _from_digits)
        for name, reader in _READERS.items()
        for match in pattern(f"numbers.{name}").finditer(folded)
        if (value := reader(match)) is not None
    ]
    kept: list[Number] = []
    for number in sorted(found, key=lambda item: (item.start, -item.end)):
        if not kept or number.start >= kept[-1].end:
            kept.append(number)
    return kept


def _digits(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[,' ]\d{3})+|\d{1,3}(?:\.\d{3})+", text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))


def _from_digits(match: re.Match[str]) -> float | None:
    """The number, or the middle of "5-10k", where the scale counts for both ends."""
    if len(match["low"]) > LONGEST_DIGITS or len(match["high"] or "") > LONGEST_DIGITS:
        return None
    low_scale, high_scale = ((match[name] or "").strip(" -") for name in ("lowscale", "highscale"))
    low = _digits(match["low"]) * multiplier(low_scale or high_scale)
    if not match["high"]:
        return low
    high = _digits(match["high"]) * multiplier(high_scale)
    return (low + high) / 2 if high > low else low


def _from_words(match: re.Match[str]) -> float:
    groups = {name: word or "" for name, word in match.groupdict().items()}
    base: float = SOME_SCALES if groups.get("scale", "").endswith("s") else 1.0
    counting = number_words("counting")
    if groups["unit"]:
        base = counting[groups["unit"]] + counting.get(groups["unit2"], 0)
    elif groups.get("vague"):
        base = number_words("vague")[groups["vague"]]
    rest = sum(counting[groups[name]] for name in ("rest", "rest2") if groups.get(name))
    return (base * multiplier(groups.get("scale", "")) + rest) * multiplier(groups.get("scale2", ""))


_READERS: Mapping[str, Callable[[re.Match[str]], float | None]] = {
    "digits": _from_digits,
    "scaled": _from_words,
    "few": lambda match: A_FEW,
    "counting": _from_words,
    "span": lambda match: number_words("span")[match["span"]],
    "chinese": lambda match: chinese_value(match.group()) or None,
}
