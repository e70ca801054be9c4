"""Practice notes: questions that practitioners ask, each with its answer in our own words and where that was read.

A file of notes (`corpus/documents/practice/*.yaml`) is a document of the corpus, and each answer is a passage of it.
What is compared with a message are the ways in which people ask (`asks`); what is shown is the answer, word for word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

import yaml

from tunewise.errors import CorpusError
from tunewise.tables import LOADER

LONGEST_ANSWER, LONGEST_MORE = 60, 80  # words
ANYWHERE = "any"  # the field of a note that holds for every kind of model

Advised = Literal["recommend", "avoid"]


@dataclass(frozen=True, slots=True)
class NoteSource:
    """Where something was read: address, day ("not opened" where it is only known to say so), and what it says, in our
    own words."""

    address: str
    read: str
    says: str


@dataclass(frozen=True, slots=True)
class Span:
    """A text, and where it stands in its document."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Note:
    """One answer.

    `asks` are ways to put the question, `heard` messages that it answers, `intents` what is asked for
    (`reading.signals.ASKS`), `fields` the kinds of model it is about. `when` is fact → value under which it holds
    (always, if empty), `says` strategy → what the note advises. `translations` is language → the answer in it. `more`
    is detail, in English, that follows an answer which surely fits. A `general` note says what can be said without
    knowing more; no search finds it, but what is asked of which kind of model does, where no other note answers.
    """

    id: str
    asks: tuple[str, ...]
    heard: tuple[str, ...]
    intents: tuple[str, ...]
    fields: tuple[str, ...]
    answer: Span
    more: Span | None
    when: Mapping[str, str]
    says: Mapping[str, Advised]
    sources: tuple[NoteSource, ...]
    translations: Mapping[str, Span]
    general: bool = False

    def answer_in(self, language: str) -> Span:
        """The answer in a language; in English where it has not been translated."""
        return self.translations.get(language, self.answer)

    def holds(self, values: Mapping[str, str]) -> bool:
        """Whether nothing that is known speaks against the facts under which the note holds."""
        return all(values.get(fact, value) == value for fact, value in self.when.items())


@cache
def read_notes(document: str, name: str) -> tuple[Note, ...]:
    """The notes of one document, in order; parsed once a process.

    Args:
        document: The file's text; an answer and a detail stand in it on one line, so that they can be quoted exactly.
        name: What errors call it.

    Raises:
        CorpusError: If it holds no list of notes, or a note lacks a part or is too long.
    """
    try:
        rows = yaml.load(document, LOADER)
        _require(isinstance(rows, list), "they are no list")
        return tuple(_notes(document, rows))
    except KeyError as error:
        raise CorpusError(f"The practice notes {name!r} cannot be read: a note lacks {error}.") from error
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        raise CorpusError(f"The practice notes {name!r} cannot be read: {error}") from error


def _notes(document: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    place = 0
    for row in rows:
        answer, more = row["answer"].strip(), (row.get("more") or "").strip()
        place = document.index(f"id: {row['id']}\n", place)
        for text, most in ((answer, LONGEST_ANSWER), (more, LONGEST_MORE)):
            _require(len(text.split()) <= most, f"{row['id']} has more than {most} words: {text[:40]!r} …")
        says = row.get("says") or {}
        _require(set(says.values()) <= set(get_args(Advised)), f"{row['id']} says {says}")
        yield Note(
            row["id"],
            tuple(row["asks"]),
            tuple(row.get("heard") or ()),
            tuple(row["intents"]),
            tuple(row["fields"]),
            _span(document, answer, place, row["id"]),
            _span(document, more, place, row["id"]) if more else None,
            {fact: str(value) for fact, value in (row.get("when") or {}).items()},
            says,
            tuple(NoteSource(one["address"], str(one["read"]), one["says"]) for one in row["sources"]),
            {code: _span(document, text.strip(), place, row["id"]) for code, text in (row.get("in") or {}).items()},
            bool(row.get("general")),
        )


def _span(document: str, text: str, place: int, note: str) -> Span:
    start = document.find(text, place)
    _require(start >= 0, f"every answer of {note}, and its detail, must stand on one line")
    return Span(text, start, start + len(text))


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise ValueError(problem)
