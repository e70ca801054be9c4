"""The search as a LangChain retriever: what the advisor asks, and what other people put into their chains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from tunewise.retrieval.search import Searcher, open_searcher
from tunewise.settings import Settings
from tunewise.types import Hit, Passage


class CorpusRetriever(BaseRetriever):
    """Returns the `top_k` best passages as documents; `hits_of` makes them hits again."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searcher: Searcher
    top_k: int = 4
    collections: tuple[str, ...] | None = None
    place: tuple[float, ...] | None = None

    @classmethod
    def open(
        cls, settings: Settings | None = None, top_k: int = 4, collections: tuple[str, ...] | None = None
    ) -> CorpusRetriever:
        """A retriever on the index of these settings (those of the environment if None)."""
        searcher = open_searcher(settings or Settings.from_environment())
        return cls(searcher=searcher, top_k=top_k, collections=collections)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.searcher.search(query, self.top_k, self.collections, self.place)
        return [_document_of(hit) for hit in found]


def hits_of(documents: Sequence[Document]) -> list[Hit]:
    """What a `CorpusRetriever` found, as hits."""
    hits = []
    for document in documents:
        fields = {**document.metadata, "text": document.page_content}
        score, similarity = fields.pop("score"), fields.pop("similarity")
        hits.append(Hit(Passage(**fields), score, similarity))
    return hits


def _document_of(hit: Hit) -> Document:
    fields = asdict(hit.passage)
    text = fields.pop("text")
    del fields["heard"]  # long, and for finding only
    return Document(
        id=hit.passage.id, page_content=text, metadata={**fields, "score": hit.score, "similarity": hit.similarity}
    )
