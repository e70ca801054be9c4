"""Which token comes next: the likeliest, the likeliest that a GBNF grammar allows, or a draw with a fixed seed."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from tunewise.errors import ModelError
from tunewise.llm.backend import Backend

Logits = npt.NDArray[np.float32]
Tokens = npt.NDArray[Any]
_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
_SHORTLIST = 256
_TOP_P = 0.95


class Chooser:
    """Chooses the likeliest token; the smallest id on a tie."""

    repeatable = True
    """Whether `choose` depends on nothing but logits and accepted tokens, so that drafts can be verified."""

    def choose(self, logits: Logits) -> int:
        """The next token; does not change the chooser."""
        return int(logits.argmax())

    def accept(self, token: int) -> None:
        """Note that a token was written."""

    def close(self) -> None:
        """Free what the chooser holds."""


class Constrained(Chooser):
    """The likeliest token that a grammar allows.

    The grammar is asked about the likeliest token first: it is nearly always allowed, and asking about the whole
    vocabulary takes longer than the model's own step.
    """

    def __init__(self, backend: Backend, grammar: str, root: str = "root") -> None:
        """Compile a GBNF grammar.

        Raises:
            ModelError: If llama.cpp cannot read the grammar.
        """
        self._lib = backend.library
        self._sampler = self._lib.llama_sampler_init_grammar(backend.vocab, grammar.encode(), root.encode())
        if not self._sampler:
            raise ModelError(f"llama.cpp cannot read this grammar: {grammar[:200]!r}.")

    def choose(self, logits: Logits) -> int:
        """The likeliest allowed token."""
        best = super().choose(logits)
        if self.allowed(np.array([best]), logits).size:
            return best
        allowed = self.allowed(_likeliest(logits), logits)
        if not allowed.size:
            allowed = self.allowed(np.arange(logits.size), logits)
        if not allowed.size:
            raise ModelError("The grammar allows no token here.")
        return int(allowed[logits[allowed].argmax()])

    def accept(self, token: int) -> None:
        """Move the grammar on."""
        self._lib.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Free the grammar."""
        if self._sampler:
            self._lib.llama_sampler_free(self._sampler)
            self._sampler = None

    def allowed(self, tokens: Tokens, logits: Logits) -> Tokens:
        """Those of `tokens` that the grammar allows next."""
        candidates = np.zeros(tokens.size, _CANDIDATE)
        candidates["id"], candidates["logit"] = tokens, logits[tokens]
        array = self._lib.llama_token_data_array(
            data=ctypes.cast(candidates.ctypes.data, ctypes.POINTER(self._lib.llama_token_data)),
            size=candidates.size,
            selected=-1,
            sorted=False,
        )
        self._lib.llama_sampler_apply(self._sampler, ctypes.byref(array))
        kept = candidates[: array.size]
        return np.asarray(kept["id"][np.isfinite(kept["logit"])])


class Drawn(Chooser):
    """A draw at a temperature, with a seed of its own, so that the same request gives the same answer."""

    repeatable = False

    def __init__(self, temperature: float, seed: int, inner: Constrained | None = None) -> None:
        self._temperature = temperature
        self._random = np.random.default_rng(seed)
        self._inner = inner

    def choose(self, logits: Logits) -> int:
        """Draw from the smallest set of tokens that holds 95 % of the probability."""
        shortlist = _likeliest(logits)
        if self._inner is not None:
            shortlist = self._inner.allowed(shortlist, logits)
            if not shortlist.size:
                return self._inner.choose(logits)
        order = shortlist[np.argsort(-logits[shortlist], kind="stable")]
        weights = np.exp((logits[order] - logits[order[0]]).astype(np.float64) / self._temperature)
        weights /= weights.sum()
        kept = int(np.searchsorted(np.cumsum(weights), _TOP_P)) + 1
        return int(self._random.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))

    def accept(self, token: int) -> None:
        """Move the grammar on, if there is one."""
        if self._inner is not None:
            self._inner.accept(token)

    def close(self) -> None:
        """Free the grammar, if there is one."""
        if self._inner is not None:
            self._inner.close()


def _likeliest(logits: Logits) -> Tokens:
    """The tokens with the highest logits, in no order."""
    if logits.size <= _SHORTLIST:
        return np.arange(logits.size)
    return np.argpartition(logits, -_SHORTLIST)[-_SHORTLIST:]


def make_chooser(backend: Backend, *, grammar: str | None, temperature: float, seed: int) -> Chooser:
    """The chooser for a request; temperature 0 means the likeliest token."""
    constrained = Constrained(backend, grammar) if grammar else None
    if temperature > 0:
        return Drawn(temperature, seed, constrained)
    return constrained or Chooser()
