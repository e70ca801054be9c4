"""What may be said of a strategy, given the recommendation and the framework behind it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from tunewise.answer.conditions import FALLS_SHORT, condition_values
from tunewise.answer.stance import Spoken
from tunewise.types import Recommendation

if TYPE_CHECKING:
    from tunewise.framework import Framework

_PROBE = re.compile(r"\bprob(?:e|ing)|frozen features", re.IGNORECASE)


class Stand:
    """Judges how strategies are spoken of.

    Args:
        framework: Gives roles and families of the strategies.
        recommendation: What was decided, with what it depends on in `conditional`.
        values: Known facts.
    """

    def __init__(
        self,
        framework: Framework,
        recommendation: Recommendation,
        values: Mapping[str, str],
    ) -> None:
        self._framework = framework
        self._now = recommendation
        self._avoid = frozenset(recommendation.avoid)
        self._values = dict(values)

    def objection(self, spoken: Spoken, *, cited: bool, literal: bool) -> str | None:
        """Why a mention must not be shown; None if it may.

        Args:
            spoken: The mention, with sign and condition.
            cited: The sentence cites a passage.
            literal: The sentence stands word for word in a passage that was given.
        """
        if spoken.sign == 0:
            return None if cited or literal else self._left_hanging(spoken)
        later = {other.primary for other in self._now.conditional}
        if spoken.sign > 0 and cited and not spoken.urged and set(spoken.mention.ids) <= later - self._avoid:
            return None
        supposed = self._supposed(spoken)
        hypothetical = any(self._values.get(fact) != value for fact, value in supposed.items())
        if spoken.exception and not hypothetical and supposed:
            return None
        if literal and (hypothetical or not supposed):
            return None
        if not hypothetical or spoken.exception:
            return self._against(spoken, self._now, self._avoid, "")
        worlds = self._worlds(supposed)
        objections = [self._against(spoken, world, world.avoid, " under that condition") for world in worlds]
        return None if any(reason is None for reason in objections) else objections[0]

    def _left_hanging(self, spoken: Spoken) -> str | None:
        """A bare mention of what is to be avoided, without a word against it or a source, passes for praise."""
        ids = spoken.mention.ids
        if (
            spoken.set_aside
            or spoken.antecedent
            or spoken.condition
            or spoken.mention.kind != "strategy"
            or ids[0] not in self._avoid
        ):
            return None
        primary = ids[0] in self._framework.strategies and self._framework.strategies[ids[0]].is_primary
        return f"speaks of {ids[0]}, which is not recommended, without saying so" if primary else None

    def _supposed(self, spoken: Spoken) -> dict[str, str]:
        """Values that the mention's condition supposes, in the framework's facts."""
        values = condition_values(spoken.condition) if spoken.condition else {}
        if values.pop(FALLS_SHORT, None):
            values.setdefault("baseline", "insufficient")
        if "baseline" in values and self._is_about_probe(spoken):
            measured = values.pop("baseline")
            values.setdefault("frozen_features", "sufficient" if measured == "good_enough" else measured)
        return {
            fact: value
            for fact, value in values.items()
            if fact in self._framework.facts and value in self._framework.facts[fact].values
        }

    def _is_about_probe(self, spoken: Spoken) -> bool:
        """Was it a linear probe that "falls short", rather than the untouched model?"""
        named = _PROBE.search(spoken.condition or "") is not None
        says_what = re.search(r"model|baseline", spoken.condition or "", re.IGNORECASE) is not None
        primary = self._framework.strategies.get(self._now.primary or "")
        probes = primary is not None and primary.trains and not self._is_fine_tuning(primary.id)
        return named or (probes and not says_what)

    def _is_fine_tuning(self, strategy: str) -> bool:
        kinds = [family for family in self._framework.families.values() if family.means == "kind"]
        return any(strategy in kind.members for kind in kinds)

    def _worlds(self, supposed: Mapping[str, str]) -> list[Recommendation]:
        """Recommendations under a supposition: those stated as conditional, and the framework's own."""
        stated = [
            Recommendation(other.primary, other.supporting)
            for other in self._now.conditional
            if all(supposed.get(fact, self._values.get(fact)) == value for fact, value in other.when.items())
        ]
        return [*stated, self._decide({**self._values, **supposed})]

    def _against(self, spoken: Spoken, world: Recommendation, avoid: Collection[str], under: str) -> str | None:
        mention = spoken.mention
        name = mention.ids[0] if len(mention.ids) == 1 else "/".join(mention.ids)
        if mention.kind == "umbrella":
            return self._umbrella(spoken.sign, world, under)
        if spoken.sign > 0:
            fine = [self._may_recommend(id_, world, avoid) for id_ in mention.ids]
            good = any(fine) if mention.kind == "family" else all(fine)
            return None if good else f"speaks for {name}, which is not recommended{under}"
        named = [id_ in world.strategies for id_ in mention.ids]
        bad = any(named) if mention.kind == "family" else all(named)
        return f"speaks against {name}, which is recommended{under}" if bad else None

    def _may_recommend(self, id_: str, world: Recommendation, avoid: Collection[str]) -> bool:
        if id_ in world.strategies:
            return True
        if id_ in avoid or id_ not in self._framework.strategies:
            return False
        if id_ in self._framework.always_welcome:
            return True
        either = [set(one.members) for one in self._framework.families.values() if one.means == "any"]
        if any({id_, world.primary} == members for members in either):
            return True
        return not self._framework.strategies[id_].is_primary

    def _umbrella(self, sign: int, world: Recommendation, under: str) -> str | None:
        """Fine-tuning as such: not to be urged where nothing is trained, nor talked down where something is."""
        primary = self._framework.strategies.get(world.primary or "")
        if primary is None:
            return None
        if sign > 0 and primary.is_idle:
            return f"speaks for fine-tuning, which is not recommended{under}"
        if sign < 0 and self._is_fine_tuning(primary.id):
            return f"speaks against fine-tuning, which is recommended{under}"
        return None

    def _decide(self, values: Mapping[str, str]) -> Recommendation:
        from tunewise.framework import decide

        return decide(self._framework, values).recommendation()
