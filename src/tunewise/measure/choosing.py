"""Which columns of a table are text and label: named by the user, else guessed, but never where several would do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from tunewise.columns import ENDINGS, as_text, named_labels, repeated_labels
from tunewise.measure.records import MeasureError

NUMBER = re.compile(r"\s*[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?\s*")
LEAST_TEXT = 15  # characters of a column's mean, from which it is taken for a text
AS_LONG = 0.4  # of the longest column: from here on it may be meant as well

Head = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The columns that are read; several texts are joined line by line."""

    text: tuple[str, ...]
    label: str | None

    def __str__(self) -> str:
        texts = " + ".join(repr(name) for name in self.text)
        return f"text {texts}" + (f", label {self.label!r}" if self.label else "")


def choose(name: str, head: Head, text: Sequence[str], label: str | None, *, needs_label: bool = True) -> Chosen:
    """Choose the columns of a table.

    Args:
        name: The file's name, for messages.
        head: First rows by columns.
        text: Columns that the user named as text; () to guess.
        label: Column that the user named as label; None to guess.
        needs_label: Whether a table without labels is refused.

    Raises:
        MeasureError: If a named column is not there, if none fits, or if several do; it names the columns.
    """
    for given in (*text, *([label] if label else [])):
        if given not in head:
            raise MeasureError(f"{name!r} has no column {given!r}. Its columns: {_listed(head)}.")
    label = label or _guessed_label(name, head, text)
    if needs_label and label is None:
        raise MeasureError(
            f"No column of {name!r} looks like a label. Name it with --label. Its columns: {_listed(head)}."
        )
    if label in text:
        raise MeasureError(f"Column {label!r} cannot be both text and label. Its columns: {_listed(head)}.")
    return Chosen(tuple(text) or (_guessed_text(name, head, label),), label)


def _listed(names: Any) -> str:
    shown = [repr(str(each)[:40]) for each in names]
    return ", ".join(shown[:12]) + (f" and {len(shown) - 12:,} more" if len(shown) > 12 else "")


def _guessed_label(name: str, head: Head, text: Sequence[str]) -> str | None:
    others = {column: cells for column, cells in head.items() if column not in text}
    found = named_labels(others) or repeated_labels(others)
    if len(found) > 1 and all(_say_the_same(head[found[0]], head[other]) for other in found[1:]):
        return min(found, key=lambda column: (_is_numeric(head[column]), found.index(column)))
    if len(found) > 1:
        raise MeasureError(f"Several columns of {name!r} may be the label: {_listed(found)}. Choose one with --label.")
    return found[0] if found else None


def _say_the_same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether two columns are two spellings of one label (a number, and its name)."""
    pairs = {(as_text(left), as_text(right)) for left, right in zip(one, other, strict=True)}
    return len(pairs) == len({left for left, _ in pairs}) == len({right for _, right in pairs})


def _guessed_text(name: str, head: Head, label: str | None) -> str:
    means = {
        column: sum(len(as_text(cell)) for cell in cells) / len(cells)
        for column, cells in head.items()
        if column != label and not _is_numeric(cells) and not _is_binary(cells)
    }
    for column in means:
        _refuse_paths(name, column, head[column])
    long = {column: mean for column, mean in means.items() if mean >= LEAST_TEXT} or (means if len(means) == 1 else {})
    if not long:
        raise MeasureError(
            f"No column of {name!r} looks like text. Name it with --text, or save features of your own as .npz with "
            f"'features' and 'labels'. Its columns: {_listed(head)}."
        )
    rivals = [column for column, mean in long.items() if mean >= AS_LONG * max(long.values())]
    if len(rivals) > 1:
        raise MeasureError(
            f"Several columns of {name!r} may be the text: {_listed(rivals)}. Choose with --text; given twice, both "
            "are read."
        )
    return rivals[0]


def _is_numeric(cells: Sequence[Any]) -> bool:
    filled = [text for cell in cells if (text := as_text(cell).strip())]
    return all(len(text) < 60 and NUMBER.fullmatch(text) for text in filled)


def _is_binary(cells: Sequence[Any]) -> bool:
    """Whether they hold files rather than texts, as data sets of images in Parquet do."""
    return any(isinstance(cell, bytes) or (isinstance(cell, dict) and "bytes" in cell) for cell in cells[:20])


def _refuse_paths(name: str, column: str, cells: Sequence[Any]) -> None:
    """A list of images or recordings is no text."""
    endings = [PurePosixPath(text.lower()).suffix for cell in cells if (text := as_text(cell)) and len(text) < 300]
    for kind in ("image", "audio"):
        if endings and sum(ending in ENDINGS[kind] for ending in endings) > 0.8 * len(cells):
            raise MeasureError(
                f"Column {column!r} of {name!r} names {kind} files. Give the folder that holds them, one sub-folder "
                "per class, or features of them as .npz."
            )
