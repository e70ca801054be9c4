"""One turn, in order: facts, decision, direct answer, evidence, explanation, verdict, reply.

Rules decide, the model explains, the checker has the last word. Each step takes records and returns records; this
module is the only one that calls them. Read `Advisor._take_turn` and `Advisor._advise` first: they are the turn.
"""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial, reduce
from types import TracebackType
from typing import TYPE_CHECKING, Any, get_args

from tunewise import offline
from tunewise.answer.composed import knows_method
from tunewise.answer.plan import make_plan
from tunewise.answer.practice import AGAIN, ALONE, ALSO, SURE, UNASKED
from tunewise.answer.sources import RuleSources
from tunewise.answer.writing import CLOSE, Draft, Writer
from tunewise.conversation import ConversationStore
from tunewise.direct import (
    DirectAnswer,
    advised_by,
    asks_method,
    asks_numbers,
    asks_recommendation,
    is_whole,
    leaves_open,
    takes_advice,
)
from tunewise.errors import MessageError
from tunewise.events import Decided, Event, FactsRead, Finished, PassagesFound, Sentence, StageStarted
from tunewise.evidence.finding import NoteFinder
from tunewise.facts import (
    MOST_PROPOSED,
    Reading,
    edit,
    open_proposals,
    read_message,
    refusals,
    with_quotes,
)
from tunewise.framework import (
    check,
    completed,
    conditions_first,
    decide,
    does_without_training,
    in_short,
    load_framework,
    next_questions,
    of_source,
    supposed,
)
from tunewise.languages import ENGLISH, language_of
from tunewise.languages import language as language_texts
from tunewise.message import readable
from tunewise.reading.few_shot import open_few_shot
from tunewise.reading.reader import open_reader
from tunewise.reading.signals import MODEL_TYPE
from tunewise.reading.understanding import understand
from tunewise.routing import Route, SourceMap, route
from tunewise.routing.follow_up import Said, read_follow_up
from tunewise.routing.projects import Cases, case_of, describes, describes_another_kind
from tunewise.routing.route import NO_CASE
from tunewise.routing.topics import shows
from tunewise.settings import Settings
from tunewise.turn import Past, Search, Turn
from tunewise.types import (
    UNKNOWN,
    FollowUp,
    FollowUpKind,
    Hit,
    Language,
    Move,
    ProposedFact,
    Question,
    Recommendation,
    Reply,
    ReplyKind,
    Situation,
)

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

    from tunewise.framework import Framework
    from tunewise.reading.reader import Reader
    from tunewise.retrieval import Searcher

# A knowledge question is answered from more passages than advice is: it may be about several things at once.
KNOWLEDGE_PASSAGES = 6
PATIENCE = 20.0  # seconds that a decision waits for the index: opening one takes less, building one minutes
MOST_ASKED = 2  # behind an answer; of 39 messages two questions ask what they should of 36, and a third adds nothing
MOST_ASKED_BACK = 3  # where there is none
NO_CASES = frozenset({"concept", "other"})  # what is asked without a case of anybody's
# What is answered from the conversation → kind and move of the reply; all else keeps the advice.
_KINDS: Mapping[FollowUpKind, tuple[ReplyKind, Move]] = {
    "greeting": ("small_talk", "small_talk"),
    "thanks": ("small_talk", "small_talk"),
    "goodbye": ("small_talk", "small_talk"),
    "chat": ("small_talk", "small_talk"),
    "outside": ("not_covered", "outside"),
    "hostile": ("not_covered", "hostile"),
    "back": ("advice", "what_if"),
}
# Questions on a case to which its advice, or the plan to it, would only be repeated: how well a note has to fit that
# has the answer. The plan answers what the next steps are, but not which batch size.
_SAID_AGAIN: Mapping[FollowUpKind, float] = {"stands": AGAIN, "unsourced": AGAIN, "steps": ALSO}
# What the reply says was asked, where no reader has said so.
_ASKED: Mapping[FollowUpKind, tuple[str, ...]] = {
    kind: (kind,)
    for kind in ("why", "why_not", "what_would_change", "which_of_two", "summarise", "recall", "source", "steps")
}


class Advisor:
    """Answers questions about fine-tuning; open it with `Advisor.open` and close it, or use it in a `with` block."""

    def __init__(
        self,
        settings: Settings,
        framework: Framework,
        searcher: Searcher,
        model: BaseChatModel | None = None,
        reader: Reader | None = None,
    ) -> None:
        self.settings = settings
        self.framework = framework
        self.searcher = searcher
        self.model = model
        self.reader = reader
        self.conversations = ConversationStore(settings.conversations_path)
        self._source_map = SourceMap(searcher.passages, self.framework)
        self._sources = RuleSources(framework, searcher)
        self._writer = Writer(framework, self._sources, model, settings, reader)
        self._examples = open_few_shot(settings, framework)
        notes = NoteFinder(framework, searcher) if settings.notes else None
        places = reader if reader and reader.embedding == settings.embedding else None
        self._direct = DirectAnswer(self._writer, notes, places)

    @classmethod
    def open(
        cls, settings: Settings | None = None, *, model: BaseChatModel | None = None, rules_only: bool = False
    ) -> Advisor:
        """Open the advisor; the model's weights load in the background.

        Args:
            settings: Defaults to `Settings.from_environment()`.
            model: Any LangChain chat model instead of the one that the settings name.
            rules_only: Work without a model: patterns, rules, passages and composed text.

        Raises:
            WeightsMissingError: If a model is wanted and its weights have not been fetched.
            FrameworkError: If the framework file cannot be loaded.
            IndexUnavailableError: If there is no index and none can be built.
        """
        from tunewise.retrieval import open_searcher

        offline.seal()
        settings = settings or Settings.from_environment()
        if rules_only:
            model = None
        elif model is None:
            from tunewise.llm import open_chat_model

            model = open_chat_model(settings)
        if warm_up := getattr(model, "warm_up", None):
            warm_up()
        framework = load_framework(settings.framework)
        if reader := open_reader(settings, framework):
            reader.warm_up()
        return cls(settings, framework, open_searcher(settings), model, reader)

    def ask(self, text: str, *, conversation: str | None = None, owner: str | None = None) -> Reply:
        """The whole reply to one message; without a conversation it is a first message and nothing is stored.

        Bad input (empty, too long, binary) gives a reply that says so, not an error.
        """
        *_, last = self.stream(text, conversation=conversation, owner=owner)
        assert isinstance(last, Finished)
        return last.reply

    def stream(
        self,
        text: str,
        *,
        conversation: str | None = None,
        owner: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Event]:
        """The events of one turn; the last one is `Finished`, and by then the turn is stored.

        Raises:
            CancelledError: If `cancel` is set before the reply is finished; nothing is stored then.
            ConversationError: If the conversation does not exist or cannot be written.
        """
        turn = Turn(text, Past.of(self.conversations, conversation, owner), cancel)
        try:
            reply = yield from self._take_turn(turn)
        finally:
            turn.end()
        reply = replace(reply, nearby=self._direct.nearby(turn, reply))
        if conversation is not None:
            self.conversations.add_turn(conversation, text, reply, owner=owner)
        yield Finished(reply)

    def edit(
        self,
        conversation: str,
        changes: Mapping[str, str],
        *,
        owner: str | None = None,
        measured: Mapping[str, str] | None = None,
    ) -> Reply:
        """Correct facts of a stored conversation and decide again at once, without the model.

        Args:
            conversation: Id of a stored conversation.
            changes: Fact or detail name → new value; "unknown" takes a fact back. A proposed fact is confirmed by its
                value, and refused by "not " and its value: then it is not proposed again, and nothing else is assumed.
            owner: Whose conversation it is; None is the person at the machine.
            measured: Why, for those of the changes that were measured and not set by somebody.

        Raises:
            SituationError: If a name or value does not exist; nothing is changed then.
        """
        past = Past.of(self.conversations, conversation, owner)
        edited = edit(past.situation, self.framework, changes, measured)
        situation = with_quotes(edited, past.proposed, changes)
        reply = self.decide(situation, past=replace(past, refused=past.refused | refusals(changes)))
        self.conversations.save_edit(conversation, dict(changes), reply, owner=owner)
        return reply

    def decide(self, situation: Situation, *, language: Language | None = None, past: Past | None = None) -> Reply:
        """The reply that the rules alone give for a situation: decision, verdict, composed text, plan."""
        turn = Turn("", past or Past())
        with turn.timed("decision"):
            decision = decide(self.framework, situation.values())
        rules = in_short(decision)
        spoken = language or turn.past.language
        draft = self._writer.compose(situation, decision, rules, spoken, self._proposed(turn, situation))
        return self._advice(turn, spoken, situation, rules, draft)

    def as_runnable(self) -> Runnable[str, Reply]:
        """The advisor as a LangChain runnable: message in, `Reply` out."""
        from langchain_core.runnables import RunnableLambda

        return RunnableLambda(self.ask)

    def close(self) -> None:
        """Let go of the store, the index and the model."""
        self.conversations.close()
        self.searcher.close()
        if close := getattr(self.model, "close", None):
            close()

    def __enter__(self) -> Advisor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take_turn(self, turn: Turn) -> Generator[Event, None, Reply]:
        """Read the message and go the way that it needs; only what needs sources waits for the search."""
        yield StageStarted("facts", turn.elapsed_s)
        try:
            message = readable(turn.text, is_translated=self.model is not None)
        except MessageError as error:
            return (yield from _say(turn.reply("clarify", str(error), turn.past.language, turn.past.situation)))
        search = Search(turn, self.searcher, message, self.model)
        reading = self._read(turn, message, search)
        turn.enter(self._case_of(turn, reading, message))
        if turn.changes_case:
            reading = self._read(turn, message, search)
        turn.proposed = tuple(each for each in reading.proposed if each.fact not in reading.stated)
        turn.supposes = reading.hypothetical
        if request := self._request(turn, reading, message):
            return (yield from _say(self._converse(turn, reading, request, search)))
        if reading.stated and turn.past.advice and reading.move in ("addition", "correction"):
            return (yield from self._advise(turn, message, reading, search))
        if of_note := self._direct.of_last_note(turn, reading, message):
            draft, language = of_note
            parts: dict[str, Any] = {"move": "follow_up", "asked": reading.asked}
            reply = self._without_advice(turn, "knowledge", language, turn.past.situation, draft, **parts)
            return (yield from _say(reply))
        way = route(
            message, reading.situation, lambda: search.best(self.settings.top_k), self._source_map, reading.language,
            turn.number, reading if reading.learned else None,
        )  # fmt: skip
        if way.kind == "clarify" and reading.learned and turn.past.advice and not reading.situation.clashes:
            return (yield from _say(self._converse(turn, reading, FollowUp("stands"), search)))
        judges = way.kind != "clarify" and takes_advice(reading) and self._writer.reads_advice(search.query)
        own_reading = bool(self._examples and reading.stated)
        if way.kind == "advice" or judges or own_reading or (reading.hypothetical and turn.past.advice):
            return (yield from self._advise(turn, message, reading, search))
        return (yield from self._answer(turn, message, reading, way, search))

    def _advise(self, turn: Turn, message: str, reading: Reading, search: Search) -> Generator[Event, None, Reply]:
        """Facts, decision, explanation; a decision that does not hang on what the notes answer is out before the search
        or the model is waited for. While the index is being built none does, and what is out stands."""
        with turn.timed("decision"):
            decision = decide(self.framework, reading.situation.values())
        has_method = knows_method(self.framework, decision)
        advised = in_short(decision)
        is_first = turn.number == 1
        hangs_on_notes = (is_first and reading.learned) or not has_method
        waits = hangs_on_notes and self.searcher.opens_within(PATIENCE)
        if not waits:
            yield from self._decided(turn, reading, advised)
        parts = self._direct.parts(turn, message, reading, decision, search)
        if waits and is_first and is_whole(reading, parts, has_method=has_method):
            beside = self._beside(turn, reading, parts, advised.primary if has_method else None)
            if beside and (guides := self._direct.beforehand(turn, message, reading, parts, beside)):
                parts.append(guides)
            return (yield from self._stands_alone(turn, reading, parts, beside))
        if waits:
            if not has_method:
                advised = self._completed(turn, reading.situation, advised, parts)
            yield from self._decided(turn, reading, advised)
        parts = parts or self._direct.unanswered(reading)
        if self.model is not None and not parts:
            yield from turn.line_up(self.model)
        yield StageStarted("explanation", turn.elapsed_s)
        first: Draft | None = None
        entering = [self._writer.entering(turn, reading.language)] if turn.changes_case else []
        guides = self._direct.beforehand(turn, message, reading, parts, advised)
        for part in (*entering, *parts, *([guides] if guides else [])):
            turn.reached("direct_answer")
            yield Sentence(f"{part.text}\n\n")
            first = part.after(first)
        proposed = self._proposed(turn, reading.situation)
        draft = yield from self._writer.advise(
            turn, message, reading.situation, reading.language, decision, search, proposed, advised,
            is_answered=bool(parts), asks_method=asks_method(reading, parts),
        )  # fmt: skip
        draft = draft.after(first)
        return self._advice(
            turn, reading.language, reading.situation, advised, draft,
            hypothetical=reading.hypothetical, **_as_read(turn, reading),
        )  # fmt: skip

    def _beside(
        self, turn: Turn, reading: Reading, parts: Sequence[Draft], by_rules: str | None
    ) -> Recommendation | None:
        """What is recommended beside a direct answer that stands alone: what it advises itself, as far as the checker
        lets that pass, else the first choice `by_rules`; nothing where no recommendation is asked for, where only an
        amount or a card is, or where the answer advises against that choice or to do without training.

        Blind readers of 90 fresh messages took a recommendation that nobody had asked for as the commonest nonsense. A
        second time, with only what the answer advises itself named beside it, two readers of 28 pairs preferred the
        answer alone in 45 of 56 cases (7 ties), though recommendations then conform to the labels twice as often.
        """
        if not asks_recommendation(reading, turn.text, parts):
            return None
        said = advised_by(one for part in parts for one in part.stances)
        if own := of_source(self.framework, reading.situation, said):
            return own
        is_denied = does_without_training(self.framework, said) or said.get(by_rules or "") == "avoid"
        return Recommendation(by_rules) if by_rules and not is_denied and not asks_numbers(reading) else None

    def _stands_alone(
        self, turn: Turn, reading: Reading, parts: Sequence[Draft], beside: Recommendation | None
    ) -> Generator[Event, None, Reply]:
        """The direct answer as the whole text, with a recommendation `beside` it or none.

        With one nothing is asked behind it: a blind reader took 11 of 12 such questions for senseless.
        """
        situation, language = reading.situation, reading.language
        draft = reduce(lambda first, part: part.after(first), parts)
        if beside is not None:
            yield from self._decided(turn, reading, beside, most_asked=0)
        turn.reached("direct_answer")
        yield Sentence(draft.text)
        if beside is None:
            questions = self._questions(turn, situation, language)
            kind: ReplyKind = "clarify" if questions and leaves_open(reading, turn.text) else "knowledge"
            return self._without_advice(
                turn, kind, language, situation, draft, asked=reading.asked, questions=questions
            )  # fmt: skip
        return self._advice(
            turn, language, situation, beside, draft, most_asked=0,
            hypothetical=reading.hypothetical, **_as_read(turn, reading),
        )  # fmt: skip

    def _completed(
        self, turn: Turn, situation: Situation, rules: Recommendation, parts: Sequence[Draft] = ()
    ) -> Recommendation:
        """The rules' recommendation; where they only measure, with what the notes of the answer advise, or those of the
        answer before."""
        advised = advised_by(one for part in parts for one in part.stances)
        standing = turn.past.standing
        if not advised and standing and standing.recommendation:
            before = decide(self.framework, standing.situation.values())
            if standing.recommendation.primary != before.primary:
                advised = dict.fromkeys(standing.recommendation.strategies, "recommend")
        return completed(self.framework, situation, rules, advised)

    def _decided(
        self, turn: Turn, reading: Reading, advised: Recommendation, most_asked: int = MOST_ASKED
    ) -> Iterator[Event]:
        """What is recommended on the facts read so far; on screen before the model has written a word."""
        situation = reading.situation
        yield FactsRead(situation, reading.language)
        yield StageStarted("decision", turn.elapsed_s)
        with turn.timed("decision"):
            rules = self._with_conditions(turn, situation, advised)
            verdict = check(self.framework, situation, rules)
            questions = self._questions(turn, situation, reading.language, most_asked)
        yield Decided(rules, verdict, questions, self._proposed(turn, situation))

    def _answer(
        self, turn: Turn, message: str, reading: Reading, way: Route, search: Search
    ) -> Generator[Event, None, Reply]:
        """A reply without a recommendation: knowledge, a question back, or "not covered"."""
        language = reading.language
        alone = way.kind != "knowledge"
        note: Draft | None = None
        if reading.move not in NO_CASE and way.kind != "clarify":
            found = self._direct.found(turn, reading, search)
            of_a_case = reading.asked and NO_CASES.isdisjoint(reading.asked)
            least = SURE if not alone else ALONE if of_a_case else UNASKED
            note = self._direct.note(turn, reading, found, search, least)
            if note is None and not alone:
                note = self._direct.in_general(turn, reading, found)
        if note and alone and not reading.situation.clashes:
            yield Sentence(note.text)
            return self._without_advice(turn, "knowledge", language, turn.past.situation, note, asked=reading.asked)
        if way.kind == "knowledge" and (note or language != ENGLISH or _is_close(search.best())):
            asked = self._source_map.lexicon.subjects(message)
            hits = self._sources.for_subjects(asked, search.best(), KNOWLEDGE_PASSAGES)
            yield PassagesFound(tuple(hits))
            yield StageStarted("explanation", turn.elapsed_s)
            if note:
                turn.reached("direct_answer")
                yield Sentence(f"{note.text}\n\n")
            draft = yield from self._writer.explain_knowledge(
                turn, message, search.query, language, hits, way.missing if note else (*way.missing, *way.unanswered),
                nearness=partial(search.nearness, note.text) if note else None,
            )  # fmt: skip
            draft = draft.after(note)
            return self._without_advice(turn, "knowledge", language, turn.past.situation, draft, asked=reading.asked)
        if way.kind == "clarify":
            return (yield from _say(self._ask_back(turn, reading)))
        return (yield from _say(self._decline(turn, message, reading)))

    def _decline(self, turn: Turn, message: str, reading: Reading) -> Reply:
        """To what no source answers: on the subject what the framework says all the same, else what Tunewise can do.
        In a conversation that has its advice, what no reader can read is not taken for another subject."""
        if shows("hostile", message):
            return self._converse(turn, reading, FollowUp("hostile"))
        if not reading.learned and self.reader is not None and turn.past.advice is not None:
            return self._converse(turn, reading, FollowUp("stands"))
        if not self._source_map.lexicon.concepts_in(message):
            if reading.move == "new_case" and reading.situation.value(MODEL_TYPE) != UNKNOWN:
                return self._ask_back(turn, reading)  # a case of the asker's own, in words that no source has
            return self._converse(turn, reading, FollowUp("outside"))
        if turn.past.advice is not None:
            return self._converse(turn, reading, FollowUp("unsourced"))
        draft, turn.found = self._writer.refuse(reading.language), ()
        return self._without_advice(turn, "not_covered", reading.language, turn.past.situation, draft, move="outside")

    def _ask_back(self, turn: Turn, reading: Reading) -> Reply:
        """Questions instead of advice; where the message contradicts itself, about the fact that it states twice."""
        situation, language = reading.situation, reading.language
        clashing = [clash.fact for clash in situation.clashes]
        questions = self._questions(turn, situation, language, MOST_ASKED_BACK)
        proposed = self._proposed(turn, situation)
        if clashing:
            every = next_questions(self.framework, situation.values(), len(self.framework.facts), language=language)
            asked = [question for question in every if question.fact in clashing]
            questions = (*asked, *(question for question in questions if question not in asked))[:MOST_ASKED_BACK]
        draft = self._writer.ask(questions, language, proposed)
        verdict = check(self.framework, situation, Recommendation(None)) if clashing else None
        return self._without_advice(turn, "clarify", language, situation, draft, questions=questions, verdict=verdict)

    def _case_of(self, turn: Turn, reading: Reading, message: str) -> int:
        """The number of the case of the conversation that the message is about; before any facts there is only one."""
        if not turn.past.situation.values():
            return turn.past.project
        said = Said(
            message, reading.mentions, reading.asked, reading.move, bool(reading.stated),
            describes(reading.situation, turn.number),
            describes_another_kind(reading.situation, turn.past.situation, turn.number), reading.project,
        )  # fmt: skip
        told = {one.number: one.messages for one in turn.past.projects}
        return case_of(said, Cases(told, turn.past.project), self._source_map.words)

    def _request(self, turn: Turn, reading: Reading, message: str) -> FollowUp | None:
        """What the message wants of the conversation itself; None where it is about a case or about the subject."""
        advice = turn.past.advice
        said = Said(
            message, reading.mentions, reading.asked, reading.move, bool(reading.stated), returns=_returns(reading)
        )
        advised = advice.recommendation.strategies if advice and advice.recommendation else ()
        cited = turn.past.last is not None and bool(turn.past.last.citations)
        request = read_follow_up(said, advised, supposed=advice is not None and advice.hypothetical, cited=cited)
        of_field = self._source_map.lexicon.concepts_in(message)
        if request and request.kind == "outside" and (of_field or not shows("words", message)):
            request = None  # it names something of the field, or says nothing at all
        if turn.changes_case and advised and not reading.stated and (request is None or not reading.asked):
            return FollowUp("summarise")
        if request and request.kind in ("why", "verdict", "stands") and self._source_map.lexicon.outside_in(message):
            return FollowUp("unsourced")
        return request

    def _noted(self, turn: Turn, reading: Reading, request: FollowUp, search: Search) -> Draft | None:
        """What the practice notes answer to a question on a case that has its advice."""
        least = _SAID_AGAIN.get(request.kind)
        if least is None or (request.kind == "stands" and reading.asked):
            return None  # what the advice is was asked, and it stands
        found = self._direct.found(turn, reading, search)
        return self._direct.note(turn, reading, found, search, least)

    def _converse(self, turn: Turn, reading: Reading, request: FollowUp, search: Search | None = None) -> Reply:
        """A reply from the conversation, one about the advice with it and its facts; where a `search` is given, with a
        note that answers."""
        note = self._noted(turn, reading, request, search) if search else None
        if note is None:  # what is said of the conversation, or to small talk, is all that was wanted
            turn.found = ()
        kind, move = _KINDS.get(request.kind, ("advice", "follow_up"))
        about = turn.past.standing if _returns(reading) or request.kind == "back" else turn.past.advice
        is_supposed = about is not None and about.hypothetical
        situation = about.situation if about and is_supposed else turn.past.situation
        rules = in_short(decide(self.framework, situation.values()))
        recommendation = self._completed(turn, situation, rules)
        spoken = language_of(turn.text) if kind != "advice" else request.language or reading.language
        language = spoken if language_texts(spoken).written or kind != "advice" else reading.language
        draft = note or self._writer.converse(
            turn, request, situation, recommendation, language
        )  # advice stands beside it
        if kind != "advice" or about is None:
            shown = kind if kind != "advice" else "knowledge"
            asked = reading.asked
            return self._without_advice(turn, shown, language, turn.past.situation, draft, move=move, asked=asked)
        asked = reading.asked or _ASKED.get(request.kind, ())
        parts: dict[str, Any] = {"hypothetical": is_supposed, "move": move, "asked": asked}
        return self._advice(turn, language, situation, recommendation, draft, **parts)

    def _advice(
        self,
        turn: Turn,
        language: Language,
        situation: Situation,
        recommendation: Recommendation,
        draft: Draft,
        *,
        most_asked: int = MOST_ASKED,
        **parts: Any,
    ) -> Reply:
        """The reply with a recommendation; the checker judges it once more, whoever made it."""
        return turn.reply(
            "advice",
            draft.text,
            language,
            situation,
            recommendation=self._with_conditions(turn, situation, recommendation),
            verdict=check(self.framework, situation, recommendation),
            questions=self._questions(turn, situation, language, most_asked),
            proposed=self._proposed(turn, situation),
            plan=make_plan(self.framework, situation, recommendation, language),
            citations=draft.citations,
            withheld=draft.withheld,
            notices=(*draft.notices, *self._notices(language)),
            sentences=draft.sentences(),
            stances=draft.stances,
            **parts,
        )

    def _proposals(self, turn: Turn, situation: Situation) -> tuple[ProposedFact, ...]:
        """What was seemingly said and is still open, most telling first; what is only supposed proposes nothing."""
        if turn.supposes:
            return ()
        return open_proposals(self.framework, situation, turn.proposed, turn.past.proposed, turn.past.refused)

    def _proposed(self, turn: Turn, situation: Situation) -> tuple[ProposedFact, ...]:
        """The proposals that are shown."""
        return self._proposals(turn, situation)[:MOST_PROPOSED]

    def _questions(
        self, turn: Turn, situation: Situation, language: Language, most: int = MOST_ASKED
    ) -> tuple[Question, ...]:
        """What is worth asking; what was seemingly said is confirmed, not asked."""
        without = {each.fact for each in self._proposals(turn, situation)}
        return next_questions(self.framework, situation.values(), most, language=language, without=without)

    def _with_conditions(self, turn: Turn, situation: Situation, recommendation: Recommendation) -> Recommendation:
        """The recommendation with what proposals would lead to as its first conditions."""
        changes = [{each.fact: each.value} for each in self._proposed(turn, situation)]
        values = situation.values()
        return conditions_first(recommendation, [supposed(self.framework, values, change) for change in changes])

    def _notices(self, language: Language) -> tuple[str, ...]:
        """What the user should know about every answer: no model, or an index without meaning."""
        texts = language_texts(language)
        without_model = () if self.model is not None else (texts.notices["rules_only"],)
        return (*without_model, *((self.searcher.notice,) if self.searcher.notice else ()))

    def _read(self, turn: Turn, message: str, search: Search) -> Reading:
        """What the message says: by examples where it is in English or can be put into it, else by patterns."""
        past = turn.past
        asked = [each.fact for each in past.last.questions] if past.last else []
        foreign = language_of(message) != "en" and self.model is None
        if self._examples or self.reader is None or foreign:
            with turn.timed("reading"):
                return read_message(
                    message, framework=self.framework, turn=turn.number, previous=past.situation,
                    examples=self._examples, asked=asked,
                )  # fmt: skip
        english = search.query
        with turn.timed("reading"):
            return understand(
                message, english=english, reader=self.reader, framework=self.framework, turn=turn.number,
                contexts=past.contexts(self.framework, english), previous=past.situation, supposed=past.supposed,
                asked=asked,
            )  # fmt: skip

    def _without_advice(
        self, turn: Turn, kind: ReplyKind, language: Language, situation: Situation, draft: Draft, **parts: Any
    ) -> Reply:
        return turn.reply(
            kind, draft.text, language, situation, proposed=self._proposed(turn, situation),
            citations=draft.citations, withheld=draft.withheld, sentences=draft.sentences(),
            notices=(*draft.notices, *self._notices(language)), **parts,
        )  # fmt: skip


def _as_read(turn: Turn, reading: Reading) -> dict[str, Any]:
    """What a reply says of its message: what it asks and which move it is."""
    move: str = "what_if" if reading.hypothetical else reading.move
    continues = turn.number > 1 and not turn.past.is_new_project
    if move not in get_args(Move) or (move == "new_case" and continues):
        move = "addition" if continues else "new_case"
    return {"asked": reading.asked, "move": move}


def _returns(reading: Reading) -> bool:
    """Whether the message ends a what-if that is under way."""
    return reading.reality == "returns"


def _is_close(hits: Sequence[Hit]) -> bool:
    """Whether any passage found is about the question; where meaning is not searched, nobody can tell."""
    return any(hit.similarity is None or hit.similarity >= CLOSE for hit in hits)


def _say(reply: Reply) -> Generator[Event, None, Reply]:
    """Show an answer that was not written piece by piece."""
    yield Sentence(reply.answer)
    return reply
