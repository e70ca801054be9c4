"""Names that people read, for the ids that the engine uses: those of the framework, and the page's own for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tunewise.framework.words import text_in
from tunewise.languages import ENGLISH
from tunewise.types import UNKNOWN, FindingKind, Language, Recommendation

if TYPE_CHECKING:
    from tunewise.framework import Framework, StrategySpec
    from tunewise.framework.model import FactSpec

DETAILS = {
    "n_examples": "Number of examples",
    "n_classes": "Number of classes",
    "base_model": "Base model",
    "architecture": "Measured as",
    "model_parameters": "Parameters",
    "modality": "Kind of data",
    "hardware": "Hardware",
    "gpu_memory": "GPU memory",
    "source_domain": "Trained on",
    "target_domain": "Your domain",
}

_framework: ContextVar[Framework | None] = ContextVar("framework", default=None)


@contextmanager
def named_by(framework: Framework) -> Iterator[None]:
    """Inside, strategies, facts and values are called as this framework calls them; outside, ids are spelled out."""
    token = _framework.set(framework)
    try:
        yield
    finally:
        _framework.reset(token)


def _strategy(id_: str | None) -> StrategySpec | None:
    framework = _framework.get()
    return framework.strategies.get(id_ or "") if framework else None


def _fact(name: str) -> FactSpec | None:
    framework = _framework.get()
    return framework.facts.get(name) if framework else None


def strategy(id_: str | None, language: Language = ENGLISH) -> str:
    """`LoRA` for "lora"."""
    spec = _strategy(id_)
    return spelled_out(text_in(spec.label, language) if spec else id_ or "no recommendation")


def description(id_: str | None) -> str:
    """What a strategy means, for people who do not know its name yet; "" for none."""
    spec = _strategy(id_)
    return spec.description["en"] if spec else ""


def colour(id_: str | None) -> str:
    """The colour group of a strategy; "none" for none."""
    spec = _strategy(id_)
    return (spec.colour if spec else None) or "none"


def fact(name: str) -> str:
    """`Amount of data` for "dataset_size"."""
    spec = _fact(name)
    return spelled_out(spec.short["en"] if spec else DETAILS.get(name, name))


def value(name: str, raw: str, language: Language = ENGLISH) -> str:
    """`very different` for the value "low" of "similarity"."""
    if raw == UNKNOWN:
        return "not known"
    spec = _fact(name)
    return text_in(spec.value_labels[raw], language) if spec and raw in spec.value_labels else raw.replace("_", " ")


def stated(name: str, raw: str) -> str:
    """A fact with its value, for the middle of a sentence: `compute: limited`."""
    return f"{fact(name).rstrip('?').lower()}: {value(name, raw)}"


def spelled_out(id_: str) -> str:
    """`Sparse tuning` for "sparse_tuning"."""
    words = id_.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


Tone = Literal["good", "bad", "open", "warn", "quiet"]


@dataclass(frozen=True, slots=True)
class VerdictLabel:
    """How a verdict is shown: a word, an icon, a tone, and what it means in a sentence."""

    word: str
    icon: str
    tone: Tone
    meaning: str


VERDICTS: dict[FindingKind, VerdictLabel] = {
    "valid": VerdictLabel(
        "Follows from your facts",
        "check",
        "good",
        "It follows from what you said and the rules, and no answer still open would change it.",
    ),
    "invalid": VerdictLabel(
        "Contradicted", "cross", "bad", "The rules speak against this in your situation; do not act on it."
    ),
    "satisfiable": VerdictLabel(
        "Holds under conditions",
        "branch",
        "open",
        "The rules allow this only if something is so that you have not said yet.",
    ),
    "impossible": VerdictLabel(
        "Your facts clash",
        "clash",
        "warn",
        "Two things you said cannot both hold, so no advice can be checked against them.",
    ),
    "ambiguous": VerdictLabel(
        "Can be read two ways",
        "question",
        "warn",
        "Something you said can be read in two ways that lead to different advice.",
    ),
    "no_recommendation": VerdictLabel(
        "Nothing to check", "dash", "quiet", "This answer recommends nothing, so there was nothing to check."
    ),
    "not_checked": VerdictLabel(
        "Not checked", "eye", "warn", "This could not be checked against the rules; do not rely on it."
    ),
}

# "valid" as long as an answer that is still open leads to another primary strategy.
SO_FAR = VerdictLabel(
    "Follows so far",
    "branch",
    "open",
    "It follows from what you said and the rules; something that you have not said yet could still change it.",
)


def verdict(status: FindingKind, recommendation: Recommendation | None) -> VerdictLabel:
    """How the verdict on a recommendation is shown: settled only where no single answer changes the primary."""
    is_open = recommendation is not None and bool(recommendation.conditional)
    return SO_FAR if status == "valid" and is_open else VERDICTS[status]


STAGES = {
    "facts": "Reading the facts",
    "decision": "Deciding by the rules",
    "explanation": "Writing the explanation",
}

STATUSES = {
    "stated": "you said",
    "assumed": "assumed",
    "edited": "you set",
    "measured": "measured",
    "unknown": "not known",
}
