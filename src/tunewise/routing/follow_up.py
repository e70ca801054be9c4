"""Questions about the advice that was just given: why, why not something else, what would change it."""

from __future__ import annotations

from collections.abc import Sequence

from tunewise.routing.topics import shows
from tunewise.types import FollowUp

# A question about the advice is short; a long message describes something new.
MAX_WORDS = 25


def read_follow_up(message: str, mentions: Sequence[str], recommended: Sequence[str]) -> FollowUp | None:
    """Recognise a question about the last advice.

    Args:
        message: The user's words.
        mentions: Ids of the strategies that the message names.
        recommended: Ids of the strategies that were recommended, primary first.

    Returns:
        The follow-up, or None if the message is none.
    """
    if len(message.split()) > MAX_WORDS:
        return None
    others = [id_ for id_ in mentions if id_ not in recommended]
    if others and shows("why_not", message):
        return FollowUp("why_not", others[0])
    if shows("change", message):
        return FollowUp("change")
    if shows("why", message):
        return FollowUp("why_not", others[0]) if others else FollowUp("why")
    return None
