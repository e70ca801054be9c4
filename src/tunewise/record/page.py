"""Safe text for Markdown and HTML, and the self-contained page that holds it.

Everything that a user, a document or a model wrote passes through `html_text` or `markdown_text`. The page loads
nothing: its policy forbids scripts and every request.
"""

from __future__ import annotations

import html
import re

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]|#!~$])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2rem; border-bottom: 1px solid #8886; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top;
  padding: .3rem .6rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
blockquote { margin: .3rem 0; padding-left: .8rem; border-left: 3px solid #8888; }
.said { background: #8882; padding: .6rem .8rem; border-radius: .4rem; white-space: pre-wrap; }
.answer { white-space: pre-wrap; } .badge { font-weight: 600; padding: .1rem .5rem; border: 1px solid; }
code { overflow-wrap: anywhere; }
@media print { body { max-width: none; margin: 0; font-size: 11pt; } section, tr, li { break-inside: avoid; } }
"""


def html_text(text: object) -> str:
    """Text for an HTML element or attribute: escaped, without control and direction characters."""
    return html.escape(_CONTROL.sub("", str(text)))


def markdown_text(text: object) -> str:
    """Text that reads the same in Markdown: no link, image, HTML or emphasis can come of it."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", html.escape(_CONTROL.sub("", str(text)), quote=False))


def html_page(title: str, body: str, language: str = "en") -> str:
    """A whole page around `body`, which must already be safe HTML."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="{html_text(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{html_text(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
