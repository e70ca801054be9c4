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

from tunewise.answer.citations import cite, cite_quote, features
from tunewise.answer.gate import repeats
from tunewise.answer.phrases import Composed, Phrases, bare
from tunewise.answer.sentences import sentence_spans
from tunewise.framework.naming import Lexicon, lexicon_for
from tunewise.types import Citation, Hit, Language, Passage, Question

if TYPE_CHECKING:
    from tunewise.framework import Framework

MAX_SENTENCES = 4
MAX_STATEMENTS = 4
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
    *,
    framework: Framework | None = None,
    search_text: str = "",
) -> Composed:
    """Answer a question from what was found, every statement cited.

    Args:
        question: The user's words.
        hits: What was found, best first.
        language: Language of the answer.
        framework: Its descriptions and reasons say in the user's language what passages say in English.
        search_text: The question in English, where it isn't.
    """
    phrases = Phrases(language, framework)
    stop = phrases.texts.punctuation["stop"]
    statements = _statements(question, hits, language, framework) if framework and language != "en" else []
    if len(statements) >= 2:
        text = phrases.texts.joined([f"{bare(said)}{phrases.texts.mark(cited)}{stop}" for said, cited in statements])
        return Composed(text, tuple(dict.fromkeys(cited for _, cited in statements)))
    quotes = _best_quotes(f"{question} {search_text}", hits, lexicon_for(framework) if framework else None)
    if not quotes:
        return Composed(phrases.texts.say("knowledge", "nothing"))
    lead = [f"{bare(said)}{phrases.texts.mark(cited)}{stop}" for said, cited in statements]
    text = phrases.texts.joined([*lead, *_quoted(quotes, phrases)])
    return Composed(text, tuple(dict.fromkeys([*(c for _, c in statements), *(quote.citation for quote in quotes)])))


def compose_partly(
    question: str,
    hits: Sequence[Hit],
    missing: Sequence[str],
    language: Language,
    *,
    framework: Framework | None = None,
    search_text: str = "",
) -> Composed:
    """What the sources do say, and that the `missing` parts are not covered."""
    known = compose_knowledge(question, hits, language, framework=framework, search_text=search_text)
    phrases = Phrases(language)
    if missing:
        rest = phrases.texts.say("knowledge", "partly", missing=phrases.texts.listed(list(missing)))
    else:
        rest = phrases.texts.say("knowledge", "partly_rest")
    return Composed(phrases.texts.joined([known.text, rest]), known.citations)


def compose_not_covered(language: Language, nearest: Sequence[Hit] = ()) -> Composed:
    """That the sources do not cover a question, what they do cover, and the nearest sentence if one is given."""
    phrases = Phrases(language)
    text = phrases.texts.say("knowledge", "not_covered")
    quotes = _best_quotes("", nearest[:1], None)[:1]
    if not quotes:
        return Composed(text)
    near = phrases.texts.say("knowledge", "nearest", quote=_one_quote(quotes[0], phrases))
    return Composed(phrases.texts.joined([text, near]), (quotes[0].citation,))


def compose_clarify(questions: Sequence[Question], language: Language) -> Composed:
    """The questions whose answers are needed first; an open one if there are none."""
    phrases = Phrases(language)
    if not questions:
        return Composed(phrases.texts.say("knowledge", "clarify_open"))
    lines = [phrases.texts.say("knowledge", "clarify"), *(f"- {question.text}" for question in questions)]
    return Composed("\n".join(lines))


def _statements(
    question: str, hits: Sequence[Hit], language: Language, framework: Framework
) -> list[tuple[str, Citation]]:
    """What the framework says in this language of the strategies asked about and of the passages found."""
    lexicon = lexicon_for(framework)
    asked = [id_ for mention in lexicon.mentions(question) if mention.kind == "strategy" for id_ in mention.ids]
    found: list[tuple[str, Citation]] = []
    for id_ in dict.fromkeys(asked):
        passage = next((hit.passage for hit in hits if _names(lexicon, hit.passage.text, id_)), None)
        description = framework.strategies[id_].description if id_ in framework.strategies else {}
        if passage and language in description:
            found.append((description[language], _cite_about(passage, id_, lexicon)))
    for hit in hits:
        for rule in framework.rules.values():
            said = rule.because.get(language)
            quoted = rule.source is not None and rule.source.quote in hit.passage.text
            if said and quoted and rule.source and not repeats(said, [other for other, _ in found], share=0.6, stem=4):
                found.append((said, cite_quote(hit.passage, rule.source.quote)))
    return found[:MAX_STATEMENTS]


def _names(lexicon: Lexicon, text: str, strategy: str) -> bool:
    return any(strategy in mention.ids and mention.kind == "strategy" for mention in lexicon.mentions(text))


def _cite_about(passage: Passage, strategy: str, lexicon: Lexicon) -> Citation:
    """The passage's first sentence that names the strategy."""
    for start, end in sentence_spans(passage.text):
        if _names(lexicon, passage.text[start:end], strategy):
            return cite_quote(passage, passage.text[start:end])
    return cite(passage, strategy)


def _best_quotes(question: str, hits: Sequence[Hit], lexicon: Lexicon | None) -> list[_Quote]:
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
    wanted = features(question) | _strategies_of(question, lexicon)
    scored: list[_Quote] = []
    for place, passage, text in sentences:
        shared = (features(text) | _strategies_of(text, lexicon)) & wanted
        score = sum(math.log(1 + len(sentences) / max(seen_in[feature], 1)) for feature in shared)
        scored.append(
            _Quote(passage, cite_quote(passage, text), score / math.sqrt(len(text) + 80) * 10 + 1 / (1 + place))
        )
    scored.sort(key=lambda quote: -quote.score)
    best = sentences[0][1]
    chosen = [next(quote for quote in scored if quote.passage is best)]  # the best passage always has a say
    for quote in scored:
        new = not repeats(quote.citation.quote, [other.citation.quote for other in chosen], share=0.7)
        if new and len(chosen) < MAX_SENTENCES and quote.score >= 0.45 * scored[0].score:
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


def _strategies_of(text: str, lexicon: Lexicon | None) -> set[str]:
    mentions = lexicon.mentions(text) if lexicon else []
    return {f"strategy:{id_}" for mention in mentions if mention.kind == "strategy" for id_ in mention.ids}


def _quoted(quotes: Sequence[_Quote], phrases: Phrases) -> list[str]:
    """ "The article says: “…” [A8]", one such sentence for each source."""
    parts: list[str] = []
    for (collection, title), group in groupby(quotes, key=_source):
        shown = phrases.texts.joined([_one_quote(quote, phrases) for quote in group])
        kind = {"article": "article", "papers": "paper", "notes": "notes"}.get(collection, "document")
        verb = "adds" if parts else "says"
        parts.append(phrases.texts.say("knowledge", f"{kind}_{verb}", title=title, quotes=shown))
    intro = phrases.texts.say("knowledge", "original")
    return [intro, *parts] if intro else parts


def _source(quote: _Quote) -> tuple[str, str]:
    passage = quote.passage
    return passage.collection, "" if passage.collection == "notes" else passage.title


def _one_quote(quote: _Quote, phrases: Phrases) -> str:
    return phrases.texts.say(
        "knowledge", "quote", sentence=quote.citation.quote, mark=phrases.texts.mark(quote.citation)
    )
