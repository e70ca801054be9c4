"""Words that tell how an English sentence speaks of a strategy (`corpus/reading/stances.yaml`), compiled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tunewise.tables import load_table

SCANNED = (
    "idioms_for",
    "idioms_against",
    "reducers",
    "against",
    "unless",
    "conditions",
    "neutral",
    "breaks",
    "negations",
    "for",
    "weak_for",
    "modals",
    "joins",
)
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
    words = {kind: _whole_words(entries) for kind, entries in load_table("reading/stances.yaml").items()}
    scanned = [f"(?P<{kind}>{words[kind]})" for kind in SCANNED]
    predicates = [f"(?P<{kind}>{words[kind]})" for kind in ("reducers", "bad", "good")]
    patterns = (
        "|".join([*scanned, _PUNCTUATION]),
        "|".join(predicates),
        words["negations"],
        words["contrasts"],
        words["than"],
    )
    return Cues(*(re.compile(pattern, re.IGNORECASE) for pattern in patterns))


def _whole_words(entries: Sequence[str]) -> str:
    """Longer entries first, so that the longest one is found."""
    return rf"(?<!\w)(?:{'|'.join(sorted(entries, key=len, reverse=True))})(?:(?<!\w)|(?!\w))"
