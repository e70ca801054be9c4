"""The shipped documents as the scores look them up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tunewise.retrieval.corpus import Corpus
from tunewise.types import Passage


class CorpusSources:
    """Texts, titles and passages of a corpus by document id."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._passages: dict[str, list[Passage]] = defaultdict(list)
        for passage in corpus.passages:
            self._passages[passage.document].append(passage)

    def text(self, document: str) -> str | None:
        """The document's text as shipped, None if there is none of that name."""
        found = self._corpus.documents.get(document)
        return found.text if found else None

    def title(self, document: str) -> str | None:
        """The document's title, None if there is none of that name."""
        found = self._corpus.documents.get(document)
        return found.title if found else None

    def passages(self, document: str) -> Sequence[Passage]:
        """The document's passages, in its order."""
        return self._passages.get(document, [])
