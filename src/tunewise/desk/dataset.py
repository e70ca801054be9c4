"""A dataset in figures: rows, classes, balance and lengths of a CSV, TSV or JSONL file, or of a folder's listing.

Only the beginning of a large file is read (a door sends no more), and of a folder only names and sizes. What comes in
is distrusted: sizes, rows and time are limited, and a file that cannot be read gives a sentence.
"""

from __future__ import annotations

import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tunewise.columns import ENDINGS, SPLITS, as_text, named_labels, repeated_labels
from tunewise.errors import TunewiseError

if TYPE_CHECKING:
    from pandas import DataFrame, Series

MAX_ROWS = 200_000
MAX_COLUMNS = 2_000
MAX_ENTRIES = 20_000
MAX_SECONDS = 5.0
MAX_SAMPLE_BYTES = 12_000_000
MOST_CLASSES = 1_000
UNBALANCED = 10  # times as frequent; our convention
ROWS_AT_ONCE = 2_000

NUMBER = r"\s*[-+]?\d{1,18}(?:[.,]\d{1,18})?(?:[eE][-+]?\d{1,3})?\s*"
ANSWERING = {"assistant", "gpt", "model", "bot", "chatgpt"}
TABLES = {".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet"}


class DatasetError(TunewiseError):
    """A dataset cannot be summarised; the message says what to choose instead."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Lengths of the examples: median and 95th percentile, in `unit` (words, characters, KB or MB)."""

    of: str
    median: float
    p95: float
    unit: str

    @classmethod
    def measured(cls, of: str, sizes: Series, unit: str) -> Lengths:
        """Of sizes in `unit`."""
        return cls(of, float(sizes.median()), float(sizes.quantile(0.95)), unit)


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
        return self.classes[0][1] / self.classes[-1][1] if len(self.classes) > 1 else None

    @property
    def text_column(self) -> str | None:
        """The column of the text, in a table of texts."""
        return self.lengths.of if self.modality == "text" and self.lengths else None

    def as_facts(self) -> dict[str, str]:
        """The figures as edits of facts."""
        changes = {"n_examples": str(self.rows)}
        if len(self.classes) >= 2:
            changes["n_classes"] = str(len(self.classes))
        return changes | ({"modality": self.modality} if self.modality else {})


def summarise_file(
    name: str, data: bytes, *, whole_bytes: float | None = None, clock: Callable[[], float] = time.monotonic
) -> DatasetSummary:
    """Summarise a file, or its beginning.

    Args:
        name: The file's name; its ending says what it is.
        data: UTF-8, UTF-16 or Latin-1 text.
        whole_bytes: Size of the whole file, if `data` may be a part.
        clock: Seconds, for the time limit.

    Raises:
        DatasetError: If it is empty, binary, or not of a kind that is read.
    """
    import pandas as pd

    data, ending = data[:MAX_SAMPLE_BYTES], PurePosixPath(name.lower()).suffix
    is_whole = whole_bytes is None or whole_bytes <= len(data)
    text = _decoded(name, data)
    if not is_whole:  # the last line may be cut
        text = text[: text.rfind("\n") + 1] or text
    if ending in (".jsonl", ".ndjson", ".json"):
        parts = _json(name, text, is_whole)
    elif ending in (".csv", ".tsv", ".txt", ""):
        parts = _table(name, text)
    else:
        raise DatasetError(f"Files ending in {ending!r} are not read. Choose a CSV, TSV or JSONL file, or a folder.")
    deadline, read, was_cut = clock() + MAX_SECONDS, [], False
    for part in parts:
        read.append(part)
        if was_cut := sum(map(len, read)) >= MAX_ROWS or clock() > deadline:
            break
    rows = sum(map(len, read))
    if not rows:
        raise DatasetError(f"No rows were found in {name!r}. It needs a header line and one example per row.")
    if not is_whole and whole_bytes:
        rows = round(rows * whole_bytes / len(data))
    return _summary(name, pd.concat(read, ignore_index=True), rows, is_exact=is_whole and not was_cut)


def _decoded(name: str, data: bytes) -> str:
    """The text of a file: by its byte order mark, else UTF-8, else Latin-1."""
    if not data.strip():
        raise DatasetError(f"{name!r} is empty. Choose a file with one example per row.")
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace").rstrip("\ufffd")
    if "\ufffd" in text:
        text = data.decode("cp1252", "replace")
    odd = sum(char < " " and char not in "\t\n\r\f" for char in text[:4096])
    if odd > len(text[:4096]) / 200:
        raise DatasetError(f"{name!r} is not a text file. Choose a CSV, TSV or JSONL file.")
    return text.replace("\x00", "")


def _table(name: str, text: str) -> Iterator[DataFrame]:
    import pandas as pd

    text = text.lstrip("\r\n")
    header = text.partition("\n")[0]
    separator = "\t" if name.lower().endswith(".tsv") else max(",\t;|", key=header.count)
    n_columns = header.count(separator) + 1
    if n_columns > MAX_COLUMNS:
        raise DatasetError(f"{name!r} has more than {MAX_COLUMNS} columns. Is it separated by {separator!r}?")
    try:
        reader = pd.read_csv(
            io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, chunksize=ROWS_AT_ONCE,
            index_col=False, on_bad_lines="skip", skipinitialspace=True,
        )  # fmt: skip
        for part in reader:
            part.columns = [str(column).strip() for column in part.columns]
            yield part.fillna("")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise DatasetError(f"{name!r} cannot be read as a table ({error}). Save it as CSV in UTF-8.") from None


def _json(name: str, text: str, is_whole: bool) -> Iterator[DataFrame]:
    """The rows of JSONL, or of one JSON list."""
    import pandas as pd

    is_list = name.lower().endswith(".json") and text.lstrip().startswith("[")
    if is_list and not is_whole:
        raise DatasetError(f"{name!r} is one large JSON list. Save it as JSONL (one object per line) to have it read.")
    rows = _json_rows(name, [text] if is_list else text.splitlines(), is_list)
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield pd.DataFrame([row if isinstance(row, dict) else {"value": row} for row in batch], dtype=object)


def _json_rows(name: str, lines: Sequence[str], is_list: bool) -> Iterator[object]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                read = json.loads(line)
            except (ValueError, RecursionError):
                wrong = f"{name!r} is not valid JSON" if is_list else f"Line {number} of {name!r} is not JSON"
                raise DatasetError(f"{wrong}. Save it as JSONL, one JSON object per line.") from None
            yield from read if is_list else [read]


def _summary(name: str, frame: DataFrame, rows: int, *, is_exact: bool) -> DatasetSummary:
    frame = frame.iloc[:, :MAX_COLUMNS]
    texts = frame.map(as_text)
    label = _label_column(frame)
    classes: tuple[tuple[str, int], ...] = ()
    notes = []
    if label:
        classes = _counted(texts[label])
        if unlabelled := int((texts[label].str.strip() == "").sum()):
            notes.append(f"{unlabelled} of {len(frame)} rows have no label.")
    modality, column = _modality(texts.drop(columns=label) if label else texts)
    for chat in frame.columns if column else ():
        if frame[chat].map(lambda cell: isinstance(cell, list)).all():
            notes += _on_chats(frame[chat])
    notes += _on_balance(classes)
    if copies := int(texts.duplicated().sum()):
        notes.append(f"{copies} rows are exact copies of others.")
    if not is_exact:
        notes.append(f"All figures but the number of examples are of the first {len(frame):,} rows.")
    lengths = _lengths(column, texts[column]) if column else None
    columns = tuple(map(str, frame.columns[:40]))
    return DatasetSummary(name, rows, is_exact, modality, label, classes, lengths, columns, tuple(notes))


def _on_chats(chats: Series) -> list[str]:
    """How long the conversations of a column are, and how many hold nothing to learn at their end."""
    notes = [f"Conversations of {chats.map(len).median():.0f} messages (median)."]
    last = chats.map(lambda chat: chat[-1] if chat and isinstance(chat[-1], dict) else {})
    speakers = last.map(lambda message: str(message.get("role", message.get("from", ""))).lower())
    if unanswered := int((~speakers.isin(ANSWERING)).sum()):
        notes.append(f"{unanswered} of {len(chats)} conversations do not end with an answer of the assistant.")
    return notes


def _on_balance(classes: Sequence[tuple[str, int]]) -> list[str]:
    """What follows from classes of very different size."""
    if len(classes) < 2 or classes[0][1] < UNBALANCED * classes[-1][1]:
        return []
    (largest, many), (smallest, few) = classes[0], classes[-1]
    return [
        f"Unbalanced: {many / few:.0f} examples of {largest!r} for one of {smallest!r}. Split each class alike, and "
        "score each class: whoever always says the largest looks accurate."
    ]


def _label_column(frame: DataFrame) -> str | None:
    """A column named like a label; else the last one with few, often repeated short values."""
    return next(iter(named_labels(frame)), None) or next(reversed(repeated_labels(frame)), None)


def _counted(names: Series) -> tuple[tuple[str, int], ...]:
    """(name, count), most frequent first; () if there are none, or too many to be classes."""
    counts = Counter(name.strip()[:80] for name in names if name.strip())
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ordered) if len(ordered) <= MOST_CLASSES else ()


def _modality(texts: DataFrame) -> tuple[str | None, str | None]:
    """(modality, column whose length matters): file names say image or audio, long text says text, numbers tabular."""
    head, numeric = texts.head(500), False
    for column in head.columns:
        endings = head[column].map(lambda cell: PurePosixPath(cell.lower()).suffix if len(cell) < 300 else "")
        for kind in ("image", "audio"):
            if endings.isin(ENDINGS[kind]).mean() > 0.8:
                return kind, None
        filled = head[column][head[column] != ""]
        numeric = numeric or (len(filled) > 0 and bool(filled.str.fullmatch(NUMBER).all()))
    means = head.apply(lambda column: column.str.len().mean())
    if len(means) and means.max() >= 15:
        return "text", str(means.idxmax())
    return ("tabular", None) if numeric else (None, None)


def _lengths(of: str, texts: Series) -> Lengths:
    texts = texts[texts != ""]
    words, chars = texts.str.split().str.len(), texts.str.len()
    has_spaces = (chars / words.clip(lower=1)).mean() <= 25  # Chinese, for example, has none between words
    return Lengths.measured(of, *((words, "words") if has_spaces else (chars, "characters")))


def summarise_listing(entries: object, *, total: float | None = None) -> DatasetSummary:
    """Summarise a folder by names and sizes: one sub-folder per class, with or without train/test folders above.

    Args:
        entries: [path, bytes] of each file, as a door sent them; what is no such pair is left out.
        total: How many files there are, if `entries` may be a part.

    Raises:
        DatasetError: If there are no examples in it, or it is no list.
    """
    import pandas as pd

    if not isinstance(entries, list):
        raise DatasetError("The folder could not be read. Choose it again.")
    listed = [pair for pair in entries[:MAX_ENTRIES] if isinstance(pair, list) and [*map(type, pair)] == [str, int]]
    files = [(PurePosixPath(path[:1000]), max(0, size)) for path, size in listed]
    visible = [(path, size) for path, size in files if not any(part.startswith((".", "__")) for part in path.parts)]
    kinds = {kind: [each for each in visible if each[0].suffix.lower() in ENDINGS[kind]] for kind in ENDINGS}
    modality, examples = max(kinds.items(), key=lambda kind: len(kind[1]))
    if not examples:
        tables = [path.name for path, _ in visible if path.suffix.lower() in TABLES]
        hint = f" It holds {tables[0]!r}: choose that file with “Read my dataset”." if tables else ""
        raise DatasetError(f"No images, audio or text files were found in the folder.{hint}")
    folders = [path.parts[1:-1] for path, _ in examples]
    classes = _counted(pd.Series([parts[-1] if parts and parts[-1].lower() not in SPLITS else "" for parts in folders]))
    splits = Counter(part.lower() for parts in folders for part in parts if part.lower() in SPLITS)
    told = ", ".join(f"{name} {count}" for name, count in splits.most_common())
    is_whole = total is None or total <= len(listed)
    return DatasetSummary(
        examples[0][0].parts[0] if len(examples[0][0].parts) > 1 else "folder",
        len(examples) if is_whole else round(len(examples) * (total or 0) / max(1, len(listed))),
        is_whole,
        modality,
        "sub-folder" if len(classes) > 1 else None,
        classes if len(classes) > 1 else (),
        _sizes(pd.Series([size / 1024 for _, size in examples])),
        notes=(*([f"Folders by split: {told}."] if told else []), *_on_balance(classes)),
    )


def _sizes(kilobytes: Series) -> Lengths:
    is_large = kilobytes.median() >= 1024
    return Lengths.measured("files", *((kilobytes / 1024, "MB") if is_large else (kilobytes, "KB")))
