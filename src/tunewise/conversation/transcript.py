"""A conversation written out: Markdown and HTML to read, JSON to keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import get_args

from tunewise.conversation.records import StoredTurn
from tunewise.errors import ConversationError
from tunewise.record.document import DocumentFormat, render
from tunewise.record.reply_json import reply_to_json


def write_transcript(title: str, turns: Sequence[StoredTurn], format: DocumentFormat) -> str:
    """All turns of a conversation in one of the three formats.

    Raises:
        ConversationError: If the format is none of them.
    """
    if format == "json":
        written = {"version": 1, "title": title, "turns": [_as_json(turn) for turn in turns]}
        return json.dumps(written, ensure_ascii=False, indent=2) + "\n"
    if format not in get_args(DocumentFormat):
        known = ", ".join(get_args(DocumentFormat))
        raise ConversationError(f"Unknown transcript format {format!r}; use one of {known}.")
    return render("transcript", format, title=title, turns=turns, when=_when)


def _as_json(turn: StoredTurn) -> dict[str, object]:
    return {
        "number": turn.number,
        "at": _when(turn),
        "message": turn.message,
        "changes": dict(turn.changes),
        "reply": reply_to_json(turn.reply, fact_names=()),
    }


def _when(turn: StoredTurn) -> str:
    return datetime.fromtimestamp(turn.at, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
