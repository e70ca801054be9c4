"""What was read from this machine or from a dataset, before it becomes facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tunewise.ui.views.html import button, escape
from tunewise.ui.views.icons import icon

if TYPE_CHECKING:
    from tunewise.ui.dataset import DatasetSummary
    from tunewise.ui.hardware import Machine

SHOWN_CLASSES = 12


def dataset_html(summary: DatasetSummary, changes: Mapping[str, str]) -> str:
    """The figures of a dataset, and a button that puts them into the fact sheet."""
    about = "" if summary.is_exact else "about "
    figures = [("Examples", f"{about}{summary.rows:,}")]
    if summary.modality:
        figures.append(("Kind", summary.modality))
    if summary.classes:
        figures.append(("Classes", f"{len(summary.classes)} (by {summary.label})"))
    if summary.imbalance is not None:
        figures.append(("Largest : smallest", f"{summary.imbalance:.1f} : 1"))
    if summary.lengths:
        lengths = summary.lengths
        figures.append(
            (f"Length of {lengths.of}", f"median {lengths.median:.0f}, 95 % up to {lengths.p95:.0f} {lengths.unit}")
        )
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in figures)
    notes = "".join(f'<p class="tw-note">{escape(note)}</p>' for note in summary.notes)
    use = button(f"{icon('check')}Use these figures", "edit", {"changes": dict(changes)})
    return (
        f'<div class="tw-box"><h3>{escape(summary.name)}</h3>'
        f'<dl class="tw-figures">{rows}</dl>{_bars(summary)}{notes}{use}</div>'
    )


def _bars(summary: DatasetSummary) -> str:
    """The classes as bars, most frequent first."""
    if not summary.classes:
        return ""
    most = summary.classes[0][1]
    rows = "".join(
        f'<li><span>{escape(name)}</span><i style="width:{max(2, round(100 * count / most))}%"></i>'
        f"<b>{count:,}</b></li>"
        for name, count in summary.classes[:SHOWN_CLASSES]
    )
    more = len(summary.classes) - SHOWN_CLASSES
    rest = f'<li class="tw-muted">and {more} more</li>' if more > 0 else ""
    return f'<ul class="tw-bars">{rows}{rest}</ul>'


def hardware_html(machine: Machine) -> str:
    """The machine in figures."""
    figures = [("Processor", f"{machine.processor}, {machine.cores} cores"), ("Memory", f"{machine.memory_gb:.0f} GB")]
    figures += [("GPU", f"{gpu.name}, {gpu.memory_gb:.0f} GB") for gpu in machine.gpus] or [
        ("GPU", "shares the main memory" if machine.shares_memory else "none found")
    ]
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in figures)
    return (
        f'<div class="tw-box"><h3>This machine</h3><dl class="tw-figures">{rows}</dl>'
        '<p class="tw-note">It is the machine that serves this page. Filled in below; correct it if you '
        "train elsewhere.</p></div>"
    )


def problem_html(text: str) -> str:
    """A sentence instead of figures."""
    return f'<div class="tw-problem">{icon("clash")}<p>{escape(text)}</p></div>'
