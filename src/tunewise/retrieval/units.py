"""What is matched against a question: the sentences of each passage, each with the label of its passage.

A sentence says one thing, so it is compared with a question more sharply than a whole passage; the passage is what is
found. Measured on the article's 74 sentences, dense recall@5 rises from 0.62 (passages) to 0.82 (sentences).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.retrieval.chunking import split_sentences
from tunewise.types import Passage

UNITS_VERSION = "1"  # raise it when the units of an unchanged passage would come out differently


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence. `owner` is the position of its passage; `label` the last part of the passage's heading path."""

    owner: int
    label: str
    text: str

    @property
    def labelled(self) -> str:
        """Label and text, as the lexical search reads them."""
        return f"{self.label} {self.text}"


def units_of(passages: Sequence[Passage]) -> list[Unit]:
    """The units of all passages; those of one passage stand together, and every passage has at least one."""
    units: list[Unit] = []
    for owner, passage in enumerate(passages):
        label = passage.section.rsplit(" / ", 1)[-1]
        spans = split_sentences(passage.text) or [(0, len(passage.text))]
        units.extend(Unit(owner, label, passage.text[start:end]) for start, end in spans)
    return units
