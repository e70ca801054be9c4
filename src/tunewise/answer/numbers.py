"""Numbers in text, whatever way they are written: 1,000 = 1 000 = 1k = 一千 = "one thousand".

List numbers, citation marks and small counting words ("two reasons", 一个) are not numbers in this sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tunewise.answer.citations import without_marks

_MULTIPLIERS = {
    "k": 1e3, "thousand": 1e3, "mille": 1e3, "m": 1e6, "million": 1e6, "millions": 1e6, "b": 1e9, "bn": 1e9,
    "billion": 1e9, "billions": 1e9, "milliard": 1e9, "milliards": 1e9, "hundred": 1e2, "cent": 1e2,
    "百": 1e2, "千": 1e3, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8,
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_LIST_NUMBER = re.compile(r"(?:^|\n)[ \t]*\(?\d{1,2}[.)、][ \t]")
_DIGITS = re.compile(
    r"(?P<power>(?:(?P<base>\d+(?:\.\d+)?)\s*[x×*]\s*)?10\s*\^?\s*(?P<exponent>(?<=\^)-?\d+|-\d+|(?<=\^ )-?\d+))"
    r"|(?P<number>\d{1,3}(?:[,\u202f\u00a0 ’']\d{3})+(?![\d])(?:\.\d+)?|\d+(?:[.,]\d+)?(?:e-?\d+)?)"
    r"(?:\s*(?P<unit>thousand|millions?|billions?|milliards?|mille|hundred|[kKmMbB](?![A-Za-z])|bn|[百千万萬亿億]+))?",
)
_CHINESE = re.compile(r"(?<!百分之)[一二两三四五六七八九十百千]*[十百千万亿][一二两三四五六七八九十百千万亿零]*")
_NOT_NUMBERS = re.compile(
    r"万一|千万(?!张|条|个|级|参)|十分|百般|一千零一夜|千篇一律|万能|万分|百分百|百分之|成百上千|千变万化"
)
_CHINESE_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_WORDS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "one": 1,
    "a": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
}  # fmt: skip
_WORD_NUMBER = re.compile(
    rf"\b(?P<count>{'|'.join(_WORDS)})[ -]"
    r"(?P<unit>hundred|thousand|million|billion|cents?|mille|millions|milliards?)\b",
    re.IGNORECASE,
)


def numbers_in(text: str) -> set[float]:
    """Every number of a text, with its multiplier taken in; list numbers and citation marks left out."""
    plain = _LIST_NUMBER.sub("\n", without_marks(text)).translate(_SUPERSCRIPTS)
    return _written_in_digits(plain) | _written_in_chinese(plain) | _written_in_words(plain)


def known_numbers(texts: Iterable[str], amounts: Iterable[float]) -> set[float]:
    """Numbers that may be repeated: those of the texts, with and without their multipliers, and the amounts."""
    known = {float(amount) for amount in amounts}
    for text in texts:
        known |= numbers_in(text)
        known |= {value for run in re.findall(r"\d+(?:\.\d+)?", text) if (value := _float(run)) is not None}
    return known


def unknown_numbers(sentence: str, known: set[float]) -> list[float]:
    """Numbers of a sentence that are not among the known ones, in ascending order."""
    return sorted(value for value in numbers_in(sentence) if not any(_same(value, other) for other in known))


def _same(left: float, right: float) -> bool:
    return abs(left - right) <= 1e-9 * max(1.0, abs(left), abs(right))


def _written_in_digits(text: str) -> set[float]:
    found: set[float] = set()
    for match in _DIGITS.finditer(text):
        if match.group("power"):
            base = _float(match.group("base") or "1") or 1.0
            exponent = int(match.group("exponent"))
            if abs(exponent) <= 30:
                found.add(base * 10.0**exponent)
            continue
        value = _float(match.group("number"))
        if value is None:
            continue
        for unit in [match.group("unit")] if (match.group("unit") or "").isascii() else match.group("unit"):
            value *= _MULTIPLIERS.get((unit or "").lower(), 1.0)
        found.add(value)
    return found


def _float(text: str) -> float | None:
    """A number with any thousands separator; a comma before one or two digits is a decimal comma."""
    compact = re.sub(r"[\u202f\u00a0 ’']", "", text)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", compact):
        compact = compact.replace(",", "")
    try:
        return float(compact.replace(",", "."))
    except (ValueError, OverflowError):
        return None


def _written_in_chinese(text: str) -> set[float]:
    plain = _NOT_NUMBERS.sub("，", text)
    found = {_chinese_value(match.group()) for match in _CHINESE.finditer(plain) if _counts(match.group())}
    return {value for value in found if value >= 10}


def _counts(numeral: str) -> bool:
    """Does it hold a digit ("五百", "十二"), or is it only a round word such as 百 or 万?"""
    return numeral[0] in _CHINESE_DIGITS or numeral.startswith("十")


def _chinese_value(numeral: str) -> float:
    total = section = digit = 0.0
    for character in numeral:
        if character in _CHINESE_DIGITS:
            digit = float(_CHINESE_DIGITS[character])
        elif character in "十百千":
            section += (digit or 1.0) * {"十": 10.0, "百": 100.0, "千": 1000.0}[character]
            digit = 0.0
        else:
            total = (total + section + digit) * (1e4 if character == "万" else 1e8)
            section = digit = 0.0
    return total + section + digit


def _written_in_words(text: str) -> set[float]:
    units = _MULTIPLIERS | {"cents": 1e2}
    return {
        _WORDS[match.group("count").lower()] * units[match.group("unit").lower()]
        for match in _WORD_NUMBER.finditer(text)
    }
