"""Which strategies a message speaks of: tried, planned or asked about."""

from __future__ import annotations

import re
from functools import lru_cache

from tunewise.facts.text import Message
from tunewise.tables import load_table


@lru_cache(maxsize=1)
def _strategies() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (name, re.compile("|".join(patterns))) for name, patterns in load_table("reading/strategies.yaml").items()
    )


def find_mentions(message: Message) -> tuple[str, ...]:
    """Strategy ids the message names, in the order of the message."""
    found = [(match.start(), name) for name, pattern in _strategies() if (match := pattern.search(message.folded))]
    return tuple(name for _, name in sorted(found))
