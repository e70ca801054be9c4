"""Conversations on disk: turns, edits and feedback in one SQLite file that outlives a killed process."""

from tunewise.conversation.records import ConversationSummary, Feedback, StoredTurn
from tunewise.conversation.store import ConversationStore
from tunewise.conversation.transcript import TranscriptFormat

Turn = StoredTurn  # its old name, until nobody uses it

__all__ = ["ConversationStore", "ConversationSummary", "Feedback", "StoredTurn", "TranscriptFormat", "Turn"]
