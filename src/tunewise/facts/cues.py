"""Wordings that state a fact outright, kept as a table (`data/cues.yaml`) and matched sentence by sentence.

Patterns are regular expressions on folded text; `<name>` in a pattern stands for a macro of the table. Gaps between
words are bounded, so matching is linear in the length of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tunewise.facts.claims import NORMAL, STRONG, WEAK, Claim
from tunewise.facts.tables import load_table
from tunewise.facts.text import Message, Sentence

_STRENGTHS = {"weak": WEAK, "normal": NORMAL, "strong": STRONG}


@dataclass(frozen=True, slots=True)
class Cue:
    """One wording: `pattern` states `fact` = `value` unless `unless` matches the same sentence, or `unless_near` the
    words from a little before the wording to a little behind it.

    `situated` cues count only where the message speaks of the asker's own work; `value` None only blocks others.
    """

    fact: str
    value: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    unless_near: re.Pattern[str] | None
    situated: bool
    strength: int
    reason: str | None


def _one_line(macro: str) -> str:
    """A macro may be written over several lines; the line ends and indents are no part of it."""
    return re.sub(r"\s*\n\s*", "", macro)


def expand(pattern: str) -> str:
    """Replace `<name>` by the macro of that name, repeatedly (macros may use macros).

    A gap of words also takes words with an apostrophe, a hyphen or a slash, and a comma behind them.
    """
    macros = load_table("cues.yaml")["macros"]
    for _ in range(4):
        pattern = pattern.replace(r"(?:\w+ )", r"(?:[\w'/-]+,? )").replace(r"(?: \w+)", r"(?:,? [\w'/-]+)")
        pattern = re.sub(r"(?<![?P])<([a-z_]+)>", lambda match: f"(?:{_one_line(macros[match[1]])})", pattern)
    return pattern


@lru_cache(maxsize=64)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of a table, macros expanded, compiled once."""
    return re.compile(expand(pattern))


@lru_cache(maxsize=4)
def _cues(script: str) -> tuple[Cue, ...]:
    found = []
    for fact, entries in load_table("cues.yaml")["facts"].items():
        for entry in entries:
            if (entry.get("lang", "en") == "zh") != (script == "zh"):
                continue
            unless, unless_near = _joined(entry.get("unless")), _joined(entry.get("unless_near"))
            found += [
                Cue(
                    fact=fact,
                    value=str(entry["value"]),
                    pattern=re.compile(expand(pattern)),
                    unless=unless,
                    unless_near=unless_near,
                    situated=entry.get("situated", False),
                    strength=_STRENGTHS[entry.get("strength", "normal")],
                    reason=entry.get("reason"),
                )
                for pattern in entry["any"]
            ]
    return tuple(found)


def _joined(patterns: list[str] | None) -> re.Pattern[str] | None:
    return re.compile(expand("|".join(f"(?:{pattern})" for pattern in patterns))) if patterns else None


def find_cues(message: Message, *, situated: bool) -> Iterator[Claim]:
    """Claims from outright wordings; `situated` says whether the message speaks of the asker's own work."""
    scripts = ("zh", "latin") if re.search(r"[\u3400-\u9fff]", message.folded) else ("latin",)
    for script in scripts:
        for cue in _cues(script):
            if cue.situated and not situated:
                continue
            for sentence in message.sentences:
                yield from _in_sentence(cue, sentence)


def _in_sentence(cue: Cue, sentence: Sentence) -> Iterator[Claim]:
    match = cue.pattern.search(sentence.text)
    if not match or (cue.unless and cue.unless.search(sentence.text)):
        return
    if cue.unless_near and cue.unless_near.search(sentence.text[max(0, match.start() - 40) : match.end() + 25]):
        return
    start, end = sentence.start + match.start(), sentence.start + match.end()
    yield Claim(
        cue.fact,
        cue.value,
        start,
        end,
        cue.strength,
        reason=cue.reason,
        counterfactual=is_counterfactual(sentence, match.start()),
    )


def is_counterfactual(sentence: Sentence, position: int) -> bool:
    """Whether the words at `position` stand in a clause that only supposes them ("if I had 100k images")."""
    before = sentence.text[max(0, position - 70) : position]
    return bool(compiled(r"<supposed>").search(before))


def is_situated(message: Message) -> bool:
    """Whether the message speaks of the asker's own model, data or attempt, rather than of the subject in general."""
    return bool(compiled(r"<own>").search(message.folded))
