"""The search as a LangChain retriever, for chains of other people."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from tunewise.retrieval.search import Searcher
from tunewise.settings import Settings


class CorpusRetriever(BaseRetriever):
    """Returns the `top_k` best passages as documents; their metadata hold id, document, section, offsets and scores."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searcher: Searcher
    top_k: int = 4
    collections: tuple[str, ...] | None = None

    @classmethod
    def open(cls, settings: Settings | None = None, top_k: int = 4) -> CorpusRetriever:
        """A retriever on the index of these settings (those of the environment if None)."""
        from tunewise.retrieval.opening import open_searcher

        return cls(searcher=open_searcher(settings or Settings.from_environment()), top_k=top_k)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        hits = self.searcher.search(query, self.top_k, self.collections)
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata={
                    "id": hit.passage.id,
                    "collection": hit.passage.collection,
                    "document": hit.passage.document,
                    "title": hit.passage.title,
                    "section": hit.passage.section,
                    "start": hit.passage.start,
                    "end": hit.passage.end,
                    "score": hit.score,
                    "similarity": hit.similarity,
                },
            )
            for hit in hits
        ]
