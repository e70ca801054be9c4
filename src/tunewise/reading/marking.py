"""A message as the reader sees it: code adds what it knows of the numbers and machines, and leaves the rest alone.

"forty of each, twelve types" becomes "forty of each (small), twelve types": whether these are the asker's own training
data is learned from examples, how much forty times twelve is, is not. Hardware is marked in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

from tunewise.facts.dataset import classify
from tunewise.facts.hardware import hardware_claims, within_machine
from tunewise.facts.quantities import Quantity, count_classes, hours_in, possible_quantities
from tunewise.facts.text import Message, MessageSentence
from tunewise.types import UNKNOWN

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

HARDWARE_WORDS = {"limited": "[weak]", "ample": "[strong]", UNKNOWN: "[middle]"}
FEW_PER_CLASS = 100  # so many of each are few, however many classes there are
SHORTEST = 0.25  # hours; what lasts less is a clip's length, not an amount

MarkKind = Literal["amount", "machine"]
MARK_KINDS: tuple[MarkKind, ...] = ("amount", "machine")
MARK_FACTS: Mapping[MarkKind, str] = {"amount": "dataset_size", "machine": "compute"}


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """Where a sentence stands: in the marked text, and in the message."""

    start: int
    end: int
    message_start: int
    message_end: int


class Mark(NamedTuple):
    """What code says of an amount or a machine: a value of data size or of compute, and where in the message it
    stands."""

    kind: MarkKind
    value: str
    message_start: int
    message_end: int

    @property
    def label(self) -> tuple[str, str]:
        """The fact and the value that it speaks for."""
        return MARK_FACTS[self.kind], self.value

    @property
    def word(self) -> str:
        """How the reader sees it."""
        return f"({self.value})" if self.kind == "amount" else HARDWARE_WORDS[self.value]


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark, and where its word stands in the marked text."""

    mark: Mark
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MarkedText:
    """The sentences of a message with their marks, one space between them."""

    text: str
    sentences: tuple[MarkedSentence, ...]
    marks: tuple[PlacedMark, ...] = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of data, its size among the framework's values, and where it stands in the message."""

    quantity: Quantity
    size: str
    start: int
    end: int


def mark(message: Message, framework: Framework) -> MarkedText:
    """Put a mark behind every amount and every machine of a message."""
    by_place = {_word_end(message, each.message_end): each for each in _marks(message, framework)}
    text, sentences, marks = "", [], []
    for sentence in message.sentences:
        start = last = sentence.start
        begin = len(text) + 1 if text else 0
        marked = ""
        for place, each in sorted(by_place.items()):
            if start < place <= sentence.end:
                marked = _joined(marked, message.raw[last:place], each.word)
                end = begin + len(marked)
                marks.append(PlacedMark(each, end - len(each.word), end))
                last = place
        marked = _joined(marked, message.raw[last : sentence.end], "")
        if marked:
            text = f"{text} {marked}" if text else marked
            sentences.append(MarkedSentence(begin, len(text), sentence.start, sentence.end))
    return MarkedText(text, tuple(sentences), tuple(marks))


def own_by_label(whose: Iterable[tuple[Mark, float]]) -> dict[tuple[str, str], float]:
    """Fact and value of marks → how likely the likeliest of them is the asker's own."""
    found: dict[tuple[str, str], float] = {}
    for each, probability in whose:
        found[each.label] = max(found.get(each.label, 0.0), probability)
    return found


def amounts_in(message: Message, framework: Framework) -> list[Amount]:
    """Everything in a message that could be an amount of data, in order; examples per class times the classes."""
    classes = next((found[0] for sentence in message.sentences if (found := count_classes(sentence.text))), None)
    in_machine = within_machine(message)
    return [
        _amount(_times(quantity, classes), sentence, framework)
        for sentence in message.sentences
        for quantity in _quantities(sentence.text)
        if not (quantity.loose and in_machine(sentence.start + quantity.start))  # "4090 clips" are clips
    ]


def _quantities(folded: str) -> list[Quantity]:
    """What could be amounts, also hours of nothing in particular."""
    counted = possible_quantities(folded)
    lasting = [
        each
        for each in hours_in(folded)
        if each.amount >= SHORTEST and not any(other.start <= each.start < other.end for other in counted)
    ]
    return sorted((*counted, *lasting), key=lambda quantity: quantity.start)


def _marks(message: Message, framework: Framework) -> Iterator[Mark]:
    for amount in amounts_in(message, framework):
        yield Mark("amount", amount.size, amount.start, amount.end)
    for claim in hardware_claims(message):
        if claim.fact == "compute":
            yield Mark("machine", claim.value, claim.start, claim.end)


def _joined(marked: str, more: str, word: str) -> str:
    """A marked text with more of the message and a mark's word behind it; a break within a word stays none."""
    spaced = f"{marked}{more} {word}" if word else f"{marked}{more}"
    return " ".join(spaced.split())


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
