"""Reading typed facts out of a practitioner's own words, each with its quote."""

from tunewise.facts.editing import edit
from tunewise.facts.quoting import open_facts, quote_facts
from tunewise.facts.reading import Reading, merge, read_message

__all__ = ["Reading", "edit", "merge", "open_facts", "quote_facts", "read_message"]
