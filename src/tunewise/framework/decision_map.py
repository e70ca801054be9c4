"""The decision map: data size × similarity, one field per combination, coloured by primary strategy."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import east_asian_width

from tunewise.framework.compiled import compile_rules
from tunewise.framework.decide import checked_values, outline
from tunewise.framework.model import Framework
from tunewise.framework.templates import rendered
from tunewise.framework.words import text_in
from tunewise.types import UNKNOWN

COLUMNS, ROWS = "dataset_size", "similarity"
ROW_ORDER = ("high", UNKNOWN, "low")
# Mid-tones that keep a 4.5:1 contrast with the dark text on them, in light and dark surroundings alike.
COLOURS = {
    "green": "#8fd0a5", "lime": "#c5e1a5", "sky": "#b3e0f2", "blue": "#a9c7f2", "violet": "#d3bdf0", "pink": "#f2bfdc",
    "amber": "#ffd27f", "red": "#f4a9a0",
}  # fmt: skip
GREY = "#e0e0e0"
SIZES = {"cell_width": 210, "cell_height": 84, "left": 130, "top": 60}


@dataclass(frozen=True, slots=True)
class MapField:
    """One combination of data size and similarity ("unknown" included there) and what it leads to."""

    dataset_size: str
    similarity: str
    primary: str | None
    supporting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """Fields row by row (similarity high, unknown, low; in each row the sizes of data that the framework tells apart).

    `values` are the other facts, which are the same for all of them.
    """

    framework: Framework
    values: Mapping[str, str]
    cells: tuple[MapField, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The sizes of data, smallest first."""
        return self.framework.facts[COLUMNS].values

    def cell(self, dataset_size: str, similarity: str) -> MapField:
        """The field of one combination."""
        return next(one for one in self.cells if (one.dataset_size, one.similarity) == (dataset_size, similarity))

    def text(self) -> str:
        """The map as a plain table, for terminals and screen readers."""
        width = max(len(cell.primary or "none") for cell in self.cells) + 2
        lines = [" " * 22 + "".join(f"size {size}".ljust(width) for size in self.columns)]
        for row in ROW_ORDER:
            named = [self.cell(size, row).primary or "none" for size in self.columns]
            lines.append(f"similarity {row}".ljust(22) + "".join(name.ljust(width) for name in named))
        return "\n".join(line.rstrip() for line in lines)


def decision_map(framework: Framework, values: Mapping[str, str]) -> DecisionMap:
    """Decide every combination of data size and similarity, the other facts as in `values`.

    Raises:
        SituationError: If the framework lacks one of these two, or a fact of `values`.
    """
    for name in (COLUMNS, ROWS):
        checked_values(framework, {name: UNKNOWN})
    stated = {name: value for name, value in checked_values(framework, values).items() if name not in (COLUMNS, ROWS)}
    cells = []
    for similarity in ROW_ORDER:
        for size in framework.facts[COLUMNS].values:
            chosen = {COLUMNS: size} if similarity == UNKNOWN else {COLUMNS: size, ROWS: similarity}
            cells.append(MapField(size, similarity, *outline(compile_rules(framework), {**stated, **chosen})))
    return DecisionMap(framework, stated, tuple(cells))


def map_svg(chart: DecisionMap, here: Mapping[str, str] | None = None, *, language: str = "en") -> str:
    """The map as an SVG picture that works on light and dark pages and without colour (every field is labelled).

    All its words are the framework's own: "?" stands for a fact that is not known, "▲" for where the user is.

    Args:
        chart: The map to draw.
        here: The user's own facts; their field gets a thick border and a mark, or each field of their row while the
            size is open.
        language: A language of the framework; English where a text lacks it.
    """
    facts, strategies = chart.framework.facts, chart.framework.strategies
    place = (here.get(COLUMNS, UNKNOWN), here.get(ROWS, UNKNOWN)) if here is not None else None

    def value(name: str, raw: str) -> str:
        return "?" if raw == UNKNOWN else text_in(facts[name].value_labels[raw], language)

    def field(size: str, similarity: str) -> dict[str, object]:
        primary = chart.cell(size, similarity).primary
        label = text_in(strategies[primary].label, language) if primary else "–"
        return {
            "lines": _lines(label),
            "colour": _colour(chart, primary),
            "here": place in ((size, similarity), (UNKNOWN, similarity)),
        }

    legend = sorted({cell.primary for cell in chart.cells if cell.primary})
    return rendered(
        "decision_map.svg",
        **SIZES,
        title=f"→ {text_in(facts[COLUMNS].label, language)}   ↓ {text_in(facts[ROWS].label, language)}",
        description=chart.text(),
        columns=[value(COLUMNS, size) for size in chart.columns],
        rows=[(value(ROWS, one), [field(size, one) for size in chart.columns]) for one in ROW_ORDER],
        legend=[(text_in(strategies[id_].label, language), _colour(chart, id_)) for id_ in legend],
        here_text=f"▲ {value(COLUMNS, place[0])}, {value(ROWS, place[1])}" if place else "",
    )


def _lines(label: str) -> list[str]:
    """A label as lines of a field; what stands in brackets is in the legend, wide letters take twice the room."""
    short = re.split(r"\s*[(\uff08]", label, maxsplit=1)[0]
    return textwrap.wrap(short, 13 if any(east_asian_width(letter) == "W" for letter in short) else 24)


def _colour(chart: DecisionMap, id_: str | None) -> str:
    return COLOURS.get(chart.framework.strategies[id_].colour or "", GREY) if id_ else GREY
