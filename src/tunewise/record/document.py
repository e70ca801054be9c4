"""Sections of text as Markdown, or as one HTML page that loads nothing; `templates/` holds the two forms.

Everything that a template inserts is made safe on the way: control and direction characters go, and neither markup nor
links can come of what a user, a document or a model wrote. The page's policy forbids scripts and every request.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

MARKDOWN_DATA = re.compile(r"^```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HTML_DATA = re.compile(r'<pre id="tunewise-record">(.*?)</pre>', re.DOTALL)

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]|#!~$])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with quotes, paragraphs, list items (name, text), a table (heading row first) and names of pictures
    beside the document (in Markdown only), in this order; each part may be empty."""

    heading: str
    paragraphs: Sequence[str] = ()
    quotes: Sequence[str] = ()
    items: Sequence[tuple[str, str]] = ()
    table: Sequence[Sequence[str]] = ()
    pictures: Sequence[str] = ()

    @property
    def empty(self) -> bool:
        """Nothing but the heading."""
        return not (self.paragraphs or self.quotes or self.items or self.table or self.pictures)


def markdown_document(title: str, sections: Iterable[Section], data: str = "") -> str:
    """A Markdown document; `data` is JSON in ASCII that a program can read back."""
    from markupsafe import Markup

    template = _environment(markdown_text, False).get_template("document.md.j2")
    return template.render(title=title, sections=list(sections), data=Markup(data.rstrip()))


def html_document(title: str, sections: Iterable[Section], data: str = "", language: str = "en") -> str:
    """A whole HTML page; `data` is JSON in ASCII that a program can read back."""
    template = _environment(plain_text, True).get_template("document.html.j2")
    return template.render(title=title, sections=list(sections), data=data, language=language)


def plain_text(text: object) -> str:
    """Text without control and direction characters."""
    return _CONTROL.sub("", str(text))


def markdown_text(text: object) -> str:
    """Text that reads the same in Markdown: no link, image, HTML or emphasis can come of it."""
    if hasattr(text, "__html__"):
        return str(text)
    return _MARKDOWN_SPECIAL.sub(r"\\\1", html.escape(plain_text(text), quote=False))


@cache
def _environment(finalize: Callable[[object], str], autoescape: bool) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        finalize=finalize,
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
