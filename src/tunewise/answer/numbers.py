"""Numbers in English text, whatever way they are written: 1,000 = 1 000 = 1k = "one thousand".

List numbers, citation marks and small counting words ("two reasons") are not numbers in this sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tunewise.answer.marks import without_marks

_MULTIPLIERS = {
    **dict.fromkeys(("k", "thousand"), 1e3),
    **dict.fromkeys(("m", "million", "millions"), 1e6),
    **dict.fromkeys(("b", "bn", "billion", "billions"), 1e9),
    "hundred": 1e2,
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_LIST_NUMBER = re.compile(r"(?:^|\n)[ \t]*\(?\d{1,2}[.)][ \t]")
_DIGITS = re.compile(
    r"(?P<power>(?:(?P<base>\d+(?:\.\d+)?)\s*[x×*]\s*)?10\s*\^?\s*(?P<exponent>(?<=\^)-?\d+|-\d+|(?<=\^ )-?\d+))"
    r"|(?P<number>\d{1,3}(?:[,\u202f\u00a0 ’']\d{3})+(?![\d])(?:\.\d+)?|\d+(?:[.,]\d+)?(?:e-?\d+)?)"
    r"(?:\s*(?P<unit>thousand|millions?|billions?|hundred|[kKmMbB](?![A-Za-z])|bn))?",
)
_WORDS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "one": 1,
    "a": 1,
}  # fmt: skip
_WORD_NUMBER = re.compile(
    rf"\b(?P<count>{'|'.join(_WORDS)})[ -]"
    r"(?P<unit>hundred|thousand|million|billion)\b",
    re.IGNORECASE,
)


def numbers_in(text: str) -> set[float]:
    """Every number of a text, with its multiplier taken in; list numbers and citation marks left out."""
    plain = _LIST_NUMBER.sub("\n", without_marks(text)).translate(_SUPERSCRIPTS)
    return _written_in_digits(plain) | _written_in_words(plain)


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
        found.add(value * _MULTIPLIERS.get((match.group("unit") or "").lower(), 1.0))
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


def _written_in_words(text: str) -> set[float]:
    return {
        _WORDS[match.group("count").lower()] * _MULTIPLIERS[match.group("unit").lower()]
        for match in _WORD_NUMBER.finditer(text)
    }
