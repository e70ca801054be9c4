"""One message understood: by what the reader learned from examples, and by code for numbers, machines and models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from tunewise.facts.answers import answer_claims, correction_claims, supposed_claims
from tunewise.facts.claims import WEAK, Claim
from tunewise.facts.dataset import SIZE, present
from tunewise.facts.reading import DETAILS, pattern_claims, reading_of, unsaid
from tunewise.facts.text import Message, read
from tunewise.reading.calibration import calibrated
from tunewise.reading.marking import amounts_in
from tunewise.reading.settling import MOST_PROPOSALS, limits_for, proposals, short_amount, signal_claims
from tunewise.reading.signals import MODEL_TYPE, FactSignal, Signals, context_text, is_question
from tunewise.types import Reading, ReadMove, ReadProject, ReadReality, Situation

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.reading.reader import Reader

ASKED_FROM = 0.4
ASSUMED_FROM = 0.65  # of the type of model, where no model is named
# Share of the moves that end the talk about a case, behind the advice alone, in all moves, before one of them is taken.
# For single ones: of 338 messages of conversations 22 of 23 reach it there, none of the others (.44 at most); behind a
# question any few words are taken for an answer.
SURELY = 0.5
ENDING = frozenset({"small_talk", "outside", "hostile"})
SUPPOSING = "what_if"
# From which probability on a turn begins a new case or goes back to an earlier one, and ends a what-if. The last two
# are rare and asked only where there is an earlier case, or a what-if under way; for authors held out `reader.json`
# says how often they are right.
NEW_FROM, BACK_FROM, RETURNS_FROM = 0.5, 0.15, 0.08
TYPE_REASON = "No model is named; the message as a whole is about one of this type."
LATER = frozenset({"addition", "correction", "follow_up", SUPPOSING})  # moves that need something before them


def understand(
    message: str,
    *,
    reader: Reader,
    framework: Framework,
    english: str | None = None,
    contexts: Sequence[str] = ("new",),
    turn: int = 1,
    previous: Situation | None = None,
    supposed: Situation | None = None,
    asked: Collection[str] = (),
) -> Reading:
    """Read a message; the same input always gives the same reading.

    Args:
        message: The user's words, of any length.
        reader: What was learned from examples.
        framework: Gives the facts, their values, and the cut-offs of data size.
        english: The message in English; None where it is.
        contexts: What came before (`signals.context_text`), in one way or two: facts are read behind the first, what
            is asked and which move it is behind all, whether the talk ends behind the advice alone.
        turn: Number of the message in its conversation, from 1.
        previous: The situation so far; later words override earlier ones, edits override both.
        supposed: What a what-if supposed that was under way; one more goes on from there.
        asked: Facts that the reply before asked for.
    """
    text = read(message)
    foreign = english not in (None, message)
    signals = _signals(reader, text, read(english or "") if foreign else text, contexts)
    patterns, trust = pattern_claims(text, framework), reader.trust
    known = previous.values() if previous else {}
    in_play = {*asked, *known}
    limits = limits_for(text, trust, in_play)
    readings = calibrated(signals.facts, trust, _by_patterns(patterns, text, framework), len(text.sentences))
    if foreign:
        readings = _with_own_amount(readings, text, framework)
    corrected = list(correction_claims(text, previous, turn, framework))
    claims = corrected or list(signal_claims(text, readings, limits, framework))
    claims += unsaid(answer_claims(text, asked, framework), claims)
    if foreign:  # a translation loses some of what the words themselves say
        claims += unsaid([claim for claim in patterns if not claim.counterfactual], claims)
    move = _move(signals, is_first=tuple(contexts) == (context_text(None, None),))
    supposes = move == SUPPOSING and bool(known)
    if supposes:  # the examples state nothing that is only supposed
        claims += unsaid(patterns, claims)
        claims += unsaid(supposed_claims(text, framework), claims)
    claims += unsaid(_coded(patterns, trust.weights), claims)
    if MODEL_TYPE in framework.facts and MODEL_TYPE not in known:
        claims += unsaid(_assumed_type(signals), claims)
    if not supposes:
        claims = present(claims, text, previous)
    before = supposed if supposes and supposed else previous
    reading = reading_of(text, claims, framework, turn, before, hypothetical=supposes)
    proposed = proposals(text, readings, limits, trust.proposed, framework)
    if SIZE not in in_play and all(each.fact != SIZE for each in proposed):
        proposed = (*short_amount(text, patterns), *proposed)[:MOST_PROPOSALS]
    return replace(
        reading,
        learned=True,
        move=move,
        asked=_asked(signals),
        project=_project(signals),
        reality=_reality(signals, supposes=supposes, is_under_way=supposed is not None),
        proposed=tuple(each for each in proposed if reading.situation.value(each.fact) != each.value),
    )


def _signals(reader: Reader, text: Message, spoken: Message, contexts: Sequence[str]) -> Signals:
    """What the reader says of the English text, its facts carried over to the sentences of the message."""
    if not spoken.sentences:
        return Signals()
    every = [reader.read(spoken, context) for context in contexts]
    facts = every[0].facts if text.sentences else ()
    if spoken is not text and facts:
        starts = [sentence.start for sentence in spoken.sentences]
        places = {start: text.sentences[row * len(text.sentences) // len(starts)] for row, start in enumerate(starts)}
        facts = tuple(replace(each, start=places[each.start].start, end=places[each.start].end) for each in facts)
    asks, moves = _mean([each.asks for each in every]), _mean([each.moves for each in every])
    projects, realities = _mean([each.projects for each in every]), _mean([each.realities for each in every])
    behind_advice = next(
        (each for each, context in zip(every, contexts, strict=True) if not is_question(context)), None
    )
    ending = {name: behind_advice.moves[name] for name in ENDING & behind_advice.moves.keys()} if behind_advice else {}
    # either head tells a what-if: precision .92 and recall .72 of authors held out, by the move alone .95 and .64
    supposing = {SUPPOSING: max(moves[SUPPOSING], realities["supposes"])}
    return replace(
        every[0], facts=facts, asks=asks, moves=moves | ending | supposing, projects=projects, realities=realities
    )  # fmt: skip


def _mean(every: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: sum(each[name] for each in every) / len(every) for name in every[0]}


def _move(signals: Signals, *, is_first: bool) -> ReadMove:
    """The likeliest move, a first message's among those that need nothing before them; one that ends the talk about a
    case only where it is sure that one does."""
    possible = {name: each for name, each in signals.moves.items() if not (is_first and name in LATER)}
    ranked = sorted(possible, key=lambda name: -possible[name])
    ending = sum(each for name, each in possible.items() if name in ENDING)
    ends = ending >= SURELY * sum(possible.values())
    likely = [name for name in ranked if ends or name not in ENDING]
    return cast(ReadMove, likely[0]) if likely else "new_case"


def _project(signals: Signals) -> ReadProject:
    if signals.projects.get("new", 0.0) >= NEW_FROM:
        return "new"
    return "back" if signals.projects.get("back", 0.0) >= BACK_FROM else "same"


def _reality(signals: Signals, *, supposes: bool, is_under_way: bool) -> ReadReality:
    if supposes:
        return "supposes"
    return "returns" if is_under_way and signals.realities.get("returns", 0.0) >= RETURNS_FROM else "real"


def _by_patterns(claims: list[Claim], text: Message, framework: Framework) -> dict[str, str]:
    """The value of each fact that the patterns settle on."""
    settled = reading_of(text, [claim for claim in claims if not claim.counterfactual], framework, 1, None)
    return settled.situation.values()


def _with_own_amount(readings: list[FactSignal], text: Message, framework: Framework) -> list[FactSignal]:
    """Readings of a translation, with the size of the amount that the message itself names, where it names one."""
    amounts = amounts_in(text, framework)
    if len(amounts) != 1:
        return readings
    return [replace(each, value=amounts[0].size) if each.fact == SIZE else each for each in readings]


def _coded(patterns: list[Claim], learned: Mapping[str, object]) -> list[Claim]:
    """What code says by itself: the facts that follow from a model's name, and details; but how many examples there are
    the reader says with the size of the data."""
    by_code = [claim for claim in patterns if claim.fact != "n_examples" and claim.fact not in learned]
    return [claim for claim in by_code if claim.fact in DETAILS or not claim.counterfactual]


def _assumed_type(signals: Signals) -> list[Claim]:
    """The type of model that a message is about as a whole, with the sentence that tells it most clearly."""
    for each in signals.facts:
        if each.fact == MODEL_TYPE and signals.model_types.get(each.value, 0.0) >= ASSUMED_FROM:
            return [Claim(MODEL_TYPE, each.value, each.start, each.end, WEAK, "assumed", TYPE_REASON)]
    return []


def _asked(signals: Signals) -> tuple[str, ...]:
    """What is asked, most likely first."""
    asked = [ask for ask, probability in signals.asks.items() if probability >= ASKED_FROM]
    return tuple(sorted(asked, key=lambda ask: -signals.asks[ask]))
