"""Reading typed facts out of a practitioner's own words, each with its quote."""

from tunewise.facts.editing import edit
from tunewise.facts.proposing import MOST_PROPOSED, open_proposals, refusals, with_quotes
from tunewise.facts.reading import merge, read_message
from tunewise.types import Reading

__all__ = [
    "MOST_PROPOSED",
    "Reading",
    "edit",
    "merge",
    "open_proposals",
    "read_message",
    "refusals",
    "with_quotes",
]
