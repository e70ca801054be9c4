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

from tunewise.errors import SituationError
from tunewise.framework.compiled import Compiled, compile_rules
from tunewise.framework.decide import checked_values, outline
from tunewise.framework.model import Framework
from tunewise.framework.words import in_words, suggestion
from tunewise.types import Clash, Conditional, Finding, FindingKind, Recommendation, Situation, Verdict

WORST_FIRST: tuple[FindingKind, ...] = (
    "impossible", "invalid", "not_checked", "ambiguous", "satisfiable", "no_recommendation", "valid",
)  # fmt: skip
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
        findings += _Checker(framework, values).findings(recommendation)
        findings += _conditional_findings(framework, values, recommendation)
    ordered = sorted(findings, key=lambda finding: WORST_FIRST.index(finding.kind))
    return Verdict(ordered[0].kind, tuple(ordered))


def repaired(framework: Framework, situation: Situation, recommendation: Recommendation) -> Recommendation:
    """The recommendation with every repair of its verdict applied; its own verdict is not `invalid` any more."""
    values = checked_values(framework, situation.values())
    checker = _Checker(framework, values)
    primary = checker.primary_to_be(recommendation)
    supporting = tuple(checker.kept(recommendation, primary))
    missing = [id_ for id_ in checker.required(primary) if id_ not in supporting]
    supporting = (*missing, *supporting)[:MOST_SUPPORTING]
    avoid = tuple(id_ for id_ in recommendation.avoid if id_ != primary and id_ not in supporting)
    return replace(recommendation, primary=primary, supporting=supporting, avoid=avoid, conditional=())


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
    return _Checker(framework, {**values, **added}).findings(inner)


class _Checker:
    """Findings about one recommendation under stated facts."""

    def __init__(self, framework: Framework, values: Mapping[str, str]) -> None:
        self.framework = framework
        self.compiled: Compiled = compile_rules(framework)
        self.values = values
        self.fired = self.compiled.fired(values)
        self.fired_in = list(self.compiled.completions_fired(values))

    def findings(self, recommendation: Recommendation) -> list[Finding]:
        found: list[Finding] = []
        strategies = list(dict.fromkeys(recommendation.strategies))
        for strategy in strategies:
            found.append(self._finding(strategy, recommendation))
        supporting = [id_ for id_ in strategies if id_ != recommendation.primary]
        if len(supporting) > MOST_SUPPORTING:
            surplus = supporting[MOST_SUPPORTING:]
            message = f"{len(supporting)} supporting strategies; at most {MOST_SUPPORTING} are advice."
            found.append(Finding("invalid", message, repair={"remove": surplus}))
        for strategy in self.required(recommendation.primary):
            if strategy not in strategies:
                rules = self._ids(strategy, recommendation.primary, "require")
                message = f"{strategy} is required and missing ({self._cited(rules)})."
                found.append(Finding("invalid", message, strategy, rules, self._facts(rules), {"add": [strategy]}))
        for strategy in recommendation.avoid:
            if strategy in strategies:
                message = f"{strategy} is both recommended and to be avoided."
                found.append(Finding("invalid", message, strategy, repair={"remove": [strategy]}))
        return found

    def _finding(self, strategy: str, recommendation: Recommendation) -> Finding:
        if strategy not in self.framework.strategies:
            hint = suggestion(str(strategy), self.framework.strategies)
            return Finding("not_checked", f"No strategy {str(strategy)[:80]!r} in this framework.{hint}", strategy)
        primary = recommendation.primary
        if strategy == primary and not self.framework.strategies[strategy].is_primary:
            message = f"{strategy} accompanies a primary strategy; it cannot be the primary one."
            return Finding("invalid", message, strategy, repair=self._repair(strategy, recommendation))
        beside = primary if primary in self.compiled.speaks else None
        verdicts = [self.compiled.holds_up(fired, strategy, beside) for fired in self.fired_in]
        if all(verdicts):
            return self._valid(strategy, beside)
        if not any(verdicts):
            return self._invalid(strategy, beside, recommendation)
        return self._satisfiable(strategy, beside, verdicts)

    def _valid(self, strategy: str, primary: str | None) -> Finding:
        rules = self._ids(strategy, self._beside(strategy, primary), "require", "recommend")
        return Finding("valid", f"{strategy} follows from {self._cited(rules)}.", strategy, rules, self._facts(rules))

    def _invalid(self, strategy: str, primary: str | None, recommendation: Recommendation) -> Finding:
        rules = self._ids(strategy, self._beside(strategy, primary), "forbid", "avoid")
        if rules:
            message = f"{strategy} contradicts {self._cited(rules)}."
        elif strategy == primary and (best := outline(self.compiled, self.values)[0]):
            rules = self._ids(best, None, "require", "recommend")
            message = f"No rule supports {strategy} here; {best} follows from {self._cited(rules)}."
        else:
            message = f"No rule supports {strategy} here."
        repair = self._repair(strategy, recommendation)
        return Finding("invalid", message, strategy, rules, self._facts(rules), repair)

    def _satisfiable(self, strategy: str, primary: str | None, verdicts: list[bool]) -> Finding:
        holds, fails, ask = self._split(verdicts)
        names = tuple(sorted({*holds, *fails}))
        message = f"{strategy} holds if {in_words(holds)}, and fails if {in_words(fails)}."
        fired = next(fired for fired, verdict in zip(self.fired_in, verdicts, strict=True) if not verdict)
        beside = self._beside(strategy, primary)
        against = self.compiled.ids(self.compiled.behind(fired, strategy, beside, "forbid", "avoid"))
        rules = tuple(sorted({*self._ids(strategy, beside, "require", "recommend"), *against}))
        return Finding("satisfiable", message, strategy, rules, names, None, holds, fails, ask)

    def _split(self, verdicts: list[bool]) -> tuple[dict[str, str], dict[str, str], str]:
        """Smallest assignments under which the strategy holds up, or fails, whatever the rest; and the fact to ask."""
        holds = self._smallest(verdicts, wanted=True)
        fails = self._smallest(verdicts, wanted=False, prefer=tuple(holds))
        both = [name for name in holds if name in fails] or [*holds, *fails]
        ask = min(both, key=self.framework.importance)
        return holds, fails, ask

    def _smallest(self, verdicts: list[bool], *, wanted: bool, prefer: tuple[str, ...] = ()) -> dict[str, str]:
        facts = self.framework.facts
        names = [name for name in self.compiled.branching if name not in self.values]
        worlds = list(self.compiled.completions(self.values))
        names.sort(key=lambda name: (name not in prefer, self.framework.importance(name)))
        for size in range(1, len(names) + 1):
            for chosen in combinations(names, size):
                for row in product(*(facts[name].values for name in chosen)):
                    assignment = dict(zip(chosen, row, strict=True))
                    covered = [
                        verdict for full, verdict in zip(worlds, verdicts, strict=True)
                        if assignment.items() <= full.items()
                    ]  # fmt: skip
                    if all(verdict is wanted for verdict in covered):
                        return assignment
        raise AssertionError("a complete assignment always decides")

    def required(self, primary: str | None) -> tuple[str, ...]:
        """Supporting strategies that fired rules require beside `primary`."""
        beside = primary if primary in self.compiled.speaks else None
        return tuple(
            id_ for id_ in self.compiled.supporters
            if id_ != primary and self.compiled.stance(self.fired, id_, beside) == "required"
        )  # fmt: skip

    def primary_to_be(self, recommendation: Recommendation) -> str | None:
        """The recommended primary if it holds up in some completion, else the one that the rules give."""
        primary = recommendation.primary
        if primary in self.compiled.primaries and self._holds_somewhere(primary, primary):
            return primary
        return outline(self.compiled, self.values)[0]

    def kept(self, recommendation: Recommendation, primary: str | None) -> Iterator[str]:
        """Supporting strategies that hold up in some completion beside `primary`."""
        for strategy in dict.fromkeys(recommendation.supporting):
            if (
                strategy in self.framework.strategies
                and strategy != primary
                and self._holds_somewhere(strategy, primary)
            ):
                yield strategy

    def _holds_somewhere(self, strategy: str, primary: str | None) -> bool:
        return any(self.compiled.holds_up(fired, strategy, primary) for fired in self.fired_in)

    def _repair(self, strategy: str, recommendation: Recommendation) -> dict[str, object]:
        if strategy != recommendation.primary:
            return {"remove": [strategy]}
        primary = self.primary_to_be(recommendation)
        repair: dict[str, object] = {"primary": primary}
        kept = set(self.kept(recommendation, primary))
        before = set(self.kept(recommendation, strategy))
        if lost := sorted(before - kept):
            repair["remove"] = lost
        return repair

    @staticmethod
    def _beside(strategy: str, primary: str | None) -> str | None:
        return None if strategy == primary else primary

    def _ids(self, strategy: str, primary: str | None, *actions: str) -> tuple[str, ...]:
        beside = primary if primary in self.compiled.speaks else None
        return self.compiled.ids(self.compiled.behind(self.fired, strategy, beside, *actions))  # type: ignore[arg-type]

    def _facts(self, rules: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({name for id_ in rules for name in self.framework.rules[id_].when}))

    @staticmethod
    def _cited(rules: tuple[str, ...]) -> str:
        noun = "rule" if len(rules) == 1 else "rules"
        return f"{noun} {', '.join(rules)}" if rules else "the rules in every completion"
