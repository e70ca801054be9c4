"""Stored conversations: the list of them, and what is saved of each as text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunewise.conversation import ConversationStore, ConversationSummary
    from tunewise.framework import Framework
    from tunewise.record import DocumentFormat, Record
    from tunewise.settings import Settings


class History:
    """The conversations that one owner may see; None is the person at the machine, who sees all.

    Methods raise `ConversationError` if there is no such conversation, or the store cannot be read or written.
    """

    def __init__(
        self, store: ConversationStore, settings: Settings, framework: Framework | None = None, owner: str | None = None
    ) -> None:
        self._store, self._settings, self._framework, self._owner = store, settings, framework, owner

    def list(self, search: str = "") -> list[ConversationSummary]:
        """Conversations, last used first; with `search`, those that contain it."""
        return self._store.list(owner=self._owner, search=search or None)

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title."""
        self._store.rename(conversation, title, owner=self._owner)

    def delete(self, conversation: str) -> None:
        """Remove a conversation with its turns and ratings."""
        self._store.delete(conversation, owner=self._owner)

    def transcript(self, conversation: str, form: DocumentFormat) -> str:
        """The whole conversation."""
        return self._store.transcript(conversation, form, owner=self._owner)

    def record(self, conversation: str, form: DocumentFormat, number: int | None = None) -> str:
        """The decision record of a turn as text, see `decision`."""
        from tunewise.record import write_record

        return write_record(self.decision(conversation, number), form)

    def decision(self, conversation: str, number: int | None = None) -> Record:
        """The decision record of a turn; without a number, of the last recommendation, edits of the facts included.

        Raises:
            RecordError: If no such turn holds a recommendation.
        """
        from tunewise.framework import load_framework
        from tunewise.record import record_of_turn

        framework = self._framework or load_framework(self._settings.framework)
        return record_of_turn(self._store, conversation, framework, self._settings, number=number, owner=self._owner)

    def feedback(self) -> str:
        """All ratings, one JSON object a line."""
        return self._store.export_feedback(owner=self._owner)

    def misses(self) -> str:
        """What was marked as wrong, as rows of a case file."""
        from tunewise.desk.misses import misses

        return misses(self._store, self._owner)


@contextmanager
def open_history(settings: Settings) -> Iterator[History]:
    """All conversations on this machine, for a door that needs no advisor."""
    from tunewise.conversation import ConversationStore

    store = ConversationStore(settings.conversations_path)
    try:
        yield History(store, settings)
    finally:
        store.close()
