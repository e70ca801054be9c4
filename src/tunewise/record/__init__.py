"""What leaves a turn: the published JSON of a reply, and decision records that can be replayed and compared."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tunewise.record.reply_json import REPLY_VERSION, reply_from_json, reply_to_json

if TYPE_CHECKING:
    from tunewise.record.decision_record import Record, make_record
    from tunewise.record.export import record_of_turn
    from tunewise.record.files import RecordFormat, load_record, parse_record, write_record
    from tunewise.record.replaying import Difference, ReplayResult, diff, replay

__all__ = [
    "REPLY_VERSION", "Difference", "Record", "RecordFormat", "ReplayResult", "diff", "load_record", "make_record",
    "parse_record", "record_of_turn", "replay", "reply_from_json", "reply_to_json", "write_record",
]  # fmt: skip

# pydantic takes longer to import than the whole rest of a reply, so records are loaded when they are first named.
_HOMES = {
    "Record": "decision_record", "make_record": "decision_record", "record_of_turn": "export",
    "RecordFormat": "files", "load_record": "files", "parse_record": "files", "write_record": "files",
    "Difference": "replaying", "ReplayResult": "replaying", "diff": "replaying", "replay": "replaying",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"tunewise.record.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
