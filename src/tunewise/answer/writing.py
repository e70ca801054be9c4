"""The answer's text: explained by the model sentence by sentence through the gate, or composed from the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tunewise.answer.amount import compose_amount
from tunewise.answer.beforehand import compose_beforehand, read_guides
from tunewise.answer.changes import entering, with_news
from tunewise.answer.citations import Composed, resolve
from tunewise.answer.composed import Composer, grounds, knows_method
from tunewise.answer.elsewhere import read_passed_on
from tunewise.answer.explanation import ExplanationTask, explain, explanation_task, knowledge_task, unsaid
from tunewise.answer.follow_ups import Talk
from tunewise.answer.gate import Gate
from tunewise.answer.hardware import compose_capacity, compose_hardware
from tunewise.answer.judging import judge_advice
from tunewise.answer.knowledge import (
    MAX_SENTENCES,
    compose_clarify,
    compose_knowledge,
    compose_missing,
    compose_not_covered,
)
from tunewise.answer.marks import cited_ids, without_marks
from tunewise.answer.phrases import Phrases
from tunewise.answer.practice import choose, compose_brief, compose_detail, compose_note, compose_rest
from tunewise.answer.sentences import split_sentences
from tunewise.answer.sources import RuleSources
from tunewise.answer.talking import converse
from tunewise.errors import CancelledError, ModelError
from tunewise.events import Event, PassagesFound, Sentence, WithheldSentence
from tunewise.evidence.agreement import Agreement
from tunewise.languages import ENGLISH
from tunewise.languages import language as language_texts
from tunewise.types import (
    PRACTICE,
    Author,
    Citation,
    FollowUp,
    Hit,
    Language,
    ProposedFact,
    Question,
    Recommendation,
    SentenceShown,
    Situation,
    Stance,
    Withheld,
)

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.evidence.finding import FoundNote
    from tunewise.framework import Decision, Framework
    from tunewise.reading.reader import Reader
    from tunewise.settings import Settings
    from tunewise.turn import Search, Turn

# A document's sentence stands in quotation marks; splitting at full stops may leave the closing ones to a later part.
_QUOTED = re.compile("[“«](.{20,}?)(?:[”»]|$)", re.DOTALL)

CLOSE = 0.45  # cosine of a question and the passage that is quoted behind its answer, where meaning is searched
# Of the sentence quoted there and the question, and of it and the answer, together: of 20 such sentences 10 of the 15
# above bear on the question, none of the 5 below.
BEARING = 0.65
MODEL_PASSAGES = 3  # that the model answers a question from
MAX_JUDGED = 5  # stances of a message that are answered


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an answer with what it rests on, what the model wrote of it and what was left out.

    `stances` are those that its sentences speak of, `answers` what its practice notes answer (`signals.ASKS`).
    """

    text: str
    citations: tuple[Citation, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    notices: tuple[str, ...] = ()
    by_model: str = ""
    stances: tuple[Stance, ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def rests_on_note(self) -> bool:
        """Whether a practice note is part of it."""
        return bool(self._notes)

    def after(self, first: Draft | None) -> Draft:
        """The same answer after another one; its own stances are counted on."""
        if first is None or not self.text:
            return first or self
        placed = len(first.sentences())
        stances = (replace(one, sentence=one.sentence + placed) for one in self.stances)
        cited = dict.fromkeys((*first.citations, *self.citations))
        text = f"{first.text}\n\n{self.text}"
        return replace(self, text=text, citations=tuple(cited), stances=(*first.stances, *stances))

    def sentences(self) -> tuple[SentenceShown, ...]:
        """The text's sentences, each with its author and the passages it cites."""
        return tuple(
            SentenceShown(sentence, self._author(without_marks(sentence)), self._cited(sentence))
            for sentence in split_sentences(self.text)
        )

    def _cited(self, sentence: str) -> tuple[str, ...]:
        """Ids of the marks of a sentence; every sentence of a practice note has the note's."""
        bare = without_marks(sentence).rstrip(".")
        note = (cited.id for cited in self._notes if bare and bare in without_marks(cited.quote))
        known = {cited.id for cited in self.citations}  # of "logits[0]" nothing is
        return tuple(dict.fromkeys((*(id_ for id_ in cited_ids(sentence) if id_ in known), *note)))

    @property
    def _notes(self) -> tuple[Citation, ...]:
        return tuple(cited for cited in self.citations if cited.collection == PRACTICE)

    def _author(self, sentence: str) -> Author:
        if sentence and any(sentence.rstrip(".") in without_marks(note.quote) for note in self._notes):
            return "note"
        if sentence and sentence in without_marks(self.by_model):
            return "model"
        quoted = _QUOTED.search(sentence)
        said = quoted[1] if quoted else sentence
        return "quote" if any(said.strip(" .”»") in cited.quote for cited in self.citations) else "code"


class Writer:
    """Writes answers; knows the framework's sentences and where they stand in the corpus."""

    def __init__(
        self,
        framework: Framework,
        sources: RuleSources,
        model: BaseChatModel | None,
        settings: Settings,
        reader: Reader | None = None,
    ) -> None:
        self._framework = framework
        self._sources = sources
        self._model = model
        self._settings = settings
        self._reader = reader

    def compose(
        self,
        situation: Situation,
        decision: Decision,
        recommendation: Recommendation,
        language: Language,
        proposed: Sequence[ProposedFact] = (),
    ) -> Draft:
        """The explanation without a model."""
        composed = self._composer(situation, decision, language, recommendation, proposed).compose()
        return Draft(composed.text, composed.citations)

    def advise(
        self,
        turn: Turn,
        message: str,
        situation: Situation,
        language: Language,
        decision: Decision,
        search: Search,
        proposed: Sequence[ProposedFact] = (),
        advised: Recommendation | None = None,
        *,
        is_answered: bool = False,
        asks_method: bool = True,
    ) -> Generator[Event, None, Draft]:
        """The recommendation (`advised`, or the decision's own) explained: what code can say at once, then the model
        from what the search found.

        Where the question is answered before (`is_answered`), only the method is named; where it was about something
        else (not `asks_method`), not even that: the card has it.
        The model writes English only, and only where nothing answers yet; otherwise the rules' own sentences are all of
        it.
        """
        composer = self._composer(situation, decision, language, advised, proposed, supposed=turn.supposes)
        points = composer.points()
        opening = points.opening
        if standing := turn.past.standing:
            news = with_news(points, composer, turn.past.situation, standing.recommendation)
            points = news if news is points else news.without(turn.past.told)
        if is_answered and not (asks_method and knows_method(self._framework, decision)):
            # of a method nothing is known, or nobody wants to know; what the message changed is said all the same
            changed = Composed("") if points.opening is opening else points.opening
            yield Sentence(changed.text)
            return Draft(changed.text, changed.citations)
        composed = composer.phrases.joined(points.in_reading_order(is_answered=is_answered))
        by_model = self._model is not None and language == ENGLISH and not is_answered
        turn.reached("direct_answer")
        yield Sentence(points.opening.text if by_model else composed.text)
        hits = search.best(self._settings.top_k)
        passages = self._sources.for_advice(composed.citations, hits, self._settings.top_k)
        yield PassagesFound(tuple(Hit(passage, 0.0) for passage in passages))
        if not by_model:
            return Draft(composed.text, composed.citations)
        task = explanation_task(points, passages, message)
        gate = Gate(self._framework, composer.advice, situation, passages, message=message, reader=self._reader)
        written = yield from self._gated(turn, task, gate)
        rest = (*unsaid(task, written.text), *task.closing)
        for said in rest:
            yield Sentence(" " + said.text)
        resolved = resolve(written.text, passages)
        whole = composer.phrases.joined((task.opening, resolved, *rest))
        return replace(written, text=whole.text, citations=whole.citations, by_model=resolved.text)

    def _gated(self, turn: Turn, task: ExplanationTask, gate: Gate) -> Generator[Event, None, Draft]:
        """What the model writes, sentence by sentence through the gate; a model that fails stops it with a notice."""
        assert self._model is not None
        shown: list[str] = []
        withheld: list[Withheld] = []
        notices: tuple[str, ...] = ()
        copied = task.prompt.tail + "".join(passage.text for passage in task.prompt.passages)
        try:
            for piece in explain(self._model, task, gate, cancel=turn.cancel, copy_from=copied):
                if isinstance(piece, Withheld):
                    withheld.append(piece)
                    yield WithheldSentence(piece)
                else:
                    turn.reached("model_first_sentence")
                    shown.append(piece)
                    yield Sentence(" " + piece)
        except CancelledError:
            raise
        except ModelError as error:
            notices = (str(error),)
        return Draft(" ".join(shown), withheld=tuple(withheld), notices=notices)

    def explain_knowledge(
        self,
        turn: Turn,
        message: str,
        query: str,
        language: Language,
        hits: Sequence[Hit],
        missing: Sequence[str],
        *,
        nearness: Callable[[str], float] | None = None,
    ) -> Generator[Event, None, Draft]:
        """The sources' own sentences on a question, and what of it they leave out; in English the model may add what
        else they say.

        Behind an answer (`nearness` tells how near a text is to it and to the question) only one is quoted, and only if
        it bears on both; else it is only said what is missing, and the model is not asked.
        """
        if nearness:
            hits = [hit for hit in hits if hit.similarity is None or hit.similarity >= CLOSE]
            if not hits:
                return Draft("")
        search_text = query if language != ENGLISH else ""
        most = 1 if nearness else MAX_SENTENCES
        composed = compose_knowledge(
            message, hits, language, self._framework, search_text=search_text, missing=missing, most=most
        )
        is_english = language == ENGLISH  # in others an answer and what the sources say have too little in common
        is_measured = is_english and all(hit.similarity is not None for hit in hits)
        if nearness and is_measured and nearness(" ".join(cited.quote for cited in composed.citations)) < BEARING:
            if not missing:
                return Draft("")
            composed = compose_missing(missing, language)
        turn.reached("direct_answer")
        yield Sentence(composed.text)
        quoted = Draft(composed.text, composed.citations)
        if self._model is None or not is_english or not composed.citations:
            return quoted
        yield from turn.line_up(self._model)
        passages = [hit.passage for hit in hits[:MODEL_PASSAGES]]
        gate = Gate(
            self._framework, Recommendation(None), turn.past.situation, passages, message=message,
            reader=self._reader,
        )  # fmt: skip
        written = yield from self._gated(turn, knowledge_task(composed, passages, message), gate)
        added = resolve(written.text, passages)
        if not added.text:
            return replace(quoted, withheld=written.withheld, notices=written.notices)
        cited = tuple(dict.fromkeys((*composed.citations, *added.citations)))
        return replace(written, text=f"{composed.text} {added.text}", citations=cited, by_model=added.text)

    def reads_advice(self, in_english: str) -> bool:
        """Whether a message takes or passes on a stance that can be judged."""
        return bool(read_passed_on(in_english, self._framework, self._reader))

    def judge(
        self, message: str, in_english: str, situation: Situation, decision: Decision, language: Language, *,
        only_objections: bool = False,
    ) -> Draft | None:  # fmt: skip
        """The verdicts on the stances that a message takes or passes on; None if it takes none.

        Args:
            message: The message as it was written; only its own words are quoted.
            in_english: The same in English, of which the stances are read.
            situation: The asker's facts.
            decision: What the rules say of them.
            language: Of the answer.
            only_objections: Leave out what the rules have nothing against.
        """
        taken = read_passed_on(in_english, self._framework, self._reader)[:MAX_JUDGED]
        taken = tuple(one if one.quote in message else replace(one, quote="") for one in taken)
        composer = self._composer(situation, decision, language)
        judged = judge_advice(composer, taken)
        if only_objections:
            judged = tuple(one for one in judged if one.verdict == "invalid")
        if not judged:
            return None
        said = composer.phrases.joined(one.said for one in judged)
        stances: list[Stance] = []
        place = 0
        for one in judged:
            stances.append(one.stance(place))
            place += len(split_sentences(one.said.text))
        return Draft(said.text, said.citations, stances=tuple(stances))

    def from_practice(
        self,
        found: Sequence[FoundNote],
        shown_before: frozenset[str],
        situation: Situation,
        language: Language,
        least: float,
        cosines: Callable[[Sequence[str]], Sequence[float]],
    ) -> Draft | None:
        """The practice notes that answer, in their own words; None if none of those found fits.

        Args:
            found: Best first.
            shown_before: Ids of notes that the conversation has shown.
            situation: The asker's facts, under which the checker judges what the notes advise.
            language: Of the answer.
            least: How well the best one has to fit.
            cosines: How near the message is to each of some texts.
        """
        chosen = choose(found, shown_before, least)
        if not chosen:
            return None
        rules = Agreement(self._framework, situation.values())
        said: list[Composed] = []
        stances: list[Stance] = []
        for each in chosen:
            stances += rules.stances(each.note.says, sum(len(split_sentences(one.text)) for one in said))
            said.append(compose_note(each, language))
            if each is chosen[0] and (detail := compose_detail(each, language, self._framework, rules, cosines)):
                said.append(detail)
        text = "\n\n".join(one.text for one in said)
        cited = tuple(cited for one in said for cited in one.citations)
        return Draft(text, cited, stances=tuple(stances), answers=chosen[0].note.intents)

    def more_of_notes(
        self, shown: Sequence[FoundNote], told: str, situation: Situation, language: Language
    ) -> Draft | None:
        """What the detail of the first of the notes shown says that was not `told` yet, else that of the next; None
        where that is all that the checker lets pass."""
        rules = Agreement(self._framework, situation.values())
        composed = (compose_rest(each, told, language, self._framework, rules) for each in shown)
        rest = next((one for one in composed if one), None)
        return Draft(rest.text, rest.citations) if rest else None

    def note_again(self, shown: FoundNote, language: Language, *, is_brief: bool) -> Draft:
        """A note once more: in another language, or its verdict alone where that `is_brief`."""
        said = compose_brief(shown, language) if is_brief else compose_note(shown, language)
        return Draft(said.text, said.citations)

    def in_general(self, found: FoundNote, language: Language) -> Draft:
        """What can be said without a note that fits, and that it is that."""
        said = compose_note(found, language)
        return Draft(f"{language_texts(language).say('knowledge', 'general')}\n{said.text}", said.citations)

    def unanswered(self, situation: Situation, language: Language) -> Draft:
        """That no note answers, and what the framework can say all the same."""
        key = "unanswered" if grounds(situation.values()) else "unanswered_open"
        return Draft(language_texts(language).say("knowledge", key))

    def hardware(self, situation: Situation, language: Language) -> Draft | None:
        """Whether the asker's card is enough, with the sum; None where card or model is not known."""
        composed = compose_hardware(self._framework, situation, language_texts(language))
        return Draft(composed.text) if composed else None

    def capacity(self, situation: Situation, language: Language) -> Draft | None:
        """What the asker's card trains, or what their model takes, where the other is not known."""
        composed = compose_capacity(self._framework, situation, language_texts(language))
        return Draft(composed.text) if composed else None

    def amount(self, situation: Situation, decision: Decision, language: Language) -> Draft | None:
        """What the asker's data are enough for; None where no amount is known."""
        composed = compose_amount(self._composer(situation, decision, language))
        return Draft(composed.text) if composed else None

    def beforehand(
        self,
        situation: Situation,
        language: Language,
        *,
        advised: Recommendation,
        said: str,
        before: Situation | None,
        asks_whether: bool,
    ) -> Draft | None:
        """What published guides do before anybody trains; None where they have nothing that the answer has not.

        Args:
            situation: The asker's facts.
            language: Of the answer.
            advised: What is recommended; where nothing is trained, its own reasons say it, unless the answer stands.
            said: What the answer says so far.
            before: The facts of the advice before, on which it was said already if it was.
            asks_whether: Whether to train at all is asked; else only what follows from the asker's own case is said.
        """
        found = read_guides(self._framework, situation) if self._settings.notes else None  # it rests on our notes
        trains = advised.primary is not None and self._framework.strategies[advised.primary].trains
        if found is None or not (trains or said) or not (asks_whether or found.is_of_the_case):
            return None
        known = read_guides(self._framework, before) if before else None
        if found.is_said_in(said) or (known and known.rule == found.rule):
            return None
        composed = compose_beforehand(found, language, self._sources.passage_named)
        return Draft(composed.text, composed.citations) if composed else None

    def refuse(self, language: Language) -> Draft:
        """That the sources do not cover the question."""
        return Draft(compose_not_covered(language))

    def ask(self, questions: Sequence[Question], language: Language, proposed: Sequence[ProposedFact] = ()) -> Draft:
        """Questions back to the user, after what the message seems to state."""
        phrases = Phrases(language, self._framework)
        seeming = [phrases.seeming(each) for each in proposed]
        asked = [compose_clarify(questions, language)] if questions or not seeming else []
        return Draft("\n\n".join([*seeming, *asked]))

    def entering(self, turn: Turn, language: Language) -> Draft:
        """That another case of the conversation is spoken of now."""
        return Draft(self._entering(turn, language).text)

    def converse(
        self, turn: Turn, request: FollowUp, situation: Situation, recommendation: Recommendation, language: Language
    ) -> Draft:
        """What is answered from the conversation: why, shorter, what was said, thanks.

        Args:
            turn: Knows the conversation so far.
            request: What the message wants.
            situation: The facts that count, those of a what-if if the last advice was for one.
            recommendation: The advice on them.
            language: Language of the answer.
        """
        from tunewise.framework import decide

        past = turn.past
        decision = decide(self._framework, situation.values())
        composer = self._composer(situation, decision, language, recommendation)
        earlier = past.advice_before
        composed = converse(
            Talk(
                composer, request, past.advice is not None, past.last,
                earlier.recommendation if earlier else None, earlier.situation if earlier else None,
                self._sources.title_of,
            )
        )  # fmt: skip
        if turn.changes_case:
            composed = composer.phrases.joined([self._entering(turn, language), composed])
        return Draft(composed.text, composed.citations)

    def _entering(self, turn: Turn, language: Language) -> Composed:
        known = None if turn.past.is_new_project else turn.past.situation
        return entering(Phrases(language, self._framework), known)

    def _composer(
        self,
        situation: Situation,
        decision: Decision,
        language: Language,
        recommendation: Recommendation | None = None,
        proposed: Sequence[ProposedFact] = (),
        *,
        supposed: bool = False,
    ) -> Composer:
        find = self._sources.passage_of
        return Composer(
            self._framework, situation, decision, language, find, recommendation, proposed, supposed=supposed
        )
