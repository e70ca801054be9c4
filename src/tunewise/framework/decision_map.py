"""The decision map: data size × similarity, one field per combination, coloured by primary strategy."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from unicodedata import east_asian_width
from xml.sax.saxutils import escape

from tunewise.framework.compiled import compile_rules
from tunewise.framework.decide import checked_values, outline
from tunewise.framework.model import Framework
from tunewise.types import UNKNOWN

COLUMNS, ROWS = "dataset_size", "similarity"
ROW_ORDER = ("high", UNKNOWN, "low")
COLUMN_ORDER = ("small", UNKNOWN, "large")
# Mid-tones that keep a 4.5:1 contrast with the dark text on them, in light and dark surroundings alike.
COLOURS = {
    "green": "#8fd0a5", "lime": "#c5e1a5", "sky": "#b3e0f2", "blue": "#a9c7f2", "violet": "#d3bdf0", "pink": "#f2bfdc",
    "amber": "#ffd27f", "red": "#f4a9a0",
}  # fmt: skip
GREY = "#e0e0e0"
WIDTH, HEIGHT, LEFT, TOP = 210, 84, 130, 60
STYLE = (
    ".map text{font-family:system-ui,sans-serif;fill:#37474f}.map .t{font-size:16px;font-weight:600}"
    ".map .v{font-size:12px}.map .s{font-size:13px;font-weight:600;fill:#1b1b1b}.map .h{font-size:11px;fill:#1b1b1b}"
    ".map .c{stroke:#78909c;stroke-width:1}.map .here{stroke:#1b1b1b;stroke-width:4}"
    "@media (prefers-color-scheme:dark){.map text{fill:#cfd8dc}.map .s,.map .h{fill:#1b1b1b}"
    ".map .here{stroke:#ffffff}}"
)


@dataclass(frozen=True, slots=True)
class MapField:
    """One combination of data size and similarity ("unknown" included) and what it leads to."""

    dataset_size: str
    similarity: str
    primary: str | None
    supporting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """Fields row by row (similarity high, unknown, low; in each row size small, unknown, large).

    `values` are the other facts, which are the same for all of them.
    """

    framework: Framework
    values: Mapping[str, str]
    cells: tuple[MapField, ...]

    def cell(self, dataset_size: str, similarity: str) -> MapField:
        """The field of one combination."""
        return next(one for one in self.cells if (one.dataset_size, one.similarity) == (dataset_size, similarity))

    def text(self) -> str:
        """The map as a plain table, for terminals and screen readers."""
        width = max(len(cell.primary or "none") for cell in self.cells) + 2
        lines = [" " * 22 + "".join(f"size {size}".ljust(width) for size in COLUMN_ORDER)]
        for row in ROW_ORDER:
            named = [self.cell(size, row).primary or "none" for size in COLUMN_ORDER]
            lines.append(f"similarity {row}".ljust(22) + "".join(name.ljust(width) for name in named))
        return "\n".join(line.rstrip() for line in lines)


def decision_map(framework: Framework, values: Mapping[str, str]) -> DecisionMap:
    """Decide every combination of data size and similarity, the other facts as in `values`."""
    stated = {name: value for name, value in checked_values(framework, values).items() if name not in (COLUMNS, ROWS)}
    cells = []
    for similarity in ROW_ORDER:
        for size in COLUMN_ORDER:
            chosen = {name: value for name, value in ((COLUMNS, size), (ROWS, similarity)) if value != UNKNOWN}
            cells.append(MapField(size, similarity, *outline(compile_rules(framework), {**stated, **chosen})))
    return DecisionMap(framework, stated, tuple(cells))


def map_svg(chart: DecisionMap, here: Mapping[str, str] | None = None, *, language: str = "en") -> str:
    """The map as an SVG picture that works on light and dark pages and without colour (every field is labelled).

    All its words are the framework's own: "?" stands for a fact that is not known, "▲" for where the user is.

    Args:
        chart: The map to draw.
        here: The user's own facts; their field gets a thick border and a mark.
        language: A language of the framework; English where a text lacks it.
    """
    words = _Words(chart.framework, language)
    title = f"→ {words.fact(COLUMNS)}   ↓ {words.fact(ROWS)}"
    place = (here.get(COLUMNS, UNKNOWN), here.get(ROWS, UNKNOWN)) if here is not None else None
    parts = [_text(12, 24, title, "t")]
    for i, size in enumerate(COLUMN_ORDER):
        parts.append(_text(LEFT + (i + 0.5) * WIDTH, TOP - 12, words.value(COLUMNS, size), "v", "middle"))
    for j, similarity in enumerate(ROW_ORDER):
        parts.append(_text(12, TOP + (j + 0.5) * HEIGHT, words.value(ROWS, similarity), "v"))
        for i, size in enumerate(COLUMN_ORDER):
            primary, marked = chart.cell(size, similarity).primary, place == (size, similarity)
            parts += _field(words, primary, LEFT + i * WIDTH, TOP + j * HEIGHT, marked)
    bottom = TOP + 3 * HEIGHT + 26
    legend = [(id_, words.strategy(id_)) for id_ in sorted({cell.primary for cell in chart.cells if cell.primary})]
    for k, (id_, label) in enumerate(legend):
        parts.append(
            f'<rect class="c" x="12" y="{bottom + 22 * k - 11}" width="16" height="14" fill="{words.colour(id_)}"/>'
        )
        parts.append(_text(36, bottom + 22 * k - 4, label, "v"))
    if place:
        at = f"▲ {words.value(COLUMNS, place[0])}, {words.value(ROWS, place[1])}"
        parts.append(_text(12, bottom + 22 * len(legend) - 4, at, "v"))
    width, height = LEFT + 3 * WIDTH + 12, bottom + 22 * (len(legend) + bool(place))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><title>{escape(title)}</title><desc>{escape(chart.text())}</desc>'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Words:
    framework: Framework
    language: str

    def _of(self, texts: Mapping[str, str]) -> str:
        return texts.get(self.language, texts["en"])

    def fact(self, name: str) -> str:
        return self._of(self.framework.facts[name].label)

    def value(self, name: str, value: str) -> str:
        return "?" if value == UNKNOWN else self._of(self.framework.facts[name].value_labels[value])

    def strategy(self, id_: str) -> str:
        return self._of(self.framework.strategies[id_].label)

    def colour(self, id_: str | None) -> str:
        return COLOURS.get(self.framework.strategies[id_].colour or "", GREY) if id_ else GREY


def _field(words: _Words, primary: str | None, x: int, y: int, marked: bool) -> Iterator[str]:
    yield (
        f'<rect class="{"c here" if marked else "c"}" x="{x + 3}" y="{y + 3}" width="{WIDTH - 6}" '
        f'height="{HEIGHT - 6}" rx="6" fill="{words.colour(primary)}"/>'
    )
    # What stands in brackets is in the legend. Wide letters (Chinese) take twice the room.
    label = re.split(r"\s*[(（]", words.strategy(primary), maxsplit=1)[0] if primary else "–"
    lines = textwrap.wrap(label, 13 if any(east_asian_width(letter) == "W" for letter in label) else 24)
    start = y + HEIGHT / 2 - 8 * (len(lines) - 1) - (6 if marked else 0)
    for k, line in enumerate(lines):
        yield _text(x + WIDTH / 2, start + 16 * k, line, "s", "middle")
    if marked:
        yield _text(x + WIDTH / 2, y + HEIGHT - 15, "▲", "h", "middle")


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" dominant-baseline="middle"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'
