"""A prompt as tokens, cut where its parts can be reused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from tunewise.llm.chat import Prompt, heading
from tunewise.llm.templates import ChatTemplate, Part, Role, defuse, recognise, render

if TYPE_CHECKING:
    from tunewise.llm.backend import Backend

Tokens = tuple[int, ...]
_SPLIT = "\x00"


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """`prefix` is fixed text, `passages` are known in advance, `tail` is new."""

    prefix: Tokens
    passages: tuple[Tokens, ...]
    tail: Tokens

    @property
    def all(self) -> list[int]:
        """Every token in order."""
        return [*self.prefix, *chain.from_iterable(self.passages), *self.tail]

    @property
    def n_tokens(self) -> int:
        """Number of tokens."""
        return len(self.prefix) + sum(map(len, self.passages)) + len(self.tail)


class PromptTokenizer:
    """Renders prompts and plain messages with the template of the loaded model."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.template: ChatTemplate = recognise(
            backend.metadata("tokenizer.chat_template"), backend.metadata("general.architecture")
        )
        self._plain_markers = tuple(
            marker for marker in self.template.markers if len(backend.tokenize(marker, control=True)) > 1
        )

    def prompt(self, prompt: Prompt) -> PromptTokens:
        """Tokens of a prompt; system text, examples and heading of the passages are its prefix."""
        turns: list[tuple[Role, str]] = [("system", prompt.system)]
        for message, answer in prompt.examples:
            turns += [("user", message), ("assistant", answer)]
        parts = render(self.template, [*turns, ("user", heading(prompt) + _SPLIT)])
        split = next(i for i, part in enumerate(parts) if part.text.endswith(_SPLIT))
        before = [*parts[:split], Part(parts[split].text.removesuffix(_SPLIT))]
        return PromptTokens(
            prefix=(*self._backend.bos, *self._tokens(before)),
            passages=tuple(self._tokens([Part(passage.rendered)]) for passage in prompt.passages),
            tail=self._tokens([Part(prompt.tail), *parts[split + 1 :]]),
        )

    def messages(self, turns: Sequence[tuple[Role, str]]) -> PromptTokens:
        """Tokens of plain messages; nothing is known about them in advance."""
        return PromptTokens((), (), (*self._backend.bos, *self._tokens(render(self.template, turns))))

    def _tokens(self, parts: Sequence[Part]) -> Tokens:
        tokens: list[int] = []
        for part in parts:
            text = part.text if part.control else defuse(part.text, self._plain_markers)
            tokens += self._backend.tokenize(text, control=part.control)
        return tuple(tokens)
