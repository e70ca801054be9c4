"""What leaves a turn: the published JSON of a reply, and decision records that can be replayed and compared."""

from tunewise.record.deciding import record_of_situation
from tunewise.record.decision_record import Record, make_record
from tunewise.record.document import DocumentFormat
from tunewise.record.export import record_of_reply, record_of_turn, weights_hash
from tunewise.record.files import load_record, parse_record, write_record
from tunewise.record.replaying import diff, replay
from tunewise.record.reply_json import reply_from_json, reply_to_json

__all__ = [
    "DocumentFormat",
    "Record",
    "diff",
    "load_record",
    "make_record",
    "parse_record",
    "record_of_reply",
    "record_of_situation",
    "record_of_turn",
    "replay",
    "reply_from_json",
    "reply_to_json",
    "weights_hash",
    "write_record",
]
