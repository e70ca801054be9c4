"""Documents to read, as Markdown or as one HTML page that loads nothing; `templates/` holds their text.

A document's template says what stands in it, by the macros that `markdown.j2` and `html.j2` both define. Everything
that a template inserts is made safe on the way: control and direction characters go, and neither markup nor links can
come of what a user, a document or a model wrote. The page's policy forbids scripts and every request.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from jinja2 import Environment

DocumentFormat = Literal["json", "markdown", "html"]
MARKDOWN_DATA = re.compile(r"^```json\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HTML_DATA = re.compile(r'<pre id="tunewise-record">(.*?)</pre>', re.DOTALL)

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]|#!~$])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def render(template: str, form: Literal["markdown", "html"], **values: object) -> str:
    """A document of `templates/` in one of the two forms, from the values that it names.

    A value `data` is JSON in ASCII that a program can read back.
    """
    return _environment(form).get_template(f"{template}.j2").render(form=f"{form}.j2", **values)


def words(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")


@cache
def _environment(form: str) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def inserted(value: object) -> object:
        """A value without control and direction characters; Markup was made safe when it was made."""
        if isinstance(value, Markup):
            return value
        text = _CONTROL.sub("", str(value))
        if form == "html":
            return text
        return Markup(_MARKDOWN_SPECIAL.sub(r"\\\1", html.escape(text, quote=False)))

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        finalize=inserted,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = words
    return environment
