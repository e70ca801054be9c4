"""Finds the passages of the corpus that answer a question. Importing this loads nothing heavy."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunewise.retrieval.corpus import Corpus, Document, load_corpus
    from tunewise.retrieval.opening import index_state, open_searcher, rebuild
    from tunewise.retrieval.retriever import CorpusRetriever
    from tunewise.retrieval.search import Searcher
    from tunewise.retrieval.translation import to_english_query

__all__ = [
    "Corpus",
    "CorpusRetriever",
    "Document",
    "Searcher",
    "index_state",
    "load_corpus",
    "open_searcher",
    "rebuild",
    "to_english_query",
]

_HOMES = {
    "Corpus": "corpus", "CorpusRetriever": "retriever", "Document": "corpus", "Searcher": "search",
    "index_state": "opening", "load_corpus": "corpus", "open_searcher": "opening", "rebuild": "opening",
    "to_english_query": "translation",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"tunewise.retrieval.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tunewise.retrieval' has no attribute {name!r}")
