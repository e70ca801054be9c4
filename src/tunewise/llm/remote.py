"""A model on a server in place of the local one: any provider that LangChain knows; off by default."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from tunewise.errors import DeadlineError, ModelError, SettingsError
from tunewise.extras import needs_extra
from tunewise.llm.worker import Job

if TYPE_CHECKING:
    from tunewise.settings import Settings

_COMPATIBLE = "openai"
_TAKES_SCHEMA = frozenset({_COMPATIBLE, "mistralai", "ollama"})
_CALL_OPTIONS = ("max_tokens", "temperature", "seed")


class RemoteChatModel(BaseChatModel):
    """A chat model of LangChain that takes the options of the local model and fails as that does.

    `deadline_s` and `cancel` end the waiting whatever the server does. A `Template` becomes a JSON Schema where the
    provider takes one; `max_tokens`, `temperature` and `seed` of a call reach OpenAI-compatible servers only.
    """

    server: BaseChatModel = Field(repr=False)
    provider: str
    name_there: str
    address: str
    deadline_s: float

    @property
    def _llm_type(self) -> str:
        return f"tunewise-remote-{self.provider}"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        asked = _plain(messages)
        [message] = self._answer(lambda options: iter([self.server.invoke(asked, stop=stop, **options)]), kwargs)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        asked = _plain(messages)
        for chunk in self._answer(lambda options: self.server.stream(asked, stop=stop, **options), kwargs):
            yield ChatGenerationChunk(message=AIMessageChunk(content=chunk.text))

    def _answer(self, ask: Callable[[dict[str, Any]], Iterator[Any]], kwargs: dict[str, Any]) -> Iterator[Any]:
        """What the server sends, asked in a thread of its own that can be left alone."""

        def run(_: object) -> Iterator[Any]:
            try:
                yield from ask(self._options(kwargs))
            except Exception as error:
                raise self._model_error(error) from error

        job: Job[Any] = Job(run, kwargs.get("deadline_s") or self.deadline_s, kwargs.get("cancel"))
        threading.Thread(target=job.work, name="tunewise-remote", daemon=True).start()
        return job.pieces()

    def _options(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        options = {name: kwargs[name] for name in _CALL_OPTIONS if name in kwargs and self.provider == _COMPATIBLE}
        if (grammar := kwargs.get("grammar")) and self.provider in _TAKES_SCHEMA:
            schema = {"name": "answer", "schema": dict(grammar.schema), "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": schema}
        return options

    def _model_error(self, error: Exception) -> ModelError:
        """The error that says what to do, by what lies beneath the provider's own."""
        causes, where = [error], f"the model server at {self.address!r}"
        while isinstance(beneath := causes[-1].__cause__ or causes[-1].__context__, Exception):
            causes.append(beneath)
        if any(isinstance(cause, httpx.TimeoutException | TimeoutError) for cause in causes):
            return DeadlineError(f"No answer in time from {where}. Set TUNEWISE_DEADLINE_S higher, or look at it.")
        if any(isinstance(cause, httpx.TransportError | ConnectionError) for cause in causes):
            return ModelError(f"Cannot reach {where}. Start it, or unset TUNEWISE_REMOTE_MODEL to use the local model.")
        status = getattr(error, "status_code", None)
        if status in (401, 403):
            return ModelError(f"The key was refused by {where}. Set TUNEWISE_REMOTE_KEY.")
        if status == 404:
            return ModelError(f"There is no model {self.name_there!r} on {where}. Set TUNEWISE_REMOTE_MODEL.")
        return ModelError(f"An error came from {where}: {str(error)[:300]}")


def open_remote_model(settings: Settings) -> RemoteChatModel:
    """The model that `remote_model` names; no connection is made yet.

    Args:
        settings: `remote_model` is "provider:name" with a provider of LangChain's `init_chat_model`; a plain name
            means an OpenAI-compatible server. `remote_url` may be left out where the provider has an address.

    Raises:
        SettingsError: If the address is not http(s), a name or an address is missing, or the provider's package is.
    """
    from langchain.chat_models import base

    address = urlsplit(settings.remote_url)
    if settings.remote_url and (address.scheme not in ("http", "https") or not address.hostname):
        raise SettingsError(
            f"TUNEWISE_REMOTE_URL is {settings.remote_url!r}; it must look like http://127.0.0.1:8080/v1."
        )
    if not settings.remote_model:
        raise SettingsError("TUNEWISE_REMOTE_URL is set but TUNEWISE_REMOTE_MODEL is not; name the model to ask for.")
    provider, _, name = settings.remote_model.partition(":")
    if provider not in base._BUILTIN_PROVIDERS:
        provider, name = _COMPATIBLE, settings.remote_model
        if not settings.remote_url:
            raise SettingsError(
                f"TUNEWISE_REMOTE_MODEL is {name!r}, but no server is named. Set TUNEWISE_REMOTE_URL, or put a "
                f"provider before the name, such as 'ollama:{name}'."
            )
    options: dict[str, Any] = {"temperature": 0.0, "max_tokens": settings.max_tokens, "timeout": settings.deadline_s}
    if settings.remote_url:
        options |= {"base_url": settings.remote_url, "api_key": "none"}
    if settings.remote_key:
        options["api_key"] = settings.remote_key
    with needs_extra(provider, f"TUNEWISE_REMOTE_MODEL={settings.remote_model!r}"):
        server = base.init_chat_model(name, model_provider=provider, max_retries=1, **options)
    return RemoteChatModel(
        server=server,
        provider=provider,
        name_there=name,
        address=settings.remote_url or provider,
        deadline_s=settings.deadline_s,
    )


def _plain(messages: list[BaseMessage]) -> list[BaseMessage]:
    """The messages without the parts that only the local model reads."""
    return [message.model_copy(update={"additional_kwargs": {}}) for message in messages]
