"""The arms that are compared: the whole system, a plain chain on the same store and weights, the rules alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tunewise.errors import EvaluationError
from tunewise.record.reply_json import reply_to_json
from tunewise.settings import Settings

if TYPE_CHECKING:
    from tunewise.advisor import Advisor

Json = dict[str, Any]
ARMS = ("full", "plain", "rules_only")

Answer = Callable[[Sequence[str]], list[Json]]
"""Takes the messages of one fresh conversation and gives a reply's JSON to each."""
Arms = Mapping[str, Callable[[], AbstractContextManager[Answer]]]


def opened_late(settings: Settings, names: Sequence[str] = ARMS) -> Arms:
    """How to open each arm under these settings; nothing is opened before its turn.

    `exact`, the whole system without stored states, is an arm of the benchmark.
    """
    openings: Arms = {
        "full": lambda: _advisor(settings),
        "exact": lambda: _advisor(replace(settings, exact=True)),
        "plain": lambda: _plain(settings),
        "rules_only": lambda: _advisor(settings, rules_only=True),
    }
    return {name: openings[name] for name in names}


def chosen_arms(names: str) -> tuple[str, ...]:
    """Arms from a comma-separated list, in the order of the report; all for an empty one.

    Raises:
        EvaluationError: If a name is none of the arms.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
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


@contextmanager
def _advisor(settings: Settings, *, rules_only: bool = False) -> Iterator[Answer]:
    from tunewise.advisor import Advisor

    with Advisor.open(settings, rules_only=rules_only) as advisor:
        yield answer_with(advisor)


@contextmanager
def _plain(settings: Settings) -> Iterator[Answer]:
    from tunewise.evaluation.plain import PASSAGES, PlainChain
    from tunewise.llm import open_chat_model
    from tunewise.retrieval.retriever import CorpusRetriever

    model = open_chat_model(settings)
    chain = PlainChain(CorpusRetriever.open(settings, top_k=PASSAGES), model)
    yield lambda messages: [reply_to_json(chain.ask(message)) for message in messages]
    if close := getattr(model, "close", None):
        close()
