"""Whether the sources speak of what a question asks.

A question is covered if one passage speaks of all the concepts that it names: that the sources mention model size
somewhere and data amount elsewhere does not answer how one bears on the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tunewise.routing.clauses import unanswered_clauses, vocabulary
from tunewise.routing.lexicon import Lexicon, load_lexicon
from tunewise.types import Hit, Language, Passage

# Cosine of question and best passage from which a question without any named concept counts as covered. All-MiniLM
# gives unrelated English sentences 0.0–0.2 and questions about a passage's subject 0.4 and more.
MIN_SIMILARITY = 0.42


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a question the sources cover.

    `covered`: the question as a whole. `missing`: names of what the sources say nothing about, in the user's
    language. `passages`: ids of the passages that speak of all named concepts, best first.
    """

    covered: bool
    missing: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()


class SourceMap:
    """Which passage speaks of which concepts; computed once from the corpus."""

    def __init__(self, passages: Iterable[Passage], lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or load_lexicon()
        texts = {
            passage.id: f"{passage.title} {passage.section} {passage.text}"
            for passage in passages
            if passage.collection != "notes"
        }
        self._concepts = {id_: self.lexicon.concepts_in(text) for id_, text in texts.items()}
        self._vocabulary = vocabulary(texts.values())
        self._generic = {concept.id for concept in self.lexicon.concepts if concept.generic}
        self._methods = {concept.id for concept in self.lexicon.concepts if concept.method}

    def coverage(self, question: str, hits: Iterable[Hit], language: Language) -> Coverage:
        """Judge the question (any language) by its concepts and by what the search found for it."""
        named = self.lexicon.concepts_in(question)
        asked = named - self._generic
        outside = tuple(topic.names[language] for topic in self.lexicon.outside_in(question))
        together = tuple(id_ for id_, concepts in self._concepts.items() if asked and asked <= concepts)
        if asked & self._methods or together:
            clauses = tuple(f"“{clause}”" for clause in unanswered_clauses(question, self._vocabulary))
            return Coverage(bool(asked & self._methods) or not outside, outside or clauses, together)
        if asked or outside:
            return Coverage(False, outside)
        best = max((hit.similarity or 0.0 for hit in hits if hit.passage.collection != "notes"), default=0.0)
        return Coverage(bool(named) and best >= MIN_SIMILARITY)
