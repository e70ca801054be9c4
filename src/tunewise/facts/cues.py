"""Wordings that state a fact outright, kept as a table (`corpus/reading/cues.yaml`) and matched sentence by sentence.

Patterns are regular expressions on folded text; `<name>` in a pattern stands for a macro of the table. Gaps between
words are bounded, so matching is linear in the length of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tunewise.facts.claims import NORMAL, STRONG, WEAK, Claim
from tunewise.facts.patterns import any_of, expand, macro
from tunewise.facts.text import Message, MessageSentence
from tunewise.tables import load_table

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


@lru_cache(maxsize=4)
def _cues(script: str) -> tuple[Cue, ...]:
    found = []
    for fact, entries in load_table("reading/cues.yaml")["facts"].items():
        for entry in entries:
            if (entry.get("lang", "en") == "zh") != (script == "zh"):
                continue
            unless, unless_near = any_of(entry.get("unless")), any_of(entry.get("unless_near"))
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


def find_cues(message: Message, *, situated: bool) -> Iterator[Claim]:
    """Claims from outright wordings; `situated` says whether the message speaks of the asker's own work."""
    scripts = ("zh", "latin") if re.search(r"[\u3400-\u9fff]", message.folded) else ("latin",)
    for script in scripts:
        for cue in _cues(script):
            if cue.situated and not situated:
                continue
            for sentence in message.sentences:
                if situated or not asks_in_general(sentence):
                    yield from _in_sentence(cue, sentence)


def _in_sentence(cue: Cue, sentence: MessageSentence) -> Iterator[Claim]:
    match = cue.pattern.search(sentence.text)
    if not match or (cue.unless and cue.unless.search(sentence.text)):
        return
    if cue.unless_near and cue.unless_near.search(sentence.text[max(0, match.start() - 40) : match.end() + 25]):
        return
    yield claim_at(sentence, match, cue.fact, cue.value, cue.strength, reason=cue.reason)


def claim_at(
    sentence: MessageSentence,
    match: re.Match[str],
    fact: str,
    value: str,
    strength: int = NORMAL,
    *,
    reason: str | None = None,
    amount: float | None = None,
    unit: str | None = None,
) -> Claim:
    """A claim with the place of the words that matched in a sentence, supposed if their clause supposes them."""
    start, end = sentence.start + match.start(), sentence.start + match.end()
    supposed = is_counterfactual(sentence, match.start())
    return Claim(fact, value, start, end, strength, reason=reason, amount=amount, unit=unit, counterfactual=supposed)


def is_counterfactual(sentence: MessageSentence, position: int) -> bool:
    """Whether the words at `position` stand in a clause that only supposes them ("if I had 100k images")."""
    before = sentence.text[max(0, position - 70) : position]
    return bool(macro("supposed").search(before))


def asks_in_general(sentence: MessageSentence) -> bool:
    """Whether the sentence is a question about the subject: what it names is a case, not the asker's case."""
    return bool(macro("general_question").search(sentence.text))


def is_situated(message: Message) -> bool:
    """Whether the message speaks of the asker's own model, data or attempt, rather than of the subject in general."""
    return bool(macro("own").search(message.folded))
