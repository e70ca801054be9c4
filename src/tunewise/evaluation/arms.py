"""The arms that are compared: the whole system, a plain chain on the same store and weights, the rules alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from tunewise.errors import EvaluationError
from tunewise.record.reply_json import reply_to_json
from tunewise.settings import Settings
from tunewise.types import PRACTICE, Citation, Reply, SentenceShown, Situation

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.language_models import BaseChatModel
    from langchain_core.retrievers import BaseRetriever

    from tunewise.advisor import Advisor

Json = dict[str, Any]
ARMS = ("full", "plain", "rules_only")

PASSAGES = 6
MOST_TOKENS = 220
SYSTEM = "You advise on whether and how to fine-tune pre-trained models."
TASK = "Answer the question directly in the first sentence, then explain in two or three, from the notes."

Answer = Callable[[Sequence[str]], list[Json]]
"""Takes the messages of one fresh conversation and gives a reply's JSON to each."""
Arms = Mapping[str, Callable[[], AbstractContextManager[Answer]]]


def opened_late(settings: Settings, names: Sequence[str] = ARMS) -> Arms:
    """How to open each arm under these settings; nothing is opened before its turn."""
    openings: Mapping[str, Callable[[Settings], AbstractContextManager[Answer]]] = {
        "full": _advisor,
        "plain": _plain,
        "rules_only": partial(_advisor, rules_only=True),
    }
    return {name: partial(openings[name], settings) for name in names}


def chosen_arms(names: str) -> tuple[str, ...]:
    """Arms from a comma-separated list, in the order of the report; all for an empty one.

    Raises:
        EvaluationError: If a name is none of the arms.
    """
    wanted = names.replace(",", " ").split()
    if unknown := [name for name in wanted if name not in ARMS]:
        raise EvaluationError(f"Unknown arm {unknown[0]!r}; choose from {', '.join(ARMS)}.")
    return tuple(name for name in ARMS if name in wanted) or ARMS


def answer_with(advisor: Advisor) -> Answer:
    """Answer messages as one conversation, which is taken off the disk again."""
    names = tuple(advisor.framework.facts)

    def answer(messages: Sequence[str]) -> list[Json]:
        if len(messages) == 1:
            return [reply_to_json(advisor.ask(messages[0]), names)]
        conversation = advisor.conversations.create("Evaluation")
        try:
            return [reply_to_json(advisor.ask(each, conversation=conversation), names) for each in messages]
        finally:
            advisor.conversations.delete(conversation)

    return answer


def ask_plainly(question: str, retriever: BaseRetriever, model: BaseChatModel) -> Reply:
    """Answer a message as LangChain's documentation would have one build it: retriever, prompt, model.

    No rules, no gate, no memory; such replies are read blind beside the advisor's. The retriever's passages name
    document and span in their metadata; those whose marks stand in the answer are its citations.

    Raises:
        ModelError: If the model fails.
    """
    from langchain_core.prompts import ChatPromptTemplate

    prompt = ChatPromptTemplate([("system", SYSTEM), ("human", "Notes:\n{notes}\n\nQuestion: {question}\n\n" + TASK)])
    started = time.perf_counter()
    found = retriever.invoke(question) if question.strip() else []
    timings = {"retrieval": time.perf_counter() - started}
    answer, notes = "", "\n\n".join(f"[{each.id}] {each.page_content}" for each in found)
    for chunk in (prompt | model.bind(max_tokens=MOST_TOKENS)).stream({"question": question, "notes": notes}):
        if chunk.text:
            timings.setdefault("model_first_sentence", time.perf_counter() - started)
        answer += chunk.text
    timings["total"] = time.perf_counter() - started
    citations = tuple(_citation(document) for document in found if f"[{document.id}]" in answer)
    shown = SentenceShown(answer, "model", tuple(citation.id for citation in citations))
    return Reply("knowledge", answer, "en", Situation(), citations=citations, sentences=(shown,), timings_s=timings)


@contextmanager
def _advisor(settings: Settings, *, rules_only: bool = False) -> Iterator[Answer]:
    from tunewise.advisor import Advisor

    with Advisor.open(settings, rules_only=rules_only) as advisor:
        yield answer_with(advisor)


@contextmanager
def _plain(settings: Settings) -> Iterator[Answer]:
    from tunewise.llm import open_chat_model
    from tunewise.retrieval.retriever import CorpusRetriever
    from tunewise.retrieval.search import DOCUMENTS

    model = open_chat_model(settings)
    everything = (*DOCUMENTS, PRACTICE) if settings.notes else None
    retriever = CorpusRetriever.open(settings, top_k=PASSAGES, collections=everything)
    yield lambda messages: [reply_to_json(ask_plainly(message, retriever, model)) for message in messages]
    if close := getattr(model, "close", None):
        close()


def _citation(document: Document) -> Citation:
    names = ("id", "collection", "document", "section", "start", "end")
    return Citation(**{name: document.metadata[name] for name in names}, quote=document.page_content)
