"""The shape of a framework file, checked once where it comes in; also the source of the published JSON Schema."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.\-]{0,63}$")]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
ActionName = Literal["forbid", "require", "avoid", "recommend"]
Conditions = dict[Identifier, Identifier | Annotated[list[Identifier], Field(min_length=1)]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class TextsPart(_Part):
    """A text in up to three languages; English is always there."""

    en: Text
    zh: Text | None = None
    fr: Text | None = None


class FactPart(_Part):
    """A fact: `situation` facts are true whether or not they are stated, `report` facts count once reported."""

    kind: Literal["situation", "report"] = "situation"
    factor: Identifier
    priority: Annotated[int, Field(ge=1, le=9)] = 5
    label: TextsPart
    question: TextsPart
    why: TextsPart
    values: Annotated[dict[Identifier, TextsPart], Field(min_length=2)]


class StartPart(_Part):
    """A setting to start from, with its source."""

    name: Text
    value: Text
    source: Text


class StepPart(_Part):
    """One practical step."""

    title: TextsPart
    text: TextsPart
    source: Text | None = None


class StrategyPart(_Part):
    """A strategy; `trains` says whether weights of the base model (or a new head) are trained."""

    roles: Annotated[list[Literal["primary", "supporting"]], Field(min_length=1)]
    trains: bool = False
    label: TextsPart
    description: TextsPart
    synonyms: dict[Literal["en", "zh", "fr"], list[Text]] = {}
    cost: Text
    start: list[StartPart] = []
    steps: list[StepPart] = []


class SourcePart(_Part):
    """Document, heading and exact quote."""

    document: Identifier
    section: Text
    quote: Text


class RulePart(_Part):
    """A rule; exactly one of `source` (a quote), `digest` (a source in our words) and `interpretation`."""

    id: Identifier
    when: Conditions = {}
    unless: Conditions = {}
    beside: list[Identifier] = []
    then: Annotated[dict[Identifier, ActionName], Field(min_length=1)]
    strength: Literal["must", "should", "may"]
    factor: Identifier | None = None
    because: TextsPart
    source: SourcePart | None = None
    digest: Text | None = None
    interpretation: Text | None = None
    tension: Identifier | None = None
    references: list[Text] = []


class SentencePart(_Part):
    """A sentence of the source that explains but decides nothing."""

    id: Identifier
    section: Text
    quote: Text
    role: Literal["definition", "rationale", "precaution", "priority"]
    about: list[Identifier] = []
    no_rule: Text | None = None


class ExpectationPart(_Part):
    """What must come out for an example: one of `primary`, all of `supporting`, none of `never`."""

    primary: list[Identifier] = []
    supporting: list[Identifier] = []
    never: list[Identifier] = []


class ExamplePart(_Part):
    """A worked example of the source."""

    id: Identifier
    section: Text
    quote: Text
    situation: dict[Identifier, Identifier]
    expect: ExpectationPart


class TensionPart(_Part):
    """A gap of the source and how it is settled."""

    id: Identifier
    title: Text
    rules: list[Identifier] = []
    note: Text


class PrecedencePart(_Part):
    """Factors, most important first; order among strategies supported alike; most supporting strategies at once."""

    factors: list[Identifier] | None = None
    ranking: list[Identifier] | None = None
    max_supporting: Annotated[int, Field(ge=0, le=5)] | None = None


class SizePart(_Part):
    """Cut-offs of one kind of unit."""

    small_below: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    large_from: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    unit: Text
    rule_of_thumb: bool
    source: Text


class MemoryPart(_Part):
    """Memory of one training method."""

    method: Text
    strategy: Identifier
    bytes_per_parameter: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    formula: Text
    rule_of_thumb: bool
    source: Text


class LargeModelPart(_Part):
    """From how many parameters a model counts as large."""

    parameters_from: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    rule_of_thumb: bool
    source: Text


class ParametersPart(_Part):
    """Every number of the framework."""

    sizes: dict[Literal["examples", "hours", "per_class", "tokens", "gigabytes"], SizePart] = {}
    memory: list[MemoryPart] = []
    large_model: LargeModelPart | None = None


class FrameworkFile(_Part):
    """One framework file."""

    name: Identifier
    title: Text
    document: Identifier | None = None
    extends: Identifier | None = None
    facts: dict[Identifier, FactPart] = {}
    strategies: dict[Identifier, StrategyPart] = {}
    families: dict[Identifier, Annotated[list[Identifier], Field(min_length=1)]] = {}
    precedence: PrecedencePart = PrecedencePart()
    parameters: ParametersPart | None = None
    rules: list[RulePart] = []
    sentences: list[SentencePart] = []
    examples: list[ExamplePart] = []
    tensions: list[TensionPart] = []


def json_schema() -> dict[str, object]:
    """The JSON Schema that is published as `corpus/frameworks/framework.schema.json`."""
    schema = FrameworkFile.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tunewise framework file",
        **{key: value for key, value in schema.items() if key != "title"},
    }
