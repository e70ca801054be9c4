"""Marks in an answer and the passages they stand for: one numbering, links both ways, the cited words marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tunewise.desk import Exchange, Offer
from tunewise.types import Citation, Passage, Reply
from tunewise.ui.views.html import CITATION_MARK, escape, ids_of, prose, tag


@dataclass(frozen=True, slots=True)
class Source:
    """A cited passage (None if it is gone), its number in the answer, and how many marks lead to it."""

    number: int
    spans: tuple[Citation, ...]
    passage: Passage | None
    marks: int


def numbers_of(citations: Sequence[Citation]) -> dict[str, int]:
    """Passage id → number shown, from 1 in the order of the citations; a passage cited twice keeps its number."""
    return {id_: at for at, id_ in enumerate(dict.fromkeys(each.id for each in citations), start=1)}


def sources_of(citations: Sequence[Citation], passages: Mapping[str, Passage], answer: str) -> list[Source]:
    """The cited passages by number."""
    marks = Counter(id_ for match in CITATION_MARK.finditer(answer) for id_ in ids_of(match.group(1)))
    return [
        Source(number, tuple(each for each in citations if each.id == id_), passages.get(id_), marks[id_])
        for id_, number in numbers_of(citations).items()
    ]


def cited(turn: Exchange, number: int) -> Markup:
    """The answer of exchange `number`, each mark a link to its source; one that is no citation shows its id only."""
    return _linked(turn.answer, turn, number)


def offered(offer: Offer, turn: Exchange, number: int) -> Markup:
    """The answer of a note that exchange `number` offers, its mark a link to it among the sources."""
    return _linked(offer.answer, turn, number)


def every_citation(reply: Reply | None) -> tuple[Citation, ...]:
    """What the answer cites, then the notes that are offered beside it: numbered in this order."""
    return (*reply.citations, *(near.citation for near in reply.nearby)) if reply else ()


def _linked(text: str, turn: Exchange, number: int) -> Markup:
    numbers = numbers_of(every_citation(turn.reply))
    seen: Counter[str] = Counter()

    def cite(id_: str) -> str:
        if id_ not in numbers:
            return tag("span", escape(id_), class_="tw-cite tw-cite-open", title=f"Passage {id_}")
        seen[id_] += 1
        return tag(
            "a", str(numbers[id_]), class_="tw-cite", href=f"#source-{id_}", id=f"cite-{number}-{id_}-{seen[id_]}",
            data_source=id_, data_turn=number, aria_label=f"Source {numbers[id_]}, passage {id_}",
        )  # fmt: skip

    return Markup(prose(text, cite))


def highlighted(passage: Passage | None, spans: Sequence[Citation]) -> Markup:
    """The passage with each cited span inside `<mark>` (offsets are into the document), then the quotes that stand
    elsewhere in its document; only the quotes where it is gone."""
    if passage is None:
        return Markup("".join(f"<mark>{escape(span.quote)}</mark> " for span in spans))
    pieces, at, text = [], 0, passage.text
    outside = (span.quote for span in spans if span.start >= passage.end and span.quote not in passage.text)
    beyond = [f"<br><mark>{escape(quote)}</mark>" for quote in outside]
    for span in sorted(spans, key=lambda each: each.start):
        start, end = (min(max(offset - passage.start, at), len(text)) for offset in (span.start, span.end))
        if start < end:
            pieces.append(f"{escape(text[at:start])}<mark>{escape(text[start:end])}</mark>")
            at = end
    marked = "".join((*pieces, escape(text[at:]))).strip() + "".join(beyond)
    return Markup(marked.replace("</mark><mark>", "").replace("\n", "<br>"))
