"""Finds the passages of the corpus that answer a question. Importing this loads nothing heavy."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunewise.retrieval.corpus import Corpus, Document, load_corpus
    from tunewise.retrieval.embedding import Embedder, open_embeddings
    from tunewise.retrieval.retriever import CorpusRetriever, hits_of
    from tunewise.retrieval.search import Searcher, index_state, open_searcher

_HOMES = {
    "Corpus": "corpus", "CorpusRetriever": "retriever", "Document": "corpus", "Embedder": "embedding",
    "Searcher": "search", "hits_of": "retriever", "index_state": "search", "load_corpus": "corpus",
    "open_embeddings": "embedding", "open_searcher": "search",
}  # fmt: skip

__all__ = [
    "Corpus", "CorpusRetriever", "Document", "Embedder", "Searcher", "hits_of", "index_state", "load_corpus",
    "open_embeddings", "open_searcher",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"tunewise.retrieval.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tunewise.retrieval' has no attribute {name!r}")
