"""Chat templates of the common model families, as a small table of our own.

A GGUF file brings its template as a Jinja program; running it would run code from a downloaded file (CVE-2024-34359
and its kin). The file's template is read only as text, to recognise the family by its markers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tunewise.tables import load_table

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a rendered prompt; only `control` pieces may become special tokens."""

    text: str
    control: bool = False


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """What stands before and after a message of each role; see templates.yaml.

    Attributes:
        name: The family.
        sign: A word that only this family's own template contains.
        system: None where the family has no system role: the system text then opens the first user message.
        architectures: GGUF architectures of the family, for a file without a template.
    """

    name: str
    sign: str
    user: tuple[str, str]
    assistant: tuple[str, str]
    system: tuple[str, str] | None = None
    architectures: tuple[str, ...] = ()

    @property
    def markers(self) -> tuple[str, ...]:
        """The control words of this family, without white space around them."""
        pieces = (*(self.system or ()), *self.user, *self.assistant)
        return tuple(sorted({piece.strip() for piece in pieces if piece.strip()}))


# In the order in which their signs are tried.
TEMPLATES: Mapping[str, ChatTemplate] = {
    name: ChatTemplate(name, **entry) for name, entry in load_table("templates.yaml", __package__).items()
}


def recognise(jinja: str, architecture: str) -> ChatTemplate:
    """The template of a GGUF file's family, by the markers in its `tokenizer.chat_template`, else its architecture.

    A model of an unknown family gets ChatML, the most common one.
    """
    known = TEMPLATES.values()
    by_sign = (template for template in known if template.sign in jinja)
    by_architecture = (template for template in known if architecture in template.architectures)
    return next(by_sign, next(by_architecture, TEMPLATES["chatml"]))


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
        before, after = getattr(template, role)
        parts += [Part(before, control=True), Part(pending_system + text), Part(after, control=True)]
        pending_system = ""
    if pending_system:
        before, after = template.user
        parts += [Part(before, control=True), Part(pending_system.rstrip()), Part(after, control=True)]
    parts.append(Part(template.assistant[0], control=True))
    return [part for part in parts if part.text]


def defuse(text: str, markers: Iterable[str]) -> str:
    """Break up control words that this vocabulary spells with ordinary tokens (Mistral's [INST] is one).

    Control words that are tokens of their own need no change: text is tokenised without special tokens.
    """
    for marker in markers:
        text = text.replace(marker, f"{marker[:1]} {marker[1:]}")
    return text
