"""Answers to questions about the advice just given, from the decision's trace and the framework's what-if."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed
from tunewise.answer.composed import MAX_REASONS, Composer
from tunewise.answer.overlap import repeats

if TYPE_CHECKING:
    from tunewise.framework import FiredRule
    from tunewise.framework.whatif import FlipPoint

MAX_FLIPS = 5


def why_not(composer: Composer, strategy: str) -> Composed:
    """Why a strategy is not the advice: the rules against it, or for what comes first; and what would change that."""
    from tunewise.framework import smallest_change

    advice, phrases = composer.advice, composer.phrases
    status = composer.decision.statuses[strategy]
    if strategy in advice.strategies:
        key, rules = "included", composer.rules(strategy)
    elif status.against:
        key, rules = "against", composer.rules(strategy, against=True)
    else:
        key, rules = "possible" if status.rules else "unsupported", composer.rules(advice.primary or "")
    opening = composer.say("follow_up", key, noun=phrases.noun(strategy), primary=phrases.noun(advice.primary))
    said = [opening, *_reasons(composer, rules)]
    if key != "included" and composer.framework.strategies[strategy].is_primary:
        change = smallest_change(composer.framework, composer.situation.values(), strategy, most=3)
        if change:
            said.append(composer.say("follow_up", "becomes", condition=phrases.conditions(change)))
        elif change is None:
            said.append(composer.say("follow_up", "never"))
    return phrases.joined(said)


def what_would_change(composer: Composer) -> Composed:
    """One line for each fact that alone changes the first choice, with its source."""
    from tunewise.framework import flip_points

    phrases = composer.phrases
    flips = flip_points(composer.framework, composer.situation.values(), language=phrases.language)[:MAX_FLIPS]
    primary = phrases.noun(composer.decision.primary)
    if not flips:
        return composer.say("follow_up", "flips_none", primary=primary)
    lines = [composer.say("follow_up", "flips_intro", primary=primary), *(_line(composer, flip) for flip in flips)]
    return Composed("\n".join(line.text for line in lines), phrases.joined(lines).citations)


def _line(composer: Composer, flip: FlipPoint) -> Composed:
    from tunewise.framework import decide

    texts, phrases = composer.phrases.texts, composer.phrases
    then = decide(composer.framework, {**composer.situation.values(), flip.fact: flip.after})
    rules = [rule for rule in composer.rules(flip.primary_after, decision=then) if flip.fact in rule.facts]
    amount = ""
    if flip.amount is not None:
        key = "amount_below" if flip.below else "amount_from"
        amount = texts.say("follow_up", key, amount=f"{texts.number(flip.amount)} {flip.unit}")
    condition, noun = phrases.condition(flip.fact, flip.after), phrases.noun(flip.primary_after)
    ground = next(filter(composer.citation, rules), None)
    return composer.say("follow_up", "flip", ground, condition=condition, amount=amount, noun=noun)


def _reasons(composer: Composer, rules: list[FiredRule]) -> list[Composed]:
    said: dict[str, Composed] = {}
    for rule in rules:
        because = composer.because(rule)
        if len(said) < MAX_REASONS and not repeats(because, said, share=0.6, stem=4):
            said[because] = composer.say("advice", "reason", rule, because=because)
    return list(said.values())
