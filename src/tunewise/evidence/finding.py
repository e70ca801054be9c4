"""Finds the practice notes that answer a message: what is asked, whom the note fits, and whether the rules allow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tunewise.evidence.agreement import Agreement
from tunewise.evidence.fields import fields_of
from tunewise.reading.calibration import logistic
from tunewise.retrieval import hits_of
from tunewise.retrieval.practice import ANYWHERE
from tunewise.types import PRACTICE

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.retrieval.practice import Note
    from tunewise.retrieval.search import Searcher
    from tunewise.types import Hit, Passage, Situation

CANDIDATES = 40
LONGEST_QUOTE = 120  # characters of the asker's words that a follow-up question is searched with


class Evidence(NamedTuple):
    """Why a note may answer: cosine of message and note, the merged score of the search (0 to about 1), whether it is
    about what is asked and about this kind of model (1 yes, -1 no, 0 not known), whether it holds for any kind, and how
    many of its conditions are known to hold."""

    similarity: float
    score: float
    asked: int
    field: int
    anywhere: int
    met: int


# Weights over `Evidence`, the last the intercept: a logistic regression over pairs of message and note that two kinds
# of search proposed, judged by readers who did not know the code.
WEIGHTS = (1.05, 5.68, 0.41, 0.52, 0.93, 0.46, -6.71)


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note, its passage, and how likely it is (0 to 1) to bear on what was asked."""

    note: Note
    passage: Passage
    fit: float


class NoteFinder:
    """Searches the practice notes of a corpus."""

    def __init__(self, framework: Framework, searcher: Searcher) -> None:
        self._framework = framework
        self._searcher = searcher

    def find(
        self, message: str, asked: Sequence[str], situation: Situation, place: Sequence[float] | None = None
    ) -> list[FoundNote]:
        """The notes that may be shown, best first: none whose conditions or whose advice the asker's facts deny.

        Args:
            message: In English.
            asked: What it asks (`Reading.asked`).
            situation: The asker's facts.
            place: Where the reader puts the message among the vectors of the notes; None where it puts it nowhere.
        """
        notes = self._searcher.corpus.notes
        if not notes:
            return []
        fields, values = fields_of(situation), situation.values()
        hits = hits_of(self._searcher.as_retriever(CANDIDATES, {PRACTICE}, place).invoke(message))
        found = [
            FoundNote(note, hit.passage, logistic(WEIGHTS, evidence_of(note, hit, asked, fields, values)))
            for hit in hits
            if (note := notes[hit.passage.id]).holds(values)
        ]
        rules = Agreement(self._framework, values)
        allowed = (each for each in found if not rules.denied(each.note.says))
        return sorted(allowed, key=lambda each: -each.fit)


def in_brief(situation: Situation) -> str:
    """What is known of a case, in the asker's own words: the model, then the facts, a sentence each."""
    details = [fact for fact in situation.details.values() if fact.name in ("base_model", "modality")]
    told = [fact for fact in (*details, *situation.facts.values()) if fact.known and fact.quote]
    words = dict.fromkeys((fact.quote or "").strip(" .?!,;") for fact in told if len(fact.quote or "") <= LONGEST_QUOTE)
    return "".join(f"{each}. " for each in words)


def evidence_of(
    note: Note, hit: Hit, asked: Sequence[str], fields: frozenset[str], values: Mapping[str, str]
) -> Evidence:
    """What speaks for a note that the search found."""
    anywhere = ANYWHERE in note.fields
    about_asked = (1 if set(asked) & set(note.intents) else -1) if asked else 0
    of_field = (1 if fields & set(note.fields) else -1) if fields and not anywhere else 0
    met = sum(fact in values for fact in note.when)
    return Evidence(hit.similarity or 0.0, hit.score, about_asked, of_field, int(anywhere), met)
