"""Every way of answering from the conversation, by what a message wants of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tunewise.answer import follow_ups, retelling
from tunewise.answer.citations import Composed
from tunewise.answer.composed import Composer
from tunewise.answer.follow_ups import Talk
from tunewise.answer.small_talk import small_talk
from tunewise.types import FollowUpKind

FROM_ADVICE: Mapping[FollowUpKind, Callable[[Composer], Composed]] = {
    "why": follow_ups.why,
    "verdict": follow_ups.verdict,
    "stands": follow_ups.stands,
    "unsourced": follow_ups.unsourced,
    "back": follow_ups.back,
}
FROM_CONVERSATION: Mapping[FollowUpKind, Callable[[Talk], Composed]] = {
    "why_not": lambda talk: follow_ups.why_not(talk.composer, talk.request.strategies[0]),
    "which_of_two": lambda talk: follow_ups.which_of_two(talk.composer, talk.request.strategies),
    "what_would_change": follow_ups.difference,
    "summarise": retelling.summarise,
    "recall": retelling.recall,
    "source": retelling.source,
    "steps": retelling.steps,
    "time_cost": retelling.time_cost,
}


def converse(talk: Talk) -> Composed:
    """The answer to what a message wants of the conversation; a courtesy has one sentence."""
    kind = talk.request.kind
    if compose := FROM_ADVICE.get(kind):
        return compose(talk.composer)
    return FROM_CONVERSATION.get(kind, small_talk)(talk)
