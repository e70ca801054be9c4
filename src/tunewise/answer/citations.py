"""Citation marks: which passages an answer cites, and the span of each that supports it.

Only passages that were given to the model may be cited; any other mark is removed from the text.
A citation's offsets count in the document's text, so that `document[start:end] == quote`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.answer.marks import MARK, cited_ids, ids_of, tidy, without_marks
from tunewise.answer.overlap import content, features
from tunewise.answer.sentences import sentence_spans
from tunewise.errors import CorpusError
from tunewise.types import Citation, Passage

# Shares of a sentence's words that a passage holds: enough to add a mark, to move one, too little to keep one; and the
# part of what the best passage holds that is enough to leave a mark where it is.
SAYS_MOST, SAYS_SOME, SAYS_LITTLE = 0.6, 0.35, 0.2
SAYS_ENOUGH = 0.6
# Words that say nothing of what a sentence is about, by their first five letters.
_FORM = frozenset(
    "this that with your from have will would could shoul these those which when also more most into then than only"
    " while there their helps make model".split()
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A text with `[id]` marks, and the spans it cites, in order of appearance.

    A passage that is cited for two different sentences of its own appears twice, with the same id.
    """

    text: str
    citations: tuple[Citation, ...] = ()


def resolve(answer: str, given: Sequence[Passage]) -> Composed:
    """The answer with the marks of given passages only, each with the span that supports its sentence."""
    passages = {passage.id: passage for passage in given}
    lower = {passage.id.lower(): passage.id for passage in given}
    citations: list[Citation] = []
    pieces: list[str] = []
    position = 0
    for start, end in sentence_spans(answer):
        sentence = answer[start:end]
        plain = without_marks(sentence)

        def replace(match: re.Match[str], plain: str = plain) -> str:
            kept: list[str] = []
            for id_ in ids_of(match):
                known = lower.get(id_.lower())
                if known and known not in kept:
                    kept.append(known)
                    citations.append(cite(passages[known], plain))
            if not ids_of(match):
                return match.group()
            return " " + "".join(f"[{id_}]" for id_ in kept) if kept else ""

        pieces += [answer[position:start], MARK.sub(replace, sentence)]
        position = end
    text = tidy("".join([*pieces, answer[position:]]))
    return Composed(text, tuple(dict.fromkeys(citations)))


def attributed(sentence: str, given: Sequence[Passage]) -> str:
    """The sentence with its marks on the passages that say it; for text in the passages' language.

    A mark whose passage says clearly less of the sentence than another given one is moved there, and dropped where
    the passages say next to nothing of it. A sentence without a mark gets one if a passage says most of it.
    """
    plain = without_marks(sentence)
    wanted = _said_in(plain)
    if len(wanted) < 4 or not given:
        return sentence
    shares = {passage.id: len(wanted & _said_in(passage.text)) / len(wanted) for passage in given}
    best = max(shares, key=lambda id_: shares[id_])
    by_lower = {id_.lower(): id_ for id_ in shares}
    cited = [by_lower[id_.lower()] for id_ in cited_ids(sentence) if id_.lower() in by_lower]
    if not cited:
        if cited_ids(sentence) or shares[best] < SAYS_MOST:
            return sentence
    elif shares[best] < SAYS_SOME:
        return plain if max(shares[id_] for id_ in cited) < SAYS_LITTLE else sentence
    elif max(shares[id_] for id_ in cited) >= SAYS_ENOUGH * shares[best]:
        return sentence
    stop = re.search(r"[.!?]?$", plain)
    cut = stop.start() if stop else len(plain)
    return f"{plain[:cut]} [{best}]{plain[cut:]}"


def _said_in(text: str) -> frozenset[str]:
    return content(text, 5) - _FORM


def cite(passage: Passage, claim: str) -> Citation:
    """Citation of the sentence of a passage that best supports a claim; of its first sentence if none is closer."""
    spans = sentence_spans(passage.text) or [(0, len(passage.text))]
    start, end = _best_span(passage.text, spans, claim)
    return _citation(passage, start, end)


def cite_quote(passage: Passage, quote: str) -> Citation:
    """Citation of a literal quote; line breaks and runs of blanks count as one blank.

    Raises:
        CorpusError: If the quote does not stand in the passage.
    """
    start = passage.text.find(quote)
    if start >= 0 and quote:
        return _citation(passage, start, start + len(quote))
    words = quote.split()
    match = re.search(r"\s+".join(map(re.escape, words)), passage.text) if words else None
    if match is None:
        raise CorpusError(
            f"The quote {quote[:80]!r} does not stand in passage {passage.id!r} of document {passage.document!r}. "
            "Correct the rule's source, or rebuild the corpus."
        )
    return _citation(passage, match.start(), match.end())


def _citation(passage: Passage, start: int, end: int) -> Citation:
    return Citation(
        id=passage.id,
        collection=passage.collection,
        document=passage.document,
        section=passage.section,
        start=passage.start + start,
        end=passage.start + end,
        quote=passage.text[start:end],
    )


def _best_span(text: str, spans: Sequence[tuple[int, int]], claim: str) -> tuple[int, int]:
    """The span whose features overlap most with the claim's, rare ones weighing more; the first one on a tie."""
    found_in = [features(text[start:end]) for start, end in spans]
    seen_in = Counter(feature for found in found_in for feature in found)
    wanted = features(claim)
    scores = [
        sum(math.log(1 + len(spans) / seen_in[feature]) for feature in found & wanted) / math.sqrt(len(found) + 8)
        for found in found_in
    ]
    return spans[max(range(len(spans)), key=lambda place: (scores[place], -place))]
