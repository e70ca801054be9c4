"""What the columns, folders and endings of a data set tell about it; shared by whoever reads one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

LABEL_NAMES = (
    r"(?i)(?:label|labels|class|classes|class_?name|category|categories|target|y|intent|sentiment|tag|topic|species|"
    r"outcome|diagnosis|gold|answer_?label|emotion|rating|stars)(?:_?(?:id|idx|name|text))?"
)
FLAGS = {"split", "fold", "id", "index", "source", "lang", "language", "date", "year"}
ENDINGS = {
    "image": {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".heic", ".dcm"},
    "audio": {".wav", ".mp3", ".flac", ".ogg", ".m4a", ".opus", ".aac"},
    "text": {".txt", ".md", ".html", ".xml"},
}
SPLITS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval"}
MOST_NESTED = 5  # a cell's messages, one of them, its parts, one of them, its text
SAID_UNDER = ("content", "value", "text")  # keys of what a message of a chat says
LOOKED_AT = 5000  # cells of a column


class Columns(Protocol):
    """A table by columns: a pandas frame, or a dictionary of lists."""

    def __iter__(self) -> Any:
        """The names."""
        ...

    def __getitem__(self, name: Any, /) -> Any:
        """The cells of a column."""
        ...


def as_text(cell: Any, depth: int = MOST_NESTED) -> str:
    """Text of a cell; of a chat, the text of all its messages and of their parts."""
    if isinstance(cell, list) and depth:
        return " ".join(as_text(each, depth - 1) for each in cell[:200])
    if isinstance(cell, dict) and depth and (named := next((key for key in SAID_UNDER if key in cell), None)):
        return as_text(cell[named], depth - 1)
    return "" if cell is None or cell != cell else str(cell)  # a missing value is a NaN, which equals nothing


def named_labels(columns: Columns) -> list[str]:
    """Columns named like a label, in their order."""
    return [str(column) for column in columns if re.fullmatch(LABEL_NAMES, str(column).strip())]


def repeated_labels(columns: Columns) -> list[str]:
    """Columns with few, short, often repeated values, in their order."""
    return [str(column) for column in columns if str(column).lower() not in FLAGS and _is_repeated(columns[column])]


def _is_repeated(cells: Sequence[Any]) -> bool:
    texts = [str(cell).strip() for cell in cells[:LOOKED_AT] if isinstance(cell, str | int)]
    values = [text for text in texts if text]
    distinct = set(values)
    is_short = sum(map(len, values)) < 40 * len(values) and not any("." in value for value in distinct)
    return is_short and 2 <= len(distinct) <= max(2, min(50, len(values) // 5))
