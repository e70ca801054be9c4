"""HTML from text that is not ours: escaping, what is left of Markdown, and citation marks as links.

What a model, a user or a document wrote is escaped before anything is added to it, so that no tag and no remote
address of theirs reaches the browser.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence

CITATION_MARK = re.compile(
    r"\[([A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*(?:\s*[,;]\s*[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)*)\]"
)
_REMOTE_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_MARKDOWN_LINK = re.compile(r"\[([^\]]+)\]\(\s*<?(?:[a-z][a-z0-9+.-]*:|//)[^)]*\)", re.IGNORECASE)
_ADDRESS = re.compile(r"\b(?:https?|ftp|wss?|file|data|javascript)\s*:\s*(?://)?\S+", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_CODE = re.compile(r"`([^`\n]+)`")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+")
_HEADING = re.compile(r"^\s*#{1,6}\s+")

CiteLink = Callable[[str], str]


def escape(text: object) -> str:
    """The text as HTML, quotes included; control characters other than line breaks and tabs are dropped."""
    kept = "".join(char for char in str(text) if char in "\n\t" or ord(char) >= 32)
    return html.escape(kept, quote=True)


def attributes(values: Mapping[str, object]) -> str:
    """` name="value"` for each pair, escaped; None and False are left out, True gives the bare name."""
    parts = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        parts.append(f" {name}" if value is True else f' {name}="{escape(value)}"')
    return "".join(parts)


def tag(name: str, body: str = "", /, **values: object) -> str:
    """An element around ready HTML; underscores in attribute names become hyphens (`class_` is `class`)."""
    named = {key.rstrip("_").replace("_", "-"): value for key, value in values.items()}
    return f"<{name}{attributes(named)}>{body}</{name}>"


def button(label: str, event: str, payload: Mapping[str, object] | None = None, /, **values: object) -> str:
    """A button that sends `event` with `payload` to the server (see static/page.js)."""
    import json

    values.setdefault("class_", "tw-button")
    data = json.dumps(dict(payload or {}), ensure_ascii=False)
    return tag("button", label, type="button", data_event=event, data_payload=data, **values)


def strip_remote(text: str) -> str:
    """The text without remote images, links and addresses: a page that nothing leaves shows none of them."""
    text = _REMOTE_IMAGE.sub(lambda match: f"{match.group(1)} (image removed)".strip(), text)
    text = _MARKDOWN_LINK.sub(lambda match: match.group(1), text)
    text = _TAG.sub(lambda match: "" if "=" in match.group(0) else match.group(0), text)
    return _ADDRESS.sub("(address removed)", text)


def prose(text: str, cite: CiteLink | None = None) -> str:
    """An answer as paragraphs and lists, with **bold**, `code` and citation marks; nothing else of Markdown.

    Args:
        text: What the model or the rules wrote.
        cite: Turns the id inside a mark like [A12] into HTML; without it marks stay as they are.
    """
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", strip_remote(text).strip()):
        if paragraph.strip():
            blocks.append(_block(paragraph.splitlines(), cite))
    return "".join(blocks)


def _block(lines: Sequence[str], cite: CiteLink | None) -> str:
    parts: list[str] = []
    items: list[str] = []
    plain: list[str] = []
    for line in lines:
        if _BULLET.match(line):
            _flush(parts, plain)
            items.append(_inline(_BULLET.sub("", line), cite))
        elif items and line.startswith("  "):
            items[-1] += " " + _inline(line.strip(), cite)
        elif line.strip():
            _flush_items(parts, items)
            plain.append(_inline(_HEADING.sub("", line), cite))
    _flush_items(parts, items)
    _flush(parts, plain)
    return "".join(parts)


def _flush(parts: list[str], plain: list[str]) -> None:
    if plain:
        parts.append(f"<p>{'<br>'.join(plain)}</p>")
        plain.clear()


def _flush_items(parts: list[str], items: list[str]) -> None:
    if items:
        parts.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
        items.clear()


def _inline(text: str, cite: CiteLink | None) -> str:
    safe = escape(text)
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    safe = _CODE.sub(r"<code>\1</code>", safe)
    if cite is None:
        return safe
    return CITATION_MARK.sub(lambda match: "".join(cite(id_) for id_ in re.split(r"\s*[,;]\s*", match.group(1))), safe)


def plain_text(text: str) -> str:
    """A message of the user as paragraphs: escaped, line breaks kept, nothing interpreted."""
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in re.split(r"\n\s*\n", text.strip()))


def joined(parts: Sequence[str], conjunction: str = "and") -> str:
    """`a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"


def empty_state(title: str, text: str) -> str:
    """What a panel shows while it has nothing to show."""
    return f'<div class="tw-empty"><h3>{escape(title)}</h3><p>{escape(text)}</p></div>'


ICONS = {
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "question": '<path d="M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 2M12 17.5v.1"/>',
    "branch": '<path d="M6 4v16M6 12h6a5 5 0 0 0 5-5V5M14 8l3-3 3 3"/>',
    "clash": '<path d="M13 3l-7 10h5l-1 8 8-11h-6z"/>',
    "dash": '<path d="M6 12h12"/>',
    "eye": '<path d="M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.5S2.5 12 2.5 12z"/><circle cx="12" cy="12" r="2.5"/>',
    "send": '<path d="M12 19V5M6 11l6-6 6 6"/>',
    "stop": '<rect x="7" y="7" width="10" height="10" rx="2"/>',
    "retry": '<path d="M4 12a8 8 0 1 0 2.5-5.8M4 4v4.5h4.5"/>',
    "edit": '<path d="M4 20h4L19 9l-4-4L4 16z"/>',
    "up": '<path d="M7 11v9H4v-9zM7 11l4-8c1.7 0 2.5 1 2.5 2.5V9H19c1 0 1.7.9 1.5 1.9l-1.4 7.5A2 2 0 0 1 17.200 20H7"/>',
    "down": '<path d="M7 13V4H4v9zM7 13l4 8c1.700 0 2.500-1 2.500-2.500V15H19c1 0 1.700-.900 1.500-1.900l-1.400-7.500A2 2 0 0 0 17.200 4H7"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "trash": '<path d="M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2"/>',
    "chip": '<rect x="7" y="7" width="10" height="10" rx="2"/><path d="M10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4"/>',
    "table": '<rect x="4" y="5" width="16" height="14" rx="2"/><path d="M4 10h16M10 10v9"/>',
    "pin": '<path d="M12 21s-6.500-5.700-6.500-11a6.500 6.500 0 0 1 13 0c0 5.300-6.500 11-6.500 11z"/><circle cx="12" cy="10" r="2"/>',
    "arrow": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "download": '<path d="M12 4v11M7 11l5 5 5-5M5 20h14"/>',
}


def icon(name: str) -> str:
    """A line icon of ours, hidden from screen readers: the text beside it says the same."""
    return (
        '<svg class="tw-icon" viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" '
        f'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{ICONS[name]}</svg>'
    )
