"""Rows of CSV, TSV, JSONL, JSON and Parquet files, a batch at a time, in bounded memory however large the file is.

What comes in is distrusted: the length of lines, the number of columns and what Parquet unpacks to are limited.
"""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tunewise.columns import as_text
from tunewise.extras import needs_extra
from tunewise.measure.records import MeasureError

ROWS_AT_ONCE = 2_000
HEAD_ROWS = 1_000
MAX_LINE = 1 << 20  # characters
MAX_COLUMNS = 2_000
MAX_JSON_BYTES = 64 << 20  # of one JSON list, which cannot be read a line at a time
MAX_CELL = 8_000  # characters that are kept; encoders read fewer
MAX_UNPACKED_BYTES = 1 << 30  # of one column in one row group of a Parquet file
TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".json", ".parquet")

Cells = tuple[Any, ...]


class Table(ABC):
    """A file of rows; `names` are its columns, `read` the share of the file that has been read so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: tuple[str, ...] = ()
        self.read = 0.0
        self.skipped = 0
        self.notes: list[str] = []

    @abstractmethod
    def batches(self, wanted: Sequence[str]) -> Iterator[list[Cells]]:
        """The cells of the wanted columns, from the beginning, in lists of at most `ROWS_AT_ONCE` rows."""

    def head(self) -> dict[str, list[Any]]:
        """The first rows by columns.

        Raises:
            MeasureError: If there are none.
        """
        rows = [row for batch in islice(self.batches(self.names), 1) for row in batch][:HEAD_ROWS]
        if not rows:
            raise MeasureError(f"No rows were found in {self.path.name!r}. It needs a header and one example per row.")
        return {name: [row[place] for row in rows] for place, name in enumerate(self.names)}

    def cell(self, value: Any) -> str:
        """The text of a cell, without what no text holds, cut where no encoder reads on."""
        return as_text(value)[:MAX_CELL].replace("\x00", "").strip()


def open_table(path: Path) -> Table:
    """The table in a file, by its ending.

    Raises:
        MeasureError: If it is empty, binary, or not of a kind that is read.
    """
    ending = path.suffix.lower()
    if ending not in TABLES:
        raise MeasureError(
            f"Files ending in {ending!r} are not measured. Give a CSV, TSV, JSONL or Parquet file, an .npy or .npz "
            "file of features, or a folder with one sub-folder per class."
        )
    if path.stat().st_size == 0:
        raise MeasureError(f"{path.name!r} is empty. Give a file with one example per row.")
    if ending == ".parquet":
        return _Parquet(path)
    return _Json(path) if ending in (".jsonl", ".ndjson", ".json") else _Csv(path)


def _encoding(table: Table) -> str:
    """How a text file is encoded: by its byte order mark, else UTF-8, else Windows-1252, which is noted."""
    with table.path.open("rb") as file:
        beginning = file.read(1 << 20)
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    odd = sum(byte < 32 and byte not in b"\t\n\r\f" for byte in beginning[:65536])
    if odd > len(beginning[:65536]) / 200:
        raise MeasureError(f"{table.path.name!r} is not a text file. Give a CSV, TSV, JSONL or Parquet file.")
    if not beginning.strip():
        raise MeasureError(f"{table.path.name!r} holds nothing but spaces. Give a file with one example per row.")
    try:
        beginning[: len(beginning) - 4 if len(beginning) == 1 << 20 else None].decode("utf-8")
    except UnicodeDecodeError:
        table.notes.append(f"{table.path.name} is not UTF-8 and was read as Windows-1252.")
        return "cp1252"
    return "utf-8-sig"


def _lines(table: Table, encoding: str) -> Iterator[str]:
    """Lines of a text file.

    Raises:
        MeasureError: If a line is longer than any row can be.
    """
    whole = max(1, table.path.stat().st_size)
    with table.path.open("rb") as raw, io.TextIOWrapper(raw, encoding, "replace", newline="") as file:
        for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), ""), start=1):
            if len(line) == MAX_LINE and not line.endswith("\n"):
                raise MeasureError(
                    f"Line {number:,} of {table.path.name!r} is longer than {MAX_LINE:,} characters. Give a file with "
                    "one example per line."
                )
            if number % 1024 == 0:
                table.read = raw.tell() / whole
            yield line
    table.read = 1.0


class _Csv(Table):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._encoding = _encoding(self)
        header = next((line for line in _lines(self, self._encoding) if line.strip()), "")
        self._separator = "\t" if path.suffix.lower() == ".tsv" else max(",\t;|", key=header.count)
        names = [name.strip() for name in next(self._rows(), [])]
        if len(names) > MAX_COLUMNS:
            raise MeasureError(f"{path.name!r} has {len(names):,} columns; at most {MAX_COLUMNS:,} are read.")
        if repeated := {name for name in names if names.count(name) > 1}:
            raise MeasureError(f"{path.name!r} has several columns named {min(repeated)!r}. Rename them.")
        self.names = tuple(names)

    def batches(self, wanted: Sequence[str]) -> Iterator[list[Cells]]:
        places = [self.names.index(name) for name in wanted]
        rows = islice(self._rows(), 1, None)
        self.skipped = 0
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            whole = [row for row in batch if len(row) == len(self.names)]
            self.skipped += len(batch) - len(whole)
            yield [tuple(row[place] for place in places) for row in whole]

    def _rows(self) -> Iterator[list[str]]:
        reader = csv.reader(_lines(self, self._encoding), delimiter=self._separator, skipinitialspace=True)
        try:
            yield from (row for row in reader if row)
        except csv.Error as error:
            raise MeasureError(
                f"{self.path.name!r} cannot be read as a table near line {reader.line_num:,} ({error}). Is a quotation "
                "mark left open there? Correct it, or save the file as JSONL."
            ) from None


class _Json(Table):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._encoding = _encoding(self)
        self._is_list = path.suffix.lower() == ".json" and self._begins_a_list()
        if self._is_list and path.stat().st_size > MAX_JSON_BYTES:
            raise MeasureError(f"{path.name!r} is one large JSON list. Save it as JSONL, one object per line.")
        found: dict[str, None] = {}
        for row in islice(self._rows(), HEAD_ROWS):
            found |= dict.fromkeys(row)
        if len(found) > MAX_COLUMNS:
            raise MeasureError(f"The objects of {path.name!r} have {len(found):,} different keys; are keys data?")
        self.names = tuple(found)

    def batches(self, wanted: Sequence[str]) -> Iterator[list[Cells]]:
        rows = self._rows()
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            yield [tuple(row.get(name) for name in wanted) for row in batch]

    def _begins_a_list(self) -> bool:
        return next((line.strip() for line in _lines(self, self._encoding) if line.strip()), "").startswith("[")

    def _rows(self) -> Iterator[dict[str, Any]]:
        if self._is_list:
            read = self._parsed(self.path.read_text(self._encoding, "replace"), "The list")
            self.read = 1.0
            yield from (self._object(row, f"Row {number:,}") for number, row in enumerate(read, start=1))
            return
        for number, line in enumerate(_lines(self, self._encoding), start=1):
            if line.strip():
                yield self._object(self._parsed(line, f"Line {number:,}"), f"Line {number:,}")

    def _parsed(self, text: str, place: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise MeasureError(
                f"{place} of {self.path.name!r} is not JSON. Save the file as JSONL, one JSON object per line."
            ) from None

    def _object(self, row: Any, place: str) -> dict[str, Any]:
        if not isinstance(row, dict):
            raise MeasureError(
                f"{place} of {self.path.name!r} is no JSON object but {str(row)[:40]!r}. Each line needs keys and "
                'values, for example {"text": "…", "label": "…"}.'
            )
        return row


class _Parquet(Table):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with needs_extra("measure", "A Parquet file"):
            import pyarrow as pa
            import pyarrow.parquet as pq
        self._broken = (pa.ArrowException, OSError, ValueError)
        try:
            schema = pq.read_schema(path)
            texts = [
                each.name for each in schema if pa.types.is_string(each.type) or pa.types.is_large_string(each.type)
            ]
            # kept as dictionaries: one long text that a million rows repeat stays one text
            self._file = pq.ParquetFile(path, read_dictionary=texts)
        except self._broken as error:
            raise self._unreadable(error) from None
        self.names = tuple(schema.names)
        self.rows = int(self._file.metadata.num_rows)
        self._refuse_bombs()

    def batches(self, wanted: Sequence[str]) -> Iterator[list[Cells]]:
        done = 0
        try:
            for batch in self._file.iter_batches(ROWS_AT_ONCE, columns=list(wanted), use_threads=False):
                columns = [self._cells(batch.column(name)) for name in wanted]
                done += batch.num_rows
                self.read = done / max(1, self.rows)
                yield list(zip(*columns, strict=True))
        except self._broken as error:
            raise self._unreadable(error) from None

    def _cells(self, column: Any) -> list[Any]:
        """Values of a column; a text that is repeated is cut once and shared."""
        if not hasattr(column, "dictionary"):
            return list(column.to_pylist())
        texts = [self.cell(text.as_py()) for text in column.dictionary]
        return [None if place is None else texts[place] for place in column.indices.to_pylist()]

    def _refuse_bombs(self) -> None:
        metadata = self._file.metadata
        for group in range(metadata.num_row_groups):
            for column in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(column)
                if chunk.total_uncompressed_size > MAX_UNPACKED_BYTES:
                    raise MeasureError(
                        f"Column {chunk.path_in_schema!r} of {self.path.name!r} unpacks to more than "
                        f"{MAX_UNPACKED_BYTES >> 30} GB in one row group. Write it with smaller row groups."
                    )

    def _unreadable(self, error: Exception) -> MeasureError:
        said = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        return MeasureError(f"{self.path.name!r} cannot be read as Parquet ({said}). Write it again.")
