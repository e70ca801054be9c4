"""Conversations are kept, found, changed and removed."""

import json
import stat
import threading

import pytest

from tests.fakes.replies import MESSAGE, flower_reply, flower_situation
from tunewise.conversation import ConversationStore
from tunewise.conversation.store import standing_situation
from tunewise.errors import ConversationError
from tunewise.types import Situation


def test_a_turn_reads_back_as_it_was_added(store):
    conversation = store.create()
    added = store.add_turn(conversation, MESSAGE, flower_reply())
    assert store.turns(conversation) == [added]
    assert added.reply == flower_reply(conversation=conversation)
    assert (added.number, added.message) == (1, MESSAGE)


def test_another_opening_of_the_file_resumes_where_the_first_stopped(store, path):
    conversation = store.create()
    store.add_turn(conversation, MESSAGE, flower_reply())
    again = ConversationStore(path)
    assert standing_situation(again.turns(conversation)) == flower_situation()
    assert again.add_turn(conversation, "And now?", flower_reply(turn=2)).number == 2
    again.close()


def test_before_the_first_turn_the_situation_is_empty(store):
    assert standing_situation(store.turns(store.create())) == Situation()


def test_an_edit_is_a_turn_without_a_message(store):
    conversation = store.create()
    store.save_edit(conversation, {"compute": "ample"}, flower_reply())
    (turn,) = store.turns(conversation)
    assert (turn.message, turn.changes) == (None, {"compute": "ample"})


def test_the_first_message_becomes_the_title_in_one_line(store):
    conversation = store.create()
    store.add_turn(conversation, "flowers\n  and " + "many " * 40 + "trees", flower_reply())
    title = store.list()[0].title
    assert title.startswith("flowers and many")
    assert len(title) <= 80
    assert title.endswith("…")


def test_a_given_title_stays(store):
    conversation = store.create("Flowers")
    store.add_turn(conversation, MESSAGE, flower_reply())
    assert store.title(conversation) == "Flowers"


def test_the_conversation_used_last_is_listed_first(store):
    first, second = store.create("first"), store.create("second")
    store.add_turn(first, MESSAGE, flower_reply())
    assert [(each.id, each.n_turns) for each in store.list()] == [(first, 1), (second, 0)]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("RESNET", 1), ("early LAYERS", 1), ("blumen", 1), ("ÄPFEL", 1), ("100%", 0), ("_", 0), ("", 1)],
)
def test_search_looks_in_title_message_and_answer(store, wanted: str, found: int):
    conversation = store.create("Blumen und Äpfel")
    store.add_turn(conversation, MESSAGE, flower_reply())
    assert len(store.list(search=wanted)) == found


def test_a_conversation_can_be_renamed_but_not_to_nothing(store):
    conversation = store.create()
    store.rename(conversation, "Roses")
    assert store.title(conversation) == "Roses"
    with pytest.raises(ConversationError, match="cannot be blank"):
        store.rename(conversation, "  ")


def test_a_deleted_conversation_is_gone_with_its_feedback_and_its_bytes(store, path):
    conversation = store.create()
    store.add_turn(conversation, "the secret word is xylophone", flower_reply())
    store.add_feedback(conversation, 1, "up", "thanks")
    store.delete(conversation)
    assert store.list() == []
    assert store.export_feedback() == ""
    store.close()
    assert b"xylophone" not in path.read_bytes()


def test_an_unknown_conversation_is_named_in_the_error(store):
    with pytest.raises(ConversationError, match="No conversation 'nowhere'"):
        store.add_turn("nowhere", MESSAGE, flower_reply())


def test_one_owner_never_sees_the_conversations_of_another(store):
    mine, theirs = store.create("mine", owner="a"), store.create("theirs", owner="b")
    store.add_turn(theirs, MESSAGE, flower_reply(), owner="b")
    assert [each.id for each in store.list(owner="a")] == [mine]
    for attempt in (
        lambda: store.turns(theirs, owner="a"),
        lambda: store.last_turn(theirs, owner="a"),
        lambda: store.title(theirs, owner="a"),
        lambda: store.rename(theirs, "ha", owner="a"),
        lambda: store.delete(theirs, owner="a"),
        lambda: store.add_turn(theirs, "ha", flower_reply(), owner="a"),
        lambda: store.save_edit(theirs, {}, flower_reply(), owner="a"),
        lambda: store.add_feedback(theirs, 1, "down", owner="a"),
        lambda: store.transcript(theirs, owner="a"),
        lambda: store.feedback(theirs, owner="a"),
    ):
        with pytest.raises(ConversationError, match="No conversation"):
            attempt()
    assert [turn.message for turn in store.turns(theirs, owner="b")] == [MESSAGE]


def test_the_person_at_the_machine_sees_all_conversations(store):
    store.create(owner="a")
    store.create(owner="b")
    assert len(store.list()) == 2


def test_feedback_is_exported_with_what_it_is_about(store):
    conversation = store.create()
    store.add_turn(conversation, MESSAGE, flower_reply())
    store.add_feedback(conversation, 1, "up")
    store.add_feedback(conversation, 1, "down", "too vague")
    (line,) = store.export_feedback().splitlines()
    written = json.loads(line)
    assert (written["thumb"], written["comment"], written["message"]) == ("down", "too vague", MESSAGE)
    assert [each.thumb for each in store.feedback(conversation)] == ["down"]


def test_feedback_needs_a_turn_and_a_known_thumb(store):
    conversation = store.create()
    with pytest.raises(ConversationError, match="no turn 1"):
        store.add_feedback(conversation, 1, "up")
    with pytest.raises(ConversationError, match="not 'sideways'"):
        store.add_feedback(conversation, 1, "sideways")


def test_a_lone_surrogate_in_a_message_does_not_stop_the_store(store):
    conversation = store.create()
    store.add_turn(conversation, "broken \ud800 input", flower_reply(answer="also \udfff"))
    assert store.turns(conversation)[0].message == "broken ? input"
    assert "broken" in store.transcript(conversation)


def test_threads_write_side_by_side_without_losing_a_turn(store):
    conversation = store.create()

    def talk() -> None:
        for _ in range(5):
            store.add_turn(conversation, MESSAGE, flower_reply())

    threads = [threading.Thread(target=talk) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [turn.number for turn in store.turns(conversation)] == list(range(1, 21))


def test_only_the_user_may_read_the_file(store, path):
    store.create()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
