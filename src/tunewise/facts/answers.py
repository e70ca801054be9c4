"""A few words that answer the question asked last: a bare "about 3k" is the amount that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from tunewise.facts.claims import NORMAL, Claim
from tunewise.facts.dataset import SIZE, classify, is_unlabelled, size_claims
from tunewise.facts.hardware import hardware_claims
from tunewise.facts.quantities import hours_in, possible_quantities
from tunewise.facts.text import Message

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

MOST_WORDS = 6
MOST_WORDS_SUPPOSED = 12


def answer_claims(message: Message, asked: Collection[str], framework: Framework) -> Iterator[Claim]:
    """Claims from a bare answer; an amount of what is not labelled is none.

    Args:
        message: Of any length; only a few words with one amount, and no question, are a bare answer.
        asked: The facts that were asked for.
        framework: Gives the cut-offs of data size.
    """
    if SIZE in asked and len(message.raw.split()) <= MOST_WORDS and "?" not in message.raw and "？" not in message.raw:
        yield from _one_amount(message, framework)


def supposed_claims(message: Message, framework: Framework) -> Iterator[Claim]:
    """Claims from a short supposition ("and if I get 10,000 instead?"): its one amount is one of data."""
    if len(message.raw.split()) <= MOST_WORDS_SUPPOSED:
        yield from _one_amount(message, framework)


def _one_amount(message: Message, framework: Framework) -> Iterator[Claim]:
    machines = [(claim.start, claim.end) for claim in hardware_claims(message)]
    amounts = [
        amount
        for amount in possible_quantities(message.folded) or hours_in(message.folded)
        if not any(start <= amount.start < end for start, end in machines)
    ]
    if len(amounts) != 1:
        return
    (quantity,) = amounts
    if is_unlabelled(message.folded, quantity.start, quantity.end):
        return
    value, reason = classify(quantity.amount, quantity.kind, framework)
    yield from size_claims(quantity, value, quantity.start, quantity.end, NORMAL, reason)
