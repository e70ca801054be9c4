"""The decision map: data size × similarity, with what-if controls and a table for readers who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MapView:
    """Placeholder."""

    svg: str = ""


def map_html(view: MapView) -> str:
    """The panel."""
    return view.svg
