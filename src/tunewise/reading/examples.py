"""The labelled examples that the reader learns from (`corpus/reading/examples`, one file an author)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunewise.facts.text import read
from tunewise.reading.marking import Mark, MarkedText, mark
from tunewise.reading.signals import ASKS, MOVES, context_text

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

SETTLED = "settled"  # of two readers' labels; says why, and holds no examples
OWN_DATA = frozenset({"data", "per_class"})  # values of a sentence's `own_number` that mean the asker's data


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence or message.

    `facts` is fact → value, for a what-if with what it supposes, `witness` fact → place of the sentence that states it.
    `own` says of every mark whether it is an amount of the asker's own data or a machine of their own. `asks`, `move`,
    `project` (`signals.PROJECTS`), `reality` (`signals.REALITIES`) and a mark's `own` are None where it was not
    labelled.
    """

    id: str
    author: str
    language: str
    text: str
    marked: MarkedText
    context: str
    facts: Mapping[str, str]
    witness: Mapping[str, int]
    own: tuple[bool | None, ...]
    asks: frozenset[str] | None
    move: str | None
    is_message: bool
    project: str | None
    reality: str | None


def load_examples(folder: Path, framework: Framework, *, languages: frozenset[str] | None = None) -> list[Example]:
    """All examples of a folder, in the order of files and lines.

    Args:
        folder: Holds files of one JSON object a line.
        framework: Gives the cut-offs of data size.
        languages: Codes of the languages wanted; all if None.
    """
    wanted = [row for row in example_rows(folder) if languages is None or row["lang"] in languages]
    return [example for row in wanted if (example := _example(row, framework)).marked.sentences]


def example_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The examples as they stand in the files of a folder, in their order; what was settled is none."""
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem != SETTLED:
            yield from map(json.loads, path.read_text("utf-8").splitlines())


def unlabelled(text: str, framework: Framework) -> Example:
    """A first message of which nothing is known."""
    return _example({"id": "", "author": "", "lang": "en", "kind": "message", "text": text, "facts": {}}, framework)


def _example(row: dict[str, Any], framework: Framework) -> Example:
    marked = mark(read(row["text"]), framework)
    is_message = row["kind"] == "message"
    context = row.get("context") or {}
    labels = row["facts"] | row.get("supposed", {})
    return Example(
        row["id"],
        row["author"],
        row["lang"],
        row["text"],
        marked,
        context_text(context.get("asked"), context.get("reply")),
        {fact: label["value"] for fact, label in labels.items()},
        {
            fact: place
            for fact, label in labels.items()
            if (place := _witness(row["text"], label.get("witness"), marked)) is not None
        },
        tuple(_is_own(row, place.mark, len(marked.marks)) for place in marked.marks),
        frozenset(row["asks"]) & frozenset(ASKS) if is_message and "asks" in row else None,
        row["move"] if row.get("move") in MOVES else None,
        is_message,
        row.get("project"),
        row.get("reality"),
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


def _is_own(row: dict[str, Any], mark: Mark, marks: int) -> bool | None:
    """Whether a mark is of the asker's own, as far as the labels say."""
    if "own_amounts" not in row:
        number = row.get("own_number")
        return number in OWN_DATA if number and mark.kind == "amount" and marks == 1 else None
    own = row["own_amounts"] if mark.kind == "amount" else row["own_hardware"]
    if _stands_in(row["text"], mark, own):
        return True
    fact = "dataset_size" if mark.kind == "amount" else "compute"
    is_other = mark.kind == "amount" and _stands_in(row["text"], mark, row["other_amounts"])
    return False if is_other or fact not in row["facts"] else None


def _stands_in(text: str, mark: Mark, parts: Sequence[str]) -> bool:
    """Whether a mark's words lie in one of the parts, wherever that stands in the text."""
    return any(
        start < mark.message_end and mark.message_start < start + len(part)
        for part in parts
        for start in _places(text, part)
    )


def _places(text: str, part: str) -> Iterator[int]:
    start = text.find(part) if part else -1
    while start >= 0:
        yield start
        start = text.find(part, start + 1)
