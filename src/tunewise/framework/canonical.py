"""Records as canonical JSON: sorted keys, no spaces, the same bytes on every run and machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel


def to_data(record: object) -> Any:
    """A record as plain dictionaries, lists and scalars; field names as keys."""
    if is_dataclass(record) and not isinstance(record, type):
        return {field.name: to_data(getattr(record, field.name)) for field in fields(record)}
    if isinstance(record, BaseModel):
        named = type(record).model_fields.items()
        return {field.alias or name: to_data(getattr(record, name)) for name, field in named}
    if isinstance(record, Mapping):
        return {str(key): to_data(value) for key, value in record.items()}
    if isinstance(record, (list, tuple)):
        return [to_data(value) for value in record]
    return record


def to_json(record: object, *, indent: int | None = None) -> str:
    """Canonical JSON of a decision, verdict or any other record; `indent` is for reading, not for hashing."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.dumps(
        to_data(record), sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )
