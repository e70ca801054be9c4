"""Source and target in the asker's own words: "it was trained on X. Mine are Y."

Naming both says something about their distance only where the words carry it: "mine are Y", or Y behind "but", is a
contrast unless X and Y share a noun; "also" and "too", or the same origin and a shared noun, are likeness.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tunewise.facts.claims import NORMAL, Claim
from tunewise.facts.patterns import pattern
from tunewise.facts.text import Message

NEAR = 160  # characters between what the model learned from and what the asker has


def contrast_claims(message: Message) -> Iterator[Claim]:
    """Claims about similarity from a statement of what the model learned from and one of what the asker has."""
    source = pattern("contrast.source")
    for learned in source.finditer(message.folded):
        before = message.folded[max(0, learned.start() - 30) : learned.start()]
        if pattern("contrast.own").search(before) or pattern("contrast.no_data").search(learned.group()):
            continue
        for own in _targets(message.folded, learned):
            value = _compare(learned, own)
            if value:
                yield Claim("similarity", value, own.start(), own.end(), NORMAL)
                return


def _targets(folded: str, learned: re.Match[str]) -> Iterator[re.Match[str]]:
    start, end = max(0, learned.start() - NEAR), min(len(folded), learned.end() + NEAR)
    for own in pattern("contrast.target").finditer(folded, start, end):
        if not learned.start() <= own.start() < learned.start() + 4:
            yield own


def _compare(learned: re.Match[str], own: re.Match[str]) -> str | None:
    theirs, mine = _clause(learned), _clause(own)
    if own.start() < learned.start():
        mine = mine[: max(0, learned.start() - own.end() + len(mine))] if own.end() > learned.start() else mine
    shared = _nouns(theirs) & _nouns(mine)
    if pattern("contrast.same").search(own.group()) and (shared or pattern("contrast.also_from").search(own.group())):
        return "high"
    if len(_nouns(theirs)) > 1 and _nouns(theirs) <= _nouns(mine):
        return "high"
    if shared and pattern("contrast.same_source").search(f"{theirs} . {mine}"):
        return "high"
    pronoun = bool(own["mine"] or own["but"] or own["fr"])
    if shared or not pronoun or pattern("contrast.same").search(own.group()):
        return None
    first = pattern("contrast.attribute").match(mine.lstrip())
    return None if first or not _nouns(mine) else "low"


def _clause(match: re.Match[str]) -> str:
    return next(text for text in match.groupdict().values() if text)


def _nouns(clause: str) -> set[str]:
    words = {word.rstrip("s") for word in pattern("contrast.noun").findall(clause)}
    nouns = {word for word in words if not pattern("contrast.empty").fullmatch(word)}
    return nouns | set(re.findall(r"(?=([\u4e00-\u9fff]{2}))", clause))
