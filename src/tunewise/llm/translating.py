"""Puts what is written in another language into English, so that English sources can be searched for it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tunewise.languages import IntoEnglish, language_of, languages
from tunewise.llm.chat import Prompt, to_messages
from tunewise.llm.limits import Limits
from tunewise.llm.prompts import fill_template

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

LONGEST_PIECE = 240
_FEWEST_TOKENS = 20
_SENTENCE = re.compile(r".+?(?:[.!?]+(?=\s)|[\u3002\uff01\uff1f]+|\n|$)", re.DOTALL)
# Shorter numbers are often written out (March is "3 \u6708" in Chinese).
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f ]\d{3})*(?:[.,]\d+)?(?!\s?\u6708)")


def translation_prompt(text: str, language: str) -> Prompt:
    """The request for one piece of text; all but the piece is the same for every piece of a language."""
    known = languages().get(language)
    data = known.into_english if known else IntoEnglish()
    terms = "\n".join(f"{term} = {english}" for term, english in data.terms.items())
    system = fill_template("translating", language=known.name if known else "another language", terms=terms)
    return Prompt(system, (), text, tuple(data.examples.items()))


def to_english(
    model: BaseChatModel,
    text: str,
    language: str,
    *,
    cancel: threading.Event | None = None,
    deadline_s: float | None = None,
) -> str:
    """A text in English, put there by the model piece by piece; an English text comes back unchanged.

    A piece whose translation is empty, not English or lacks one of its numbers is returned in its own words.

    Args:
        model: Any chat model.
        text: What the user wrote.
        language: Its language, as `language_of` says.
        cancel: Ends the work when it is set.
        deadline_s: Most seconds for all of it; None leaves each piece the model's own.

    Raises:
        ModelError: If the model fails, the time is over or the request was cancelled.
    """
    if language == "en":
        return text
    limits = Limits.within(deadline_s or float("inf"), cancel)
    return " ".join(_translated(model, piece, language, limits, cancel) for piece in pieces(text))


def pieces(text: str) -> Iterator[str]:
    """Runs of whole sentences of at most LONGEST_PIECE characters; a longer sentence is cut."""
    piece = ""
    for sentence in (part.strip() for part in _SENTENCE.findall(text)):
        if piece and len(piece) + len(sentence) >= LONGEST_PIECE:
            yield piece
            piece = ""
        piece = f"{piece} {sentence}".strip()
        while len(piece) > LONGEST_PIECE:
            yield piece[:LONGEST_PIECE]
            piece = piece[LONGEST_PIECE:]
    if piece:
        yield piece


def _translated(model: BaseChatModel, piece: str, language: str, limits: Limits, cancel: threading.Event | None) -> str:
    limits.check()
    options: dict[str, Any] = {"max_tokens": _FEWEST_TOKENS + len(piece), "cancel": cancel}
    if limits.left_s < float("inf"):
        options["deadline_s"] = limits.left_s
    answer = model.invoke(to_messages(translation_prompt(piece, language)), stop=["\n"], temperature=0.0, **options)
    english = answer.text.strip()
    return english if _is_usable(english, piece) else piece


def _is_usable(english: str, original: str) -> bool:
    written = _numbers(english)
    kept = all(any(there.startswith(number) for there in written) for number in _numbers(original) if len(number) > 1)
    return bool(english) and language_of(english) == "en" and kept


def _numbers(text: str) -> list[str]:
    """The digits of each number: 3 000, 3.000 and 3,000 are the same."""
    return ["".join(re.findall(r"\d", number)) for number in _NUMBER.findall(text)]
