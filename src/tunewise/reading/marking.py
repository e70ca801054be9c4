"""A message as the reader sees it: code adds what it knows of the numbers and machines, and leaves the rest alone.

"forty of each, twelve types" becomes "forty of each (small), twelve types": whether these are the asker's own training
data is learned from examples, how much forty times twelve is, is not. Hardware is marked in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tunewise.facts.dataset import classify
from tunewise.facts.hardware import hardware_claims
from tunewise.facts.quantities import Quantity, count_classes, possible_quantities
from tunewise.facts.text import Message, MessageSentence
from tunewise.types import UNKNOWN

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

HARDWARE_WORDS = {"limited": "[weak]", "ample": "[strong]", UNKNOWN: "[middle]"}
FEW_PER_CLASS = 100  # so many of each are few, however many classes there are


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """Where a sentence stands: in the marked text, and in the message."""

    start: int
    end: int
    message_start: int
    message_end: int


@dataclass(frozen=True, slots=True)
class MarkedText:
    """The sentences of a message with their marks, one space between them."""

    text: str
    sentences: tuple[MarkedSentence, ...]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of data, its size among the framework's values, and where it stands in the message."""

    quantity: Quantity
    size: str
    start: int
    end: int


def mark(message: Message, framework: Framework) -> MarkedText:
    """Put a mark behind every amount and every machine of a message."""
    marks = dict(sorted({_word_end(message, place): word for place, word in _marks(message, framework)}.items()))
    text, sentences = "", []
    for sentence in message.sentences:
        marked, last = "", sentence.start
        for place, word in marks.items():
            if sentence.start < place <= sentence.end:
                marked, last = f"{marked}{message.raw[last:place]} {word}", place
        marked = " ".join(f"{marked}{message.raw[last : sentence.end]}".split())
        if marked:
            text = f"{text} {marked}" if text else marked
            sentences.append(MarkedSentence(len(text) - len(marked), len(text), sentence.start, sentence.end))
    return MarkedText(text, tuple(sentences))


def amounts_in(message: Message, framework: Framework) -> list[Amount]:
    """Everything in a message that could be an amount of data, in order; examples per class times the classes."""
    classes = next((found[0] for sentence in message.sentences if (found := count_classes(sentence.text))), None)
    return [
        _amount(_times(quantity, classes), sentence, framework)
        for sentence in message.sentences
        for quantity in possible_quantities(sentence.text)
    ]


def _marks(message: Message, framework: Framework) -> Iterator[tuple[int, str]]:
    for amount in amounts_in(message, framework):
        yield amount.end, f"({amount.size})"
    for claim in hardware_claims(message):
        if claim.fact == "compute":
            yield claim.end, HARDWARE_WORDS[claim.value]


def _times(quantity: Quantity, classes: int | None) -> Quantity:
    if quantity.kind != "per_class" or not classes or quantity.amount <= FEW_PER_CLASS:
        return quantity
    return replace(quantity, amount=quantity.amount * classes, kind="examples")


def _amount(quantity: Quantity, sentence: MessageSentence, framework: Framework) -> Amount:
    size, _ = classify(quantity.amount, quantity.kind, framework)
    size = "medium" if size == UNKNOWN else size
    return Amount(quantity, size, sentence.start + quantity.start, sentence.start + quantity.end)


def _word_end(message: Message, place: int) -> int:
    """The end of the word at a place: a mark never stands inside a word."""
    while place < len(message.folded) and message.folded[place].isalnum() and message.folded[place - 1].isalnum():
        place += 1
    return place
