"""What can be saved: decision record, transcript, decision map as a picture, all feedback, all that was wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError

if TYPE_CHECKING:
    from tunewise.desk.history import History
    from tunewise.desk.state import State
    from tunewise.framework import Framework
    from tunewise.record import DocumentFormat

FORMATS: dict[str, tuple[DocumentFormat, str]] = {
    "html": ("html", "text/html"),
    "md": ("markdown", "text/markdown"),
    "json": ("json", "application/json"),
}


class ExportError(TunewiseError):
    """There is nothing to save, or it cannot be saved."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that a door hands out."""

    name: str
    media_type: str
    content: str | bytes


def export(history: History, framework: Framework, state: State, what: str, form: str) -> File:
    """Make the file `what` in the form `form`.

    Raises:
        ExportError: If there is nothing to save, or no such file or form.
        TunewiseError: If what is to be saved cannot be read.
    """
    if (what, form) == ("map", "svg"):
        from tunewise.framework import decision_map, map_svg

        values = state.situation.values() if state.situation else {}
        return File("tunewise-map.svg", "image/svg+xml", map_svg(decision_map(framework, values), values))
    if form not in FORMATS or what not in ("record", "transcript", "feedback", "misses"):
        raise ExportError(f"There is no {what!r} in the format {form!r}.")
    if what == "feedback":
        return File("tunewise-feedback.jsonl", "application/jsonl", history.feedback())
    if what == "misses":
        return File("tunewise-misses.jsonl", "application/jsonl", history.misses())
    if state.conversation is None:
        raise ExportError("There is nothing to save yet. Describe your situation first.")
    format_, media_type = FORMATS[form]
    content = (history.record if what == "record" else history.transcript)(state.conversation, format_)
    return File(f"tunewise-{what}-{stem_of(state)}.{form}", media_type, content)


def stem_of(state: State) -> str:
    """What a file is called after: the first words of the conversation, else its id."""
    words = re.sub(r"[^a-z0-9]+", "-", state.turns[0].question.lower()).strip("-") if state.turns else ""
    return words[:40].strip("-") or state.conversation or "situation"
