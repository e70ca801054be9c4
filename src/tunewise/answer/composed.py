"""Advice without a model: composed from the rules that fired, each with the source's own sentence cited.

The recommendation comes first, with the user's own words; then why, what to leave aside, what to add, what was
assumed, and what would change it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from tunewise.answer.citations import Composed, cite_quote
from tunewise.answer.overlap import repeats
from tunewise.answer.phrases import Phrases, bare, lowered
from tunewise.errors import CorpusError
from tunewise.framework.model import CHECKING, VALIDATING
from tunewise.framework.naming import lexicon_for
from tunewise.framework.whatif import supposed
from tunewise.framework.words import text_in
from tunewise.languages import ENGLISH
from tunewise.types import OF_THE_MODEL, Citation, Language, Passage, ProposedFact, Recommendation, Situation

if TYPE_CHECKING:
    from tunewise.framework import Decision, FiredRule, Framework
    from tunewise.framework.model import Source


class Sourced(Protocol):
    """Whatever rests on a sentence of a document: a rule that fired, a rule, an explaining sentence."""

    @property
    def source(self) -> Source | None:
        """Where that sentence stands."""
        ...


PassageOfRule = Callable[[Sourced], Passage | None]
MAX_WORDS = 120
MAX_REASONS, MAX_GROUNDS = 3, 2
_MAX_QUOTE = 60
_SAID = ("stated", "edited")
_REPEATED_FIRST = (
    "dataset_size", "n_examples", "compute", "similarity", "forgetting_concern", "latency_critical", "baseline"
)  # fmt: skip
_BEHIND = {"dataset_size": "n_examples", "compute": "hardware"}  # details that say in fewer words what a fact rests on
_LONG = re.compile(r"[:;\uff1a\uff1b]")


@dataclass(frozen=True, slots=True)
class Points:
    """What can be said about a decision: sentences, most important first in each group."""

    opening: Composed
    reasons: tuple[Composed, ...] = ()
    avoid: tuple[Composed, ...] = ()
    support: tuple[Composed, ...] = ()
    assumed: tuple[Composed, ...] = ()
    proposed: tuple[Composed, ...] = ()
    change: tuple[Composed, ...] = ()

    def in_reading_order(self, *, is_answered: bool = False) -> list[Composed]:
        """All sentences that there is room for, the most important ones chosen first.

        Args:
            is_answered: Whether the question is answered before; then only the method is named, with what it rests on.
        """
        if is_answered:
            return [self.opening, *self.proposed]
        wanted = (
            self.opening, *self.reasons[:1], *self.proposed, *self.avoid[:1], *self.support[:1], *self.change,
            *self.assumed, *self.support[1:], *self.reasons[1:], *self.avoid[1:],
        )  # fmt: skip
        chosen: list[Composed] = []
        for said in wanted:
            if not chosen or words_in(" ".join(one.text for one in (*chosen, said))) <= MAX_WORDS:
                chosen.append(said)
        groups = (*self.reasons, *self.avoid, *self.support, *self.assumed, *self.proposed, *self.change)
        return [self.opening, *(said for said in groups if said in chosen)]

    def without(self, told: str) -> Points:
        """These without what was told before, word for word; the opening stays."""
        left = (
            tuple(said for said in group if said.text not in told)
            for group in (self.reasons, self.avoid, self.support, self.assumed, self.proposed, self.change)
        )
        return Points(self.opening, *left)


class Composer:
    """Says in the rules' own sentences what was decided.

    Args:
        framework: The framework that decided.
        situation: The user's facts; their quotes are repeated.
        decision: What the framework decided, with its trace.
        language: Language of the answer.
        passage_of_rule: The passage that holds a rule's source sentence; None where it is not in the corpus.
        recommendation: What is explained, if it isn't the decision's own recommendation.
        proposed: What the user seems to have said; nothing rests on it, and what it would change is said first of all
            that would.
        supposed: Whether the facts are those of a what-if.
    """

    def __init__(
        self,
        framework: Framework,
        situation: Situation,
        decision: Decision,
        language: Language,
        passage_of_rule: PassageOfRule,
        recommendation: Recommendation | None = None,
        proposed: Sequence[ProposedFact] = (),
        *,
        supposed: bool = False,
    ) -> None:
        self.framework = framework
        self.supposed = supposed
        self.situation = situation
        self.decision = decision
        self.advice = recommendation or decision.recommendation()
        self.phrases = Phrases(language, framework)
        self._proposed = proposed
        self._passage_of_rule = passage_of_rule
        self._lexicon = lexicon_for(framework)
        self._used: list[str] = []

    @property
    def grounds(self) -> dict[str, str]:
        """The known facts of the asker's own case; what only follows from a model's name is none."""
        return grounds(self.decision.values)

    def compose(self) -> Composed:
        """The advice as one paragraph, at most 120 words."""
        return self.phrases.joined(self.points().in_reading_order())

    def points(self) -> Points:
        """What there is to say; a model is given these as notes."""
        if self.advice.primary is None:
            return Points(self.say("advice", "nothing"))
        rules = self.rules(self.advice.primary)
        self._used = [self.phrases.action(self.advice.primary)]
        support = tuple(self._support()) if self.grounds else ()
        return Points(
            self._opening(),
            tuple(islice(self._reasons(rules), MAX_REASONS)) or tuple(self._rationales(self.advice.primary))[:1],
            tuple(self._avoid()),
            support,
            tuple(self._assumed()),
            tuple(self._seeming()),
            tuple(self._change()),
        )

    def say(self, group: str, key: str, ground: Sourced | None = None, **parts: str) -> Composed:
        """A text with the mark and the citation of what it rests on."""
        cited = self.citation(ground) if ground else None
        text = self.phrases.texts.say(group, key, mark=self.phrases.texts.mark(cited), **parts)
        return Composed(text, (cited,) if cited else ())

    def rules(self, strategy: str, *, against: bool = False, decision: Decision | None = None) -> list[FiredRule]:
        """Rules that speak for a strategy, or against it: those with a source and with stated facts first."""
        wanted = ("avoid", "forbid") if against else ("recommend", "require")
        rules = [rule for rule in (decision or self.decision).trace if rule.effects.get(strategy) in wanted]
        return sorted(rules, key=lambda rule: (self.citation(rule) is None, not rule.facts, -len(rule.facts), rule.id))

    def because(self, rule: FiredRule) -> str:
        """Why a rule says what it says, without a full stop."""
        return bare(text_in(rule.because, self.phrases.language))

    def citation(self, rule: Sourced) -> Citation | None:
        """The citation of a rule's own sentence; None for interpretations and for what is not in the corpus."""
        passage = self._passage_of_rule(rule) if rule.source else None
        try:
            return cite_quote(passage, rule.source.quote) if passage and rule.source else None
        except CorpusError:
            return None

    def instruction(self, group: str, key: str, **parts: str) -> Composed:
        """A text that says what to do first (`do`), with the sentence behind it."""
        primary = self.advice.primary or ""
        defining = [one for one in self.framework.sentences.values() if primary in one.about]
        best: list[Sourced] = [*self.rules(primary)[:1], *sorted(defining, key=lambda one: one.role != "definition")]
        ground = next(filter(self.citation, best), None)
        return self.say(group, key, ground, do=self.phrases.action(primary), **parts)

    def _opening(self) -> Composed:
        """What to do, and on which of the stated facts; where it rests on none of them, they are only named."""
        known = self.grounds
        grounds = {fact for rule in self.rules(self.advice.primary or "") for fact in rule.facts} & set(known)
        said = [self._as_said(fact) for fact in sorted(grounds, key=_place)[:MAX_GROUNDS]]
        if said:
            conditions = self.phrases.texts.punctuation["and_if"].join(said)
            return self.instruction("advice", "opening_known", conditions=conditions)
        if known:
            few = islice(known.items(), 3)
            conditions = self.phrases.texts.listed([self.phrases.condition(name, value) for name, value in few])
            return self.instruction("advice", "opening_sheet", conditions=conditions)
        return self.instruction("advice", "opening_nothing")

    def _as_said(self, fact: str) -> str:
        """ "you have only little data (“677 lines”)": a fact that holds, with the user's words where they are short."""
        condition = self.phrases.condition(fact, self.decision.values[fact])
        stated, detail = self.situation.facts.get(fact), self.situation.details.get(_BEHIND.get(fact, ""))
        quotes = [one.quote for one in (stated, detail) if one and one.status in _SAID and one.quote]
        if not stated or stated.status not in _SAID or not quotes or len(min(quotes, key=len)) > _MAX_QUOTE:
            return condition
        quote = self.phrases.texts.quoted(trimmed(min(quotes, key=len)))
        return self.phrases.texts.say("advice", "as_said", condition=condition, quote=quote)

    def _reasons(self, rules: list[FiredRule]) -> Iterator[Composed]:
        """What speaks for the primary, but for sentences that also offer what is to be avoided for other reasons."""
        for rule in rules:
            offered = {id_ for id_ in self.advice.avoid if rule.effects.get(id_) in ("recommend", "require")}
            because = self.because(rule)
            if not offered & self._named(because) and self._is_new(because):
                yield self.say("advice", "reason", rule, because=because)

    def _rationales(self, primary: str) -> Iterator[Composed]:
        """In English, the source's own explanation of a strategy."""
        for one in self.framework.sentences.values() if self.phrases.language == ENGLISH else ():
            explains = one.role == "rationale" and primary in one.about and self.citation(one) is not None
            if explains and self._is_new(one.source.quote):
                yield self.say("advice", "reason", one, because=bare(one.source.quote))

    def _avoid(self) -> Iterator[Composed]:
        strategies = self.framework.strategies
        order = sorted(self.advice.avoid, key=lambda id_: id_ != self.framework.heaviest)[:2]
        said = False
        for strategy in order:
            for rule in self.rules(strategy, against=True):
                because = self.because(rule)
                if self._is_new(because):
                    long = _LONG.search(because) is not None
                    key = "avoid_use_as_is" if strategies[strategy].is_idle else "avoid_long" if long else "avoid"
                    text = because if key == "avoid_long" else lowered(because)
                    yield self.say("advice", key, rule, because=text, noun=self.phrases.noun(strategy))
                    said = True
                    break
        trains = strategies[self.advice.primary or order[0]].trains if order else False
        if trains and not said and not strategies[order[0]].is_idle:
            yield self.say("advice", "avoid_plain", noun=self.phrases.noun(order[0]))

    def _support(self) -> Iterator[Composed]:
        explained: list[FiredRule] = []
        rest: list[str] = []
        for strategy in self.advice.supporting:
            if any(strategy in self._named(self.because(rule)) for rule in explained):
                continue
            goes_without_saying = self.framework.strategies[strategy].group == VALIDATING
            wanted = len(explained) < 2 and not goes_without_saying
            if wanted and (rule := self._rule_about(strategy)):
                explained.append(rule)
            else:
                rest.append(self.phrases.noun(strategy))
        if explained:
            yield self._one_or_two(explained)
        if rest:
            key = "support_rest" if explained else "support_only"
            yield self.say("advice", key, nouns=self.phrases.texts.listed(rest))

    def _one_or_two(self, rules: list[FiredRule]) -> Composed:
        first, *second = (lowered(self.because(rule)) for rule in rules)
        if not second:
            return self.say("advice", "support_first", rules[0], because=first)
        cited = self.citation(rules[1])
        parts = {"because_two": second[0], "mark_two": self.phrases.texts.mark(cited)}
        said = self.say("advice", "support_second", rules[0], because=first, **parts)
        return Composed(said.text, (*said.citations, cited) if cited else said.citations)

    def _rule_about(self, strategy: str) -> FiredRule | None:
        """The first rule for a strategy, not for the primary too, whose sentence names it and says something new."""
        for rule in self.rules(strategy):
            because = self.because(rule)
            names = self.advice.primary not in rule.effects and strategy in self._named(because)
            if names and not _LONG.search(because) and self._is_new(because):
                return rule
        return None

    def _assumed(self) -> Iterator[Composed]:
        facts = self.situation.facts.values()
        if assumed := {fact.name: fact.value for fact in facts if fact.status == "assumed" and fact.known}:
            yield self.say("advice", "assumed", conditions=self.phrases.conditions(assumed))

    def _seeming(self) -> Iterator[Composed]:
        """What each proposal would change if it were so."""
        values, now = self.situation.values(), self.advice
        for each in self._proposed:
            then = supposed(self.framework, values, {each.fact: each.value})
            condition = self.phrases.condition(each.fact, each.value)
            noun = self.phrases.noun(then.primary)
            added = [self.phrases.noun(id_) for id_ in then.supporting if id_ not in now.strategies]
            if then.primary and then.primary != now.primary:
                yield self.say("proposed", "changes", condition=condition, noun=noun)
            elif then.primary and added:
                nouns = self.phrases.texts.listed(added)
                yield self.say("proposed", "adds", condition=condition, noun=noun, nouns=nouns)

    def _change(self) -> Iterator[Composed]:
        seeming = [{each.fact: each.value} for each in self._proposed]
        others = [c for c in self.advice.conditional if c.primary != self.advice.primary and c.when not in seeming]
        different = {c.primary: c for c in reversed(others)}
        parts: dict[str, str] = {}
        for change, number in zip(list(different.values())[::-1], ("", "_two"), strict=False):
            parts[f"condition{number}"] = self.phrases.conditions(change.when)
            parts[f"noun{number}"] = self.phrases.noun(change.primary)
        if parts:
            yield self.say("advice", "would_change_two" if len(parts) > 2 else "would_change", None, **parts)

    def _named(self, text: str) -> set[str]:
        return {id_ for mention in self._lexicon.mentions(text) for id_ in mention.ids}

    def _is_new(self, text: str) -> bool:
        new = not repeats(text, self._used, share=0.5, stem=4)
        if new:
            self._used.append(text)
        return new


def grounds(values: Mapping[str, str]) -> dict[str, str]:
    """The known facts of the asker's own case; what only follows from a model's name is none."""
    return {fact: value for fact, value in values.items() if fact not in OF_THE_MODEL}


def knows_method(framework: Framework, decision: Decision) -> bool:
    """Whether the asker's own facts lead to a method, not only to a measurement."""
    return bool(grounds(decision.values)) and decision.recommendation().primary not in framework.in_groups(CHECKING)


def words_in(text: str) -> int:
    """Words of a text; two Chinese characters count as one word."""
    chinese = len(re.findall(r"[\u3400-\u9fff]", text))
    return len(re.findall(r"[A-Za-zÀ-ÿ0-9][\w'’.-]*", text)) + chinese // 2


def quotes_of(situation: Situation) -> list[str]:
    """The user's words for at most two stated facts, where they are short: data first, then compute, then the rest."""
    details = [fact for fact in situation.details.values() if fact.name == "n_examples"]
    facts = [fact for fact in situation.facts.values() if fact.status in _SAID and fact.known]
    short = [fact for fact in (*facts, *details) if fact.quote and len(fact.quote) <= _MAX_QUOTE]
    ranked = sorted(short, key=lambda fact: ((fact.quote or "").isdigit(), _place(fact.name)))
    chosen = [fact for fact in ranked if fact.name in _REPEATED_FIRST] or ranked
    return list(dict.fromkeys(trimmed(fact.quote or "") for fact in chosen))[:2]


def trimmed(quote: str) -> str:
    """Words of the user without the punctuation around them."""
    return quote.strip(" .,;:\uff0c\u3002\uff1b")


def _place(fact: str) -> int:
    """Where a fact stands among those whose words are repeated."""
    return _REPEATED_FIRST.index(fact) if fact in _REPEATED_FIRST else len(_REPEATED_FIRST)
