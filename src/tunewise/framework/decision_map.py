"""The decision map: data size × similarity, one cell per combination, coloured by primary strategy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    "use_as_is": "#cfd8dc", "evaluate_first": "#b3e0f2", "linear_probing": "#c5e1a5", "feature_extraction": "#8fd0a5",
    "lora": "#ffd27f", "adapters": "#ffe7b3", "progressive_unfreezing": "#e0b7e8", "full_fine_tuning": "#f4a9a0",
}  # fmt: skip
OTHER_COLOUR = "#e0e0e0"
TITLES = {
    "en": "Primary strategy by data size and similarity",
    "zh": "按数据量和相似度划分的主要策略",
    "fr": "Stratégie principale selon la taille et la similarité des données",
}
UNKNOWN_LABEL = {"en": "not known", "zh": "未知", "fr": "inconnu"}
HERE_LABEL = {"en": "you are here", "zh": "你在这里", "fr": "vous êtes ici"}


@dataclass(frozen=True, slots=True)
class MapCell:
    """One combination of data size and similarity ("unknown" included) and what it leads to."""

    dataset_size: str
    similarity: str
    primary: str | None
    supporting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionMap:
    """Cells row by row (similarity high, unknown, low; in each row size small, unknown, large).

    `values` are the other facts, which are the same for all cells; `labels` names strategies and axis values.
    """

    framework: str
    values: Mapping[str, str]
    cells: tuple[MapCell, ...]
    labels: Mapping[str, Mapping[str, str]]

    def cell(self, dataset_size: str, similarity: str) -> MapCell:
        """The cell of one combination."""
        wanted = (dataset_size, similarity)
        return next(cell for cell in self.cells if (cell.dataset_size, cell.similarity) == wanted)

    def text(self) -> str:
        """The map as a plain table, for terminals and screen readers."""
        width = max(len(cell.primary or "none") for cell in self.cells) + 2
        lines = [" " * 22 + "".join(f"size {size}".ljust(width) for size in COLUMN_ORDER)]
        for row in ROW_ORDER:
            cells = [self.cell(size, row).primary or "none" for size in COLUMN_ORDER]
            lines.append(f"similarity {row}".ljust(22) + "".join(cell.ljust(width) for cell in cells))
        return "\n".join(line.rstrip() for line in lines)


def decision_map(framework: Framework, values: Mapping[str, str]) -> DecisionMap:
    """Decide every combination of data size and similarity, the other facts as in `values`."""
    stated = {name: value for name, value in checked_values(framework, values).items() if name not in (COLUMNS, ROWS)}
    cells = []
    for similarity in ROW_ORDER:
        for size in COLUMN_ORDER:
            chosen = {name: value for name, value in ((COLUMNS, size), (ROWS, similarity)) if value != UNKNOWN}
            cells.append(MapCell(size, similarity, *outline(compile_rules(framework), {**stated, **chosen})))
    return DecisionMap(framework.name, stated, tuple(cells), _labels(framework))


def _labels(framework: Framework) -> dict[str, Mapping[str, str]]:
    labels: dict[str, Mapping[str, str]] = {id_: spec.label for id_, spec in framework.strategies.items()}
    for name in (COLUMNS, ROWS):
        labels[name] = framework.facts[name].label
        labels |= {f"{name}={value}": texts for value, texts in framework.facts[name].value_labels.items()}
    return labels


def map_svg(chart: DecisionMap, here: Mapping[str, str] | None = None, *, language: str = "en") -> str:
    """The map as an SVG picture that works on light and dark pages and without colour (every cell is labelled).

    Args:
        chart: The map to draw.
        here: The user's own facts; their cell gets a thick border and a mark.
        language: "en", "zh" or "fr".
    """
    width, height, left, top = 210, 84, 130, 78
    position = {COLUMNS: UNKNOWN, ROWS: UNKNOWN, **(here or {})} if here is not None else None
    parts = [_text(12, 24, TITLES.get(language, TITLES["en"]), "t")]
    axes = f"→ {_label(chart, COLUMNS, language)}    ↓ {_label(chart, ROWS, language)}"
    parts.append(_text(12, 48, axes, "a"))
    for i, size in enumerate(COLUMN_ORDER):
        parts.append(_text(left + i * width + width / 2, top - 8, _axis(chart, COLUMNS, size, language), "v", "middle"))
    for j, similarity in enumerate(ROW_ORDER):
        parts.append(_text(12, top + j * height + height / 2, _axis(chart, ROWS, similarity, language), "v"))
        for i, size in enumerate(COLUMN_ORDER):
            marked = position is not None and (position[COLUMNS], position[ROWS]) == (size, similarity)
            cell = chart.cell(size, similarity)
            parts += _cell(chart, cell, left + i * width, top + j * height, width, height, language, marked)
    legend_top = top + 3 * height + 26
    shown = sorted({cell.primary for cell in chart.cells if cell.primary})
    parts += _legend(chart, shown, 12, legend_top, language)
    total_width, total_height = left + 3 * width + 12, legend_top + 22 * len(shown)
    return _document(total_width, total_height, TITLES.get(language, TITLES["en"]), chart.text(), parts)


def _cell(
    chart: DecisionMap, cell: MapCell, x: float, y: float, width: float, height: float, language: str, marked: bool
) -> list[str]:
    colour = COLOURS.get(cell.primary or "", OTHER_COLOUR)
    kind = "c here" if marked else "c"
    parts = [
        f'<rect class="{kind}" x="{x + 3}" y="{y + 3}" width="{width - 6}" height="{height - 6}" rx="6" '
        f'fill="{colour}"/>'
    ]
    lines = _wrapped(_short(_label(chart, cell.primary, language)) if cell.primary else "–", language)
    start = y + height / 2 - 8 * (len(lines) - 1) - (6 if marked else 0)
    for k, line in enumerate(lines):
        parts.append(_text(x + width / 2, start + 16 * k, line, "s", "middle"))
    if marked:
        mark = f"▲ {HERE_LABEL.get(language, HERE_LABEL['en'])}"
        parts.append(_text(x + width / 2, y + height - 15, mark, "h", "middle"))
    return parts


def _legend(chart: DecisionMap, shown: list[str], x: float, y: float, language: str) -> list[str]:
    parts = []
    for k, strategy in enumerate(shown):
        colour = COLOURS.get(strategy, OTHER_COLOUR)
        parts.append(f'<rect class="c" x="{x}" y="{y + 22 * k - 11}" width="16" height="14" fill="{colour}"/>')
        parts.append(_text(x + 24, y + 22 * k - 4, _label(chart, strategy, language), "v"))
    return parts


def _label(chart: DecisionMap, key: str, language: str) -> str:
    texts = chart.labels.get(key, {"en": key})
    return texts.get(language, texts["en"])


def _axis(chart: DecisionMap, name: str, value: str, language: str) -> str:
    if value == UNKNOWN:
        return UNKNOWN_LABEL.get(language, UNKNOWN_LABEL["en"])
    return _label(chart, f"{name}={value}", language)


def _short(label: str) -> str:
    """A label without its explanation in brackets, which the legend gives."""
    return re.split(r"\s*[(（]", label, maxsplit=1)[0]


def _wrapped(label: str, language: str) -> list[str]:
    """The label in lines that fit a cell."""
    limit, joiner = (13, "") if language == "zh" else (24, " ")
    lines = [""]
    for word in list(label) if language == "zh" else label.split():
        candidate = f"{lines[-1]}{joiner}{word}".strip()
        if len(candidate) <= limit or not lines[-1]:
            lines[-1] = candidate
        else:
            lines.append(word)
    return lines


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" dominant-baseline="middle"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def _document(width: float, height: float, title: str, description: str, parts: list[str]) -> str:
    style = (
        ".map text{font-family:system-ui,sans-serif;fill:#37474f}.map .t{font-size:16px;font-weight:600}"
        ".map .a{font-size:12px;font-style:italic}.map .v{font-size:12px}"
        ".map .s{font-size:13px;font-weight:600;fill:#1b1b1b}.map .h{font-size:11px;fill:#1b1b1b}"
        ".map .c{stroke:#78909c;stroke-width:1}.map .here{stroke:#1b1b1b;stroke-width:4}"
        "@media (prefers-color-scheme:dark){.map text{fill:#cfd8dc}.map .s,.map .h{fill:#1b1b1b}"
        ".map .here{stroke:#ffffff}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map" role="img" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc><style>{style}</style>{''.join(parts)}</svg>"
    )
