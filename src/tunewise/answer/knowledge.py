"""Answers to knowledge questions without a model: the sources' own sentences, and honest refusals.

In English the best sentences of the passages are quoted. In other languages what the framework says of the same
passages in that language comes first (its descriptions and reasons were written in three languages), and English
sentences are quoted only where it says nothing.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed, cite, cite_quote
from tunewise.answer.overlap import features, repeats
from tunewise.answer.phrases import Phrases, bare
from tunewise.answer.sentences import sentence_spans
from tunewise.framework.naming import Lexicon, lexicon_for
from tunewise.languages import ENGLISH
from tunewise.languages import language as texts_in
from tunewise.types import Citation, Hit, Language, Passage, Question

if TYPE_CHECKING:
    from tunewise.framework import Framework

MAX_SENTENCES = 2
MAX_STATEMENTS = 4
_SPOKEN_OF = {"article": "article", "papers": "paper", "notes": "notes"}
_SHORTEST = 25  # characters; shorter "sentences" are headings
_LABEL = re.compile(r"^[-*\s]*(?:\*\*)?[A-Z][^.:!?“”]{2,60}:(?:\*\*)?\s+(?=[A-Z])")
_POINTS_BACK = re.compile(r"(?:This|These|They|It|Such|In such cases|Conversely|However|Also)\b")
_NO_STATEMENT = re.compile(
    r"^#|https?://|:$|\(\d{4}\)\.?$|^[A-Z][\w-]+, [A-Z]\.|arXiv preprint|^Proceedings of|[^.!?:)”\"]$"
)


@dataclass(frozen=True, slots=True)
class _Quote:
    passage: Passage
    citation: Citation
    score: float


def compose_knowledge(
    question: str,
    hits: Sequence[Hit],
    language: Language,
    framework: Framework,
    *,
    search_text: str = "",
    missing: Sequence[str] = (),
    most: int = MAX_SENTENCES,
) -> Composed:
    """Answer a question from what was found, every statement cited.

    Args:
        question: The user's words.
        hits: What was found, best first.
        language: Language of the answer.
        framework: Its descriptions and reasons say in the user's language what passages say in English.
        search_text: The question in English, where it isn't.
        missing: Parts of the question that the sources do not cover; the answer says so.
        most: Sentences that are quoted.
    """
    phrases, lexicon = Phrases(language, framework), lexicon_for(framework)
    texts = phrases.texts
    said = [] if language == ENGLISH else _statements(question, hits, phrases, lexicon)
    if len(said) < 2:
        said += _quoted(_best_quotes(f"{question} {search_text}", hits, lexicon, most), phrases)
    said = said or [Composed(texts.say("knowledge", "nothing"))]
    if missing:
        said.append(compose_missing(missing, language))
    return phrases.joined(said)


def compose_missing(missing: Sequence[str], language: Language) -> Composed:
    """That the sources do not cover some parts of a question."""
    texts = texts_in(language)
    return Composed(texts.say("knowledge", "partly", missing=texts.listed(missing)))


def compose_not_covered(language: Language) -> str:
    """That the sources do not cover a question, and what they do cover."""
    return texts_in(language).say("knowledge", "not_covered")


def compose_clarify(questions: Sequence[Question], language: Language) -> str:
    """The questions whose answers are needed first; an open one if there are none."""
    texts = texts_in(language)
    if not questions:
        return texts.say("knowledge", "clarify_open")
    return "\n".join([texts.say("knowledge", "clarify"), *(f"- {question.text}" for question in questions)])


def _statements(question: str, hits: Sequence[Hit], phrases: Phrases, lexicon: Lexicon) -> list[Composed]:
    """What the framework says in this language of the strategies asked about and of the passages found."""
    framework, language = phrases.framework, phrases.language
    found: dict[str, Citation] = {}
    for id_ in _named(lexicon, question):
        passage = next((hit.passage for hit in hits if id_ in _named(lexicon, hit.passage.text)), None)
        described = framework.strategies[id_].description.get(language) if id_ in framework.strategies else None
        if passage and described:
            found[described] = _cite_about(passage, id_, lexicon)
    for hit in hits:
        for rule in framework.rules.values():
            said = rule.because.get(language)
            quote = rule.source.quote if rule.source else ""
            if said and quote and quote in hit.passage.text and not repeats(said, found, share=0.6, stem=4):
                found[said] = cite_quote(hit.passage, quote)
    stop = phrases.texts.punctuation["stop"]
    statements = [Composed(f"{bare(said)}{phrases.texts.mark(cited)}{stop}", (cited,)) for said, cited in found.items()]
    return statements[:MAX_STATEMENTS]


def _named(lexicon: Lexicon, text: str) -> list[str]:
    """Ids of the strategies that a text names, in order, each once."""
    mentions = (mention for mention in lexicon.mentions(text) if mention.kind == "strategy")
    return list(dict.fromkeys(id_ for mention in mentions for id_ in mention.ids))


def _cite_about(passage: Passage, strategy: str, lexicon: Lexicon) -> Citation:
    """The passage's first sentence that names the strategy."""
    for start, end in sentence_spans(passage.text):
        if strategy in _named(lexicon, passage.text[start:end]):
            return cite_quote(passage, passage.text[start:end])
    return cite(passage, strategy)


def _best_quotes(question: str, hits: Sequence[Hit], lexicon: Lexicon, most: int) -> list[_Quote]:
    """The sentences that share most with the question; those of better passages first where that is equal."""
    sentences = [
        (place, hit.passage, text)
        for place, hit in enumerate(hits)
        if not hit.passage.section.strip().lower().endswith("references")
        for text in _quotable(hit.passage.text)
    ]
    if not sentences:
        return []
    seen_in = Counter(feature for _, _, text in sentences for feature in features(text))
    wanted = features(question) | set(_named(lexicon, question))
    scored: list[_Quote] = []
    for place, passage, text in sentences:
        shared = (features(text) | set(_named(lexicon, text))) & wanted
        score = sum(math.log(1 + len(sentences) / max(seen_in[feature], 1)) for feature in shared)
        scored.append(
            _Quote(passage, cite_quote(passage, text), score / math.sqrt(len(text) + 80) * 10 + 1 / (1 + place))
        )
    scored.sort(key=lambda quote: -quote.score)
    best = sentences[0][1]
    chosen = [next(quote for quote in scored if quote.passage is best)]  # the best passage always has a say
    for quote in scored:
        new = not repeats(quote.citation.quote, [other.citation.quote for other in chosen], share=0.7)
        if new and len(chosen) < most and quote.score >= 0.45 * scored[0].score:
            chosen.append(quote)
    order = {hit.passage.id: place for place, hit in enumerate(hits)}
    return sorted(chosen, key=lambda quote: (order[quote.passage.id], quote.citation.start))


def _quotable(text: str) -> list[str]:
    """Statements of a passage, without labels ("Pruning: Pruning involves …"), headings and bibliography.

    A sentence that points back ("This reduces …") comes with the one before it.
    """
    found: list[str] = []
    previous: int | None = None
    for start, end in sentence_spans(text):
        if label := _LABEL.match(text[start:end]):
            start += label.end()
        if end - start < _SHORTEST or _NO_STATEMENT.search(text[start:end]):
            previous = None
            continue
        if _POINTS_BACK.match(text[start:end]) and previous is not None:
            start = previous
            found.pop()
        found.append(text[start:end])
        previous = start
    return found


def _quoted(quotes: Sequence[_Quote], phrases: Phrases) -> list[Composed]:
    """ "The article says: “…” [A8]", one such sentence for each source, after what tells that the text is English."""
    said: list[Composed] = []
    texts = phrases.texts
    for (collection, title), group in groupby(quotes, key=_source):
        cited = tuple(quote.citation for quote in group)
        shown = [texts.say("knowledge", "quote", sentence=one.quote, mark=texts.mark(one)) for one in cited]
        key = f"{_SPOKEN_OF.get(collection, 'document')}_{'adds' if said else 'says'}"
        said.append(Composed(texts.say("knowledge", key, title=title, quotes=texts.joined(shown)), cited))
    return [Composed(texts.say("knowledge", "original")), *said] if said else []


def _source(quote: _Quote) -> tuple[str, str]:
    passage = quote.passage
    return passage.collection, "" if passage.collection == "notes" else passage.title
