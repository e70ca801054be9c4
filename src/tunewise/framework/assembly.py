"""Puts framework files together, most basic first, and checks their parts against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any

from tunewise.errors import FrameworkError
from tunewise.framework.model import GENERAL, ONCE, Action, Framework, FrameworkFile, Quoted, Record, Rule
from tunewise.framework.words import suggestion

MAX_SITUATIONS = 1 << 22
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
    rules = {id_: check.rule(places["rules", id_], rule) for id_, rule in whole.rules.items()}
    check.texts()
    return whole.model_copy(update={"rules": MappingProxyType(rules)})


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
                for id_ in part:
                    if (key, id_) in places:
                        raise FrameworkError(f"{where}, {key}: duplicate id {id_!r}. {ONCE}")
                    places[key, id_] = f"{where}, {GROUPS[key]} {id_!r}"
                part = MappingProxyType({**(before or {}), **_with_document(part, merged.get("document"))})
            elif isinstance(part, Record) and before is not None:
                part = before.model_copy(update={name: getattr(part, name) for name in part.model_fields_set})
            merged[key] = part
    return merged, places


def _with_document(group: Mapping[str, Any], document: str | None) -> dict[str, Any]:
    """What quotes the file's document, with its name."""
    return {
        id_: part.model_copy(update={"document": document or ""})
        if isinstance(part, Quoted) and not part.document
        else part
        for id_, part in group.items()
    }


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


def _check_known(word: str, known: Iterable[str], what: str, place: str) -> None:
    if word not in known:
        raise FrameworkError(f"{place}: unknown {what} {word!r}.{suggestion(word, known)}")


@dataclass(frozen=True, slots=True)
class _Check:
    """Whether the parts of a framework name only what is there."""

    whole: Framework
    places: Places

    def words(self) -> None:
        """Facts, families and memory rules."""
        whole = self.whole
        for name, fact in whole.facts.items():
            _check_known(fact.factor, whole.factors, "factor", f"{self.places['facts', name]} in factor")
        for name, members in whole.families.items():
            place = self.places["families", name]
            if name in whole.strategies:
                raise FrameworkError(f"{place} is also the name of a strategy. Rename the family.")
            self._strategies(members, place)
        for row in whole.parameters.memory:
            self._strategies([row.strategy], f"{whole.files[-1]}, memory {row.method!r}")

    def rule(self, place: str, rule: Rule) -> Rule:
        """The rule with families expanded and its factor set."""
        if [rule.source, rule.interpretation, rule.digest].count(None) != 2:
            raise FrameworkError(f"{place}: give one of 'source' (a quote), 'digest' (own words) and 'interpretation'.")
        self._conditions(rule.when, f"{place} in when")
        self._conditions(rule.unless, f"{place} in unless")
        then: dict[str, Action] = {}
        for word, action in rule.then.items():
            for strategy in self._expanded(word, f"{place} in then"):
                if then.setdefault(strategy, action) != action:
                    raise FrameworkError(f"{place}: 'then' says two things about {strategy!r}.")
        beside = tuple(dict.fromkeys(id_ for word in rule.beside for id_ in self._expanded(word, f"{place} in beside")))
        self._roles(place, then, beside)
        if rule.factor:
            _check_known(rule.factor, [*self.whole.factors, GENERAL], "factor", f"{place} in factor")
        named = {self.whole.facts[name].factor for name in rule.when}
        derived = next((factor for factor in self.whole.factors if factor in named), GENERAL)
        changes = {"then": MappingProxyType(then), "beside": beside, "factor": rule.factor or derived}
        return rule.model_copy(update=changes)

    def texts(self) -> None:
        """Sentences, examples and tensions of the source."""
        whole, places = self.whole, self.places
        for id_, sentence in whole.sentences.items():
            for word in sentence.about:
                known = [*whole.strategies, *whole.families, *whole.facts]
                _check_known(word, known, "fact or strategy", places["sentences", id_])
            if not sentence.about and not sentence.no_rule:
                raise FrameworkError(f"{places['sentences', id_]}: give 'about', or 'no_rule' with a reason.")
        for id_, example in whole.examples.items():
            self._conditions({name: (value,) for name, value in example.situation.items()}, places["examples", id_])
            expect = example.expect
            self._strategies([*expect.primary, *expect.supporting, *expect.never], places["examples", id_])
        for id_, tension in whole.tensions.items():
            for word in tension.rules:
                _check_known(word, whole.rules, "rule", places["tensions", id_])
        for key, group in (("sentences", whole.sentences), ("examples", whole.examples)):
            for id_, quoted in group.items():
                if not quoted.document:
                    raise FrameworkError(f"{places[key, id_]}: the file does not say which 'document' it quotes.")

    def _strategies(self, words: Iterable[str], place: str) -> None:
        for word in words:
            _check_known(word, self.whole.strategies, "strategy", place)

    def _expanded(self, word: str, place: str) -> tuple[str, ...]:
        """The strategies that an id or a family names."""
        _check_known(word, [*self.whole.strategies, *self.whole.families], "strategy", place)
        return self.whole.families.get(word, (word,))

    def _conditions(self, conditions: Mapping[str, Iterable[str]], place: str) -> None:
        for name, values in conditions.items():
            _check_known(name, self.whole.facts, "fact", place)
            for value in values:
                _check_known(value, self.whole.facts[name].values, f"value of {name!r}", place)

    def _roles(self, place: str, then: Iterable[str], beside: tuple[str, ...]) -> None:
        for strategy in beside:
            if not self.whole.strategies[strategy].is_primary:
                raise FrameworkError(f"{place} in beside: {strategy!r} is never a primary strategy.")
        for strategy in then:
            if beside and not self.whole.strategies[strategy].is_supporting:
                raise FrameworkError(
                    f"{place}: a rule with 'beside' may name supporting strategies only, not {strategy!r}."
                )
