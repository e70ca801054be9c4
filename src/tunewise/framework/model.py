"""A framework as frozen records: the same ones that a file is read into, and the source of its published JSON Schema.

A rule *fires* on stated facts when every condition of `when` is stated to hold and no condition of `unless` is; a fact
that was not stated satisfies no condition. Facts come in two kinds:

* `situation`: true of the situation whether or not anybody said so (data size, compute). The checker looks at every
  completion of those that are not stated.
* `report`: counts only once it is reported (a measurement that was made, what the goal is). Not stated means not
  reported, so the checker leaves it as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from tunewise.types import MEDIUM

Action = Literal["forbid", "require", "avoid", "recommend"]
Strength = Literal["must", "should", "may"]
Role = Literal["primary", "supporting"]
UnitKind = Literal["examples", "hours", "per_class", "tokens", "gigabytes"]
Trained = Literal["nothing", "head", "last_layers", "low_rank", "bottleneck", "gradual", "all"]
Added = Literal["augmentation", "restraint", "early_stopping", "four_bit", "search"]

ACTIONS: tuple[Action, ...] = ("forbid", "require", "avoid", "recommend")  # first wins
STRENGTHS: tuple[Strength, ...] = ("must", "should", "may")
# Groups of strategies: the first two are always welcome, and validating goes without saying; protecting ones are
# measures against overfitting and forgetting.
CHECKING, VALIDATING, PROTECTING = "checking", "validating", "protecting"
GENERAL = "general"  # factor of rules without conditions; always ranks last
ONCE = "Every id may be used once, extended files included."

Key = TypeVar("Key")
Value = TypeVar("Value")


def _problem(message: str) -> PydanticCustomError:
    return PydanticCustomError("problem", "{message}", {"message": message})


def _by_language(text: object) -> object:
    return {"en": text} if isinstance(text, str) else text


def _with_english(texts: Mapping[str, str]) -> Mapping[str, str]:
    if "en" not in texts:
        raise _problem("the key 'en' is missing; only other languages may be left out.")
    return texts


def _pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise _problem(f"{pattern!r} is not a regular expression ({error}).") from None
    return pattern


def _readable(name: str) -> str:
    if name.startswith("/") and name.endswith("/"):
        _pattern(name[1:-1])
    return name


def _keyed(field: str) -> Callable[[object], object]:
    """Turns a list of parts into a mapping by `field`, and gives each part of a mapping its key as `field`."""

    def by_key(parts: object) -> object:
        if isinstance(parts, list):
            named: dict[str, object] = {}
            for number, part in enumerate(parts, 1):
                if not isinstance(part, Mapping) or field not in part:
                    raise _problem(f"number {number}: the key {field!r} is missing.")
                if (key := str(part[field])) in named:
                    raise _problem(f"duplicate {field} {key!r}. {ONCE}")
                named[key] = part
            return named
        if not isinstance(parts, Mapping):
            return parts
        if given := [key for key, part in parts.items() if isinstance(part, Mapping) and field in part]:
            raise _problem(f"{given[0]!r} is named by its key. Remove its {field!r}.")
        return {key: {**part, field: key} if isinstance(part, Mapping) else part for key, part in parts.items()}

    return by_key


Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.\-]{0,63}$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
ReadOnly = Annotated[Mapping[Key, Value], AfterValidator(MappingProxyType)]
Texts = Annotated[  # a text by language; a plain text is English
    ReadOnly[Language, Text],
    Field(json_schema_extra={"required": ["en"]}),
    BeforeValidator(_by_language, json_schema_input_type=Text | Mapping[Language, Text]),
    AfterValidator(_with_english),
]
Name = Annotated[Text, AfterValidator(_readable)]  # a text, or /a regular expression/
SpokenNames = ReadOnly[Language, tuple[Name, ...]]
Pattern = Annotated[Text, AfterValidator(_pattern)]
Names = Annotated[tuple[Identifier, ...], Field(min_length=1)]
Values = Annotated[
    Names,
    BeforeValidator(lambda it: [it] if isinstance(it, str) else it, json_schema_input_type=Identifier | Names),
    AfterValidator(lambda values: tuple(sorted(set(values)))),
]
Conditions = ReadOnly[Identifier, Values]
Sentences = Annotated[tuple[Text, ...], Field(min_length=1)]
NOTHING: Any = Field(default_factory=lambda: MappingProxyType({}))


class FrozenRecord(BaseModel):
    """Base of everything in a framework file: no unknown keys, no change once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class FactSpec(FrozenRecord):
    """One fact of a framework: its values, how to ask for it and how much it weighs.

    `factor` groups facts for the precedence of rules ("data", "compute"); `priority` orders questions, 1 first.
    `short` is a heading (the label where there is none), `conditions` word each value as what follows "if" or "that"
    ("you have little data"). Where `asked_of` names values of other facts, it is asked for only while these hold or are
    open; what is `computed` from details (memory from a model and a card) is never asked for nor supposed.
    `examples` are sentences that state each value, and under "unknown" some that come near and state none: the fact is
    read from messages by them. They may be the name of a file that holds them. `counted_from` is, for each value, from
    how many labelled examples on it holds.
    """

    name: SkipJsonSchema[Identifier]
    kind: Literal["situation", "report"] = "situation"
    factor: Identifier
    priority: Annotated[int, Field(ge=1, le=9)] = 5
    label: Texts
    question: Texts
    why: Texts
    value_labels: Annotated[ReadOnly[Identifier, Texts], Field(alias="values", min_length=2)]
    own_short: Annotated[Texts | None, Field(alias="short")] = None
    conditions: ReadOnly[Identifier, Texts] = NOTHING
    asked_of: Conditions = NOTHING
    computed: bool = False
    examples: Annotated[
        ReadOnly[Identifier, Sentences],
        BeforeValidator(lambda it: it, json_schema_input_type=Text | Mapping[Identifier, Sentences]),
    ] = NOTHING
    counted_from: ReadOnly[Identifier, Positive] = NOTHING

    @property
    def values(self) -> tuple[str, ...]:
        """Its values, in the order of the file."""
        return tuple(self.value_labels)

    def fits(self, stated: Mapping[str, str]) -> bool:
        """Whether it makes sense to ask for it, with what is stated."""
        return not self.computed and all(
            name not in stated or stated[name] in values for name, values in self.asked_of.items()
        )

    def counted(self, examples: float) -> str | None:
        """The value that holds for so many labelled examples; None where it does not hang on their number."""
        reached = [(least, value) for value, least in self.counted_from.items() if examples >= least]
        return max(reached)[1] if reached else None

    @property
    def short(self) -> Mapping[str, str]:
        """What it is called in a heading."""
        return {**self.label, **(self.own_short or {})}


class StartingPoint(FrozenRecord):
    """A setting to start from in practice ("learning rate", "1e-4 to 2e-4"), with where the number comes from.

    `sets` gives a training script the numbers: setting → number, or setting → kind of script ("any", "text") → number.
    `scripts` are the kinds of script that it makes sense for; all where it names none.
    """

    name: Texts
    value: Texts
    source: Text
    sets: ReadOnly[Identifier, Positive | ReadOnly[Identifier, Positive]] = NOTHING
    scripts: tuple[Identifier, ...] = ()

    def setting(self, name: str, kind: str) -> float | None:
        """The number that it gives a setting in a kind of script; None where it gives none."""
        given = self.sets.get(name)
        return given.get(kind, given.get("any")) if isinstance(given, Mapping) else given


class RecipeSpec(FrozenRecord):
    """What a strategy means in a training script: what it `trains` as a primary one, what it `adds` as another."""

    trains: Trained | None = None
    adds: Added | None = None


class PlanStep(FrozenRecord):
    """One practical step of a strategy; `source` names a rule or a document, `stops`: it says when to stop training.

    `scripts` are the kinds of script whose README shows it; all where it names none.
    """

    title: Texts
    text: Texts
    source: Text
    stops: bool = False
    scripts: tuple[Identifier, ...] = ()


class CommonStep(FrozenRecord):
    """A step of every plan that trains, worded by the language; needless once one of the facts `unless` is known."""

    source: Text
    unless: tuple[Identifier, ...] = ()


class StrategySpec(FrozenRecord):
    """One strategy: what it is called, what it means, what it costs and how to start.

    `trains` says whether weights of the base model (or a new head) are trained. `names` are what it is called in each
    language, texts or /regular expressions/; `hints` are patterns by which a message comes near it (its names, where it
    has none), `sayings` what people call it when they advise somebody. `group` and `colour` sort strategies for texts
    and for the map. `cost` is its effort, `memory_cost` the memory by rule of thumb, for models that were not measured.
    """

    id: SkipJsonSchema[Identifier]
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    trains: bool = False
    label: Texts
    own_noun: Annotated[Texts | None, Field(alias="noun")] = None
    own_instruction: Annotated[Texts | None, Field(alias="instruction")] = None
    description: Texts
    names: SpokenNames = NOTHING
    hints: tuple[Pattern, ...] = ()
    sayings: SpokenNames = NOTHING
    group: Identifier | None = None
    colour: Identifier | None = None
    cost: Texts
    memory_cost: Texts | None = None
    start: tuple[StartingPoint, ...] = ()
    steps: tuple[PlanStep, ...] = ()
    recipe: RecipeSpec = Field(default_factory=RecipeSpec)

    @property
    def noun(self) -> Mapping[str, str]:
        """What it is called inside a sentence; where the file does not say, its label in lower case ("LoRA" stays)."""
        lower = {language: " ".join(map(_lower, label.split(" "))) for language, label in self.label.items()}
        return {**lower, **(self.own_noun or {})}

    @property
    def instruction(self) -> Mapping[str, str]:
        """What to do, as an instruction; where the file does not say, its noun."""
        return {**self.noun, **(self.own_instruction or {})}

    @property
    def is_primary(self) -> bool:
        """Whether it can be what is trained (or not trained)."""
        return "primary" in self.roles

    @property
    def is_idle(self) -> bool:
        """Whether it leaves the model as it is: nothing is trained, and nothing measured before."""
        return self.is_primary and not self.trains and self.group != CHECKING

    @property
    def is_supporting(self) -> bool:
        """Whether it can accompany a primary strategy."""
        return "supporting" in self.roles


def _lower(word: str) -> str:
    return word if any(letter.isupper() for letter in word[1:]) else word.lower()


class Family(FrozenRecord):
    """Strategies that have a name together; a list is short for their ids alone.

    `means` says how the name is meant: any one of them, all of them at once, or this kind of thing, whichever it is
    ("fine-tuning"). `exceptions` look like a name and are none ("fine-tuned data").
    """

    members: Names
    means: Literal["any", "all", "kind"] = "any"
    names: SpokenNames = NOTHING
    exceptions: Annotated[SpokenNames, Field(alias="except")] = NOTHING


class Source(FrozenRecord):
    """Where a rule comes from: a document, the heading it stands under and its exact words."""

    document: Identifier
    section: Text
    quote: Text


class Rule(FrozenRecord):
    """Under `when` (and not `unless`), beside one of the primaries `beside` if given, do `then`.

    Exactly one of `source` (the document's own words), `digest` (a published source in our words, where its text may
    not be copied) and `interpretation` (our reading where the source is silent, with the `tension` it settles) is set.
    `references` say what it rests on: entries of the notes, or addresses. In a loaded framework `then` and `beside`
    name strategies only (families are expanded) and `factor` is set: the most important one of its conditions.
    """

    id: Identifier
    when: Conditions = NOTHING
    unless: Conditions = NOTHING
    beside: tuple[Identifier, ...] = ()
    then: Annotated[ReadOnly[Identifier, Action], Field(min_length=1)]
    strength: Strength
    factor: Identifier = ""
    because: Texts
    source: Source | None = None
    digest: Text | None = None
    interpretation: Text | None = None
    tension: Identifier | None = None
    references: tuple[Text, ...] = ()

    @property
    def is_interpretation(self) -> bool:
        """Whether the rule is our reading rather than the source's words."""
        return self.interpretation is not None

    @property
    def specificity(self) -> int:
        """How many conditions the rule has; a narrower rule ranks before a wider one of the same factor."""
        return len(self.when) + bool(self.beside)


class Quoted(FrozenRecord):
    """Something that quotes a document: the one that the file names, if it names no other itself."""

    id: Identifier
    document: Identifier = ""
    section: Text
    quote: Text

    @property
    def source(self) -> Source:
        """What it quotes."""
        return Source(document=self.document, section=self.section, quote=self.quote)


class SourceSentence(Quoted):
    """A sentence of the source that is not a rule: it explains strategies or facts, or there is no rule because …"""

    role: Literal["definition", "rationale", "precaution", "priority"]
    about: tuple[Identifier, ...] = ()
    no_rule: Text | None = None


class Expectation(FrozenRecord):
    """What must come out for an example: one of `primary`, all of `supporting`, none of `never`."""

    primary: tuple[Identifier, ...] = ()
    supporting: tuple[Identifier, ...] = ()
    never: tuple[Identifier, ...] = ()


class Example(Quoted):
    """A worked example of the source, with the decision that must come out."""

    situation: ReadOnly[Identifier, Identifier]
    expect: Expectation


class Tension(FrozenRecord):
    """A gap or contradiction of the source, and the rules that settle it (none: settled by a note alone)."""

    id: Identifier
    title: Text
    rules: tuple[Identifier, ...] = ()
    note: Text


class SizeCutoff(FrozenRecord):
    """What counts as a small or large data set, counted in one kind of unit."""

    small_below: Positive
    large_from: Positive
    unit: Texts
    rule_of_thumb: bool
    source: Text


class MemoryRule(FrozenRecord):
    """Memory of one training method, before activations: bytes for each parameter of the base model.

    Where only a share of as many parameters is trained (low-rank matrices), each of these takes
    `bytes_per_trained_parameter` besides. `fits` is what is said of hardware to which this is the most that fits. With
    `only_advised` the row is listed only where its strategy is what is advised. `measured` is the method whose
    measurements take the rule's place where the asker's model is of a measured family (`Parameters.measured`).
    """

    method: Texts
    strategy: Identifier
    fits: Identifier | None = None
    only_advised: bool = False
    measured: Identifier | None = None
    bytes_per_parameter: Positive
    bytes_per_trained_parameter: Positive | None = None
    trained_share: Annotated[float, Field(gt=0, le=1)] | None = None
    formula: Text
    rule_of_thumb: bool
    source: Text

    @property
    def bytes_in_all(self) -> float:
        """Bytes for each parameter of the base model, with those for the trained ones."""
        return self.bytes_per_parameter + (self.bytes_per_trained_parameter or 0.0) * (self.trained_share or 0.0)


class Activations(FrozenRecord):
    """Times the memory of a memory rule that are enough with activations (`factor`), and that leave so much room that
    memory is no problem (`plenty`)."""

    factor: Annotated[float, Field(ge=1, le=100)]
    plenty: Annotated[float, Field(ge=1, le=100)]
    rule_of_thumb: bool
    source: Text


class MeasuredNeed(FrozenRecord):
    """GB (1e9 bytes) that one training step holds by one method: `always`, and `example` for each of its examples, at
    least `least`. `recomputed`: with gradient checkpointing."""

    always: Amount
    example: Amount
    least: Positive
    recomputed: bool = False

    def at(self, batch: int) -> float:
        """GB of a step of so many examples."""
        return max(self.always + batch * self.example, self.least)


class MeasuredModel(FrozenRecord):
    """What training one model takes, by the method (`MemoryRule.measured`)."""

    label: Text
    parameters: Positive
    needs: Annotated[ReadOnly[Identifier, MeasuredNeed], Field(min_length=1)]


class MeasuredFamily(FrozenRecord):
    """Models of one architecture in its sizes, smallest first, all measured with examples of `length` `unit`; `batch`
    is what people train them with."""

    batch: Annotated[int, Field(ge=1)]
    length: Annotated[int, Field(ge=1)]
    unit: Literal["tokens", "pixels", "seconds"]
    models: Annotated[tuple[MeasuredModel, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_order(self) -> MeasuredFamily:
        sizes = [model.parameters for model in self.models]
        if sizes != sorted(set(sizes)):
            raise _problem("models must be listed by their parameters, the smallest first, each size once.")
        return self


class Measured(FrozenRecord):
    """Training memory that was measured, by the family of the model; where the asker's is none of them, the memory
    rules speak.

    `room` times what was measured fits for sure: what a measurement cannot see needs some. Where a step of
    `micro_batch` examples does, memory is no problem: gradients are added up to a whole batch. A model within `same` of
    the parameters of a measured one counts as that one (0.05: 5 %), others are scaled from the sizes around them, up to
    `reach` times beyond the smallest and the largest.
    """

    room: Annotated[float, Field(ge=1, le=100)]
    micro_batch: Annotated[int, Field(ge=1)]
    same: Annotated[float, Field(ge=0, lt=1)]
    reach: Annotated[float, Field(ge=1, le=100)]
    source: Text
    families: ReadOnly[Identifier, MeasuredFamily]


class LargeModel(FrozenRecord):
    """From how many parameters a model counts as large."""

    parameters_from: Positive
    unit: Texts
    rule_of_thumb: bool
    source: Text


class Split(FrozenRecord):
    """How many examples to set aside for the test set where there are fewer than `below` (where it is left out: any).

    One in `one_in`, within the limits; `folds` for cross-validation on the rest; `step` words it in each language.
    """

    below: Positive | None = None
    step: Identifier
    one_in: Annotated[int, Field(ge=2)]
    at_least: Annotated[int, Field(ge=1)] = 1
    at_most: Annotated[int, Field(ge=1)] | None = None
    folds: Annotated[int, Field(ge=2)] | None = None
    source: Text

    def test_size(self, examples: int) -> int:
        """Examples to keep for the test, of so many."""
        share = max(examples // self.one_in, self.at_least)
        return share if self.at_most is None else min(share, self.at_most)


class Parameters(FrozenRecord):
    """The numbers of a framework; every one has a unit and a source. What a framework does not give is left out.

    `training` are settings of a training script that no strategy says. `measured` may be the name of a file that holds
    it.
    """

    sizes: ReadOnly[UnitKind, SizeCutoff] = NOTHING
    memory: tuple[MemoryRule, ...] = ()
    large_model: LargeModel | None = None
    activations: Activations | None = None
    measured: Annotated[Measured | None, BeforeValidator(lambda it: it, json_schema_input_type=Text | Measured)] = None
    splits: tuple[Split, ...] = ()
    training: tuple[StartingPoint, ...] = ()


class Precedence(FrozenRecord):
    """Factors, most important first; order among strategies supported alike; most supporting strategies at once."""

    factors: tuple[Identifier, ...] = ()
    ranking: tuple[Identifier, ...] = ()
    max_supporting: Annotated[int, Field(ge=0, le=5)] = 4


Families = Annotated[
    Family,
    BeforeValidator(
        lambda it: {"members": it} if isinstance(it, list | tuple) else it, json_schema_input_type=Names | Family
    ),
]


def _listed(part: Any) -> BeforeValidator:
    return BeforeValidator(_keyed("id"), json_schema_input_type=list[part])


class FrameworkFile(FrozenRecord):
    """One framework file; what it lists by id is a mapping by that id here."""

    name: Identifier
    title: Text
    document: Identifier | None = None
    extends: Identifier | None = None
    facts: Annotated[ReadOnly[Identifier, FactSpec], BeforeValidator(_keyed("name"))] = NOTHING
    strategies: Annotated[ReadOnly[Identifier, StrategySpec], BeforeValidator(_keyed("id"))] = NOTHING
    families: ReadOnly[Identifier, Families] = NOTHING
    precedence: Precedence = Field(default_factory=Precedence)
    parameters: Parameters = Field(default_factory=Parameters)
    plan: ReadOnly[Identifier, CommonStep] = NOTHING
    rules: Annotated[ReadOnly[Identifier, Rule], _listed(Rule)] = NOTHING
    sentences: Annotated[ReadOnly[Identifier, SourceSentence], _listed(SourceSentence)] = NOTHING
    examples: Annotated[ReadOnly[Identifier, Example], _listed(Example)] = NOTHING
    tensions: Annotated[ReadOnly[Identifier, Tension], _listed(Tension)] = NOTHING


class Framework(FrameworkFile):
    """A loaded framework: `files`, most basic first, put together and checked against each other.

    `hash` is the SHA-256 of its files, so equal hashes decide alike, and frameworks compare by it.
    """

    files: tuple[str, ...]
    hash: str

    @property
    def heaviest(self) -> str | None:
        """The strategy that takes most memory, of those that the framework has memory rules for."""
        rules = sorted(self.parameters.memory, key=lambda rule: rule.bytes_in_all)
        return rules[-1].strategy if rules else None

    @property
    def always_welcome(self) -> frozenset[str]:
        """Ids of the strategies that do no harm anywhere: to measure, to watch and to validate."""
        return self.in_groups(CHECKING, VALIDATING)

    def in_groups(self, *groups: str) -> frozenset[str]:
        """Ids of the strategies of these groups."""
        return frozenset(one.id for one in self.strategies.values() if one.group in groups)

    def importance(self, fact: str) -> tuple[int, int, str]:
        """Sort key of facts, most important first: priority of the question, then factor, then name."""
        spec = self.facts[fact]
        return spec.priority, self.precedence.factors.index(spec.factor), fact

    def size_cutoffs(self, unit_kind: UnitKind) -> tuple[float, float]:
        """(small below, large from) for amounts counted in `unit_kind`; between the two a size is medium.

        Raises:
            KeyError: If the framework has no cut-offs for this unit.
        """
        cutoff = self.parameters.sizes[unit_kind]
        return cutoff.small_below, cutoff.large_from

    def size_class(self, amount: float, unit_kind: UnitKind = "examples") -> str | None:
        """Class "small", "medium" or "large" of an amount; None without cut-offs for the unit or such a class."""
        spec = self.facts.get("dataset_size")
        if unit_kind not in self.parameters.sizes or spec is None:
            return None
        small_below, large_from = self.size_cutoffs(unit_kind)
        size = "small" if amount < small_below else "large" if amount >= large_from else MEDIUM
        return size if size in spec.values else None

    def __repr__(self) -> str:
        return f"Framework({self.name!r}, {len(self.rules)} rules, {self.hash[:12]})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Framework) and other.hash == self.hash

    def __hash__(self) -> int:
        return hash(self.hash)


def json_schema() -> dict[str, Any]:
    """The JSON Schema that is published as `corpus/frameworks/framework.schema.json`."""
    schema = FrameworkFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Tunewise framework file"}
