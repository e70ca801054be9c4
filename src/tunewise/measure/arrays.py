"""Features that the user computed: .npy, .npz and Parquet. Nothing in them is ever run (no pickles)."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise.columns import named_labels, repeated_labels
from tunewise.extras import needs_extra
from tunewise.measure.drawing import refuse_too_many
from tunewise.measure.records import Drawn, MeasureError

if TYPE_CHECKING:
    from tunewise.measure.records import Vectors

FEATURE_NAMES = ("features", "embeddings", "x", "vectors", "data")
LABEL_NAMES = ("labels", "label", "y", "targets", "classes")
MAX_BYTES = 4 << 30  # of an array that is not mapped
MAX_WIDTH = 65_536
COMPARED_AT_ONCE = 4_096

Read = tuple[Any, Any, str, tuple[tuple[str, ...], str]]  # features, labels, in words what was read, and its names


def draw_features(
    path: Path, label: str | None, *, size: int, seed: int, needs_label: bool = True
) -> tuple[Drawn, str]:
    """Draw rows of features; also says where they and their labels were found.

    Args:
        path: An .npz with features and labels, an .npy of features, or a Parquet file of numbers.
        label: Name of the labels inside the file; for .npy the file of labels (default: NAME_labels.npy).
        size: Most rows.
        seed: Of the draw.
        needs_label: Whether features without labels are refused.

    Raises:
        MeasureError: If the file cannot be read, or its arrays do not fit.
    """
    import numpy as np

    ending = path.suffix.lower()
    read = _from_npz if ending == ".npz" else _from_npy if ending == ".npy" else _from_parquet
    matrix, names, said, named = read(path, label)
    if names is None and needs_label:
        raise MeasureError(f"{path.name!r} holds no labels. {_how_to_label(ending)}")
    _refuse_shape(path, matrix, names)
    labels = [""] * len(matrix) if names is None else _as_names(path, names)
    rows = [place for place, name in enumerate(labels) if name or not needs_label]
    counts = Counter(labels[place] for place in rows) if names is not None else Counter[str]()
    if needs_label:
        refuse_too_many(path.name, "labels", counts)
    picked = np.random.default_rng(seed).permutation(np.array(rows, dtype=np.int64))[:size]
    items = np.ascontiguousarray(matrix[np.sort(picked)], dtype=np.float32)[np.argsort(np.argsort(picked))]
    if bad := np.flatnonzero(~np.isfinite(items).all(axis=1)).tolist():
        first = int(min(picked[bad]))
        raise MeasureError(
            f"{len(bad):,} of {len(items):,} rows of {path.name!r} hold NaN or infinite values, row {first:,} for one. "
            "Fill or remove them."
        )
    notes = [f"{len(labels) - len(rows):,} rows without a label were left out."] if len(rows) < len(labels) else []
    drawn_labels = tuple(labels[place] for place in picked.tolist())
    copies, conflicts = _repeated(items, drawn_labels)
    drawn = Drawn(
        "features", items, drawn_labels, len(rows), dict(counts.most_common()), copies, conflicts,
        path.name, tuple(notes), *named,
    )  # fmt: skip
    return drawn, said


def _how_to_label(ending: str) -> str:
    if ending == ".npy":
        return "Give the file of its labels with --label, or save both as .npz."
    return "Save them beside the features as 'labels', or name them with --label."


def _refuse_shape(path: Path, matrix: Any, names: Any) -> None:
    if matrix.ndim != 2 or not matrix.size or matrix.dtype.kind not in "fiub":
        raise MeasureError(
            f"The features in {path.name!r} have the shape {tuple(matrix.shape)} and type {matrix.dtype}; a table of "
            "numbers is needed, one row per example."
        )
    if matrix.shape[1] > MAX_WIDTH:
        raise MeasureError(
            f"The features in {path.name!r} are {matrix.shape[1]:,} wide; at most {MAX_WIDTH:,} are read."
        )
    if names is not None and (names.ndim != 1 or len(names) != len(matrix)):
        raise MeasureError(f"{path.name!r} has {len(matrix):,} rows of features, but labels of shape {names.shape}.")


def _as_names(path: Path, labels: Any) -> list[str]:
    if labels.dtype.kind == "f":
        whole = [value.is_integer() or value != value for value in labels.tolist()]
        if not all(whole):
            raise MeasureError(f"The labels of {path.name!r} are decimals; scores here are of classes.")
        return ["" if value != value else str(int(value)) for value in labels.tolist()]
    return ["" if value is None else str(value).strip()[:80] for value in labels.tolist()]


def _load(path: Path, *, mapped: bool) -> Any:
    import numpy as np

    try:
        return np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        said = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
        raise MeasureError(f"{path.name!r} cannot be read as an array ({said}). Save it with numpy.save.") from None


def _from_npy(path: Path, label: str | None) -> Read:
    beside = Path(label) if label else path.with_name(f"{path.stem}_labels.npy")
    if label and not beside.is_file():
        raise MeasureError(f"There is no file of labels {label!r}. Give an .npy file with one label per row.")
    names = _load(beside, mapped=False) if beside.is_file() else None
    return (
        _load(path, mapped=True),
        names,
        f"features {path.name!r}" + (f", labels {beside.name!r}" if names is not None else ""),
        ((), ""),
    )


def _from_npz(path: Path, label: str | None) -> Read:
    archive = _load(path, mapped=False)
    if not hasattr(archive, "files"):
        raise MeasureError(f"{path.name!r} is no .npz archive. Save it with numpy.savez.")
    with archive:
        unpacked = sum(entry.file_size for entry in archive.zip.infolist())
        if unpacked > MAX_BYTES:
            raise MeasureError(
                f"{path.name!r} unpacks to {unpacked / 1e9:.1f} GB; at most {MAX_BYTES / 1e9:.1f} are read."
            )
        features = _one_of(path, archive.files, FEATURE_NAMES, "features")
        if label and label not in archive.files:
            raise MeasureError(f"{path.name!r} has no array {label!r}. Its arrays: {', '.join(archive.files)}.")
        named = label or next((name for name in archive.files if name.lower() in LABEL_NAMES), None)
        try:
            said, labels = f"features {features!r}, labels {named!r}", archive[named] if named else None
            return archive[features], labels, said, ((features,), named or "")
        except (ValueError, OSError, EOFError, zipfile.BadZipFile, MemoryError) as error:
            raise MeasureError(
                f"{path.name!r} cannot be read ({str(error)[:100]}). Save it with numpy.savez."
            ) from None


def _one_of(path: Path, names: Sequence[str], wanted: Sequence[str], what: str) -> str:
    found = [name for name in names if name.lower() in wanted]
    if len(found) != 1:
        raise MeasureError(
            f"{path.name!r} needs one array named {what!r}; it has {', '.join(map(repr, names)) or 'none'}."
        )
    return found[0]


def is_features(path: Path) -> bool:
    """Whether a file holds features rather than texts: .npy, .npz, or Parquet without a column of text but numbers."""
    if path.suffix.lower() in (".npy", ".npz"):
        return True
    if path.suffix.lower() != ".parquet":
        return False
    with needs_extra("measure", "A Parquet file"):
        import pyarrow as pa
        import pyarrow.parquet as pq
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError):
        return False  # whoever opens it next says what is wrong
    vectors, numbers = _numeric(schema)
    return bool(vectors) or len(numbers) == len(schema) > 2


def _numeric(schema: Any) -> tuple[list[str], list[str]]:
    """Columns of lists of decimals, and columns of numbers."""
    import pyarrow as pa

    def is_list(kind: Any) -> bool:
        lists = (pa.types.is_list, pa.types.is_fixed_size_list, pa.types.is_large_list)
        return any(check(kind) for check in lists) and bool(pa.types.is_floating(kind.value_type))

    vectors = [each.name for each in schema if is_list(each.type)]
    return vectors, [each.name for each in schema if pa.types.is_floating(each.type) or pa.types.is_integer(each.type)]


def _from_parquet(path: Path, label: str | None) -> Read:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        if (
            sum(file.metadata.row_group(place).total_byte_size for place in range(file.metadata.num_row_groups))
            > MAX_BYTES
        ):
            raise MeasureError(f"{path.name!r} unpacks to more than {MAX_BYTES / 1e9:.1f} GB. Measure a part of it.")
        table = file.read(use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise MeasureError(f"{path.name!r} cannot be read as Parquet ({str(error)[:100]}). Write it again.") from None
    if label and label not in table.column_names:
        raise MeasureError(f"{path.name!r} has no column {label!r}. Its columns: {', '.join(table.column_names[:12])}.")
    vectors, numbers = _numeric(table.schema)
    others = {name: table.column(name).slice(0, 5000).to_pylist() for name in table.column_names if name not in vectors}
    found = [label] if label else named_labels(others) or repeated_labels(others)
    if len(found) > 1:
        raise MeasureError(
            f"Several columns of {path.name!r} may be the label: {', '.join(found)}. Choose with --label."
        )
    if len(vectors) > 1:
        raise MeasureError(f"Several columns of {path.name!r} hold features: {', '.join(vectors)}. Keep one of them.")
    if vectors:
        rows, said = table.column(vectors[0]).to_pylist(), repr(vectors[0])
        if len({len(row) if row is not None else -1 for row in rows}) != 1 or not rows or rows[0] is None:
            raise MeasureError(f"The lists in column {vectors[0]!r} of {path.name!r} have different lengths.")
        matrix = np.array(rows, dtype=np.float32)
    else:
        wanted = [name for name in numbers if name not in found]
        matrix = np.column_stack([table.column(name).to_numpy().astype(np.float32) for name in wanted])
        said = f"{len(wanted)} columns of numbers"
    names = np.array(table.column(found[0]).to_pylist(), dtype=object) if found else None
    columns = (tuple(vectors), found[0] if found else "")
    return matrix, names, f"features {said}" + (f", label {found[0]!r}" if found else ""), columns


def _repeated(items: Vectors, labels: Sequence[str]) -> tuple[int, int]:
    """Rows that repeat an earlier one number by number, and those with another label than the first."""
    first: dict[bytes, str] = {}
    copies = conflicts = 0
    for row, label in zip(items, labels, strict=True):
        key = row.tobytes()
        copies += key in first
        conflicts += first.setdefault(key, label) != label
    return copies, conflicts
