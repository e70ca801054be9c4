""" "Is my card enough?": what training the asker's model takes beside what their card has, as it was measured or by
rule of thumb; where only one of them is known, what that one means for the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed
from tunewise.framework.memory import (
    capacities,
    cards,
    family_of,
    is_mac,
    memory_at_hand,
    memory_estimates,
    memory_of_a_card,
)
from tunewise.framework.words import text_in
from tunewise.types import MemoryEstimate

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.framework.memory import Need
    from tunewise.languages import LanguageTexts
    from tunewise.types import Situation, TrainingStep


def compose_hardware(framework: Framework, situation: Situation, texts: LanguageTexts) -> Composed | None:
    """Whether the asker's card can train the asker's model, with the sum, or what size of it where they name none; None
    where either is not known.

    The methods come from the one that takes most memory to the one that takes least.
    """
    model, card = situation.details.get("model_parameters"), situation.details.get("gpu_memory")
    if not model and family_of(situation):
        return compose_capacity(framework, situation, texts)
    if not (model and model.amount and card and card.amount):
        return None
    estimates = memory_estimates(framework, situation, texts.code)
    if not estimates:
        return None
    most, least = estimates[0], estimates[-1]
    usable, sure = _usable(estimates)
    parts = {
        "model": _named(situation, texts),
        "parameters": _parameters(model.amount, texts),
        "card": _cards(situation, card.amount, texts),
        "most": estimated(most, texts),
        "basis": basis(estimates, texts),
    }
    if usable is None:
        said = texts.say("hardware", "nothing_fits", least=estimated(least, texts), **parts)
    else:
        key = _key(estimates, usable, sure)
        said = texts.say("hardware", key, usable=estimated(sure or usable, texts), **parts)
    return Composed(said + _on_a_mac(situation, texts))


def compose_capacity(framework: Framework, situation: Situation, texts: LanguageTexts) -> Composed | None:
    """How large a model the asker's card trains, or what card the asker's model takes; None unless one is known."""
    model, card = situation.details.get("model_parameters"), situation.details.get("gpu_memory")
    parameters, memory, usable = model and model.amount, card and card.amount, memory_of_a_card(situation)
    if parameters and not usable:
        estimates = memory_estimates(framework, situation, texts.code)
        key, said = "model_only", [estimated(each, texts) for each in estimates]
        parts = {"model": _named(situation, texts), "parameters": _parameters(parameters, texts)}
        parts["basis"], is_measured = basis(estimates, texts), any(each.step for each in estimates)
    elif memory and usable and not parameters:
        fitting = capacities(framework, usable, family_of(situation))
        key, said = "card_only", list(_up_to(fitting, texts))
        steps = [step for need, _ in fitting if (step := need.training_step())]
        parts = {"memory": texts.number(memory)}
        parts["basis"] = _based_on("by_scaling", steps if len(steps) == len(fitting) else (), texts)
        is_measured = bool(steps)
    else:
        return None
    if not said:
        return None
    parts["room"] = _room(framework, texts, is_measured=is_measured)
    return Composed(texts.say("hardware", key, methods=texts.listed(said), **parts) + _on_a_mac(situation, texts))


def _on_a_mac(situation: Situation, texts: LanguageTexts) -> str:
    """What differs where the card is an Apple chip: its memory is the machine's, and other libraries train there."""
    return texts.say("hardware", "on_a_mac") if is_mac(situation) else ""


def _room(framework: Framework, texts: LanguageTexts, *, is_measured: bool) -> str:
    """How many percent more memory than the sum fit for sure."""
    measured, by_thumb = framework.parameters.measured, framework.parameters.activations
    factor = measured.room if is_measured and measured else by_thumb.factor if by_thumb else 1.0
    return texts.number(round((factor - 1) * 100))


def basis(estimates: Sequence[MemoryEstimate], texts: LanguageTexts) -> str:
    """What the figures rest on: the models and the step that were measured, or a rule of thumb."""
    steps = [each.step for each in estimates if each.step]
    key = "by_scaling" if any(step.scaled for step in steps) else "by_measurement"
    fitting = [each.step for each in estimates if each.step and each.fits is not False]
    is_part = any(step.batch < step.usual_batch for step in fitting)
    summed = texts.say("hardware", "added_up", usual=str(steps[0].usual_batch)) if is_part else ""
    return _based_on(key, steps, texts) + summed


def _based_on(key: str, steps: Sequence[TrainingStep], texts: LanguageTexts) -> str:
    if not steps:
        return texts.say("hardware", "by_thumb")
    models = dict.fromkeys(model for step in steps for model in step.models)
    shape = texts.say("hardware", steps[0].unit, length=texts.number(steps[0].length))
    kept = texts.say("hardware", "recomputed") if any(step.recomputed for step in steps) else ""
    return texts.say("hardware", key, models=texts.listed(list(models)), shape=shape) + kept


def _named(situation: Situation, texts: LanguageTexts) -> str:
    named = situation.details.get("base_model")
    return named.value if named else texts.say("hardware", "model")


def _cards(situation: Situation, memory: float, texts: LanguageTexts) -> str:
    """What is at hand: "one card of 12 GB", "4 cards of 24 GB with the model sharded over them"."""
    count, whole = cards(situation), memory_at_hand(situation) or memory
    key = "one_card" if count == 1 else "more_cards"
    return texts.say("hardware", key, count=texts.number(count), memory=texts.number(memory), whole=texts.number(whole))


def _up_to(fitting: Sequence[tuple[Need, float]], texts: LanguageTexts) -> Iterator[str]:
    """The sizes that each method trains; the methods that train the largest that was measured together, as there the
    table ends and not the card."""
    every = [(need, most) for need, most in fitting if need.measured and most >= need.measured.largest]
    if every:
        methods = texts.listed([text_in(need.rule.method, texts.code) for need, _ in every])
        yield texts.say("hardware", "every_size", methods=methods, parameters=_parameters(every[0][1], texts))
    for need, most in fitting[len(every) :]:
        method = text_in(need.rule.method, texts.code)
        yield texts.say("hardware", "up_to", method=method, parameters=_parameters(most, texts))


def _usable(estimates: Sequence[MemoryEstimate]) -> tuple[MemoryEstimate | None, MemoryEstimate | None]:
    """(the method to speak of, the heaviest that fits for sure): all of the model where that may fit, else what fits
    for sure, else what may."""
    sure = next((each for each in estimates if each.fits), None)
    possible = next((each for each in estimates if each.fits is not False), None)
    return (possible if possible is estimates[0] else sure or possible), sure


def _key(estimates: Sequence[MemoryEstimate], usable: MemoryEstimate, sure: MemoryEstimate | None) -> str:
    which = "all" if usable is estimates[0] else "lighter"
    if usable.fits:
        return f"{which}_fits"
    if usable.step is None:
        return f"{which}_tight"
    return f"{which}_tight_else" if sure else f"{which}_tight_measured"


def estimated(estimate: MemoryEstimate, texts: LanguageTexts) -> str:
    """ "LoRA takes about 18 GB at batch 1": the batch where it was measured."""
    parts = {"method": estimate.method, "gigabytes": texts.number(estimate.gigabytes)}
    if estimate.step is None:
        return texts.say("hardware", "estimate", **parts)
    return texts.say("hardware", "measured", batch=str(estimate.step.batch), **parts)


def _parameters(count: float, texts: LanguageTexts) -> str:
    unit, scale = ("billions", 1e9) if count >= 1e9 else ("millions", 1e6)
    return texts.say("hardware", unit, number=texts.number(float(f"{count / scale:.2g}")))
