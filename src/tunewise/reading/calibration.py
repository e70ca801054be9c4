"""How far a reading is to be trusted: its probability beside its rival's, and what the patterns say of the same fact.

Alone, patterns read far less than the learned reader, and less rightly; as a second opinion they make it surer. The
weights are fitted, for each fact, on what readers said of messages by authors whom they had not seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunewise.reading.signals import FactSignal

SMALLEST = 1e-4  # probability


@dataclass(frozen=True, slots=True)
class Trust:
    """How far readings are trusted: for each fact weights over its `features` (the last is the intercept), and from
    which trust on a fact counts as stated, and from which it is proposed. Behind a question, a fact counts as stated
    from `answered` on."""

    weights: Mapping[str, tuple[float, ...]]
    stated: float
    answered: float
    proposed: float

    def in_reading(self, fact: str, evidence: Sequence[float]) -> float:
        """Probability that the reading of a fact is right."""
        return logistic(self.weights[fact], evidence)


def logistic(weights: Sequence[float], evidence: Sequence[float]) -> float:
    """What a fitted logistic regression makes of evidence (0 to 1); the last of the weights is the intercept."""
    terms = zip(weights, (*evidence, 1.0), strict=True)
    return 1 / (1 + math.exp(-sum(weight * term for weight, term in terms)))


def features(best: float, rival: float, agrees: bool | None, sentences: int, own: float) -> tuple[float, ...]:
    """What the trust in a reading rests on.

    Args:
        best: Probability of the likeliest value.
        rival: Probability of the next one; 0 if there is none.
        agrees: Whether the patterns read that value; None where they read none.
        sentences: How many the message has.
        own: Probability that an amount or a machine of that value is the asker's own; 0.5 where none is named.
    """
    opinion = float(agrees is True), float(agrees is False)
    return logit(best), logit(rival), *opinion, math.log1p(sentences), logit(own)


def calibrated(
    signals: Sequence[FactSignal], trust: Trust, patterns: Mapping[str, str], sentences: int
) -> list[FactSignal]:
    """The likeliest value of each fact, with how far it is to be trusted as its probability.

    Args:
        signals: Of all values of all facts.
        trust: Fitted on authors that the reader had not seen.
        patterns: Fact → value that the patterns read.
        sentences: How many the message has.
    """
    by_fact: dict[str, list[FactSignal]] = {}
    for signal in sorted(signals, key=lambda signal: -signal.probability):
        by_fact.setdefault(signal.fact, []).append(signal)
    found = []
    for fact, (best, *others) in by_fact.items():
        agrees = patterns[fact] == best.value if fact in patterns else None
        rival = others[0].probability if others else 0.0
        evidence = features(best.probability, rival, agrees, sentences, best.own)
        found.append(FactSignal(fact, best.value, trust.in_reading(fact, evidence), best.start, best.end))
    return found


def logit(probability: float) -> float:
    """The log odds of a probability, which is kept off 0 and 1."""
    bounded = min(max(probability, SMALLEST), 1 - SMALLEST)
    return math.log(bounded / (1 - bounded))
