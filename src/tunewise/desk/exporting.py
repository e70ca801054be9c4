"""What can be saved of a conversation: decision record, transcript, feedback, and the decision map as a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.desk.state import State
    from tunewise.record import RecordFormat

FORMATS: dict[str, tuple[RecordFormat, str]] = {
    "html": ("html", "text/html"),
    "md": ("markdown", "text/markdown"),
    "json": ("json", "application/json"),
}


class ExportError(TunewiseError):
    """There is nothing to save, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that a door hands out."""

    name: str
    media_type: str
    content: str


def export(advisor: Advisor, state: State, what: str, form: str) -> File:
    """Make the file `what` in the form `form`.

    Raises:
        ExportError: If there is nothing to save, or no such file or form.
    """
    if (what, form) == ("map", "svg"):
        return File("tunewise-map.svg", "image/svg+xml", _map(advisor, state))
    if form not in FORMATS or what not in ("record", "transcript", "feedback"):
        raise ExportError(f"There is no {what!r} in the format {form!r}.")
    format_, media_type = FORMATS[form]
    try:
        if what == "feedback":
            ratings = advisor.conversations.export_feedback(owner=state.owner)
            return File("tunewise-feedback.jsonl", "application/jsonl", ratings)
        if state.conversation is None:
            raise ExportError("There is nothing to save yet. Describe your situation first.")
        content = _record(advisor, state, format_) if what == "record" else _transcript(advisor, state, format_)
    except ExportError:
        raise
    except TunewiseError as error:
        raise ExportError(str(error)) from error
    return File(f"tunewise-{what}-{_stem(state)}.{form}", media_type, content)


def _record(advisor: Advisor, state: State, format_: RecordFormat) -> str:
    """The decision record of the last recommendation, edits of the facts included."""
    from tunewise.record import record_of_turn, write_record

    store, conversation = advisor.conversations, state.conversation or ""
    record = record_of_turn(store, conversation, advisor.framework, advisor.settings, owner=state.owner)
    return write_record(record, format_)


def _transcript(advisor: Advisor, state: State, format_: RecordFormat) -> str:
    return advisor.conversations.transcript(state.conversation or "", format_, owner=state.owner)


def _map(advisor: Advisor, state: State) -> str:
    """The decision map with the situation marked."""
    from tunewise.framework import decision_map, map_svg

    values = state.situation.values() if state.situation else {}
    return map_svg(decision_map(advisor.framework, values), values)


def _stem(state: State) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", state.turns[0].question.lower()).strip("-") if state.turns else ""
    return words[:40].strip("-") or state.conversation or "decision"
