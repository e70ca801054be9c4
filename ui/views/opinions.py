"""Second opinions: the same situation under other published frameworks, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.ui.views import labels
from tunewise.ui.views.html import empty_state, escape, joined
from tunewise.ui.views.icons import icon

EMPTY = empty_state(
    "No second opinion yet", "With a situation, other published frameworks for the same question are shown beside ours."
)


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """What one framework decides.

    `source` is the sentence or reading it rests on most, `weighed` the facts that bear on it, `ignored` those that it
    never asks about.
    """

    title: str
    primary: str | None
    supporting: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    source: str = ""
    where: str = ""
    weighed: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    is_ours: bool = False


def opinions_html(rows: Sequence[OpinionRow], remarks: Sequence[str] = ()) -> str:
    """One column for each framework, and where they disagree.

    Args:
        rows: Our own framework first.
        remarks: Sentences about agreement and its limits.
    """
    if not rows:
        return EMPTY
    said = "".join(f"<p>{escape(remark)}</p>" for remark in remarks) or f"<p>{escape(agreement(rows))}</p>"
    columns = "".join(opinion_html(row) for row in rows)
    return f'<div class="tw-lead" role="status">{said}</div><div class="tw-opinions">{columns}</div>'


def agreement(rows: Sequence[OpinionRow]) -> str:
    """One sentence: do they recommend the same?"""
    chosen = {row.primary for row in rows if row.primary}
    silent = [row.title for row in rows if row.primary is None]
    text = "They agree." if len(chosen) == 1 else "They do not agree; read what each rests on."
    return f"{text} Silent on this: {', '.join(silent)}." if silent else text


def opinion_html(row: OpinionRow) -> str:
    """One framework's decision."""
    ours = " tw-opinion-ours" if row.is_ours else ""
    head = f"<h3>{escape(row.title)}</h3><p class='tw-primary'>{escape(labels.strategy(row.primary))}</p>"
    lists = _names("With", row.supporting, "plus", "good") + _names("Avoid", row.avoid, "cross", "bad")
    quote = f"<blockquote>{escape(row.source)}</blockquote>" if row.source else ""
    where = f'<p class="tw-where">{escape(row.where)}</p>' if row.where else ""
    facts = _facts("Rests on", row.weighed) + _facts("Never asks about", row.ignored)
    return f'<article class="tw-opinion{ours}">{head}{lists}{quote}{where}{facts}</article>'


def _facts(title: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    text = joined([labels.fact(name).rstrip("?").lower() for name in names])
    return f"<small>{title}: {escape(text)}.</small>"


def _names(title: str, ids: Sequence[str], mark: str, tone: str) -> str:
    if not ids:
        return ""
    rows = "".join(f"<li>{icon(mark)}<span>{escape(labels.strategy(id_))}</span></li>" for id_ in ids)
    return f'<div><h4>{title}</h4><ul class="tw-strategies tw-{tone}-list">{rows}</ul></div>'
