"""Which passages an answer rests on: those that the rules in question quote, and those that the search found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from tunewise.errors import CorpusError
from tunewise.types import Citation, Hit, Passage

if TYPE_CHECKING:
    from tunewise.answer.composed import Sourced
    from tunewise.framework import Framework

# Of what the search found, these are kept whatever the rules quote.
BEST_HITS = 2
PAPERS = "papers"
NOTES = "notes"


class PassageFinder(Protocol):
    """Finds passages of the corpus; `retrieval.Searcher` is one."""

    def passage(self, id_: str) -> Passage:
        """The passage with this id."""
        ...

    def passage_of_quote(self, document: str, quote: str) -> Passage | None:
        """The passage of a document that holds the quote literally."""
        ...


class RuleSources:
    """Finds the passage in which the sentence of a rule stands."""

    def __init__(self, framework: Framework, searcher: PassageFinder) -> None:
        self._framework = framework
        self._searcher = searcher

    def passage_of(self, rule: Sourced) -> Passage | None:
        """The passage that holds the rule's own sentence; None for interpretations."""
        return self._searcher.passage_of_quote(rule.source.document, rule.source.quote) if rule.source else None

    def passage_named(self, id_: str) -> Passage | None:
        """The passage with this id; None where the corpus that is searched has none."""
        try:
            return self._searcher.passage(id_)
        except CorpusError:
            return None

    def title_of(self, citation: Citation) -> str:
        """The title of a cited document; its name where the corpus no longer has the passage."""
        try:
            return self._searcher.passage(citation.id).title
        except CorpusError:
            return citation.document

    def for_advice(self, cited: Iterable[Citation], hits: Sequence[Hit], limit: int) -> list[Passage]:
        """Passages behind advice: all of the sentences that it rests on, then what the search found that rules quote.

        Args:
            cited: What the composed advice cites; none of these is left out.
            hits: What the search found; only passages that a rule quotes can bear on a decision.
            limit: How many passages the hits fill up to.
        """
        wanted = {citation.id: self._searcher.passage(citation.id) for citation in cited}
        for hit in hits:
            if len(wanted) < limit and hit.passage.id in self._behind_rules:
                wanted.setdefault(hit.passage.id, hit.passage)
        return list(wanted.values())

    @cached_property
    def _behind_rules(self) -> frozenset[str]:
        return frozenset(passage.id for passage in self._quoted(self._framework.rules.values()))

    def for_subjects(self, subjects: Set[str], ranked: Sequence[Hit], limit: int) -> list[Hit]:
        """Hits for a question about facts and strategies: the best found, then passages whose rules are about them.

        Args:
            subjects: Names of facts and strategies.
            ranked: Everything that the search ranked for the question, best first.
            limit: How many hits come back; the article and its papers before our notes.
        """
        rules = [
            rule
            for rule in self._framework.rules.values()
            if not subjects.isdisjoint(rule.when) or not subjects.isdisjoint(rule.then)
        ]
        about = {passage.id for passage in self._quoted(rules)} | self._papers_on(subjects, ranked)
        wanted = [hit for place, hit in enumerate(ranked) if place < BEST_HITS or hit.passage.id in about]
        chosen = [*wanted, *(hit for hit in ranked if hit not in wanted)][:limit]
        return sorted(chosen, key=lambda hit: hit.passage.collection == NOTES)

    def _papers_on(self, subjects: Set[str], ranked: Sequence[Hit]) -> set[str]:
        """Abstracts of the papers that the article refers to for these strategies."""
        passages = (hit.passage for hit in ranked)
        return {passage.id for passage in passages if passage.collection == PAPERS and passage.document in subjects}

    def _quoted(self, rules: Iterable[Sourced]) -> list[Passage]:
        return [passage for rule in rules if (passage := self.passage_of(rule))]
