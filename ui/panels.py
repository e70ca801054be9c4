"""State → HTML of every panel; only panels whose part of the state changed are drawn again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError
from tunewise.ui import evidence
from tunewise.ui.state import PageState
from tunewise.ui.views import labels
from tunewise.ui.views.card import card_html
from tunewise.ui.views.chat import chat_html
from tunewise.ui.views.conversations import conversations_html
from tunewise.ui.views.facts import sheet_html
from tunewise.ui.views.html import escape
from tunewise.ui.views.icons import icon
from tunewise.ui.views.map import map_html
from tunewise.ui.views.opinions import opinions_html
from tunewise.ui.views.reading import problem_html
from tunewise.ui.views.sources import sources_html
from tunewise.ui.views.stage import stage_html
from tunewise.ui.views.why import why_html

if TYPE_CHECKING:
    from tunewise.advisor import Advisor

PANELS = ("chat", "notice", "stage", "advice", "facts", "why", "sources", "map", "opinions", "history")


class Painter:
    """Draws the panels for one advisor."""

    def __init__(self, advisor: Advisor) -> None:
        self._advisor = advisor
        self._names = evidence.names_of(advisor.framework)
        self._draw: dict[str, Callable[[PageState], str]] = {
            "chat": chat_html,
            "notice": notice_html,
            "stage": stage_html,
            "advice": lambda state: card_html(state.advice, busy=state.busy, edited=state.edited),
            "facts": self._facts,
            "why": self._why,
            "sources": self._sources,
            "map": self._map,
            "opinions": self._opinions,
            "history": self._history,
        }

    def panels(self, before: PageState | None, after: PageState) -> dict[str, str]:
        """HTML of the panels that differ between two states; all of them without a state before."""
        changed = [name for name in PANELS if before is None or _seen_by(name, before) != _seen_by(name, after)]
        with labels.learned(self._names):
            return {name: self._panel(name, after) for name in changed}

    def _panel(self, name: str, state: PageState) -> str:
        """One panel; if what it shows cannot be had, the sentence that says why, and the others stay."""
        try:
            return self._draw[name](state)
        except TunewiseError as error:
            return problem_html(str(error))

    def _facts(self, state: PageState) -> str:
        return sheet_html(state.situation, evidence.fact_fields(self._advisor.framework), state.reading)

    def _why(self, state: PageState) -> str:
        if state.advice is None or state.advice.recommendation is None:
            return why_html((), (), None)
        values = state.advice.situation.values()
        primary = state.advice.recommendation.primary
        rules = evidence.rule_rows(self._advisor, values, primary)
        return why_html(rules, evidence.flip_rows(self._advisor.framework, values), primary)

    def _sources(self, state: PageState) -> str:
        reply = state.latest
        citations = reply.citations if reply else ()
        passages = evidence.passages_of(self._advisor.searcher, citations)
        answer = state.turns[-1].answer if state.turns else ""
        return sources_html(citations, passages, answer=answer, turn=len(state.turns), hits=state.hits)

    def _map(self, state: PageState) -> str:
        return map_html(evidence.map_view(self._advisor.framework, state.situation, state.whatif))

    def _opinions(self, state: PageState) -> str:
        return opinions_html(evidence.opinion_rows(self._advisor.framework, state.situation))

    def _history(self, state: PageState) -> str:
        rows, problem = evidence.conversation_rows(self._advisor.conversations, state.owner, state.search)
        return conversations_html(rows, current=state.conversation, search=state.search, problem=problem)


def notice_html(state: PageState) -> str:
    """A sentence about the page itself (nothing can be stored, an edit was refused)."""
    if not state.notice:
        return ""
    return f'<div class="tw-problem" role="alert">{icon("clash")}<p>{escape(state.notice)}</p></div>'


def _seen_by(panel: str, state: PageState) -> object:
    """The part of the state that a panel shows."""
    if panel == "chat":
        return state.turns, state.busy, state.conversation
    if panel == "notice":
        return state.notice
    if panel == "stage":
        return state.stage, state.turns[-1] if state.turns and not state.busy else None
    if panel == "advice":
        return id(state.advice), state.busy, state.edited
    if panel == "facts":
        return id(state.situation), state.reading
    if panel == "why":
        return id(state.advice)
    if panel == "sources":
        return id(state.latest), id(state.hits), len(state.turns)
    if panel == "map":
        return id(state.situation), state.whatif
    if panel == "opinions":
        return id(state.situation)
    # The list is read from disk: when a turn ends, and when something in it was changed.
    return state.conversation, state.busy, state.search, state.listed, len(state.turns)
