"""What a message changed: facts before and after, in the first sentence of the reply."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed
from tunewise.answer.composed import quotes_of
from tunewise.types import Fact, Recommendation, Situation

if TYPE_CHECKING:
    from tunewise.answer.composed import Composer, Points
    from tunewise.answer.phrases import Phrases

COUNT, COUNTED = "n_examples", "dataset_size"  # the detail that holds the number behind a fact


def changes(phrases: Phrases, before: Situation, after: Situation) -> list[str]:
    """Each fact that is new or changed: "800 → 8,000 images (data size: still small)"."""
    found = [
        _change(phrases, name, before.facts.get(name) or Fact(name), fact)
        for name, fact in after.facts.items()
        if fact.status != "assumed" and fact.turn is not None
    ]
    if COUNTED not in after.facts or not (after.facts[COUNTED].known or after.facts[COUNTED].amount):
        found.append(_amounts(phrases, before.details.get(COUNT), after.details.get(COUNT)))
    return [said for said in found if said]


def entering(phrases: Phrases, before: Situation | None) -> Composed:
    """That another case is spoken of now: a new one, or an earlier one whose facts are these."""
    if before is None:
        return Composed(phrases.texts.say("advice", "project_new"))
    quotes = [phrases.texts.quoted(quote) for quote in quotes_of(before)]
    if not quotes:
        return Composed(phrases.texts.say("advice", "project_old"))
    return Composed(phrases.texts.say("advice", "project_back", quotes=phrases.texts.listed(quotes)))


def with_news(points: Points, composer: Composer, before: Situation, earlier: Recommendation | None) -> Points:
    """Points whose opening says what the message changed, in the facts and in the advice.

    Where the first choice stays, only what is new is said beside it.

    Args:
        points: What there is to say.
        composer: Of the situation after the message.
        before: The situation before it.
        earlier: The advice before it; None before the first.
    """
    phrases, now = composer.phrases, composer.advice
    said = changes(phrases, before, composer.situation)
    if not said or now.primary is None:
        return points
    told = phrases.texts.punctuation["semicolon"].join(said)
    if earlier is None or earlier.primary is None:
        return replace(
            points, opening=phrases.joined([composer.say("advice", "news_only", changes=told), points.opening])
        )
    stays = earlier.primary == now.primary
    key = ("suppose_" if composer.supposed else "news_") + ("stays" if stays else "changes")
    opening = composer.instruction("advice", key, changes=told, before=phrases.noun(earlier.primary))
    if not stays:
        return replace(points, opening=opening, reasons=points.reasons[:1], support=points.support[:1])
    old = earlier.avoid == now.avoid, earlier.supporting == now.supporting
    return replace(
        points, opening=opening, reasons=points.reasons[:1],
        avoid=() if old[0] else points.avoid, support=() if old[1] else points.support,
    )  # fmt: skip


def _change(phrases: Phrases, name: str, old: Fact, new: Fact) -> str:
    if (old.value, old.amount) == (new.value, new.amount) or not (new.known or new.amount):
        return ""
    fact = phrases.fact(name, new.value)
    if not new.known:
        return _amounts(phrases, old, new)
    if old.known:
        label, _, value = fact.partition(phrases.texts.punctuation["colon"])
        key = "value_now" if old.value != new.value else "value_still"
        fact = phrases.texts.say("advice", key, label=label, value=value, colon=phrases.texts.punctuation["colon"])
    if amounts := _amounts(phrases, old, new):
        return phrases.texts.say("advice", "value_of", amount=amounts, fact=fact)
    quote = phrases.texts.quoted(new.quote.strip()) if new.quote else ""
    return phrases.texts.say("advice", "value_said", fact=fact, quote=quote) if quote else fact


def _amounts(phrases: Phrases, old: Fact | None, new: Fact | None) -> str:
    """ "800 → 8,000 images"; "" where there is no number, or the same one."""
    if new is None or not new.amount or (old and old.amount == new.amount):
        return ""
    number = phrases.texts.number
    shown = f"{number(new.amount)} {new.unit or ''}".strip()
    return f"{number(old.amount)} → {shown}" if old and old.amount else shown
