"""A fair sample of a data set of any size, in one pass and bounded memory; the same seed draws the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tunewise.measure.choosing import choose
from tunewise.measure.records import MOST_CLASSES, Budget, Drawn, MeasureError
from tunewise.measure.tables import Table, open_table

READING_SHARE = 0.3  # of the time
MOST_COMPARED = 5_000_000  # rows that are compared for exact copies: eight bytes each, and four for the label
LONGEST_LABEL = 80
MOST_DECIMALS = 50  # classes that may be written as decimals ("1.0"); more are measurements


class Reservoir:
    """Keeps `size` rows of a stream: each row gets a random key, and the smallest keys stay."""

    def __init__(self, size: int, seed: int) -> None:
        import numpy as np

        self._size, self._random = size, np.random.default_rng(seed)
        self._kept: list[tuple[float, Any, str]] = []
        self._limit = 1.0

    def add(self, rows: Sequence[tuple[Any, str]]) -> None:
        """Add (item, label) pairs."""
        keys = self._random.random(len(rows)).tolist()
        self._kept += [(key, item, label) for key, (item, label) in zip(keys, rows, strict=True) if key < self._limit]
        if len(self._kept) > 2 * self._size:
            self._prune()

    def drawn(self) -> tuple[list[Any], tuple[str, ...]]:
        """Items and labels, in random order."""
        self._prune()
        return [item for _, item, _ in self._kept], tuple(label for _, _, label in self._kept)

    def _prune(self) -> None:
        self._kept = sorted(self._kept, key=lambda row: row[0])[: self._size]
        if len(self._kept) == self._size:
            self._limit = self._kept[-1][0]


class Repeats:
    """Counts rows that repeat an earlier one, and those whose label is another then."""

    def __init__(self) -> None:
        self._hashes: list[Any] = []
        self._labels: list[Any] = []
        self._codes: dict[Hashable, int] = {}
        self._count = 0

    def add(self, rows: Sequence[tuple[str, str]]) -> None:
        """Add (text, label) pairs; case and spaces do not count."""
        import numpy as np
        from pandas.util import hash_array

        if self._count >= MOST_COMPARED or not rows:
            return
        texts = np.array([" ".join(text.lower().split()) for text, _ in rows], dtype=object)
        self._hashes.append(hash_array(texts, categorize=False))  # type: ignore[operator]
        codes = [self._codes.setdefault(label, len(self._codes)) for _, label in rows]
        self._labels.append(np.array(codes, dtype=np.int32))
        self._count += len(rows)

    def counted(self) -> tuple[int, int]:
        """(copies, copies whose label is not that of the first)."""
        import numpy as np

        if not self._hashes:
            return 0, 0
        _, first, group = np.unique(np.concatenate(self._hashes), return_index=True, return_inverse=True)
        labels = np.concatenate(self._labels)
        return len(labels) - len(first), int((labels != labels[first][group]).sum())


def draw_table(
    path: Path,
    text: Sequence[str],
    label: str | None,
    *,
    size: int,
    seed: int,
    budget: Budget,
    needs_label: bool = True,
) -> tuple[Drawn, str]:
    """Draw rows of a table of texts; also says which columns were read.

    Raises:
        MeasureError: If the file cannot be read, or its columns are not clear.
    """
    table = open_table(path)
    chosen = choose(path.name, table.head(), text, label, needs_label=needs_label)
    wanted = (*chosen.text, *([chosen.label] if chosen.label else []))
    reservoir, repeats, counts = Reservoir(size, seed), Repeats(), Counter[str]()
    seen = left_out = 0
    for batch in table.batches(wanted):
        rows = list(_rows(table, batch, len(chosen.text)))
        seen += len(batch)
        filled = [(item, name) for item, name in rows if item and (name or not needs_label)]
        left_out += len(rows) - len(filled)
        counts.update(name for _, name in filled)
        if chosen.label and needs_label:
            refuse_too_many(path.name, chosen.label, counts)
        reservoir.add(filled)
        repeats.add(filled)
        budget.at("reading", round(1000 * table.read), 1000)
        if budget.left(READING_SHARE) < 0:
            break
    notes = [*table.notes, *_on_reading(table, seen, left_out)]
    items, labels = reservoir.drawn()
    copies, conflicts = repeats.counted()
    whole = max(1.0, 1 / table.read) if table.read else 1.0
    scaled = {name: round(count * whole) for name, count in counts.most_common()}
    drawn = Drawn(
        "text", items, labels, sum(scaled.values()), scaled, copies, conflicts, path.name, tuple(notes),
        chosen.text, chosen.label or "",
    )  # fmt: skip
    return drawn, str(chosen)


def _rows(table: Table, batch: Iterable[Sequence[Any]], texts: int) -> Iterator[tuple[str, str]]:
    for cells in batch:
        item = "\n".join(filter(None, map(table.cell, cells[:texts])))
        yield item, table.cell(cells[texts])[:LONGEST_LABEL] if len(cells) > texts else ""


def refuse_too_many(name: str, label: str, counts: Counter[str]) -> None:
    """Refuse a label column that names no classes.

    Raises:
        MeasureError: If it holds more values than classes are scored.
    """
    decimal = len(counts) > MOST_DECIMALS and all("." in value and _is_decimal(value) for value in counts)
    if len(counts) <= MOST_CLASSES and not decimal:
        return
    kind = "a number to predict rather than a class" if decimal else "no label"
    values = ", ".join(map(repr, list(counts)[:3]))
    raise MeasureError(
        f"Column {label!r} of {name!r} has {len(counts):,} different values or more ({values}, …); it looks like "
        f"{kind}. Choose another with --label."
    )


def _is_decimal(value: str) -> bool:
    try:
        float(value.replace(",", "."))
    except ValueError:
        return False
    return True


def _on_reading(table: Table, seen: int, left_out: int) -> Iterator[str]:
    if table.skipped > max(seen - table.skipped, 1):
        raise MeasureError(
            f"{table.skipped:,} of {seen:,} rows of {table.path.name!r} have another number of cells than the header. "
            "Is the separator right? Save it again as CSV in UTF-8."
        )
    if table.skipped:
        yield f"{table.skipped:,} rows have another number of cells than the header and were left out."
    if left_out:
        yield f"{left_out:,} rows without a text or a label were left out."
    if table.read < 1:
        yield f"Only the first {seen:,} rows (about {table.read:.0%} of the file) were read in the time allowed."
