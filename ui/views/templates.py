"""Views: Jinja templates beside this file, pure functions of what they are given; all that is no markup is escaped."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from tunewise.desk import offers_of
from tunewise.ui.views import html, labels
from tunewise.ui.views.citations import cited, highlighted, offered

if TYPE_CHECKING:
    from tunewise.framework import FlipPoint

FOLDER = Path(__file__).parent
REPAIRS = {"remove": "leave out", "add": "add", "primary": "make the main strategy"}


def render(view: str, **values: object) -> str:
    """The HTML of a view, for example "chat", for its values.

    Raises:
        jinja2.UndefinedError: If the template uses a value that was not given.
    """
    return ENVIRONMENT.get_template(f"{view}.html").render(values).strip()


def source_of(name: str) -> str:
    """A template on one line: line breaks and indentation at the edge of markup are no text."""
    lines = [line.strip() for line in (FOLDER / name).read_text("utf-8").splitlines()]
    return re.sub(r"(?<=[>}])\n+|\n+(?=[<{])", "", "\n".join(lines)).replace("\n", " ")


def named(values: Mapping[str, str]) -> str:
    """`Amount of data: small and Compute: limited`."""
    return html.joined(f"{labels.fact(name).rstrip('?')}: {labels.value(name, each)}" for name, each in values.items())


def stated(values: Mapping[str, str]) -> str:
    """The same for the middle of a sentence: `amount of data: small and compute: limited`."""
    return html.joined(labels.stated(name, each) for name, each in values.items())


def repair_text(repair: Mapping[str, object]) -> str:
    """`leave out Pruning; make the main strategy LoRA`."""
    lists = {key: each if isinstance(each, list | tuple) else [each] for key, each in repair.items()}
    return "; ".join(f"{REPAIRS.get(key, key)} {html.joined(map(labels.strategy, ids))}" for key, ids in lists.items())


def section_text(section: str) -> str:
    """The heading path with arrows."""
    return " › ".join(part.strip() for part in section.split(" / ") if part.strip())


def flip_text(point: FlipPoint) -> str:
    """`Amount of data: large (about 100,000 examples or more)`; the amount only for facts that are counted."""
    text = f"{labels.fact(point.fact).rstrip('?')}: {labels.value(point.fact, point.after)}"
    if point.amount is None:
        return text
    amount = f"about {point.amount:,.0f}" + (f" {point.unit}" if point.unit else "")
    return f"{text} (fewer than {amount})" if point.below else f"{text} ({amount} or more)"


def when(at: float, now: float | None = None) -> str:
    """`today 14:05`, `yesterday 9:10` or `2026-03-01`, in local time."""
    then, today = datetime.fromtimestamp(at), datetime.fromtimestamp(now if now is not None else time.time())
    days = (today.date() - then.date()).days
    return f"{'yesterday' if days else 'today'} {then:%H:%M}" if days < 2 else f"{then:%Y-%m-%d}"


def icon(name: str) -> Markup:
    """A symbol of `icons.html`, which the page holds once; hidden from screen readers: the text beside it says it."""
    return Markup(f'<svg class="tw-icon" width="18" height="18" aria-hidden="true"><use href="#icon-{name}"/></svg>')


def _printable(value: object) -> object:
    """What is written by `{{ }}`: control characters of a text go, markup stays."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else html.printable(value)


ENVIRONMENT = Environment(
    loader=FunctionLoader(source_of), autoescape=True, undefined=StrictUndefined, finalize=_printable
)
ENVIRONMENT.tests |= {
    "has": lambda container, item: item in container,
    "told_by": lambda when, facts: {*when} <= {*facts},
}
ENVIRONMENT.filters |= {"joined": html.joined, "strategy": labels.strategy, "fact": labels.fact}
ENVIRONMENT.globals |= {
    "button": lambda event, payload=None, caller=None, **values: Markup(
        html.button(str(caller()), event, payload, **values)
    ),
    "cited": cited,
    "flip_text": flip_text,
    "highlighted": highlighted,
    "icon": icon,
    "labels": labels,
    "named": named,
    "offered": offered,
    "offers_of": offers_of,
    "plain_text": lambda text: Markup(html.plain_text(text)),
    "prose": lambda text: Markup(html.prose(text)),
    "repair_text": repair_text,
    "section_text": section_text,
    "stated": stated,
    "when": when,
    "tag": lambda name, caller=None, **values: Markup(html.tag(name, str(caller()), **values)),
}
