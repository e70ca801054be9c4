"""Questions about the advice that was just given: why, why not something else, what would change it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tunewise.types import FollowUp

# A question about the advice is short; a long message describes something new.
MAX_WORDS = 25

_WHY_NOT = re.compile(
    r"why (?:not|n't|shouldn't|should(?: i| we)? not|don't|didn't you|can't|is \w+ (?:not|a bad))|what about|"
    r"what(?:'s| is) wrong with|instead of|rather than|wouldn't .{0,40} be better|isn't .{0,40} better|"
    r"为什么不|為什麼不|为何不|怎么不|不能用|可以用.{0,12}吗|pourquoi (?:pas|ne pas)|et si j'utilisais",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"what (?:would|could|might|will) (?:change|alter|flip)|when would (?:this|that|it|the advice) change|"
    r"what if (?:anything|things)|what does it depend on|under what|which fact|"
    r"什么(?:会|能|情况).{0,6}改变|怎样会改变|取决于什么|qu'est-ce qui (?:changerait|ferait)|"
    r"de quoi (?:cela|ça) dépend",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"^\W*(?:but )?(?:why|how come|how so|on what (?:basis|grounds)|says who|explain(?: that| this| why)?|"
    r"为什么|為什麼|为何|依据是什么|pourquoi|explique)\b.{0,60}$",
    re.IGNORECASE,
)


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
    if others and _WHY_NOT.search(message):
        return FollowUp("why_not", others[0])
    if _CHANGE.search(message):
        return FollowUp("change")
    if _WHY.search(message):
        return FollowUp("why_not", others[0]) if others else FollowUp("why")
    return None
