"""Names of strategies in running text: which strategies a sentence mentions, and where.

The names are data (`data/strategies.yaml`); the labels and synonyms of the framework in force are added to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

import yaml

if TYPE_CHECKING:
    from tunewise.framework import Framework

MentionKind = Literal["strategy", "combination", "family", "umbrella", "ignore"]
_FLEXIBLE = re.compile(r"[ \-‑]+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A strategy's name in a text.

    `kind` says how `ids` are meant: one strategy, all of them (combination), any of them (family), or fine-tuning as
    such, whichever (umbrella).
    """

    start: int
    end: int
    ids: tuple[str, ...]
    kind: MentionKind


@dataclass(frozen=True, slots=True)
class _Name:
    pattern: re.Pattern[str]
    ids: tuple[str, ...]
    kind: MentionKind


class Lexicon:
    """Every name by which a strategy may be spoken of, in all languages at once."""

    def __init__(self, names: Iterable[_Name]) -> None:
        self._names = tuple(names)

    def mentions(self, text: str) -> list[Mention]:
        """Strategies named in a text, in order, without overlaps: the longest match wins, then the earlier one."""
        found = [
            Mention(match.start(), match.end(), name.ids, name.kind)
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


_ORDER = ("strategy", "combination", "family", "ignore", "umbrella")


@cache
def _entries() -> dict[str, Any]:
    text = files("tunewise.answer").joinpath("data/strategies.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def _shipped_names() -> tuple[_Name, ...]:
    entries = _entries()
    names = [_name(text, (id_,), "strategy") for id_, by in entries["strategies"].items() for text in _texts(by)]
    for kind, key in (("combination", "combinations"), ("family", "families")):
        for entry in entries[key]:
            names += [_name(text, tuple(entry["ids"]), kind) for text in _texts(entry)]  # type: ignore[arg-type]
    umbrella = entries["umbrella"]
    names += [_name(text, tuple(umbrella["ids"]), "umbrella") for text in _texts(umbrella)]
    names += [_name(text, (), "ignore") for text in _texts(entries["ignore"])]
    return tuple(names)


def lexicon_for(framework: Framework) -> Lexicon:
    """The shipped names plus the labels and synonyms of a framework's strategies."""
    shipped = _shipped_names()
    umbrella = re.compile(r"(?:fine[ -]?tun\w*|微调|affinage|affiner)", re.IGNORECASE)
    own: list[_Name] = []
    for id_, strategy in framework.strategies.items():
        names = [text for texts in strategy.names.values() for text in texts]
        for text in [*strategy.label.values(), *names]:
            if len(text) >= 3 and not umbrella.fullmatch(text) and not _is_known(shipped, text):
                own.append(_name(text, (id_,), "strategy"))
    return Lexicon((*shipped, *own))


def _is_known(names: Iterable[_Name], text: str) -> bool:
    return any(name.pattern.fullmatch(text) for name in names)


def _texts(by_language: Mapping[str, Any]) -> list[str]:
    return [str(text) for language in ("en", "zh", "fr") for text in by_language.get(language, ())]


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
