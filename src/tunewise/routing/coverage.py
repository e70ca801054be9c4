"""Whether the sources speak of what a question asks.

A question is covered if one passage speaks of all the concepts that it names: that the sources mention model size
somewhere and data amount elsewhere does not answer how one bears on the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.routing.topics import load_topics
from tunewise.tables import load_table
from tunewise.types import Hit, Language, Passage

if TYPE_CHECKING:
    from tunewise.framework import Framework

# Cosine of question and best passage from which a question without any named concept counts as covered. All-MiniLM
# gives unrelated English sentences 0.0–0.2 and questions about a passage's subject 0.4 and more.
MIN_SIMILARITY = 0.42
# A clause counts as unanswered if no larger share of its words is known to the sources.
MAX_KNOWN_SHARE = 0.5
# "and when is it an option" asks on about the same thing; it takes two words of its own to ask for something else.
MIN_WORDS = 2


@dataclass(frozen=True, slots=True)
class QuestionCoverage:
    """Whether the sources cover a question as a whole; for the user, the names of what they say nothing about
    (`missing`), and where it names no such thing the clauses that they do not seem to answer (`unanswered`)."""

    covered: bool
    missing: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


class SourceMap:
    """Which passage speaks of which concepts; computed once from the corpus. `words` are stems of all its words."""

    def __init__(self, passages: Iterable[Passage], framework: Framework) -> None:
        self.lexicon = load_topics(framework)
        texts = [f"{p.title} {p.section} {p.text}" for p in passages if p.collection != "notes"]
        self._concepts = [self.lexicon.concepts_in(text) for text in texts]
        self.words = frozenset().union(*map(content_stems, texts))
        self._generic = {concept.id for concept in self.lexicon.concepts if concept.generic}
        self._methods = {concept.id for concept in self.lexicon.concepts if concept.method}

    def coverage(self, question: str, hits: Iterable[Hit], language: Language) -> QuestionCoverage:
        """Judge the question (any language) by its concepts and by what the search found for it."""
        named = self.lexicon.concepts_in(question)
        asked = named - self._generic
        outside = tuple(topic.name(language) for topic in self.lexicon.outside_in(question))
        if asked & self._methods or any(asked and asked <= concepts for concepts in self._concepts):
            unanswered = () if outside else tuple(f"“{clause}”" for clause in _unanswered(question, self.words))
            return QuestionCoverage(bool(asked & self._methods) or not outside, outside, unanswered)
        if asked or outside:
            return QuestionCoverage(False, outside)
        best = max((hit.similarity or 0.0 for hit in hits if hit.passage.collection != "notes"), default=0.0)
        return QuestionCoverage(bool(named) and best >= MIN_SIMILARITY)


def content_stems(text: str) -> frozenset[str]:
    """First five letters of each content word: enough to match "distil", "distilled" and "distillation"."""
    words = set(re.findall(r"[a-z][a-z-]+", text, re.IGNORECASE))
    form = load_table("reading/topics.yaml")["clauses"]["form_words"].split()
    return frozenset(word[:5] for word in {word.lower() for word in words}.difference(form))


def _unanswered(question: str, known: frozenset[str]) -> Iterable[str]:
    """Clauses after the first that ask something in words the sources mostly do not have.

    The first clause is what the question is about; whether the sources cover that is decided by its concepts.
    """
    words = load_table("reading/topics.yaml")["clauses"]
    end = rf"[?;.!]+\s+|,?\s+{words['joint']}\s+(?={words['question']})"
    clauses = [clause.strip(" ?!.,;") for clause in re.split(end, question, flags=re.IGNORECASE)]
    for clause in [clause for clause in clauses if clause][1:]:
        asked = content_stems(clause)
        asks = re.match(rf"\s*{words['opener']}{words['question']}", clause, re.IGNORECASE)
        if asks and len(asked) >= MIN_WORDS and len(asked & known) <= MAX_KNOWN_SHARE * len(asked):
            yield clause
