"""Words that tell how an English sentence speaks of a strategy (`corpus/reading/stances.yaml`), compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tunewise.tables import load_table

_PUNCTUATION = r"(?P<comma>,)|(?P<stop>[;:.!?()–—…]+(?:\s|$)?)"


@dataclass(frozen=True, slots=True)
class Cues:
    """`scanner` finds every cue but the predicates, each in a group named after its kind.

    `predicates` finds what is said of a mention after it, in the groups "reducers", "bad" and "good"; `negations`,
    `contrasts` and `than` are looked for inside the words between a mention and its predicate.
    """

    scanner: re.Pattern[str]
    predicates: re.Pattern[str]
    negations: re.Pattern[str]
    contrasts: re.Pattern[str]
    than: re.Pattern[str]


@cache
def cues() -> Cues:
    """The cue words of English."""
    table = load_table("reading/stances.yaml")
    scanned = table["scanned"]
    predicates = {"reducers": scanned["reducers"], **table["predicates"]}
    inside = (scanned["negations"], table["contrasts"], table["than"])
    patterns = (f"{_groups(scanned)}|{_PUNCTUATION}", _groups(predicates), *map(_whole_words, inside))
    return Cues(*(re.compile(pattern, re.IGNORECASE) for pattern in patterns))


@cache
def any_of(kind: str, table: str = "stances") -> re.Pattern[str]:
    """A list of patterns in a table of `corpus/reading` as one pattern, without regard to case."""
    return re.compile("|".join(load_table(f"reading/{table}.yaml")[kind]), re.IGNORECASE)


@cache
def supposing() -> re.Pattern[str]:
    """What a sentence supposes something with ("if", "once", "unless"), without regard to case."""
    scanned = load_table("reading/stances.yaml")["scanned"]
    return re.compile(_whole_words([*scanned["conditions"], *scanned["unless"]]), re.IGNORECASE)


@cache
def of_advice(kind: str) -> re.Pattern[str]:
    """What tells how advice is passed on, as one pattern, without regard to case."""
    return re.compile("|".join(load_table("reading/stances.yaml")["advice"][kind]), re.IGNORECASE)


def _groups(kinds: Mapping[str, Sequence[str]]) -> str:
    return "|".join(f"(?P<{kind}>{_whole_words(entries)})" for kind, entries in kinds.items())


def _whole_words(entries: Sequence[str]) -> str:
    """Longer entries first, so that the longest one is found."""
    return rf"(?<!\w)(?:{'|'.join(sorted(entries, key=len, reverse=True))})(?:(?<!\w)|(?!\w))"
