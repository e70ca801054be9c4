"""Puts framework files together, most basic first, and checks their parts against each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any

from tunewise.errors import FrameworkError
from tunewise.framework.model import GENERAL, ONCE, Action, Framework, FrameworkFile, FrozenRecord, Quoted, Rule
from tunewise.framework.words import suggestion
from tunewise.types import UNKNOWN

MAX_COMPLETIONS = 1 << 16
GROUPS = {
    "facts": "fact", "strategies": "strategy", "families": "family", "plan": "plan step", "rules": "rule",
    "sentences": "sentence", "examples": "example", "tensions": "tension",
}  # fmt: skip
Files = list[tuple[str, FrameworkFile]]
Places = dict[tuple[str, str], str]


def assemble(files: Files, digest: str) -> Framework:
    """The framework of a chain of files (name, content), the last of which extends those before it.

    Raises:
        FrameworkError: If a part names what is not there, an id is used twice, or a part is missing.
    """
    parts, places = _merged(files)
    whole = Framework.model_construct(**parts, files=tuple(name for name, _ in files), hash=digest)
    _check_whole(files[-1][0], whole)
    check = _Check(whole, places)
    check.words()
    check.texts()
    return whole.model_copy(update={"rules": check.rules()})


def _merged(files: Files) -> tuple[dict[str, Any], Places]:
    """Groups of all files united, other records extended key by key, anything else as the last file has it."""
    merged: dict[str, Any] = {}
    places: Places = {}
    for where, file in files:
        for key in FrameworkFile.model_fields:
            if key not in file.model_fields_set:
                continue
            part, before = getattr(file, key), merged.get(key)
            if key in GROUPS:
                group = dict(before or {})
                for id_, one in part.items():
                    if id_ in group:
                        raise FrameworkError(f"{where}, {key}: duplicate id {id_!r}. {ONCE}")
                    places[key, id_] = place = f"{where}, {GROUPS[key]} {id_!r}"
                    group[id_] = _quoting(place, one, merged.get("document"))
                part = MappingProxyType(group)
            elif isinstance(part, FrozenRecord) and before is not None:
                part = before.model_copy(update={name: getattr(part, name) for name in part.model_fields_set})
            merged[key] = part
    return merged, places


def _quoting(place: str, part: Any, document: str | None) -> Any:
    """What quotes the file's document knows its name."""
    if not isinstance(part, Quoted) or part.document:
        return part
    if document is None:
        raise FrameworkError(f"{place}: the file does not say which 'document' it quotes.")
    return part.model_copy(update={"document": document})


def _check_whole(where: str, framework: Framework) -> None:
    for key in ("facts", "strategies", "rules"):
        if not getattr(framework, key):
            raise FrameworkError(f"{where}: no {key}. A framework needs facts, strategies and rules.")
    if sorted(framework.precedence.ranking) != sorted(framework.strategies):
        odd = sorted(set(framework.precedence.ranking) ^ set(framework.strategies)) or ["(twice)"]
        raise FrameworkError(f"{where}, precedence, ranking: must name every strategy once; see {', '.join(odd)}.")
    branching = [fact for fact in framework.facts.values() if fact.kind == "situation"]
    completions = prod(len(fact.values) for fact in branching)
    if completions > MAX_COMPLETIONS:
        raise FrameworkError(
            f"{where}: {completions:,} ways to complete a situation; at most {MAX_COMPLETIONS:,} can be looked at for "
            "each answer. Make facts that count only once they are reported 'kind: report'."
        )


def _check_known(words: Iterable[str], known: Iterable[str], what: str, place: str) -> None:
    for word in words:
        if word not in known:
            raise FrameworkError(f"{place}: unknown {what} {word!r}.{suggestion(word, known)}")


@dataclass(frozen=True, slots=True)
class _Check:
    """Whether the parts of a framework name only what is there."""

    whole: Framework
    places: Places

    def _placed(self, key: str) -> Iterator[tuple[str, Any]]:
        return ((self.places[key, id_], part) for id_, part in getattr(self.whole, key).items())

    def words(self) -> None:
        """Facts, families and memory rules."""
        strategies, factors = self.whole.strategies, self.whole.precedence.factors
        for place, fact in self._placed("facts"):
            _check_known([fact.factor], factors, "factor", f"{place} in factor")
            _check_known(fact.conditions, fact.values, "value", f"{place} in conditions")
            self._check_conditions(fact.asked_of, f"{place} in asked_of")
            _check_known(fact.examples, [*fact.values, UNKNOWN], "value", f"{place} in examples")
            _check_known(fact.counted_from, fact.values, "value", f"{place} in counted_from")
        for place, step in self._placed("plan"):
            _check_known(step.unless, self.whole.facts, "fact", f"{place} in unless")
        for place, family in self._placed("families"):
            _check_known(family.members, strategies, "strategy", place)
        for name in self.whole.families.keys() & strategies:
            raise FrameworkError(f"{self.places['families', name]} is also a strategy's name. Rename the family.")
        for row in self.whole.parameters.memory:
            _check_known([row.strategy], strategies, "strategy", f"{self.whole.files[-1]}, memory {row.method['en']!r}")

    def rules(self) -> Mapping[str, Rule]:
        """The rules with families expanded and their factors set."""
        return MappingProxyType({rule.id: self._rule(place, rule) for place, rule in self._placed("rules")})

    def _rule(self, place: str, rule: Rule) -> Rule:
        if [rule.source, rule.interpretation, rule.digest].count(None) != 2:
            raise FrameworkError(f"{place}: give one of 'source' (a quote), 'digest' (own words) and 'interpretation'.")
        self._check_conditions(rule.when, f"{place} in when")
        self._check_conditions(rule.unless, f"{place} in unless")
        then: dict[str, Action] = {}
        for word, action in rule.then.items():
            for strategy in self._expanded([word], f"{place} in then"):
                if then.setdefault(strategy, action) != action:
                    raise FrameworkError(f"{place}: 'then' says two things about {strategy!r}.")
        beside = tuple(dict.fromkeys(self._expanded(rule.beside, f"{place} in beside")))
        self._check_roles(place, then, beside)
        factors = self.whole.precedence.factors
        _check_known(filter(None, [rule.factor]), [*factors, GENERAL], "factor", f"{place} in factor")
        named = {self.whole.facts[name].factor for name in rule.when}
        derived = next((factor for factor in factors if factor in named), GENERAL)
        changes = {"then": MappingProxyType(then), "beside": beside, "factor": rule.factor or derived}
        return rule.model_copy(update=changes)

    def _expanded(self, words: Iterable[str], place: str) -> list[str]:
        """The strategies that ids and families name."""
        _check_known(words, [*self.whole.strategies, *self.whole.families], "strategy", place)
        families = self.whole.families
        return [id_ for word in words for id_ in (families[word].members if word in families else (word,))]

    def _check_conditions(self, conditions: Mapping[str, Iterable[str]], place: str) -> None:
        _check_known(conditions, self.whole.facts, "fact", place)
        for name, values in conditions.items():
            _check_known(values, self.whole.facts[name].values, f"value of {name!r}", place)

    def _check_roles(self, place: str, then: Iterable[str], beside: tuple[str, ...]) -> None:
        for id_ in beside:
            if not self.whole.strategies[id_].is_primary:
                raise FrameworkError(f"{place} in beside: {id_!r} is never a primary strategy.")
        for id_ in then if beside else ():
            if not self.whole.strategies[id_].is_supporting:
                raise FrameworkError(f"{place}: a rule with 'beside' may name supporting strategies only, not {id_!r}.")

    def texts(self) -> None:
        """Sentences, examples and tensions of the source."""
        whole = self.whole
        known = [*whole.strategies, *whole.families, *whole.facts]
        for place, sentence in self._placed("sentences"):
            _check_known(sentence.about, known, "fact or strategy", place)
            if not sentence.about and not sentence.no_rule:
                raise FrameworkError(f"{place}: give 'about', or 'no_rule' with a reason.")
        for place, example in self._placed("examples"):
            self._check_conditions({name: (value,) for name, value in example.situation.items()}, place)
            expect = example.expect
            named = (*expect.primary, *expect.supporting, *expect.never)
            _check_known(named, whole.strategies, "strategy", place)
        for place, tension in self._placed("tensions"):
            _check_known(tension.rules, whole.rules, "rule", place)
