"""Drafts by n-gram look-up: what followed the last words wherever they stand in the sources.

A draft costs computing even when it is rejected, so one is made only where it is expected to pay: from how often
drafts after a match of this length were right, and what a batch of this size costs on this machine.
Source: prompt look-up decoding (Saxena 2023; llama.cpp's `lookup` example).

Drafts have at most two tokens: llama.cpp computes batches of up to three tokens bit for bit like single tokens, while
from four on its matrix kernels round differently (measured: logits differ by up to 0.8), so that the answer could
differ from plain greedy decoding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

_LONGEST_MATCH = 6
_SHORTEST_MATCH = 2
_SIZES = (1, 2)
_WORTH = 1.1


class DraftPolicy:
    """How long a draft pays, learnt over all requests of a model.

    The cost of a batch of n tokens is a multiple of one step's; the first values were measured on two AVX-512 cores
    with Q4_K weights, and follow what this machine measures.
    """

    def __init__(self) -> None:
        self._cost = {1: 1.0, 2: 1.55, 3: 2.1}
        self._step_s: float | None = None
        # (right, tried) for matches of each length; weak prior beliefs
        self._seen = {2: [2.0, 4.0], 3: [6.0, 8.0], 4: [7.0, 8.0], 5: [9.0, 10.0], 6: [19.0, 20.0]}

    def length(self, match: int) -> int:
        """The most profitable draft after a match of `match` tokens, 0 if none pays."""
        right, tried = self._seen[min(match, _LONGEST_MATCH)]
        p = min(right / tried, 0.99)
        gain, size = max(((1 - p ** (k + 1)) / (1 - p) / self._cost[k + 1], k) for k in _SIZES)
        return size if gain >= _WORTH else 0

    def learn(self, match: int, accepted: int, drafted: int) -> None:
        """Note that of a draft of `drafted` tokens the first `accepted` were right."""
        counts = self._seen[min(match, _LONGEST_MATCH)]
        counts[0] += accepted
        counts[1] += min(accepted + 1, drafted)
        if counts[1] > 200:
            counts[0], counts[1] = counts[0] / 2, counts[1] / 2

    def measured(self, n_tokens: int, seconds: float) -> None:
        """Note how long a batch took."""
        if n_tokens == 1:
            self._step_s = (
                seconds if self._step_s is None else min(self._step_s * 1.01, 0.9 * self._step_s + 0.1 * seconds)
            )
        elif self._step_s and n_tokens in self._cost:
            ratio = min(max(seconds / self._step_s, 1.0), float(n_tokens))
            self._cost[n_tokens] += 0.05 * (ratio - self._cost[n_tokens])


class CopyDrafter:
    """Finds where the end of the text so far stands in the sources and proposes what follows there."""

    def __init__(self, sources: Sequence[Sequence[int]], policy: DraftPolicy) -> None:
        """Index the sources.

        Args:
            sources: Token lists, for example one per passage; a draft never runs from one into the next.
            policy: Decides the length of drafts.
        """
        self._policy = policy
        self._sources = [list(source) for source in sources]
        self._places: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for number, source in enumerate(self._sources):
            for at in range(len(source) - 2):
                self._places[source[at], source[at + 1]].append((number, at + 2))
        self._last: tuple[int, int] | None = None

    def draft(self, text: Sequence[int], room: int) -> list[int]:
        """Tokens that may follow `text`, at most `room`; [] where a draft is not expected to pay."""
        self._last = None
        if len(text) < _SHORTEST_MATCH:
            return []
        places = self._places.get((text[-2], text[-1]), ())
        if not places:
            return []
        match, number, at = max((self._match(text, number, at), -number, -at) for number, at in places)
        length = min(self._policy.length(match), room)
        proposal = self._sources[-number][-at : length - at]
        if proposal:
            self._last = (match, len(proposal))
        return proposal

    def learn(self, accepted: int) -> None:
        """Note how many tokens of the last draft were right."""
        if self._last:
            self._policy.learn(self._last[0], accepted, self._last[1])

    def _match(self, text: Sequence[int], number: int, at: int) -> int:
        source, length = self._sources[number], 2
        while length < min(_LONGEST_MATCH, at, len(text)) and source[at - 1 - length] == text[-1 - length]:
            length += 1
        return length
