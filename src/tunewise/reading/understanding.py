"""One message understood: by what the reader learned from examples, and by code for numbers, machines and models."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from tunewise.facts.answers import answer_claims
from tunewise.facts.claims import Claim
from tunewise.facts.reading import DETAILS, pattern_claims, reading_of, unsaid
from tunewise.facts.text import Message, read
from tunewise.reading.calibration import calibrated
from tunewise.reading.settling import proposals, signal_claims
from tunewise.reading.signals import MOVES, FactSignal, Signals
from tunewise.types import Reading, ReadMove, Situation

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.reading.reader import Reader

ASKED_FROM = 0.4


def understand(
    message: str,
    *,
    reader: Reader,
    framework: Framework,
    english: str | None = None,
    context: str = "new",
    turn: int = 1,
    previous: Situation | None = None,
    asked: Collection[str] = (),
) -> Reading:
    """Read a message; the same input always gives the same reading.

    Args:
        message: The user's words, of any length.
        reader: What was learned from examples.
        framework: Gives the facts, their values, and the cut-offs of data size.
        english: The message in English; None where it is.
        context: What came before (`signals.context_text`).
        turn: Number of the message in its conversation, from 1.
        previous: The situation so far; later words override earlier ones, edits override both.
        asked: Facts that the reply before asked for.
    """
    text = read(message)
    signals = reader.read(text, context) if english in (None, message) else _carried(reader, english, context, text)
    patterns = pattern_claims(text, framework)
    trust = reader.trust
    readings = calibrated(signals.facts, trust, _by_patterns(patterns, text, framework), len(text.sentences))
    claims = list(signal_claims(text, readings, trust, framework))
    claims += unsaid(answer_claims(text, asked, framework), claims)
    claims += unsaid(_coded(patterns, trust.weights), claims)
    move = max(MOVES, key=lambda name: signals.moves.get(name, 0.0))
    hypothetical = move == "what_if" and bool(previous and previous.values())
    reading = reading_of(text, claims, framework, turn, previous, hypothetical=hypothetical)
    proposed = proposals(text, readings, trust, framework)
    return replace(
        reading,
        learned=True,
        move=cast(ReadMove, move),
        asked=_asked(signals),
        proposed=tuple(each for each in proposed if reading.situation.value(each.fact) != each.value),
    )


def _by_patterns(claims: list[Claim], text: Message, framework: Framework) -> dict[str, str]:
    """The value of each fact that the patterns settle on."""
    settled = reading_of(text, [claim for claim in claims if not claim.counterfactual], framework, 1, None)
    return settled.situation.values()


def _coded(patterns: list[Claim], learned: Mapping[str, object]) -> list[Claim]:
    """What code says by itself: details, and the facts that follow from a model's name."""
    return [
        claim
        for claim in patterns
        if (claim.fact in DETAILS and claim.fact != "n_examples")
        or (claim.fact not in learned and not claim.counterfactual)
    ]


def _asked(signals: Signals) -> tuple[str, ...]:
    """What is asked, most likely first."""
    asked = [ask for ask, probability in signals.asks.items() if probability >= ASKED_FROM]
    return tuple(sorted(asked, key=lambda ask: -signals.asks[ask]))


def _carried(reader: Reader, english: str, context: str, text: Message) -> Signals:
    """Signals of the English text, each carried over to the sentence in the same place of the message."""
    spoken = read(english)
    signals = reader.read(spoken, context)
    starts = [sentence.start for sentence in spoken.sentences]

    def carried(signal: FactSignal) -> FactSignal:
        place = starts.index(signal.start) * len(text.sentences) // len(starts)
        sentence = text.sentences[place]
        return replace(signal, start=sentence.start, end=sentence.end)

    return replace(signals, facts=tuple(map(carried, signals.facts)))
