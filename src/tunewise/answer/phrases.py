"""What strategies and facts are called inside the sentences that code writes, in the user's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tunewise import languages
from tunewise.answer.citations import Composed
from tunewise.framework.words import text_in
from tunewise.types import Language, ProposedFact

if TYPE_CHECKING:
    from tunewise.framework import Framework

_KEEPS_CAPITAL = re.compile(r"^(?:[A-Z]{2,}|[A-Z]\w*[A-Z]\w*|I\b)")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The texts of one language and, inside them, what a framework calls its strategies and facts."""

    language: Language
    framework: Framework
    texts: languages.LanguageTexts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "texts", languages.language(self.language))

    def noun(self, strategy: str | None) -> str:
        """What a strategy is called inside a sentence; an unknown one by its id."""
        spec = self.framework.strategies.get(strategy or "")
        return text_in(spec.noun, self.language) if spec else (strategy or "").replace("_", " ")

    def action(self, strategy: str) -> str:
        """What to do, as an instruction."""
        spec = self.framework.strategies.get(strategy)
        return text_in(spec.instruction, self.language) if spec else self.noun(strategy)

    def condition(self, fact: str, value: str) -> str:
        """The clause after "if" that says that a fact has a value."""
        spec = self.framework.facts.get(fact)
        clause = spec.conditions.get(value) if spec else None
        return text_in(clause, self.language) if clause else self.fact(fact, value)

    def conditions(self, values: Mapping[str, str]) -> str:
        """Several such clauses, joined."""
        clauses = [self.condition(fact, value) for fact, value in values.items()]
        return self.texts.punctuation["and_if"].join(clauses)

    def seeming(self, proposed: ProposedFact) -> str:
        """What a message seems to state, with the user's words."""
        claim, quote = self.condition(proposed.fact, proposed.value), self.texts.quoted(proposed.quote)
        return self.texts.say("proposed", "seems", claim=claim, quote=quote)

    def fact(self, fact: str, value: str) -> str:
        """ "data size: small", by the framework's labels."""
        spec = self.framework.facts.get(fact)
        if spec is None:
            return f"{fact}: {value}"
        said = spec.value_labels.get(value)
        shown = text_in(said, self.language) if said else value
        return f"{text_in(spec.label, self.language)}{self.texts.punctuation['colon']}{shown}"

    def joined(self, said: Iterable[Composed]) -> Composed:
        """Sentences as one paragraph, each citation once."""
        said = list(said)
        cited = dict.fromkeys(citation for one in said for citation in one.citations)
        return Composed(self.texts.joined([one.text for one in said]), tuple(cited))


def lowered(text: str) -> str:
    """The text with a small first letter, unless it begins with an abbreviation or a name like LoRA."""
    return text if _KEEPS_CAPITAL.match(text) else text[:1].lower() + text[1:]


def bare(sentence: str) -> str:
    """The sentence without its full stop."""
    return sentence.strip().rstrip(".\u3002")
