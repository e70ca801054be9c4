"""A conversation written out: Markdown and HTML to read, JSON to keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from tunewise.conversation.records import StoredTurn
from tunewise.errors import ConversationError
from tunewise.record.page import html_page, html_text, markdown_text
from tunewise.record.reply_json import reply_to_json
from tunewise.types import Reply

TranscriptFormat = Literal["markdown", "json", "html"]


def render(title: str, turns: Sequence[StoredTurn], format: TranscriptFormat) -> str:
    """All turns of a conversation in one of the three formats.

    Raises:
        ConversationError: If the format is none of them.
    """
    if format == "json":
        return _json(title, turns)
    if format == "markdown":
        return _markdown(title, turns)
    if format == "html":
        return _html(title, turns)
    raise ConversationError(
        f"Unknown transcript format {format!r}; use one of {', '.join(get_args(TranscriptFormat))}."
    )


def _json(title: str, turns: Sequence[StoredTurn]) -> str:
    steps = [
        {
            "number": turn.number,
            "at": _when(turn.at),
            "message": turn.message,
            "changes": dict(turn.changes),
            "reply": reply_to_json(turn.reply, fact_names=()),
        }
        for turn in turns
    ]
    return json.dumps({"version": 1, "title": title, "turns": steps}, ensure_ascii=False, indent=2) + "\n"


def _markdown(title: str, turns: Sequence[StoredTurn]) -> str:
    parts = [f"# {markdown_text(title)}"]
    for turn in turns:
        said = markdown_text(_said(turn)).replace("\n", "\n> ")
        parts.append(f"## {turn.number}. {_when(turn.at)}\n\n> {said}")
        parts.append(markdown_text(turn.reply.answer))
        parts.extend(f"- {markdown_text(line)}" for line in _outcome(turn.reply))
        parts.extend(
            f"- \\[{markdown_text(each.id)}\\] {markdown_text(each.document)}, {markdown_text(each.section)}: "
            f"“{markdown_text(each.quote)}”"
            for each in turn.reply.citations
        )
    return "\n\n".join(parts) + "\n"


def _html(title: str, turns: Sequence[StoredTurn]) -> str:
    return html_page(title, "\n".join(_html_turn(turn) for turn in turns))


def _html_turn(turn: StoredTurn) -> str:
    outcome = "".join(f"<li>{html_text(line)}</li>" for line in _outcome(turn.reply))
    sources = "".join(
        f"<li><b>{html_text(each.id)}</b> {html_text(each.document)}, {html_text(each.section)}"
        f"<blockquote>{html_text(each.quote)}</blockquote></li>"
        for each in turn.reply.citations
    )
    return (
        f"<section><h2>{turn.number}. <time>{_when(turn.at)}</time></h2>"
        f'<p class="said">{html_text(_said(turn))}</p><p class="answer">{html_text(turn.reply.answer)}</p>'
        + (f"<ul>{outcome}</ul>" if outcome else "")
        + (f"<h3>Sources</h3><ul>{sources}</ul>" if sources else "")
        + "</section>"
    )


def _said(turn: StoredTurn) -> str:
    if turn.message is not None:
        return turn.message
    return "Edited: " + ", ".join(f"{fact} = {value}" for fact, value in sorted(turn.changes.items()))


def _outcome(reply: Reply) -> list[str]:
    lines = []
    if reply.recommendation is not None:
        chosen = ", ".join(reply.recommendation.strategies) or "nothing"
        lines.append(f"Recommended: {chosen} (origin: {reply.recommendation.origin})")
        if reply.recommendation.avoid:
            lines.append(f"To avoid: {', '.join(reply.recommendation.avoid)}")
    if reply.verdict is not None:
        lines.append(f"Verdict: {reply.verdict.status}")
    lines.extend(f"Question: {question.text}" for question in reply.questions)
    return lines


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
