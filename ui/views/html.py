"""HTML from text that is not ours: escaping, what is left of Markdown, and citation marks as links.

What a model, a user or a document wrote is escaped before anything is added to it, so that no tag and no remote
address of theirs reaches the browser.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping

from markdown_it import MarkdownIt

CITATION_MARK = re.compile(
    r"\[([A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*(?:\s*[,;]\s*[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)*)\]"
)
_MARK_AND_SPACE = re.compile(r"[ \t]*" + CITATION_MARK.pattern)
_REMOTE_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_MARKDOWN_LINK = re.compile(r"\[([^\]]+)\]\(\s*<?(?:[a-z][a-z0-9+.-]*:|//)[^)]*\)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\b(?:https?|ftp|wss?)\s*:\s*//\S+|\bfile:/\S+|\bjavascript:\S+|\bdata:[a-z]+/\S+", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BULLET = re.compile(r"^(\s*)•\s+", re.MULTILINE)
_MARKDOWN = MarkdownIt("zero", {"breaks": True}).enable(
    ["backticks", "emphasis", "fence", "heading", "list", "newline"]
)
for _heading in ("heading_open", "heading_close"):  # an answer has no outline of its own
    _MARKDOWN.add_render_rule(_heading, lambda _renderer, tokens, at, *_: "<p>" if tokens[at].nesting > 0 else "</p>")

_MARKDOWN.add_render_rule(
    "fence", lambda _renderer, tokens, at, *_: f'<pre tabindex="0"><code>{_lines(tokens[at].content)}</code></pre>'
)

CiteLink = Callable[[str], str]


def _lines(code: str) -> str:
    return "<br>".join(html.escape(line) for line in code.rstrip("\n").split("\n"))


def printable(text: str) -> str:
    """The text without control characters other than line breaks and tabs."""
    return "".join(char for char in text if char in "\n\t" or ord(char) >= 32)


def escape(text: object) -> str:
    """The text as HTML, quotes included; control characters are dropped."""
    return html.escape(printable(str(text)), quote=True)


def attributes(values: Mapping[str, object]) -> str:
    """` name="value"` for each pair, escaped; None and False are left out, True gives the bare name."""
    given = {name: value for name, value in values.items() if value is not None and value is not False}
    return "".join(f" {name}" if value is True else f' {name}="{escape(value)}"' for name, value in given.items())


def tag(name: str, body: str = "", /, **values: object) -> str:
    """An element around ready HTML; underscores in attribute names become hyphens (`class_` is `class`)."""
    named = {key.rstrip("_").replace("_", "-"): value for key, value in values.items()}
    return f"<{name}{attributes(named)}>{body}</{name}>"


def button(label: str, event: str, payload: Mapping[str, object] | None = None, /, **values: object) -> str:
    """A button that sends `event` with `payload` to the server (see static/page.js)."""
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
    # Every line break in what the renderer returns is layout: those of the text have become <br>.
    written = str(_MARKDOWN.render(_BULLET.sub(r"\1- ", strip_remote(printable(text))))).replace("\n", "")
    if cite is None:
        return written
    # A narrow space that does not break, so that no line begins with a mark.
    return _MARK_AND_SPACE.sub(lambda match: "\u202f" + "".join(map(cite, ids_of(match.group(1)))), written)


def ids_of(mark: str) -> list[str]:
    """The passage ids inside a citation mark."""
    return re.split(r"\s*[,;]\s*", mark)


def plain_text(text: str) -> str:
    """A message of the user as paragraphs: escaped, line breaks kept, nothing interpreted."""
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in re.split(r"\n\s*\n", text.strip()))


def joined(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    *first, last = list(parts) or [""]
    return f"{', '.join(first)} and {last}" if first else last
