"""A conversation written out: Markdown and HTML to read, JSON to keep."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from tunewise.conversation.records import StoredTurn
from tunewise.errors import ConversationError
from tunewise.record.document import Section, html_document, markdown_document
from tunewise.record.reply_json import reply_to_json
from tunewise.types import Reply

TranscriptFormat = Literal["markdown", "json", "html"]


def render(title: str, turns: Sequence[StoredTurn], format: TranscriptFormat) -> str:
    """All turns of a conversation in one of the three formats.

    Raises:
        ConversationError: If the format is none of them.
    """
    if format == "json":
        written = {"version": 1, "title": title, "turns": [_as_json(turn) for turn in turns]}
        return json.dumps(written, ensure_ascii=False, indent=2) + "\n"
    if format == "markdown":
        return markdown_document(title, [_section(turn) for turn in turns])
    if format == "html":
        return html_document(title, [_section(turn) for turn in turns])
    raise ConversationError(
        f"Unknown transcript format {format!r}; use one of {', '.join(get_args(TranscriptFormat))}."
    )


def _as_json(turn: StoredTurn) -> dict[str, object]:
    return {
        "number": turn.number,
        "at": _when(turn.at),
        "message": turn.message,
        "changes": dict(turn.changes),
        "reply": reply_to_json(turn.reply, fact_names=()),
    }


def _section(turn: StoredTurn) -> Section:
    edited = ", ".join(f"{fact} = {value}" for fact, value in sorted(turn.changes.items()))
    said = f"Edited: {edited}" if turn.message is None else turn.message
    outcome = [("", line) for line in _outcome(turn.reply)]
    sources = [(each.id, f"{each.document}, {each.section}: “{each.quote}”") for each in turn.reply.citations]
    return Section(f"{turn.number}. {_when(turn.at)}", [turn.reply.answer], [said], [*outcome, *sources])


def _outcome(reply: Reply) -> Iterator[str]:
    chosen = reply.recommendation
    if chosen is not None:
        yield f"Recommended: {', '.join(chosen.strategies) or 'nothing'} (origin: {chosen.origin})"
        if chosen.avoid:
            yield f"To avoid: {', '.join(chosen.avoid)}"
    if reply.verdict is not None:
        yield f"Verdict: {reply.verdict.status}"
    yield from (f"Question: {question.text}" for question in reply.questions)


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
