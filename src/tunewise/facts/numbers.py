"""Numbers in running text: digits with multipliers, English, French and Chinese number words.

All patterns run on folded text (see `text.fold`) and have no nested repetition, so they are linear in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENGLISH = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_FRENCH = {
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12,
    "quinze": 15, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
# "a few" is read as five, "several" as six, "a couple" as two: only the order of magnitude matters.
_VAGUE: dict[str, float] = {
    "a couple of": 2,
    "a couple": 2,
    "couple": 2,
    "a few": 5,
    "few": 5,
    "several": 6,
    "some": 5,
    "many": 20,
}
_VAGUE |= {"a": 1, "half a": 0.5, "a quarter of a": 0.25, "tens of": 30, "hundreds of": 300, "dozens of": 36}
_VAGUE |= {"quelques": 5, "plusieurs": 5, "une": 1, "un": 1, "des": 5, "un demi": 0.5, "un demi-": 0.5}
_VAGUE |= {"quelques dizaines de": 50, "quelques centaines de": 500, "des dizaines de": 30, "des centaines de": 300}
_SCALES = {
    "dozen": 12, "hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "lakh": 1e5, "grand": 1e3,
    "dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "cinquantaine": 50,
    "centaine": 100, "cent": 100, "millier": 1e3, "mille": 1e3, "milliard": 1e9,
}  # fmt: skip
_SUFFIXES = {"k": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "mm": 1e6, "b": 1e9, "bn": 1e9, "w": 1e4}
_SUFFIXES |= {"万": 1e4, "千": 1e3, "百": 100, "亿": 1e8, "百万": 1e6, "千万": 1e7, "十万": 1e5}
_SUFFIXES |= _SCALES | {f"{name}s": scale for name, scale in _SCALES.items()}

_DIGITS = r"\d{1,3}(?:[,' ]\d{3})+(?![\d])|\d{1,3}(?:\.\d{3})+(?![\d.])|\d+[.,]\d{1,2}(?!\d)|\d+"
_SUFFIX = (
    r"\s?(?:mio|mn|mm|bn|[kmbw])(?![a-z0-9])|\s?(?:百万|千万|十万|[万千百亿])|[\s-]?(?:" + "|".join(_SCALES) + r")s?\b"
)
_DIGIT_NUMBER = re.compile(
    rf"(?<![a-z0-9_.$€£/])(?P<low>{_DIGITS})(?P<lowscale>{_SUFFIX})?"
    rf"(?:\s?(?:-|~|to|a|à|bis|到|至|or|ou)\s?(?P<high>{_DIGITS})(?P<highscale>{_SUFFIX})?)?(?P<more>\s?\+|多|来|余)?"
)
_WORDS = "|".join(sorted(_ENGLISH | _FRENCH, key=len, reverse=True))
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_VAGUES = "|".join(sorted(_VAGUE, key=len, reverse=True))
_SCALE_WORDS = "|".join(f"{word}s?" for word in sorted(_SCALES, key=len, reverse=True))
_WORD_NUMBER = re.compile(
    rf"(?<![\w-])(?:(?P<unit>{_WORDS})(?:[\s-](?P<unit2>{_ONES}))?|(?P<vague>{_VAGUES}))?"
    rf"[\s-]?(?P<scale>{_SCALE_WORDS})(?![\w])(?:[\s-](?:of |de |d')?(?P<scale2>thousands?|millions?|milliers))?"
)
_PLAIN_WORD = re.compile(rf"(?<![\w-])(?P<unit>{_WORDS})(?:[\s-](?P<unit2>{_ONES}))?(?![\w-])")
_TINY = re.compile(
    r"(?<![\w-])(?:a (?:mere |small |tiny )?handful of|a handful|a (?:very )?few|only (?:a )?few|just a few|"
    r"une poignee de?|quelques)(?=\s)"
)
_TIME = re.compile(
    r"(?<![\w-])(?P<span>half an|an|a few|a couple of|several|une demi|une|quelques|plusieurs)"
    r"(?=[\s-](?:hours?|minutes?|heures?))"
)
_SPANS = {
    "half an": 0.5,
    "an": 1,
    "a few": 4,
    "a couple of": 2,
    "several": 6,
    "une demi": 0.5,
    "une": 1,
    "quelques": 4,
    "plusieurs": 6,
}
_CHINESE = re.compile(
    r"(?<![0-9a-z])(?:十几|几十|几百|几千|几万|数十|数百|数千|数万|上百|上千|上万|百来|千把|"
    r"[一二两三四五六七八九十百千万亿零几半]|(?<=[十百千万])[多来余](?=[万亿])){1,12}(?P<more>多|来|余)?"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands in the folded text; `written` tells digits from words."""

    value: float
    start: int
    end: int
    written: bool = False


def find_numbers(folded: str) -> list[Number]:
    """All numbers of a folded text, in order, without overlaps; digits win over words."""
    found = [number for match in _DIGIT_NUMBER.finditer(folded) if (number := _from_digits(match))]
    for pattern, read in ((_WORD_NUMBER, _from_words), (_TINY, _tiny), (_PLAIN_WORD, _from_words)):
        found += [number for match in pattern.finditer(folded) if (number := read(match))]
    found += [Number(_SPANS[match["span"]], *match.span()) for match in _TIME.finditer(folded)]
    found += [number for match in _CHINESE.finditer(folded) if (number := _from_chinese(match))]
    return _without_overlaps(found)


def parse_number(text: str) -> float | None:
    """The one number that a whole text states ("2000", "1.5k", "half a million"), or None."""
    numbers = find_numbers(text.strip().lower())
    return numbers[0].value if len(numbers) == 1 else None


def _without_overlaps(found: list[Number]) -> list[Number]:
    kept: list[Number] = []
    for number in sorted(found, key=lambda item: (item.start, -item.end)):
        if not kept or number.start >= kept[-1].end:
            kept.append(number)
    return kept


def _digits(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[,' ]\d{3})+|\d{1,3}(?:\.\d{3})+", text):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))


def _from_digits(match: re.Match[str]) -> Number | None:
    if len(match["low"]) > 15 or len(match["high"] or "") > 15:
        return None
    low_scale = (match["lowscale"] or "").strip(" -")
    high_scale = (match["highscale"] or "").strip(" -")
    value = _digits(match["low"]) * _SUFFIXES.get(low_scale, 1)
    if match["high"]:
        if not low_scale and high_scale:
            value *= _SUFFIXES[high_scale]
        high = _digits(match["high"]) * _SUFFIXES.get(high_scale, 1)
        value = (value + high) / 2 if high > value else value
    return Number(value, match.start(), match.end(), written=True)


def _from_words(match: re.Match[str]) -> Number | None:
    groups = match.groupdict()
    base: float = 1
    if groups.get("unit"):
        base = _ENGLISH.get(groups["unit"]) or _FRENCH[groups["unit"]]
        base += _ENGLISH.get(groups.get("unit2") or "", 0)
    elif groups.get("vague"):
        base = _VAGUE[groups["vague"]]
    elif (groups.get("scale") or "").endswith("s"):
        base = 3  # "hundreds", "thousands"
    for key in ("scale", "scale2"):
        base *= _SUFFIXES.get(groups.get(key) or "", 1)
    return Number(base, match.start(), match.end())


def _tiny(match: re.Match[str]) -> Number:
    return Number(5, match.start(), match.end())


_CHINESE_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "两": 2,
    "几": 5,
    "数": 5,
    "半": 0.5,
}
_CHINESE_SCALES = {"十": 10, "百": 100, "千": 1000}


def _from_chinese(match: re.Match[str]) -> Number | None:
    """Read 十几万, 几百, 五百, 三千二, 两万; a lone digit word counts only where a unit follows (the caller checks)."""
    text = re.sub("[多余上]", "", match.group()).replace("把", "").replace("来", "")
    total, section, digit = 0.0, 0.0, 0.0
    for char in text:
        if char in _CHINESE_DIGITS:
            digit = _CHINESE_DIGITS[char]
        elif char in _CHINESE_SCALES:
            section += (digit or 1) * _CHINESE_SCALES[char]
            digit = 0
        elif char in "万亿":
            total = (total + section + digit or 1) * (1e4 if char == "万" else 1e8)
            section = digit = 0
    value = total + section + digit
    return Number(value, match.start(), match.end()) if value else None
