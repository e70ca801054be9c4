"""Citation marks: which passages an answer cites, and the span of each that supports it.

Only passages that were given to the model may be cited; any other mark is removed from the text and reported.
A citation's offsets count in the document's text, so that `document[start:end] == quote`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tunewise.answer.sentences import sentence_spans
from tunewise.errors import CorpusError
from tunewise.types import Citation, Passage

_ID = r"[A-Za-z][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*"
_NUMBER = r"\d{1,3}"
_BETWEEN = r"\s*[,;\u3001\uff0c\uff1b&]\s*"
_IDS = rf"(?:{_ID}|{_NUMBER})(?:{_BETWEEN}(?:{_ID}|{_NUMBER}))*"
_MARK = re.compile(rf"[ \t]*[\[\uff3b\u3010]\s*({_IDS})\s*[\]\uff3d\u3011]", re.ASCII)
_SEPARATOR = re.compile(_BETWEEN)
_HAS_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
# Shares of a sentence's words that a passage holds: enough to add a mark, to move one, too little to keep one; and the
# part of what the best passage holds that is enough to leave a mark where it is.
SAYS_MOST, SAYS_SOME, SAYS_LITTLE = 0.6, 0.35, 0.2
SAYS_ENOUGH = 0.6
_FORM = frozenset(
    {
        "this",
        "that",
        "with",
        "your",
        "from",
        "have",
        "will",
        "would",
        "could",
        "shoul",
        "these",
        "those",
        "which",
        "when",
    }
    | {"also", "more", "most", "into", "then", "than", "only", "while", "there", "their", "helps", "make", "model"}
)
_CJK = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Resolved:
    """An answer whose marks all stand for given passages.

    Attributes:
        text: The answer, each mark as `[id]`; several passages are `[A3][A7]`.
        citations: One per cited span, in order of appearance. A passage that is cited for two different sentences of
            its own appears twice, with the same id.
        removed: Ids that were cited without having been given, in order of appearance.
    """

    text: str
    citations: tuple[Citation, ...]
    removed: tuple[str, ...]


def cited_ids(text: str) -> list[str]:
    """Ids in the citation marks of a text, in order, each once."""
    ids = [id_ for match in _MARK.finditer(text) for id_ in _ids_of(match)]
    return list(dict.fromkeys(ids))


def without_marks(text: str) -> str:
    """The text without its citation marks, tidied."""
    return tidy(_MARK.sub(lambda match: "" if _ids_of(match) else match.group(), text))


def resolve(answer: str, given: Sequence[Passage]) -> Resolved:
    """Check every citation mark of an answer and find the span that supports the sentence it stands in."""
    passages = {passage.id: passage for passage in given}
    lower = {passage.id.lower(): passage.id for passage in given}
    citations: list[Citation] = []
    removed: list[str] = []
    pieces: list[str] = []
    position = 0
    for start, end in sentence_spans(answer):
        sentence = answer[start:end]
        plain = without_marks(sentence)

        def replace(match: re.Match[str], plain: str = plain) -> str:
            kept: list[str] = []
            for id_ in _ids_of(match):
                known = lower.get(id_.lower())
                if known is None:
                    removed.append(id_)
                elif known not in kept:
                    kept.append(known)
                    citations.append(cite(passages[known], plain))
            if not _ids_of(match):
                return match.group()
            return " " + "".join(f"[{id_}]" for id_ in kept) if kept else ""

        pieces += [answer[position:start], _MARK.sub(replace, sentence)]
        position = end
    text = tidy("".join([*pieces, answer[position:]]))
    return Resolved(text, tuple(dict.fromkeys(citations)), tuple(dict.fromkeys(removed)))


def keep_marks(text: str, ids: Collection[str]) -> str:
    """The text with only the marks of these passages."""

    def kept(match: re.Match[str]) -> str:
        marks = [f"[{id_}]" for id_ in _ids_of(match) if id_ in ids]
        return match.group() if not _ids_of(match) else " " + "".join(marks) if marks else ""

    return tidy(_MARK.sub(kept, text))


def attributed(sentence: str, given: Sequence[Passage]) -> str:
    """The sentence with its marks on the passages that say it; for text in the passages' language.

    A mark whose passage says clearly less of the sentence than another given one is moved there, and dropped where
    the passages say next to nothing of it. A sentence without a mark gets one if a passage says most of it.
    """
    plain = without_marks(sentence)
    wanted = _stems(plain)
    if len(wanted) < 4 or not given:
        return sentence
    shares = {passage.id: len(wanted & _stems(passage.text)) / len(wanted) for passage in given}
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


def _stems(text: str) -> set[str]:
    words = {word[:5] for word in _WORD.findall(text.lower()) if len(word) > 3 or word.isdigit()}
    return words - _FORM


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


def tidy(text: str) -> str:
    """Remove what a deleted mark leaves behind: doubled blanks, blanks before punctuation, empty brackets."""
    text = re.sub(r"\(\s*\)|\uff08\s*\uff09|\[\s*\]", "", text)
    text = re.sub(r"(\[[A-Za-z][\w-]*\])[ \t]+(?=\[[A-Za-z][\w-]*\])", r"\1", text)
    text = re.sub(r"[ \t]+([.,\u3002\uff0c\uff1b\u3001)\uff09](?!\w))", r"\1", text)
    text = re.sub(r"([,\uff0c\u3001])\s*([.\u3002])", r"\2", text)
    text = re.sub(r"(?<![.])\.\.(?![.])", ".", text)
    text = re.sub(r"(?<=\S)[ \t]{2,}", " ", text)
    text = re.sub(r"([\u3002\uff0c\uff01\uff1f\uff1b])[ \t]+(?=[\[\u3400-\u9fff])", r"\1", text)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE).strip()


def features(text: str) -> set[str]:
    """What overlap is counted in: words, their first five letters, pairs of words, pairs of Chinese characters."""
    lowered = text.lower()
    words = [word for word in _WORD.findall(_CJK.sub(" ", lowered)) if len(word) > 2 or word.isdigit()]
    pairs = {f"{left} {right}" for left, right in pairwise(words)}
    characters = _CJK.findall(lowered)
    bigrams = {left + right for left, right in pairwise(characters)}
    return set(words) | {f"{word[:5]}~" for word in words if len(word) > 5} | pairs | bigrams


def _ids_of(match: re.Match[str]) -> list[str]:
    """Ids of a mark; none if the bracket holds ordinary words such as "[sic]"."""
    ids = _SEPARATOR.split(match.group(1))
    return ids if all(_HAS_DIGIT.search(id_) for id_ in ids) else []


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
