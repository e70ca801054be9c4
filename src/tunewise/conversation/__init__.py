"""Conversations on disk: turns, edits and feedback in one SQLite file that outlives a killed process."""

from tunewise.conversation.records import ConversationSummary, Feedback, Project, StoredTurn, Wrong
from tunewise.conversation.store import ConversationStore

__all__ = ["ConversationStore", "ConversationSummary", "Feedback", "Project", "StoredTurn", "Wrong"]
