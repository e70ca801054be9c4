"""Walks every architecture of corpus/resources/architectures.yaml and writes what training it takes.

    python -m scripts.measure_memory             rows that are missing, then the forms and the frameworks' table
    python -m scripts.measure_memory --confirm   real steps on this CPU beside the walk and bytes per parameter

Rows go to corpus/resources/memory.jsonl; forms of batch and length fitted to them, with how far these are off on rows
that they were not fitted to, to corpus/resources/forms.json; what they say of the usual step to
corpus/resources/measured.yaml. Needs `pip install 'tunewise[memory]'`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from scripts.measured_table import TABLE, table_text
from tunewise import offline
from tunewise.errors import ResourcesError
from tunewise.resources.deep import unpacked_need
from tunewise.resources.forms import Coefficients, Form, forms
from tunewise.resources.records import Method, Need, Workload
from tunewise.resources.sources import architectures, methods
from tunewise.resources.walk import packed

FOLDER = Path(__file__).parent.parent / "corpus" / "resources"
ROWS, FORMS = FOLDER / "memory.jsonl", FOLDER / "forms.json"
Task = tuple[str, int, int, bool, str]
Row = dict[str, Any]
TERMS = ("constant", "example", "length", "square")
ON_THE_LINE = 0.01
ONCE = ("head", "last_blocks")  # too little is kept for computing it again to pay


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--confirm", action="store_true", help="compare with real steps")
    arguments = parser.parse_args()
    offline.seal()
    if arguments.confirm:
        from scripts.confirm_memory import confirm

        confirm()
        return
    add_rows(arguments.workers)
    rows = in_order(read_rows())
    ROWS.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    write_forms(rows)
    forms.cache_clear()
    TABLE.write_text(table_text(), "utf-8")


def tasks() -> Iterator[Task]:
    """(architecture, batch, length, recomputed, method) of every row to be; a row of LoRA brings that of QLoRA."""
    for name, architecture in architectures().items():
        for recomputed in (False, True) if architecture.recomputed else (False,):
            for batch, length in (*architecture.fitted, *architecture.held_out):
                yield from ((name, batch, length, recomputed, each) for each in _walked_methods(recomputed))


def _walked_methods(recomputed: bool) -> list[str]:
    """The first method of each walk."""
    ways = {(method.trains, method.rank): method for method in reversed(methods())}
    return [each.name for each in reversed(ways.values()) if not (recomputed and each.trains in ONCE)]


def add_rows(workers: int) -> None:
    """Walk what has no row yet."""
    done = {(row["architecture"], row["batch"], row["length"], row["recomputed"], row["method"]) for row in read_rows()}
    left = [task for task in tasks() if task not in done]
    started = time.monotonic()
    with ProcessPoolExecutor(workers) as pool, ROWS.open("a", encoding="utf-8") as file:
        for count, rows in enumerate(pool.map(rows_of, left), 1):
            file.writelines(json.dumps(row) + "\n" for row in rows)
            file.flush()
            print(
                f"{count}/{len(left)} {' '.join(map(str, left[count - 1]))} {time.monotonic() - started:.0f} s",
                file=sys.stderr,
            )


def rows_of(task: Task) -> list[Row]:
    """The rows of one walk; none where the method has nothing to train in the architecture."""
    name, batch, length, recomputed, first = task
    workload = Workload(batch, length, recomputed=recomputed)
    walked = next(method for method in methods() if method.name == first)
    try:
        need = unpacked_need(architectures()[name].source, walked, workload)
    except ResourcesError as error:
        print(f"{name}, {first}: {error}", file=sys.stderr)
        return []
    same = [method for method in methods() if (method.trains, method.rank) == (walked.trains, walked.rank)]
    return [_row(name, method, workload, packed(need, method, mixed=True)) for method in same]


def _row(name: str, method: Method, workload: Workload, need: Need) -> Row:
    sizes = {key: value for key, value in asdict(need).items() if key not in ("adapted", "largest")}
    what = {"architecture": name, "method": method.name, "precision": "bf16 autocast", **asdict(workload)}
    del what["mixed"]
    return {**what, **sizes, "peak_gb": round(need.peak / 1e9, 4)}


def read_rows() -> list[Row]:
    """All rows that there are."""
    return [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()] if ROWS.exists() else []


def in_order(rows: list[Row]) -> list[Row]:
    """By architecture, method, way of keeping and step."""
    names, ways = list(architectures()), [method.name for method in methods()]
    key = ("recomputed", "batch", "length")
    return sorted(
        rows, key=lambda row: (names.index(row["architecture"]), ways.index(row["method"]), *map(row.get, key))
    )


def write_forms(rows: list[Row]) -> None:
    """Fit a form to each architecture, method and way of keeping, and say how far it is off on held-out rows."""
    groups: dict[tuple[str, str, bool], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["architecture"], row["method"], row["recomputed"]), []).append(row)
    fitted = [_form(key, groups[key]) for key in groups]
    FORMS.write_text("[\n" + ",\n".join(json.dumps(form) for form in fitted) + "\n]\n", "utf-8")
    errors = [form["held_out_error"] for form in fitted]
    print(f"{len(rows)} rows, {len(fitted)} forms; on held-out rows off by {sum(errors) / len(errors):.1%} on average,")
    print(f"{sorted(errors)[len(errors) // 2]:.1%} in the middle, {max(errors):.1%} at most:")
    for form in sorted(fitted, key=lambda form: -form["held_out_error"])[:8]:
        print(f"  {form['architecture']:15} {form['method']:13} {form['held_out_error']:.1%}")


def _form(key: tuple[str, str, bool], rows: list[Row]) -> Row:
    architecture = architectures()[key[0]]
    fitted = [row for row in rows if (row["batch"], row["length"]) in architecture.fitted]
    held = [row for row in rows if (row["batch"], row["length"]) in architecture.held_out]
    constant = {name: rows[0][name] for name in ("parameters", "trainable", "weights", "optimizer", "all_gradients")}
    least, moving = _moving(fitted, architecture.grows)
    works = {"square", *architecture.grows} | (set() if architecture.unit == "pixels" else {"length"})
    work = _coefficients([row["operations"] for row in fitted], fitted, tuple(works))
    form = Form(*key, **constant, least=least, moving=moving, operations=work, held_out_error=0.0, operations_error=0.0)
    needs = [(form.need(row["batch"], row["length"]), row) for row in held]
    off = max(abs(need.peak / row_peak(row) - 1) for need, row in needs)
    work_off = max(abs(need.operations / row["operations"] - 1) for need, row in needs)
    return asdict(replace(form, held_out_error=round(off, 4), operations_error=round(work_off, 4)))


def row_peak(row: Row) -> int:
    """Bytes at the peak of a row."""
    return int(sum(row[part] for part in ("weights", "optimizer", "gradients", "activations")))


def _moving(rows: list[Row], grows: Sequence[str]) -> tuple[int, Coefficients]:
    """(what the smallest step takes, coefficients); where that is all gradients, it says nothing of what grows."""
    moves = {row["gradients"] + row["activations"]: row for row in rows}
    least = min(moves)
    all_of_them = _coefficients(list(moves), list(moves.values()), ("constant", *grows))
    if len(moves) <= len(grows) + 1 or abs(_form_at(all_of_them, moves[least]) / least - 1) < ON_THE_LINE:
        return least, all_of_them
    larger = {move: row for move, row in moves.items() if move > least}
    return least, _coefficients(list(larger), list(larger.values()), ("constant", *grows))


def _form_at(coefficients: Coefficients, row: Row) -> float:
    return sum(share * feature for share, feature in zip(coefficients, _features(row), strict=True))


def _features(row: Row) -> tuple[int, int, int, int]:
    batch, length = row["batch"], row["length"]
    return 1, batch, batch * length, batch * length**2


def _coefficients(values: list[float], rows: list[Row], grows: Sequence[str]) -> Coefficients:
    """Shares of what it grows by, 0 for the rest; none below zero, each row weighing alike."""
    import numpy as np
    from scipy.optimize import nnls  # type: ignore[import-untyped]

    used = [name in grows for name in TERMS]
    features = np.array([_features(row) for row in rows], dtype=float)[:, used]
    scale, wanted = features.max(axis=0), np.array(values, dtype=float)
    found, _ = nnls(features / scale / wanted[:, None], np.ones(len(rows)))
    shares = iter(found / scale)
    constant, per_example, per_length, per_square = (float(f"{next(shares):.6g}") if use else 0.0 for use in used)
    return constant, per_example, per_length, per_square


if __name__ == "__main__":
    main()
