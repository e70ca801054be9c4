"""The answer's text: explained by the model sentence by sentence through the gate, or composed from the rules."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tunewise.answer.citations import cite_quote, cited_ids, resolve
from tunewise.answer.gate import Gate
from tunewise.answer.sentences import sentences
from tunewise.errors import ModelError
from tunewise.events import Event, Sentence, WithheldSentence
from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.prompts import fill_template, template_text
from tunewise.types import Citation, Hit, Language, Passage, Recommendation, Situation, Withheld

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.framework import Decision, FiredRule, Framework
    from tunewise.retrieval import Searcher
    from tunewise.settings import Settings
    from tunewise.turn import Turn

MIN_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an answer with what it rests on and what was left out."""

    text: str
    citations: tuple[Citation, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    notices: tuple[str, ...] = ()


class Writer:
    """Writes answers; knows the framework's sentences and where they stand in the corpus."""

    def __init__(
        self, framework: Framework, searcher: Searcher, model: BaseChatModel | None, settings: Settings
    ) -> None:
        self._framework = framework
        self._searcher = searcher
        self._model = model
        self._settings = settings

    def passages_for(self, decision: Decision, hits: Sequence[Hit]) -> list[Passage]:
        """Passages that the fired rules of the recommended strategies quote, then what the search found."""
        rules = [rule for id_ in (decision.primary, *decision.supporting) if id_ for rule in decision.rules_for(id_)]
        quoted = [self._passage_of(rule) for rule in rules]
        ordered = [passage for passage in quoted if passage] + [hit.passage for hit in hits]
        return list({passage.id: passage for passage in ordered}.values())[: self._settings.top_k]

    def prompt(self, tail: str, passages: Sequence[Passage]) -> Prompt:
        """Shared system text and passages, and a tail."""
        given = tuple(PassageText(passage.id, passage.text) for passage in passages)
        return Prompt(template_text("system"), given, tail)

    def compose(
        self, situation: Situation, decision: Decision, recommendation: Recommendation, language: Language
    ) -> Draft:
        """The explanation without a model."""
        parts, citations = [], []
        for rule in decision.trace:
            passage = self._passage_of(rule)
            if passage and rule.source:
                citations.append(cite_quote(passage, rule.source.quote))
                parts.append(f"{rule.because[language]} [{passage.id}]")
        return Draft(" ".join(parts[:5]), tuple(citations[:5]))

    def explain(
        self,
        turn: Turn,
        message: str,
        situation: Situation,
        language: Language,
        decision: Decision,
        recommendation: Recommendation,
        passages: Sequence[Passage],
    ) -> Generator[Event, None, Draft]:
        """The model's explanation of the recommendation, gated; composed where too little is left."""
        composed = self.compose(situation, decision, recommendation, language)
        if self._model is None:
            yield Sentence(composed.text)
            return composed
        gate = Gate(
            self._framework, recommendation, recommendation.avoid, situation, passages, language, message=message
        )
        tail = fill_template(
            "explanation",
            question=message,
            recommendation=f"{recommendation.primary} with {', '.join(recommendation.supporting)}",
        )
        shown: list[str] = []
        withheld: list[Withheld] = []
        try:
            pieces = (
                str(chunk.text)
                for chunk in self._model.stream(to_messages(self.prompt(tail, passages)), cancel=turn.cancel)
            )
            for sentence in sentences(pieces):
                judged = gate.judge(sentence, shown)
                if judged.shown:
                    turn.first_word()
                    shown.append(sentence)
                    yield Sentence(sentence)
                elif not judged.quiet:
                    withheld.append(Withheld(sentence, judged.reason or ""))
                    yield WithheldSentence(withheld[-1])
        except ModelError as error:
            return Draft(composed.text, composed.citations, tuple(withheld), (str(error),))
        text = " ".join(shown)
        if len(shown) < MIN_SENTENCES or not cited_ids(text):
            return Draft(composed.text, composed.citations, tuple(withheld))
        resolved = resolve(text, passages)
        return Draft(resolved.text, resolved.citations, tuple(withheld))

    def knowledge(
        self, turn: Turn, message: str, language: Language, hits: Sequence[Hit], missing: Sequence[str]
    ) -> Generator[Event, None, Draft]:
        passages = [hit.passage for hit in hits]
        text = " ".join(f"{passage.text.strip()} [{passage.id}]" for passage in passages[:2])
        if missing:
            text += " The sources do not cover " + ", ".join(missing) + "."
        resolved = resolve(text, passages)
        yield Sentence(resolved.text)
        return Draft(resolved.text, resolved.citations)

    def _passage_of(self, rule: FiredRule) -> Passage | None:
        return self._searcher.passage_of_quote(rule.source.document, rule.source.quote) if rule.source else None
