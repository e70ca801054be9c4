"""Reading typed facts out of a practitioner's own words, each with its quote."""

from tunewise.facts.borrowed import own_words
from tunewise.facts.editing import edit
from tunewise.facts.proposing import MOST_PROPOSED, open_proposals, refusals, with_quotes
from tunewise.facts.quoting import open_facts, quote_facts
from tunewise.facts.reading import Reading, merge, read_message

__all__ = [
    "MOST_PROPOSED",
    "Reading",
    "edit",
    "merge",
    "open_facts",
    "open_proposals",
    "own_words",
    "quote_facts",
    "read_message",
    "refusals",
    "with_quotes",
]
