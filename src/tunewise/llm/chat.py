"""What the turn asks of a language model, independent of which model answers.

A prompt is an ordinary list of LangChain messages, so any `BaseChatModel` can answer it. The human message also
carries its parts (`additional_kwargs["parts"]`); the local model reads them to reuse the key/value states of fixed
text and passages, and to tokenise what the user or a document wrote without special tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

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
    """One request to the model; what many requests share is computed once.

    Attributes:
        system: Fixed text.
        passages: Known in advance.
        tail: What is new in this turn (history, question, facts, task).
        examples: (message, answer) of earlier turns that the model is shown after `system`; fixed like it.
    """

    system: str
    passages: tuple[PassageText, ...]
    tail: str
    examples: tuple[tuple[str, str], ...] = ()


def heading(prompt: Prompt) -> str:
    """What stands before the passages; nothing if there are none."""
    return PASSAGES_HEADING if prompt.passages else ""


def to_messages(prompt: Prompt) -> list[BaseMessage]:
    """The prompt as messages; the last one carries the prompt itself for the local model."""
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    shown = [kind(text) for pair in prompt.examples for kind, text in zip((HumanMessage, AIMessage), pair, strict=True)]
    text = heading(prompt) + "".join(passage.rendered for passage in prompt.passages) + prompt.tail
    return [SystemMessage(prompt.system), *shown, HumanMessage(text, additional_kwargs={"prompt": prompt})]
