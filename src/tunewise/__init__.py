"""Tunewise: should this pre-trained model be fine-tuned, and how? Runs on the user's own machine."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.framework import Decision, Framework
    from tunewise.types import Recommendation, Reply, Situation, Verdict

__version__ = "0.1.0"
__all__ = ["Advisor", "Decision", "Framework", "Recommendation", "Reply", "Situation", "Verdict"]

_HOMES = {
    "Advisor": "advisor", "Decision": "framework", "Framework": "framework",
    "Recommendation": "types", "Reply": "types", "Situation": "types", "Verdict": "types",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"tunewise.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tunewise' has no attribute {name!r}")
