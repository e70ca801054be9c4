"""The arm to compare with: what LangChain's documentation would have one build on the same store and weights.

Retrieval, one prompt, the model: no rules, no gate, no memory. Its replies are read blind beside the advisor's.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough

from tunewise.types import Citation, Reply, SentenceShown, Situation

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.language_models import BaseChatModel
    from langchain_core.retrievers import BaseRetriever

PASSAGES = 6
MOST_TOKENS = 220
SYSTEM = "You advise on whether and how to fine-tune pre-trained models."
TASK = "Answer the question directly in the first sentence, then explain in two or three, from the notes."
PROMPT = ChatPromptTemplate([("system", SYSTEM), ("human", "Notes:\n{notes}\n\nQuestion: {question}\n\n" + TASK)])


class PlainChain:
    """`retriever | prompt | model`; the retriever gives six passages whose metadata name document and span."""

    def __init__(self, retriever: BaseRetriever, model: BaseChatModel) -> None:
        self._retriever = retriever
        self._chain = RunnablePassthrough.assign(notes=_as_notes) | PROMPT | model.bind(max_tokens=MOST_TOKENS)

    def ask(self, question: str) -> Reply:
        """Answer a message by itself; marks of passages in the answer are its citations.

        Raises:
            ModelError: If the model fails.
        """
        started = time.perf_counter()
        found = self._retriever.invoke(question) if question.strip() else []
        timings = {"retrieval": time.perf_counter() - started}
        answer = ""
        for chunk in self._chain.stream({"question": question, "found": found}):
            if chunk.text:
                timings.setdefault("model_first_sentence", time.perf_counter() - started)
            answer += chunk.text
        timings["total"] = time.perf_counter() - started
        citations = tuple(_citation(document) for document in found if f"[{document.id}]" in answer)
        shown = SentenceShown(answer, "model", tuple(citation.id for citation in citations))
        return Reply("knowledge", answer, "en", Situation(), citations=citations, sentences=(shown,), timings_s=timings)


def _as_notes(values: dict[str, Any]) -> str:
    found: Sequence[Document] = values["found"]
    return "\n\n".join(f"[{document.id}] {document.page_content}" for document in found)


def _citation(document: Document) -> Citation:
    names = ("id", "collection", "document", "section", "start", "end")
    return Citation(**{name: document.metadata[name] for name in names}, quote=document.page_content)
