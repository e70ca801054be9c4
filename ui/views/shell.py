"""What stays on the page: header, tabs and the message box."""

from __future__ import annotations

from tunewise.ui.views.html import button, escape, tag
from tunewise.ui.views.icons import icon

TABS = (
    ("chat", "Chat"),
    ("advice", "Advice"),
    ("facts", "Situation"),
    ("why", "Why"),
    ("sources", "Sources"),
    ("map", "Map"),
    ("opinions", "Opinions"),
    ("history", "History"),
)

MARK = (
    '<svg class="tw-mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">'
    '<rect width="32" height="32" rx="9" fill="var(--tw-accent)"/>'
    '<g stroke="var(--tw-on-accent)" stroke-width="2.2" stroke-linecap="round">'
    '<path d="M9 8v16M16 8v16M23 8v16" opacity=".45"/></g>'
    '<g fill="var(--tw-on-accent)"><circle cx="9" cy="19.500" r="3"/><circle cx="16" cy="12" r="3"/>'
    '<circle cx="23" cy="16.500" r="3"/></g></svg>'
)


def header_html(engine: str, rules_only: bool, user: str | None = None) -> str:
    """Name, what answers, and the buttons that concern the whole page."""
    state = "quiet" if rules_only else "good"
    new = icon("plus") + "<span>New conversation</span>"
    account = f'<a class="tw-ghost" href="logout">Sign out {escape(user)}</a>' if user else ""
    return (
        f'<header class="tw-header"><h1 class="tw-name">{MARK}<span>Tunewise</span></h1>'
        f'<span class="tw-engine tw-{state}" title="What writes the explanations">{escape(engine)}</span>'
        f'<div class="tw-header-buttons">{account}'
        f"{button(new, 'new', class_='tw-ghost', aria_label='New conversation')}"
        '<button type="button" class="tw-ghost" data-theme-toggle aria-label="Light or dark" '
        f'title="Light or dark">{icon("sun")}</button>'
        "</div></header>"
    )


def tabs_html() -> str:
    """The tab bar; `Chat` is a tab on a phone only (static/page.js moves the focus, arrow keys included)."""
    tabs = "".join(
        tag(
            "button",
            f"<span>{title}</span>",
            type="button",
            role="tab",
            id=f"tab-{name}",
            data_tab=name,
            aria_controls=f"panel-{name}",
            aria_selected="true" if name == "advice" else "false",
            tabindex="0" if name == "advice" else "-1",
        )
        for name, title in TABS
    )
    return f'<div class="tw-tabs" role="tablist" aria-label="Evidence">{tabs}</div>'


def composer_html() -> str:
    """The message box with send and stop. Enter sends, Shift+Enter starts a new line."""
    return (
        '<form class="tw-composer" data-form="send"><label class="tw-hidden" for="message">Your message</label>'
        '<textarea id="message" name="text" rows="1" maxlength="20000" '
        'placeholder="Describe your situation, or ask…" aria-describedby="message-hint"></textarea>'
        f'<button type="submit" class="tw-send" aria-label="Send" title="Send">{icon("send")}</button>'
        f'<button type="button" class="tw-send tw-stop" data-event="stop" data-payload="{{}}" '
        f'aria-label="Stop" title="Stop">{icon("stop")}</button>'
        '</form><p class="tw-hint" id="message-hint">Enter sends, Shift + Enter starts a new line. '
        "Everything stays on this machine.</p>"
    )
