"""What the evidence panels show, taken from the engine and the stores: rows for the views, nothing drawn."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError
from tunewise.types import UNKNOWN, Citation, Passage, Situation
from tunewise.ui.views import labels
from tunewise.ui.views.conversations import ConversationRow
from tunewise.ui.views.facts import FactField
from tunewise.ui.views.map import Axis, Control, MapCell, MapView, Slider
from tunewise.ui.views.opinions import OpinionRow
from tunewise.ui.views.why import FlipRow, RuleRow

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.conversation import ConversationStore
    from tunewise.framework import FiredRule, FlipPoint, Framework
    from tunewise.framework.compare import Opinion
    from tunewise.retrieval import Searcher


MOST_FLIPS = 12


def names_of(framework: Framework) -> dict[object, str]:
    """The framework's own labels: id, or (fact, value) → label."""
    names: dict[object, str] = {id_: spec.label["en"] for id_, spec in framework.strategies.items()}
    for name, spec in framework.facts.items():
        names[name] = spec.label["en"]
        names |= {(name, value): texts["en"] for value, texts in spec.value_labels.items()}
    return names


def fact_fields(framework: Framework) -> list[FactField]:
    """The framework's facts, most important question first."""
    specs = sorted(framework.facts.values(), key=lambda spec: spec.priority)
    return [FactField(spec.name, spec.values, spec.question["en"], spec.why["en"]) for spec in specs]


def rule_rows(advisor: Advisor, values: Mapping[str, str], primary: str | None) -> list[RuleRow]:
    """Rules that fire on the known facts, those about the primary strategy first, then by strength."""
    from tunewise.framework import decide

    strengths = {"must": 0, "should": 1, "may": 2}
    trace = decide(advisor.framework, values).trace
    ordered = sorted(trace, key=lambda rule: (primary not in rule.effects, strengths.get(rule.strength, 3), rule.id))
    return [_rule_row(advisor.searcher, rule) for rule in ordered]


def _rule_row(searcher: Searcher, rule: FiredRule) -> RuleRow:
    source = rule.source
    passage = searcher.passage_of_quote(source.document, source.quote) if source else None
    return RuleRow(
        rule.id,
        {name: (value,) for name, value in rule.facts.items()},
        rule.effects,
        rule.strength,
        quote=source.quote if source else "",
        document=passage.title if passage else source.document if source else "",
        section=source.section if source else "",
        interpretation=rule.interpretation or "",
        because=rule.because.get("en", ""),
        context=passage,
    )


def flip_rows(framework: Framework, values: Mapping[str, str]) -> list[FlipRow]:
    """Every change of one fact that leads to another primary strategy, most important facts first."""
    from tunewise.framework import flip_points

    points = flip_points(framework, values)[:MOST_FLIPS]
    return [
        FlipRow(each.fact, each.after, each.primary_after, each.before is not None, amount_text(each))
        for each in points
    ]


def amount_text(point: FlipPoint) -> str:
    """Where a counted fact flips: `about 100,000 labelled examples or more`; "" for facts that are not counted."""
    if point.amount is None:
        return ""
    unit = f" {point.unit}" if point.unit else ""
    if point.after == "small":
        return f"fewer than about {point.amount:,.0f}{unit}"
    return f"about {point.amount:,.0f}{unit} or more"


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


AMOUNTS = (100, 500, 2_000, 10_000, 50_000, 200_000, 1_000_000)


def map_view(framework: Framework, situation: Situation | None, whatif: Mapping[str, str]) -> MapView:
    """The map for the situation's other facts, changed by `whatif` (fact, or n_examples, → value)."""
    values = (situation or Situation()).values()
    then = whatif_values(framework, values, whatif)
    columns, rows = _axis(framework, "dataset_size"), _axis(framework, "similarity")
    cells = {
        (x, y): _cell(framework, {**then, columns.fact: column, rows.fact: row})
        for x, column in enumerate(columns.values)
        for y, row in enumerate(rows.values)
    }
    here, there = _position(columns, rows, values), _position(columns, rows, then)
    changes = {name: then.get(name, UNKNOWN) for name in {*values, *then} if then.get(name) != values.get(name)}
    return MapView(
        columns,
        rows,
        cells,
        here,
        there if changes else None,
        _controls(framework, values, then),
        Slider(AMOUNTS, _amount_at(framework, situation, whatif)),
        _cell(framework, values).primary,
        _cell(framework, then).primary,
        dict(sorted(changes.items())),
    )


def whatif_values(framework: Framework, values: Mapping[str, str], whatif: Mapping[str, str]) -> dict[str, str]:
    """Known facts after a what-if; a number of examples sets the amount of data by the framework's cut-offs."""
    then = dict(values)
    for name, value in whatif.items():
        if name == "n_examples" and value.isdigit() and "dataset_size" in framework.facts:
            then["dataset_size"] = framework.size_class(float(value[:12])) or UNKNOWN
        elif name in framework.facts and value in (*framework.facts[name].values, UNKNOWN):
            then[name] = value
    return {name: value for name, value in then.items() if value != UNKNOWN}


def _axis(framework: Framework, name: str) -> Axis:
    spec = framework.facts[name]
    first, last = (spec.values[0], spec.values[-1]) if name == "dataset_size" else (spec.values[-1], spec.values[0])
    texts = [labels.value(name, first), "not known", labels.value(name, last)]
    if name == "dataset_size" and "examples" in framework.parameters.sizes:
        small_below, large_from = framework.size_cutoffs("examples")
        texts = [f"under {small_below:,.0f}", f"{small_below:,.0f} to {large_from:,.0f}", f"{large_from:,.0f} and more"]
    return Axis(name, (first, UNKNOWN, last), tuple(texts))


def _cell(framework: Framework, values: Mapping[str, str]) -> MapCell:
    from tunewise.framework import decide

    decision = decide(framework, values)
    return MapCell(decision.primary, not decision.settled)


def _position(columns: Axis, rows: Axis, values: Mapping[str, str]) -> tuple[int, int]:
    x, y = values.get(columns.fact, UNKNOWN), values.get(rows.fact, UNKNOWN)
    return columns.values.index(x), rows.values.index(y)


def _controls(framework: Framework, values: Mapping[str, str], then: Mapping[str, str]) -> tuple[Control, ...]:
    shown = [spec for spec in framework.facts.values() if spec.name != "dataset_size"]
    return tuple(
        Control(
            spec.name,
            spec.values,
            then.get(spec.name, UNKNOWN),
            then.get(spec.name) != values.get(spec.name),
        )
        for spec in sorted(shown, key=lambda spec: spec.priority)
    )


def _amount_at(framework: Framework, situation: Situation | None, whatif: Mapping[str, str]) -> int:
    """Position of the slider: what was asked for, else the nearest to what was stated, else the middle of its class."""
    asked = whatif.get("n_examples", "")
    if asked.isdigit() and int(asked[:12]) in AMOUNTS:
        return AMOUNTS.index(int(asked[:12]))
    stated = situation.details.get("n_examples") if situation else None
    if stated is not None and stated.amount and stated.amount > 0:
        return min(range(len(AMOUNTS)), key=lambda at: abs(math.log(AMOUNTS[at] / (stated.amount or 1))))
    return {"small": 1, "large": 5}.get(situation.value("dataset_size") if situation else UNKNOWN, 3)


def opinion_rows(framework: Framework, situation: Situation | None) -> list[OpinionRow]:
    """The situation under our framework and every other that is shipped; empty before anything is known."""
    from tunewise.framework import compare, shipped_frameworks

    values = situation.values() if situation else {}
    if not values:
        return []
    others = [name for name in shipped_frameworks() if name != framework.name]
    return [
        _opinion(each, is_ours=each.name == framework.name)
        for each in compare(values, [framework.name, *others]).opinions
    ]


def _opinion(opinion: Opinion, *, is_ours: bool) -> OpinionRow:
    decision = opinion.decision
    behind = decision.rules_for(decision.primary) if decision.primary else ()
    quoted = next((rule.source for rule in behind if rule.source), None)
    reading = next((rule.interpretation for rule in behind if rule.interpretation), None)
    return OpinionRow(
        opinion.title,
        decision.primary,
        decision.supporting,
        decision.avoid,
        quoted.quote if quoted else reading or "",
        f"{quoted.document}: {quoted.section}" if quoted else "Our reading of it" if reading else "",
        opinion.weighed,
        opinion.ignored,
        is_ours,
    )
