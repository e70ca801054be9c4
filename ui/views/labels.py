"""Names that people read, for the ids that the engine uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from tunewise.types import FindingKind, Origin

STRATEGIES = {
    "use_as_is": "Use the model as it is",
    "evaluate_first": "Evaluate first",
    "linear_probing": "Linear probing",
    "feature_extraction": "Feature extraction",
    "lora": "LoRA",
    "adapters": "Adapters",
    "progressive_unfreezing": "Progressive unfreezing",
    "full_fine_tuning": "Full fine-tuning",
    "data_augmentation": "Data augmentation",
    "regularization": "Regularisation",
    "monitor_overfitting": "Monitor overfitting",
    "ewc": "Elastic weight consolidation",
    "knowledge_distillation": "Knowledge distillation",
    "quantization": "Quantisation",
    "pruning": "Pruning",
    "hyperparameter_optimization": "Hyperparameter search",
    "choose_efficient_model": "Choose an efficient model",
    "validate_experimentally": "Validate experimentally",
    "peft": "LoRA or adapters",
}

# What is trained, for people who do not know the strategy's name yet.
WHAT_IS_TRAINED = {
    "use_as_is": "Nothing is trained.",
    "evaluate_first": "Nothing is trained yet: measure the untouched model on your task.",
    "linear_probing": "The model stays frozen; one linear layer is trained on its features.",
    "feature_extraction": "The early layers stay frozen; the later ones, or a small new head, are trained.",
    "lora": "The weights stay frozen; small low-rank matrices beside them are trained.",
    "adapters": "The weights stay frozen; small modules inserted into the model are trained.",
    "progressive_unfreezing": "The head is trained first, then more and more layers from the top down.",
    "full_fine_tuning": "Every weight of the model is trained.",
}

FACTS = {
    "dataset_size": "Amount of data",
    "similarity": "Similarity to the original data",
    "compute": "Compute",
    "forgetting_concern": "Must old abilities be kept?",
    "latency_critical": "Is speed critical?",
    "baseline": "The untouched model on your task",
    "model_size": "Size of the model",
    "model_type": "Type of model",
    "frozen_features": "Linear probe on frozen features",
    "old_task_data": "Data of the old task at hand?",
    "goal": "What should improve",
    "prompting_tried": "Has prompting been tried?",
    "n_examples": "Number of examples",
    "n_classes": "Number of classes",
    "base_model": "Base model",
    "model_parameters": "Parameters",
    "modality": "Kind of data",
    "hardware": "Hardware",
    "gpu_memory": "GPU memory",
    "source_domain": "Trained on",
    "target_domain": "Your domain",
}

VALUES = {
    ("dataset_size", "small"): "small",
    ("dataset_size", "large"): "large",
    ("similarity", "high"): "similar",
    ("similarity", "low"): "different",
    ("baseline", "good_enough"): "good enough",
    ("baseline", "insufficient"): "not good enough",
    ("model_type", "generative"): "generative language model",
    ("model_type", "other"): "encoder, vision or speech model",
    ("model_size", "small"): "small (below about 1 B parameters)",
    ("model_size", "large"): "large (about 1 B parameters and more)",
    ("goal", "knowledge"): "new knowledge",
    ("goal", "behaviour"): "behaviour or style",
    ("goal", "accuracy"): "accuracy on a task",
    ("goal", "efficiency"): "speed or cost",
}


# Labels that a framework brings for ids that are not in the tables above: id, or (fact, value) → label.
_learned: ContextVar[Mapping[object, str]] = ContextVar("learned", default=MappingProxyType({}))


@contextmanager
def learned(names: Mapping[object, str]) -> Iterator[None]:
    """Inside, ids that we have no name for are called as a framework calls them."""
    token = _learned.set(names)
    try:
        yield
    finally:
        _learned.reset(token)


def strategy(id_: str | None) -> str:
    """`LoRA` for "lora"; an id that is not in the table is called as its framework does, or spelled out."""
    if not id_:
        return "No recommendation"
    return STRATEGIES.get(id_) or spelled_out(_learned.get().get(id_, id_))


def fact(name: str) -> str:
    """`Amount of data` for "dataset_size"."""
    return FACTS.get(name) or spelled_out(_learned.get().get(name, name))


def value(name: str, raw: str) -> str:
    """`different` for the value "low" of "similarity"."""
    if raw == "unknown":
        return "not known"
    return VALUES.get((name, raw)) or _learned.get().get((name, raw)) or raw.replace("_", " ")


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
        "It follows from what you said and the rules; nothing still unknown forbids it.",
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

ORIGINS: dict[Origin, str] = {
    "model": "Proposed by the model from your facts and the sources; the checker passed it.",
    "rules": "Decided by the rules.",
}

STAGES = {
    "facts": "Reading the facts",
    "decision": "Deciding by the rules",
    "passages": "Finding sources",
    "proposal": "Asking the model for a proposal",
    "check": "Checking the proposal",
    "queue": "Waiting for the model",
    "explanation": "Writing the explanation",
}

STATUSES = {"stated": "you said", "assumed": "assumed", "edited": "you set", "unknown": "not known"}
