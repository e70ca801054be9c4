"""The passages behind an answer, in full, with the cited words highlighted and linked back to the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from tunewise.types import Citation, Hit, Passage
from tunewise.ui.views.chat import citation_numbers
from tunewise.ui.views.html import CITATION_MARK, empty_state, escape, tag

EMPTY = empty_state("No sources yet", "The passages an answer rests on appear here, with the cited words marked.")

COLLECTIONS = {
    "article": "The article",
    "papers": "Referenced paper",
    "notes": "Note on further literature",
    "uploads": "Your document",
}


def sources_html(
    citations: Sequence[Citation],
    passages: Mapping[str, Passage],
    *,
    answer: str = "",
    turn: int = 1,
    hits: Sequence[Hit] = (),
) -> str:
    """Cited passages by number, then what was found but not cited.

    Args:
        citations: Of the reply, in order.
        passages: Full passages by id; a citation without one shows its quote alone.
        answer: The answer's text, to link back to each mark.
        turn: Which answer in the chat this is, from 1.
        hits: All passages that the search found.
    """
    if not citations and not hits:
        return EMPTY
    numbers = citation_numbers(citations)
    marks = marks_of(answer)
    ordered = sorted(citations, key=lambda citation: (numbers[citation.id], citation.start))
    parts = []
    for id_, group in groupby(ordered, key=lambda citation: citation.id):
        spans = list(group)
        parts.append(_source_html(numbers[id_], spans, passages.get(id_), marks.get(id_, 0), turn))
    others = [hit.passage for hit in hits if hit.passage.id not in numbers]
    return "".join(parts) + _others_html(others)


def marks_of(answer: str) -> dict[str, int]:
    """How often the answer cites each passage id."""
    import re

    counts: dict[str, int] = {}
    for match in CITATION_MARK.finditer(answer):
        for id_ in re.split(r"\s*[,;]\s*", match.group(1)):
            counts[id_] = counts.get(id_, 0) + 1
    return counts


def _source_html(number: int, spans: Sequence[Citation], passage: Passage | None, marks: int, turn: int) -> str:
    first = spans[0]
    title = passage.title if passage else first.document
    kind = COLLECTIONS.get(first.collection, first.collection)
    body = highlighted(passage, spans) if passage else "".join(f"<mark>{escape(span.quote)}</mark> " for span in spans)
    back = "".join(
        tag(
            "a",
            f"↑ {at}" if marks > 1 else "↑ in the answer",
            href=f"#cite-{turn}-{first.id}-{at}",
            data_back=f"cite-{turn}-{first.id}-{at}",
            aria_label=f"Back to mark {at} of source {number} in the answer",
        )
        for at in range(1, marks + 1)
    )
    head = (
        f'<div class="tw-source-head"><span class="tw-number-badge">{number}</span><div><h3>{escape(title)}</h3>'
        f'<p class="tw-where">{escape(section_text(first.section))}</p></div></div>'
    )
    foot = (
        f'<div class="tw-source-foot"><span class="tw-ref">{escape(first.id)}</span>'
        f'<span class="tw-kind tw-kind-{escape(first.collection)}">{escape(kind)}</span>'
        f'<span class="tw-back">{back}</span></div>'
    )
    content = f'{head}<div class="tw-passage">{body}</div>{foot}'
    return tag(
        "article", content, class_="tw-source", id=f"source-{first.id}", tabindex="-1", aria_label=f"Source {number}"
    )


def highlighted(passage: Passage, spans: Sequence[Citation]) -> str:
    """The passage's text with each cited span inside `<mark>`; offsets are into the document."""
    pieces: list[str] = []
    at = 0
    for start, end in _merged(passage, spans):
        pieces.append(escape(passage.text[at:start]))
        pieces.append(f"<mark>{escape(passage.text[start:end])}</mark>")
        at = end
    pieces.append(escape(passage.text[at:]))
    return "".join(pieces).strip().replace("\n", "<br>")


def _merged(passage: Passage, spans: Sequence[Citation]) -> list[tuple[int, int]]:
    """Cited spans as offsets into the passage, clipped to it, without overlaps."""
    length = len(passage.text)
    merged: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda each: each.start):
        start = min(max(span.start - passage.start, 0), length)
        end = min(max(span.end - passage.start, 0), length)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def section_text(section: str) -> str:
    """The heading path with arrows."""
    return " › ".join(part.strip() for part in section.split(" / ") if part.strip())


def _others_html(passages: Sequence[Passage]) -> str:
    if not passages:
        return ""
    rows = "".join(
        f'<article class="tw-source tw-source-quiet" id="source-{escape(each.id)}" tabindex="-1">'
        f"<h3>{escape(each.title)}</h3>"
        f'<p class="tw-where">{escape(section_text(each.section))}</p><div class="tw-passage">{escape(each.text)}</div>'
        f'<div class="tw-source-foot"><span class="tw-ref">{escape(each.id)}</span></div></article>'
        for each in passages
    )
    count = f"Found but not cited ({len(passages)})"
    return f'<details class="tw-others" data-key="others"><summary>{count}</summary>{rows}</details>'
