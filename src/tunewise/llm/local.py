"""The local model as a LangChain chat model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, PrivateAttr

from tunewise.errors import ModelError
from tunewise.llm.chat import Prompt
from tunewise.llm.limits import Limits
from tunewise.llm.line import Line
from tunewise.llm.worker import Worker

if TYPE_CHECKING:
    from tunewise.llm.cache import RunStats
    from tunewise.llm.chat import PassageText
    from tunewise.llm.engine import Engine
    from tunewise.llm.prompt_tokens import PromptTokens
    from tunewise.llm.templates import Role
    from tunewise.settings import Settings

T = TypeVar("T")
_ROLES: dict[str, Role] = {"system": "system", "human": "user", "ai": "assistant"}


class LocalChatModel(BaseChatModel):
    """llama.cpp in this process; one request at a time, in the order in which they come, always the likeliest token.

    Keyword arguments of a call, beside LangChain's `stop`: `grammar` (a `Template`), `max_tokens`, `deadline_s` (from
    the call on, waiting included), `cancel` (a `threading.Event`), `copy_from` (text that the answer is likely to copy
    from), `exact` and `drafting`.
    """

    model_config = ConfigDict(extra="forbid")

    weights: Path
    context_tokens: int = 4096
    threads: int = 0
    max_tokens: int = 320
    deadline_s: float = 120.0
    exact: bool = False
    drafting: bool = True
    states_dir: Path | None = None

    _worker: Worker = PrivateAttr(default_factory=Worker)
    _engine: Any = PrivateAttr(default=None)
    _line: Line = PrivateAttr(default_factory=Line)

    @classmethod
    def from_settings(cls, settings: Settings) -> LocalChatModel:
        """The model that the settings name; nothing is loaded yet.

        Raises:
            WeightsMissingError: If its weights have not been fetched.
            WeightsMismatchError: If the file is not what was pinned.
        """
        from tunewise.weights import locate

        alike = ("context_tokens", "threads", "max_tokens", "deadline_s", "exact", "states_dir")
        return cls(weights=locate(settings.model, settings), **{name: getattr(settings, name) for name in alike})

    @property
    def _llm_type(self) -> str:
        return "tunewise-llama-cpp"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"weights": self.weights.name}

    @property
    def line(self) -> Line:
        """Where those who use the model wait for their turn."""
        return self._line

    @property
    def stats(self) -> RunStats | None:
        """What the last finished request took; None before the first."""
        engine: Engine | None = self._engine
        return engine.stats if engine else None

    def warm_up(self, prompt: Prompt | None = None) -> None:
        """Load the weights in the background, and the states of a prompt's system text and passages; returns at once.

        A failure shows in the first request.
        """

        def run(limits: Limits) -> Iterator[str]:
            engine = self._loaded()
            if prompt is not None:
                engine.prepare(prompt, limits)
            return iter(())

        self._worker.submit(run, seconds=self.deadline_s)

    def build_states(
        self,
        system: str,
        passages: Sequence[PassageText],
        progress: Callable[[str, int, int], None] | None = None,
        *,
        fixed: Sequence[Prompt] = (),
    ) -> int:
        """Compute and store the states that are missing; can be stopped at any time and goes on where it was.

        Args:
            system: System text of the prompts that will use the passages.
            passages: Passages as the model reads them, most important first.
            progress: Called with ("passage states", done, all).
            fixed: Prompts whose fixed text is kept as well.

        Returns:
            How many states of passages were computed; 0 in exact mode, which uses none.

        Raises:
            ModelError: If the model fails.
        """

        def run(limits: Limits) -> Iterator[str]:
            engine = self._loaded()
            for prompt in fixed:
                engine.prepare(prompt, limits)
            for number, passage in enumerate(passages):
                yield "computed" if engine.ensure_state(system, passage, limits) else ""
                if progress:
                    progress("passage states", number + 1, len(passages))

        if self.exact:
            return 0
        return sum(map(bool, self._worker.submit(run, seconds=float("inf")).pieces()))

    def prompt_tokens(self, prompt: Prompt) -> PromptTokens:
        """A prompt as the model reads it; loads the weights if need be."""
        return self._asked_of_engine(lambda engine: engine.tokens_of(prompt))

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a text; loads the weights if need be."""
        return self._asked_of_engine(lambda engine: len(engine.backend.tokenize(text)))

    def _asked_of_engine(self, ask: Callable[[Engine], T]) -> T:
        """What the engine answers, asked by the worker's thread."""
        answers: list[T] = []

        def run(_: Limits) -> Iterator[str]:
            answers.append(ask(self._loaded()))
            return iter(())

        for _ in self._worker.submit(run, seconds=self.deadline_s).pieces():
            pass
        return answers[0]

    def close(self) -> None:
        """Stop all requests and free the weights."""
        self._worker.close()
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(self._pieces(messages, stop, kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for piece in self._pieces(messages, stop, kwargs):
            chunk = ChatGenerationChunk(message=AIMessageChunk(content=piece))
            if run_manager:
                run_manager.on_llm_new_token(piece, chunk=chunk)
            yield chunk

    def _pieces(self, messages: list[BaseMessage], stop: list[str] | None, kwargs: dict[str, Any]) -> Iterator[str]:
        from tunewise.llm.engine import Request

        def run(limits: Limits) -> Iterator[str]:
            request = Request(
                asked=_asked(messages),
                max_tokens=int(kwargs.get("max_tokens") or self.max_tokens),
                limits=limits,
                grammar=kwargs.get("grammar"),
                stop=tuple(stop or ()),
                copy_from=kwargs.get("copy_from"),
                exact=bool(kwargs.get("exact", self.exact)),
                drafting=bool(kwargs.get("drafting", self.drafting)),
            )
            return self._loaded().stream(request)

        seconds = float(kwargs.get("deadline_s") or self.deadline_s)
        return self._worker.submit(run, seconds=seconds, cancel=kwargs.get("cancel")).pieces()

    def _loaded(self) -> Engine:
        """The engine; only the worker's thread calls this."""
        if self._engine is None:
            from tunewise.llm.engine import Engine
            from tunewise.llm.state_store import StateStore

            store = StateStore(self.states_dir) if self.states_dir else None
            self._engine = Engine(self.weights, context_tokens=self.context_tokens, threads=self.threads, store=store)
        engine: Engine = self._engine
        return engine


def _asked(messages: Sequence[BaseMessage]) -> Prompt | tuple[tuple[Role, str], ...]:
    """The prompt that the messages carry, or the messages themselves as (role, text)."""
    for message in messages:
        prompt = message.additional_kwargs.get("prompt")
        if isinstance(prompt, Prompt):
            return prompt
    turns: list[tuple[Role, str]] = []
    for message in messages:
        if message.type not in _ROLES:
            raise ModelError(f"The local model cannot read a message of type {message.type!r}.")
        turns.append((_ROLES[message.type], message.text))
    return tuple(turns)
