"""What the forms say of the step that each architecture is judged by, as the table that frameworks read.

`python -m scripts.measure_memory` writes corpus/resources/measured.yaml with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from tunewise.resources.forms import Form, forms
from tunewise.resources.records import GB
from tunewise.resources.sources import Architecture, architectures, methods, training_table

TABLE = Path(__file__).parent.parent / "corpus" / "resources" / "measured.yaml"
HEAD = """# Training memory by family, size and method, in GB (1e9 bytes) of one step: `always`, and `example` for each
# example of the batch, at least `least`. Frameworks read it (`measured`). Written from forms.json by `python -m
# scripts.measure_memory`; the conventions (room, micro_batch, same, reach) are those of training.yaml.
"""


def table_text() -> str:
    """The whole file."""
    return HEAD + "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    table = training_table()
    yield f"room: {1 / table['fits_below']:.4g}"
    yield f"micro_batch: {table['micro_batch']}"
    yield f"same: {table['siblings']['same']}"
    yield f"reach: {table['siblings']['reach']}"
    yield f"source: {json.dumps(table['measured_source'])}"
    yield "families:"
    named = sorted(architectures().values(), key=lambda each: each.family)
    for family, members in groupby(named, key=lambda each: each.family):
        yield from _family(family, sorted(members, key=lambda each: _form(each, "full").parameters))


def _family(name: str, members: list[Architecture]) -> Iterator[str]:
    (batch, length), unit = members[0].at, members[0].unit
    if any((each.at, each.unit) != ((batch, length), unit) for each in members):
        raise ValueError(f"Family {name!r}: all its sizes must be judged by the same step. Correct 'at' or 'length'.")
    yield f"  {name}:"
    yield f"    {{batch: {batch}, length: {length}, unit: {unit}, models: ["
    for each in members:
        yield f"      {{label: {json.dumps(each.label)}, parameters: {_form(each, 'full').parameters}, needs: {{"
        for method in methods():
            if (each.source.name, method.name, False) in forms():
                yield f"        {method.name}: {_need(_form(each, method.name), length)},"
        yield "      }},"
    yield "    ]}"


def _form(architecture: Architecture, method: str) -> Form:
    """With blocks computed again where that was measured: so such models are trained."""
    known, name = forms(), architecture.source.name
    return known.get((name, method, True)) or known[name, method, False]


def _need(form: Form, length: int) -> str:
    kept = form.weights + form.optimizer
    constant, per_example, per_length, per_square = form.moving
    example = per_example + length * (per_length + length * per_square)
    sizes = {"always": kept + constant, "example": example, "least": kept + form.least}
    said = [f"{key}: {size / GB:.5g}" for key, size in sizes.items()]
    return "{" + ", ".join([*said, *(["recomputed: true"] if form.recomputed else [])]) + "}"
