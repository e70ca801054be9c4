"""What comes in from outside: a situation and a recommendation as JSON, read strictly and with limits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field, ValidationError

from tunewise.errors import SituationError
from tunewise.framework.decide import checked_values
from tunewise.framework.model import Framework, Record
from tunewise.framework.words import suggestion
from tunewise.types import Clash, Conditional, Fact, Recommendation, Situation

MAX_CHARACTERS = 100_000
SHAPES = {
    "facts": "an object: fact → value",
    "recommendation": 'an object like {"primary": "lora", "supporting": []}',
    "primary": "a strategy's name",
    "supporting": "a list of at most 32 strategy names",
    "avoid": "a list of at most 32 strategy names",
    "conditional": "a list of at most 32 objects, each with 'if' and 'primary'",
    "if": "an object: fact → value",
}
_OR_NONE = BeforeValidator(lambda given: given or ())
Names = Annotated[tuple[str, ...], _OR_NONE, Field(max_length=32)]


class AskedConditional(Record):
    """What is recommended instead under a condition."""

    when: Annotated[dict[str, str], Field(validation_alias=AliasChoices("if", "when"))]
    primary: str
    supporting: Names = ()


class AskedRecommendation(Record):
    """A recommendation to check; `assumptions` and `origin` may be there and are never read."""

    primary: str | None = None
    supporting: Names = ()
    avoid: Names = ()
    conditional: Annotated[tuple[AskedConditional, ...], _OR_NONE, Field(max_length=32)] = ()
    assumptions: Any = None
    origin: Any = None


class Request(Record):
    """Facts (see `situation_of`) and perhaps a recommendation to check."""

    facts: dict[str, Any] = Field(default_factory=dict)
    recommendation: AskedRecommendation | None = None


def read_request(source: str) -> Request:
    """The request in a JSON file, or on standard input for "-".

    Raises:
        SituationError: If it is not readable, too large or deep, not strict JSON (no duplicate keys, no NaN), or has
            unknown keys or the wrong shape.
    """
    if source == "-":
        return parse_request(sys.stdin.read(MAX_CHARACTERS + 1))
    try:
        with Path(source).open(encoding="utf-8") as file:
            return parse_request(file.read(MAX_CHARACTERS + 1))
    except OSError as error:
        raise SituationError(f"Cannot read {source!r}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SituationError(f"{source!r} is not UTF-8 text.") from None


def parse_request(text: str) -> Request:
    """The request in a JSON text; see `read_request`. Numbers stay text: no fact takes one."""
    if len(text) > MAX_CHARACTERS:
        raise SituationError(f"The input is longer than {MAX_CHARACTERS:,} characters.")
    hooks = {"parse_int": _short, "parse_float": _short, "parse_constant": _no_constant}
    try:
        return Request.model_validate(json.loads(text, object_pairs_hook=_without_duplicates, **hooks))
    except ValidationError as error:
        raise SituationError(_problem(error)) from None
    except json.JSONDecodeError as error:
        raise SituationError(f"The input is not JSON: {error.msg} at line {error.lineno}.") from None
    except RecursionError:
        raise SituationError("The input is nested too deeply.") from None


def _problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    words = [word for word in first["loc"] if isinstance(word, str)]
    if not words:
        return 'The input must be an object like {"facts": {"dataset_size": "small"}}.'
    *inside, key = words
    place = f"{' '.join(inside)}: " if inside else ""
    if first["type"] == "extra_forbidden":
        return f"{place}unknown key {key[:80]!r}.{suggestion(key, SHAPES)}"
    missing = " is missing: it" if first["type"] == "missing" else ""
    return f"{place}{key!r}{missing} must be {SHAPES.get(key, 'text')}, not {str(first['input'])[:40]!r}."


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


def recommendation_of(request: Request) -> Recommendation | None:
    """The recommendation of a request, None if there is none; unknown strategies are left for the checker."""
    asked = request.recommendation
    if asked is None:
        return None
    conditional = tuple(Conditional(one.when, one.primary, one.supporting) for one in asked.conditional)
    return Recommendation(asked.primary, asked.supporting, asked.avoid, conditional=conditional)


def write_new(path: Path, text: str, *, overwrite: bool = False) -> None:
    """Write a text file; without `overwrite` an existing file is left alone.

    Raises:
        SituationError: If the file exists or cannot be written.
    """
    try:
        with path.open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise SituationError(f"{str(path)!r} exists already. Choose another name.") from None
    except OSError as error:
        raise SituationError(f"Cannot write {str(path)!r}: {error.strerror}.") from None
