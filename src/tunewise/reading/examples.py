"""The labelled examples that the reader learns from (`corpus/reading/examples`, one file an author)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise.facts.text import read
from tunewise.reading.marking import MarkedText, mark
from tunewise.reading.signals import ASKS, MOVES, context_text

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

SETTLED = "settled"  # of two readers' labels; says why, and holds no examples


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence or message.

    `facts` is fact → value, `witness` fact → place of the sentence that states it. `asks` is None where it was not
    labelled, `move` None likewise.
    """

    id: str
    author: str
    language: str
    text: str
    marked: MarkedText
    context: str
    facts: Mapping[str, str]
    witness: Mapping[str, int]
    asks: frozenset[str] | None
    move: str | None
    is_message: bool


def load_examples(folder: Path, framework: Framework, *, languages: frozenset[str] | None = None) -> list[Example]:
    """All examples of a folder, in the order of files and lines.

    Args:
        folder: Holds files of one JSON object a line.
        framework: Gives the cut-offs of data size.
        languages: Codes of the languages wanted; all if None.
    """
    rows = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        if path.stem != SETTLED
        for line in path.read_text("utf-8").splitlines()
    ]
    wanted = [row for row in rows if languages is None or row["lang"] in languages]
    return [example for row in wanted if (example := _example(row, framework)).marked.sentences]


def _example(row: dict[str, Any], framework: Framework) -> Example:
    marked = mark(read(row["text"]), framework)
    is_message = row["kind"] == "message"
    context = row.get("context") or {}
    return Example(
        row["id"],
        row["author"],
        row["lang"],
        row["text"],
        marked,
        context_text(context.get("asked"), context.get("reply")),
        {fact: label["value"] for fact, label in row["facts"].items()},
        {
            fact: place
            for fact, label in row["facts"].items()
            if (place := _witness(row["text"], label.get("witness"), marked)) is not None
        },
        frozenset(row["asks"]) & frozenset(ASKS) if is_message and "asks" in row else None,
        row["move"] if row.get("move") in MOVES else None,
        is_message,
    )


def _witness(text: str, witness: str | None, marked: MarkedText) -> int | None:
    """The sentence that shares most characters with the witness; the only one where there is but one."""
    places = range(len(marked.sentences))
    if len(places) == 1:
        return 0
    start = text.find(witness) if witness else -1
    if witness is None or start < 0:
        return None
    end = start + len(witness)

    def shared(place: int) -> int:
        sentence = marked.sentences[place]
        return min(sentence.message_end, end) - max(sentence.message_start, start)

    return max(places, key=shared, default=None)
