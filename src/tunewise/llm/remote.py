"""Any OpenAI-compatible server (vLLM, llama-server, Ollama, ...) in place of the local model; off by default."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import openai
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from tunewise.errors import CancelledError, DeadlineError, ModelError, SettingsError
from tunewise.llm.grammar import Template

if TYPE_CHECKING:
    from tunewise.settings import Settings

_CONNECT_RETRIES = 1


class RemoteChatModel(ChatOpenAI):
    """ChatOpenAI that understands the keyword arguments of the local model.

    A `Template` becomes a JSON Schema (`response_format`), GBNF text goes along as llama-server's `grammar`;
    `copy_from` and `exact` mean nothing here. Errors of the server are raised as `ModelError`.
    """

    @property
    def queue_position(self) -> int:
        """The server has a queue of its own."""
        return 0

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        options = _translated(kwargs)
        try:
            return super()._generate(_plain(messages), stop, run_manager, **options)
        except openai.OpenAIError as error:
            raise _model_error(error, self) from error

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        cancel = kwargs.get("cancel")
        messages, rest = _plain(args[0] if args else kwargs.pop("messages")), args[1:]
        try:
            for chunk in super()._stream(messages, *rest, **_translated(kwargs)):
                if cancel is not None and cancel.is_set():
                    raise CancelledError("The request was cancelled.")
                yield chunk
        except openai.OpenAIError as error:
            raise _model_error(error, self) from error


def open_remote_model(settings: Settings) -> RemoteChatModel:
    """The remote model that the settings name; no connection is made yet.

    Raises:
        SettingsError: If the address is not http(s), or no model is named.
    """
    address = urlsplit(settings.remote_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise SettingsError(
            f"TUNEWISE_REMOTE_URL is {settings.remote_url!r}; it must look like http://127.0.0.1:8080/v1."
        )
    if not settings.remote_model:
        raise SettingsError("TUNEWISE_REMOTE_URL is set but TUNEWISE_REMOTE_MODEL is not; name the model to ask for.")
    return RemoteChatModel(
        base_url=settings.remote_url,
        model=settings.remote_model,
        api_key=SecretStr(settings.remote_key or "none"),
        temperature=0.0,
        seed=0,
        max_tokens=settings.max_tokens,  # type: ignore[call-arg]
        timeout=settings.deadline_s,
        max_retries=_CONNECT_RETRIES,
        use_responses_api=False,
    )


def _translated(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Our keyword arguments as the server's."""
    options = {key: value for key, value in kwargs.items() if key not in _OWN}
    grammar = kwargs.get("grammar")
    if isinstance(grammar, Template):
        schema = {"name": "answer", "schema": dict(grammar.schema), "strict": True}
        options["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif grammar:
        options["extra_body"] = {"grammar": grammar}
    if kwargs.get("deadline_s"):
        options["timeout"] = kwargs["deadline_s"]
    return options


_OWN = frozenset({"grammar", "deadline_s", "cancel", "copy_from", "exact", "on_queued", "drafting"})


def _plain(messages: list[BaseMessage]) -> list[BaseMessage]:
    """The messages without the parts that only the local model reads."""
    return [message.model_copy(update={"additional_kwargs": {}}) for message in messages]


def _model_error(error: openai.OpenAIError, model: ChatOpenAI) -> ModelError:
    where = f"the server at {model.openai_api_base!r}"
    if isinstance(error, openai.APITimeoutError):
        return DeadlineError(f"No answer in time from {where}. Set TUNEWISE_DEADLINE_S higher, or look at the server.")
    if isinstance(error, openai.APIConnectionError):
        return ModelError(f"Cannot reach {where}. Start it, or unset TUNEWISE_REMOTE_URL to use the local model.")
    reasons: list[tuple[type[openai.OpenAIError], Callable[[], str]]] = [
        (openai.AuthenticationError, lambda: f"{where} refuses the key. Set TUNEWISE_REMOTE_KEY."),
        (openai.NotFoundError, lambda: f"{where} has no model {model.model_name!r}. Set TUNEWISE_REMOTE_MODEL."),
    ]
    for kind, text in reasons:
        if isinstance(error, kind):
            return ModelError(text()[0].upper() + text()[1:])
    return ModelError(f"An error came from {where}: {str(error)[:300]}")
