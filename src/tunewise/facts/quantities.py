"""Amounts of data in a message: a number with what it counts ("800 labelled images", "6 hours of audio", "每类50张").

Units: examples, per_class (examples of each class), hours (of audio), tokens, gigabytes. Whether an amount is the
asker's own training data is judged in `dataset.py`; here it only has to be an amount of something that can be data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tunewise.facts.numbers import Number, find_numbers
from tunewise.facts.patterns import pattern
from tunewise.tables import load_table

UnitKind = Literal["examples", "per_class", "hours", "tokens", "gigabytes"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of data; `noun` is what is counted, in the message's own words; offsets are into the folded text."""

    amount: float
    kind: UnitKind
    noun: str
    start: int
    end: int
    loose: bool = False  # counted by a noun that is not in the tables, or by none


@dataclass(frozen=True, slots=True)
class _Patterns:
    examples: re.Pattern[str]
    other: re.Pattern[str]
    vague: re.Pattern[str]
    chinese: re.Pattern[str]


_HOURS = re.compile(
    r"\s?(?:-\s?)?(?P<unit>hours?|hrs?|h|个?小时|heures?|minutes?|mins?|分钟|seconds?|secs?)(?![a-z])(?P<rest>.{0,40})"
)
_GIGABYTES = re.compile(
    r"\s?(?P<unit>[kmgt]i?b|[kmgt]o|gigabytes?|terabytes?|megabytes?|gigs?|个?g(?![a-z]))(?![a-z])(?P<rest>.{0,40})"
)
_DATA_BEFORE = re.compile(r"(?:data|dataset|data set|corpus|text|texts|set|code|数据|语料|文本|donnees)[^.,;]{0,25}$")
_TOKENS = re.compile(r"\s?(?:tokens?|words|mots|词|字|个token)(?![a-z])")


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    table = load_table("reading/units.yaml")
    nouns = table["examples"]["en"] + table["examples"]["fr"]
    return _Patterns(
        _noun_pattern(nouns),
        _noun_pattern(table["other"]),
        _noun_pattern(table["vague"]),
        _any(table["examples"]["zh"]),
    )


def _any(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def _noun_pattern(nouns: list[str]) -> re.Pattern[str]:
    words = "|".join(re.escape(str(noun)) for noun in sorted(set(nouns), key=len, reverse=True))
    return re.compile(rf"(?:{words})(?:e?s|x)?(?![a-z0-9&-])")


# "a 7B chat model", "0.5b-instruct": billions of parameters, not of chats.
_MODEL_SIZE = re.compile(
    r"\d[\d.]*\s?b[\s-]+(?:(?:chat|code|language|vision|instruct|base|open|multilingual|dense|moe|[a-z]+-tuned) )*"
    r"(?:models?|llms?|instruct|base|checkpoints?|parameters?|params)\b"
)


def find_quantities(folded: str) -> list[Quantity]:
    """All amounts of data in a folded sentence, in order."""
    found = []
    for number in find_numbers(folded):
        quantity = _quantity(folded, number)
        if quantity:
            found.append(quantity)
    return found


def count_classes(folded: str) -> tuple[int, int, int] | None:
    """How many classes the sentence says there are: (count, start, end)."""
    for number in find_numbers(folded):
        match = pattern("quantities.n_classes").match(folded[number.end : number.end + 40].lstrip(" -"))
        if match and 2 <= number.value <= 20000 and number.value == int(number.value):
            return int(number.value), number.start, min(number.end + 1 + match.end(), len(folded))
    return None


def counts_other(words: str) -> bool:
    """Whether any of the words counts something that is never an example (epochs, classes, gigabytes, users)."""
    return any(_patterns().other.fullmatch(word) for word in words.split())


def _quantity(folded: str, number: Number) -> Quantity | None:
    after = folded[number.end : number.end + 90]
    before = folded[max(0, number.start - 60) : number.start]
    if re.match(r"\s?(?:%|x\s?\d|\*|/\d|:\d|-?bit|st\b|nd\b|rd\b|th\b)|\.\d", after) or re.search(
        r"[a-z]-?$|\dx\s?$|[=@]\s?$", before
    ):
        return None
    if _MODEL_SIZE.match(folded[number.start : number.end + 60]):
        return None
    return (
        _hours(number, before, after)
        or _gigabytes(number, before, after)
        or _tokens(number, before, after)
        or _examples(folded, number, before, after)
    )


def _hours(number: Number, before: str, after: str) -> Quantity | None:
    match = _HOURS.match(after)
    if not match:
        return None
    audio = pattern("quantities.audio_after").match(match["rest"])
    spent = pattern("quantities.spent").search(before)
    if not audio and (
        spent
        or not pattern("quantities.audio_before").search(before)
        or re.match(r"\s?(?:each|long|ago|per|a day)", match["rest"])
    ):
        return None
    if re.match(r"\s?(?:each|long (?:clips|files)|clips|segments|chunks|snippets)", match["rest"]):
        return None
    unit = match["unit"]
    scale = 1 if unit[0] == "h" or "小时" in unit else 1 / 60 if unit[0] == "m" or unit == "分钟" else 1 / 3600
    end = number.end + match.start("rest") + (audio.end() if audio else 0)
    return Quantity(number.value * scale, "hours", "audio", number.start, end)


def _gigabytes(number: Number, before: str, after: str) -> Quantity | None:
    match = _GIGABYTES.match(after)
    if not match:
        return None
    data = pattern("quantities.data_after").match(match["rest"])
    if not data and (
        not _DATA_BEFORE.search(before) or re.match(r"\s?(?:of )?(?:v?ram|memory|gpu|显存|内存|card)", match["rest"])
    ):
        return None
    scale = {"k": 1e-6, "m": 1e-3, "g": 1.0, "t": 1e3}[match["unit"].lstrip("个")[0]]
    end = number.end + match.start("rest") + (data.end() if data else 0)
    return Quantity(number.value * scale, "gigabytes", "data", number.start, end)


def _tokens(number: Number, before: str, after: str) -> Quantity | None:
    match = _TOKENS.match(after)
    if not match or (number.value < 1e5 and not re.search(r"(?:corpus|dataset|data|语料|数据)[^.]{0,30}$", before)):
        return None
    return Quantity(number.value, "tokens", "tokens", number.start, number.end + match.end())


def _examples(folded: str, number: Number, before: str, after: str) -> Quantity | None:
    """A number, at most four describing words, and a noun that counts examples."""
    patterns = _patterns()
    unit = _chinese_unit(after, patterns.chinese)
    few = number.value < 3 and not re.search(r"[只仅就才]有?$", before)
    if unit and not few and not _counts_hardware(after[unit.end() :], unit.group()):
        return _with_class(folded, number, unit.group(), number.end + unit.end(), before)
    noun = _english_noun(after, patterns)
    if noun is None:
        return None
    start, end = noun
    word = after[start:end]
    if number.value < 2 and not number.written:
        return None
    if number.value < 10 and patterns.vague.fullmatch(word):
        return None
    if number.value < load_table("reading/units.yaml")["from"].get(word.rstrip("s"), 0):
        return None
    return _with_class(folded, number, word, number.end + end, before)


def _chinese_unit(after: str, units: re.Pattern[str]) -> re.Match[str] | None:
    """The measure word right behind the number, or the noun a few characters on ("左右的识别数据")."""
    near = re.match(r"\s?(?:左右|上下|多|余|来)?的?", after)
    direct = units.match(after, near.end() if near else 0)
    gap = pattern("quantities.chinese_gap").match(after)
    return direct or (units.match(after, gap.end()) if gap and gap.group() else None)


def _counts_hardware(rest: str, unit: str) -> bool:
    return unit in ("张", "组", "份") and bool(
        re.match(r"\s?(?:卡|显卡|gpu|nvidia|rtx|gtx|tesla|[avhlpt]\s?\d|\d{4}|英伟达|昇腾|\d+\s?gb?)", rest)
    )


def _english_noun(after: str, patterns: _Patterns) -> tuple[int, int] | None:
    """Offsets of the noun that ends the noun phrase after a number; None if something else is counted."""
    position = re.match(
        r"\s?(?:\+\s?)?(?:-\s?)?(?:or so\s|of\s(?:the\s|these\s|my\s|our\s)?|d'|de\s|des\s)?(?:\([^)]{1,30}\)\s)?",
        after,
    )
    index = position.end() if position else 0
    found: tuple[int, int] | None = None
    for _ in range(6):
        other = patterns.other.match(after, index)
        if other and (other.group().endswith("s") or len(other.group()) < 4 or found):
            return found
        noun = patterns.examples.match(after, index)
        if noun:
            found = (index, noun.end())
        word = re.compile(r"(?:[a-z&'/-]+|\([^)]{1,30}\))\s?(?:/\s?)?").match(after, index)
        if not word or word.group().strip() in _STOPPERS or (found and not noun):
            return found
        index = word.end()
        if not word.group().endswith((" ", "/")):
            return found
    return found


_STOPPERS = frozenset(
    "in on for to with at from by is are was were and or but if then than that which who per each every as so when"
    " while of the a an i we you they it have has had need use using get dans pour avec et ou par sur".split()
)


def _with_class(folded: str, number: Number, noun: str, end: int, before: str) -> Quantity:
    after = pattern("quantities.per_class_after").match(folded[end : end + 60])
    if after:
        return Quantity(number.value, "per_class", noun, number.start, end + after.end())
    match = pattern("quantities.per_class_before").search(before)
    if match:
        return Quantity(number.value, "per_class", noun, number.start - len(before) + match.start(), end)
    return Quantity(number.value, "examples", noun, number.start, end)
