"""What is already computed: the cached prompt, fixed prefixes, and passages spliced from stored states.

Sequence 0 holds the current prompt. A passage's state is computed right after the prefix, without the other passages
(as in Prompt Cache, arXiv 2311.04934, and TurboRAG, arXiv 2410.07590), then moved to its place: so its keys and values
are the same whichever passages stand around it. In exact mode nothing is spliced and passages see each other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from tunewise.llm.backend import Backend
from tunewise.llm.limits import Limits
from tunewise.llm.prompt_tokens import PromptTokens, Tokens
from tunewise.llm.state_store import State, StateStore

PROMPT = 0
SCRATCH = 1
_PREFIXES = (2, 3, 4, 5)
PREFIX_CELLS = 1024
_STEP = 128  # tokens between two looks at the limits: about a second on two cores


@dataclass(slots=True)
class RunStats:
    """What the last request took: how its prompt came into the context, then its answer; times in seconds."""

    prompt_tokens: int = 0
    reused: int = 0
    spliced: int = 0
    computed: int = 0
    first_token_s: float = 0.0
    decode_s: float = 0.0
    tokens: int = 0
    drafted: int = 0
    accepted: int = 0


class PromptCache:
    """Brings prompts into sequence 0 with as little computing as possible."""

    def __init__(self, backend: Backend, store: StateStore | None) -> None:
        self._backend = backend
        self._store = store
        self._tokens: list[int] = []
        self._exact_until = 0  # tokens before this position were computed in full
        self._spliced_ends: list[int] = []  # where each spliced passage ends
        self._prefixes: OrderedDict[Tokens, int] = OrderedDict()
        self.stats = RunStats()

    @property
    def length(self) -> int:
        """Tokens in sequence 0."""
        return len(self._tokens)

    def place(self, prompt: PromptTokens, limits: Limits, *, exact: bool = False) -> list[int]:
        """Put all of the prompt but its last tokens into sequence 0.

        Returns:
            The tokens that are left to decode (at least one, at most a batch), so that the caller can join them with
            what it knows will follow.

        Raises:
            ModelError: If the prompt is longer than the context.
            CancelledError, DeadlineError: As the limits say.
        """
        self.stats = RunStats(prompt.n_tokens)
        exact = exact or not self._backend.can_splice or not 0 < len(prompt.prefix) <= PREFIX_CELLS
        target = prompt.all
        self._keep(self._reusable(prompt, target, exact))
        self.stats.reused = self.length
        if not exact:
            self._place_prefix(prompt.prefix, limits)
            self._place_passages(prompt, limits)
        return self._compute(target[self.length :], limits)

    def append(self, tokens: Sequence[int]) -> None:
        """Note tokens that were decoded into sequence 0 at its end."""
        if self._exact_until == self.length:
            self._exact_until += len(tokens)
        self._tokens += tokens

    def truncate(self, length: int) -> None:
        """Drop what was decoded beyond `length`."""
        self._backend.remove(PROMPT, length)
        del self._tokens[length:]
        self._exact_until = min(self._exact_until, length)

    def forget(self) -> None:
        """Drop the prompt and the prefixes, for example after a failed batch."""
        self._backend.clear()
        self._prefixes.clear()
        self._reset()

    def ensure_state(self, prefix: Tokens, passage: Tokens, limits: Limits) -> bool:
        """Compute and store a passage's state unless there is one; True if it was computed."""
        if self._store is None or self._store.key(self._backend.identity, prefix, passage) in self._store:
            return False
        self._keep(0)
        self._passage_state(prefix, passage, limits)
        self._backend.remove(SCRATCH)
        return True

    def _reusable(self, prompt: PromptTokens, target: Sequence[int], exact: bool) -> int:
        """How many tokens of sequence 0 serve the new prompt as they are."""
        common = common_prefix(self._tokens, target)
        common = min(common, len(target) - 1)
        if exact:
            return min(common, self._exact_until)
        ends = list(accumulate(map(len, prompt.passages), initial=len(prompt.prefix)))
        whole = [end for end in ends if end <= common and (end in self._spliced_ends or end == ends[0])]
        if not whole:
            return 0
        return common if whole[-1] == ends[-1] else whole[-1]

    def _keep(self, length: int) -> None:
        if length == 0:
            self._backend.remove(PROMPT)
            self._reset()
            return
        self.truncate(length)
        self._spliced_ends = [end for end in self._spliced_ends if end <= length]

    def _reset(self) -> None:
        self._tokens.clear()
        self._spliced_ends.clear()
        self._exact_until = 0

    def _place_prefix(self, prefix: Tokens, limits: Limits) -> None:
        if self.length >= len(prefix):
            return
        sequence = self._prefix_sequence(prefix, limits)
        self._backend.copy(sequence, PROMPT)
        self._tokens = list(prefix)
        self._exact_until = len(prefix)

    def _place_passages(self, prompt: PromptTokens, limits: Limits) -> None:
        start = len(prompt.prefix)
        for passage in prompt.passages:
            end = start + len(passage)
            if end > self.length:
                self._passage_state(prompt.prefix, passage, limits)
                if start != len(prompt.prefix):
                    self._backend.shift(SCRATCH, start - len(prompt.prefix))
                self._backend.copy(SCRATCH, PROMPT)
                self._backend.remove(SCRATCH)
                self._tokens += passage
                self._spliced_ends.append(end)
            start = end

    def _compute(self, tokens: Sequence[int], limits: Limits) -> list[int]:
        """Decode tokens at the end of sequence 0, all but the last step's worth."""
        while len(tokens) > _STEP:
            limits.check()
            self._backend.decode(tokens[:_STEP], self.length)
            self.append(tokens[:_STEP])
            self.stats.computed += _STEP
            tokens = tokens[_STEP:]
        self.stats.computed += len(tokens)
        return list(tokens)

    def _prefix_sequence(self, prefix: Tokens, limits: Limits) -> int:
        """The sequence that holds a prefix, filled from memory, disk or by computing."""
        if prefix in self._prefixes:
            self._prefixes.move_to_end(prefix)
            return self._prefixes[prefix]
        while len(self._prefixes) == len(_PREFIXES) or (self._prefixes and self._cells() + len(prefix) > PREFIX_CELLS):
            self._backend.remove(self._prefixes.popitem(last=False)[1])
        sequence = next(s for s in _PREFIXES if s not in self._prefixes.values())
        key = StateStore.key(self._backend.identity, prefix)
        if not self._load(sequence, key, len(prefix)):
            self._decode_into(sequence, prefix, 0, limits)
            self._save(key, sequence, len(prefix))
        self._prefixes[prefix] = sequence
        return sequence

    def _passage_state(self, prefix: Tokens, passage: Tokens, limits: Limits) -> None:
        """Fill the scratch sequence with a passage as it is right after the prefix."""
        self._backend.remove(SCRATCH)
        key = StateStore.key(self._backend.identity, prefix, passage)
        if self._load(SCRATCH, key, len(passage)):
            self.stats.spliced += len(passage)
            return
        self._backend.copy(self._prefix_sequence(prefix, limits), SCRATCH)
        self._decode_into(SCRATCH, passage, len(prefix), limits)
        self._backend.remove(SCRATCH, 0, len(prefix))
        self._save(key, SCRATCH, len(passage))

    def _decode_into(self, sequence: int, tokens: Sequence[int], position: int, limits: Limits) -> None:
        try:
            for start in range(0, len(tokens), _STEP):
                limits.check()
                self._backend.decode(tokens[start : start + _STEP], position + start, sequence)
        except Exception:
            self._backend.remove(sequence)
            raise
        self.stats.computed += len(tokens)

    def _load(self, sequence: int, key: str, n_tokens: int) -> bool:
        state: State | None = self._store.load(key, n_tokens) if self._store else None
        return state is not None and self._backend.load_state(sequence, state)

    def _save(self, key: str, sequence: int, n_tokens: int) -> None:
        if self._store:
            self._store.save(key, self._backend.save_state(sequence), n_tokens)

    def _cells(self) -> int:
        return sum(map(len, self._prefixes))


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """Number of leading tokens that two sequences share."""
    differing = (at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1])
    return next(differing, min(len(left), len(right)))
