"""Answers to questions about the advice just given, from the decision's trace and the framework's what-if."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.answer.changes import changes
from tunewise.answer.citations import Composed
from tunewise.answer.composed import MAX_REASONS, Composer, quotes_of, words_in
from tunewise.answer.overlap import repeats
from tunewise.types import Citation, FollowUp, Recommendation, Reply, Situation

if TYPE_CHECKING:
    from tunewise.framework import FiredRule
    from tunewise.framework.whatif import FlipPoint

MAX_FLIPS = 5
MAX_FLIPS_AGAIN = 3
MAX_WORDS = 100


@dataclass(frozen=True, slots=True)
class Talk:
    """What a reply about the conversation is made from.

    `composer` speaks about the advice that counts, `earlier` and `before` are the recommendation and the situation
    before it, `last` is the last reply of any kind, `titles` gives a cited document's title. Before any advice
    (`advised`) the composer says what the framework advises on what is known.
    """

    composer: Composer
    request: FollowUp
    advised: bool = True
    last: Reply | None = None
    earlier: Recommendation | None = None
    before: Situation | None = None
    titles: Callable[[Citation], str] = lambda citation: citation.document


def why(composer: Composer) -> Composed:
    """The facts and the rules that the first choice rests on."""
    phrases, points = composer.phrases, composer.points()
    facts = quoted_facts(composer)
    opening = composer.say(
        "follow_up", "because" if facts else "because_nothing", noun=phrases.noun(composer.advice.primary), facts=facts
    )
    rules = _reasons(composer, composer.rules(composer.advice.primary or ""))
    return brief(composer, (opening, *rules[:1], *points.avoid[:1], *points.reasons[:1]))


def why_not(composer: Composer, strategy: str) -> Composed:
    """Why a strategy is not the advice: the rules against it, or for what comes first; and what would change that."""
    advice, phrases = composer.advice, composer.phrases
    status = composer.decision.statuses[strategy]
    if strategy in advice.strategies:
        key, rules = "first" if strategy == advice.primary else "included", composer.rules(strategy)
    elif status.against:
        key, rules = "against", composer.rules(strategy, against=True)
    else:
        key, rules = "possible" if status.rules else "unsupported", composer.rules(advice.primary or "")
    opening = composer.say("follow_up", key, noun=phrases.noun(strategy), primary=phrases.noun(advice.primary))
    said = [opening, *_reasons(composer, rules)]
    if strategy not in advice.strategies and composer.framework.strategies[strategy].is_primary:
        said += _becomes(composer, strategy, "becomes", "never")
    return brief(composer, said)


def which_of_two(composer: Composer, strategies: Sequence[str]) -> Composed:
    """The one of two strategies that fits better, why, and what speaks against the other."""
    one, other = sorted(strategies[:2], key=lambda id_: _place(composer, id_))
    advice, phrases = composer.advice, composer.phrases
    key = "two_first" if one == advice.primary else "two_closer"
    if {one, other} <= set(advice.strategies):
        key = "two_both"
    elif composer.decision.statuses[one].against:
        key = "two_neither"
    nouns = {"noun": phrases.noun(one), "other": phrases.noun(other), "primary": phrases.noun(advice.primary)}
    said = [composer.say("follow_up", key, None, **nouns), *_reasons(composer, composer.rules(one))[:2]]
    said += _reasons(composer, composer.rules(other, against=True))[:1]
    if key != "two_both" and composer.framework.strategies[other].is_primary:
        said += _becomes(composer, other, "becomes_noun")
    return brief(composer, said)


def verdict(composer: Composer) -> Composed:
    """Yes, not yet or no to training, with the first reason and what would make it a yes to training everything."""
    primary = composer.framework.strategies[composer.advice.primary or ""]
    key = "verdict_train" if primary.trains else "verdict_leave" if primary.is_idle else "verdict_measure"
    return _again(composer, key)


def stands(composer: Composer) -> Composed:
    """The advice once more, in two or three sentences."""
    return _again(composer, "stands")


def unsourced(composer: Composer) -> Composed:
    """That the sources say nothing on a question, and what the framework says."""
    return _again(composer, "unsourced")


def back(composer: Composer) -> Composed:
    """The standing advice after a what-if."""
    facts = quoted_facts(composer)
    opening = composer.instruction("follow_up", "back" if facts else "stands", facts=facts)
    return brief(composer, (opening, *grounds(composer), *composer.points().change))


def difference(talk: Talk) -> Composed:
    """Whether the last advice differs from the one before, and what would change it now."""
    composer, phrases = talk.composer, talk.composer.phrases
    said = changes(phrases, talk.before, composer.situation) if talk.before and talk.earlier else []
    if not said or talk.earlier is None:
        return what_would_change(composer)
    key = "unchanged" if talk.earlier.primary == composer.advice.primary else "changed"
    parts = {"before": phrases.noun(talk.earlier.primary), "noun": phrases.noun(composer.advice.primary)}
    told = phrases.texts.punctuation["semicolon"].join(said)
    opening = composer.say("follow_up", key, None, changes=told, **parts)
    flips = _flips(composer)[:MAX_FLIPS_AGAIN]
    lines = [opening, composer.say("follow_up", "flips_again"), *flips] if flips else [opening]
    return Composed("\n".join(line.text for line in lines), phrases.joined(lines).citations)


def what_would_change(composer: Composer) -> Composed:
    """One line for each fact that alone changes the first choice, with its source."""
    phrases = composer.phrases
    flips = _flips(composer)
    primary = phrases.noun(composer.decision.primary)
    if not flips:
        return composer.say("follow_up", "flips_none", primary=primary)
    lines = [composer.say("follow_up", "flips_intro", primary=primary), *flips]
    return Composed("\n".join(line.text for line in lines), phrases.joined(lines).citations)


def _flips(composer: Composer) -> list[Composed]:
    from tunewise.framework import flip_points

    values, code = composer.situation.values(), composer.phrases.language
    return [_line(composer, flip) for flip in flip_points(composer.framework, values, language=code)[:MAX_FLIPS]]


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


def quoted_facts(composer: Composer) -> str:
    """The user's words for the facts that count most, or else the facts by their names; "" where none is given."""
    phrases = composer.phrases
    if quotes := quotes_of(composer.situation):
        return phrases.texts.listed([phrases.texts.quoted(quote) for quote in quotes])
    known = [fact for fact in composer.situation.facts.values() if fact.known and fact.status != "assumed"]
    return phrases.texts.punctuation["semicolon"].join(phrases.fact(fact.name, fact.value) for fact in known)


def grounds(composer: Composer) -> tuple[Composed, ...]:
    """The one sentence that says most for the advice: what speaks against more, or else for this."""
    return composer.points().avoid[:1] or tuple(_reasons(composer, composer.rules(composer.advice.primary or ""))[:1])


def brief(composer: Composer, said: Iterable[Composed], most: int = MAX_WORDS) -> Composed:
    """Sentences as one paragraph; those that would make it too long are left out."""
    kept: list[Composed] = []
    for one in dict.fromkeys(said):
        if not kept or words_in(" ".join(each.text for each in (*kept, one))) <= most:
            kept.append(one)
    return composer.phrases.joined(kept)


def _again(composer: Composer, key: str) -> Composed:
    opening = composer.instruction("follow_up", key)
    heaviest = composer.framework.heaviest
    more = (
        _becomes(composer, heaviest, "becomes_noun") if heaviest and heaviest not in composer.advice.strategies else []
    )
    return brief(composer, (opening, *grounds(composer), *more))


def _becomes(composer: Composer, strategy: str, key: str, never: str = "") -> list[Composed]:
    """Under which condition a strategy would come first; with `never` also that there is none."""
    from tunewise.framework import smallest_change

    change = smallest_change(composer.framework, composer.situation.values(), strategy, most=3)
    if change:
        parts = {"condition": composer.phrases.conditions(change), "noun": composer.phrases.noun(strategy)}
        return [composer.say("follow_up", key, None, **parts)]
    return [composer.say("follow_up", never)] if change is None and never else []


def _place(composer: Composer, strategy: str) -> tuple[int, int]:
    """Recommended ones first, then those that an answer would bring, then the rest, opposed ones last."""
    advice, ranking = composer.advice, composer.framework.precedence.ranking
    later = [other.primary for other in advice.conditional]
    groups = ((advice.primary,), advice.supporting, later)
    opposed = bool(composer.decision.statuses[strategy].against)
    group = next((place for place, some in enumerate(groups) if strategy in some), 3 + opposed)
    return group, ranking.index(strategy) if strategy in ranking else len(ranking)


def _reasons(composer: Composer, rules: list[FiredRule]) -> list[Composed]:
    said: dict[str, Composed] = {}
    for rule in rules:
        because = composer.because(rule)
        if len(said) < MAX_REASONS and not repeats(because, said, share=0.6, stem=4):
            said[because] = composer.say("advice", "reason", rule, because=because)
    return list(said.values())
