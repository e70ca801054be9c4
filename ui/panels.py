"""Every panel in one list: its view, its tab, what of the state it shows, and the values its view needs beside that.

A new panel is a template in `views/` and an entry here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tunewise.desk import Desk, State, offers_of, proposals_of, script_kinds
from tunewise.errors import TunewiseError
from tunewise.types import UNKNOWN, Fact, Situation
from tunewise.ui import evidence
from tunewise.ui.views import labels
from tunewise.ui.views.citations import every_citation, sources_of
from tunewise.ui.views.html import tag
from tunewise.ui.views.templates import render

if TYPE_CHECKING:
    from tunewise.types import Reply

MOST_FLIPS = 12
Values = dict[str, Any]


def may_change(reply: Reply) -> bool:
    """Whether an answer to an open question leads to another primary strategy."""
    primary = reply.recommendation.primary if reply.recommendation else None
    return any(outcome != primary for question in reply.questions for outcome in question.outcomes.values())


def facts_values(desk: Desk, state: State) -> Values:
    """The framework's facts, most important question first, and the facts and details as they stand."""
    situation = state.situation or Situation()
    specs = desk.advisor.framework.facts.values()
    return {
        "specs": sorted(specs, key=lambda spec: spec.priority),
        "n_known": sum(situation.value(spec.name) != UNKNOWN for spec in specs),
        "fact_of": lambda name: situation.facts.get(name) or Fact(name),
        "detail_of": lambda name: situation.details.get(name) or Fact(name),
    }


def why_values(desk: Desk, state: State) -> Values:
    """The rules that fired, each with the passage of its sentence, and the changes that lead elsewhere."""
    if state.advice is None or state.advice.recommendation is None:
        return {"rules": (), "flips": (), "primary": None, "factors": ()}
    from tunewise.framework import flip_points

    values, primary = state.advice.situation.values(), state.advice.recommendation.primary
    return {
        "rules": evidence.fired_rules(desk.advisor, values),
        "flips": flip_points(desk.advisor.framework, values)[:MOST_FLIPS],
        "primary": primary,
        "factors": desk.advisor.framework.precedence.factors,
    }


def sources_values(desk: Desk, state: State) -> Values:
    """The cited passages by number, then the notes that are offered beside the answer, and what else was found."""
    citations = every_citation(state.latest)
    passages = evidence.passages_of(desk.advisor.searcher, citations)
    offers = offers_of(state.latest).notes if state.latest else ()
    shown = (state.turns[-1].answer if state.turns else "", *(each.answer for each in offers))
    sources = sources_of(citations, passages, "\n".join(shown))
    offered, cited = {each.id for each in offers}, {each.id for each in citations}
    return {
        "cited": [each for each in sources if each.spans[0].id not in offered],
        "near": [each for each in sources if each.spans[0].id in offered],
        "others": [hit.passage for hit in state.hits if hit.passage.id not in cited],
    }


def opinions_values(desk: Desk, state: State) -> Values:
    """The decisions of every shipped framework, ours first, and whether they agree."""
    opinions = evidence.opinions(desk.advisor.framework, state.situation)
    return {
        "opinions": [(each, *evidence.ground_of(each.decision)) for each in opinions],
        "agreement": agreement([(each.title, each.decision.primary) for each in opinions]),
    }


def agreement(chosen: Sequence[tuple[str, str | None]]) -> str:
    """One sentence: do the frameworks, (title, primary) each, recommend the same?"""
    silent = ", ".join(title for title, primary in chosen if primary is None)
    same = len({primary for _, primary in chosen if primary}) == 1
    text = "They agree." if same else "They do not agree; read what each rests on."
    return f"{text} Silent on this: {silent}." if silent else text


def history_values(desk: Desk, state: State) -> Values:
    """The visitor's conversations, or a sentence if they cannot be read."""
    try:
        found, unreadable = desk.conversations(state.owner, state.search), None
    except TunewiseError as error:
        found, unreadable = [], str(error)
    return {"conversations": found, "unreadable": unreadable, "script_kinds": script_kinds()}


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        name: Of its view, `views/NAME.html`, and of its element, `panel-NAME`.
        sees: The part of the state that it shows; it is drawn again when that is another.
        title: Of its tab; "" for the parts of the chat column.
        values: What the view needs beside `state`.
    """

    name: str
    sees: Callable[[State], object]
    title: str = ""
    values: Callable[[Desk, State], Values] = lambda desk, state: {}

    def html(self, desk: Desk, state: State) -> str:
        """Its HTML; if what it shows cannot be had, the sentence that says why."""
        heading = tag("h2", self.title, class_="tw-hidden") if self.title else ""
        try:
            return heading + render(self.name, state=state, **self.values(desk, state))
        except TunewiseError as error:
            return render("notice", state=State(notice=str(error)))


# In the order of their tabs. A reply is compared by identity: comparing all its fields would take longer than drawing.
def map_values(desk: Desk, state: State) -> Values:
    """The map; None for a framework that does not weigh both amount of data and similarity."""
    framework = desk.advisor.framework
    drawn = framework.facts.keys() >= set(evidence.AXES)
    return {"map": evidence.map_view(framework, state.situation, state.whatif) if drawn else None}


PANELS = (
    Panel(
        "chat",
        lambda state: (state.turns, state.busy, state.conversation, state.proposed, state.edited and id(state.advice)),
        "Chat",
        lambda desk, state: {"proposals": proposals_of(desk.advisor.framework, state) if state.proposed else ()},
    ),
    Panel("notice", attrgetter("notice")),
    Panel("strip", lambda state: (id(state.advice), state.busy, state.edited)),
    Panel("stage", lambda state: (state.stage, state.turns[-1:] if not state.busy else ())),
    Panel(
        "advice",
        lambda state: (id(state.advice), id(state.latest), state.busy, state.edited),
        "Advice",
        lambda desk, state: {"may_change": may_change},
    ),
    Panel("facts", lambda state: (id(state.situation), state.reading, id(state.measured)), "Situation", facts_values),
    Panel("why", lambda state: id(state.advice), "Why", why_values),
    Panel("sources", lambda state: (id(state.latest), id(state.hits), len(state.turns)), "Sources", sources_values),
    Panel(
        "map",
        lambda state: (id(state.situation), state.whatif),
        "Map",
        lambda desk, state: map_values(desk, state),
    ),
    Panel("opinions", lambda state: id(state.situation), "Opinions", opinions_values),
    # The list is read from disk: when a turn ends, and when something in it was changed.
    Panel(
        "history",
        lambda state: (
            state.conversation,
            state.busy,
            state.search,
            state.listed,
            len(state.turns),
            state.advice is None,
        ),
        "History",
        history_values,
    ),
)


class Painter:
    """Draws panels for one desk."""

    def __init__(self, desk: Desk, panels: tuple[Panel, ...] = PANELS) -> None:
        self.panels = panels
        self._desk = desk

    def changed(self, before: State | None, after: State) -> dict[str, str]:
        """Name → HTML of the panels that differ between two states; all of them without a state before."""
        with labels.named_by(self._desk.advisor.framework):
            return {
                panel.name: panel.html(self._desk, after)
                for panel in self.panels
                if before is None or panel.sees(before) != panel.sees(after)
            }
