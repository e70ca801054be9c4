"""The stances that a text from elsewhere takes: a colleague's advice, a pasted paragraph, the asker's own plan.

English only; the words are data (`advice` in `corpus/reading/stances.yaml`, `sayings` of the framework's strategies).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tunewise.answer.cues import of_advice
from tunewise.answer.sentences import split_sentences
from tunewise.answer.stance import Spoken, read_stances
from tunewise.framework.naming import lexicon_for

if TYPE_CHECKING:
    from tunewise.framework import Framework

# "LoRA? Forget it": a question of a few words is what the next sentence speaks of.
_POSED = re.compile(r"(?<![^\s\"“'])((?:[\w/-]+ ){0,3}[\w/-]+)\?\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Taken:
    """A stance that a text takes on a strategy; `quote` is what it calls the strategy, verbatim."""

    strategy: str
    stance: Literal["for", "against"]
    quote: str


def read_advice(text: str, framework: Framework) -> tuple[Taken, ...]:
    """The stances of a text, in its order, each once."""
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
