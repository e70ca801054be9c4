"""Folders with one sub-folder per class: text files, or images."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from tunewise.columns import ENDINGS, SPLITS
from tunewise.measure.drawing import Repeats, Reservoir, refuse_too_many
from tunewise.measure.records import Budget, Drawn, MeasureError
from tunewise.measure.tables import MAX_CELL, TABLES

MAX_FILES = 2_000_000
LISTED_AT_ONCE = 2_000
READ_BYTES = 4 * MAX_CELL  # of a text file; UTF-8 takes at most four bytes a character


def draw_folder(folder: Path, *, size: int, seed: int, budget: Budget, needs_label: bool = True) -> Drawn:
    """Draw files of a folder; the class of a file is its sub-folder, train and test folders are put together.

    Raises:
        MeasureError: If it holds no such files, or no classes.
    """
    names = _listed(folder, budget)
    kind = _kind(folder, names)
    named = [(name, _class_of(name)) for name in sorted(names) if Path(name).suffix.lower() in ENDINGS[kind]]
    labelled = [(name, label) for name, label in named if label or not needs_label]
    if not labelled:
        raise MeasureError(f"The files of {str(folder)!r} lie in no sub-folders. Put each class into one of its own.")
    counts = Counter(label for _, label in labelled)
    refuse_too_many(str(folder), "sub-folder", counts)
    reservoir = Reservoir(size, seed)
    reservoir.add(labelled)
    items, labels = reservoir.drawn()
    left_out = len(named) - len(labelled)
    drawn = Drawn(
        kind, [folder / item for item in items], labels, len(labelled), dict(counts.most_common()),
        source=folder.resolve().name,
        notes=(f"{left_out:,} files in no sub-folder were left out.",) if left_out else (),
    )  # fmt: skip
    return _with_copies(drawn, budget) if kind == "image" else _with_texts(drawn, budget)


def _kind(folder: Path, names: Sequence[str]) -> Literal["image", "text"]:
    """What most files are."""
    found = Counter(kind for name in names for kind in ENDINGS if Path(name).suffix.lower() in ENDINGS[kind])
    if not found:
        tables = [name for name in names if Path(name).suffix.lower() in (*TABLES, ".npy", ".npz")]
        hint = f" It holds {tables[0]!r}: give that file." if tables else ""
        raise MeasureError(f"No images and no text files were found in {str(folder)!r}.{hint}")
    if found["audio"] == max(found.values()):
        raise MeasureError(f"{str(folder)!r} holds recordings. Save features of them as .npz and measure those.")
    return "image" if found["image"] >= found["text"] else "text"


def _listed(folder: Path, budget: Budget) -> list[str]:
    """Paths of all files below a folder, hidden ones left out; links to folders are not followed."""
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        found += [os.path.relpath(os.path.join(place, name), folder) for name in files if not name.startswith(".")]
        budget.at("listing", len(found), MAX_FILES)
        if len(found) > MAX_FILES:
            raise MeasureError(f"{str(folder)!r} holds more than {MAX_FILES:,} files. Measure a part of it.")
    return found


def _class_of(name: str) -> str:
    """The sub-folder of a file that is no split of the data; "" if there is none."""
    parts = Path(name).parts[:-1]
    return parts[-1] if parts and parts[-1].lower() not in SPLITS else ""


def _with_texts(drawn: Drawn, budget: Budget) -> Drawn:
    """The drawn files' texts instead of their paths; what is empty or cannot be read is left out."""
    rows, repeats = [], Repeats()
    for place, (path, label) in enumerate(zip(drawn.items, drawn.labels, strict=True)):
        try:
            with path.open("rb") as file:
                text = file.read(READ_BYTES).decode("utf-8", "replace").replace("\x00", "").strip()[:MAX_CELL]
        except OSError:
            text = ""
        if text:
            rows.append((text, label))
        budget.at("reading", place + 1, len(drawn.items))
    repeats.add(rows)
    copies, conflicts = repeats.counted()
    left_out = len(drawn.items) - len(rows)
    notes = (
        *drawn.notes,
        *([f"{left_out:,} files are empty or cannot be read and were left out."] if left_out else []),
    )
    items, labels = [text for text, _ in rows], tuple(label for _, label in rows)
    return replace(drawn, items=items, labels=labels, copies=copies, conflicts=conflicts, notes=notes)


def _with_copies(drawn: Drawn, budget: Budget) -> Drawn:
    """Images with the same bytes, counted among those drawn."""
    repeats = Repeats()
    repeats.add(list(_digests(drawn, budget)))
    copies, conflicts = repeats.counted()
    return replace(drawn, copies=copies, conflicts=conflicts)


def _digests(drawn: Drawn, budget: Budget) -> Iterator[tuple[str, str]]:
    for place, (path, label) in enumerate(zip(drawn.items, drawn.labels, strict=True)):
        budget.at("reading", place + 1, len(drawn.items))
        try:
            with path.open("rb") as file:
                yield hashlib.file_digest(file, "sha256").hexdigest(), label
        except OSError:
            continue
