"""Numbers in English text, whatever way they are written: 1,000 = 1 000 = 1k = "one thousand".

List numbers, citation marks and small counting words ("two reasons") are not numbers in this sense.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tunewise.answer.marks import without_marks
from tunewise.languages import ENGLISH
from tunewise.number_words import multiplier, number_words

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_LIST_NUMBER = re.compile(r"(?:^|\n)[ \t]*\(?\d{1,2}[.)][ \t]")
_DIGITS = re.compile(
    r"(?P<power>(?:(?P<base>\d+(?:\.\d+)?)\s*[x×*]\s*)?10\s*\^?\s*(?P<exponent>(?<=\^)-?\d+|-\d+|(?<=\^ )-?\d+))"
    r"|(?P<number>\d{1,3}(?:[,\u202f\u00a0 ’']\d{3})+(?![\d])(?:\.\d+)?|\d+(?:[.,]\d+)?(?:e-?\d+)?)"
    r"(?:\s*(?P<unit>thousand|millions?|billions?|hundred|[kKmMbB](?![A-Za-z])|bn))?",
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
        if match["power"]:
            if abs(exponent := int(match["exponent"])) <= 30:
                found.add((_float(match["base"] or "1") or 1.0) * 10.0**exponent)
        elif (value := _float(match["number"])) is not None:
            found.add(value * multiplier((match["unit"] or "").lower()))
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
    counting = {"a": 1.0, **number_words("counting", ENGLISH)}
    words = rf"\b({'|'.join(counting)})[ -](hundred|thousand|million|billion)\b"
    return {counting[count] * multiplier(scale) for count, scale in re.findall(words, text.lower())}
