"""The parts of a question, and which of them use words that the sources do not have."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUESTION_WORD = (
    r"(?:what|which|how|why|when|who|where|whether|is|are|does|do|did|can|quel|quelle|combien|comment|pourquoi)"
)
_CLAUSE_END = re.compile(rf"[?;.!]+\s+|,?\s+(?:and|or|et|ou)\s+(?={_QUESTION_WORD}\b)", re.IGNORECASE)
_ASKS = re.compile(rf"\s*(?:and\s+|or\s+|also,?\s+)?{_QUESTION_WORD}\b", re.IGNORECASE)
_WORD = re.compile(r"[a-zA-Z][a-zA-Z-]+")
# Words that carry the form of a question and not its subject.
_FORM = frozenset(
    "a about again all also always among an and any anyone are as at be because been being both but by can could did "
    "do does done during each else ever exactly explain few first for from get gets give given gives go goes good had "
    "has have he her here him his how if in into is it its just kind kinds know let like long made make makes many may "
    "mean means might more most much must need needed needs new no not of often on one only or original other others "
    "our out over own paper people possible put quite really same say should show so some something sort still such "
    "take taken takes tell than that the their them then there these they thing things this those through to too try "
    "under up us use used uses using usually very want was way ways we well were what when where whether which while "
    "who whole why will with without work works would you your".split()
)
# A clause counts as unanswered if no larger share of its words is known to the sources.
MAX_KNOWN_SHARE = 0.5
# "and when is it an option" asks on about the same thing; it takes two words of its own to ask for something else.
MIN_WORDS = 2


def stems(text: str) -> frozenset[str]:
    """First five letters of each content word: enough to match "distil", "distilled" and "distillation"."""
    return frozenset(word.lower()[:5] for word in _WORD.findall(text) if word.lower() not in _FORM)


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """Stems of all content words of the texts."""
    return frozenset().union(*(stems(text) for text in texts))


def unanswered_clauses(question: str, known: frozenset[str]) -> tuple[str, ...]:
    """Clauses after the first that ask something in words the sources mostly do not have.

    The first clause is what the question is about; whether the sources cover that is decided by its concepts.
    """
    clauses = [clause.strip(" ?!.,;") for clause in _CLAUSE_END.split(question) if clause and clause.strip(" ?!.,;")]
    found = []
    for clause in clauses[1:]:
        asked = stems(clause)
        if _ASKS.match(clause) and len(asked) >= MIN_WORDS and len(asked & known) <= MAX_KNOWN_SHARE * len(asked):
            found.append(clause)
    return tuple(found)
