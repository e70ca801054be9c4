"""What published guides do before anybody trains a language model, where the rules that decide have no word for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed, cite
from tunewise.answer.phrases import bare
from tunewise.framework import decide, load_framework
from tunewise.framework.model import GENERAL
from tunewise.framework.naming import names_of
from tunewise.framework.words import text_in
from tunewise.languages import ENGLISH
from tunewise.languages import language as texts_in

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.framework.model import Rule
    from tunewise.types import Language, Passage, Situation

GUIDES = "prompt-retrieve-tune"  # the shipped framework that says it
GENERATIVE, OF_TEXT = "generative", "text"
COUNTED = "dataset_size"  # the fact that holds the asker's amount of data
MOST_CITED = 2


@dataclass(frozen=True, slots=True)
class Beforehand:
    """What the guides put first (`strategy`, one of `guides`), and the rule that says so most to the point."""

    guides: Framework
    strategy: str
    rule: Rule

    @property
    def is_of_the_case(self) -> bool:
        """Whether it follows from what the asker has said, not only from its being a generative model."""
        return bool(self.rule.when)

    def is_said_in(self, text: str) -> bool:
        """Whether a text speaks already of what the guides put first."""
        return names_of(self.guides, self.strategy).search(text) is not None


def read_guides(framework: Framework, situation: Situation) -> Beforehand | None:
    """What the guides put first for a model that writes text.

    Args:
        framework: The one that decides; None comes back where the first choice of the guides is one of its own.
        situation: The asker's facts.
    """
    modality = situation.details.get("modality")
    if situation.value("model_type") != GENERATIVE or (modality and modality.value != OF_TEXT):
        return None
    guides = load_framework(GUIDES)
    decision = decide(guides, _known_to(guides, framework, situation))
    if decision.primary is None or decision.primary in framework.strategies:
        return None
    rules = [guides.rules[id_] for id_ in decision.statuses[decision.primary].rules]
    return Beforehand(guides, decision.primary, min(rules, key=lambda rule: _order(guides, rule, decision.primary)))


def compose_beforehand(found: Beforehand, language: Language, find: Callable[[str], Passage | None]) -> Composed | None:
    """The rule's own sentence with the passages that it rests on; None where the corpus holds none of them.

    Args:
        found: What the guides put first.
        language: Of the answer.
        find: The passage of an id, None where the corpus has none.
    """
    texts = texts_in(language)
    reason = bare(text_in(found.rule.because, ENGLISH))
    passages = [passage for id_ in found.rule.references if (passage := find(id_))]
    cited = tuple(cite(passage, reason) for passage in passages[:MOST_CITED])
    marks = "".join(f"[{each.id}]" for each in cited)
    before, stop = texts.punctuation["before_mark"], texts.punctuation["stop"]
    said = f"{bare(text_in(found.rule.because, language))}{before}{marks}{stop}"
    return Composed(said, cited) if cited else None


def _known_to(guides: Framework, framework: Framework, situation: Situation) -> dict[str, str]:
    """The asker's facts as the guides know them, and theirs that hang on the number of examples."""
    known = {
        name: value
        for name, value in situation.values().items()
        if name in guides.facts and value in guides.facts[name].values
    }
    size = situation.facts.get(COUNTED)
    if size is None or size.amount is None or size.unit in framework.parameters.sizes.keys() - {"examples"}:
        return known
    counted = {name: value for name, spec in guides.facts.items() if (value := spec.counted(size.amount))}
    return counted | known


def _order(guides: Framework, rule: Rule, strategy: str | None) -> tuple[bool, bool, int, int, str]:
    """How much to the point a rule is, first the most: as the rules themselves are weighed."""
    factors = guides.precedence.factors
    factor = factors.index(rule.factor) if rule.factor in factors else len(factors)
    required = rule.then.get(strategy or "") == "require"
    return not required, rule.factor == GENERAL, factor, -rule.specificity, rule.id
