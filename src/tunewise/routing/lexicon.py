"""The words by which a message is recognised: concepts, topics outside the sources, hostile phrases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of the field; `method` marks a named technique, `generic` a word that every question has.

    `about` are the facts and strategies whose rules answer questions about it.
    """

    id: str
    pattern: re.Pattern[str]
    method: bool
    generic: bool
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic that the sources do not cover; `names` is language → how a reply speaks of it.

    `beats` says what else a message may hold and still be about it: named methods, or even facts of a case.
    """

    id: str
    pattern: re.Pattern[str]
    names: Mapping[str, str]
    beats: Literal["nothing", "methods", "facts"]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All patterns; each is searched in lower-case text."""

    concepts: tuple[Concept, ...]
    outside: tuple[Topic, ...]
    hostile: re.Pattern[str]
    first_person: re.Pattern[str]
    intent: re.Pattern[str]
    learning: re.Pattern[str]

    def concepts_in(self, text: str) -> frozenset[str]:
        """Ids of the concepts that the text names."""
        return frozenset(concept.id for concept in self.concepts if concept.pattern.search(text.lower()))

    def subjects(self, text: str) -> frozenset[str]:
        """Facts and strategies that the text's concepts are about."""
        named = self.concepts_in(text)
        return frozenset(subject for concept in self.concepts if concept.id in named for subject in concept.about)

    def outside_in(self, text: str) -> tuple[Topic, ...]:
        """Topics outside the sources that the text names."""
        return tuple(topic for topic in self.outside if topic.pattern.search(text.lower()))


@cache
def load_lexicon() -> Lexicon:
    """The shipped lexicon, compiled once."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    source = files(__package__).joinpath("lexicon.yaml").read_text(encoding="utf-8")
    data = yaml.load(source, Loader=loader)
    return Lexicon(
        tuple(
            Concept(
                id_,
                _any_of(entry["patterns"]),
                entry.get("method", False),
                entry.get("generic", False),
                tuple(entry.get("about", (id_,))),
            )
            for id_, entry in data["concepts"].items()
        ),
        tuple(
            Topic(id_, _any_of(entry["patterns"]), entry["name"], entry.get("beats", "nothing"))
            for id_, entry in data["outside"].items()
        ),
        *(_any_of(data[name]) for name in ("hostile", "first_person", "intent", "learning")),
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(_bounded(pattern) for pattern in patterns))


def _bounded(pattern: str) -> str:
    """Latin words match at a word's start only; Chinese has no word boundaries."""
    starts_latin = re.match(r"[a-zà-ÿ]|\(\?:[a-z]", pattern)
    return rf"(?<![a-zà-ÿ0-9])(?:{pattern})" if starts_latin else f"(?:{pattern})"
