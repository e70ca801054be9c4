"""What people marked as wrong, as rows of a case file: with the right values filled in, each is an example.

A row has the message, the facts that were read of it without the wrong ones (where a wrong one was set by hand
afterwards, that is its value), and under `wrong` what was marked. `tunewise eval` reads such files as they are.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunewise.record.reply_json import SCORED_FACTS

if TYPE_CHECKING:
    from tunewise.conversation import ConversationStore, StoredTurn, Wrong

UNKNOWN = "unknown"


def misses(store: ConversationStore, owner: str | None = None) -> str:
    """One case a line (JSON), oldest first; "" where nothing was marked.

    Raises:
        ConversationError: If the store cannot be read.
    """
    marked: dict[tuple[str, int], list[Wrong]] = defaultdict(list)
    for each in store.wrong(owner=owner):
        marked[each.conversation, each.turn].append(each)
    rows = []
    for (conversation, number), wrong in marked.items():
        turns = store.turns(conversation, owner=owner)
        rows.append(_row(conversation, number, turns, wrong))
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _row(conversation: str, number: int, turns: Sequence[StoredTurn], wrong: Sequence[Wrong]) -> dict[str, object]:
    turn = next(one for one in turns if one.number == number)
    read = turn.reply.situation.values()
    named = {one.said for one in wrong if one.what == "fact"}
    facts = {fact: UNKNOWN if fact in named else read.get(fact, UNKNOWN) for fact in SCORED_FACTS}
    for later in turns:
        if later.number > number and later.message is None:
            facts |= {fact: value for fact, value in later.changes.items() if fact in named & set(facts)}
    return {
        "id": f"{conversation}-{number}",
        "kind": "situation" if turn.reply.recommendation else "knowledge",
        "lang": turn.reply.language,
        "question": turn.message or "",
        "facts": facts,
        "expected": {},
        "label_confidence": "low",
        "wrong": [
            {"fact": one.said, "read": read.get(one.said, UNKNOWN)} if one.what == "fact" else {"sentence": one.said}
            for one in wrong
        ],
    }
