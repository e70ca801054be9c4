"""What comes in from outside: a situation and a recommendation as JSON, read strictly and with limits."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tunewise.errors import SituationError
from tunewise.framework.decide import checked_values
from tunewise.framework.model import Framework
from tunewise.framework.words import suggestion
from tunewise.types import Clash, Conditional, Fact, Recommendation, Situation

MAX_BYTES = 100_000
MAX_DEPTH = 8
MAX_STRATEGIES = 32
REQUEST_KEYS = ("facts", "recommendation", "clashes")
RECOMMENDATION_KEYS = ("primary", "supporting", "avoid", "assumptions", "origin", "conditional")


def read_request(source: str) -> dict[str, Any]:
    """The JSON object in a file, or on standard input for "-".

    Raises:
        SituationError: If it is not readable, too large, too deep, or not strict JSON (no duplicate keys, no NaN).
    """
    if source == "-":
        text = sys.stdin.read(MAX_BYTES + 1)
    else:
        try:
            with Path(source).open(encoding="utf-8") as file:
                text = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise SituationError(f"Cannot read {source!r}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise SituationError(f"{source!r} is not UTF-8 text.") from None
    return parse_request(text)


def parse_request(text: str) -> dict[str, Any]:
    """The JSON object in a text; see `read_request`."""
    if len(text) > MAX_BYTES:
        raise SituationError(f"The input is longer than {MAX_BYTES:,} characters.")
    if _depth(text) > MAX_DEPTH:
        raise SituationError(f"The input is nested more than {MAX_DEPTH} levels deep.")
    try:
        found = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_constant,
            parse_int=_short,
            parse_float=_short,
        )
    except json.JSONDecodeError as error:
        raise SituationError(f"The input is not JSON: {error.msg} at line {error.lineno}.") from None
    if not isinstance(found, dict):
        raise SituationError('The input must be an object like {"facts": {"dataset_size": "small"}}.')
    for key in found:
        if key not in REQUEST_KEYS:
            raise SituationError(
                f"Unknown key {key[:80]!r}.{suggestion(key, REQUEST_KEYS)} Known: {', '.join(REQUEST_KEYS)}."
            )
    if not isinstance(found.get("facts", {}), dict):
        raise SituationError("'facts' must be an object: fact → value.")
    return found


def _depth(text: str) -> int:
    """Most brackets open at once, outside of strings."""
    depth = most = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            in_string, escaped = character != '"' or escaped, character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            most = max(most, depth)
        elif character in "]}":
            depth -= 1
    return most


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


def recommendation_of(request: Mapping[str, Any]) -> Recommendation | None:
    """The recommendation of a request, None if there is none.

    Raises:
        SituationError: If it has unknown keys or the wrong shape. Unknown strategies are left for the checker.
    """
    given = request.get("recommendation")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise SituationError('\'recommendation\' must be an object like {"primary": "lora", "supporting": []}.')
    for key in given:
        if key not in RECOMMENDATION_KEYS:
            raise SituationError(f"recommendation: unknown key {key[:80]!r}.{suggestion(key, RECOMMENDATION_KEYS)}")
    conditional = given.get("conditional") or []
    if not isinstance(conditional, list) or len(conditional) > MAX_STRATEGIES:
        raise SituationError(f"recommendation: 'conditional' must be a list of at most {MAX_STRATEGIES}.")
    return Recommendation(
        primary=_word(given.get("primary"), "primary"),
        supporting=_words(given.get("supporting"), "supporting"),
        avoid=_words(given.get("avoid"), "avoid"),
        conditional=tuple(_conditional(one) for one in conditional),
    )


def _conditional(given: object) -> Conditional:
    if not isinstance(given, dict):
        raise SituationError("recommendation: each 'conditional' must be an object with 'if' and 'primary'.")
    when = given.get("if", given.get("when"))
    primary = _word(given.get("primary"), "conditional primary")
    if not isinstance(when, dict) or primary is None:
        raise SituationError("recommendation: each 'conditional' must have 'if' (fact → value) and 'primary'.")
    return Conditional(when, primary, _words(given.get("supporting"), "conditional supporting"))


def _word(given: object, where: str) -> str | None:
    if given is None or isinstance(given, str):
        return given
    raise SituationError(f"recommendation: '{where}' must be a strategy's name, not {str(given)[:40]!r}.")


def _words(given: object, where: str) -> tuple[str, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MAX_STRATEGIES or not all(isinstance(one, str) for one in given):
        raise SituationError(f"recommendation: '{where}' must be a list of at most {MAX_STRATEGIES} strategy names.")
    return tuple(given)


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
