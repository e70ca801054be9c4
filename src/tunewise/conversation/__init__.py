"""Conversations on disk: turns, edits and feedback in one SQLite file that outlives a killed process."""

from tunewise.conversation.records import ConversationSummary, Feedback, Turn
from tunewise.conversation.store import ConversationStore
from tunewise.conversation.transcript import TranscriptFormat

__all__ = ["ConversationStore", "ConversationSummary", "Feedback", "TranscriptFormat", "Turn"]
