"""What the turn asks of a language model, independent of which model answers.

A prompt is an ordinary list of LangChain messages, so any `BaseChatModel` can answer it. The human message also
carries its parts (`additional_kwargs["parts"]`); the local model reads them to reuse the key/value states of fixed
text and passages, and to tokenise what the user or a document wrote without special tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

SYSTEM_TEXT = "You advise on whether and how to fine-tune pre-trained models."  # replaced by prompts/system.txt
PASSAGES_HEADING = "Passages:\n"


@dataclass(frozen=True, slots=True)
class PassageText:
    """A passage as the model reads it: `[A12] text`. The label is part of the stored state, so ids must be stable."""

    id: str
    text: str

    @property
    def rendered(self) -> str:
        """Label and text, as they stand in the prompt."""
        return f"[{self.id}] {self.text}\n\n"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to the model, in the order in which it is read.

    `system` is fixed text; `passages` are known in advance; `tail` is what is new in this turn (history, question,
    facts, task). All steps of a turn share `system` and `passages`, so only `tail` costs time.
    """

    system: str
    passages: tuple[PassageText, ...]
    tail: str


def heading(prompt: Prompt) -> str:
    """What stands before the passages; nothing if there are none."""
    return PASSAGES_HEADING if prompt.passages else ""


def to_messages(prompt: Prompt) -> list[BaseMessage]:
    """The prompt as [SystemMessage, HumanMessage]; the human message carries the prompt itself for the local model."""
    from langchain_core.messages import HumanMessage, SystemMessage

    text = heading(prompt) + "".join(passage.rendered for passage in prompt.passages) + prompt.tail
    return [SystemMessage(prompt.system), HumanMessage(text, additional_kwargs={"prompt": prompt})]


def passages_used(ids: Sequence[str], prompt: Prompt) -> list[str]:
    """Those of `ids` that the prompt gave to the model, in the order of `ids`."""
    given = {passage.id for passage in prompt.passages}
    return [id_ for id_ in ids if id_ in given]
