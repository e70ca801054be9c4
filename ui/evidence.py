"""What the evidence panels show, taken from the engine and the stores: rows for the views, nothing drawn."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError
from tunewise.types import Citation, Passage
from tunewise.ui.views.conversations import ConversationRow
from tunewise.ui.views.facts import FactField
from tunewise.ui.views.why import RuleRow

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.conversation import ConversationStore
    from tunewise.framework import Framework
    from tunewise.retrieval import Searcher


def fact_fields(framework: Framework) -> list[FactField]:
    """The framework's facts, most important question first."""
    return [
        FactField(
            spec.name,
            spec.values,
            spec.question.get("en", ""),
            spec.why.get("en", ""),
            spec.label.get("en", ""),
            {value: texts.get("en", value) for value, texts in spec.value_labels.items()},
        )
        for spec in sorted(framework.facts.values(), key=lambda spec: spec.priority)
    ]


def rule_rows(advisor: Advisor, values: Mapping[str, str]) -> list[RuleRow]:
    """Rules that fire on the known facts."""
    from tunewise.framework import decide

    framework = advisor.framework
    fired = [id_ for id_ in fired_rules(decide(framework, values))]
    return [_rule_row(advisor, id_) for id_ in fired if id_ in framework.rules]


def passages_of(searcher: Searcher, citations: Sequence[Citation]) -> dict[str, Passage]:
    """The full passages of the citations; one that cannot be found is left out."""
    found: dict[str, Passage] = {}
    for citation in citations:
        if citation.id not in found:
            try:
                found[citation.id] = searcher.passage(citation.id)
            except (TunewiseError, KeyError):
                continue
    return found


def conversation_rows(store: ConversationStore, owner: str, search: str) -> tuple[list[ConversationRow], str | None]:
    """The visitor's conversations, newest first, and a sentence if they cannot be read."""
    try:
        listed = store.list(owner=owner, search=search or None)
    except TunewiseError as error:
        return [], str(error)
    return [ConversationRow(each.id, each.title, when(each.updated_at), each.n_turns) for each in listed], None


def when(at: float, now: float | None = None) -> str:
    """`today 14:05`, `yesterday 9:10` or `2026-03-01`, in local time."""
    then, today = time.localtime(at), time.localtime(now if now is not None else time.time())
    days = (time.mktime(today) - at) / 86400
    clock = time.strftime("%H:%M", then)
    if then[:3] == today[:3]:
        return f"today {clock}"
    return f"yesterday {clock}" if days < 2 else time.strftime("%Y-%m-%d", then)


def map_view(framework: Framework, situation: Situation | None, whatif: Mapping[str, str]) -> MapView:
    """The map for the situation's other facts, changed by `whatif`."""
    return MapView()


def opinion_rows(framework: Framework, situation: Situation | None) -> list[OpinionRow]:
    """The situation under every shipped framework."""
    return []
