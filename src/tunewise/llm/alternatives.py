"""Slots of a template as token sequences: which tokens may come next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tunewise.llm.grammar import Choice, Items, Slot, Span, word_ends, word_starts


class Vocabulary(Protocol):
    """What is needed of a tokenizer."""

    def tokenize(self, text: str) -> list[int]:
        """Tokens of ordinary text."""
        ...

    def piece(self, token: int) -> bytes:
        """Bytes of a token."""
        ...


_NEVER = -1  # stands behind a span, which ends only by being closed


@dataclass(frozen=True, slots=True)
class Sequence_:
    """One text that a slot may hold; after `ends` of its tokens it may also be closed early."""

    tokens: tuple[int, ...]
    ends: frozenset[int] = frozenset()


class Alternatives:
    """A set of token sequences that is narrowed down token by token."""

    def __init__(self, sequences: Sequence[Sequence_], closing: Sequence[int] = ()) -> None:
        """Start with all of `sequences`; a sequence that is closed early is followed by `closing`."""
        self._alive = list(sequences)
        self._closing = tuple(closing)
        self._at = 0

    @property
    def done(self) -> bool:
        """Whether one of the sequences is complete."""
        return any(len(sequence.tokens) == self._at for sequence in self._alive)

    def candidates(self) -> list[int]:
        """Tokens that may come next, each once, in ascending order."""
        tokens = {sequence.tokens[self._at] for sequence in self._alive if self._at < len(sequence.tokens)} - {_NEVER}
        if self._closing and any(self._at in sequence.ends for sequence in self._alive):
            tokens.add(self._closing[0])
        return sorted(tokens)

    def accept(self, token: int) -> None:
        """Narrow down to what starts with the tokens accepted so far and this one."""
        at, alive = self._at, self._alive
        going_on = [sequence for sequence in alive if at < len(sequence.tokens) and sequence.tokens[at] == token]
        if not going_on:
            closed = next(sequence for sequence in alive if at in sequence.ends)
            going_on = [Sequence_((*closed.tokens[:at], *self._closing))]
        self._alive, self._at = going_on, at + 1

    def text_tokens(self) -> tuple[int, ...]:
        """The tokens of the finished slot."""
        return next(sequence.tokens for sequence in self._alive if len(sequence.tokens) == self._at)


def steps(vocabulary: Vocabulary, slot: Slot) -> Iterator[Alternatives]:
    """The choices of a slot one after the other; each is to be finished before the next is asked for."""
    if isinstance(slot, Choice):
        yield Alternatives([_sequence(vocabulary, option) for option in slot.options])
    elif isinstance(slot, Span):
        yield span_alternatives(vocabulary, slot)
    else:
        yield from _item_steps(vocabulary, slot)


def span_alternatives(vocabulary: Vocabulary, span: Span) -> Alternatives:
    """The empty string, and every run of whole words of the source as a JSON string."""
    ends = sorted(set(word_ends(span.source)))
    sequences = [_sequence(vocabulary, ' "' + span.closing)]
    for start in word_starts(span.source):
        stop = max((end for end in ends if start < end <= start + span.longest), default=None)
        if stop is not None:
            within = [end - start for end in ends if start < end <= stop]
            sequences.append(_span_sequence(vocabulary, span.source[start:stop], within))
    return Alternatives(sequences, vocabulary.tokenize(span.closing))


def _span_sequence(vocabulary: Vocabulary, text: str, ends: Sequence[int]) -> Sequence_:
    """Tokens of a text as an open JSON string, which may be closed after each of the offsets `ends`."""
    opening = ' "'
    escaped = [_escaped(character) for character in text]
    lengths = [0]
    for piece in escaped:
        lengths.append(lengths[-1] + len(piece.encode()))
    closable = {len(opening) + lengths[end] for end in ends}
    tokens = tuple(vocabulary.tokenize(opening + "".join(escaped)))
    offset, early = 0, set()
    for number, token in enumerate(tokens, 1):
        offset += len(vocabulary.piece(token))
        if offset in closable:
            early.add(number)
    return Sequence_((*tokens, _NEVER), frozenset(early))


def _item_steps(vocabulary: Vocabulary, items: Items) -> Iterator[Alternatives]:
    left, opening = list(items.options), " ["
    for number in range(items.at_most, 0, -1):
        more = number > 1 and len(left) > 1
        texts = {}
        for option in left:
            texts[f"{opening}{json.dumps(option)}{items.closing}"] = option
            if more:
                texts[f"{opening}{json.dumps(option)},"] = option
        if opening == " [":
            texts[opening + items.closing] = ""
        sequences = {_sequence(vocabulary, text): text for text in texts}
        step = Alternatives(list(sequences))
        yield step
        chosen = next(text for sequence, text in sequences.items() if sequence.tokens == step.text_tokens())
        if chosen.endswith(items.closing):
            return
        left.remove(texts[chosen])
        opening = " "
    if opening == " [":
        yield Alternatives([_sequence(vocabulary, opening + items.closing)])


def _sequence(vocabulary: Vocabulary, text: str) -> Sequence_:
    return Sequence_(tuple(vocabulary.tokenize(text)))


def _escaped(character: str) -> str:
    return json.dumps(character, ensure_ascii=False)[1:-1]
