"""What the conversation store hands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tunewise.types import Reply

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
class ConversationSummary:
    """A line of the list of conversations; `updated_at` in seconds since 1970, UTC."""

    id: str
    title: str
    updated_at: float
    n_turns: int


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
