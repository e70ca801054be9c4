"""What the rules say to advice from elsewhere: one sentence for each stance, with the checker's verdict behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tunewise.answer.citations import Composed
from tunewise.answer.composed import Composer
from tunewise.answer.phrases import lowered
from tunewise.framework.check import finding_on, verdict_on
from tunewise.types import Finding, FindingKind, Stance

if TYPE_CHECKING:
    from tunewise.answer.elsewhere import Taken
    from tunewise.framework import FiredRule

_OPEN: tuple[FindingKind, ...] = ("satisfiable", "ambiguous")


@dataclass(frozen=True, slots=True)
class Judged:
    """A stance, its verdict (`check.verdict_on`) with the rules behind that, and the sentence that says so."""

    taken: Taken
    verdict: FindingKind
    rules: tuple[str, ...]
    said: Composed

    def stance(self, sentence: int) -> Stance:
        """The published record; `sentence` is the place of ours that speaks of it."""
        return Stance(sentence, "code", self.taken.strategy, self.taken.stance, self.verdict, self.rules)


def judge_advice(composer: Composer, stances: Iterable[Taken]) -> tuple[Judged, ...]:
    """The verdicts on the stances of a text; none where the facts contradict each other."""
    if composer.advice.primary is None:
        return ()
    return tuple(_judged(composer, taken) for taken in stances)


def _judged(composer: Composer, taken: Taken) -> Judged:
    finding = finding_on(composer.framework, composer.situation, composer.advice, taken.strategy)
    recommended = taken.strategy in composer.advice.strategies
    verdict = verdict_on(finding, taken.stance, recommended=recommended)
    key, rules = _answer(composer, taken, finding, recommended)
    return Judged(taken, verdict, finding.rules, _said(composer, taken, f"{taken.stance}_{key}", finding, rules))


_Key = Literal["first", "second", "addition", "opposed", "unsupported", "open"]


def _answer(composer: Composer, taken: Taken, finding: Finding, recommended: bool) -> tuple[_Key, list[FiredRule]]:
    """How to answer, and the rules whose sentence gives the reason."""
    ours = composer.rules(composer.advice.primary or "")
    if recommended:
        return "first", composer.rules(taken.strategy)
    if finding.kind in _OPEN:
        return "open", []
    if finding.kind == "invalid":
        against = composer.rules(taken.strategy, against=True)
        return ("opposed", against) if against else ("unsupported", ours)
    if composer.framework.strategies[taken.strategy].is_primary:
        return "second", ours
    return "addition", composer.rules(taken.strategy)


def _said(composer: Composer, taken: Taken, key: str, finding: Finding, rules: list[FiredRule]) -> Composed:
    phrases, texts = composer.phrases, composer.phrases.texts
    noun = phrases.noun(taken.strategy)
    rule = next(iter(rules), None)
    parts = {
        "noun": noun,
        "primary": phrases.noun(composer.advice.primary),
        "called": texts.say("elsewhere", "called", quote=texts.quoted(taken.quote))
        if taken.quote and taken.quote.lower() != noun.lower()
        else "",
        "facts": _facts(composer, rule),
        "because": texts.punctuation["colon"] + lowered(composer.because(rule)) if rule else "",
        "holds": phrases.conditions(finding.holds or {}),
        "fails": phrases.conditions(finding.fails or {}),
    }
    return composer.say("elsewhere", key, rule, **parts)


def _facts(composer: Composer, rule: FiredRule | None) -> str:
    """The user's own words for the facts that a rule rests on: ", not with “70 scans”"."""
    facts = composer.situation.facts
    quotes = [facts[name].quote for name in (rule.facts if rule else ()) if name in facts]
    words = [composer.phrases.texts.quoted(quote) for quote in dict.fromkeys(quotes) if quote]
    return composer.say("elsewhere", "facts", quotes=composer.phrases.texts.listed(words)).text if words else ""
