"""A few words that answer the question asked last: a bare "about 3k" is the amount that was asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from tunewise.facts.claims import NORMAL, Claim
from tunewise.facts.dataset import SIZE, classify, is_unlabelled, size_claims
from tunewise.facts.hardware import hardware_claims, within_machine
from tunewise.facts.quantities import BARE, Quantity, UnitKind, hours_in, possible_quantities
from tunewise.facts.text import Message

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.types import Situation

MOST_WORDS = 6
MOST_WORDS_SUPPOSED = 12
MOST_WORDS_CORRECTED = 8


def answer_claims(message: Message, asked: Collection[str], framework: Framework) -> Iterator[Claim]:
    """Claims from a bare answer; an amount of what is not labelled is none.

    Args:
        message: Of any length; only a few words with one amount, and no question, are a bare answer.
        asked: The facts that were asked for.
        framework: Gives the cut-offs of data size.
    """
    if SIZE in asked and len(message.raw.split()) <= MOST_WORDS and not _asks(message):
        yield from _one_amount(message, framework)


def correction_claims(message: Message, previous: Situation | None, turn: int, framework: Framework) -> Iterator[Claim]:
    """Claims from the bare number of a few words behind a message that gave an amount ("oops no, 300. lost two zeros"):
    it takes the place of that amount, in its unit; that amount may be named again ("12.000, nicht 120.000").

    Args:
        message: Of any length; a few words correct that hold one other number that counts nothing named, no question
            and no machine.
        previous: The situation so far.
        turn: Number of the message in its conversation.
        framework: Gives the cut-offs of data size.
    """
    told = previous.facts.get(SIZE) if previous else None
    if told is None or told.turn != turn - 1 or told.amount is None:
        return
    if _asks(message) or any(hardware_claims(message)):
        return
    bare = [each for each in _amounts(message) if each.noun == BARE and each.loose]
    corrected = [each for each in bare if each.amount != told.amount]
    is_said = len(bare) > 1 or any(_ends_at(message, each) for each in corrected)
    if len(message.raw.split()) > MOST_WORDS_CORRECTED or len(corrected) != 1 or not is_said:
        return
    amount = corrected[0]
    kind: UnitKind = "hours" if told.unit == "hours" else "examples"
    quantity = replace(amount, kind=kind, noun=BARE if told.unit in get_args(UnitKind) else told.unit or BARE)
    value, reason = classify(quantity.amount, kind, framework)
    yield from size_claims(quantity, value, quantity.start, quantity.end, NORMAL, reason)


def _ends_at(message: Message, amount: Quantity) -> bool:
    """Whether a clause ends behind the number."""
    return not re.match(r"\s*[^\s.,;!()]", message.folded[amount.end :])


def _asks(message: Message) -> bool:
    return bool(re.search("[?\uff1f]", message.raw))


def supposed_claims(message: Message, framework: Framework) -> Iterator[Claim]:
    """Claims from a short supposition ("and if I get 10,000 instead?"): its one amount is one of data."""
    if len(message.raw.split()) <= MOST_WORDS_SUPPOSED:
        yield from _one_amount(message, framework)


def _amounts(message: Message) -> list[Quantity]:
    """What may be amounts of data; the numbers of machines are none."""
    in_machine, found = within_machine(message), possible_quantities(message.folded) or hours_in(message.folded)
    return [amount for amount in found if not in_machine(amount.start)]


def _one_amount(message: Message, framework: Framework) -> Iterator[Claim]:
    amounts = _amounts(message)
    if len(amounts) != 1:
        return
    (quantity,) = amounts
    if is_unlabelled(message.folded, quantity.start, quantity.end):
        return
    value, reason = classify(quantity.amount, quantity.kind, framework)
    yield from size_claims(quantity, value, quantity.start, quantity.end, NORMAL, reason)
