"""What may come in as a message, and what is said when it cannot be read."""

from __future__ import annotations

import unicodedata

from tunewise.errors import MessageError
from tunewise.languages import language_of, languages

MAX_CHARACTERS = 20_000
MAX_CONTROL_SHARE = 0.05


def readable(text: str, *, is_translated: bool = True) -> str:
    """The message, if it is text of a size that can be read.

    Args:
        text: What came in.
        is_translated: Whether a model puts what is in none of the languages into English.

    Raises:
        MessageError: If it is not a string, too long, looks like binary data, or is in a script that nobody here reads;
            the message says what to do.
    """
    if not isinstance(text, str):
        raise MessageError(f"A message must be text, not {type(text).__name__}.")
    if len(text) > MAX_CHARACTERS:
        raise MessageError(
            f"Your message has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read. "
            "Describe the situation in a few sentences: data, model, hardware, what must not be lost."
        )
    odd = sum(unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn") for character in text) - text.count("\n")
    if text and odd > max(8, MAX_CONTROL_SHARE * len(text)):
        raise MessageError("This looks like a binary file, not a message. Describe the situation in plain text.")
    if not is_translated and not language_of(text):
        raise MessageError(_unread_script())
    return "".join(character if unicodedata.category(character) != "Cs" else "\ufffd" for character in text)


def _unread_script() -> str:
    """Which languages are read, each by its own name, so that whoever reads none of the others finds theirs."""
    *others, last = (
        known.called_in(code) for code, known in sorted(languages().items(), key=lambda pair: pair[1].name)
    )
    return f"I cannot read this script. I read {', '.join(others)} and {last}: please write in one of them."
