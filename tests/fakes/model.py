"""A language model that says what the test tells it to, and remembers what it was asked."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import PrivateAttr

from tunewise.errors import CancelledError
from tunewise.llm.chat import Prompt
from tunewise.llm.line import Line


class NothingQueuedError(AssertionError):
    """The model was asked more often than the test queued answers for."""


class ScriptedModel(BaseChatModel):
    """Answers with the queued texts in order; an exception in the queue is raised instead of answering.

    `prompts` holds what was asked, oldest first: the `Prompt` where there was one, else the messages' text;
    `calls` holds the keyword arguments of each request (grammar, max_tokens, ...).
    """

    _answers: deque[str | BaseException] = PrivateAttr(default_factory=deque)
    _prompts: list[Prompt | str] = PrivateAttr(default_factory=list)
    _calls: list[dict[str, Any]] = PrivateAttr(default_factory=list)
    _line: Line = PrivateAttr(default_factory=Line)

    def enqueue(self, *texts: str | BaseException) -> ScriptedModel:
        """Queue answers; returns the model itself, so that `ScriptedModel().enqueue("yes")` is one expression."""
        self._answers.extend(texts)
        return self

    @property
    def prompts(self) -> list[Prompt | str]:
        return self._prompts

    @property
    def calls(self) -> list[dict[str, Any]]:
        return self._calls

    @property
    def waiting(self) -> int:
        """How many queued answers have not been asked for."""
        return len(self._answers)

    @property
    def line(self) -> Line:
        """Its queue, which a test may fill."""
        return self._line

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _next_answer(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> str:
        asked = _asked(messages)
        self._prompts.append(asked)
        self._calls.append(kwargs)
        if not self._answers:
            raise NothingQueuedError(f"ScriptedModel has no answer left for request {len(self._prompts)}: {asked!r}")
        answer = self._answers.popleft()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self._next_answer(messages, kwargs)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(answer))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        words = re.findall(r"\S*\s*", self._next_answer(messages, kwargs))
        for word in [word for word in words if word] or [""]:
            cancel = kwargs.get("cancel")
            if cancel is not None and cancel.is_set():
                raise CancelledError("The request was cancelled.")
            chunk = ChatGenerationChunk(message=AIMessageChunk(word))
            if run_manager:
                run_manager.on_llm_new_token(word, chunk=chunk)
            yield chunk


def _asked(messages: list[BaseMessage]) -> Prompt | str:
    for message in messages:
        prompt = message.additional_kwargs.get("prompt")
        if isinstance(prompt, Prompt):
            return prompt
    return "\n\n".join(str(message.content) for message in messages)
