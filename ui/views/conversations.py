"""Earlier conversations: list, search, resume, rename, delete, and what can be saved from the current one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.ui.views.html import button, escape, tag
from tunewise.ui.views.icons import icon

FORMS = (("html", "Web page"), ("md", "Markdown"), ("json", "JSON"))
EXPORTS = (
    ("record", "Decision record", "The recommendation with everything it rests on; can be replayed and compared."),
    ("transcript", "Transcript", "The whole conversation."),
)


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A stored conversation as the list shows it."""

    id: str
    title: str
    when: str
    turns: int = 0


def conversations_html(
    rows: Sequence[ConversationRow], *, current: str | None, search: str = "", problem: str | None = None
) -> str:
    """The whole panel.

    Args:
        rows: Newest first, already filtered by `search`.
        current: Id of the open conversation.
        search: What the visitor searches for.
        problem: A sentence when conversations cannot be kept (read-only disk, damaged store).
    """
    warning = f'<div class="tw-problem" role="alert">{icon("clash")}<p>{escape(problem)}</p></div>' if problem else ""
    return warning + export_html(current is not None) + _search_html(search) + _list_html(rows, current, search)


def export_html(enabled: bool) -> str:
    """Buttons that save the record or the transcript of the open conversation, and the visitor's feedback."""
    rows = "".join(_export_row(what, name, hint, enabled) for what, name, hint in EXPORTS)
    feedback = _export_button("feedback", "json", "My feedback", "JSON", True)
    rows += (
        '<div class="tw-export"><div><strong>My feedback</strong><small>All your ratings.</small>'
        f"</div>{feedback}</div>"
    )
    hint = "" if enabled else '<p class="tw-note">There is nothing to save before the first message.</p>'
    return f'<section class="tw-plain"><h3>Save</h3>{rows}{hint}</section>'


def _export_row(what: str, name: str, hint: str, enabled: bool) -> str:
    buttons = "".join(_export_button(what, form, name, label, enabled) for form, label in FORMS)
    return (
        f'<div class="tw-export"><div><strong>{escape(name)}</strong><small>{escape(hint)}</small></div>'
        f'<span class="tw-tools">{buttons}</span></div>'
    )


def _export_button(what: str, form: str, name: str, label: str, enabled: bool) -> str:
    return button(
        f"{icon('download')}{escape(label)}",
        "export",
        {"what": what, "form": form},
        disabled=not enabled,
        aria_label=f"Save {name.lower()} as {label}",
    )


def _search_html(search: str) -> str:
    return (
        '<form class="tw-search" data-form="search" role="search"><label class="tw-hidden" for="conversation-search">'
        "Search conversations</label>"
        f'<input id="conversation-search" type="search" name="text" value="{escape(search)}" maxlength="200" '
        'placeholder="Search conversations"><button class="tw-button" type="submit">Search</button></form>'
    )


def _list_html(rows: Sequence[ConversationRow], current: str | None, search: str) -> str:
    if not rows:
        text = f"Nothing found for “{search}”." if search else "Conversations are kept on this machine and listed here."
        return f'<p class="tw-note">{escape(text)}</p>'
    items = "".join(_row_html(row, row.id == current) for row in rows)
    return f'<h3>Conversations</h3><ul class="tw-conversations">{items}</ul>'


def _row_html(row: ConversationRow, is_open: bool) -> str:
    turns = f"{row.turns} message{'' if row.turns == 1 else 's'}" if row.turns else "no messages"
    opener = button(
        f"<strong>{escape(row.title)}</strong><small>{escape(row.when)} · {turns}</small>",
        "open",
        {"id": row.id},
        class_="tw-open",
        aria_current="true" if is_open else None,
    )
    rename = (
        f'<details class="tw-rename" data-key="rename-{escape(row.id)}"><summary title="Rename">{icon("edit")}'
        f'<span class="tw-hidden">Rename {escape(row.title)}</span></summary>'
        f'<form data-form="rename" data-id="{escape(row.id)}">'
        f'<label class="tw-hidden" for="rename-{escape(row.id)}">New name</label>'
        f'<input id="rename-{escape(row.id)}" name="title" value="{escape(row.title)}" maxlength="120">'
        '<button class="tw-button" type="submit">Rename</button></form></details>'
    )
    delete = button(
        f'{icon("trash")}<span class="tw-hidden">Delete {escape(row.title)}</span>',
        "delete",
        {"id": row.id},
        class_="tw-ghost",
        data_confirm=f"Delete “{row.title}”? This cannot be undone.",
        title="Delete",
    )
    return tag("li", opener + rename + delete, class_="tw-open-row" if is_open else None)
