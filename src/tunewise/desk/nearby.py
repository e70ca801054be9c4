"""Notes that lie near a message, as every door offers them: each a question, with its answer on demand."""

from __future__ import annotations

from dataclasses import dataclass

from tunewise.languages import ENGLISH, language, language_of
from tunewise.types import Language, NearbyNote, Reply


@dataclass(frozen=True, slots=True)
class Offer:
    """One note: its id, its question (in English), the whole answer with its mark, how that begins (one sentence, no
    mark), and the language of both."""

    id: str
    question: str
    answer: str
    beginning: str
    language: Language


@dataclass(frozen=True, slots=True)
class Offers:
    """The notes that a reply offers beside its answer, below a heading in its language."""

    heading: str
    notes: tuple[Offer, ...]


def offers_of(reply: Reply) -> Offers:
    """What a reply offers; no notes where nothing lies near."""
    heading = language(reply.language).say("knowledge", "near")
    return Offers(heading, tuple(_offer(each) for each in reply.nearby))


def _offer(near: NearbyNote) -> Offer:
    from tunewise.answer.sentences import split_sentences

    answer, spoken = near.citation.quote, language_of(near.citation.quote) or ENGLISH
    beginning = next(iter(split_sentences(answer)), answer)
    return Offer(near.citation.id, near.question, language(spoken).marked(answer, near.citation), beginning, spoken)
