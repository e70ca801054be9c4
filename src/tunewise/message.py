"""What may come in as a message, and what is said when it cannot be read."""

from __future__ import annotations

import unicodedata

from tunewise.errors import MessageError

MAX_CHARACTERS = 20_000
MAX_CONTROL_SHARE = 0.05


def readable(text: str) -> str:
    """The message, if it is text of a size that can be read.

    Raises:
        MessageError: If it is not a string, too long, or looks like binary data; the message says what to do.
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
    return "".join(character if unicodedata.category(character) != "Cs" else "\ufffd" for character in text)
