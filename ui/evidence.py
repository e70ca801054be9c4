"""What the evidence panels show, taken from the engine and the corpus: nothing drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError
from tunewise.types import UNKNOWN, Citation, Passage, Situation
from tunewise.ui.views import labels

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.framework import Decision, FiredRule, Framework
    from tunewise.framework.compare import Opinion
    from tunewise.framework.model import FactSpec
    from tunewise.retrieval import Searcher


def fired_rules(advisor: Advisor, values: Mapping[str, str]) -> list[tuple[FiredRule, Passage | None]]:
    """Rules that fire on the known facts, strongest first, each with the passage that its sentence stands in."""
    from tunewise.framework import decide

    strengths = {"must": 0, "should": 1, "may": 2}
    trace = sorted(decide(advisor.framework, values).trace, key=lambda rule: (strengths.get(rule.strength, 3), rule.id))
    quoted = ((rule, rule.source) for rule in trace)
    return [
        (rule, advisor.searcher.passage_of_quote(source.document, source.quote) if source else None)
        for rule, source in quoted
    ]


def passages_of(searcher: Searcher, citations: Sequence[Citation]) -> dict[str, Passage]:
    """The full passages of the citations; one that cannot be found is left out."""
    found: dict[str, Passage] = {}
    for citation in citations:
        with suppress(TunewiseError, KeyError):
            found[citation.id] = searcher.passage(citation.id)
    return found


def opinions(framework: Framework, situation: Situation | None) -> Sequence[Opinion]:
    """The situation under our framework and every other that is shipped; empty before anything is known."""
    from tunewise.framework import compare, shipped_frameworks

    values = situation.values() if situation else {}
    others = [name for name in shipped_frameworks() if name != framework.name]
    return compare(values, [framework.name, *others]).opinions if values else ()


def ground_of(decision: Decision) -> tuple[str, str]:
    """(sentence or reading that the primary strategy rests on most, where that is from)."""
    behind = decision.rules_for(decision.primary) if decision.primary else ()
    if quoted := next((rule.source for rule in behind if rule.source), None):
        return quoted.quote, f"{quoted.document}: {quoted.section}"
    reading = next((rule.interpretation for rule in behind if rule.interpretation), None)
    return reading or "", "Our reading of it" if reading else ""


@dataclass(frozen=True, slots=True)
class Axis:
    """Values of one fact along the map, with the words at its edge."""

    fact: str
    values: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapView:
    """The map for given other facts.

    `here` and `whatif` are (column, row) positions of the situation and of the what-if: one, a whole row of them while
    the size is open, and none of the what-if where it is the same. `now` and `then` are the primary strategies there;
    `supposed` are all facts under the what-if, `changes` those by which it differs; `facts` can be supposed, and so can
    `amounts` of examples, of which `amount_at` is chosen.
    """

    columns: Axis
    rows: Axis
    cells: Mapping[tuple[int, int], Decision]
    here: tuple[tuple[int, int], ...]
    whatif: tuple[tuple[int, int], ...]
    now: str | None
    then: str | None
    supposed: Mapping[str, str]
    changes: Mapping[str, str]
    facts: Sequence[FactSpec]
    amounts: Sequence[int]
    amount_at: int

    @property
    def steps(self) -> list[str]:
        """The amounts as people write them."""
        return [f"{amount:,}" for amount in self.amounts]


AXES = ("dataset_size", "similarity")  # columns, rows
AMOUNTS = (100, 500, 2_000, 10_000, 50_000, 200_000, 1_000_000)


def map_view(framework: Framework, situation: Situation | None, whatif: Mapping[str, str]) -> MapView:
    """The map for the situation's other facts, changed by `whatif` (fact, or n_examples, → value)."""
    from tunewise.framework import decide

    values = (situation or Situation()).values()
    then = whatif_values(framework, values, whatif)
    columns, rows = _columns(framework), _rows(framework)
    cells = {
        (x, y): decide(framework, {**then, columns.fact: column, rows.fact: row})
        for x, column in enumerate(columns.values)
        for y, row in enumerate(rows.values)
    }
    changes = {name: then.get(name, UNKNOWN) for name in {*values, *then} if then.get(name) != values.get(name)}
    facts = [spec for spec in framework.facts.values() if spec.name != columns.fact]
    return MapView(
        columns,
        rows,
        cells,
        here=_positions(columns, rows, values),
        whatif=_positions(columns, rows, then) if changes else (),
        now=decide(framework, values).primary,
        then=decide(framework, then).primary,
        supposed=then,
        changes=dict(sorted(changes.items())),
        facts=sorted(facts, key=lambda spec: spec.priority),
        amounts=AMOUNTS,
        amount_at=_amount_at(situation, whatif),
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


def _columns(framework: Framework) -> Axis:
    """The sizes of data, with the numbers that part them."""
    name = AXES[0]
    values = framework.facts[name].values
    texts = {value: labels.value(name, value) for value in values}
    if "examples" in framework.parameters.sizes:
        small, large = (f"{cutoff:,.0f}" for cutoff in framework.size_cutoffs("examples"))
        texts |= {"small": f"under {small}", "medium": f"{small} to {large}", "large": f"{large} and more"}
    return Axis(name, values, tuple(texts[value] for value in values))


def _rows(framework: Framework) -> Axis:
    """Similarity, with "unknown" between the extremes."""
    name = AXES[1]
    first, *_, last = framework.facts[name].values
    return Axis(name, (last, UNKNOWN, first), (labels.value(name, last), "not known", labels.value(name, first)))


def _positions(columns: Axis, rows: Axis, values: Mapping[str, str]) -> tuple[tuple[int, int], ...]:
    """The field of the facts, or each field of their row while the size is not known."""
    size, row = values.get(columns.fact, UNKNOWN), rows.values.index(values.get(rows.fact, UNKNOWN))
    return tuple((at, row) for at, value in enumerate(columns.values) if size in (value, UNKNOWN))


def _amount_at(situation: Situation | None, whatif: Mapping[str, str]) -> int:
    """Position of the slider: what was asked for, else the nearest to what was stated, else the middle of its class."""
    asked = whatif.get("n_examples", "")
    if asked.isdigit() and int(asked[:12]) in AMOUNTS:
        return AMOUNTS.index(int(asked[:12]))
    stated = situation.details.get("n_examples") if situation else None
    if stated is not None and stated.amount and stated.amount > 0:
        return min(range(len(AMOUNTS)), key=lambda at: abs(math.log(AMOUNTS[at] / (stated.amount or 1))))
    return {"small": 1, "large": 5}.get(situation.value("dataset_size") if situation else UNKNOWN, 3)
