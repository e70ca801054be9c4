"""What kind of data a message speaks of, where no model name tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tunewise.facts.claims import WEAK, Claim
from tunewise.facts.patterns import one_line
from tunewise.facts.text import Message
from tunewise.tables import load_table


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    return {
        name: re.compile(rf"(?<![a-z])(?:{one_line(words)})(?![a-z])")
        for name, words in load_table("reading/modality.yaml").items()
    }


def modality_claims(message: Message) -> Iterator[Claim]:
    """A weak claim about modality: the kind of data whose words are most frequent, the earlier one on a tie."""
    counts = []
    for name, words in _patterns().items():
        matches = list(words.finditer(message.folded))
        if matches:
            counts.append((-len(matches), matches[0].start(), matches[0].end(), name))
    if counts:
        _, start, end, name = min(counts)
        yield Claim("modality", name, start, end, WEAK)
