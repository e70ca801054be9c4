"""Taking back the last message, to send it again."""

from pathlib import Path

import pytest

from tests.fakes.replies import flower_reply
from tunewise.conversation import ConversationStore
from tunewise.errors import ConversationError


def test_turns_from_a_number_on_are_taken_back_with_their_feedback(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path / "store.sqlite3")
    conversation = store.create(owner="ann")
    for message in ("one", "two", "three"):
        store.add_turn(conversation, message, flower_reply(), owner="ann")
    store.add_feedback(conversation, 2, "up", owner="ann")

    store.forget_turns(conversation, 2, owner="ann")

    assert [turn.message for turn in store.turns(conversation, owner="ann")] == ["one"]
    assert store.feedback(conversation, owner="ann") == []


def test_nobody_takes_back_turns_of_somebody_else(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path / "store.sqlite3")
    conversation = store.create(owner="ann")
    store.add_turn(conversation, "one", flower_reply(), owner="ann")

    with pytest.raises(ConversationError):
        store.forget_turns(conversation, 1, owner="bob")

    assert len(store.turns(conversation)) == 1
