"""Decision records as files: written as JSON, Markdown or HTML, read back from any of the three."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from tunewise.errors import RecordError
from tunewise.record.decision_record import Record, read_record
from tunewise.record.document import HTML_DATA, MARKDOWN_DATA, DocumentFormat, render

SUFFIXES: Mapping[str, DocumentFormat] = {
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}
MOST_BYTES = 20_000_000


def write_record(record: Record, format: DocumentFormat) -> str:
    """The record as text; Markdown and HTML hold the JSON as well, so each can be replayed.

    Raises:
        RecordError: If the format is none of the three.
    """
    if format == "json":
        return record.to_json()
    if format not in get_args(DocumentFormat):
        raise RecordError(f"Unknown record format {format!r}; use one of {', '.join(get_args(DocumentFormat))}.")
    return render("record", format, record=record, data=record.to_json(ascii_only=True))


def load_record(path: Path) -> Record:
    """Read a record from a JSON, Markdown or HTML file.

    Raises:
        RecordError: If the file cannot be read, is no record, or was changed after it was written.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise RecordError("It is too large to be a decision record.")
        return parse_record(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        said = "It is not a text file, so it is no decision record."
    except OSError as problem:
        said = f"It cannot be read ({problem.strerror})."
    except RecordError as problem:
        said = str(problem)
    raise RecordError(f"{str(path)!r}: {said}")


def parse_record(text: str) -> Record:
    """Read a record from text in any of the three formats.

    Raises:
        RecordError: If the text holds no record, or a changed one.
    """
    if (page := HTML_DATA.search(text)) is not None:
        text = html.unescape(page.group(1))
    elif (block := MARKDOWN_DATA.search(text)) is not None:
        text = block.group(1)
    try:
        return read_record(json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant))
    except (ValueError, RecursionError) as problem:
        raise RecordError(f"This holds no decision record ({str(problem) or 'nested too deep'}).") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RecordError("The record names a key twice, so it cannot be trusted. Export it again.")
    return found


def _no_constant(name: str) -> object:
    raise RecordError(f"The record holds {name}, which is no number. Export it again.")
