"""Records as canonical JSON: sorted keys, no spaces, the same bytes on every run and machine."""

from __future__ import annotations

import json

from pydantic_core import to_jsonable_python


def to_json(record: object, *, indent: int | None = None) -> str:
    """Canonical JSON of a decision, verdict or any other record; `indent` is for reading, not for hashing."""
    plain = to_jsonable_python(record, fallback=dict)  # only read-only mappings are left over
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators)
