""" "Is that enough data?": what the asker's amount is enough for, by the framework's cut-offs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunewise.answer.changes import COUNTED
from tunewise.answer.citations import Composed
from tunewise.framework.words import text_in

if TYPE_CHECKING:
    from tunewise.answer.composed import Composer


def compose_amount(composer: Composer) -> Composed | None:
    """What the asker's data are enough for; None where no amount is known, or nothing is to be trained.

    Args:
        composer: Of the asker's facts and what was decided on them.
    """
    framework, phrases, primary = composer.framework, composer.phrases, composer.advice.primary
    size = composer.situation.facts.get(COUNTED)
    if not (size and size.known and size.quote and size.amount and primary and framework.strategies[primary].trains):
        return None
    cutoffs = {str(kind): cutoff for kind, cutoff in framework.parameters.sizes.items()}
    cutoff = cutoffs.get(size.unit or "", cutoffs.get("examples"))
    if cutoff is None:
        return None
    parts = {
        "noun": phrases.noun(primary),
        "quote": phrases.texts.quoted(size.quote),
        "below": phrases.texts.number(cutoff.small_below),
        "from_": phrases.texts.number(cutoff.large_from),
        "unit": text_in(cutoff.unit, phrases.language),
    }
    return composer.say("amount", size.value, None, **parts)
