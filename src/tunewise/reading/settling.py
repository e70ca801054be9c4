"""From readings to claims: what is certain enough is stated, what is likely is proposed, and code adds the numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tunewise.facts.answers import MOST_WORDS
from tunewise.facts.claims import NORMAL, STRONG, Claim
from tunewise.facts.dataset import SIZE, is_unlabelled, size_claims
from tunewise.facts.hardware import hardware_claims
from tunewise.facts.numbers import find_numbers
from tunewise.facts.text import Message
from tunewise.reading.calibration import Trust
from tunewise.reading.marking import Amount, amounts_in
from tunewise.reading.signals import FactSignal
from tunewise.types import ProposedFact

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

MOST_PROPOSALS = 2
MOST_WORDS_SHORT = 25
NEVER_PROPOSED = frozenset({"model_type", "goal"})  # few examples are labelled for them; guesses were mostly wrong


def signal_claims(
    message: Message, readings: Sequence[FactSignal], limits: Mapping[str, float], framework: Framework
) -> Iterator[Claim]:
    """Claims for the readings that reach the limit of their fact, with the amount or machine that makes it so."""
    for signal in _known(readings, framework):
        if signal.probability >= limits[signal.fact]:
            yield from _claims(message, signal, framework)


def proposals(
    message: Message,
    readings: Sequence[FactSignal],
    limits: Mapping[str, float],
    least: float,
    framework: Framework,
) -> tuple[ProposedFact, ...]:
    """What the message only seems to state, most likely first; at most two, none below the least trust."""
    likely = [
        signal
        for signal in sorted(_known(readings, framework), key=lambda signal: -signal.probability)
        if least <= signal.probability < limits[signal.fact] and signal.fact not in NEVER_PROPOSED
    ]
    return tuple(
        ProposedFact(signal.fact, signal.value, message.quote(signal.start, signal.end))
        for signal in likely[:MOST_PROPOSALS]
    )


def short_amount(message: Message, patterns: Sequence[Claim]) -> tuple[ProposedFact, ...]:
    """The one firm amount of a short message, proposed as the size of the asker's data.

    The examples that the reader learned from are whole stories; of 85 such amounts in short questions, which it passed
    over, 70 were the asker's data.
    """
    claims = [claim for claim in patterns if claim.fact == SIZE and claim.strength >= NORMAL]
    if len(message.raw.split()) > MOST_WORDS_SHORT or len(claims) != 1 or claims[0].counterfactual:
        return ()
    return (ProposedFact(SIZE, claims[0].value, message.quote(claims[0].start, claims[0].end)),)


def limits_for(message: Message, trust: Trust, in_play: Collection[str]) -> dict[str, float]:
    """From which trust on each fact counts as stated.

    What was asked for last, or is on the sheet already, needs less than what nobody has spoken of; least where code
    sees a number or a machine that may answer it. A bare number ("like 350") says nothing of a machine.
    """
    seen = {SIZE} if find_numbers(message.folded) else set()
    if any(claim.fact == "compute" for claim in hardware_claims(message)):
        seen.add("compute")
    is_number = seen == {SIZE} and len(message.raw.split()) <= MOST_WORDS
    eased = set(in_play) - ({"compute"} if is_number else set())
    between = (trust.answered + trust.stated) / 2
    return {
        fact: trust.stated if fact not in eased else trust.answered if fact in seen else between
        for fact in trust.weights
    }


def _known(readings: Sequence[FactSignal], framework: Framework) -> list[FactSignal]:
    return [
        each for each in readings if each.fact in framework.facts and each.value in framework.facts[each.fact].values
    ]


def _claims(message: Message, signal: FactSignal, framework: Framework) -> Iterator[Claim]:
    if signal.fact == SIZE and (amount := _amount(message, signal, framework)):
        if is_unlabelled(message.folded, amount.start, amount.end):
            return
        yield from size_claims(amount.quantity, signal.value, amount.start, amount.end, STRONG)
        return
    if signal.fact == "compute" and (machine := _machine(message, signal)):
        yield Claim("compute", signal.value, machine.start, machine.end, STRONG)
        return
    yield Claim(signal.fact, signal.value, signal.start, signal.end, STRONG)


def _amount(message: Message, signal: FactSignal, framework: Framework) -> Amount | None:
    """The amount in the sentence that has the size it was read as; what counts examples firmly goes first."""
    fitting = [
        amount
        for amount in amounts_in(message, framework)
        if signal.start <= amount.start < signal.end and amount.size == signal.value
    ]
    return min(fitting, key=lambda amount: (amount.quantity.loose, amount.start), default=None)


def _machine(message: Message, signal: FactSignal) -> Claim | None:
    named = [claim for claim in hardware_claims(message) if claim.fact == "compute"]
    within = (claim for claim in named if signal.start <= claim.start < signal.end and claim.value == signal.value)
    return next(within, None)
