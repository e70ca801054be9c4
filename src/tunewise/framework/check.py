"""The checker: whether a recommendation follows from the stated facts, contradicts them, or hangs on an open fact.

A strategy *holds up* in a completion of the situation facts when some rule supports it and none opposes it (a primary
strategy also has to give way to a required one). It is `valid` if it holds up in every completion, `invalid` if in
none, `satisfiable` otherwise. The verdict is the worst finding, in the order of `WORST_FIRST`. Only the strategies and
conditions of a recommendation are read; its origin and assumptions never are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Literal

from tunewise.errors import SituationError
from tunewise.framework.compiled import compile_rules
from tunewise.framework.decide import checked_values, outline
from tunewise.framework.model import Action, Framework
from tunewise.framework.words import in_words, suggestion
from tunewise.types import Clash, Conditional, Finding, FindingKind, Recommendation, Situation, Verdict

WORST_FIRST: tuple[FindingKind, ...] = (
    "impossible", "invalid", "not_checked", "ambiguous", "satisfiable", "no_recommendation", "valid",
)  # fmt: skip
SUPPORT: tuple[Action, ...] = ("require", "recommend")
AGAINST: tuple[Action, ...] = ("forbid", "avoid")
MOST_SUPPORTING = 5


def check(framework: Framework, situation: Situation, recommendation: Recommendation | None) -> Verdict:
    """Check a recommendation against the framework; fails closed.

    Raises:
        SituationError: If the situation names facts or values that the framework lacks.
    """
    values = checked_values(framework, situation.values())
    findings = [_clash(clash) for clash in situation.clashes]
    if recommendation is None or not (recommendation.primary or recommendation.supporting):
        findings.append(Finding("no_recommendation", "There is no recommendation to check."))
    else:
        findings += _Checker(framework, values, recommendation).findings()
        findings += _conditional_findings(framework, values, recommendation)
    ordered = sorted(findings, key=lambda finding: WORST_FIRST.index(finding.kind))
    return Verdict(ordered[0].kind, tuple(ordered))


def finding_on(framework: Framework, situation: Situation, ours: Recommendation, strategy: str) -> Finding:
    """The finding on one strategy that somebody advises: as the first choice, or beside ours if it accompanies one."""
    leads = framework.strategies[strategy].is_primary and strategy not in ours.supporting
    asked = Recommendation(strategy) if leads else Recommendation(ours.primary, (strategy,))
    findings = check(framework, situation, asked).findings
    return next(finding for finding in findings if finding.strategy == strategy)


def verdict_on(finding: Finding, stance: Literal["for", "against"], *, recommended: bool) -> FindingKind:
    """The verdict on advice for or against the strategy of a finding.

    Advice against a strategy is `invalid` where the rules recommend the strategy, `satisfiable` where that hangs on an
    open fact, else `valid`.
    """
    if stance == "against" and finding.kind not in ("satisfiable", "ambiguous"):
        return "invalid" if recommended else "valid"
    return finding.kind


def _clash(clash: Clash) -> Finding:
    readings = " and ".join(f"{value!r} in “{quote}”" for value, quote in clash.readings)
    if clash.kind == "impossible":
        return Finding(
            "impossible", f"{clash.fact} is stated in ways that cannot both hold: {readings}.", facts=(clash.fact,)
        )
    return Finding(
        "ambiguous", f"{clash.fact} can be read in more than one way: {readings}.", facts=(clash.fact,), ask=clash.fact
    )


def _conditional_findings(
    framework: Framework, values: Mapping[str, str], recommendation: Recommendation
) -> Iterator[Finding]:
    """Findings against what is recommended under a stated condition, each prefixed with the condition."""
    for conditional in recommendation.conditional:
        where = in_words(conditional.when)
        for finding in _under_condition(framework, values, conditional):
            if finding.kind not in ("valid", "satisfiable"):
                yield replace(finding, message=f"If {where}: {finding.message}", repair=None)


def _under_condition(framework: Framework, values: Mapping[str, str], conditional: Conditional) -> list[Finding]:
    try:
        added = checked_values(framework, conditional.when)
    except SituationError as error:
        return [Finding("not_checked", str(error), strategy=conditional.primary)]
    if not added or any(values.get(name, value) != value for name, value in added.items()):
        return [
            Finding("not_checked", "The condition is empty or contradicts a stated fact.", strategy=conditional.primary)
        ]
    inner = Recommendation(conditional.primary, conditional.supporting)
    return list(_Checker(framework, {**values, **added}, inner).findings())


class _Checker:
    """Findings about one recommendation under stated facts."""

    def __init__(self, framework: Framework, values: Mapping[str, str], recommendation: Recommendation) -> None:
        self.framework = framework
        self.compiled = compile_rules(framework)
        self.values = values
        self.recommendation = recommendation
        self.primary = recommendation.primary if recommendation.primary in self.compiled.speaks else None
        self.fired = self.compiled.fired(values)
        self.fired_in = list(self.compiled.completions_fired(values))

    def findings(self) -> Iterator[Finding]:
        """One finding for each strategy, then those about the recommendation as a whole."""
        strategies = list(dict.fromkeys(self.recommendation.strategies))
        yield from map(self._finding, strategies)
        supporting = [id_ for id_ in strategies if id_ != self.recommendation.primary]
        if surplus := supporting[MOST_SUPPORTING:]:
            message = f"{len(supporting)} supporting strategies; at most {MOST_SUPPORTING} are advice."
            yield Finding("invalid", message, repair={"remove": surplus})
        for strategy in self.compiled.supporters:
            if strategy not in strategies and self.compiled.stance(self.fired, strategy, self.primary) == "required":
                rules = self._rules(strategy, self.primary, "require")
                message = f"{strategy} is required and missing ({_cited(rules)})."
                yield Finding("invalid", message, strategy, rules, self._facts(rules), {"add": [strategy]})
        for strategy in self.recommendation.avoid:
            if strategy in strategies:
                message = f"{strategy} is both recommended and to be avoided."
                yield Finding("invalid", message, strategy, repair={"remove": [strategy]})

    def _finding(self, strategy: str) -> Finding:
        if strategy not in self.framework.strategies:
            hint = suggestion(str(strategy), self.framework.strategies)
            return Finding("not_checked", f"No strategy {str(strategy)[:80]!r} in this framework.{hint}", strategy)
        if strategy == self.primary and not self.framework.strategies[strategy].is_primary:
            message = f"{strategy} accompanies a primary strategy; it cannot be the primary one."
            return Finding("invalid", message, strategy, repair=self._repair(strategy))
        beside = None if strategy == self.primary else self.primary
        verdicts = [self.compiled.holds_up(fired, strategy, self.primary) for fired in self.fired_in]
        if all(verdicts):
            rules = self._rules(strategy, beside, *SUPPORT)
            return Finding("valid", f"{strategy} follows from {_cited(rules)}.", strategy, rules, self._facts(rules))
        if not any(verdicts):
            return self._invalid(strategy, beside)
        return self._satisfiable(strategy, beside, verdicts)

    def _invalid(self, strategy: str, beside: str | None) -> Finding:
        rules = self._rules(strategy, beside, *AGAINST)
        if rules:
            message = f"{strategy} contradicts {_cited(rules)}."
        elif strategy == self.primary and (best := outline(self.compiled, self.values)[0]):
            rules = self._rules(best, None, *SUPPORT)
            message = f"No rule supports {strategy} here; {best} follows from {_cited(rules)}."
        else:
            message = f"No rule supports {strategy} here."
        return Finding("invalid", message, strategy, rules, self._facts(rules), self._repair(strategy))

    def _satisfiable(self, strategy: str, beside: str | None, verdicts: list[bool]) -> Finding:
        holds, fails, ask = self._split(verdicts)
        message = f"{strategy} holds if {in_words(holds)}, and fails if {in_words(fails)}."
        failing = self.fired_in[verdicts.index(False)]
        against = self.compiled.ids(self.compiled.behind(failing, strategy, beside, *AGAINST))
        rules = tuple(sorted({*self._rules(strategy, beside, *SUPPORT), *against}))
        return Finding(
            "satisfiable", message, strategy, rules, tuple(sorted({*holds, *fails})), None, holds, fails, ask
        )

    def _split(self, verdicts: list[bool]) -> tuple[dict[str, str], dict[str, str], str]:
        """Smallest assignments under which the strategy holds up, or fails, whatever the rest; and the fact to ask."""
        holds = self._smallest(verdicts, wanted=True)
        fails = self._smallest(verdicts, wanted=False, prefer=tuple(holds))
        both = [name for name in holds if name in fails] or [*holds, *fails]
        return holds, fails, min(both, key=self.framework.importance)

    def _smallest(self, verdicts: list[bool], *, wanted: bool, prefer: tuple[str, ...] = ()) -> dict[str, str]:
        names = [name for name in self.compiled.branching if name not in self.values]
        names.sort(key=lambda name: (name not in prefer, self.framework.importance(name)))
        decided = list(zip(self.compiled.completions(self.values), verdicts, strict=True))
        for size in range(1, len(names) + 1):
            for chosen in combinations(names, size):
                for row in product(*(self.compiled.values[name] for name in chosen)):
                    assignment = dict(zip(chosen, row, strict=True))
                    if all(verdict is wanted for full, verdict in decided if assignment.items() <= full.items()):
                        return assignment
        raise AssertionError("a complete assignment always decides")

    def _repair(self, strategy: str) -> dict[str, object]:
        """What to do about a strategy that does not hold up: go, or give way to the primary that the rules give."""
        if strategy != self.recommendation.primary:
            return {"remove": [strategy]}
        primary = outline(self.compiled, self.values)[0]
        lost = self._kept(strategy) - self._kept(primary)
        return {"primary": primary, **({"remove": sorted(lost)} if lost else {})}

    def _kept(self, primary: str | None) -> set[str]:
        """Recommended supporting strategies that hold up beside `primary` in some completion."""
        return {
            id_ for id_ in self.recommendation.supporting
            if id_ in self.framework.strategies and id_ != primary
            and any(self.compiled.holds_up(fired, id_, primary) for fired in self.fired_in)
        }  # fmt: skip

    def _rules(self, strategy: str, beside: str | None, *actions: Action) -> tuple[str, ...]:
        return self.compiled.ids(self.compiled.behind(self.fired, strategy, beside, *actions))

    def _facts(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({name for id_ in rules for name in self.framework.rules[id_].when}))


def _cited(rules: tuple[str, ...]) -> str:
    noun = "rule" if len(rules) == 1 else "rules"
    return f"{noun} {', '.join(rules)}" if rules else "the rules in every completion"
