from __future__ import annotations

import pytest

from tests.fakes.model import NothingQueuedError, ScriptedModel
from tunewise.errors import ModelError
from tunewise.llm.chat import PassageText, Prompt, to_messages


def test_queued_texts_are_answered_in_order():
    model = ScriptedModel().enqueue("first", "second")
    assert [model.invoke("a").content, model.invoke("b").content] == ["first", "second"]


def test_prompts_are_remembered_as_they_were_asked():
    model = ScriptedModel().enqueue("one", "two")
    prompt = Prompt("system", (PassageText("A1", "text"),), "question")
    model.invoke(to_messages(prompt))
    model.invoke("plain")
    assert model.prompts == [prompt, "plain"]


def test_streaming_gives_the_same_text_word_by_word():
    model = ScriptedModel().enqueue("three short words")
    assert [str(chunk.content) for chunk in model.stream("q") if chunk.content] == ["three ", "short ", "words"]


def test_an_empty_queue_is_an_error_that_shows_the_question():
    with pytest.raises(NothingQueuedError, match="what now"):
        ScriptedModel().invoke("what now")


def test_a_queued_error_is_raised():
    with pytest.raises(ModelError):
        ScriptedModel().enqueue(ModelError("broken")).invoke("q")
