"""Cuts a Markdown document into passages: at headings, paragraphs and list items, with exact character offsets.

A list item with its heading path is one passage ("A Deeper Dive … / 2. Computational Resources / Limited Resources
Scenarios / Quantization"). An item that is only a label ("Large Target Dataset Scenarios:") is no passage; it joins the
path of the items below it. YAML front matter and fenced metadata are never passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

CHUNKER_VERSION = "1"  # raise it when passages of an unchanged document would come out differently
MAX_WORDS = 260  # a longer paragraph is cut at sentence ends

_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_ITEM = re.compile(r"([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]+")
_LABEL = re.compile(r"([^:.]{1,80}?(?:\([^)]*\))?):(?:\s|$)")
_NUMBERED_LABEL = re.compile(r"(\d+\.\s+[^:.]{1,80}):(?:\s|$)")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])[\"”’)]*\s+(?=[\"“(]?[A-Z0-9À-Þ])|(?<=[。！？])")
_FENCE = re.compile(r"[ \t]*(```|~~~)")
_FRONT_MATTER = re.compile(r"---\r?\n.*?\r?\n---\r?\n", re.DOTALL)
_ABBREVIATIONS = ("e.g.", "i.e.", "et al.", "cf.", "vs.", "Fig.", "Eq.", "pp.", "No.", "Dr.", "approx.")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document with its heading path. `text` is exactly `document[start:end]`."""

    section: str
    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Outline:
    """Where the reader is: open headings (level, text) and open list items (indent, label)."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    items: list[tuple[int, str]] = field(default_factory=list)

    def open_heading(self, level: int, text: str) -> None:
        self.headings = [(depth, title) for depth, title in self.headings if depth < level] + [(level, text)]
        self.items = []

    def open_item(self, indent: int, label: str) -> None:
        self.items = [(depth, title) for depth, title in self.items if depth < indent] + [(indent, label)]

    @property
    def path(self) -> str:
        titles = [title for depth, title in self.headings if depth > 1] + [label for _, label in self.items if label]
        return " / ".join(titles) or (self.headings[0][1] if self.headings else "")


def chunk_markdown(document: str, *, max_words: int = MAX_WORDS) -> list[Chunk]:
    """Passages of a Markdown document in reading order; they never overlap.

    A paragraph directly below the document's title keeps the title (an abstract is read with the name of its paper).
    """
    outline, title_start = _Outline(), None
    chunks: list[Chunk] = []
    for start, end in _blocks(document):
        line = document[start:end]
        if heading := _HEADING.fullmatch(line):
            outline.open_heading(len(heading[1]), heading[2])
            title_start = start if len(heading[1]) == 1 else None
            continue
        start, is_label = _enter(outline, document, start, end)
        if not is_label:
            first = start if title_start is None or outline.items else title_start
            chunks.extend(_cut(document, first, end, outline.path, max_words))
        title_start = None
    return chunks


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences in `text`; common abbreviations ("e.g.", "et al.") do not end a sentence."""
    spans, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        if text[: match.start()].rstrip('"”’)').endswith(_ABBREVIATIONS):
            continue
        if text[start : match.start()].strip():
            spans.append((start, match.start()))
        start = match.end()
    if text[start:].strip():
        spans.append((start, len(text.rstrip())))
    return spans


def label_of(text: str) -> str:
    """The label that a list item begins with ("Limited Resources" in "Limited Resources: If …"), or ""."""
    match = _LABEL.match(text) or _NUMBERED_LABEL.match(text)
    label = match[1].strip().strip("*_") if match else ""
    return label if 0 < len(label.split()) <= 9 else ""


def _enter(outline: _Outline, document: str, start: int, end: int) -> tuple[int, bool]:
    """Note a block in the outline; return where its text begins and whether it is nothing but a label."""
    line = document[start:end]
    item = _ITEM.match(line)
    if item:
        label = label_of(line[item.end() :])
        outline.open_item(len(item[1].expandtabs(4)), label)
        text = line[item.end() :].strip()
        return start + item.end(), bool(label) and text.strip("*_") == f"{label}:"
    indent = len(line) - len(line.lstrip())
    outline.items = [entry for entry in outline.items if entry[0] < indent]
    return start + indent, False


def _blocks(document: str) -> Iterator[tuple[int, int]]:
    """Spans of headings, paragraphs, list items and fenced code, without surrounding blank lines."""
    start: int | None = None
    end, fence = 0, ""
    front = _FRONT_MATTER.match(document)
    position = front.end() if front else 0
    for line in document[position:].splitlines(keepends=True):
        line_end = position + len(line.rstrip())
        fenced = _FENCE.match(line)
        if fence:
            end, fence = line_end, "" if fenced and fenced[1] == fence else fence
        elif not line.strip():
            if start is not None:
                yield start, end
            start = None
        elif start is None or _HEADING.match(line.rstrip()) or _ITEM.match(line) or _HEADING.match(document[start:end]):
            if start is not None:
                yield start, end
            start, end, fence = position, line_end, fenced[1] if fenced else ""
        else:
            end, fence = line_end, fenced[1] if fenced else ""
        position += len(line)
    if start is not None:
        yield start, end


def _cut(document: str, start: int, end: int, section: str, max_words: int) -> Iterator[Chunk]:
    """One chunk, or several of whole sentences where the text is longer than `max_words`."""
    text = document[start:end]
    if len(text.split()) <= max_words:
        yield Chunk(section, start, end, text)
        return
    first, last, words = 0, 0, 0
    for sentence_start, sentence_end in _pieces(text, max_words):
        length = len(text[sentence_start:sentence_end].split())
        if words and words + length > max_words:
            yield Chunk(section, start + first, start + last, text[first:last])
            first, words = sentence_start, 0
        last, words = sentence_end, words + length
    yield Chunk(section, start + first, start + last, text[first:last])


def _pieces(text: str, max_words: int) -> Iterator[tuple[int, int]]:
    """Sentences, and pieces of `max_words` words of a sentence that is longer than that."""
    for start, end in split_sentences(text):
        words = list(re.finditer(r"\S+", text[start:end]))
        for index in range(0, len(words), max_words):
            group = words[index : index + max_words]
            yield start + group[0].start(), start + group[-1].end()
