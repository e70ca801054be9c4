"""Puts framework files together, most basic first, and checks their parts against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any

from tunewise.errors import FrameworkError
from tunewise.framework.model import (
    GENERAL,
    Action,
    Example,
    FactSpec,
    Framework,
    FrameworkFile,
    Parameters,
    Quoted,
    Rule,
    SourceSentence,
    StrategySpec,
    Tension,
)  # fmt: skip
from tunewise.framework.words import suggestion

MAX_SITUATIONS = 1 << 22
ONE_OF = {
    "facts": "fact", "strategies": "strategy", "families": "family", "plan": "plan", "rules": "rule",
    "sentences": "sentence", "examples": "example", "tensions": "tension",
}  # fmt: skip
Files = list[tuple[str, FrameworkFile]]


def assemble(files: Files, digest: str) -> Framework:
    """The framework of a chain of files (name, content), the last of which extends those before it.

    Raises:
        FrameworkError: If a part names what is not there, an id is used twice, or a part is missing.
    """
    where, last = files[-1]
    known = _Known(
        _collected(files, "facts"), _collected(files, "strategies"), _collected(files, "families"),
        _latest((file.precedence.factors for _, file in files), ()),
    )  # fmt: skip
    parameters = _latest((file.parameters for _, file in files), Parameters())
    known.check(files, parameters)
    rules = _collected(files, "rules", known.rule)
    framework = Framework(
        name=last.name, title=last.title, files=tuple(name for name, _ in files), hash=digest,
        facts=known.facts, strategies=known.strategies, families=known.families, rules=rules, factors=known.factors,
        ranking=_latest((file.precedence.ranking for _, file in files), ()),
        max_supporting=_latest((file.precedence.max_supporting for _, file in files), 4),
        parameters=parameters, plan=_collected(files, "plan"),
        sentences=_collected(files, "sentences", known.sentence),
        examples=_collected(files, "examples", known.example),
        tensions=_collected(files, "tensions", lambda place, tension: _tension(place, tension, rules)),
    )  # fmt: skip
    _check_whole(where, framework)
    return framework


def _latest(given: Iterable[Any], default: Any) -> Any:
    """What the last file says that says anything."""
    return ([default, *(one for one in given if one is not None)])[-1]


def _placed(files: Files, key: str) -> Iterator[tuple[str, str, Any]]:
    """(where it stands, id or name, part) of every part under one key; what quotes knows its document."""
    document = ""
    for where, file in files:
        document = file.document or document
        parts = getattr(file, key)
        for id_, part in parts.items() if isinstance(parts, Mapping) else ((part.id, part) for part in parts):
            if isinstance(part, Quoted) and not part.document:
                part = part.model_copy(update={"document": document})
            yield f"{where}, {ONE_OF[key]} {id_!r}", id_, part


def _collected(files: Files, key: str, finished: Callable[[str, Any], Any] | None = None) -> Mapping[str, Any]:
    """The parts under one key by id or name, each checked and completed by `finished`."""
    found: dict[str, Any] = {}
    for place, id_, part in _placed(files, key):
        if id_ in found:
            raise FrameworkError(f"{place}: duplicate id. Every id may be used once, extended files included.")
        found[id_] = finished(place, part) if finished else part
    return MappingProxyType(found)


def _check_known(word: str, known: Iterable[str], what: str, place: str) -> None:
    if word not in known:
        raise FrameworkError(f"{place}: unknown {what} {word!r}.{suggestion(word, known)}")


def _check_document(place: str, part: Quoted) -> None:
    if not part.document:
        raise FrameworkError(f"{place}: the file does not say which 'document' it quotes.")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the parts of a framework may name."""

    facts: Mapping[str, FactSpec]
    strategies: Mapping[str, StrategySpec]
    families: Mapping[str, tuple[str, ...]]
    factors: tuple[str, ...]

    def check(self, files: Files, parameters: Parameters) -> None:
        """What facts, families and parameters name themselves."""
        for place, _, fact in _placed(files, "facts"):
            _check_known(fact.factor, self.factors, "factor", f"{place} in factor")
        for place, name, members in _placed(files, "families"):
            for member in members:
                _check_known(member, self.strategies, "strategy", place)
            if name in self.strategies:
                raise FrameworkError(f"{place} is also the name of a strategy. Rename the family.")
        for row in parameters.memory:
            _check_known(row.strategy, self.strategies, "strategy", f"{files[-1][0]}, memory {row.method!r}")

    def rule(self, place: str, rule: Rule) -> Rule:
        """The rule with families expanded and its factor set."""
        if [rule.source, rule.interpretation, rule.digest].count(None) != 2:
            raise FrameworkError(f"{place}: give one of 'source' (a quote), 'digest' (own words) and 'interpretation'.")
        self._check_conditions(rule.when, f"{place} in when")
        self._check_conditions(rule.unless, f"{place} in unless")
        then: dict[str, Action] = {}
        for word, action in rule.then.items():
            for strategy in self._expanded(word, f"{place} in then"):
                if then.setdefault(strategy, action) != action:
                    raise FrameworkError(f"{place}: 'then' says two things about {strategy!r}.")
        beside = tuple(dict.fromkeys(id_ for word in rule.beside for id_ in self._expanded(word, f"{place} in beside")))
        self._check_roles(place, then, beside)
        if rule.factor:
            _check_known(rule.factor, [*self.factors, GENERAL], "factor", f"{place} in factor")
        factors = {self.facts[name].factor for name in rule.when}
        derived = next((factor for factor in self.factors if factor in factors), GENERAL)
        changes = {"then": MappingProxyType(then), "beside": beside, "factor": rule.factor or derived}
        return rule.model_copy(update=changes)

    def _expanded(self, word: str, place: str) -> tuple[str, ...]:
        """The strategies that an id or a family names."""
        _check_known(word, [*self.strategies, *self.families], "strategy", place)
        return self.families.get(word, (word,))

    def _check_conditions(self, conditions: Mapping[str, Iterable[str]], place: str) -> None:
        for name, values in conditions.items():
            _check_known(name, self.facts, "fact", place)
            for value in values:
                _check_known(value, self.facts[name].values, f"value of {name!r}", place)

    def _check_roles(self, place: str, then: Iterable[str], beside: tuple[str, ...]) -> None:
        for strategy in beside:
            if not self.strategies[strategy].is_primary:
                raise FrameworkError(f"{place} in beside: {strategy!r} is never a primary strategy.")
        for strategy in then:
            if beside and not self.strategies[strategy].is_supporting:
                raise FrameworkError(
                    f"{place}: a rule with 'beside' may name supporting strategies only, not {strategy!r}."
                )

    def sentence(self, place: str, sentence: SourceSentence) -> SourceSentence:
        """The sentence, once what it is about is there."""
        for word in sentence.about:
            _check_known(word, [*self.strategies, *self.families, *self.facts], "fact or strategy", place)
        if not sentence.about and not sentence.no_rule:
            raise FrameworkError(f"{place}: give 'about', or 'no_rule' with a reason.")
        _check_document(place, sentence)
        return sentence

    def example(self, place: str, example: Example) -> Example:
        """The example, once its facts and strategies are there."""
        self._check_conditions({name: (value,) for name, value in example.situation.items()}, place)
        expect = example.expect
        for word in (*expect.primary, *expect.supporting, *expect.never):
            _check_known(word, self.strategies, "strategy", place)
        _check_document(place, example)
        return example


def _tension(place: str, tension: Tension, rules: Mapping[str, Rule]) -> Tension:
    for word in tension.rules:
        _check_known(word, rules, "rule", place)
    return tension


def _check_whole(where: str, framework: Framework) -> None:
    for key in ("facts", "strategies", "rules"):
        if not getattr(framework, key):
            raise FrameworkError(f"{where}: no {key}. A framework needs facts, strategies and rules.")
    if sorted(framework.ranking) != sorted(framework.strategies):
        odd = sorted(set(framework.ranking) ^ set(framework.strategies)) or ["(twice)"]
        raise FrameworkError(f"{where}, precedence, ranking: must name every strategy once; see {', '.join(odd)}.")
    situations = prod(len(fact.values) + 1 for fact in framework.facts.values())
    if situations > MAX_SITUATIONS:
        raise FrameworkError(f"{where}: {situations:,} situations; at most {MAX_SITUATIONS:,} can be enumerated.")
