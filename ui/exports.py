"""What can be saved from the page: decision record, transcript, feedback."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError
from tunewise.ui.state import PageState
from tunewise.ui.views.html import tag

if TYPE_CHECKING:
    from tunewise.advisor import Advisor

FORMATS = {"html": ("html", "text/html"), "md": ("markdown", "text/markdown"), "json": ("json", "application/json")}


class ExportError(TunewiseError):
    """There is nothing to save, or it cannot be read."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that the browser saves."""

    name: str
    media_type: str
    content: str


def export(advisor: Advisor, state: PageState, what: str, form: str) -> File:
    """Make the file `what` ("record", "transcript" or "feedback") in the format `form` ("md", "json" or "html").

    Raises:
        ExportError: If there is nothing to save, or no such file or format.
    """
    if what == "map" and form == "svg":
        return File("tunewise-map.svg", "image/svg+xml", _map(advisor, state))
    if form not in FORMATS or what not in ("record", "transcript", "feedback"):
        raise ExportError(f"There is no {what!r} in the format {form!r}.")
    format_, media_type = FORMATS[form]
    owner = state.owner or None
    try:
        if what == "feedback":
            return File(
                "tunewise-feedback.jsonl", "application/jsonl", advisor.conversations.export_feedback(owner=owner)
            )
        if what == "record":
            return File(f"tunewise-record-{_stem(state)}.{form}", media_type, _record(advisor, state, format_))
        if state.conversation is None:
            raise ExportError("There is no conversation to save yet. Send a message first.")
        text = advisor.conversations.transcript(state.conversation, format_, owner=owner)  # type: ignore[arg-type]
    except ExportError:
        raise
    except TunewiseError as error:
        raise ExportError(str(error)) from error
    return File(f"tunewise-transcript-{_stem(state)}.{form}", media_type, text)


def _record(advisor: Advisor, state: PageState, format_: str) -> str:
    """The decision record of the last recommendation, edits of the facts included."""
    from tunewise.record import record_of_turn, write_record

    if state.conversation is None:
        raise ExportError("There is no recommendation to save yet. Describe your situation first.")
    record = record_of_turn(
        advisor.conversations, state.conversation, advisor.framework, advisor.settings, owner=state.owner or None
    )
    return write_record(record, format_)  # type: ignore[arg-type]


def _map(advisor: Advisor, state: PageState) -> str:
    """The decision map as a picture, with the situation marked."""
    from tunewise.framework import decision_map, map_svg

    values = state.situation.values() if state.situation else {}
    return map_svg(decision_map(advisor.framework, values), values)


def _stem(state: PageState) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", state.turns[0].question.lower()).strip("-") if state.turns else ""
    return words[:40].strip("-") or state.conversation or "decision"


def download_html(file: File) -> str:
    """The file inside the page; the script offers it to the browser, so nothing is written on the server."""
    return tag(
        "div",
        data_download=file.name,
        data_type=f"{file.media_type};charset=utf-8",
        data_content=file.content,
        data_serial=secrets.token_hex(4),
    )
