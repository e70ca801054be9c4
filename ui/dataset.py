"""A dataset in figures: rows, classes, balance and lengths of a CSV, TSV or JSONL file, or of a folder's listing.

Only the beginning of a large file is read (the browser sends no more), and of a folder only names and sizes. What
comes in is distrusted: sizes, rows and time are limited, and a file that cannot be read gives a sentence.
"""

from __future__ import annotations

import csv
import io
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tunewise.errors import TunewiseError

MAX_ROWS = 200_000
MAX_COLUMNS = 2_000
MAX_ENTRIES = 20_000
MAX_SECONDS = 5.0
MAX_SAMPLE_CHARS = 12_000_000
MOST_CLASSES = 1_000
SHOWN_CLASSES = 12

LABEL_NAMES = re.compile(
    r"^(?:label|labels|class|classes|class_?name|category|categories|target|y|intent|sentiment|tag|topic|species|"
    r"outcome|diagnosis|gold|answer_?label|emotion|rating|stars)(?:_?(?:id|idx|name|text))?$",
    re.IGNORECASE,
)
EXTENSIONS = {
    "image": {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".heic", ".dcm"},
    "audio": {".wav", ".mp3", ".flac", ".ogg", ".m4a", ".opus", ".aac"},
    "text": {".txt", ".md", ".html", ".xml"},
}
SPLITS = {"train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval"}
TABLES = {".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"}


class DatasetError(TunewiseError):
    """A dataset cannot be summarised; the message says what to choose instead."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of the examples: median and 95th percentile, in `unit`."""

    of: str
    median: float
    p95: float
    unit: str


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """A dataset in figures.

    `rows` is exact if `is_exact`, else estimated from the beginning of the file. `classes` are (name, count) of what
    was read, most frequent first, empty if no column or folder names classes.
    """

    name: str
    rows: int
    is_exact: bool
    modality: str | None = None
    label: str | None = None
    classes: tuple[tuple[str, int], ...] = ()
    lengths: Lengths | None = None
    columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def imbalance(self) -> float | None:
        """How many times the most frequent class is as frequent as the rarest; None without two classes."""
        if len(self.classes) < 2:
            return None
        return self.classes[0][1] / self.classes[-1][1]


Record = Mapping[str, object]


def summarise_text(
    name: str, text: str, *, whole_bytes: float | None = None, clock: Callable[[], float] = time.monotonic
) -> DatasetSummary:
    """Summarise the beginning of a file.

    Args:
        name: The file's name; its ending says what it is.
        text: The file, or as much of it as was sent.
        whole_bytes: Size of the whole file, if `text` may be a part.
        clock: Seconds, for the time limit.

    Raises:
        DatasetError: If it is empty, binary, or not of a kind that is read.
    """
    if not text.strip():
        raise DatasetError(f"{name!r} is empty. Choose a file with one example per row.")
    if "\x00" in text[:4096] or text[:4096].count("\ufffd") > 40:
        raise DatasetError(f"{name!r} is not a text file. Choose a CSV, TSV or JSONL file.")
    text = text[:MAX_SAMPLE_CHARS].removeprefix("\ufeff")
    sent_bytes = len(text.encode("utf-8", "replace"))
    is_whole = whole_bytes is None or whole_bytes <= sent_bytes + 16
    ending = PurePosixPath(name.lower()).suffix
    if ending == ".json" and text.lstrip().startswith("["):
        records = _json_array(name, text, is_whole)
    elif ending in (".jsonl", ".ndjson", ".json"):
        records = _json_lines(name, text, is_whole)
    elif ending in (".csv", ".tsv", ".txt", ""):
        records = _table(name, text, is_whole)
    else:
        raise DatasetError(f"Files ending in {ending!r} are not read. Choose a CSV, TSV or JSONL file, or a folder.")
    read, was_cut = _within_limits(records, clock)
    if not read:
        raise DatasetError(f"No rows were found in {name!r}. It needs a header line and one example per row.")
    rows = len(read)
    if not is_whole and whole_bytes:
        rows = round(rows * whole_bytes / sent_bytes)
    return _summary(name, read, rows, is_exact=is_whole and not was_cut)


def _within_limits(records: Iterable[Record], clock: Callable[[], float]) -> tuple[list[Record], bool]:
    """As many records as the limits allow, and whether there were more."""
    deadline = clock() + MAX_SECONDS
    read: list[Record] = []
    for record in records:
        if len(read) >= MAX_ROWS or (len(read) % 500 == 0 and clock() > deadline):
            return read, True
        read.append(record)
    return read, False


def _table(name: str, text: str, is_whole: bool) -> Iterable[Record]:
    csv.field_size_limit(MAX_SAMPLE_CHARS)
    lines = text if is_whole else text[: text.rfind("\n") + 1] or text
    delimiter = "\t" if name.lower().endswith(".tsv") else _delimiter(text)
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=delimiter)
    try:
        header = next(reader, [])
        if len(header) > MAX_COLUMNS:
            raise DatasetError(f"{name!r} has more than {MAX_COLUMNS} columns. Is it separated by {delimiter!r}?")
        names = [column.strip() or f"column {at}" for at, column in enumerate(header, start=1)]
        for row in reader:
            if any(cell.strip() for cell in row):
                yield dict(zip(names, row, strict=False))
    except csv.Error as error:
        raise DatasetError(f"{name!r} cannot be read as a table ({error}). Save it as CSV in UTF-8.") from None


def _delimiter(text: str) -> str:
    """The separator that the first lines use most evenly."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    best, best_score = ",", 0.0
    for candidate in (",", "\t", ";", "|"):
        counts = [line.count(candidate) for line in lines]
        score = min(counts) + (0.5 if len(set(counts)) == 1 and counts[0] else 0) if counts else 0
        if score > best_score:
            best, best_score = candidate, score
    return best


def _json_lines(name: str, text: str, is_whole: bool) -> Iterable[Record]:
    lines = text.splitlines()
    for number, line in enumerate(lines if is_whole else lines[:-1], start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise DatasetError(f"Line {number} of {name!r} is not JSON. JSONL has one JSON object per line.") from None
        yield value if isinstance(value, dict) else {"value": value}


def _json_array(name: str, text: str, is_whole: bool) -> Iterable[Record]:
    if not is_whole:
        raise DatasetError(f"{name!r} is one large JSON list. Save it as JSONL (one object per line) to have it read.")
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise DatasetError(f"{name!r} is not valid JSON. Save it as JSONL, one object per line.") from None
    return [value if isinstance(value, dict) else {"value": value} for value in values]


def _summary(name: str, records: Sequence[Record], rows: int, *, is_exact: bool) -> DatasetSummary:
    columns = tuple(dict.fromkeys(column for record in records[:200] for column in record))[:MAX_COLUMNS]
    label = _label_column(columns, records)
    classes = _classes(str(record.get(label, "")).strip() for record in records) if label else ()
    modality, column = _modality(columns, records, label)
    notes = []
    if label:
        unlabelled = sum(1 for record in records if not str(record.get(label, "")).strip())
        if unlabelled:
            notes.append(f"{unlabelled} of {len(records)} rows have no label.")
    seen = len({json.dumps(record, sort_keys=True, default=str) for record in records})
    if seen < len(records):
        notes.append(f"{len(records) - seen} rows are exact copies of others.")
    lengths = _lengths(column, [_as_text(record.get(column)) for record in records]) if column else None
    return DatasetSummary(name, rows, is_exact, modality, label, classes, lengths, columns[:40], tuple(notes))


def _label_column(columns: Sequence[str], records: Sequence[Record]) -> str | None:
    """A column named like a label; else the last one with few, often repeated short values."""
    named = [column for column in columns if LABEL_NAMES.match(column.strip())]
    if named:
        return named[0]
    for column in reversed(columns):
        values = [record.get(column) for record in records[:5000]]
        texts = [str(value).strip() for value in values if isinstance(value, str | int | bool) and str(value).strip()]
        distinct = set(texts)
        is_short = bool(texts) and statistics.fmean(map(len, texts)) < 40 and not any("." in text for text in distinct)
        if is_short and 2 <= len(distinct) <= max(2, min(50, len(texts) // 5)) and not _is_flag(column):
            return column
    return None


def _is_flag(column: str) -> bool:
    return column.strip().lower() in {"split", "fold", "id", "index", "source", "lang", "language", "date", "year"}


def _classes(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter(value[:80] for value in values if value)
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ordered) if len(ordered) <= MOST_CLASSES else ()


def _modality(columns: Sequence[str], records: Sequence[Record], label: str | None) -> tuple[str | None, str | None]:
    """(modality, column whose length matters): file names say image or audio, long text says text, numbers tabular."""
    best: tuple[float, str] = (0.0, "")
    numeric = 0
    for column in columns:
        if column == label:
            continue
        texts = [_as_text(record.get(column)) for record in records[:500]]
        kind = _kind_of_files(texts)
        if kind:
            return kind, None
        numeric += all(_is_number(text) for text in texts if text) and any(texts)
        mean = statistics.fmean(map(len, texts)) if texts else 0.0
        best = max(best, (mean, column))
    if best[0] >= 15:
        return "text", best[1]
    return ("tabular", None) if numeric else (None, None)


def _kind_of_files(texts: Sequence[str]) -> str | None:
    endings = Counter(PurePosixPath(text.lower()).suffix for text in texts if text and len(text) < 300)
    for kind in ("image", "audio"):
        if texts and sum(endings[ending] for ending in EXTENSIONS[kind]) > 0.8 * len(texts):
            return kind
    return None


def _as_text(value: object) -> str:
    """Text of a cell; of a chat, the text of all its messages."""
    if isinstance(value, list):
        return " ".join(str(each.get("content", each)) if isinstance(each, dict) else str(each) for each in value[:200])
    return "" if value is None else str(value)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\s*[-+]?\d{1,18}(?:[.,]\d{1,18})?(?:[eE][-+]?\d{1,3})?\s*", text) is not None


def _lengths(column: str, texts: Sequence[str]) -> Lengths | None:
    sizes = sorted(len(text.split()) for text in texts if text)
    if not sizes:
        return None
    unit = "words"
    if statistics.fmean(len(text) / max(1, len(text.split())) for text in texts[:200] if text) > 25:
        sizes, unit = sorted(len(text) for text in texts if text), "characters"  # no spaces between words
    return Lengths(column, statistics.median(sizes), sizes[min(len(sizes) - 1, int(0.95 * len(sizes)))], unit)


def listing_of(value: object) -> list[tuple[str, int]]:
    """(path, bytes) pairs of what the browser sent.

    Raises:
        DatasetError: If it is not such a list.
    """
    if not isinstance(value, list):
        raise DatasetError("The folder could not be read. Choose it again.")
    entries = []
    for pair in value[:MAX_ENTRIES]:
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], int):
            entries.append((pair[0][:1000], max(0, pair[1])))
    return entries


def summarise_listing(entries: Sequence[tuple[str, int]], *, total: float | None = None) -> DatasetSummary:
    """Summarise a folder by names and sizes: one sub-folder per class, with or without train/test folders above.

    Raises:
        DatasetError: If there are no examples in it.
    """
    paths = [(PurePosixPath(path), size) for path, size in entries]
    visible = [(path, size) for path, size in paths if not any(part.startswith((".", "__")) for part in path.parts)]
    modality, examples = _examples(visible)
    if not examples:
        tables = [path.name for path, _ in visible if path.suffix.lower() in TABLES]
        hint = f" It holds {tables[0]!r}: choose that file with “Read my dataset”." if tables else ""
        raise DatasetError(f"No images, audio or text files were found in the folder.{hint}")
    root = examples[0][0].parts[0] if len(examples[0][0].parts) > 1 else "folder"
    counts = Counter(name for name in (_class_of(path) for path, _ in examples) if name)
    classes = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    classes = classes if 2 <= len(classes) <= MOST_CLASSES else ()
    sizes = sorted(size / 1024 for _, size in examples)
    lengths = Lengths("files", statistics.median(sizes), sizes[min(len(sizes) - 1, int(0.95 * len(sizes)))], "KB")
    is_whole = total is None or total <= len(entries)
    rows = len(examples) if is_whole else round(len(examples) * (total or 0) / max(1, len(entries)))
    label = "sub-folder" if classes else None
    return DatasetSummary(root, rows, is_whole, modality, label, classes, lengths, notes=_split_note(examples))


def _examples(files: Sequence[tuple[PurePosixPath, int]]) -> tuple[str | None, list[tuple[PurePosixPath, int]]]:
    """Files of the kind that there are most of."""
    by_kind = {
        kind: [(path, size) for path, size in files if path.suffix.lower() in endings]
        for kind, endings in EXTENSIONS.items()
    }
    kind = max(by_kind, key=lambda each: len(by_kind[each]))
    return (kind, by_kind[kind]) if by_kind[kind] else (None, [])


def _class_of(path: PurePosixPath) -> str | None:
    """The folder right above the file, unless it is the chosen folder itself or a split."""
    folders = path.parts[1:-1]
    return folders[-1] if folders and folders[-1].lower() not in SPLITS else None


def _split_note(examples: Sequence[tuple[PurePosixPath, int]]) -> tuple[str, ...]:
    counts = Counter(part.lower() for path, _ in examples for part in path.parts[1:-1] if part.lower() in SPLITS)
    if not counts:
        return ()
    return ("Folders by split: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()) + ".",)


def as_facts(summary: DatasetSummary) -> dict[str, str]:
    """The figures as changes for the fact sheet."""
    changes = {"n_examples": str(summary.rows)}
    if len(summary.classes) >= 2:
        changes["n_classes"] = str(len(summary.classes))
    if summary.modality:
        changes["modality"] = summary.modality
    return changes
