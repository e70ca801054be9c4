"""The article and passages of it, for the tests of this folder."""

from functools import cache
from pathlib import Path

from tunewise.answer.composed import Sourced
from tunewise.framework import Framework, load_framework
from tunewise.retrieval.corpus import load_corpus
from tunewise.types import Fact, Hit, Passage, Situation

ARTICLE = (Path(__file__).parents[2] / "corpus/documents/article.md").read_text(encoding="utf-8")


def passage(id_: str, first: str, last: str) -> Passage:
    """The passage of the article from the words `first` to the words `last`."""
    start = ARTICLE.index(first)
    end = ARTICLE.index(last, start) + len(last)
    return Passage(id_, "article", "article", "Deciding", "section", start, end, ARTICLE[start:end])


def small_framework() -> Framework:
    """The vocabulary of the article's framework without its rules."""
    return article_framework().model_copy(update={"name": "small", "hash": "0", "rules": {}})


def situation(**quoted: tuple[str, str]) -> Situation:
    """A situation of stated facts: name=(value, quote)."""
    return Situation({name: Fact(name, value, "stated", quote, 1) for name, (value, quote) in quoted.items()})


@cache
def article_framework() -> Framework:
    """The shipped framework."""
    return load_framework()


@cache
def corpus_passages() -> tuple[Passage, ...]:
    """Every passage of the shipped corpus."""
    return tuple(load_corpus().passages)


def passage_of_rule(rule: Sourced) -> Passage | None:
    """The passage that holds a rule's own sentence."""
    if rule.source is None:
        return None
    source = rule.source
    fitting = (p for p in corpus_passages() if p.document == source.document and source.quote in p.text)
    return next(fitting, None)


def hits_for(*words: str) -> list[Hit]:
    """Passages that hold all the words, in the order of the corpus, as a search would return them."""
    found = [p for p in corpus_passages() if all(word.lower() in p.text.lower() for word in words)]
    return [Hit(p, 1.0 / (place + 1), 0.6) for place, p in enumerate(found[:4])]
