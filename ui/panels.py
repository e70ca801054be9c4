"""Every panel in one list: its view, its tab, what of the state it shows, and the values its view needs beside that.

A new panel is a template in `views/` and an entry here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tunewise.desk import Desk, State
from tunewise.errors import TunewiseError
from tunewise.types import UNKNOWN, Fact, Situation
from tunewise.ui import evidence
from tunewise.ui.views import labels
from tunewise.ui.views.citations import cited, highlighted, sources_of
from tunewise.ui.views.map import map_html
from tunewise.ui.views.templates import render

if TYPE_CHECKING:
    from tunewise.desk.dataset import DatasetSummary
    from tunewise.desk.hardware import Machine
    from tunewise.types import Reply

Values = dict[str, Any]

EXAMPLES = (
    (
        "800 flower photos",
        "I have 800 labelled photos of flowers and a ResNet-50 trained on ImageNet. One laptop GPU. "
        "Should I fine-tune it?",
    ),
    (
        "Support tickets in Dutch",
        "We want a 7B chat model to answer support tickets in Dutch. About 3,000 question-answer pairs "
        "and a single RTX 4090. It must not forget its English.",
    ),
    (
        "Speech with a strong accent",
        "Wav2Vec 2.0 makes too many errors on our regional accent. We have 900 hours of transcribed "
        "speech and a cluster of A100s.",
    ),
    ("What is EWC?", "What is elastic weight consolidation and when does it help?"),
)
# What the card is called when there is no primary strategy to name.
UNSETTLED = {"impossible": "First settle a contradiction", "ambiguous": "First settle what was meant"}
STAGES = ("facts", "decision", "explanation")
EFFECTS = {"require": "requires", "recommend": "recommends", "avoid": "advises against", "forbid": "rules out"}
COLLECTIONS = {
    "article": "The article",
    "papers": "Referenced paper",
    "notes": "Note on further literature",
    "uploads": "Your document",
}
FACT_GROUPS = (  # title, factors
    ("Data", ("data",)),
    ("Model", ("model", "evidence")),
    ("Means and limits", ("compute", "efficiency", "forgetting")),
    ("Aim", ("purpose",)),
)
NUMBERS = {"n_examples": "examples", "n_classes": "classes", "gpu_memory": "GB"}
TEXTS = {
    "base_model": "for example ResNet-50",
    "hardware": "for example one RTX 4090",
    "source_domain": "what the model was trained on",
    "target_domain": "what you want it for",
}
MODALITIES = ("image", "text", "audio", "tabular", "other")


def stage_values(desk: Desk, state: State) -> Values:
    """What is happening, in words, and where in the order of stages that is."""
    if state.stage is None:
        return {"outcome": finished_text(state)}
    name = state.stage.stage
    doing = queue_text(state.stage.ahead, state.stage.wait_s) if name == "queue" else labels.STAGES.get(name, name)
    return {"doing": doing, "order": STAGES, "at": STAGES.index(name if name in STAGES else "explanation")}


def queue_text(ahead: int, wait_s: float) -> str:
    """`Waiting for the model: 2 requests ahead, about 20 s`."""
    who = "you are next" if ahead <= 0 else "1 request ahead" if ahead == 1 else f"{ahead} requests ahead"
    when = f", about {wait_s:.0f} s" if wait_s >= 1 else ""
    return f"Waiting for the model: {who}{when}. The rules' decision is already shown."


def finished_text(state: State) -> str:
    """What a screen reader hears when a turn is over."""
    turn = state.turns[-1] if state.turns else None
    if turn is None or turn.problem:
        return turn.problem or "" if turn else ""
    if turn.reply is None:
        return "Stopped." if turn.stopped else ""
    recommendation, verdict = turn.reply.recommendation, turn.reply.verdict
    if recommendation is None or verdict is None:
        return "The answer is finished."
    word = labels.VERDICTS[verdict.status].word
    return f"The answer is finished. Recommended: {labels.strategy(recommendation.primary)}. {word}."


def may_change(reply: Reply) -> bool:
    """Whether an answer to an open question leads to another primary strategy."""
    primary = reply.recommendation.primary if reply.recommendation else None
    return any(outcome != primary for question in reply.questions for outcome in question.outcomes.values())


def facts_values(desk: Desk, state: State) -> Values:
    """The framework's facts in groups, most important question first, and the facts and details as they stand."""
    specs = sorted(desk.advisor.framework.facts.values(), key=lambda spec: spec.priority)
    situation, grouped = state.situation or Situation(), {factor for _, factors in FACT_GROUPS for factor in factors}
    groups = [(title, [spec for spec in specs if spec.factor in factors]) for title, factors in FACT_GROUPS]
    return {
        "groups": [*groups, ("More", [spec for spec in specs if spec.factor not in grouped])],
        "n_facts": len(specs),
        "n_known": sum(situation.value(spec.name) != UNKNOWN for spec in specs),
        "fact_of": lambda name: situation.facts.get(name) or Fact(name),
        "detail_of": lambda name: situation.details.get(name) or Fact(name),
        "value_names": lambda spec: [labels.value(spec.name, value) for value in spec.values],
        "plain_number": plain_number,
        "gpu_text": gpu_text,
        "dataset_figures": dataset_figures,
        "numbers": NUMBERS,
        "texts": TEXTS,
        "modalities": MODALITIES,
    }


def plain_number(fact: Fact) -> str:
    """`800` or `1.5`; "" for a detail that is no number."""
    if fact.amount is not None:
        return f"{fact.amount:.0f}" if fact.amount.is_integer() else f"{fact.amount:g}"
    return fact.value if fact.value.replace(".", "", 1).isdigit() else ""


def gpu_text(machine: Machine) -> str:
    """The graphics cards in words."""
    none = "shares the main memory" if machine.shares_memory else "none found"
    return "; ".join(f"{gpu.name}, {gpu.memory_gb:.0f} GB" for gpu in machine.gpus) or none


def dataset_figures(summary: DatasetSummary) -> list[tuple[str, str]]:
    """(name, figure) of a dataset."""
    figures = [
        ("Examples", f"{'' if summary.is_exact else 'about '}{summary.rows:,}"),
        ("Kind", summary.modality or ""),
    ]
    if summary.classes:
        figures.append(("Classes", f"{len(summary.classes)} (by {summary.label})"))
    if summary.imbalance is not None:
        figures.append(("Largest : smallest", f"{summary.imbalance:.1f} : 1"))
    if (lengths := summary.lengths) is not None:
        name = f"{'Size' if lengths.unit == 'KB' else 'Length'} of {lengths.of}"
        figures.append((name, f"median {lengths.median:.4g}, 95 % up to {lengths.p95:.4g} {lengths.unit}"))
    return [(name, text) for name, text in figures if text]


def why_values(desk: Desk, state: State) -> Values:
    """The rules that fired, each with the passage of its sentence, and the changes that lead elsewhere."""
    if state.advice is None or state.advice.recommendation is None:
        return {"rules": (), "flips": (), "primary": None}
    values, primary = state.advice.situation.values(), state.advice.recommendation.primary
    return {
        "rules": evidence.fired_rules(desk.advisor, values),
        "flips": evidence.flips(desk.advisor.framework, values),
        "primary": primary,
    }


def flip_text(flip: Any) -> str:
    """`Amount of data: large (about 100,000 examples or more)`."""
    amount = evidence.amount_text(flip)
    return f"{labels.fact(flip.fact).rstrip('?')}: {labels.value(flip.fact, flip.after)}" + (amount and f" ({amount})")


def sources_values(desk: Desk, state: State) -> Values:
    """The cited passages by number, and those that were found and not cited."""
    citations = state.latest.citations if state.latest else ()
    passages = evidence.passages_of(desk.advisor.searcher, citations)
    answer = state.turns[-1].answer if state.turns else ""
    others = [hit.passage for hit in state.hits if hit.passage.id not in {each.id for each in citations}]
    return {"cited": sources_of(citations, passages, answer), "others": others}


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
    return {"conversations": found, "unreadable": unreadable}


def when(at: float, now: float | None = None) -> str:
    """`today 14:05`, `yesterday 9:10` or `2026-03-01`, in local time."""
    then, today = time.localtime(at), time.localtime(now if now is not None else time.time())
    clock = time.strftime("%H:%M", then)
    if then[:3] == today[:3]:
        return f"today {clock}"
    return f"yesterday {clock}" if time.mktime(today) - at < 2 * 86400 else time.strftime("%Y-%m-%d", then)


def draw_map(desk: Desk, state: State) -> str:
    """The map is drawn by code: it is a grid over the framework's values."""
    return map_html(evidence.map_view(desk.advisor.framework, state.situation, state.whatif))


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        name: Of its view, `views/NAME.html`, and of its element, `panel-NAME`.
        sees: The part of the state that it shows; it is drawn again when that is another.
        title: Of its tab; "" for the parts of the chat column.
        values: What the view needs beside `state`.
        draw: Draws it instead of a template.
    """

    name: str
    sees: Callable[[State], object]
    title: str = ""
    values: Callable[[Desk, State], Values] = lambda desk, state: {}
    draw: Callable[[Desk, State], str] | None = None

    def html(self, desk: Desk, state: State) -> str:
        """Its HTML; if what it shows cannot be had, the sentence that says why."""
        try:
            return self.draw(desk, state) if self.draw else render(self.name, state=state, **self.values(desk, state))
        except TunewiseError as error:
            return render("notice", state=State(notice=str(error)))


# In the order of their tabs. A reply is compared by identity: comparing all its fields would take longer than drawing.
PANELS = (
    Panel(
        "chat",
        attrgetter("turns", "busy", "conversation"),
        "Chat",
        lambda desk, state: {"examples": EXAMPLES, "cited": cited},
    ),
    Panel("notice", attrgetter("notice")),
    Panel("stage", lambda state: (state.stage, state.turns[-1:] if not state.busy else ()), values=stage_values),
    Panel(
        "advice",
        lambda state: (id(state.advice), state.busy, state.edited),
        "Advice",
        lambda desk, state: {"unsettled": UNSETTLED, "may_change": may_change},
    ),
    Panel("facts", lambda state: (id(state.situation), state.reading), "Situation", facts_values),
    Panel(
        "why",
        lambda state: id(state.advice),
        "Why",
        lambda desk, state: why_values(desk, state) | {"effects": EFFECTS, "flip_text": flip_text},
    ),
    Panel(
        "sources",
        lambda state: (id(state.latest), id(state.hits), len(state.turns)),
        "Sources",
        lambda desk, state: sources_values(desk, state) | {"collections": COLLECTIONS, "highlighted": highlighted},
    ),
    Panel("map", lambda state: (id(state.situation), state.whatif), "Map", draw=draw_map),
    Panel("opinions", lambda state: id(state.situation), "Opinions", opinions_values),
    # The list is read from disk: when a turn ends, and when something in it was changed.
    Panel(
        "history",
        lambda state: (state.conversation, state.busy, state.search, state.listed, len(state.turns)),
        "History",
        lambda desk, state: history_values(desk, state) | {"when": when},
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
