from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.openai_server import FakeOpenAIServer
from tunewise.errors import CancelledError, DeadlineError, ModelError, SettingsError
from tunewise.llm import open_chat_model
from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.grammar import quotes_grammar
from tunewise.settings import Settings


@pytest.fixture
def serve(tmp_path) -> Iterator[Callable[..., tuple[FakeOpenAIServer, Settings]]]:
    servers: list[FakeOpenAIServer] = []

    def start(**options: Any) -> tuple[FakeOpenAIServer, Settings]:
        servers.append(FakeOpenAIServer(**options))
        return servers[-1], Settings(home=tmp_path, remote_url=servers[-1].url, remote_model="m", deadline_s=5)

    yield start
    for server in servers:
        server.close()


def test_a_remote_server_answers_in_place_of_the_local_model(serve):
    server, settings = serve(answer="from afar")
    model = open_chat_model(settings)
    prompt = Prompt("system", (PassageText("A1", "text"),), "question")
    assert model.invoke(to_messages(prompt)).content == "from afar"
    assert [message["role"] for message in server.requests[0]["messages"]] == ["system", "user"]
    assert server.requests[0]["messages"][1]["content"] == "Passages:\n[A1] text\n\nquestion"


def test_an_answer_is_streamed(serve):
    _, settings = serve(answer="one two three")
    assert "".join(str(chunk.content) for chunk in open_chat_model(settings).stream("q")) == "one two three "


def test_a_template_goes_to_the_server_as_json_schema(serve):
    server, settings = serve(answer='{"size": ""}')
    open_chat_model(settings).invoke("q", grammar=quotes_grammar(["size"], "q"), max_tokens=7, copy_from="q")
    sent = server.requests[0]
    assert sent["response_format"]["json_schema"]["schema"]["required"] == ["size"]
    assert 7 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert "copy_from" not in sent


def test_a_provider_may_be_named_before_the_model(serve):
    server, settings = serve(answer="yes")
    model = open_chat_model(replace(settings, remote_model="openai:gpt-x"))
    assert model.invoke("q").content == "yes"
    assert server.requests[0]["model"] == "gpt-x"


def test_a_colon_in_a_plain_name_is_part_of_it(serve):
    server, settings = serve()
    open_chat_model(replace(settings, remote_model="llama3:8b")).invoke("q")
    assert server.requests[0]["model"] == "llama3:8b"


def test_a_provider_that_is_not_installed_names_its_extra(tmp_path):
    with pytest.raises(SettingsError, match=r"pip install 'tunewise\[anthropic\]'"):
        open_chat_model(Settings(home=tmp_path, remote_model="anthropic:some-model"))


def test_the_key_shows_nowhere(serve, caplog):
    server, settings = serve(status=401)
    model = open_chat_model(replace(settings, remote_key="sk-hidden"))
    with caplog.at_level("DEBUG"), pytest.raises(ModelError) as failure:
        model.invoke("q")
    assert server.keys == ["Bearer sk-hidden"]
    assert "sk-hidden" not in f"{model!r} {failure.value} {failure.value.__cause__} {caplog.text}"


@pytest.mark.parametrize(
    ("status", "told"),
    [(401, "TUNEWISE_REMOTE_KEY"), (404, "TUNEWISE_REMOTE_MODEL"), (400, "refused")],
)
def test_an_error_of_the_server_says_what_to_do(serve, status, told):
    _, settings = serve(status=status)
    with pytest.raises(ModelError, match=told):
        open_chat_model(settings).invoke("q")


def test_a_server_that_is_not_there_is_named(tmp_path):
    settings = Settings(home=tmp_path, remote_url="http://127.0.0.1:9/v1", remote_model="m", deadline_s=5)
    with pytest.raises(ModelError, match=r"Cannot reach the model server at .http://127\.0\.0\.1:9/v1"):
        open_chat_model(settings).invoke("q")


def test_a_server_that_is_too_slow_is_a_deadline_error(serve):
    _, settings = serve(delay_s=1.0)
    model, started = open_chat_model(settings), time.monotonic()
    with pytest.raises(DeadlineError):
        model.invoke("q", deadline_s=0.1)
    assert time.monotonic() - started < 0.8


def test_a_server_that_is_silent_can_be_cancelled(serve):
    _, settings = serve(delay_s=1.0)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        open_chat_model(settings).invoke("q", cancel=cancel)


def test_a_cancelled_stream_ends(serve):
    _, settings = serve(answer="one two three")
    cancel = threading.Event()
    stream = open_chat_model(settings).stream("q", cancel=cancel)
    next(stream)
    cancel.set()
    with pytest.raises(CancelledError):
        list(stream)


@pytest.mark.parametrize("url", ["ftp://host/v1", "localhost:8080", "http://"])
def test_an_address_that_is_none_is_refused(tmp_path, url):
    with pytest.raises(SettingsError, match="TUNEWISE_REMOTE_URL"):
        open_chat_model(Settings(home=tmp_path, remote_url=url, remote_model="m"))


def test_a_server_without_a_model_name_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="TUNEWISE_REMOTE_MODEL"):
        open_chat_model(Settings(home=tmp_path, remote_url="http://127.0.0.1:1/v1"))


def test_a_plain_name_without_a_server_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="'ollama:big'"):
        open_chat_model(Settings(home=tmp_path, remote_model="big"))
