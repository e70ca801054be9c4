"""Answers to questions about the advice just given, from the decision's trace and the framework's what-if."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunewise.answer.composed import PassageOfRule, citation_of
from tunewise.answer.gate import repeats
from tunewise.answer.phrases import Composed, Phrases, bare
from tunewise.types import Citation, Language, Recommendation, Situation

if TYPE_CHECKING:
    from tunewise.framework import Decision, FiredRule, Framework
    from tunewise.framework.whatif import FlipPoint

MAX_FLIPS = 5


def explain_why_not(
    strategy: str,
    framework: Framework,
    situation: Situation,
    decision: Decision,
    language: Language,
    passage_of_rule: PassageOfRule,
    *,
    recommendation: Recommendation | None = None,
) -> Composed:
    """Why a strategy is not the advice: the rules against it, or for what comes first; and what would change that."""
    from tunewise.framework import smallest_change

    phrases = Phrases(language, framework)
    advice = recommendation or decision.recommendation()
    names = {"noun": phrases.noun(strategy), "primary": phrases.noun(advice.primary or "")}
    status = decision.statuses[strategy]
    if strategy in advice.strategies:
        opening, rules = phrases.texts.say("follow_up", "included", **names), _rules(decision, strategy, for_it=True)
    elif status.against:
        opening, rules = phrases.texts.say("follow_up", "against", **names), _rules(decision, strategy, for_it=False)
    else:
        key = "possible" if status.rules else "unsupported"
        opening, rules = (
            phrases.texts.say("follow_up", key, **names),
            _rules(decision, advice.primary or "", for_it=True),
        )
    reasons, citations = _because(rules, phrases, passage_of_rule, most=3)
    sentences = [opening, *reasons]
    if strategy not in advice.strategies and framework.strategies[strategy].is_primary:
        change = smallest_change(framework, situation.values(), strategy, most=3)
        if change:
            sentences.append(phrases.texts.say("follow_up", "becomes", condition=phrases.conditions(change)))
        elif change is None:
            sentences.append(phrases.texts.say("follow_up", "never"))
    return Composed(phrases.texts.joined(sentences), tuple(citations))


def explain_change(
    framework: Framework,
    situation: Situation,
    decision: Decision,
    language: Language,
    passage_of_rule: PassageOfRule,
    *,
    flips: Sequence[FlipPoint] | None = None,
) -> Composed:
    """What would change the advice: one line for each fact that alone changes the first choice, with its source."""
    from tunewise.framework import decide, flip_points

    phrases = Phrases(language, framework)
    values = situation.values()
    found = list(flips if flips is not None else flip_points(framework, values, language=language))[:MAX_FLIPS]
    primary = phrases.noun(decision.primary or "")
    if not found:
        return Composed(phrases.texts.say("follow_up", "flips_none", primary=primary))
    lines = [phrases.texts.say("follow_up", "flips_intro", primary=primary)]
    citations: list[Citation] = []
    for flip in found:
        then = decide(framework, {**values, flip.fact: flip.after})
        rules = [rule for rule in _rules(then, flip.primary_after, for_it=True) if flip.fact in rule.facts]
        cited = next((c for rule in rules if (c := citation_of(rule, passage_of_rule))), None)
        lines.append(
            phrases.texts.say(
                "follow_up",
                "flip",
                condition=phrases.condition(flip.fact, flip.after),
                amount=_amount(flip, phrases),
                noun=phrases.noun(flip.primary_after),
                mark=phrases.texts.mark(cited),
            )
        )
        citations += [cited] if cited else []
    return Composed("\n".join(lines), tuple(dict.fromkeys(citations)))


def _rules(decision: Decision, strategy: str, *, for_it: bool) -> list[FiredRule]:
    wanted = ("recommend", "require") if for_it else ("avoid", "forbid")
    rules = [rule for rule in decision.trace if rule.effects.get(strategy) in wanted]
    return sorted(rules, key=lambda rule: (rule.source is None, not rule.facts, -len(rule.facts), rule.id))


def _because(
    rules: Sequence[FiredRule], phrases: Phrases, passage_of_rule: PassageOfRule, most: int
) -> tuple[list[str], list[Citation]]:
    said: list[str] = []
    sentences: list[str] = []
    citations: list[Citation] = []
    for rule in rules:
        because = bare(rule.because.get(phrases.language, rule.because["en"]))
        if len(sentences) == most or repeats(because, said, share=0.6, stem=4):
            continue
        cited = citation_of(rule, passage_of_rule)
        said.append(because)
        sentences.append(phrases.texts.say("advice", "reason", because=because, mark=phrases.texts.mark(cited)))
        citations += [cited] if cited else []
    return sentences, list(dict.fromkeys(citations))


def _amount(flip: FlipPoint, phrases: Phrases) -> str:
    if flip.amount is None:
        return ""
    key = "amount_below" if flip.after == "small" else "amount_from"
    return phrases.texts.say("follow_up", key, amount=f"{phrases.texts.number(flip.amount)} {flip.unit}")
