"""The columns of a data file, as far as a recipe needs them: only its first row is read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tunewise.errors import RecipeError

FIRST_BYTES = 1_000_000
UNREAD = {"text": (".npy", ".npz"), "tabular": (".npy", ".parquet")}  # endings that `measure` reads and no script does


def columns_of(path: Path) -> tuple[str, ...] | None:
    """The names of a table's columns or of the keys of its first row; None for a folder or .npz.

    Raises:
        RecipeError: If the file is not there, empty, or no text.
    """
    try:
        if path.is_dir() or path.suffix.lower() == ".npz":
            return None
        with path.open("rb") as file:
            text = file.read(FIRST_BYTES).decode(
                "utf-8-sig", "strict" if path.stat().st_size < FIRST_BYTES else "ignore"
            )
    except OSError as problem:
        raise RecipeError(f"--data {str(path)!r} cannot be read ({problem.strerror}).") from None
    except UnicodeDecodeError:
        raise RecipeError(
            f"--data {str(path)!r} is not UTF-8 text. Give a CSV, TSV or JSONL file, or a folder."
        ) from None
    first = text.lstrip().split("\n", 1)[0].rstrip("\r")
    if not first or "\x00" in first:
        raise RecipeError(f"--data {str(path)!r} holds no row.")
    return _keys(path, first)


def _keys(path: Path, line: str) -> tuple[str, ...]:
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise RecipeError(f"--data {str(path)!r}: the first line is no JSON object. JSONL has one in each line.")
        return tuple(map(str, row))
    try:
        return tuple(next(csv.reader([line], delimiter="\t" if path.suffix.lower() == ".tsv" else ",")))
    except csv.Error as problem:
        raise RecipeError(f"--data {str(path)!r}: the first line cannot be read ({problem}).") from None


def check_ending(path: Path, kind: str) -> None:
    """Refuse files that a script of this kind does not read.

    Raises:
        RecipeError: If it is one of them.
    """
    if path.suffix.lower() in UNREAD.get(kind, ()):
        use = "features and labels of one .npz (numpy.savez)" if kind == "tabular" else "a table of texts"
        raise RecipeError(f"The script for {kind} does not read {path.name!r}. Give it {use}.")


def check_column(path: str, columns: tuple[str, ...] | None, wanted: str, option: str) -> None:
    """Refuse a column that the data do not have.

    Raises:
        RecipeError: If there are columns and it is none of them.
    """
    if columns is not None and wanted not in columns:
        shown = ", ".join(map(repr, columns[:12]))
        raise RecipeError(f"{path!r} has no column {wanted!r}. Name one with {option}: {shown}.")
