"""A situation and a recommendation from outside, as JSON or as words, read strictly and with limits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError

from tunewise.errors import SituationError
from tunewise.framework.decide import checked_values
from tunewise.framework.model import Framework, FrozenRecord
from tunewise.framework.words import explained
from tunewise.types import Clash, Conditional, Fact, Recommendation, Situation

MAX_CHARACTERS = 100_000
_OR_NONE = BeforeValidator(lambda given: given or ())
Names = Annotated[tuple[str, ...], Field(max_length=32), _OR_NONE]


class AskedConditional(FrozenRecord):
    """What is recommended instead under a condition."""

    when: Annotated[dict[str, str], Field(validation_alias=AliasChoices("if", "when"))]
    primary: str
    supporting: Names = ()


class AskedRecommendation(FrozenRecord):
    """A recommendation to check; `assumptions` and `origin` may be there and are never read."""

    primary: str | None = None
    supporting: Names = ()
    avoid: Names = ()
    conditional: Annotated[tuple[AskedConditional, ...], Field(max_length=32), _OR_NONE] = ()
    assumptions: Any = None
    origin: Any = None


class CheckRequest(FrozenRecord):
    """Facts (see `situation_of`) and perhaps a recommendation to check."""

    facts: dict[str, Any] = Field(default_factory=dict)
    recommendation: AskedRecommendation | None = None


def parse_request(text: str) -> CheckRequest:
    """The request in a JSON text. Numbers stay text: no fact takes one.

    Raises:
        SituationError: If it is too large or deep, not strict JSON (no duplicate keys, no NaN), or has unknown keys or
            the wrong shape.
    """
    if len(text) > MAX_CHARACTERS:
        raise SituationError(f"The input is longer than {MAX_CHARACTERS:,} characters.")
    try:
        read = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_int=_short,
            parse_float=_short,
            parse_constant=_no_constant,
        )
        return CheckRequest.model_validate(read)
    except ValidationError as error:
        known = [*CheckRequest.model_fields, *AskedRecommendation.model_fields, "if"]
        raise SituationError(f"The input{explained(error, known, {})}") from None
    except json.JSONDecodeError as error:
        raise SituationError(f"The input is not JSON: {error.msg} at line {error.lineno}.") from None
    except RecursionError:
        raise SituationError("The input is nested too deeply.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise SituationError(f"The key {key[:80]!r} is given twice. Remove one of the two.")
        found[key] = value
    return found


def _no_constant(word: str) -> Any:
    raise SituationError(f'{word} is not a value; facts have words like "small".')


def _short(digits: str) -> Any:
    """Numbers stay text: no fact takes one, and a huge one is never computed."""
    return digits[:40]


def facts_from(words: Iterable[str]) -> dict[str, str]:
    """Facts given as NAME=VALUE."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise SituationError(f"{word[:80]!r} is not NAME=VALUE, for example dataset_size=small.")
        if found.setdefault(name, value) != value:
            raise SituationError(f"Fact {name!r} is given twice, as {found[name]!r} and {value!r}.")
    return found


def situation_of(framework: Framework, facts: Mapping[str, Any]) -> Situation:
    """A situation from fact → value, or fact → {"value": …, "quote": …}; a list of values is a contradiction.

    Raises:
        SituationError: If a fact or value is not the framework's.
    """
    values: dict[str, Any] = {}
    quotes: dict[str, str | None] = {}
    clashes: list[Clash] = []
    for name, given in facts.items():
        value = given.get("value") if isinstance(given, dict) else given
        quotes[name] = str(given.get("quote") or "") or None if isinstance(given, dict) else None
        if isinstance(value, list):
            for each in value:
                checked_values(framework, {name: each})
            clashes.append(Clash(name, tuple((str(each), str(each)) for each in value)))
        else:
            values[name] = value
    stated = checked_values(framework, values)
    read = {name: Fact(name, value, "stated", quotes[name]) for name, value in stated.items()}
    return Situation(read, clashes=tuple(clashes))


def recommendation_of(request: CheckRequest) -> Recommendation | None:
    """The recommendation of a request, None if there is none; unknown strategies are left for the checker."""
    asked = request.recommendation
    if asked is None:
        return None
    conditional = tuple(Conditional(one.when, one.primary, one.supporting) for one in asked.conditional)
    return Recommendation(asked.primary, asked.supporting, asked.avoid, conditional=conditional)
