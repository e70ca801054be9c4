"""Regular expressions kept as data (`patterns.yaml` and `cues.yaml` in `corpus/reading`), with macros, compiled once.

`<name>` in a pattern stands for a part of macros.yaml, or for the number words of a kind. A gap of words, `(?:\\w+ )`,
also takes words with an apostrophe, a hyphen or a slash, and a comma behind them. Gaps are bounded, so that matching is
linear in the length of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from tunewise.number_words import number_words
from tunewise.tables import load_table


def expand(pattern: str) -> str:
    """Replace macros (they may use macros) and widen the gaps between words."""
    macros = _macros()
    for _ in range(4):
        pattern = pattern.replace(r"(?:\w+ )", r"(?:[\w'/-]+,? )").replace(r"(?: \w+)", r"(?:,? [\w'/-]+)")
        pattern = re.sub(r"(?<![?P])<([a-z_]+)>", lambda match: f"(?:{one_line(macros[match[1]])})", pattern)
    return pattern


@cache
def _macros() -> Mapping[str, str]:
    numbers = {kind: any_word(number_words(kind, "en", "fr")) for kind in ("counting", "scale", "vague", "span")}
    macros: Mapping[str, str] = load_table("reading/macros.yaml")
    return {**numbers, **macros}


def any_word(words: Iterable[str]) -> str:
    """A pattern of literal words, the longest first."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def one_line(pattern: str) -> str:
    """A pattern of a table may be written over several lines; line ends and indents are no part of it."""
    return re.sub(r"\s*\n\s*", "", pattern)


@cache
def macro(name: str) -> re.Pattern[str]:
    """A part of macros.yaml as a pattern of its own."""
    return re.compile(expand(f"<{name}>"))


@cache
def pattern(name: str) -> re.Pattern[str]:
    """A pattern of patterns.yaml by its name ("dataset.needed_before"): any of its alternatives."""
    return re.compile(expand("|".join(load_table("reading/patterns.yaml")[name])))


def any_of(patterns: list[str] | None) -> re.Pattern[str] | None:
    """One pattern that matches where any of several does; None where there are none."""
    return re.compile(expand("|".join(f"(?:{part})" for part in patterns))) if patterns else None
