from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.fakes.openai_server import FakeOpenAIServer
from tunewise.errors import CancelledError, DeadlineError, ModelError, SettingsError
from tunewise.llm import open_chat_model
from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.grammar import recommendation_grammar
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
    server, settings = serve(answer='{"primary": "lora", "supporting": []}')
    open_chat_model(settings).invoke("q", grammar=recommendation_grammar(["lora"], ["ewc"], 1), copy_from="q")
    sent = server.requests[0]
    assert sent["response_format"]["json_schema"]["schema"]["required"] == ["primary", "supporting"]
    assert "copy_from" not in sent


def test_gbnf_text_goes_along_as_it_is(serve):
    server, settings = serve()
    open_chat_model(settings).invoke("q", grammar='root ::= "a"')
    assert server.requests[0]["grammar"] == 'root ::= "a"'


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
    with pytest.raises(ModelError, match=r"Cannot reach the server at .http://127\.0\.0\.1:9/v1"):
        open_chat_model(settings).invoke("q")


def test_a_server_that_is_too_slow_is_a_deadline_error(serve):
    _, settings = serve(delay_s=1.0)
    with pytest.raises(DeadlineError):
        open_chat_model(settings).invoke("q", deadline_s=0.1)


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
