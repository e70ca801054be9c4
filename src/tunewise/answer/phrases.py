"""What strategies and facts are called inside the sentences that code writes, in the user's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.framework.words import text_in
from tunewise.languages import LanguageTexts, language
from tunewise.types import Citation, Language

if TYPE_CHECKING:
    from tunewise.framework import Framework, StrategySpec

_KEEPS_CAPITAL = re.compile(r"^(?:[A-Z]{2,}|[A-Z]\w*[A-Z]\w*|I\b)")


@dataclass(frozen=True, slots=True)
class Composed:
    """A text that code wrote, with `[id]` marks, and the spans it cites."""

    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrases:
    """The texts of one language and, inside them, what a framework calls its strategies and facts."""

    language: Language
    framework: Framework | None = None

    @property
    def texts(self) -> LanguageTexts:
        """The language's own texts."""
        return language(self.language)

    def noun(self, strategy: str) -> str:
        """What a strategy is called inside a sentence."""
        spec = self._strategies().get(strategy)
        return text_in(spec.noun, self.language) if spec else strategy.replace("_", " ")

    def action(self, strategy: str) -> str:
        """What to do, as an instruction."""
        spec = self._strategies().get(strategy)
        return text_in(spec.instruction, self.language) if spec else self.noun(strategy)

    def condition(self, fact: str, value: str) -> str:
        """The clause after "if" that says that a fact has a value."""
        spec = self.framework.facts.get(fact) if self.framework else None
        clause = spec.conditions.get(value) if spec else None
        return text_in(clause, self.language) if clause else self.fact(fact, value)

    def conditions(self, values: Mapping[str, str]) -> str:
        """Several such clauses, joined."""
        clauses = [self.condition(fact, value) for fact, value in values.items()]
        return self.texts.punctuation["and_if"].join(clauses)

    def fact(self, fact: str, value: str) -> str:
        """ "data size: small", by the framework's labels."""
        spec = self.framework.facts.get(fact) if self.framework else None
        if spec is None:
            return f"{fact}: {value}"
        said = spec.value_labels.get(value)
        shown = text_in(said, self.language) if said else value
        return f"{text_in(spec.label, self.language)}{self.texts.punctuation['colon']}{shown}"

    def _strategies(self) -> Mapping[str, StrategySpec]:
        return self.framework.strategies if self.framework else {}


def lowered(text: str) -> str:
    """The text with a small first letter, unless it begins with an abbreviation or a name like LoRA."""
    return text if _KEEPS_CAPITAL.match(text) else text[:1].lower() + text[1:]


def bare(sentence: str) -> str:
    """The sentence without its full stop."""
    return sentence.strip().rstrip(".\u3002")
