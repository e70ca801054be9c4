"""Chat templates of the common model families, as a small table of our own.

A GGUF file brings its template as a Jinja program; running it would run code from a downloaded file (CVE-2024-34359
and its kin). The file's template is read only as text, to recognise the family by its markers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a rendered prompt; only `control` pieces may become special tokens."""

    text: str
    control: bool = False


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """What stands before and after a message of each role.

    `system` is None where the family has no system role: the system text then opens the first user message.
    """

    name: str
    user: tuple[str, str]
    assistant: tuple[str, str]
    system: tuple[str, str] | None = None

    @property
    def markers(self) -> tuple[str, ...]:
        """The control words of this family, without white space around them."""
        pieces = (self.system or ()) + self.user + self.assistant
        return tuple(sorted({piece.strip() for piece in pieces if piece.strip()}))


TEMPLATES = {
    template.name: template
    for template in (
        ChatTemplate(
            "chatml",
            system=("<|im_start|>system\n", "<|im_end|>\n"),
            user=("<|im_start|>user\n", "<|im_end|>\n"),
            assistant=("<|im_start|>assistant\n", "<|im_end|>\n"),
        ),
        ChatTemplate(
            "llama3",
            system=("<|start_header_id|>system<|end_header_id|>\n\n", "<|eot_id|>"),
            user=("<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>"),
            assistant=("<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>"),
        ),
        ChatTemplate(
            "gemma",
            user=("<start_of_turn>user\n", "<end_of_turn>\n"),
            assistant=("<start_of_turn>model\n", "<end_of_turn>\n"),
        ),
        ChatTemplate("mistral", user=("[INST] ", " [/INST]"), assistant=("", "</s>")),
        ChatTemplate(
            "phi3",
            system=("<|system|>\n", "<|end|>\n"),
            user=("<|user|>\n", "<|end|>\n"),
            assistant=("<|assistant|>\n", "<|end|>\n"),
        ),
    )
}

# A word that only this family's own template contains, in the order in which they are tried.
_SIGNS = (
    ("<|im_start|>", "chatml"),
    ("<|start_header_id|>", "llama3"),
    ("<start_of_turn>", "gemma"),
    ("[INST]", "mistral"),
    ("<|user|>", "phi3"),
)
_BY_ARCHITECTURE = {"gemma": "gemma", "gemma2": "gemma", "gemma3": "gemma", "phi3": "phi3"}


def recognise(jinja: str, architecture: str) -> ChatTemplate:
    """The template of a GGUF file's family, by the markers in its `tokenizer.chat_template`, else its architecture.

    A model of an unknown family gets ChatML, the most common one.
    """
    for sign, name in _SIGNS:
        if sign in jinja:
            return TEMPLATES[name]
    return TEMPLATES[_BY_ARCHITECTURE.get(architecture, "chatml")]


def render(template: ChatTemplate, turns: Sequence[tuple[Role, str]]) -> list[Part]:
    """The messages as the model reads them, ending where its answer begins.

    Args:
        template: The family's markers.
        turns: (role, text) in order; a system text may only come first.

    Returns:
        Control and text pieces in order; text pieces are never to be read for special tokens.
    """
    parts: list[Part] = []
    pending_system = ""
    for role, text in turns:
        if role == "system" and template.system is None:
            pending_system += text + "\n\n"
            continue
        parts += _wrapped(_markers_of(template, role), pending_system + text)
        pending_system = ""
    if pending_system:
        parts += _wrapped(template.user, pending_system.rstrip())
    parts.append(Part(template.assistant[0], control=True))
    return [part for part in parts if part.text]


def defuse(text: str, markers: Iterable[str]) -> str:
    """Break up control words that this vocabulary spells with ordinary tokens (Mistral's [INST] is one).

    Control words that are tokens of their own need no change: text is tokenised without special tokens.
    """
    for marker in markers:
        text = text.replace(marker, f"{marker[:1]} {marker[1:]}")
    return text


def _markers_of(template: ChatTemplate, role: Role) -> tuple[str, str]:
    if role == "system":
        assert template.system is not None
        return template.system
    return template.user if role == "user" else template.assistant


def _wrapped(markers: tuple[str, str], text: str) -> list[Part]:
    return [Part(markers[0], control=True), Part(text), Part(markers[1], control=True)]
