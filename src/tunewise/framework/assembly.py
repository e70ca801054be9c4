"""Puts the parts of framework files together and checks them against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from tunewise.errors import FrameworkError
from tunewise.framework import model, schema
from tunewise.framework.words import suggestion

MAX_SITUATIONS = 1 << 22
Part = TypeVar("Part")


class Assembly:
    """Parts of a chain of files (most basic first), checked against each other."""

    def __init__(self, files: list[tuple[str, schema.FrameworkFile]], digest: str) -> None:
        self.files = files
        self.digest = digest
        self.facts: dict[str, model.FactSpec] = {}
        self.strategies: dict[str, model.StrategySpec] = {}
        self.families: dict[str, tuple[str, ...]] = {}
        self.rules: dict[str, model.Rule] = {}
        self.sentences: dict[str, model.Sentence] = {}
        self.examples: dict[str, model.Example] = {}
        self.tensions: dict[str, model.Tension] = {}
        self.factors: list[str] = []
        self.ranking: list[str] = []
        self.max_supporting = 4
        self.parameters: schema.ParametersPart | None = None
        self.document: str | None = None

    def framework(self) -> model.Framework:
        """The framework, once every part fits the others.

        Raises:
            FrameworkError: If a rule names what is not there, an id is used twice, or a part is missing.
        """
        for where, file in self.files:
            self._declare(where, file)
        for where, file in self.files:
            self.document = file.document or self.document
            for part in file.rules:
                self._add(self.rules, part.id, self._rule(where, part), f"{where}, rules")
            self._add_texts(where, file)
        self._check_whole()
        last = self.files[-1][1]
        return model.Framework(
            name=last.name,
            title=last.title,
            files=tuple(where for where, _ in self.files),
            hash=self.digest,
            facts=MappingProxyType(self.facts),
            strategies=MappingProxyType(self.strategies),
            families=MappingProxyType(self.families),
            rules=MappingProxyType(self.rules),
            factors=tuple(self.factors),
            ranking=tuple(self.ranking),
            max_supporting=self.max_supporting,
            parameters=_parameters(self.parameters),
            sentences=MappingProxyType(self.sentences),
            examples=MappingProxyType(self.examples),
            tensions=MappingProxyType(self.tensions),
        )

    @staticmethod
    def _add(target: dict[str, Part], id_: str, part: Part, where: str) -> None:
        if id_ in target:
            raise FrameworkError(f"{where}: duplicate id {id_!r}. Every id may be used once, extended files included.")
        target[id_] = part

    def _declare(self, where: str, file: schema.FrameworkFile) -> None:
        for name, fact in file.facts.items():
            self._add(self.facts, name, _fact(name, fact), f"{where}, facts")
        for id_, strategy in file.strategies.items():
            self._add(self.strategies, id_, _strategy(id_, strategy), f"{where}, strategies")
        for name, members in file.families.items():
            for member in members:
                self._known(member, self.strategies, "strategy", f"{where}, families {name!r}")
            self._add(self.families, name, tuple(members), f"{where}, families")
            if name in self.strategies:
                raise FrameworkError(f"{where}, families: {name!r} is also the name of a strategy. Rename the family.")
        self.factors = file.precedence.factors or self.factors
        self.ranking = file.precedence.ranking or self.ranking
        if file.precedence.max_supporting is not None:
            self.max_supporting = file.precedence.max_supporting
        self.parameters = file.parameters or self.parameters

    @staticmethod
    def _known(word: str, known: Iterable[str], what: str, where: str) -> None:
        if word not in known:
            raise FrameworkError(f"{where}: unknown {what} {word!r}.{suggestion(word, known)}")

    def _expand(self, words: Iterable[str], where: str) -> list[str]:
        """Strategies named by id or by family."""
        expanded: list[str] = []
        for word in words:
            self._known(word, [*self.strategies, *self.families], "strategy", where)
            expanded += self.families.get(word, (word,))
        return expanded

    def _conditions(self, part: Mapping[str, str | list[str]], where: str) -> dict[str, tuple[str, ...]]:
        conditions: dict[str, tuple[str, ...]] = {}
        for name, allowed in part.items():
            self._known(name, self.facts, "fact", where)
            values = (allowed,) if isinstance(allowed, str) else tuple(allowed)
            for value in values:
                self._known(value, self.facts[name].values, f"value of {name!r}", where)
            conditions[name] = tuple(sorted(set(values)))
        return conditions

    def _rule(self, where: str, part: schema.RulePart) -> model.Rule:
        where = f"{where}, rule {part.id!r}"
        if [part.source, part.interpretation, part.digest].count(None) != 2:
            raise FrameworkError(f"{where}: give one of 'source' (a quote), 'digest' (own words) and 'interpretation'.")
        when = self._conditions(part.when, f"{where} in when")
        unless = self._conditions(part.unless, f"{where} in unless")
        then: dict[str, model.Action] = {}
        for word, action in part.then.items():
            for strategy in self._expand([word], f"{where} in then"):
                if then.setdefault(strategy, action) != action:
                    raise FrameworkError(f"{where}: 'then' says two things about {strategy!r}.")
        beside = tuple(dict.fromkeys(self._expand(part.beside, f"{where} in beside")))
        self._check_roles(where, then, beside)
        factors = {self.facts[name].factor for name in when}
        if part.factor is not None:
            self._known(part.factor, [*self.factors, model.GENERAL], "factor", f"{where} in factor")
        derived = next((factor for factor in self.factors if factor in factors), model.GENERAL)
        return model.Rule(
            id=part.id, when=when, unless=unless, beside=beside, then=then, strength=part.strength,
            factor=part.factor or derived, because=_texts(part.because),
            source=model.Source(part.source.document, part.source.section, part.source.quote) if part.source else None,
            digest=part.digest, interpretation=part.interpretation, tension=part.tension,
            references=tuple(part.references),
        )  # fmt: skip

    def _check_roles(self, where: str, then: Iterable[str], beside: tuple[str, ...]) -> None:
        for strategy in beside:
            if not self.strategies[strategy].is_primary:
                raise FrameworkError(f"{where} in beside: {strategy!r} is never a primary strategy.")
        for strategy in then:
            if beside and not self.strategies[strategy].is_supporting:
                raise FrameworkError(
                    f"{where}: a rule with 'beside' may name supporting strategies only, not {strategy!r}."
                )

    def _add_texts(self, where: str, file: schema.FrameworkFile) -> None:
        for sentence in file.sentences:
            place = f"{where}, sentence {sentence.id!r}"
            for word in sentence.about:
                self._known(word, [*self.strategies, *self.families, *self.facts], "fact or strategy", place)
            if not sentence.about and not sentence.no_rule:
                raise FrameworkError(f"{place}: give 'about', or 'no_rule' with a reason.")
            source = self._source(place, sentence.section, sentence.quote)
            self._add(self.sentences, sentence.id,
                      model.Sentence(sentence.id, source, sentence.role, tuple(sentence.about), sentence.no_rule),
                      f"{where}, sentences")  # fmt: skip
        for example in file.examples:
            place = f"{where}, example {example.id!r}"
            self._conditions({**example.situation}, place)
            expect = example.expect
            for word in (*expect.primary, *expect.supporting, *expect.never):
                self._known(word, self.strategies, "strategy", place)
            source = self._source(place, example.section, example.quote)
            self._add(self.examples, example.id,
                      model.Example(example.id, source, dict(example.situation), tuple(expect.primary),
                                    tuple(expect.supporting), tuple(expect.never)),
                      f"{where}, examples")  # fmt: skip
        for tension in file.tensions:
            for word in tension.rules:
                self._known(word, self.rules, "rule", f"{where}, tension {tension.id!r}")
            self._add(self.tensions, tension.id,
                      model.Tension(tension.id, tension.title, tuple(tension.rules), tension.note),
                      f"{where}, tensions")  # fmt: skip

    def _source(self, place: str, section: str, quote: str) -> model.Source:
        if self.document is None:
            raise FrameworkError(f"{place}: the file does not say which 'document' it quotes.")
        return model.Source(self.document, section, quote)

    def _check_whole(self) -> None:
        where = self.files[-1][0]
        for key, found in (("facts", self.facts), ("strategies", self.strategies), ("rules", self.rules)):
            if not found:
                raise FrameworkError(f"{where}: no {key}. A framework needs facts, strategies and rules.")
        if sorted(self.ranking) != sorted(self.strategies):
            odd = sorted(set(self.ranking) ^ set(self.strategies)) or ["(twice)"]
            raise FrameworkError(f"{where}, precedence, ranking: must name every strategy once; see {', '.join(odd)}.")
        for name, fact in self.facts.items():
            self._known(fact.factor, self.factors, "factor", f"{where}, fact {name!r} in factor")
        situations = 1
        for fact in self.facts.values():
            situations *= len(fact.values) + 1
        if situations > MAX_SITUATIONS:
            raise FrameworkError(f"{where}: {situations:,} situations; at most {MAX_SITUATIONS:,} can be enumerated.")


def _texts(part: schema.TextsPart) -> dict[str, str]:
    return {language: text for language, text in (("en", part.en), ("zh", part.zh), ("fr", part.fr)) if text}


def _fact(name: str, part: schema.FactPart) -> model.FactSpec:
    return model.FactSpec(
        name=name, values=tuple(part.values), kind=part.kind, factor=part.factor, priority=part.priority,
        label=_texts(part.label), question=_texts(part.question), why=_texts(part.why),
        value_labels={value: _texts(texts) for value, texts in part.values.items()},
    )  # fmt: skip


def _strategy(id_: str, part: schema.StrategyPart) -> model.StrategySpec:
    return model.StrategySpec(
        id=id_, roles=tuple(part.roles), label=_texts(part.label), description=_texts(part.description),
        synonyms={language: tuple(words) for language, words in part.synonyms.items()}, cost=part.cost,
        start=tuple(model.StartingPoint(start.name, start.value, start.source) for start in part.start),
        steps=tuple(model.PlanStep(_texts(step.title), _texts(step.text), step.source) for step in part.steps),
        trains=part.trains,
    )  # fmt: skip


def _parameters(part: schema.ParametersPart | None) -> model.Parameters:
    if part is None:
        return model.Parameters({}, (), 1e9, "convention")
    sizes = {
        str(kind): model.SizeCutoff(kind, size.small_below, size.large_from, size.unit, size.rule_of_thumb, size.source)
        for kind, size in part.sizes.items()
    }
    memory = tuple(
        model.MemoryRule(row.method, row.strategy, row.bytes_per_parameter, row.formula, row.rule_of_thumb, row.source)
        for row in part.memory
    )
    large = part.large_model
    return model.Parameters(
        sizes, memory, large.parameters_from if large else 1e9, large.source if large else "convention"
    )
