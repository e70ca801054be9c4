"""Amounts of data in a message: a number with what it counts ("800 labelled images", "6 hours of audio").

Units: examples, per_class (examples of each class), hours (of audio), tokens, gigabytes. Whether an amount is the
asker's own training data is judged in `dataset.py`; here it only has to be an amount of something that can be data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tunewise.facts.numbers import Number, find_numbers
from tunewise.facts.patterns import any_word, pattern
from tunewise.tables import load_table

UnitKind = Literal["examples", "per_class", "hours", "tokens", "gigabytes"]

BARE = "examples"  # what a number counts that counts nothing named
MANY_TOKENS = 1e5  # as many words are data wherever they are named
MOST_WORDS = 6  # of a noun phrase behind a number
LEAST = 10  # a smaller number that counts nothing in particular is no amount of data
NO_COUNT = re.compile(r"\s?(?:[gmk]i?b\b|%|[bm]\b|px|ms\b|x\d|/)")
INSIDE_NAME = re.compile(r"[a-z]-?$|\d[x.]\s?$")
_IN_HOURS = {"hours": 1.0, "minutes": 1 / 60, "seconds": 1 / 3600}
_IN_GIGABYTES = {"k": 1e-6, "m": 1e-3, "g": 1.0, "t": 1e3}


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount of data; `noun` is what is counted, in the message's own words; offsets are into the folded text."""

    amount: float
    kind: UnitKind
    noun: str
    start: int
    end: int
    loose: bool = False  # counted by a noun that is not in the tables, or by none

    @property
    def unit(self) -> str:
        """What a fact shows behind the amount: the noun for examples, else the kind."""
        return self.noun if self.kind == "examples" else self.kind


@cache
def _nouns(kind: str) -> re.Pattern[str]:
    """Nouns of the table that count "examples", "other" things or, "vague", either; with their plurals."""
    table = load_table("reading/units.yaml")
    nouns = table["examples"]["en"] + table["examples"]["fr"] if kind == "examples" else table[kind]
    return re.compile(rf"(?:{any_word(nouns)})(?:e?s|x)?(?![a-z0-9&-])")


@cache
def _chinese_nouns() -> re.Pattern[str]:
    return re.compile(any_word(load_table("reading/units.yaml")["examples"]["zh"]))


def find_quantities(folded: str) -> list[Quantity]:
    """All amounts of data in a folded sentence, in order."""
    return [quantity for number in find_numbers(folded) if (quantity := _quantity(folded, number))]


def possible_quantities(folded: str) -> list[Quantity]:
    """Amounts of data, and numbers that count nothing that is named and so may be some, in order."""
    counted = find_quantities(folded)
    bare = [
        Quantity(number.value, _kind(folded, number), BARE, number.start, number.end, loose=True)
        for number in find_numbers(folded)
        if not any(quantity.start <= number.start < quantity.end for quantity in counted)
        and _may_count_data(folded, number)
    ]
    return sorted((*counted, *bare), key=lambda quantity: quantity.start)


def hours_in(folded: str) -> Iterator[Quantity]:
    """Durations, whatever lasts so long: where data was asked for, that of recordings."""
    for number in find_numbers(folded):
        match = pattern("quantities.hours").match(folded[number.end : number.end + 90])
        if match and not INSIDE_NAME.search(folded[: number.start]):
            scale = next(scale for name, scale in _IN_HOURS.items() if match[name])
            end = number.end + match.start("rest")
            yield Quantity(number.value * scale, "hours", "audio", number.start, end, loose=True)


def _kind(text: str, number: Number) -> UnitKind:
    """A number that counts nothing that is named counts examples, or examples of each class."""
    return "per_class" if pattern("quantities.per_class_after").match(text, number.end) else "examples"


def _may_count_data(text: str, number: Number) -> bool:
    after = text[number.end : number.end + 60]
    is_year = 1900 <= number.value <= 2035 and "," not in text[number.start : number.end]
    return (
        number.value >= LEAST
        and not is_year
        and not counts_other(" ".join(re.findall(r"[a-z]+", after)[:2]))
        and not NO_COUNT.match(after)
        and not pattern("quantities.hours").match(after)
        and not INSIDE_NAME.search(text[: number.start])
    )


def count_classes(folded: str) -> tuple[int, int, int] | None:
    """How many classes the sentence says there are: (count, start, end)."""
    for number in find_numbers(folded):
        match = pattern("quantities.n_classes").match(folded[number.end : number.end + 40].lstrip(" -"))
        if match and 2 <= number.value <= 20000 and number.value == int(number.value):
            return int(number.value), number.start, min(number.end + 1 + match.end(), len(folded))
    return None


def counts_other(words: str) -> bool:
    """Whether any of the words counts something that is never an example (epochs, classes, gigabytes, users)."""
    return any(_nouns("other").fullmatch(word) for word in words.split())


def _quantity(folded: str, number: Number) -> Quantity | None:
    after = folded[number.end : number.end + 90]
    before = folded[max(0, number.start - 60) : number.start]
    if pattern("quantities.no_amount_after").match(after) or pattern("quantities.no_amount_before").search(before):
        return None
    if pattern("quantities.model_size").match(folded[number.start : number.end + 60]):
        return None
    return (
        _hours(number, before, after)
        or _gigabytes(number, before, after)
        or _tokens(number, before, after)
        or _examples(folded, number, before, after)
    )


def _hours(number: Number, before: str, after: str) -> Quantity | None:
    match = pattern("quantities.hours").match(after)
    if not match:
        return None
    rest = match["rest"]
    audio = pattern("quantities.audio_after").match(rest)
    if not audio and (
        pattern("quantities.spent").search(before)
        or not pattern("quantities.audio_before").search(before)
        or pattern("quantities.no_hours").match(rest)
    ):
        return None
    if pattern("quantities.of_each").match(rest):
        return None
    scale = next(scale for name, scale in _IN_HOURS.items() if match[name])
    end = number.end + match.start("rest") + (audio.end() if audio else 0)
    return Quantity(number.value * scale, "hours", "audio", number.start, end)


def _gigabytes(number: Number, before: str, after: str) -> Quantity | None:
    match = pattern("quantities.bytes").match(after)
    if not match:
        return None
    data = pattern("quantities.data_after").match(match["rest"])
    if not data and (
        not pattern("quantities.data_before").search(before) or pattern("quantities.of_memory").match(match["rest"])
    ):
        return None
    end = number.end + match.start("rest") + (data.end() if data else 0)
    return Quantity(number.value * _IN_GIGABYTES[match["unit"][0]], "gigabytes", "data", number.start, end)


def _tokens(number: Number, before: str, after: str) -> Quantity | None:
    match = pattern("quantities.tokens").match(after)
    if not match or (number.value < MANY_TOKENS and not pattern("quantities.corpus_before").search(before)):
        return None
    return Quantity(number.value, "tokens", "tokens", number.start, number.end + match.end())


def _examples(folded: str, number: Number, before: str, after: str) -> Quantity | None:
    """A number, at most four describing words, and a noun that counts examples."""
    unit = _chinese_unit(after)
    few = number.value < 3 and not pattern("quantities.only_before").search(before)
    if unit and not few and not pattern("quantities.cards").match(after, unit.start()):
        return _with_class(folded, number, unit.group(), number.end + unit.end(), before)
    noun = _noun(after)
    if noun is None:
        return None
    start, end = noun
    word = after[start:end]
    if number.value < 2 and not number.written:
        return None
    if number.value < 10 and _nouns("vague").fullmatch(word):
        return None
    if number.value < load_table("reading/units.yaml")["from"].get(word.rstrip("s"), 0):
        return None
    return _with_class(folded, number, word, number.end + end, before)


def _chinese_unit(after: str) -> re.Match[str] | None:
    """The measure word right behind the number, or the noun a few characters on."""
    units = _chinese_nouns()
    near = pattern("quantities.chinese_near").match(after)
    direct = units.match(after, near.end() if near else 0)
    gap = pattern("quantities.chinese_gap").match(after)
    return direct or (units.match(after, gap.end()) if gap and gap.group() else None)


def _noun(after: str) -> tuple[int, int] | None:
    """Offsets of the noun that ends the noun phrase after a number; None if something else is counted."""
    opening = pattern("quantities.opening").match(after)
    index = opening.end() if opening else 0
    found: tuple[int, int] | None = None
    for _ in range(MOST_WORDS):
        other = _nouns("other").match(after, index)
        if other and (other.group().endswith("s") or len(other.group()) < 4 or found):
            return found
        noun = _nouns("examples").match(after, index)
        if noun:
            found = (index, noun.end())
        word = pattern("quantities.word").match(after, index)
        if not word or pattern("quantities.stop").fullmatch(word.group().strip()) or (found and not noun):
            return found
        index = word.end()
        if not word.group().endswith((" ", "/")):
            return found
    return found


def _with_class(folded: str, number: Number, noun: str, end: int, before: str) -> Quantity:
    after = pattern("quantities.per_class_after").match(folded[end : end + 60])
    if after:
        return Quantity(number.value, "per_class", noun, number.start, end + after.end())
    match = pattern("quantities.per_class_before").search(before)
    if match:
        return Quantity(number.value, "per_class", noun, number.start - len(before) + match.start(), end)
    return Quantity(number.value, "examples", noun, number.start, end)
