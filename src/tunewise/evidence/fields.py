"""What kind of model a message is about, as the practice notes name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunewise.types import Situation

# Kind of data → fields of notes; a language model is told by `model_type`.
_OF_MODALITY: Mapping[str, frozenset[str]] = {
    "audio": frozenset({"speech", "tts", "audio"}),
    "image": frozenset({"vision", "detection", "segmentation", "diffusion"}),
    "text": frozenset({"text", "llm", "code", "embedding", "translation"}),
    "tabular": frozenset({"tables", "series", "recommender"}),
    "other": frozenset({"biology", "series"}),
}
GENERATES_TEXT = frozenset({"llm", "code", "translation"})


def fields_of(situation: Situation) -> frozenset[str]:
    """The fields that a situation belongs to; none where its kind of data is unknown."""
    modality = situation.details.get("modality")
    fields = _OF_MODALITY.get(modality.value, frozenset()) if modality else frozenset()
    if "llm" in fields and situation.value("model_type") == "generative":
        return fields & GENERATES_TEXT
    return fields
