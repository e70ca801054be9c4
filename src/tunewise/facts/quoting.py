"""Asking the model to copy the words that state a fact, where the patterns have not found any.

The model only points at words; `quoted.py` reads values from them. A span that is not in the message is dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tunewise.errors import ModelError
from tunewise.facts.patterns import one_line
from tunewise.facts.reading import Reading
from tunewise.facts.text import fold
from tunewise.llm.chat import Prompt, to_messages
from tunewise.llm.prompts import fill_template
from tunewise.tables import load_table
from tunewise.types import UNKNOWN

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

QUOTABLE = ("dataset_size", "similarity", "compute", "forgetting_concern", "latency_critical")
MAX_TOKENS = 160
LONGEST_MESSAGE = 1600
LONGEST_SPAN = 160


@lru_cache(maxsize=1)
def _hints() -> dict[str, re.Pattern[str]]:
    return {name: re.compile(one_line(words)) for name, words in load_table("reading/quoting.yaml")["hints"].items()}


def open_facts(reading: Reading, message: str) -> tuple[str, ...]:
    """Facts worth asking the model about: left open by the patterns, with words in the message that hint at them.

    Empty for messages that do not speak of the asker's own work: there is nothing of theirs to quote.
    """
    if not reading.is_situated:
        return ()
    folded = fold(message[:LONGEST_MESSAGE])
    facts = reading.situation.facts
    return tuple(
        name
        for name in QUOTABLE
        if name in reading.missing and facts[name].reason is None and _hints()[name].search(folded)
    )


def quote_facts(model: BaseChatModel, message: str, names: Sequence[str], **options: Any) -> dict[str, str]:
    """Ask the model for the words of the message that state each fact.

    Args:
        model: Any chat model; a local one can only copy spans of the message.
        message: The user's words; only the first 1,600 characters are shown to the model.
        names: Facts to ask for; those that the prompt does not explain are left out.
        options: Passed on to the model (cancel, deadline_s).

    Returns:
        Fact → span that stands in the message letter for letter; {} if the model failed or answered otherwise.
    """
    from tunewise.llm.grammar import quotes_grammar

    wanted = [name for name in QUOTABLE if name in names]
    shown = message[:LONGEST_MESSAGE]
    if not wanted or not shown.strip():
        return {}
    prompt = quoting_prompt(shown)
    grammar = quotes_grammar(wanted, shown)
    try:
        answer = model.invoke(to_messages(prompt), grammar=grammar, max_tokens=MAX_TOKENS, copy_from=shown, **options)
    except ModelError:
        return {}
    return {name: span for name, span in _parse(str(answer.text)).items() if name in wanted and _is_copied(span, shown)}


def quoting_prompt(message: str) -> Prompt:
    """Instructions and worked examples as fixed text, whose state the local model keeps, then the message."""
    fixed, label, tail = fill_template("quoting", message="$message").rpartition("Message: ")
    return Prompt(system=fixed.rstrip(), passages=(), tail=label + tail.replace("$message", message))


def _is_copied(span: str, message: str) -> bool:
    return bool(span.strip()) and len(span) <= LONGEST_SPAN and span in message and span.lower() != UNKNOWN


def _parse(text: str) -> dict[str, str]:
    """The JSON object of the answer; {} if there is none, or if it is anything but texts."""
    try:
        data = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {str(name): span for name, span in data.items() if isinstance(span, str)}
