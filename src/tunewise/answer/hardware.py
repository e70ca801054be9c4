""" "Is my card enough?": what training the asker's model takes beside what their card has, by rule of thumb; where only
one of them is known, what that one means for the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed
from tunewise.framework.memory import capacities, cards, memory_at_hand, memory_estimates
from tunewise.framework.words import text_in
from tunewise.types import MemoryEstimate

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.framework.model import MemoryRule
    from tunewise.languages import LanguageTexts
    from tunewise.types import Situation


def compose_hardware(framework: Framework, situation: Situation, texts: LanguageTexts) -> Composed | None:
    """Whether the asker's card can train the asker's model, with the sum; None where either is not known.

    The methods come from the one that takes most memory to the one that takes least.
    """
    model, card = situation.details.get("model_parameters"), situation.details.get("gpu_memory")
    if not (model and model.amount and card and card.amount):
        return None
    estimates = _heaviest_first(framework, situation, texts)
    if not estimates:
        return None
    most, least = estimates[0], estimates[-1]
    usable = next((each for each in estimates if each.fits is not False), None)
    parts = {
        "model": _named(situation, texts),
        "parameters": _parameters(model.amount, texts),
        "card": _cards(situation, card.amount, texts),
        "most": _said(most, texts),
    }
    if usable is None:
        return Composed(texts.say("hardware", "nothing_fits", least=_said(least, texts), **parts))
    lighter = [] if usable is most else [_said(usable, texts)]
    key = _key(estimates, usable)
    return Composed(texts.say("hardware", key, usable=texts.listed(lighter), **parts))


def compose_capacity(framework: Framework, situation: Situation, texts: LanguageTexts) -> Composed | None:
    """How large a model the asker's card trains, or what card the asker's model takes; None unless one is known."""
    model, card = situation.details.get("model_parameters"), situation.details.get("gpu_memory")
    parameters, memory = model and model.amount, card and card.amount
    if parameters and not memory:
        key, said = "model_only", [_said(each, texts) for each in _heaviest_first(framework, situation, texts)]
        parts = {"model": _named(situation, texts), "parameters": _parameters(parameters, texts)}
    elif memory and not parameters:
        key, said = "card_only", [_up_to(rule, most, texts) for rule, most in capacities(framework, memory)]
        parts = {"memory": texts.number(memory)}
    else:
        return None
    return Composed(texts.say("hardware", key, methods=texts.listed(said), **parts)) if said else None


def _heaviest_first(framework: Framework, situation: Situation, texts: LanguageTexts) -> list[MemoryEstimate]:
    return sorted(memory_estimates(framework, situation, texts.code), key=lambda each: -each.gigabytes)


def _named(situation: Situation, texts: LanguageTexts) -> str:
    named = situation.details.get("base_model")
    return named.value if named else texts.say("hardware", "model")


def _cards(situation: Situation, memory: float, texts: LanguageTexts) -> str:
    """What is at hand: "one card of 12 GB", "4 cards of 24 GB with the model sharded over them"."""
    count, whole = cards(situation), memory_at_hand(situation) or memory
    key = "one_card" if count == 1 else "more_cards"
    return texts.say("hardware", key, count=texts.number(count), memory=texts.number(memory), whole=texts.number(whole))


def _up_to(rule: MemoryRule, parameters: float, texts: LanguageTexts) -> str:
    method = text_in(rule.method, texts.code)
    return texts.say("hardware", "up_to", method=method, parameters=_parameters(parameters, texts))


def _key(estimates: Sequence[MemoryEstimate], usable: MemoryEstimate) -> str:
    if usable is estimates[0]:
        return "all_fits" if usable.fits else "all_tight"
    return "lighter_fits" if usable.fits else "lighter_tight"


def _said(estimate: MemoryEstimate, texts: LanguageTexts) -> str:
    return texts.say("hardware", "estimate", method=estimate.method, gigabytes=texts.number(estimate.gigabytes))


def _parameters(count: float, texts: LanguageTexts) -> str:
    unit, scale = ("billions", 1e9) if count >= 1e9 else ("millions", 1e6)
    return texts.say("hardware", unit, number=texts.number(float(f"{count / scale:.2g}")))
