"""What one turn knows: the message, what came before it, how long each step took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tunewise.errors import CancelledError, ModelError
from tunewise.events import Queued
from tunewise.framework.words import text_in
from tunewise.languages import language_of
from tunewise.types import PRACTICE, Hit, Language, ProposedFact, Reply, ReplyKind, Situation

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tunewise.conversation import ConversationStore, Project
    from tunewise.evidence.finding import FoundNote
    from tunewise.framework import Framework
    from tunewise.llm.line import Place
    from tunewise.retrieval import Searcher

LONGEST_GIST = 120  # characters of a reply without advice
RANKED = 40  # hits of a turn's one search


@dataclass(frozen=True, slots=True)
class Past:
    """What came before a message: the situation so far, the replies and how many messages there were.

    All but `messages`, `language` and `projects` is about one case of the conversation, the `project`: `advice` is the
    last reply that recommends something, `standing` the last such that was for no what-if, `last` the last of any kind.
    `advice_before` is the one that counted before the last reply; None where that gave no new advice.
    `proposed` are facts that the user was asked to confirm last, `refused` the (fact, value) that they said no to,
    `notes_shown` the ids of the practice notes that were shown, `notes_offered` of those that were offered beside,
    `told` all that was answered.
    """

    situation: Situation = field(default_factory=Situation)
    advice: Reply | None = None
    standing: Reply | None = None
    advice_before: Reply | None = None
    last: Reply | None = None
    messages: int = 0
    language: Language = "en"
    conversation: str | None = None
    proposed: tuple[ProposedFact, ...] = ()
    refused: frozenset[tuple[str, str]] = frozenset()
    project: int = 1
    projects: tuple[Project, ...] = ()
    notes_shown: frozenset[str] = frozenset()
    notes_offered: frozenset[str] = frozenset()
    told: str = ""

    def contexts(self, framework: Framework, message: str) -> tuple[str, ...]:
        """What came before a message, for the reader: the questions asked last and the last advice; the one that the
        message is likelier to speak to comes first."""
        from tunewise.reading.signals import context_text

        if self.last is None:
            return (context_text(None, None),)
        asked = " ".join(text_in(framework.facts[each.fact].question, "en") for each in self.last.questions[:2])
        advised = self.advice.recommendation.strategies if self.advice and self.advice.recommendation else ()
        names = " and ".join(text_in(framework.strategies[id_].noun, "en") for id_ in advised[:3])
        gist = f"recommended {names}" if names else self.last.answer[:LONGEST_GIST]
        behind_question, behind_advice = context_text(asked, gist), context_text(None, gist)
        if not asked:
            return (behind_advice,)
        return (behind_advice, behind_question) if "?" in message else (behind_question, behind_advice)

    @classmethod
    def of(cls, store: ConversationStore, conversation: str | None, owner: str | None = None) -> Past:
        """The past of a stored conversation; an empty one where there is none."""
        from tunewise.conversation.store import standing_proposals
        from tunewise.facts import refusals

        if conversation is None:
            return cls()
        turns = store.turns(conversation, owner=owner)
        if not turns:
            return cls(conversation=conversation)
        last, messages = turns[-1].reply, sum(turn.message is not None for turn in turns)
        every = store.projects(conversation, owner=owner)
        whole = cls(messages=messages, language=last.language, conversation=conversation, projects=every)
        proposed = standing_proposals(turns)
        refused = frozenset().union(*(refusals(turn.changes) for turn in turns))
        return replace(whole.in_project(last.project), proposed=proposed, refused=refused)

    @property
    def is_new_project(self) -> bool:
        """Whether nothing was said yet about the case that the message is about, but about others."""
        return bool(self.projects) and all(one.number != self.project for one in self.projects)

    @property
    def supposed(self) -> Situation | None:
        """What the last advice supposed; None where that was for no what-if."""
        return self.advice.situation if self.advice and self.advice.hypothetical else None

    def in_project(self, number: int) -> Past:
        """The past of one case of the conversation: its facts and its replies; of a new one if there is none such."""
        project = next((one for one in self.projects if one.number == number), None)
        if project is None:
            empty = Past(messages=self.messages, language=self.language, conversation=self.conversation)
            return replace(empty, project=number, projects=self.projects)
        replies = [turn.reply for turn in project.turns]
        advice = [reply for reply in replies if reply.recommendation]
        last = replies[-1]
        before = advice[:-1] if last.recommendation and last.move != "follow_up" else []
        return replace(
            self, situation=project.situation, advice=advice[-1] if advice else None, standing=_standing(advice),
            advice_before=_standing(before), last=last, project=number, proposed=(), refused=frozenset(),
            notes_shown=frozenset(cited.id for reply in replies for cited in reply.citations
                                  if cited.collection == PRACTICE),
            notes_offered=frozenset(near.citation.id for reply in replies for near in reply.nearby),
            told=" ".join(reply.answer for reply in replies),
        )  # fmt: skip


def _standing(advice: Sequence[Reply]) -> Reply | None:
    return next((reply for reply in reversed(advice) if not reply.hypothetical), None)


class Turn:
    """One turn under way; `timings_s` fills up as the steps end.

    `changes_case` says that it is about another case of the conversation than the turn before.
    """

    def __init__(self, text: str, past: Past, cancel: threading.Event | None = None) -> None:
        self.text = text
        self.past = past
        self.changes_case = False
        self.number = past.messages + 1
        self.cancel = cancel or threading.Event()
        self.timings_s: dict[str, float] = {}
        self.proposed: tuple[ProposedFact, ...] = ()  # what the message seems to state
        self.found: Sequence[FoundNote] = ()  # the practice notes that may answer the message, best first
        self.supposes = False  # it asks "what if?"
        self._place: Place | None = None
        self._started = time.perf_counter()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the message came in."""
        return time.perf_counter() - self._started

    def line_up(self, model: object) -> Iterator[Queued]:
        """Wait until the model serves this turn; it does so until the turn ends. A turn that is served waits no more.

        Raises:
            BusyError: If too many wait already.
            CancelledError: If the turn is cancelled while it waits.
        """
        from tunewise.llm.line import line_of

        if self._place is None:
            self._place = line_of(model).join()
            for ahead, wait_s in self._place.until_served(self.cancel):
                yield Queued(ahead, wait_s)

    def end(self) -> None:
        """Let the next in line have the model."""
        if self._place is not None:
            self._place.leave()

    def enter(self, project: int) -> None:
        """Go over to another case of the conversation; the reply says so."""
        if project != self.past.project:
            self.past, self.changes_case = self.past.in_project(project), True

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add the block's seconds to the step's; a turn that was cancelled stops here."""
        if self.cancel.is_set():
            raise CancelledError("The request was cancelled. Nothing was stored; ask again when you like.")
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings_s[step] = self.timings_s.get(step, 0.0) + time.perf_counter() - started

    def reached(self, mark: str) -> None:
        """Note when something was there for the first time: "direct_answer", "model_first_sentence"."""
        self.timings_s.setdefault(mark, self.elapsed_s)

    def reply(self, kind: ReplyKind, answer: str, language: Language, situation: Situation, **parts: Any) -> Reply:
        """The finished reply of this turn."""
        self.reached("direct_answer")
        timings = self.timings_s | {"total": self.elapsed_s}
        parts.setdefault("move", "new_case" if self.number == 1 else "addition")
        parts.setdefault("proposed", self.past.proposed)
        return Reply(
            kind, answer, language, situation, timings_s=timings, turn=self.number,
            conversation=self.past.conversation, project=self.past.project, **parts,
        )  # fmt: skip


class Search:
    """What the corpus holds on a message: put into English and searched at first use, once a turn.

    The first use waits until the embedding model has loaded; a turn that needs no search never waits. Without a
    chat model, or where it fails, the message is searched in its own words.
    """

    def __init__(self, turn: Turn, searcher: Searcher, message: str, model: BaseChatModel | None) -> None:
        self._turn, self._searcher, self._message, self._model = turn, searcher, message, model

    @cached_property
    def query(self) -> str:
        """The message in English."""
        from tunewise.llm.translating import to_english

        language = language_of(self._message)
        if self._model is None or language == "en":
            return self._message
        for _ in self._turn.line_up(self._model):
            pass
        try:
            with self._turn.timed("translation"):
                return to_english(self._model, self._message, language, cancel=self._turn.cancel)
        except CancelledError:
            raise
        except ModelError:
            return self._message

    def best(self, count: int = RANKED) -> list[Hit]:
        """The `count` best hits, best first."""
        return self._hits[:count]

    def cosines(self, texts: Sequence[str]) -> list[float]:
        """How near the message is to each of some texts."""
        return self._searcher.cosines(self.query, texts)

    def nearness(self, answer: str, text: str) -> float:
        """How near a text is to the message and to an answer to it, together; from -2 to 2."""
        return sum(self._searcher.cosines(text, (self.query, answer)))

    @cached_property
    def _hits(self) -> list[Hit]:
        from tunewise.retrieval import hits_of

        query = self.query
        with self._turn.timed("retrieval"):
            return hits_of(self._searcher.as_retriever(RANKED).invoke(query))
