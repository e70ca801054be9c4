"""The answer's text: explained by the model sentence by sentence through the gate, or composed from the rules."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.answer.citations import cited_ids, resolve
from tunewise.answer.composed import compose
from tunewise.answer.follow_ups import explain_change, explain_why_not
from tunewise.answer.gate import Gate
from tunewise.answer.knowledge import compose_clarify, compose_knowledge, compose_not_covered, compose_partly
from tunewise.answer.sentences import sentences
from tunewise.answer.sources import RuleSources
from tunewise.errors import ModelError
from tunewise.events import Event, Sentence, WithheldSentence
from tunewise.llm.chat import PassageText, Prompt, to_messages
from tunewise.llm.prompts import fill_template, template_text
from tunewise.types import Citation, Hit, Language, Passage, Question, Recommendation, Situation, Withheld

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.framework import Decision, Framework
    from tunewise.routing.follow_up import FollowUp
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
        self, framework: Framework, sources: RuleSources, model: BaseChatModel | None, settings: Settings
    ) -> None:
        self._framework = framework
        self._sources = sources
        self._model = model
        self._settings = settings

    def prompt(self, tail: str, passages: Sequence[Passage]) -> Prompt:
        """Shared system text and passages, and a tail."""
        given = tuple(PassageText(passage.id, passage.text) for passage in passages)
        return Prompt(template_text("system"), given, tail)

    def compose(
        self, situation: Situation, decision: Decision, recommendation: Recommendation, language: Language
    ) -> Draft:
        """The explanation without a model."""
        composed = compose(
            self._framework, situation, decision, language, self._sources.passage_of, recommendation=recommendation
        )
        return Draft(composed.text, composed.citations)

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

    def explain_knowledge(
        self,
        turn: Turn,
        message: str,
        query: str,
        language: Language,
        hits: Sequence[Hit],
        missing: Sequence[str],
    ) -> Generator[Event, None, Draft]:
        """The sources' own sentences on a question, and what of it they leave out."""
        options = {"framework": self._framework, "search_text": query if language != "en" else ""}
        if missing:
            composed = compose_partly(message, hits, missing, language, **options)
        else:
            composed = compose_knowledge(message, hits, language, **options)
        turn.first_word()
        yield Sentence(composed.text)
        return Draft(composed.text, composed.citations)

    def refuse(self, language: Language) -> Draft:
        """That the sources do not cover the question."""
        composed = compose_not_covered(language)
        return Draft(composed.text, composed.citations)

    def ask(self, situation: Situation, questions: Sequence[Question], language: Language) -> Draft:
        """Questions back to the user; two readings of one fact are shown with their quotes."""
        return Draft(compose_clarify(questions, language).text)

    def follow_up(
        self,
        follow_up: FollowUp,
        situation: Situation,
        decision: Decision,
        recommendation: Recommendation,
        language: Language,
    ) -> Draft:
        """Why, why not, what would change it."""
        shared = (self._framework, situation, decision, language, self._sources.passage_of)
        if follow_up.kind == "change":
            composed = explain_change(*shared)
        elif follow_up.kind == "why_not" and follow_up.strategy:
            composed = explain_why_not(follow_up.strategy, *shared, recommendation=recommendation)
        else:
            composed = compose(*shared, recommendation=recommendation)
        return Draft(composed.text, composed.citations)
