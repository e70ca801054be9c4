"""The record of a turn, with the hashes of what is in force here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tunewise.errors import RecordError
from tunewise.record.decision_record import Record, make_record

if TYPE_CHECKING:
    from tunewise.conversation import ConversationStore
    from tunewise.framework import Framework
    from tunewise.settings import Settings
    from tunewise.types import Reply

IN_A_FOLDER = "model.safetensors"


def record_of_turn(
    store: ConversationStore,
    conversation: str,
    framework: Framework,
    settings: Settings,
    *,
    number: int | None = None,
    owner: str | None = None,
) -> Record:
    """The decision record of a stored turn; without a number, of the last one that holds a recommendation.

    Raises:
        ConversationError: If there is no such conversation.
        RecordError: If no such turn holds a recommendation.
    """
    turns = store.turns(conversation, owner=owner)
    decided = {each.number: each for each in turns if each.reply.recommendation is not None}
    turn = decided.get(max(decided, default=0) if number is None else number)
    if turn is None:
        which, held = "No turn" if number is None else f"No turn {number}", ", ".join(map(str, decided)) or "none"
        raise RecordError(f"{which} of this conversation has a recommendation to record. Turns with one: {held}.")
    messages = [each.message for each in turns if each.message is not None and each.number <= turn.number]
    title, at = store.title(conversation, owner=owner), datetime.fromtimestamp(turn.at, tz=UTC)
    return record_of_reply(turn.reply, messages, framework, settings, title=title, at=at)


def record_of_reply(
    reply: Reply, messages: Sequence[str], framework: Framework, settings: Settings, *, title: str, at: datetime
) -> Record:
    """The decision record of a reply, stored or not; see `make_record`.

    Raises:
        RecordError: If it holds no recommendation.
    """
    from tunewise.retrieval.corpus import load_corpus

    by_model = bool(reply.proposals) or any(sentence.by == "model" for sentence in reply.sentences)
    weights = weights_hashes(settings) if by_model else {}
    return make_record(reply, messages, framework, corpus=load_corpus().hash, weights=weights, title=title, at=at)


def weights_hashes(settings: Settings) -> dict[str, str]:
    """Hash of the chat model in force: the pinned one, that of the file named, or none for a remote server."""
    if settings.remote_url:
        return {f"remote {settings.remote_model}": "not known"}
    return weights_hash(settings.model)


def weights_hash(name: str) -> dict[str, str]:
    """Hash of a pinned model, of a file, or of the weights in a folder; "not known" where there are none to read."""
    from tunewise.weights import PINNED

    if (pinned := PINNED.get(name)) is not None:
        joined = "".join(file.sha256 for file in pinned.files)
        return {name: joined if len(pinned.files) == 1 else hashlib.sha256(joined.encode()).hexdigest()}
    path = Path(name).expanduser()
    try:
        with (path / IN_A_FOLDER if path.is_dir() else path).open("rb") as file:
            return {path.name: hashlib.file_digest(file, "sha256").hexdigest()}
    except OSError:
        return {path.name: "not known"}
