"""Which of a conversation's cases a message is about, told by the words that only one of them has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from tunewise.routing.follow_up import Said
from tunewise.routing.topics import shows
from tunewise.tables import load_table
from tunewise.types import Situation

STEM = 5
MIN_LETTERS = 4
MIN_PAIRS = 2  # of Chinese characters: a single pair may stand in any text
_CJK = re.compile("[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of a conversation: number → what the user wrote about it, and the number of the present one."""

    messages: Mapping[int, Sequence[str]]
    present: int


def case_of(said: Said, cases: Cases, field_words: Set[str]) -> int:
    """The number of the case that a message is about; a number not in use for a new one.

    Args:
        said: The message.
        cases: Those so far.
        field_words: Stems of words that any case may have; they tell none from another.
    """
    if not cases.messages:
        return cases.present
    returns = _asks_back(said)
    words = _content(said.text) - (frozenset() if returns else field_words)
    if _is_new(said, words, cases):
        return max(cases.messages) + 1
    own = {number: _own_words(number, cases) for number in cases.messages}
    scores = {number: _score(words & own[number]) for number in own if number != cases.present}
    best = max(scores, key=lambda number: scores[number], default=cases.present)
    here = _score(words & own[cases.present])
    if not scores:
        return cases.present
    is_told = scores[best] > here or (scores[best] == here > 0 and returns)
    is_named = (said.project == "back" and not here) or shows("earlier_project", said.text)
    return best if is_told or is_named else cases.present


def describes(situation: Situation, turn: int) -> bool:
    """Whether the turn's message names a model or a kind of data; `situation` is that with it."""
    return _told(situation, ("base_model", "modality"), turn)


def describes_another_kind(situation: Situation, before: Situation, turn: int) -> bool:
    """Whether the turn's message brings a model and an amount of another kind of data (sound, not pictures) than the
    situation `before` is about; a mere mention of such data ("our mails hold pictures, too") does not."""
    kinds = {kind.value for each in (before, situation) if (kind := each.details.get("modality"))}
    return len(kinds) > 1 and all(_told(situation, (name,), turn) for name in ("modality", "base_model", "n_examples"))


def _told(situation: Situation, details: Sequence[str], turn: int) -> bool:
    return any(found.turn == turn for name in details if (found := situation.details.get(name)))


def _asks_back(said: Said) -> bool:
    """Whether it names an earlier case, asks what was said, or only says what it wants to talk about."""
    if said.project == "back":
        return True
    names = shows("earlier_project", said.text) or shows("back", said.text)
    return names or (said.move == "follow_up" and not set(said.asked) - {"recall"})


def _is_new(said: Said, words: Set[str], cases: Cases) -> bool:
    """Whether a case is described that has nothing to do with the present one."""
    if said.project == "new":
        return True
    if not said.states:
        return False
    shared = words & frozenset().union(*map(_content, cases.messages[cases.present]))
    if said.another_kind and not shared:
        return True
    if said.move != "new_case":
        return False
    return shows("another_project", said.text) or (said.describes and bool(said.asked) and not shared)


def _own_words(number: int, cases: Cases) -> frozenset[str]:
    """Words of a case that no other one has; of an earlier one only those by which it was introduced."""
    told = cases.messages[number] if number == cases.present else cases.messages[number][:1]
    others = (text for other, texts in cases.messages.items() if other != number for text in texts)
    return frozenset().union(*map(_content, told)) - frozenset().union(*map(_content, others))


def _score(shared: Set[str]) -> int:
    pairs = sum(bool(_CJK.match(word)) for word in shared)
    return len(shared) - pairs + (pairs if pairs >= MIN_PAIRS else 0)


def _content(text: str) -> frozenset[str]:
    """Stems of content words, and pairs of Chinese characters."""
    form = load_table("reading/topics.yaml")["clauses"]["form_words"].split()
    lowered = text.lower()
    words = [word for word in re.findall(r"[a-zà-ÿœ]+", lowered) if len(word) >= MIN_LETTERS and word not in form]
    pairs = ("".join(pair) for run in _CJK.findall(lowered) for pair in pairwise(run))
    return frozenset({word[:STEM] for word in words} | set(pairs))
