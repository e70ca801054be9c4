"""Second opinions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """Placeholder."""

    title: str = ""


def opinions_html(rows: Sequence[OpinionRow]) -> str:
    """The panel."""
    return ""
