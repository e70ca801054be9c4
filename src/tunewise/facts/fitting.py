"""What of the asker's model their hardware can train: a fact that code computes from two details, with its sum."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tunewise.framework.memory import family_of, measured_on, memory_at_hand, memory_estimates, what_fits
from tunewise.types import Fact, Situation

if TYPE_CHECKING:
    from tunewise.framework.model import Framework
    from tunewise.types import MemoryEstimate

FITS = "training_fits"


def with_fit(situation: Situation, framework: Framework) -> Situation:
    """The situation with what fits the hardware, as far as model and memory are known and the user has not said it.

    Args:
        situation: `model_parameters.amount` is a number of parameters, `gpu_memory.amount` GB of one card.
        framework: Its parameters hold what was measured and the bytes for each parameter, with their sources.
    """
    before = situation.facts.get(FITS)
    if FITS not in framework.facts or (before and before.status == "edited" and before.known):
        return situation
    return replace(situation, facts={**situation.facts, FITS: _computed(situation, framework)})


def _computed(situation: Situation, framework: Framework) -> Fact:
    model, card = situation.details.get("model_parameters"), situation.details.get("gpu_memory")
    available = memory_at_hand(situation)
    if not (model and model.amount and card and available):
        return Fact(FITS)
    value = what_fits(framework, model.amount, available, family_of(situation))
    estimates = memory_estimates(framework, situation)
    needed = "; ".join(_said(each) for each in estimates)
    basis = next((measured_on(each.step) for each in estimates if each.step), "rule of thumb, before activations")
    reason = f"{needed} ({basis}); at hand {available:g} GB."
    return Fact(FITS, value, "stated", card.quote, card.turn, reason) if value else Fact(FITS, reason=reason)


def _said(each: MemoryEstimate) -> str:
    return f"{each.method} {each.gigabytes:g} GB" + (f" at batch {each.step.batch}" if each.step else "")
