"""Advice without a model: composed from the rules that fired, each with the source's own sentence cited.

The recommendation comes first, with the user's own words; then why, what to leave aside, what to add, what was
assumed, and what would change it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tunewise.answer.citations import cite_quote
from tunewise.answer.gate import repeats
from tunewise.answer.phrases import Composed, Phrases, bare, lowered
from tunewise.errors import CorpusError
from tunewise.framework.naming import lexicon_for
from tunewise.types import Citation, Fact, Language, Passage, Recommendation, Situation

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
MAX_WORDS = 150
_MAX_QUOTE = 60


@dataclass(slots=True)
class Points:
    """What can be said about a decision: sentences with their citations, most important first in each group."""

    opening: str
    reasons: list[str] = field(default_factory=list)
    avoid: list[str] = field(default_factory=list)
    support: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    change: list[str] = field(default_factory=list)
    citations: dict[str, list[Citation]] = field(default_factory=dict)


def compose(
    framework: Framework,
    situation: Situation,
    decision: Decision,
    language: Language,
    passage_of_rule: PassageOfRule,
    *,
    recommendation: Recommendation | None = None,
) -> Composed:
    """Explain a decision in the rules' own sentences, 80 to 150 words where the rules have that much to say.

    Args:
        framework: The framework that decided.
        situation: The user's facts; their quotes are repeated.
        decision: What the framework decided, with its trace.
        language: Language of the answer.
        passage_of_rule: The passage that holds a rule's source sentence; None where it is not in the corpus.
        recommendation: What is explained, if it isn't the decision's own recommendation.
    """
    points = gather(framework, situation, decision, language, passage_of_rule, recommendation=recommendation)
    return arranged(points, language)


def gather(
    framework: Framework,
    situation: Situation,
    decision: Decision,
    language: Language,
    passage_of_rule: PassageOfRule,
    *,
    recommendation: Recommendation | None = None,
) -> Points:
    """The points that `compose` arranges, and that a model is given as notes."""
    return _Gatherer(framework, decision, language, passage_of_rule).points(
        situation, recommendation or decision.recommendation()
    )


def arranged(points: Points, language: Language) -> Composed:
    """The points as one paragraph, in reading order, as long as there is room."""
    wanted = [
        points.opening, *points.reasons[:1], *points.avoid[:1], *points.support[:1], *points.change, *points.assumed,
        *points.support[1:], *points.reasons[1:], *points.avoid[1:],
    ]  # fmt: skip
    chosen: list[str] = []
    for sentence in wanted:
        if words_in(" ".join([*chosen, sentence])) <= MAX_WORDS:
            chosen.append(sentence)
    groups = (points.reasons, points.avoid, points.support, points.assumed, points.change)
    ordered = [points.opening, *(sentence for group in groups for sentence in group if sentence in chosen)]
    cited = [citation for sentence in ordered for citation in points.citations.get(sentence, ())]
    return Composed(Phrases(language).texts.joined(ordered), tuple(dict.fromkeys(cited)))


def words_in(text: str) -> int:
    """Words of a text; two Chinese characters count as one word."""
    chinese = len(re.findall(r"[\u3400-\u9fff]", text))
    return len(re.findall(r"[A-Za-zÀ-ÿ0-9][\w'’.-]*", text)) + chinese // 2


class _Gatherer:
    def __init__(
        self, framework: Framework, decision: Decision, language: Language, passage_of_rule: PassageOfRule
    ) -> None:
        self._framework = framework
        self._decision = decision
        self._language = language
        self._passage_of_rule = passage_of_rule
        self._phrases = Phrases(language, framework)
        self._lexicon = lexicon_for(framework)
        self._used: list[str] = []

    def points(self, situation: Situation, advice: Recommendation) -> Points:
        phrases = self._phrases
        if advice.primary is None:
            return Points(phrases.texts.say("advice", "nothing"))
        supporting = self._supporting(advice.primary)
        points = Points(self._opening(situation, advice.primary, supporting))
        self._cite(points, points.opening, self._grounds(advice.primary, supporting))
        self._used = [phrases.action(advice.primary)]
        self._reasons(points, supporting, advice.primary, advice.avoid)
        self._avoid(points, advice)
        self._support(points, advice)
        self._assumed(points, situation)
        self._change(points, advice)
        return points

    def _supporting(self, strategy: str) -> list[FiredRule]:
        """Rules that speak for a strategy: those with the source's own words and stated facts first."""
        rules = [r for r in self._decision.trace if r.effects.get(strategy) in ("recommend", "require")]
        return sorted(rules, key=lambda rule: (self._citation(rule) is None, not rule.facts, -len(rule.facts), rule.id))

    def _opening(self, situation: Situation, primary: str, rules: Sequence[FiredRule]) -> str:
        phrases = self._phrases
        mark = phrases.texts.mark(
            next((c for one in self._grounds(primary, rules) if (c := self._citation(one))), None)
        )
        action = phrases.action(primary)
        known = _stated(situation)
        quotes = list(dict.fromkeys(fact.quote.strip(" .,;:\uff0c\u3002\uff1b") for fact in known if fact.quote))[:2]
        if quotes:
            key = (
                "opening_things" if all(re.match(phrases.texts.things, quote) for quote in quotes) else "opening_words"
            )
            shown = phrases.texts.listed([phrases.texts.quoted(quote) for quote in quotes])
            return phrases.texts.say("advice", key, quotes=shown, do=action, mark=mark)
        if self._decision.values:
            facts = "; ".join(phrases.fact(name, value) for name, value in list(self._decision.values.items())[:3])
            return phrases.texts.say("advice", "opening_sheet", facts=facts, do=action, mark=mark)
        return phrases.texts.say("advice", "opening_nothing", do=action, mark=mark)

    def _grounds(self, primary: str, rules: Sequence[FiredRule]) -> list[Sourced]:
        """What the opening may cite: the best rule, or else a sentence that defines the strategy."""
        defining = [one for one in self._framework.sentences.values() if primary in one.about]
        return [*rules[:1], *sorted(defining, key=lambda one: one.role != "definition")]

    def _speaks_for(self, rule: FiredRule, avoid: Sequence[str]) -> bool:
        """Does the rule's sentence also offer something that is to be avoided for other reasons?"""
        offered = {id_ for id_ in avoid if rule.effects.get(id_) in ("recommend", "require")}
        return bool(offered & self._named(self._because(rule)))

    def _reasons(self, points: Points, rules: Sequence[FiredRule], primary: str, avoid: Sequence[str]) -> None:
        """What speaks for the primary; in English also the source's own explanation of it."""
        for rule in rules:
            if self._speaks_for(rule, avoid):
                continue
            if len(points.reasons) < 3 and (sentence := self._sentence("reason", rule)):
                points.reasons.append(sentence)
                self._cite(points, sentence, [rule])
        if self._language != "en":
            return
        for explaining in self._framework.sentences.values():
            citation = self._citation(explaining)
            wanted = explaining.role == "rationale" and primary in explaining.about and citation is not None
            if wanted and len(points.reasons) < 3 and self._is_new(explaining.source.quote):
                sentence = f"{bare(explaining.source.quote)}{self._phrases.texts.mark(citation)}."
                points.reasons.append(sentence)
                self._cite(points, sentence, [explaining])

    def _avoid(self, points: Points, advice: Recommendation) -> None:
        order = sorted(advice.avoid, key=lambda id_: (id_ != "full_fine_tuning", advice.avoid.index(id_)))
        for strategy in order[:2]:
            noun = self._phrases.noun(strategy)
            rules = [r for r in self._decision.trace if r.effects.get(strategy) in ("avoid", "forbid")]
            for rule in sorted(rules, key=lambda rule: (self._citation(rule) is None, rule.id)):
                long = re.search(r"[:;\uff1a\uff1b]", self._because(rule)) is not None
                key = "avoid_use_as_is" if strategy == "use_as_is" else "avoid_long" if long else "avoid"
                if sentence := self._sentence(key, rule, noun=noun):
                    points.avoid.append(sentence)
                    self._cite(points, sentence, [rule])
                    break
        trains = advice.primary not in ("use_as_is", "evaluate_first")
        if order and not points.avoid and trains and order[0] != "use_as_is":
            points.avoid.append(self._phrases.texts.say("advice", "avoid_plain", noun=self._phrases.noun(order[0])))

    def _support(self, points: Points, advice: Recommendation) -> None:
        explained: list[tuple[str, FiredRule]] = []
        rest: list[str] = []
        for strategy in advice.supporting:
            wanted = len(explained) < 2 and strategy != "validate_experimentally"
            if any(strategy in self._named(because) for because, _ in explained):
                continue
            if wanted and (rule := self._rule_about(strategy, advice.primary)):
                explained.append((lowered(bare(self._because(rule))), rule))
            else:
                rest.append(self._phrases.noun(strategy))
        if explained:
            parts = {"because": explained[0][0], "mark": self._phrases.texts.mark(self._citation(explained[0][1]))}
            if len(explained) == 2:
                parts |= {
                    "because_two": explained[1][0],
                    "mark_two": self._phrases.texts.mark(self._citation(explained[1][1])),
                }
            points.support.append(
                self._phrases.texts.say("advice", ("support_first", "support_second")[len(explained) - 1], **parts)
            )
            for _, rule in explained:
                self._cite(points, points.support[0], [rule])
        if rest:
            key = "support_rest" if explained else "support_only"
            points.support.append(self._phrases.texts.say("advice", key, nouns=self._phrases.texts.listed(rest)))

    def _named(self, text: str) -> set[str]:
        return {id_ for mention in self._lexicon.mentions(text) for id_ in mention.ids}

    def _rule_about(self, strategy: str, primary: str | None) -> FiredRule | None:
        """The first rule for a strategy, not for the primary too, whose sentence names it and says something new."""
        for rule in self._supporting(strategy):
            because = bare(self._because(rule))
            if (
                primary not in rule.effects
                and strategy in self._named(because)
                and not re.search(r"[:;\uff1a\uff1b]", because)
                and self._is_new(because)
            ):
                return rule
        return None

    def _assumed(self, points: Points, situation: Situation) -> None:
        assumed = {f.name: f.value for f in situation.facts.values() if f.status == "assumed" and f.known}
        if assumed:
            conditions = self._phrases.conditions(assumed)
            points.assumed.append(self._phrases.texts.say("advice", "assumed", conditions=conditions))

    def _change(self, points: Points, advice: Recommendation) -> None:
        phrases = self._phrases
        changes = [c for c in advice.conditional if c.primary != advice.primary]
        different = list({change.primary: change for change in reversed(changes)}.values())[::-1][:2]
        if not different:
            return
        first = {"condition": phrases.conditions(different[0].when), "noun": phrases.noun(different[0].primary)}
        if len(different) == 1:
            points.change.append(phrases.texts.say("advice", "would_change", **first))
            return
        second = different[1]
        points.change.append(
            phrases.texts.say(
                "advice",
                "would_change_two",
                **first,
                condition_two=phrases.conditions(second.when),
                noun_two=phrases.noun(second.primary),
            )
        )

    def _sentence(self, key: str, rule: FiredRule, **parts: str) -> str | None:
        """A sentence of a rule; None if that was said already."""
        because = bare(self._because(rule))
        if not self._is_new(because):
            return None
        text = because if key in ("reason", "avoid_long") else lowered(because)
        return self._phrases.texts.say(
            "advice", key, because=text, mark=self._phrases.texts.mark(self._citation(rule)), **parts
        )

    def _is_new(self, text: str) -> bool:
        new = not repeats(text, self._used, share=0.5, stem=4)
        if new:
            self._used.append(text)
        return new

    def _because(self, rule: FiredRule) -> str:
        return rule.because.get(self._language, rule.because["en"])

    def _citation(self, rule: Sourced) -> Citation | None:
        return citation_of(rule, self._passage_of_rule)

    def _cite(self, points: Points, sentence: str, rules: Sequence[Sourced]) -> None:
        cited = [citation for rule in rules if (citation := self._citation(rule))]
        points.citations.setdefault(sentence, []).extend(cited[:1])


def citation_of(rule: Sourced, passage_of_rule: PassageOfRule) -> Citation | None:
    """The citation of a rule's own source sentence; None for interpretations and for what is not in the corpus."""
    if rule.source is None:
        return None
    passage = passage_of_rule(rule)
    if passage is None:
        return None
    try:
        return cite_quote(passage, rule.source.quote)
    except CorpusError:
        return None


def _stated(situation: Situation) -> list[Fact]:
    """Stated facts with short quotes, data first, then compute, then the others."""
    order = {
        "dataset_size": 0,
        "n_examples": 0,
        "compute": 1,
        "similarity": 2,
        "forgetting_concern": 3,
        "latency_critical": 4,
        "baseline": 5,
    }
    facts = [f for f in situation.facts.values() if f.status in ("stated", "edited") and f.known and f.quote]
    details = [f for f in situation.details.values() if f.name == "n_examples" and f.quote]
    short = [f for f in (*facts, *details) if f.quote and len(f.quote) <= _MAX_QUOTE]
    ranked = sorted(short, key=lambda fact: ((fact.quote or "").isdigit(), order.get(fact.name, 9)))
    return [fact for fact in ranked if fact.name in order] or ranked
