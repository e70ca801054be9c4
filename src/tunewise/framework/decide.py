"""What the framework advises in a situation, however incomplete.

Written precedence. For one strategy: forbid > require > avoid > recommend, whatever the strength. Among primary
strategies that are supported and not opposed: require before recommend, rules with conditions before general ones,
then the factor of the rule (data before compute), then the narrower rule, then its strength; equal so far, the next
best supporting rule is compared; equal throughout, the framework's ranking. Supporting strategies are ordered alike,
but by strength before factor, so that each stated concern gets its best-founded measure. File order never matters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from tunewise.errors import SituationError
from tunewise.framework.compiled import Compiled, Stance, compile_rules
from tunewise.framework.model import Framework, Source
from tunewise.framework.words import suggestion
from tunewise.types import OF_THE_MODEL, UNKNOWN, Conditional, Recommendation

MAX_CONDITIONAL = 5
Modality = Literal["always", "never", "depends"]


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that fired: on which stated facts, to what effect, in whose words (source, digest or interpretation)."""

    id: str
    facts: Mapping[str, str]
    effects: Mapping[str, str]
    strength: str
    because: Mapping[str, str]
    source: Source | None
    digest: str | None
    interpretation: str | None


@dataclass(frozen=True, slots=True)
class StrategyStatus:
    """What is known about one strategy.

    `stance` is what the rules that fire on the stated facts say. `status` looks at every completion of the facts that
    are not stated: opposed in none of them ("always" admissible), in all ("never"), or it depends on `depends_on`.
    `rules` support the strategy, `against` oppose it (fired rules only).
    """

    strategy: str
    stance: Stance
    status: Modality
    depends_on: tuple[str, ...]
    rules: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Advice for the stated facts: one primary strategy, at most five supporting ones, ranked; and why.

    `settled` is true when no answer to a single open question changes the primary; `conditional` lists the answers
    that do.
    """

    framework: str
    framework_hash: str
    values: Mapping[str, str]
    primary: str | None
    supporting: tuple[str, ...]
    avoid: tuple[str, ...]
    conditional: tuple[Conditional, ...]
    settled: bool
    statuses: Mapping[str, StrategyStatus]
    trace: tuple[FiredRule, ...]

    def recommendation(self) -> Recommendation:
        """The decision as a recommendation of origin "rules".

        To be avoided is named only what the asker's own case speaks against: that a probe changes nothing that a
        generative model writes holds for every such model, and nobody has asked.
        """
        avoid = tuple(strategy for strategy in self.avoid if self._is_of_the_case(strategy))
        return Recommendation(self.primary, self.supporting, avoid, conditional=self.conditional)

    def _is_of_the_case(self, strategy: str) -> bool:
        rules = (rule for rule in self.trace if rule.id in self.statuses[strategy].against)
        return any(not rule.facts.keys() <= OF_THE_MODEL for rule in rules)

    def rules_for(self, strategy: str) -> tuple[FiredRule, ...]:
        """Fired rules that support a strategy, or that oppose it if it is avoided; best known first by id."""
        status = self.statuses[strategy]
        wanted = status.against or status.rules
        return tuple(rule for rule in self.trace if rule.id in wanted)


def checked_values(framework: Framework, values: Mapping[str, str]) -> dict[str, str]:
    """The stated facts, sorted by name, without those whose value is "unknown".

    Raises:
        SituationError: If a fact or value is not the framework's; suggests the nearest one.
    """
    stated: dict[str, str] = {}
    for name in values:
        if name not in framework.facts:
            raise SituationError(f"Unknown fact {str(name)[:80]!r}.{suggestion(str(name)[:80], framework.facts)}")
    for name in sorted(values):
        value, allowed = values[name], framework.facts[name].values
        if value == UNKNOWN:
            continue
        if not isinstance(value, str) or value not in allowed:
            shown = str(value)[:80]
            raise SituationError(
                f"Fact {name!r} is {shown!r}.{suggestion(shown, allowed)} Allowed: {', '.join(allowed)}, {UNKNOWN}."
            )
        stated[name] = value
    return stated


def decide(framework: Framework, values: Mapping[str, str]) -> Decision:
    """Decide a situation; total, deterministic and independent of the order of rules and facts.

    Args:
        framework: The rules to decide by.
        values: Known facts, name → value; facts that are missing or "unknown" stay open.

    Raises:
        SituationError: If a fact or value is not the framework's.
    """
    return _decide(framework, tuple(checked_values(framework, values).items()))


@lru_cache(maxsize=1024)
def _decide(framework: Framework, items: tuple[tuple[str, str], ...]) -> Decision:
    compiled, values = compile_rules(framework), dict(items)
    fired = compiled.fired(values)
    primary, supporting = outline(compiled, values)
    statuses = {id_: _status(framework, values, fired, id_, primary) for id_ in sorted(framework.strategies)}
    opposed = [id_ for id_ in framework.precedence.ranking if statuses[id_].stance in ("avoided", "forbidden")]
    changes = _changes(framework, values, primary)
    return Decision(
        framework=framework.name, framework_hash=framework.hash, values=values, primary=primary,
        supporting=supporting, avoid=tuple(opposed), conditional=changes[:MAX_CONDITIONAL], settled=not changes,
        statuses=statuses, trace=_trace(compiled, values, fired, primary),
    )  # fmt: skip


def outline(compiled: Compiled, values: Mapping[str, str]) -> tuple[str | None, tuple[str, ...]]:
    """Primary and supporting strategies for stated facts; the fast core of `decide`."""
    return _outline(compiled, tuple(sorted(values.items())))


@lru_cache(maxsize=20_000)  # cache
def _outline(compiled: Compiled, items: tuple[tuple[str, str], ...]) -> tuple[str | None, tuple[str, ...]]:
    values = dict(items)
    fired, tenable = compiled.fired(values), _tenable_in(compiled, values)
    primary = _leading(compiled, fired, tenable)
    if primary is None:
        return None, ()
    advised = (id_ for id_ in compiled.ranked_supporting(fired, primary) if tenable(id_, primary))
    return primary, tuple(islice(advised, compiled.max_supporting))


def _leading(compiled: Compiled, fired: int, tenable: Callable[[str, str], bool]) -> str | None:
    """The best primary strategy that holds up in some completion."""
    return next((id_ for id_ in compiled.ranked_primaries(fired) if tenable(id_, id_)), None)


def _tenable_in(compiled: Compiled, values: Mapping[str, str]) -> Callable[[str, str], bool]:
    """Whether a strategy holds up beside a primary in some completion; computes as many as are needed, mostly one."""
    more = compiled.completions_fired(values)
    reached: list[int] = []

    def tenable(strategy: str, primary: str) -> bool:
        if any(compiled.holds_up(fired, strategy, primary) for fired in reached):
            return True
        for fired in more:
            reached.append(fired)
            if compiled.holds_up(fired, strategy, primary):
                return True
        return False

    return tenable


def _changes(framework: Framework, values: Mapping[str, str], primary: str | None) -> tuple[Conditional, ...]:
    """Single answers that change the primary strategy, most important facts first."""
    found: list[Conditional] = []
    compiled = compile_rules(framework)
    answerable = {name for name, spec in framework.facts.items() if not spec.computed and spec.fits(values)}
    for name in sorted(answerable - values.keys(), key=framework.importance):
        for value in framework.facts[name].values:
            answered = {**values, name: value}
            other = _leading(compiled, compiled.fired(answered), _tenable_in(compiled, answered))
            if other is not None and other != primary:
                found.append(Conditional({name: value}, other, outline(compiled, answered)[1]))
    return tuple(found)


def _status(
    framework: Framework, values: Mapping[str, str], fired: int, strategy: str, primary: str | None
) -> StrategyStatus:
    compiled = compile_rules(framework)
    beside = None if strategy == primary else primary
    status, depends_on = compiled.admissibility(values, strategy, beside)
    return StrategyStatus(
        strategy=strategy,
        stance=compiled.stance(fired, strategy, beside),
        status=status,
        depends_on=tuple(sorted(depends_on, key=framework.importance)),
        rules=compiled.ids(compiled.behind(fired, strategy, beside, "require", "recommend")),
        against=compiled.ids(compiled.behind(fired, strategy, beside, "forbid", "avoid")),
    )


def _trace(compiled: Compiled, values: Mapping[str, str], fired: int, primary: str | None) -> tuple[FiredRule, ...]:
    speaking = set(compiled.ids(fired & compiled.speaks[primary]))
    return tuple(
        FiredRule(
            rule.id, {name: values[name] for name in sorted(rule.when)}, dict(sorted(rule.then.items())),
            rule.strength, rule.because, rule.source, rule.digest, rule.interpretation,
        )
        for rule in compiled.rules
        if rule.id in speaking
    )  # fmt: skip
