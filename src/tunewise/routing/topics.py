"""The words by which a message is recognised: concepts, topics outside the sources, signs of what it wants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from typing import TYPE_CHECKING, Literal

from tunewise.framework.naming import lexicon_for
from tunewise.framework.words import text_in
from tunewise.tables import load_table
from tunewise.types import Language

if TYPE_CHECKING:
    from tunewise.framework import Framework


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

    def name(self, language: Language) -> str:
        """How a reply in this language speaks of it; in English where the language has no name for it."""
        return text_in(self.names, language)


@dataclass(frozen=True, slots=True)
class TopicLexicon:
    """All patterns; each is searched in lower-case text."""

    concepts: tuple[Concept, ...]
    outside: tuple[Topic, ...]

    def concepts_in(self, text: str) -> frozenset[str]:
        """Ids of the concepts that the text names."""
        return frozenset(concept.id for concept in self.concepts if concept.pattern.search(text.lower()))

    def without_concepts(self, text: str) -> str:
        """What a lower-case text says besides the names of concepts."""
        return reduce(lambda left, concept: concept.pattern.sub(" ", left), self.concepts, text)

    def subjects(self, text: str) -> frozenset[str]:
        """Facts and strategies that the text's concepts are about."""
        named = self.concepts_in(text)
        return frozenset(subject for concept in self.concepts if concept.id in named for subject in concept.about)

    def outside_in(self, text: str) -> tuple[Topic, ...]:
        """Topics outside the sources that the text names."""
        return tuple(topic for topic in self.outside if topic.pattern.search(text.lower()))


def shows(sign: str, text: str) -> bool:
    """Whether a text shows a sign of what it wants ("hostile", "first_person")."""
    return bool(_signs()[sign].search(text.lower()))


def sign(name: str) -> re.Pattern[str]:
    """The pattern of a sign, for lower-case text."""
    return _signs()[name]


@cache
def _signs() -> Mapping[str, re.Pattern[str]]:
    return {name: _any_of(patterns) for name, patterns in load_table("reading/topics.yaml")["signs"].items()}


@lru_cache(maxsize=16)
def load_topics(framework: Framework) -> TopicLexicon:
    """The shipped lexicon (`corpus/reading/topics.yaml`), and the strategies of a framework, compiled once."""
    data = load_table("reading/topics.yaml")
    strategies = lexicon_for(framework).hints.items()
    return TopicLexicon(
        tuple(Concept(id_, hint, method=True, generic=False, about=(id_,)) for id_, hint in strategies)
        + tuple(
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
    )


def _any_of(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(_bounded(pattern) for pattern in patterns))


def _bounded(pattern: str) -> str:
    """Latin words match at a word's start only; Chinese has no word boundaries."""
    starts_latin = re.match(r"[a-zà-ÿ]|\(\?:[a-z]", pattern)
    return rf"(?<![a-zà-ÿ0-9])(?:{pattern})" if starts_latin else f"(?:{pattern})"
