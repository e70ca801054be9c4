"""Finds the practice notes that answer a message: what is asked, whom the note fits, and whether the rules allow it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from heapq import nlargest
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from tunewise.evidence.agreement import Agreement
from tunewise.evidence.fields import fields_of
from tunewise.reading.calibration import logistic
from tunewise.retrieval import hits_of
from tunewise.retrieval.practice import ANYWHERE
from tunewise.retrieval.words import words
from tunewise.tables import load_table
from tunewise.types import PRACTICE

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.reading.placing import Place
    from tunewise.retrieval.practice import Note
    from tunewise.retrieval.search import Searcher
    from tunewise.types import Hit, Passage, Situation

CANDIDATES = 60  # of each search, and of those whose messages lie nearest
MOST_FOUND = 8
MAJORITY = 0.4  # of the fit of the notes found, before their kind of model is taken for the asker's
PROVEN = "reading/proven_notes.yaml"
UNSEARCHED = -0.25  # for a cosine: where words are all there is, they have to fit better
LONGEST_QUOTE = 120  # characters of the asker's words that a follow-up question is searched with


class Evidence(NamedTuple):
    """Why a note may answer: the merged scores (0 to about 1, against the best note found) of two searches, from where
    the reader puts the message and from where the embedding model does; whether the note is about what is asked and
    about this kind of model (1 yes, -1 no, 0 not known), whether it holds for any kind, and how many of its conditions
    are known to hold; the two searches' cosines (`UNSEARCHED` where meaning is not searched), which also tell that
    nothing is near; the cosine of the message and those that belong to the note (`Place.heard`; of a note whose
    messages were not placed, the mean of those proposed; 0 where the message is not); the share of the words of the
    message and of the note's nearest question that they have in common; and how much more often graders found the note
    of use than all this promises, in log odds (0 where none did)."""

    placed: float
    worded: float
    asked: int
    field: int
    anywhere: int
    met: int
    placed_near: float
    worded_near: float
    heard_near: float
    shared: float
    proven: float


# Weights over `Evidence` (1 over what is in log odds already), the last the intercept, fitted to 17,451 notes of
# 1,605 messages that readers graded who did not know the code, and whose grades places were not learned from
# (`scripts.weigh_notes`). Fitted so and held out, of the notes graded the first is of use for 64 % of messages,
# satisfies for 33 and is off the point for 13 (16 without the messages that belong to the notes); the best one is of
# use for 88 % and satisfies for 49: which of them is shown decides (where half of the messages have a first note that
# nobody graded). What added nothing or next to it: a cross-encoder on MiniLM, which reads message and note together
# (2 %); the tokens of the message against those of the note; how near the message is to each question and message that
# a note answers, as the embedding model places them, and their rare words in common (.5 % together, boosted trees
# none); and the local model, asked whether the note answers (it tells those that satisfy hardly from others).
WEIGHTS = (4.26, 1.03, 0.12, 0.07, 0.31, 0.2, 3.48, -0.66, 5.07, 2.79, 1.0, -9.12)
# The same where nothing places the message, or its meaning is not searched: fitted when a place told little more than
# the message's own vector.
UNPLACED = (4.62, 2.26, 0.16, 0.16, 0.31, 0.45, 2.92, 0.39, 0.0, 3.18, 1.0, -8.18)


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note, its passage, how likely it is (0 to 1) to answer what was asked, and of the questions that it `asks` the
    one that shares most words with the message (the first, where none does)."""

    note: Note
    passage: Passage
    fit: float
    question: str = ""


class NoteFinder:
    """Searches the practice notes of a corpus."""

    def __init__(self, framework: Framework, searcher: Searcher) -> None:
        self._framework = framework
        self._searcher = searcher

    def find(
        self, message: str, asked: Sequence[str], situation: Situation, place: Place | None = None
    ) -> list[FoundNote]:
        """The few notes that may be shown, best first: none whose conditions or whose advice the asker's facts deny.

        Args:
            message: In English.
            asked: What it asks (`Reading.asked`).
            situation: The asker's facts.
            place: Where the reader puts the message among the notes; None where it puts it nowhere.
        """
        if not self._searcher.corpus.notes:
            return []
        weighed = self.evidence(message, asked, situation, place)
        is_placed = place is not None and any(each.placed_near != UNSEARCHED for _, _, each in weighed)
        weights = WEIGHTS if is_placed else UNPLACED
        found = [FoundNote(note, passage, logistic(weights, each)) for note, passage, each in weighed]
        rules = Agreement(self._framework, situation.values())
        ranked = sorted(found, key=lambda each: (-each.fit, each.note.id))
        best = islice((each for each in ranked if not rules.denied(each.note.says)), MOST_FOUND)
        stems = frozenset(words(message))
        return [replace(each, question=nearest_question(stems, each.note)) for each in best]

    def again(self, ids: Iterable[str]) -> list[FoundNote]:
        """Notes that were shown, by their ids; without those that the corpus holds no more."""
        notes = self._searcher.corpus.notes
        return [FoundNote(notes[id_], self._searcher.passage(id_), 1.0) for id_ in ids if id_ in notes]

    def evidence(
        self, message: str, asked: Sequence[str], situation: Situation, place: Place | None = None
    ) -> list[tuple[Note, Passage, Evidence]]:
        """What speaks for each note that a search finds or whose messages lie near, that the asker's facts do not deny,
        and that is not about another kind of model than one that is named; arguments as those of `find`."""
        notes = self._searcher.corpus.notes
        fields, values, is_named = fields_of(situation), situation.values(), "base_model" in situation.details
        worded = self._searched(message, None)
        placed = self._searched(message, place.vector) if place else worded
        heard = {id_: near for id_, near in place.heard.items() if id_ in notes} if place else {}
        weighed, stems = [], frozenset(words(message))
        proven: Mapping[str, float] = load_table(PROVEN)
        proposed = worded.keys() | placed.keys() | set(nlargest(CANDIDATES, heard, key=heard.__getitem__))
        usual = fmean(heard[id_] for id_ in proposed if id_ in heard) if heard else 0.0
        for id_ in proposed:
            note = notes[id_]
            if note.holds(values) and not note.general:
                placed_score, placed_near = _nearness(id_, placed)
                worded_score, worded_near = _nearness(id_, worded)
                known, near = about(note, asked, fields, values), (placed_near, worded_near, heard.get(id_, usual))
                each = Evidence(placed_score, worded_score, *known, *near, _shared(stems, note), proven.get(id_, 0.0))
                if each.field >= 0 or not is_named:
                    weighed.append((note, self._searcher.passage(id_), each))
        return weighed

    def general(self, found: Sequence[FoundNote], asked: str, situation: Situation) -> FoundNote | None:
        """The note that says in general what is `asked` of this kind of model; None if there is none.

        The kind is what most of the notes `found` for the message are about, of those that the asker's facts allow.
        """
        field = _field(found, fields_of(situation))
        notes = [note for note in self._searcher.corpus.notes.values() if note.general and asked in note.intents]
        best = next((note for note in notes if field in note.fields), None)
        best = best or next((note for note in notes if ANYWHERE in note.fields), None)
        return FoundNote(best, self._searcher.passage(best.id), 0.0) if best else None

    def _searched(self, message: str, place: Sequence[float] | None) -> dict[str, Hit]:
        hits = hits_of(self._searcher.as_retriever(CANDIDATES, {PRACTICE}, place).invoke(message))
        return {hit.passage.id: hit for hit in hits}


def in_brief(situation: Situation) -> str:
    """What is known of a case, in the asker's own words: the model, then the facts, a sentence each."""
    details = [fact for fact in situation.details.values() if fact.name in ("base_model", "modality")]
    told = [fact for fact in (*details, *situation.facts.values()) if fact.known and fact.quote]
    words = dict.fromkeys((fact.quote or "").strip(" .?!,;") for fact in told if len(fact.quote or "") <= LONGEST_QUOTE)
    return "".join(f"{each}. " for each in words)


def about(
    note: Note, asked: Sequence[str], fields: frozenset[str], values: Mapping[str, str]
) -> tuple[int, int, int, int]:
    """What speaks for a note besides its words: from `asked` to `met` of `Evidence`."""
    anywhere = ANYWHERE in note.fields
    about_asked = (1 if set(asked) & set(note.intents) else -1) if asked else 0
    of_field = (1 if fields & set(note.fields) else -1) if fields and not anywhere else 0
    return about_asked, of_field, int(anywhere), sum(fact in values for fact in note.when)


def _field(found: Sequence[FoundNote], known: frozenset[str]) -> str:
    """The kind of model that the notes found speak of most; `ANYWHERE` where they do not agree."""
    votes: dict[str, float] = defaultdict(float)
    for each in found:
        for field in each.note.fields:
            votes[field] += each.fit
    votes.pop(ANYWHERE, None)
    allowed = {field: fit for field, fit in votes.items() if not known or field in known}
    if not allowed:
        return next(iter(known)) if len(known) == 1 else ANYWHERE
    best = max(allowed, key=lambda field: (allowed[field], field))
    return best if known or allowed[best] > MAJORITY * sum(votes.values()) else ANYWHERE


def _nearness(id_: str, found: Mapping[str, Hit]) -> tuple[float, float]:
    """The score and the cosine of a note; for one that was not found, the least of each that was."""
    hits = [found[id_]] if id_ in found else found.values()
    least_score = min((hit.score for hit in hits), default=0.0)
    return least_score, min(
        (UNSEARCHED if hit.similarity is None else hit.similarity for hit in hits), default=UNSEARCHED
    )


def nearest_question(stems: frozenset[str], note: Note) -> str:
    """Of the questions of a note the one that shares most with the words of a message; the first of equal ones."""
    return max(note.asks, key=lambda question: _share(stems, question))


def _shared(stems: frozenset[str], note: Note) -> float:
    """The share of the words of a message and of the question of a note that they have in common; of the nearest."""
    return max(_share(stems, question) for question in note.asks)


def _share(stems: frozenset[str], question: str) -> float:
    asked = _stems(question)
    return len(stems & asked) / max(len(stems | asked), 1)


@cache
def _stems(question: str) -> frozenset[str]:
    return frozenset(words(question))
