"""The local model as LangChain sees it, with real (tiny) weights."""

from __future__ import annotations

import threading
import time

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from tunewise.errors import CancelledError, DeadlineError, ModelError, WeightsMissingError
from tunewise.llm import open_chat_model
from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.local import LocalChatModel
from tunewise.settings import Settings

pytestmark = pytest.mark.models

PROMPT = Prompt("Be brief.", (PassageText("A1", "LoRA trains small matrices."),), "What does LoRA train?")


def test_it_works_in_any_langchain_chain(model):
    chain = ChatPromptTemplate([("system", "Be brief."), ("human", "Say {word}.")]) | model | StrOutputParser()
    assert isinstance(chain.invoke({"word": "yes"}), str)


def test_streamed_pieces_add_up_to_the_whole_answer(model):
    whole = model.invoke(to_messages(PROMPT), max_tokens=20).content
    model._engine.cache.forget()
    assert "".join(str(chunk.content) for chunk in model.stream(to_messages(PROMPT), max_tokens=20)) == whole


def test_a_conversation_of_plain_messages_is_read_in_order(model):
    history = [SystemMessage("Be brief."), HumanMessage("Hi"), AIMessage("Hello"), HumanMessage("Bye")]
    assert isinstance(model.invoke(history, max_tokens=5).content, str)


def test_a_message_of_an_unknown_kind_is_refused(model):
    from langchain_core.messages import ToolMessage

    with pytest.raises(ModelError, match="'tool'"):
        model.invoke([ToolMessage("x", tool_call_id="1")])


def test_nothing_is_loaded_before_the_first_request(model):
    assert model.stats is None


def test_warming_up_loads_in_the_background_and_requests_wait_for_it(model):
    model.warm_up(PROMPT)
    model.invoke(to_messages(PROMPT), max_tokens=2)
    assert model.stats is not None
    assert model.stats.reused > 0


def test_a_load_error_comes_with_the_request_not_with_the_warm_up(tmp_path):
    model = LocalChatModel(weights=tmp_path / "none.gguf")
    model.warm_up()
    with pytest.raises(WeightsMissingError, match="tunewise models pull"):
        model.invoke("q")
    model.close()


def test_settings_without_weights_say_what_to_run(tmp_path):
    with pytest.raises(WeightsMissingError, match="tunewise models pull"):
        open_chat_model(Settings(home=tmp_path))


def test_two_threads_get_their_own_whole_answers(model):
    alone = {word: model.invoke(f"Say {word}", max_tokens=16, drafting=False).content for word in ("red", "blue")}
    answers: dict[str, set[str]] = {"red": set(), "blue": set()}

    def ask(word: str) -> None:
        for _ in range(3):
            text = model.invoke(f"Say {word}", max_tokens=16, drafting=False).content
            answers[word].add(str(text).split()[0])

    threads = [threading.Thread(target=ask, args=(word,)) for word in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {word: {str(text).split()[0]} for word, text in alone.items()}


def test_a_cancelled_request_frees_the_model(model):
    cancel = threading.Event()
    stream = model.stream("Count to a thousand.", max_tokens=1500, cancel=cancel)
    next(stream)
    cancel.set()
    with pytest.raises(CancelledError):
        list(stream)
    assert model.invoke("hi", max_tokens=1) is not None


def test_a_reader_who_goes_away_frees_the_model(model):
    stream = model.stream("Count to a thousand.", max_tokens=1500)
    next(stream)
    stream.close()
    started = time.monotonic()
    model.invoke("hi", max_tokens=1)
    assert time.monotonic() - started < 5


def test_a_deadline_ends_the_answer(model):
    model.invoke("hi", max_tokens=1)
    with pytest.raises(DeadlineError, match="TUNEWISE_DEADLINE_S"):
        model.invoke("Count to a thousand.", max_tokens=1500, deadline_s=0.02)


def test_states_are_built_once_with_progress(model):
    seen: list[tuple[str, int, int]] = []
    passages = [PassageText(f"A{number}", f"Passage number {number}.") for number in range(3)]
    assert model.build_states("Be brief.", passages, lambda *step: seen.append(step)) == 3
    assert seen[-1] == ("passage states", 3, 3)
    assert model.build_states("Be brief.", passages) == 0


def test_tokens_are_counted(model):
    assert model.get_num_tokens("one two") == 2
