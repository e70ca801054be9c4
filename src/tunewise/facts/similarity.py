"""How near the asker's data is to what the model learned from: by their own words, else by a table of clear cases.

The table only ever says "low", and only where model (or its training data) and target are both named: a chest X-ray
is far from ImageNet, Dutch is not among BLOOM's languages. Ordinary photos, legal text or an accent stay unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from tunewise.facts.base_models import NamedModel
from tunewise.facts.claims import NORMAL, STRONG, Claim
from tunewise.facts.patterns import pattern
from tunewise.facts.text import Message
from tunewise.tables import load_table


@dataclass(frozen=True, slots=True)
class Domain:
    """A kind of data, and the training domains that are clearly different from it."""

    name: str
    pattern: re.Pattern[str]
    far_from: frozenset[str]


@lru_cache(maxsize=1)
def _domains() -> tuple[Domain, ...]:
    return tuple(
        Domain(row["name"], re.compile(row["pattern"]), frozenset(row["far_from"]))
        for row in load_table("reading/domains.yaml")["domains"]
    )


@lru_cache(maxsize=1)
def _language_pattern() -> tuple[re.Pattern[str], dict[str, str]]:
    code_of = {
        str(name): str(code) for code, names in load_table("reading/languages.yaml")["names"].items() for name in names
    }
    latin = [name for name in code_of if name.isascii()]
    other = [name for name in code_of if not name.isascii()]
    by_length = "|".join(sorted(map(re.escape, latin), key=len, reverse=True))
    return re.compile(rf"(?<![a-z])(?:{by_length})(?![a-z])|{'|'.join(other)}"), code_of


def similarity_claims(message: Message, model: NamedModel | None) -> Iterator[Claim]:
    """Claims about similarity from the tables, and the details source_domain and target_domain."""
    sources = _source_domains(message, model)
    for name, (start, end) in sources.items():
        yield Claim("source_domain", name, start, end)
    target = _target_domain(message, sources)
    if target:
        domain, start, end = target
        yield Claim("target_domain", domain.name, start, end)
        if domain.far_from & sources.keys():
            near = sorted(domain.far_from & sources.keys())[0]
            spoken = load_table("reading/domains.yaml")["sources"].get(near, {}).get("spoken", near.replace("_", " "))
            reason = f"{domain.name} differ clearly from what the model learned on ({spoken})."
            yield Claim("similarity", "low", start, end, NORMAL, reason=reason)
    yield from _not_in_model(message, model)
    yield from _language_claims(message, model)


def _not_in_model(message: Message, model: NamedModel | None) -> Iterator[Claim]:
    """ "a language that isn't in mBART", "not covered by Whisper"."""
    before = message.folded[max(0, model.start - 60) : model.start] if model else ""
    after = message.folded[model.end : model.end + 60] if model else ""
    lacks = pattern("similarity.lacks").match(after)
    if model and lacks:
        yield Claim("similarity", "low", model.start, model.end + lacks.end(), STRONG)
    match = pattern("similarity.not_in").search(before)
    if match and model:
        start = model.start - len(before) + match.start()
        yield Claim("similarity", "low", start, model.end, STRONG)


def _source_domains(message: Message, model: NamedModel | None) -> dict[str, tuple[int, int]]:
    """Training domains the message names, or that the named model implies, with the place of the words."""
    found = {domain.name: (start, end) for domain, start, end in _mentions(message) if _is_source(message, start)}
    stated = bool(found)
    for name, source in load_table("reading/domains.yaml")["sources"].items():
        match = re.search(source["pattern"], message.folded)
        if match:
            found[name] = match.span()
    if not stated and model and model.kind.trained_on and model.kind.trained_on != "own":
        found.setdefault(model.kind.trained_on, (model.start, model.end))
    return found


def _target_domain(message: Message, sources: dict[str, tuple[int, int]]) -> tuple[Domain, int, int] | None:
    """The first domain of the table that the message names; one that is far from a source is preferred."""
    found = [item for item in _mentions(message) if not _is_source(message, item[1])]
    if any(domain.name in sources for domain, *_ in found):  # of the kind the model is said to know: how near is open
        return next(item for item in found if item[0].name in sources)
    found.sort(key=lambda item: (not (item[0].far_from & sources.keys()), item[1]))
    return found[0] if found else None


def _mentions(message: Message) -> list[tuple[Domain, int, int]]:
    """Every domain of the table that the message names, with the places of the words, in the order of the table."""
    return [(domain, *match.span()) for domain in _domains() for match in domain.pattern.finditer(message.folded)]


def _is_source(message: Message, start: int) -> bool:
    """Whether a domain is named as what the model learned from: "trained on chest X-rays"."""
    before = message.folded[max(0, start - 60) : start]
    return bool(pattern("similarity.learned_from").search(before))


def _language_claims(message: Message, model: NamedModel | None) -> Iterator[Claim]:
    names, code_of = _language_pattern()
    known = _known_languages(message, model)
    if not known or pattern("similarity.task_language").search(message.folded):
        return
    own = pattern("similarity.own_language").search(message.folded)
    if own and len(known) <= 8:
        reason = "The model was trained on English, or nearly so."
        yield Claim("similarity", "low", own.start(), own.end(), NORMAL, reason=reason)
        return
    for match in names.finditer(message.folded):
        before = message.folded[max(0, match.start() - 30) : match.start()]
        after = message.folded[match.end() : match.end() + 30]
        if (
            code_of[match.group()] in known
            or pattern("similarity.nationality_only").match(after)
            or pattern("similarity.nationality").search(before)
        ):
            continue
        if not pattern("similarity.language_words").search(
            message.folded[max(0, match.start() - 80) : match.end() + 60]
        ):
            continue
        reason = f"{match.group().capitalize()} is not among the languages the model was trained on."
        yield Claim("similarity", "low", match.start(), match.end(), NORMAL, reason=reason)
        return


def _known_languages(message: Message, model: NamedModel | None) -> frozenset[str]:
    """Codes of the languages the model learned; empty where that cannot be said."""
    trained = load_table("reading/languages.yaml")["trained"]
    if pattern("similarity.english_only").search(message.folded):
        return frozenset({"en"})
    languages = model.kind.languages if model else None
    return frozenset(map(str, trained.get(languages or "", ())))
