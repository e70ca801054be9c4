"""The local engine: a prompt in, text out, piece by piece.

Not thread-safe; `worker.Worker` runs one request after the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tunewise.errors import CancelledError, DeadlineError, ModelError
from tunewise.llm.backend import Backend
from tunewise.llm.cache import PREFIX_CELLS, PROMPT, PromptCache, RunStats
from tunewise.llm.chat import PassageText, Prompt
from tunewise.llm.drafting import CopyDrafter, DraftPolicy
from tunewise.llm.grammar import Alternatives, Template
from tunewise.llm.limits import Limits
from tunewise.llm.prompt_tokens import PromptTokenizer, PromptTokens
from tunewise.llm.state_store import StateStore
from tunewise.llm.templates import Role
from tunewise.llm.text_stream import TextStream

_SPARE_CELLS = 128


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted of the model.

    Attributes:
        asked: A prompt in its parts, or plain (role, text) turns.
        max_tokens: Most tokens of the answer.
        limits: When to stop computing.
        grammar: A template to fill.
        stop: Words that end the answer; they are not part of it.
        copy_from: Further text that the answer is likely to copy from, beside passages and question.
        exact: Compute the prompt in full instead of loading states.
        drafting: Whether copied text may be drafted and verified in batches (the answer is the same).
    """

    asked: Prompt | tuple[tuple[Role, str], ...]
    max_tokens: int = 320
    limits: Limits = field(default_factory=Limits)
    grammar: Template | None = None
    stop: tuple[str, ...] = ()
    copy_from: str | None = None
    exact: bool = False
    drafting: bool = True


class Engine:
    """A loaded model that answers requests one at a time."""

    def __init__(self, path: Path, *, context_tokens: int, threads: int = 0, store: StateStore | None = None) -> None:
        """Load the weights at `path`.

        Raises:
            WeightsMissingError: If there is no such file.
            ModelError: If it cannot be loaded.
        """
        self.backend = Backend(path, n_context=context_tokens + PREFIX_CELLS + _SPARE_CELLS, threads=threads)
        self.context_tokens = context_tokens
        self.tokenizer = PromptTokenizer(self.backend)
        self.cache = PromptCache(self.backend, store)
        self.policy = DraftPolicy()

    @property
    def stats(self) -> RunStats:
        """What the last request took."""
        return self.cache.stats

    def close(self) -> None:
        """Free the weights."""
        self.backend.close()

    def tokens_of(self, asked: Prompt | tuple[tuple[Role, str], ...]) -> PromptTokens:
        """The prompt as this model reads it."""
        return self.tokenizer.prompt(asked) if isinstance(asked, Prompt) else self.tokenizer.messages(asked)

    def prepare(self, prompt: Prompt, limits: Limits) -> None:
        """Bring system text and passages of a prompt into the context before it is asked for."""
        with self._forgetting_failures():
            self.cache.place(self.tokens_of(prompt), limits)

    def ensure_state(self, system: str, passage: PassageText, limits: Limits) -> bool:
        """Compute and store the state of one passage unless there is one; True if it was computed."""
        tokens = self.tokens_of(Prompt(system, (passage,), ""))
        if not self.backend.can_splice:
            return False
        with self._forgetting_failures():
            return self.cache.ensure_state(tokens.prefix, tokens.passages[0], limits)

    @contextmanager
    def _forgetting_failures(self) -> Iterator[None]:
        """What a failed batch left in the context is not used again."""
        try:
            yield
        except (CancelledError, DeadlineError):
            raise
        except ModelError:
            self.cache.forget()
            raise

    def stream(self, request: Request) -> Iterator[str]:
        """Answer a request piece by piece; closing the iterator stops it.

        Raises:
            ModelError: If the prompt is too long or the model fails.
            CancelledError, DeadlineError: As the request's limits say.
        """
        started = time.perf_counter()
        prompt = self.tokens_of(request.asked)
        if prompt.n_tokens + request.max_tokens > self.context_tokens:
            raise ModelError(
                f"The prompt has {prompt.n_tokens} tokens and the answer may have {request.max_tokens}, but the "
                f"context has {self.context_tokens}. Shorten the message, or set TUNEWISE_CONTEXT_TOKENS higher."
            )
        with self._forgetting_failures():
            pending = self.cache.place(prompt, request.limits, exact=request.exact)
            run = _Run(self, request, prompt, pending, started)
            yield from run.fill(request.grammar) if request.grammar else run.write()


class _Run:
    """One request after its prompt has been placed; `pending` tokens are known but not decoded."""

    def __init__(
        self, engine: Engine, request: Request, prompt: PromptTokens, pending: list[int], started: float
    ) -> None:
        self._engine = engine
        self._backend = engine.backend
        self._cache = engine.cache
        self._request = request
        self._prompt = prompt
        self._pending = pending
        self._started = started
        self._stats = engine.stats

    def write(self) -> Iterator[str]:
        """Free text."""
        request = self._request
        text = TextStream(request.stop)
        for token in self._tokens():
            if shown := text.push(self._backend.piece(token)):
                yield shown
            if text.stopped:
                return
        if rest := text.finish():
            yield rest

    def fill(self, template: Template) -> Iterator[str]:
        """A template: literal text is read like a prompt, only real choices are asked for."""
        text = TextStream()
        for part in template.parts:
            if isinstance(part, str):
                self._pending += self._backend.tokenize(part)
                yield part
                continue
            for token in self._chosen(Alternatives(self._backend, part)):
                if shown := text.push(self._backend.piece(token)):
                    yield shown
        self._note_first_token()

    def _chosen(self, slot: Alternatives) -> Iterator[int]:
        while not slot.done:
            candidates = slot.candidates()
            token = candidates[0]
            if len(candidates) > 1:
                logits = self._flush()
                token = candidates[int(np.argmax(logits[candidates]))]
                self._note_first_token()
            slot.accept(token)
            self._pending.append(token)
            self._stats.tokens += 1
            yield token

    def _flush(self) -> np.ndarray:
        """Decode everything pending; returns the logits behind its last token."""
        pending, self._pending = self._pending, []
        for start in range(0, len(pending), 128):
            self._request.limits.check()
            self._backend.decode(pending[start : start + 128], self._cache.length)
            self._cache.append(pending[start : start + 128])
        return self._backend.logits()

    def _tokens(self) -> Iterator[int]:
        """Tokens of the answer up to its end; drafts are verified in the batch that the next token needs anyway."""
        backend, cache, request, stats = self._backend, self._cache, self._request, self._stats
        drafter = self._drafter()
        written: list[int] = list(self._prompt.tail[-8:])
        token = int(self._flush().argmax())
        self._note_first_token()
        decoding_since = time.perf_counter()
        while not backend.is_end(token):
            written.append(token)
            stats.tokens += 1
            yield token
            left = request.max_tokens - stats.tokens
            if left <= 0:
                return
            request.limits.check()
            draft = drafter.draft(written, left - 1) if drafter and left > 1 else []
            self._decode_step([token, *draft])
            accepted = 0
            while accepted < len(draft):
                likeliest = int(backend.logits(accepted).argmax())
                if likeliest != draft[accepted] or backend.is_end(likeliest):
                    break
                written.append(likeliest)
                stats.tokens += 1
                accepted += 1
                yield likeliest
            if draft and drafter:
                drafter.learn(accepted)
                stats.drafted += len(draft)
                stats.accepted += accepted
                cache.truncate(cache.length - len(draft) + accepted)
            token = int(backend.logits(accepted).argmax())
            stats.decode_s = time.perf_counter() - decoding_since

    def _decode_step(self, tokens: list[int]) -> None:
        started = time.perf_counter()
        self._backend.decode(tokens, self._cache.length, PROMPT, outputs=len(tokens))
        self._backend.logits()
        self._engine.policy.measured(len(tokens), time.perf_counter() - started)
        self._cache.append(tokens)

    def _drafter(self) -> CopyDrafter | None:
        if not self._request.drafting:
            return None
        sources: list[Sequence[int]] = [*self._prompt.passages, self._prompt.tail]
        if self._request.copy_from:
            sources.append(self._backend.tokenize(self._request.copy_from))
        return CopyDrafter(sources, self._engine.policy)

    def _note_first_token(self) -> None:
        if not self._stats.first_token_s:
            self._stats.first_token_s = time.perf_counter() - self._started
