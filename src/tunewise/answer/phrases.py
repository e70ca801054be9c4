"""Sentences that code writes, in the user's language (`data/phrases.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from tunewise.framework.words import text_in
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
    """The phrases of one language; what strategies and facts are called is the framework's."""

    language: Language
    framework: Framework | None = None

    def say(self, group: str, key: str, **parts: str) -> str:
        """A sentence of the table, filled in. `Noun`-like parts are the capitalised form of `noun`."""
        template = _table()[group][key]
        text: str = template.get(self.language, template["en"])
        capitals = {name.capitalize(): capitalised(value) for name, value in parts.items()}
        filled = text.format(**parts, **{key: value for key, value in capitals.items() if key not in parts})
        return re.sub(r"\b([Ss])i (?=ils?\b)", r"\1'", filled) if self.language == "fr" else filled

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
        joiner = self.say("joiners", "and_if")
        return joiner.join(self.condition(fact, value) for fact, value in values.items())

    def fact(self, fact: str, value: str) -> str:
        """ "data size: small", by the framework's labels."""
        spec = self.framework.facts.get(fact) if self.framework else None
        if spec is None:
            return f"{fact}: {value}"
        label = spec.label.get(self.language, spec.label["en"])
        values = spec.value_labels.get(value, {})
        colon = "：" if self.language == "zh" else " : " if self.language == "fr" else ": "
        return f"{label}{colon}{values.get(self.language, values.get('en', value))}"

    def amount(self, amount: float, unit: str) -> str:
        """ "100,000 labelled examples"."""
        number = f"{amount:,.0f}" if amount >= 10 else f"{amount:g}"
        number = number.replace(",", "\u202f") if self.language == "fr" else number
        return f"{number} {unit}"

    def listed(self, items: Sequence[str]) -> str:
        """ "a, b and c"."""
        if len(items) < 2:
            return "".join(items)
        head = self.say("joiners", "comma").join(items[:-1])
        return f"{head}{self.say('joiners', 'and')}{items[-1]}"

    def quoted(self, text: str) -> str:
        """Text in this language's quotation marks."""
        return f"{self.say('joiners', 'open_quote')}{text}{self.say('joiners', 'close_quote')}"

    def mark(self, citation: Citation | None) -> str:
        """The citation mark with the blank that this language puts before it."""
        if citation is None:
            return ""
        return f"[{citation.id}]" if self.language == "zh" else f" [{citation.id}]"

    def joined(self, sentences: Sequence[str]) -> str:
        """Sentences as one paragraph."""
        return ("" if self.language == "zh" else " ").join(sentence for sentence in sentences if sentence)

    def _strategies(self) -> Mapping[str, StrategySpec]:
        return self.framework.strategies if self.framework else {}


def capitalised(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """The text with a small first letter, unless it begins with an abbreviation or a name like LoRA."""
    return text if _KEEPS_CAPITAL.match(text) else text[:1].lower() + text[1:]


def bare(sentence: str) -> str:
    """The sentence without its full stop."""
    return sentence.strip().rstrip(".。")


@cache
def _table() -> dict[str, Any]:
    text = files("tunewise.answer").joinpath("data/phrases.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
