"""What leaves a turn: the published JSON of a reply, and decision records that can be replayed and compared."""

from tunewise.record.reply_json import (
    REPLY_VERSION,
    reply_from_json,
    reply_to_json,
    situation_from_json,
    situation_to_json,
)

__all__ = ["REPLY_VERSION", "reply_from_json", "reply_to_json", "situation_from_json", "situation_to_json"]
