"""Words for numbers in each language, and what they are worth; the words stand in `corpus/reading/numbers.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tunewise.tables import load_table


@cache
def number_words(kind: str, *languages: str) -> Mapping[str, float]:
    """Word → value of one kind: "counting" (one, deux), "scale" (thousand, k), "vague" (a few) or "span".

    Args:
        kind: A key of the table.
        languages: Codes of languages; all if none is given.
    """
    table = load_table("reading/numbers.yaml")
    return {word: value for code in languages or table for word, value in table[code].get(kind, {}).items()}


def multiplier(word: str) -> float:
    """What a multiplier is worth ("k", "thousands"); 1 for "" and for any other word."""
    scales = number_words("scale")
    return scales.get(word) or scales.get(word.removesuffix("s")) or chinese_value(word) or 1.0


def chinese_value(numeral: str) -> float:
    """What a Chinese numeral is worth; characters that are no part of one count nothing."""
    digits, scales = number_words("counting", "zh"), number_words("scale", "zh")
    total = section = digit = 0.0
    for character in numeral:
        scale = scales.get(character, 0)
        if character in digits:
            digit = digits[character]
        elif scale >= 10_000:
            total = (total + section + digit or 1) * scale
            section = digit = 0.0
        elif scale:
            section += (digit or 1) * scale
            digit = 0.0
    return total + section + digit
