"""The stances that a text from elsewhere takes: a colleague's advice, a pasted paragraph, the asker's own plan.

English only. By words, which are data (`advice` in `corpus/reading/stances.yaml`, `sayings` of the framework's
strategies), and as the reader has learned it: of 850 stances by authors whom nothing was written for or learned from,
the words find .24 at precision .42, the reader .74 at .94, and .76 at .92 where it takes what the words say if it
thinks it possible. In whole messages, where strategies go by their names, the words are right more often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Literal

from tunewise.answer.cues import of_advice
from tunewise.answer.sentences import split_sentences
from tunewise.answer.stance import Spoken, read_stances
from tunewise.framework.naming import lexicon_for

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.reading.advice import AdviceSignal
    from tunewise.reading.reader import Reader

SENTENCES_AT_ONCE = 3  # as the reader has learned it
MOST_READ = 40  # parts of a long text, about 0.06 s each
# "LoRA? Forget it": a question of a few words is what the next sentence speaks of.
_POSED = re.compile(r"(?<![^\s\"“'])((?:[\w/-]+ ){0,3}[\w/-]+)\?\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Taken:
    """A stance that a text takes on a strategy; `quote` is what it calls the strategy, verbatim ("" where no name of it
    is known)."""

    strategy: str
    stance: Literal["for", "against"]
    quote: str


def read_advice(text: str, framework: Framework, reader: Reader | None = None) -> tuple[Taken, ...]:
    """The stances of a text that advises, in its order.

    Args:
        text: Of any length; of one of more than `MOST_READ` parts, stances that the reader has learned to read are
            found in those alone.
        framework: Whose strategies.
        reader: Has learned to read stances on some strategies; None reads all by their words.
    """
    return _with_learned(text, _by_words(text, framework), framework, reader)


def read_passed_on(message: str, framework: Framework, reader: Reader | None = None) -> tuple[Taken, ...]:
    """The stances that a message takes or passes on, in its order; arguments as those of `read_advice`.

    Most of a message is the asker's own case and question, of which the reader of advice has learned nothing: it is
    asked only where no strategy is spoken of by name.
    """
    return _by_words(message, framework) or _with_learned(message, (), framework, reader)


def _with_learned(
    text: str, words: tuple[Taken, ...], framework: Framework, reader: Reader | None
) -> tuple[Taken, ...]:
    """What a text advises as the reader has learned it, and of what its `words` say the rest and what that backs."""
    learned = set(reader.advice_strategies) if reader else set()
    if reader is None or learned.isdisjoint(framework.strategies):
        return words
    signals = _signals(text, reader)
    taken = {each.strategy: each for each in signals if each.taken and each.strategy in framework.strategies}
    backed = {(each.strategy, each.stance) for each in signals}
    quotes = {
        id_: text[one.start : one.end]
        for one in reversed(lexicon_for(framework, sayings=True).mentions(text))
        if one.kind in ("strategy", "combination")
        for id_ in one.ids
    }
    found = [Taken(each.strategy, each.stance, quotes.get(each.strategy, "")) for each in taken.values()]
    found += [
        each
        for each in words
        if each.strategy not in taken and (each.strategy not in learned or (each.strategy, each.stance) in backed)
    ]
    return tuple(sorted(found, key=lambda each: text.find(each.quote) if each.quote else len(text)))


def _signals(text: str, reader: Reader) -> list[AdviceSignal]:
    """What the parts of a text may advise, the likeliest stance on each strategy."""
    best: dict[str, AdviceSignal] = {}
    for part in islice(_parts(split_sentences(text)), MOST_READ):
        for each in reader.advice(part):
            if each.strategy not in best or each.probability > best[each.strategy].probability:
                best[each.strategy] = each
    return list(best.values())


def _parts(sentences: list[str]) -> Iterator[str]:
    """A short text as a whole; of a longer one, each sentence with the one before it."""
    if len(sentences) <= SENTENCES_AT_ONCE:
        yield " ".join(sentences)
    else:
        yield from (" ".join(pair) for pair in pairwise(sentences))


def _by_words(text: str, framework: Framework) -> tuple[Taken, ...]:
    lexicon = lexicon_for(framework, sayings=True)
    found: dict[tuple[str, str], Taken] = {}
    for sentence in split_sentences(_POSED.sub(_topic, text)):
        kept = sentence if sentence.rstrip().endswith("?") else of_advice("own_view").sub("", sentence)
        for spoken in read_stances(kept, lexicon, advises=True):
            quote = kept[spoken.mention.start : spoken.mention.end].strip()
            for taken in _taken(framework, spoken, quote):
                found.setdefault((taken.strategy, taken.stance), taken)
    return tuple(found.values())


def _topic(match: re.Match[str]) -> str:
    return match[1] + "  "


def _taken(framework: Framework, spoken: Spoken, quote: str) -> Iterator[Taken]:
    """Of a family one member stands for all; advice against tuning as such is advice to use the model as it is."""
    ids = spoken.mention.ids
    if spoken.sign == 0 or spoken.antecedent:
        return
    if spoken.mention.kind == "umbrella":
        if spoken.sign < 0 and (idle := next((s.id for s in framework.strategies.values() if s.is_idle), None)):
            yield Taken(idle, "for", quote)
        return
    for id_ in ids[:1] if spoken.mention.kind == "family" else ids:
        yield Taken(id_, "for" if spoken.sign > 0 else "against", quote)
