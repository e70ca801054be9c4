"""Whether a sentence says nothing but what a sentence of the evidence says, and which one that is.

Measured, not assumed: the weights are a logistic regression over sentences that the default model wrote to questions
of practitioners and sentences of the passages that it was given (1,710 pairs, `tests/answer/support_pairs.jsonl`),
labelled by readers who knew neither the code nor each other's work. Of questions held out, 96 % of what passes is
supported, and 73 % of what is supported passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tunewise.answer.marks import without_marks
from tunewise.answer.overlap import content
from tunewise.answer.sentences import split_sentences
from tunewise.reading.calibration import logistic

if TYPE_CHECKING:
    from tunewise.types import Passage

SUPPORTED = 0.75  # of its support, before a sentence of the model may be shown
STEM = 5  # first letters by which words are compared
_PREFACE = re.compile(r"^the passages? (?:states?|says?|suggests?|mentions?|recommends?) that ", re.IGNORECASE)
_WORD = re.compile(r"\w+")


class Likeness(NamedTuple):
    """What a sentence shares with one of the evidence: which part of its content words, and of its pairs of words."""

    words: float
    order: float


WEIGHTS = (7.52, 3.81, -9.5)  # over `Likeness`, the last the intercept


@dataclass(frozen=True, slots=True)
class Supported:
    """The sentence of the evidence that says most of what a sentence says, how surely (0 to 1) it says it all, and the
    passage that it stands in; None where it is the rules' own."""

    certainty: float
    passage: Passage | None
    evidence: str


class Evidence:
    """The sentences that a model was given.

    Args:
        passages: Of the corpus.
        rules: The rules' own sentences, without marks.
    """

    def __init__(self, passages: Sequence[Passage], rules: Iterable[str] = ()) -> None:
        self._said: list[tuple[Passage | None, str]] = [
            (None, said) for rule in rules for said in split_sentences(rule)
        ]
        self._said += [(passage, said) for passage in passages for said in split_sentences(passage.text)]

    def of(self, sentence: str) -> Supported:
        """What supports a sentence best."""
        plain = without_preface(without_marks(sentence))
        judged = (Supported(logistic(WEIGHTS, likeness(plain, said)), passage, said) for passage, said in self._said)
        return max(judged, key=lambda one: one.certainty, default=Supported(0.0, None, ""))


def likeness(sentence: str, evidence: str) -> Likeness:
    """What a sentence shares with one of the evidence."""
    words, pairs = content(sentence, STEM), _pairs(sentence)
    return Likeness(
        len(words & content(evidence, STEM)) / max(1, len(words)), len(pairs & _pairs(evidence)) / max(1, len(pairs))
    )


def without_preface(sentence: str) -> str:
    """The sentence without "The passage states that"."""
    bare = _PREFACE.sub("", sentence)
    return bare[:1].upper() + bare[1:]


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(pairwise(_WORD.findall(text.lower())))
