"""Words that tell how a strategy is spoken of (`data/cues.yaml`), compiled once for each language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

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
_PUNCTUATION = r"(?P<comma>[,，、])|(?P<stop>[;:.!?。；：！？()（）—–…]+(?:\s|$)?)"


@dataclass(frozen=True, slots=True)
class Cues:
    """The cue words of one language.

    `scanner` finds every cue but the predicates, each in a group named after its kind; `predicates` finds what is
    said of a mention after it, in the groups "reducers", "bad" and "good"; `negations`, `contrasts` and `than` are
    looked for inside the words between a mention and its predicate.
    """

    scanner: re.Pattern[str]
    predicates: re.Pattern[str]
    negations: re.Pattern[str]
    contrasts: re.Pattern[str]
    than: re.Pattern[str]


@cache
def cues_for(language: str) -> Cues:
    """Cues of "en", "zh" or "fr"; English ones for any other language."""
    data = _load()
    words: dict[str, Any] = data.get(language, data["en"])
    bounded = language != "zh"
    groups = [_group(kind, words[kind], bounded) for kind in SCANNED]
    predicates = [_group(kind, words[kind], bounded) for kind in ("reducers", "bad", "good")]
    return Cues(
        scanner=re.compile("|".join([*groups, _PUNCTUATION]), re.IGNORECASE),
        predicates=re.compile("|".join(predicates), re.IGNORECASE),
        negations=_one_of(words["negations"], bounded),
        contrasts=_one_of(words["contrasts"], bounded),
        than=_one_of(words["than"], bounded),
    )


@cache
def _load() -> dict[str, Any]:
    text = files("tunewise.answer").joinpath("data/cues.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _group(kind: str, words: Sequence[str], bounded: bool) -> str:
    return f"(?P<{kind}>{_alternatives(words, bounded)})"


def _one_of(words: Sequence[str], bounded: bool) -> re.Pattern[str]:
    return re.compile(_alternatives(words, bounded) if words else r"(?!)", re.IGNORECASE)


def _alternatives(words: Sequence[str], bounded: bool) -> str:
    """Longer entries first; in languages that write blanks, only whole words."""
    body = "|".join(sorted(words, key=len, reverse=True))
    return rf"(?<!\w)(?:{body})(?:(?<!\w)|(?!\w))" if bounded else f"(?:{body})"
