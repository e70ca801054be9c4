"""Names of strategies in running text: which strategies a sentence mentions, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tunewise.framework.model import PROTECTING, Framework, StrategySpec

MentionKind = Literal["strategy", "combination", "family", "ignore", "umbrella"]
KINDS: dict[str, MentionKind] = {"any": "family", "all": "combination", "kind": "umbrella"}
_ORDER: tuple[MentionKind, ...] = ("strategy", "combination", "family", "ignore", "umbrella")
_FLEXIBLE = re.compile(r"[ \-‑]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A strategy's name in a text.

    `kind` says how `ids` are meant: one strategy, all of them (combination), any of them (family), or fine-tuning as
    such, whichever (umbrella). `protects`: they are measures against overfitting or forgetting, which speaks for them.
    """

    start: int
    end: int
    ids: tuple[str, ...]
    kind: MentionKind
    protects: bool


@dataclass(frozen=True, slots=True)
class _Name:
    pattern: re.Pattern[str]
    ids: tuple[str, ...]
    kind: MentionKind


class Lexicon:
    """Every name by which a framework's strategies may be spoken of, in all languages at once.

    `hints` are wider: a pattern for each strategy by which a message comes near it, to be searched in lower-case text.

    Args:
        framework: Whose strategies.
        sayings: Take also what people call a strategy when they advise somebody ("train the lot"); in a text that
            explains, the same words may mean something else.
    """

    def __init__(self, framework: Framework, *, sayings: bool = False) -> None:
        said = _sayings(framework) if sayings else ()
        self._names = (*_family_names(framework), *_strategy_names(framework), *said)
        self._protecting = framework.always_welcome | framework.in_groups(PROTECTING)
        self.hints: Mapping[str, re.Pattern[str]] = {
            one.id: re.compile("|".join(map(_at_word_start, one.hints)))
            if one.hints
            else re.compile("|".join(name.pattern.pattern for name in self._names if name.ids == (one.id,)), re.I)
            for one in framework.strategies.values()
        }

    def mentions(self, text: str) -> list[Mention]:
        """Strategies named in a text, in order, without overlaps: the longest match wins, then the earlier one."""
        found = [
            Mention(match.start(), match.end(), name.ids, name.kind, self._protecting.issuperset(name.ids))
            for name in self._names
            for match in name.pattern.finditer(text)
            if match.end() > match.start()
        ]
        found.sort(key=lambda m: (m.start - m.end, m.start, _ORDER.index(m.kind)))
        taken: list[Mention] = []
        for mention in found:
            if all(mention.end <= other.start or mention.start >= other.end for other in taken):
                taken.append(mention)
        return sorted((m for m in taken if m.kind != "ignore"), key=lambda m: m.start)

    def hinted(self, text: str) -> tuple[str, ...]:
        """Ids of the strategies that a message comes near, in its order."""
        found = [(match.start(), id_) for id_, hint in self.hints.items() if (match := hint.search(text.lower()))]
        return tuple(id_ for _, id_ in sorted(found))


@lru_cache(maxsize=16)
def lexicon_for(framework: Framework, *, sayings: bool = False) -> Lexicon:
    """The names of a framework's strategies, compiled once."""
    return Lexicon(framework, sayings=sayings)


@lru_cache(maxsize=16)
def names_of(framework: Framework, strategy: str) -> re.Pattern[str]:
    """Every name of one strategy, in all languages; far quicker to compile than the whole lexicon."""
    texts = _names(framework.strategies[strategy])
    return re.compile("|".join(_name(text, (strategy,), "strategy").pattern.pattern for text in texts), re.IGNORECASE)


def _names(strategy: StrategySpec) -> list[str]:
    """Labels and names of a strategy in all languages, each once."""
    named = [*strategy.label.values(), *(text for texts in strategy.names.values() for text in texts)]
    return list(dict.fromkeys(named))


def _family_names(framework: Framework) -> Iterator[_Name]:
    for family in framework.families.values():
        for texts in family.names.values():
            yield from (_name(text, family.members, KINDS[family.means]) for text in texts)
        for texts in family.exceptions.values():
            yield from (_name(text, (), "ignore") for text in texts)


def _strategy_names(framework: Framework) -> Iterator[_Name]:
    """Labels and names; one that is also the name of a kind ("fine-tuning") tells no strategy from another."""
    kinds = [name.pattern for name in _family_names(framework) if name.kind == "umbrella"]
    for id_, strategy in framework.strategies.items():
        for text in _names(strategy):
            if not any(kind.fullmatch(text) for kind in kinds):
                yield _name(text, (id_,), "strategy")


def _sayings(framework: Framework) -> Iterator[_Name]:
    for id_, strategy in framework.strategies.items():
        yield from (_name(text, (id_,), "strategy") for texts in strategy.sayings.values() for text in texts)


def _name(text: str, ids: tuple[str, ...], kind: MentionKind) -> _Name:
    """Compile an entry: `/regex/`, or a phrase with flexible blanks and an optional plural."""
    if text.startswith("/") and text.endswith("/"):
        body = text[1:-1]
    else:
        body = r"[\s\-‑]*".join(re.escape(word) for word in _FLEXIBLE.split(text))
        body += "(?:s|x)?" if text[-1].isascii() else ""
    left = r"(?<![A-Za-zÀ-ÿ0-9])" if body[:1].isascii() else ""
    right = r"(?![A-Za-zÀ-ÿ])" if body[-1:].isascii() else ""
    return _Name(re.compile(f"{left}(?:{body}){right}", re.IGNORECASE), ids, kind)


def _at_word_start(pattern: str) -> str:
    """Latin words match at a word's start only; Chinese has no word boundaries."""
    starts_latin = re.match(r"[a-zà-ÿ]|\(\?:[a-z]", pattern)
    return rf"(?<![a-zà-ÿ0-9])(?:{pattern})" if starts_latin else f"(?:{pattern})"
