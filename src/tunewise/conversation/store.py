"""Conversations: create, resume, search, rename, delete, edit, rate.

A turn is written in one synced transaction, so what `add_turn` has returned for is on disk. Every method takes an
`owner` key: with one, only that owner's conversations exist; None is the person at the machine, who sees all.
"""

from __future__ import annotations

import builtins
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tunewise.conversation.database import Database
from tunewise.conversation.records import ConversationSummary, Feedback, Project, StoredTurn, Thumb, Wrong
from tunewise.conversation.transcript import write_transcript
from tunewise.errors import ConversationError, RecordError
from tunewise.record.document import DocumentFormat
from tunewise.record.reply_json import Json, reply_from_json, reply_to_json
from tunewise.types import ProposedFact, Reply, Situation

TITLE_CHARS = 80
NEW_TITLE = "New conversation"


class ConversationStore:
    """A store of conversations in one SQLite file.

    Any number of threads and processes may share it. Opening is lazy: nothing is read or created before first use.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._database = Database(Path(path))
        self._clock = clock

    def create(self, title: str | None = None, owner: str | None = None) -> str:
        """Start a conversation and return its id; without a title the first message becomes the title."""
        conversation, now = secrets.token_hex(8), self._clock()
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO conversations (id, title, owner, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
                (conversation, _title(title) if title else NEW_TITLE, owner, now, now),
            )
        return conversation

    def add_turn(self, conversation: str, message: str, reply: Reply, *, owner: str | None = None) -> StoredTurn:
        """Store a message with its reply; on return both are on disk.

        Raises:
            ConversationError: If there is no such conversation, or the disk is full or read-only.
        """
        return self._append(conversation, message, {}, reply, owner)

    def save_edit(
        self, conversation: str, changes: Mapping[str, str], reply: Reply, *, owner: str | None = None
    ) -> StoredTurn:
        """Store an edit of the fact sheet (fact → value) with the reply it led to."""
        return self._append(conversation, None, dict(changes), reply, owner)

    def forget_turns(self, conversation: str, first: int, *, owner: str | None = None) -> None:
        """Take back the turn with number `first` and all after it, with their feedback (a message is sent again)."""
        with self._database.writing() as connection:
            _require(connection, conversation, owner)
            connection.execute("DELETE FROM turns WHERE conversation = ? AND number >= ?", (conversation, first))

    def turns(self, conversation: str, *, owner: str | None = None) -> builtins.list[StoredTurn]:
        """All turns, oldest first.

        Raises:
            ConversationError: If there is no such conversation.
        """
        with self._database.reading() as connection:
            _require(connection, conversation, owner)
            rows = connection.execute("SELECT * FROM turns WHERE conversation = ? ORDER BY number", (conversation,))
            return [_turn(row) for row in rows]

    def projects(self, conversation: str, *, owner: str | None = None) -> tuple[Project, ...]:
        """The cases of a conversation, each with its own facts.

        Raises:
            ConversationError: If there is no such conversation.
        """
        return projects(self.turns(conversation, owner=owner))

    def last_turn(self, conversation: str, *, owner: str | None = None) -> StoredTurn | None:
        """The newest turn, None before the first."""
        return next(reversed(self.turns(conversation, owner=owner)), None)

    def list(self, owner: str | None = None, search: str | None = None) -> builtins.list[ConversationSummary]:
        """Conversations, last used first; `search` looks in titles, messages and answers, ignoring case."""
        with self._database.reading() as connection:
            rows = connection.execute(
                """
                SELECT id, title, updated_at,
                       (SELECT count(*) FROM turns WHERE conversation = conversations.id) AS n_turns
                FROM conversations
                WHERE (:owner IS NULL OR owner = :owner)
                  AND (:search IS NULL OR contains(title, :search) OR EXISTS (
                       SELECT 1 FROM turns WHERE conversation = conversations.id
                       AND (contains(message, :search) OR contains(answer, :search))))
                ORDER BY updated_at DESC, rowid DESC
                """,
                {"owner": owner, "search": search or None},
            )
            return [ConversationSummary(**row) for row in rows]

    def title(self, conversation: str, *, owner: str | None = None) -> str:
        """The conversation's title."""
        with self._database.reading() as connection:
            return str(_require(connection, conversation, owner)["title"])

    def rename(self, conversation: str, title: str, *, owner: str | None = None) -> None:
        """Give a conversation another title.

        Raises:
            ConversationError: If the title is blank or there is no such conversation.
        """
        if not title.strip():
            raise ConversationError("A conversation's title cannot be blank. Type at least one letter.")
        with self._database.writing() as connection:
            _require(connection, conversation, owner)
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (_title(title), conversation))

    def delete(self, conversation: str, *, owner: str | None = None) -> None:
        """Remove a conversation with its turns and feedback; the bytes are overwritten."""
        with self._database.writing() as connection:
            _require(connection, conversation, owner)
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation,))

    def add_feedback(
        self, conversation: str, turn: int, thumb: Thumb, comment: str = "", *, owner: str | None = None
    ) -> None:
        """Rate a turn (by its number); a later rating of the same turn replaces the earlier one."""
        if thumb not in ("up", "down"):
            raise ConversationError(f"Feedback is 'up' or 'down', not {thumb!r}.")
        with self._database.writing() as connection:
            _require(connection, conversation, owner)
            _require_turn(connection, conversation, turn)
            connection.execute(
                "INSERT OR REPLACE INTO feedback (conversation, turn, thumb, comment, at) VALUES (?, ?, ?, ?, ?)",
                (conversation, turn, thumb, comment, self._clock()),
            )

    def feedback(self, conversation: str | None = None, *, owner: str | None = None) -> builtins.list[Feedback]:
        """Ratings, oldest first, of one conversation or of all that the owner may see."""
        with self._database.reading() as connection:
            if conversation is not None:
                _require(connection, conversation, owner)
            rows = connection.execute(
                """
                SELECT turns.conversation, turn, thumb, comment, feedback.at, message, answer FROM feedback
                JOIN turns ON turns.conversation = feedback.conversation AND turns.number = feedback.turn
                JOIN conversations ON conversations.id = feedback.conversation
                WHERE (:owner IS NULL OR owner = :owner)
                  AND (:conversation IS NULL OR feedback.conversation = :conversation)
                ORDER BY feedback.at, feedback.rowid
                """,
                {"owner": owner, "conversation": conversation},
            )
            return [Feedback(**row) for row in rows]

    def add_wrong(self, wrong: Wrong, *, owner: str | None = None) -> None:
        """Keep that something in a turn was wrong; saying so twice changes nothing.

        Raises:
            ConversationError: If there is no such turn.
        """
        with self._database.writing() as connection:
            _require(connection, wrong.conversation, owner)
            _require_turn(connection, wrong.conversation, wrong.turn)
            connection.execute(
                "INSERT OR IGNORE INTO wrong (conversation, turn, what, said, at) VALUES (?, ?, ?, ?, ?)",
                (wrong.conversation, wrong.turn, wrong.what, _text(wrong.said), self._clock()),
            )

    def wrong(self, *, owner: str | None = None) -> builtins.list[Wrong]:
        """Everything that was marked as wrong, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                """
                SELECT conversation, turn, what, said FROM wrong
                JOIN conversations ON conversations.id = wrong.conversation
                WHERE :owner IS NULL OR owner = :owner ORDER BY at, wrong.rowid
                """,
                {"owner": owner},
            )
            return [Wrong(**row) for row in rows]

    def export_feedback(self, *, owner: str | None = None) -> str:
        """All ratings with the message and answer they are about, one JSON object a line."""
        return "".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in self.feedback(owner=owner))

    def transcript(self, conversation: str, format: DocumentFormat = "markdown", *, owner: str | None = None) -> str:
        """The whole conversation as Markdown, JSON or a self-contained HTML page.

        Raises:
            ConversationError: If there is no such conversation or format.
        """
        title = self.title(conversation, owner=owner)
        return write_transcript(title, self.turns(conversation, owner=owner), format)

    def close(self) -> None:
        """Close the file; the store can be used again afterwards."""
        self._database.close()

    def _append(
        self, conversation: str, message: str | None, changes: Mapping[str, str], reply: Reply, owner: str | None
    ) -> StoredTurn:
        now = self._clock()
        written: Json = reply_to_json(reply, fact_names=()) | {"conversation": conversation}
        with self._database.writing() as connection:
            title = _require(connection, conversation, owner)["title"]
            (number,) = connection.execute(
                "INSERT INTO turns (conversation, number, message, changes, reply, answer, at)"
                " SELECT :conversation, 1 + coalesce(max(number), 0), :message, :changes, :reply, :answer, :at"
                " FROM turns WHERE conversation = :conversation RETURNING number",
                {
                    "conversation": conversation,
                    "message": _text(message),
                    "changes": json.dumps(changes),
                    "reply": json.dumps(written),
                    "answer": _text(reply.answer),
                    "at": now,
                },
            ).fetchone()
            if message and title == NEW_TITLE:
                title = _title(message)
            connection.execute(
                "UPDATE conversations SET updated_at = ?, title = ? WHERE id = ?", (now, title, conversation)
            )
        return StoredTurn(number, message, reply_from_json(written), changes, now)


def projects(turns: Sequence[StoredTurn]) -> tuple[Project, ...]:
    """The cases that these turns, oldest first, are about, in the order in which they came up."""
    numbers = dict.fromkeys(turn.reply.project for turn in turns)
    return tuple(Project(one, tuple(turn for turn in turns if turn.reply.project == one)) for one in numbers)


def standing_situation(turns: Sequence[StoredTurn]) -> Situation:
    """The situation after these turns, oldest first, in the case that the last one is about."""
    return next((one.situation for one in projects(turns) if one.number == turns[-1].reply.project), Situation())


def standing_proposals(turns: Sequence[StoredTurn]) -> tuple[ProposedFact, ...]:
    """What the user was last asked to confirm; a what-if leaves it as it was."""
    return next((turn.reply.proposed for turn in reversed(turns) if not turn.reply.hypothetical), ())


def _require(connection: sqlite3.Connection, conversation: str, owner: str | None) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT title, owner FROM conversations WHERE id = ?", (conversation,)
    ).fetchone()
    if row is None or (owner is not None and row["owner"] != owner):
        raise ConversationError(
            f"No conversation {conversation!r}. 'tunewise conversations list' shows those there are."
        )
    return row


def _require_turn(connection: sqlite3.Connection, conversation: str, turn: int) -> None:
    found = connection.execute("SELECT 1 FROM turns WHERE conversation = ? AND number = ?", (conversation, turn))
    if found.fetchone() is None:
        raise ConversationError(f"Conversation {conversation!r} has no turn {turn!r} to rate.")


def _turn(row: sqlite3.Row) -> StoredTurn:
    try:
        reply = reply_from_json(json.loads(row["reply"]))
        return StoredTurn(row["number"], row["message"], reply, json.loads(row["changes"]), row["at"])
    except (RecordError, ValueError) as problem:
        raise ConversationError(
            f"Turn {row['number']} of conversation {row['conversation']!r} cannot be read ({problem}). "
            "It was written by another version or is damaged; the other conversations are not affected."
        ) from None


def _title(text: str) -> str:
    line = " ".join((_text(text) or "").split())
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"


def _text(text: str | None) -> str | None:
    """Text that SQLite can store: a lone surrogate (from broken input) is replaced."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8")
