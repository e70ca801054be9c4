"""Facts that messages only seem to state: which of them to ask about, and what the user answered.

Both answers are edits. A yes gives the fact the proposed value; a no is the value "not low", which takes nothing for
granted: the fact stays as it is, and the same is not proposed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tunewise.framework import supposed
from tunewise.types import UNKNOWN, ProposedFact, Situation

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

MOST_PROPOSED = 2  # shown at once
_NOT = "not_"


def open_proposals(
    framework: Framework,
    situation: Situation,
    new: Iterable[ProposedFact],
    earlier: Iterable[ProposedFact] = (),
    refused: Iterable[tuple[str, str]] = (),
) -> tuple[ProposedFact, ...]:
    """Proposals to ask about, one a fact: those that change the first choice before those that change anything.

    Args:
        framework: Decides what a proposal would change.
        situation: The facts that hold. A clashing fact is asked about as such, so it is not proposed.
        new: What the last message seems to state; it may contradict what was known before.
        earlier: What earlier messages seemed to state; a fact that is known by now answers them.
        refused: (fact, value) that the user said no to.
    """
    told, clashing = frozenset(refused), {clash.fact for clash in situation.clashes}
    still = [each for each in earlier if situation.value(each.fact) == UNKNOWN]
    kept: dict[str, ProposedFact] = {}
    for each in (*new, *still):
        spec = framework.facts.get(each.fact)
        makes_sense = spec is not None and each.value in spec.values and each.fact not in clashing
        if makes_sense and (each.fact, each.value) not in told and situation.value(each.fact) != each.value:
            kept.setdefault(each.fact, each)
    return tuple(sorted(kept.values(), key=lambda each: _weight(framework, situation, each)))


def _weight(framework: Framework, situation: Situation, proposed: ProposedFact) -> tuple[bool, bool, object]:
    values = situation.values()
    now, then = supposed(framework, values, {}), supposed(framework, values, {proposed.fact: proposed.value})
    return now.primary == then.primary, now.supporting == then.supporting, framework.importance(proposed.fact)


def refusals(changes: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """The (fact, value) that edits say no to."""
    answers = {name: plain_value(text) for name, text in changes.items()}
    return frozenset((name, value.removeprefix(_NOT)) for name, value in answers.items() if value.startswith(_NOT))


def refused_value(value: str) -> str | None:
    """What a plain value says no to; None if it is no refusal."""
    return value.removeprefix(_NOT) if value.startswith(_NOT) else None


def plain_value(text: str) -> str:
    """What was typed as an id: "Not low" is "not_low"."""
    return "_".join(str(text).lower().split())


def with_quotes(situation: Situation, proposed: Iterable[ProposedFact], changes: Mapping[str, str]) -> Situation:
    """Edits that say yes to a proposal, with the words that they confirm."""
    facts = dict(situation.facts)
    for each in proposed:
        fact = facts.get(each.fact)
        if fact and each.fact in changes and fact.value == each.value:
            facts[each.fact] = replace(fact, quote=each.quote)
    return replace(situation, facts=facts)
