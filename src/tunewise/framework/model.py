"""A framework as data: facts, strategies, rules and parameters, and what they compile to.

Everything here is frozen. A rule *fires* on stated facts when every condition of `when` is stated to hold and no
condition of `unless` is; a fact that was not stated satisfies no condition. Facts come in two kinds:

* `situation`: true of the situation whether or not anybody said so (data size, compute). The checker looks at every
  completion of those that are not stated.
* `report`: counts only once it is reported (a measurement that was made, what the goal is). Not stated means not
  reported, so the checker leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tunewise.framework.compiled import Compiled

Action = Literal["forbid", "require", "avoid", "recommend"]
Strength = Literal["must", "should", "may"]
Role = Literal["primary", "supporting"]
Texts = Mapping[str, str]  # language → text; always has "en"
UnitKind = Literal["examples", "hours", "per_class", "tokens", "gigabytes"]

ACTIONS: tuple[Action, ...] = ("forbid", "require", "avoid", "recommend")  # first wins
STRENGTHS: tuple[Strength, ...] = ("must", "should", "may")
GENERAL = "general"  # factor of rules without conditions; always ranks last


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One fact of a framework: its values, how to ask for it and how much it weighs.

    `factor` groups facts for the precedence of rules ("data", "compute"); `priority` orders questions, 1 first.
    """

    name: str
    values: tuple[str, ...]
    kind: Literal["situation", "report"]
    factor: str
    priority: int
    label: Texts
    question: Texts
    why: Texts
    value_labels: Mapping[str, Texts]


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """A setting to start from in practice ("learning rate", "1e-4 to 2e-4"), with where the number comes from."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One practical step of a strategy; `source` names a rule, a parameter or a document."""

    title: Texts
    text: Texts
    source: str | None = None


@dataclass(frozen=True, slots=True)
class StrategySpec:
    """One strategy: what it is called, what it means, what it costs and how to start."""

    id: str
    roles: tuple[Role, ...]
    label: Texts
    description: Texts
    synonyms: Mapping[str, tuple[str, ...]]
    cost: str
    start: tuple[StartingPoint, ...] = ()
    steps: tuple[PlanStep, ...] = ()
    trains: bool = False

    @property
    def is_primary(self) -> bool:
        """Whether it can be what is trained (or not trained)."""
        return "primary" in self.roles

    @property
    def is_supporting(self) -> bool:
        """Whether it can accompany a primary strategy."""
        return "supporting" in self.roles


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from: a document, the heading it stands under and its exact words."""

    document: str
    section: str
    quote: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Under `when` (and not `unless`), beside one of the primaries `beside` if given, do `then`.

    Exactly one of `source` (the document's own words), `digest` (a published source in our words, where its text may
    not be copied) and `interpretation` (our reading where the source is silent, with the `tension` it settles) is set.
    `references` say what it rests on: entries of the notes, or addresses.
    """

    id: str
    when: Mapping[str, tuple[str, ...]]
    then: Mapping[str, Action]
    strength: Strength
    factor: str
    because: Texts
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    source: Source | None = None
    digest: str | None = None
    interpretation: str | None = None
    tension: str | None = None
    references: tuple[str, ...] = ()

    @property
    def is_interpretation(self) -> bool:
        """Whether the rule is our reading rather than the source's words."""
        return self.interpretation is not None

    @property
    def specificity(self) -> int:
        """How many conditions the rule has; a narrower rule ranks before a wider one of the same factor."""
        return len(self.when) + bool(self.beside)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the source that is not a rule: it explains strategies or facts, or there is no rule because …"""

    id: str
    source: Source
    role: Literal["definition", "rationale", "precaution", "priority"]
    about: tuple[str, ...] = ()
    no_rule: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example of the source, with the decision that must come out."""

    id: str
    source: Source
    situation: Mapping[str, str]
    primary: tuple[str, ...]
    supporting: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tension:
    """A gap or contradiction of the source, and the rules that settle it (none: settled by a note alone)."""

    id: str
    title: str
    rules: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class SizeCutoff:
    """What counts as a small or large data set, counted in one kind of unit."""

    unit_kind: UnitKind
    small_below: float
    large_from: float
    unit: str
    rule_of_thumb: bool
    source: str


@dataclass(frozen=True, slots=True)
class MemoryRule:
    """Memory of one training method: bytes for each parameter of the base model, before activations."""

    method: str
    strategy: str
    bytes_per_parameter: float
    formula: str
    rule_of_thumb: bool
    source: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers of a framework; every one has a unit, a source and a rule-of-thumb mark."""

    sizes: Mapping[str, SizeCutoff]
    memory: tuple[MemoryRule, ...]
    large_model_from: float
    large_model_source: str


@dataclass(frozen=True, repr=False)
class Framework:
    """A loaded framework. `hash` is the SHA-256 of its files, so equal hashes decide alike.

    `rules`, `facts`, `strategies`, `sentences` and `examples` are read-only mappings by id or name. `factors` is the
    precedence of factors, most important first; `ranking` orders primary strategies that the rules support alike.
    """

    name: str
    title: str
    files: tuple[str, ...]
    hash: str
    facts: Mapping[str, FactSpec]
    strategies: Mapping[str, StrategySpec]
    families: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, Rule]
    factors: tuple[str, ...]
    ranking: tuple[str, ...]
    max_supporting: int
    parameters: Parameters
    sentences: Mapping[str, Sentence] = field(default_factory=dict)
    examples: Mapping[str, Example] = field(default_factory=dict)
    tensions: Mapping[str, Tension] = field(default_factory=dict)

    @cached_property
    def compiled(self) -> Compiled:
        """The rules as bit sets; built on first use."""
        from tunewise.framework.compiled import Compiled

        return Compiled(self)

    def importance(self, fact: str) -> tuple[int, int, str]:
        """Sort key of facts, most important first: priority of the question, then factor, then name."""
        spec = self.facts[fact]
        return spec.priority, self.factors.index(spec.factor), fact

    def size_cutoffs(self, unit_kind: UnitKind) -> tuple[float, float]:
        """(small below, large from) for amounts counted in `unit_kind`; between the two a size is unknown."""
        cutoff = self.parameters.sizes[unit_kind]
        return cutoff.small_below, cutoff.large_from

    def size_class(self, amount: float, unit_kind: UnitKind = "examples") -> str | None:
        """Class "small" or "large" of an amount, None between the cut-offs."""
        small_below, large_from = self.size_cutoffs(unit_kind)
        return "small" if amount < small_below else "large" if amount >= large_from else None

    def __repr__(self) -> str:
        return f"Framework({self.name!r}, {len(self.rules)} rules, {self.hash[:12]})"

    def __hash__(self) -> int:
        return hash(self.hash)
