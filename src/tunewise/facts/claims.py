"""What a reader found: a value for a fact with the place of the words that state it; and how claims are settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tunewise.facts.text import Message
from tunewise.types import UNKNOWN, Clash, Fact

WEAKEST, WEAK, NORMAL, STRONG = range(4)


@dataclass(frozen=True, slots=True)
class Claim:
    """One reading of one fact; offsets are into the message.

    `strength` orders claims that differ: the asker's own words about the fact (STRONG) over what follows from a
    number or a name (NORMAL) over what is only near (WEAK) over an amount that is neither little nor much (WEAKEST).
    `counterfactual` marks what an if-clause supposes.
    """

    fact: str
    value: str
    start: int
    end: int
    strength: int = NORMAL
    status: Literal["stated", "assumed"] = "stated"
    reason: str | None = None
    amount: float | None = None
    unit: str | None = None
    counterfactual: bool = False

    def to_fact(self, message: Message, turn: int) -> Fact:
        """The claim as a fact with its quote; an unknown value keeps quote, amount and reason."""
        status = "unknown" if self.value == UNKNOWN else self.status
        quote = message.quote(self.start, self.end)
        return Fact(self.fact, self.value, status, quote or None, turn, self.reason, self.amount, self.unit)


def settle(name: str, claims: Iterable[Claim], message: Message, turn: int) -> tuple[Fact | None, Clash | None]:
    """One fact out of all claims about it: the strongest known one wins; equally strong ones that differ are a clash.

    Weak claims that differ make the fact ambiguous; firmer ones contradict each other.

    Returns:
        The fact (None if nothing was claimed) and the clash, if there is one; then the fact is unknown.
    """
    ordered = sorted(claims, key=lambda claim: claim.start)
    if not ordered:
        return None, None
    known = [claim for claim in ordered if claim.value != UNKNOWN]
    strongest = max(claim.strength for claim in known or ordered)
    known = [claim for claim in known if claim.strength == strongest]
    if len({claim.value for claim in known}) > 1:
        first = known[0]
        other = next(claim for claim in known if claim.value != first.value)
        readings = tuple((claim.value, message.quote(claim.start, claim.end)) for claim in (first, other))
        reason = f"The message says both {readings[0][1]!r} and {readings[1][1]!r}."
        kind: Literal["impossible", "ambiguous"] = "ambiguous" if strongest == WEAK else "impossible"
        return Fact(name, turn=turn, reason=reason, quote=readings[0][1]), Clash(name, readings, kind)
    return (known or ordered)[0].to_fact(message, turn), None
