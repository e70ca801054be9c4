"""What the conversation store hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tunewise.types import Reply, Situation

Thumb = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One stored step of a conversation.

    `number` counts all steps from 1. `message` is None for an edit of the fact sheet; `changes` (fact → value) then
    says what was edited. `at` is in seconds since 1970, UTC.
    """

    number: int
    message: str | None
    reply: Reply
    changes: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Project:
    """One case of a conversation with its turns, oldest first; `number` counts the cases from 1."""

    number: int
    turns: tuple[StoredTurn, ...]

    @property
    def situation(self) -> Situation:
        """Its facts as they stand; what a what-if supposes does not count."""
        replies = (turn.reply for turn in reversed(self.turns))
        return next((reply.situation for reply in replies if not reply.hypothetical), Situation())

    @property
    def messages(self) -> tuple[str, ...]:
        """What the user wrote about it."""
        return tuple(turn.message for turn in self.turns if turn.message is not None)


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A line of the list of conversations; `updated_at` in seconds since 1970, UTC."""

    id: str
    title: str
    updated_at: float
    n_turns: int


@dataclass(frozen=True, slots=True)
class Wrong:
    """What somebody marked as wrong: a fact by its name, or a sentence of the answer, of one turn."""

    conversation: str
    turn: int
    what: Literal["fact", "sentence"]
    said: str


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user said about one turn, and the message and answer it is about; `turn` is the turn's number."""

    conversation: str
    turn: int
    thumb: Thumb
    comment: str
    at: float
    message: str | None
    answer: str
