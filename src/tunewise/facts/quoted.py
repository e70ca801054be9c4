"""Values from spans that a model copied out of the message as stating a fact.

The span is evidence of *where*, code still has to read *what*: with the ordinary patterns first, then with looser ones
that are only safe because somebody already said which fact the words are about. Nothing is read from a span that is
not in the message, or about a fact that the patterns have read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from tunewise.facts.claims import WEAK, Claim
from tunewise.facts.cues import is_counterfactual
from tunewise.facts.dataset import classify
from tunewise.facts.numbers import find_numbers
from tunewise.facts.patterns import one_line, pattern
from tunewise.facts.quantities import find_quantities
from tunewise.facts.text import Message
from tunewise.tables import load_table

if TYPE_CHECKING:
    from tunewise.framework.model import Framework


@lru_cache(maxsize=1)
def _values() -> dict[str, tuple[tuple[str, re.Pattern[str]], ...]]:
    return {
        name: tuple((row["value"], re.compile(one_line(row["words"]))) for row in rows)
        for name, rows in load_table("reading/quoting.yaml")["values"].items()
    }


def quoted_claims(
    message: Message, quotes: Mapping[str, str], known: list[Claim], framework: Framework
) -> Iterator[Claim]:
    """Weak claims from copied spans about facts on which the patterns said nothing."""
    already = {claim.fact for claim in known}
    for name, span in sorted(quotes.items()):
        start = message.raw.find(span) if span.strip() else -1
        if start < 0 or name in already:
            continue
        end = start + len(span)
        supposed = is_counterfactual(message.sentence_at(start), start - message.sentence_at(start).start)
        amount = _amount(message, start, end, framework) if name == "dataset_size" else None
        if amount:
            value, reason, number = amount
            yield Claim(
                name, value, start, end, WEAK, reason=reason, amount=number, unit="examples", counterfactual=supposed
            )
            continue
        values = [value for value, words in _values().get(name, ()) if words.search(message.folded[start:end])]
        if values and (len(values) == 1 or values[0] == "no"):
            yield Claim(name, values[0], start, end, WEAK, counterfactual=supposed)


def _amount(message: Message, start: int, end: int, framework: Framework) -> tuple[str, str | None, float] | None:
    """The one number of the span, unless it counts something else, or the patterns saw it and did not take it."""
    span = message.folded[start:end]
    numbers = [number for number in find_numbers(span) if number.value >= 10]
    if (
        len(numbers) != 1
        or pattern("quoted.other_number").search(span)
        or find_quantities(message.folded[start : end + 40])
    ):
        return None
    value, reason = classify(numbers[0].value, "examples", framework)
    return value, reason, numbers[0].value
