"""Corrections of the user in the fact sheet: they override every reading, and re-derive what follows from a detail."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tunewise.errors import SituationError
from tunewise.facts.base_models import find_models, model_claims, model_size
from tunewise.facts.claims import Claim, settle
from tunewise.facts.dataset import classify
from tunewise.facts.fitting import with_fit
from tunewise.facts.hardware import hardware_claims
from tunewise.facts.numbers import find_numbers
from tunewise.facts.patterns import pattern
from tunewise.facts.proposing import plain_value, refused_value
from tunewise.facts.quantities import Quantity, find_quantities
from tunewise.facts.reading import DETAILS
from tunewise.facts.text import fold, read
from tunewise.types import UNKNOWN, Fact, Situation

if TYPE_CHECKING:
    from tunewise.framework.model import Framework

MODALITIES = ("image", "text", "audio", "tabular", "other")
_NUMBERS = ("n_examples", "n_classes", "gpu_memory", "model_parameters")
OF_A_MODEL = ("architecture", "model_parameters")  # details that a model's name tells
_LONGEST = 200


def edit(
    situation: Situation,
    framework: Framework,
    changes: Mapping[str, str],
    measured: Mapping[str, str] | None = None,
) -> Situation:
    """A situation with the user's corrections; everything edited has status "edited" and no quote.

    Args:
        situation: The situation so far.
        framework: Gives facts, their values and the cut-offs of data size.
        changes: Fact → value, or detail → text or number ("n_examples": "2000", "6 hours"); "unknown" or "" takes a
            fact back, "not low" says no to one value and assumes no other. A detail re-derives the facts that follow
            from it unless the same changes set them.
        measured: Why, for those of the changes that were measured: they have the status "measured".

    Raises:
        SituationError: If a name or a value does not exist; the message suggests the nearest one.
    """
    facts, details = dict(situation.facts), dict(situation.details)
    derived: dict[str, Fact] = {}
    for name, text in changes.items():
        value = " ".join(str(text).split())
        if name in framework.facts:
            facts[name] = _edited_fact(framework, name, value, facts.get(name, Fact(name)))
        elif name in DETAILS:
            details[name], followed = _edited_detail(framework, name, value, facts)
            derived.update(followed)
        else:
            raise SituationError(f"There is no fact {name!r}.{_suggest(name, (*framework.facts, *DETAILS))}")
    follows = {name: fact for name, fact in derived.items() if name not in changes}
    facts.update({name: fact for name, fact in follows.items() if name in framework.facts})
    details.update({name: fact for name, fact in follows.items() if name in DETAILS})
    for name, reason in (measured or {}).items():
        holder = facts if name in facts else details
        if name in changes and name in holder and holder[name].known:
            holder[name] = replace(holder[name], status="measured", reason=reason)
    settled = set(changes) | (derived.keys() & framework.facts.keys())
    clashes = tuple(clash for clash in situation.clashes if clash.fact not in settled)
    edited = Situation(facts, {name: fact for name, fact in details.items() if fact.known}, clashes)
    return with_fit(edited, framework)


def _suggest(given: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(given, known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."


def _edited_fact(framework: Framework, name: str, value: str, before: Fact) -> Fact:
    values, chosen = framework.facts[name].values, plain_value(value)
    denied = refused_value(chosen) if chosen not in values else None
    if denied in values and before.value != denied:
        return before
    if chosen in ("", UNKNOWN) or denied in values:
        return Fact(name, status="edited", reason="You took this back.")
    if chosen not in values:
        raise SituationError(f"{name} cannot be {value!r}.{_suggest(chosen, (*values, UNKNOWN))}")
    return Fact(name, chosen, "edited")


def _edited_detail(
    framework: Framework, name: str, value: str, facts: Mapping[str, Fact]
) -> tuple[Fact, dict[str, Fact]]:
    """The edited detail, and the facts and details that follow from it."""
    if len(value) > _LONGEST:
        raise SituationError(f"{name} is {len(value)} characters long; give at most {_LONGEST}.")
    if value.lower() in ("", UNKNOWN):
        return Fact(name, status="edited"), _taken_back(name, facts)
    if name == "modality" and value.lower() not in MODALITIES:
        raise SituationError(f"modality cannot be {value!r}.{_suggest(value.lower(), MODALITIES)}")
    if name not in _NUMBERS:
        return Fact(name, value, "edited"), _follow_from_name(framework, name, value)
    quantity = _amount(name, value)
    fact = Fact(name, value, "edited", amount=quantity.amount, unit=quantity.noun)
    if name == "n_examples":
        return fact, {"dataset_size": _derived_size(framework, quantity)}
    if name == "gpu_memory":
        return replace(fact, value=f"{quantity.amount:g} GB", unit="GB"), {}
    if name == "model_parameters":
        size = model_size(quantity.amount, framework)
        return fact, {"model_size": Fact("model_size", size, "edited", amount=quantity.amount, unit="parameters")}
    return fact, {}


def _taken_back(name: str, facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """Facts that an earlier edit of the detail had set, and the family of a model; what was stated stays."""
    if name == "base_model":
        return {"architecture": Fact("architecture")}
    follows = {"n_examples": "dataset_size", "hardware": "compute", "model_parameters": "model_size"}.get(name)
    fact = facts.get(follows) if follows else None
    return {fact.name: Fact(fact.name)} if fact and fact.status == "edited" and fact.amount is not None else {}


def _amount(name: str, value: str) -> Quantity:
    """The number in an edited field: bare ("2000"), with multiplier ("1.5k") or with its unit ("6 hours")."""
    folded = fold(value)
    quantities = find_quantities(f"{folded} of data" if pattern("editing.unit").search(folded) else folded)
    numbers = find_numbers(folded)
    if name == "n_examples" and len(quantities) == 1 and "-" not in folded[: quantities[0].start]:
        return quantities[0]
    if len(numbers) != 1 or not 0 < numbers[0].value <= 1e15 or not _is_plain(folded, numbers[0].start, numbers[0].end):
        raise SituationError(f"{name} cannot be {value!r}; give one positive number, for example '2000' or '1.5k'.")
    unit = {"n_examples": "examples", "n_classes": "classes", "gpu_memory": "GB"}.get(name, "parameters")
    return Quantity(numbers[0].value, "examples", unit, 0, len(value))


def _is_plain(folded: str, start: int, end: int) -> bool:
    """Whether nothing but a few words stands around the number: no sign, no exponent, no second number."""
    before, after = folded[:start].strip(), folded[end:]
    return bool(pattern("editing.before").fullmatch(before)) and not re.search(r"\d", after)


def _derived_size(framework: Framework, quantity: Quantity) -> Fact:
    value, reason = classify(quantity.amount, quantity.kind, framework)
    return Fact("dataset_size", value, "edited", reason=reason, amount=quantity.amount, unit=quantity.unit)


def _follow_from_name(framework: Framework, name: str, value: str) -> dict[str, Fact]:
    """What the tables say about an edited model or machine; of a model that they do not know that it has no family."""
    message = read(value)
    claims: list[Claim] = []
    followed: dict[str, Fact] = {}
    if name == "base_model":
        claims = list(model_claims(message, find_models(message), framework))
        told = {claim.fact: claim.to_fact(message, 0) for claim in claims if claim.fact in OF_A_MODEL}
        followed = {"architecture": Fact("architecture"), **told}
    elif name == "hardware":
        claims = list(hardware_claims(message))
    for wanted in ("model_size", "model_type", "compute"):
        fact, _ = settle(wanted, [claim for claim in claims if claim.fact == wanted], message, 0)
        if fact and wanted in framework.facts:
            followed[wanted] = fact
    return {name: replace(fact, status="edited", quote=None, turn=None) for name, fact in followed.items()}
