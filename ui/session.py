"""What the page does, without Gradio: each action takes the visitor's state and gives the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tunewise.errors import BusyError, CancelledError, ConversationError, DeadlineError, ModelError, TunewiseError
from tunewise.events import (
    Decided,
    Event,
    FactsRead,
    Finished,
    PassagesFound,
    Proposed,
    Queued,
    Sentence,
    StageStarted,
)
from tunewise.types import Reply, Situation
from tunewise.ui.line import LineFullError, ModelLine, Ticket
from tunewise.ui.state import ChatTurn, PageState, StageLine

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.conversation import Turn

SETTLE_S = 10.0
# From these stages on the turn needs the model.
MODEL_STAGES = ("proposal", "explanation")


@dataclass(slots=True)
class Visit:
    """One open page: its state, what of it the browser shows (`drawn`), and the means to stop the turn in it."""

    state: PageState = field(default_factory=PageState)
    lock: threading.RLock = field(default_factory=threading.RLock)
    cancel: threading.Event = field(default_factory=threading.Event)
    idle: threading.Event = field(default_factory=threading.Event)
    drawn: PageState | None = None

    def __post_init__(self) -> None:
        self.idle.set()

    def change(self, **changes: object) -> PageState:
        """Replace fields of the state; returns the new one."""
        with self.lock:
            self.state = replace(self.state, **changes)  # type: ignore[arg-type]
            return self.state

    def change_last(self, **changes: object) -> PageState:
        """Replace fields of the last turn shown."""
        with self.lock:
            *earlier, last = self.state.turns
            return self.change(turns=(*earlier, replace(last, **changes)))  # type: ignore[arg-type]


class Desk:
    """Serves all visits of one advisor."""

    def __init__(self, advisor: Advisor, line: ModelLine | None = None) -> None:
        self.advisor = advisor
        self.line = line or ModelLine()

    # ---- opening -------------------------------------------------------------------------------------------------

    def start(self, visit: Visit, owner: str, conversation: str | None = None) -> PageState:
        """Open the page: resume the conversation that the address names if it is the visitor's own, else begin anew."""
        visit.change(**{name: getattr(PageState(owner=owner), name) for name in PageState.__dataclass_fields__})
        if conversation:
            return self.resume(visit, conversation)
        return visit.state

    def resume(self, visit: Visit, conversation: str) -> PageState:
        """Show a stored conversation; a sentence if it cannot be opened."""
        owner = visit.state.owner
        self._settle(visit)
        try:
            turns = self.advisor.conversations.turns(conversation, owner=owner)
            ratings = {each.turn: each.thumb for each in self.advisor.conversations.feedback(conversation, owner=owner)}
        except TunewiseError:
            return visit.change(notice="That conversation does not exist, or is not yours. A new one is open.")
        state = PageState(owner=owner, conversation=conversation, search=visit.state.search)
        visit.state = replace(state, **_stored(turns, ratings))  # type: ignore[arg-type]
        return visit.state

    def new(self, visit: Visit) -> PageState:
        """Begin a new conversation; the stored one stays in the list."""
        self._settle(visit)
        return self.start(visit, visit.state.owner)

    # ---- a turn --------------------------------------------------------------------------------------------------

    def send(self, visit: Visit, text: str) -> Iterator[PageState]:
        """Answer a message, yielding the state after every event; ends with the visit idle whatever happens."""
        if not text.strip() or visit.state.busy:
            yield visit.state
            return
        visit.cancel = threading.Event()
        visit.idle.clear()
        turn = ChatTurn(text)
        yield visit.change(
            turns=(*visit.state.turns, turn),
            stage=StageLine("facts"),
            edited=False,
            provisional=False,
            notice=None,
            hits=(),
        )
        try:
            yield from self._answer(visit, text)
        except CancelledError:
            yield self._stopped(visit, text)
        except TunewiseError as error:
            yield self._failed(visit, text, error)
        finally:
            visit.change(stage=None)
            visit.idle.set()
        yield visit.state

    def resend(self, visit: Visit, text: str | None = None) -> Iterator[PageState]:
        """Take the last message back and send it again, changed or not; edits of the facts made since are kept."""
        if not visit.state.turns or visit.state.busy:
            yield visit.state
            return
        last = visit.state.turns[-1]
        changes: dict[str, str] = {}
        try:
            changes = self._forget(visit, last)
        except TunewiseError as error:
            yield visit.change(notice=str(error))
            return
        earlier = [turn.reply for turn in visit.state.turns[:-1] if turn.reply and _advises(turn.reply)]
        visit.change(turns=visit.state.turns[:-1], advice=earlier[-1] if earlier else None, latest=None, situation=None)
        if changes:
            self.edit(visit, changes)
        yield from self.send(visit, text or last.question)

    def stop(self, visit: Visit) -> None:
        """Ask the running turn to end; it ends by itself within moments."""
        visit.cancel.set()

    def _settle(self, visit: Visit) -> None:
        """Stop what runs and wait for it, so that two turns of one conversation never overlap."""
        visit.cancel.set()
        visit.idle.wait(SETTLE_S)

    def _answer(self, visit: Visit, text: str) -> Iterator[PageState]:
        conversation = self._conversation(visit)
        events = self.advisor.stream(text, conversation=conversation, cancel=visit.cancel)
        ticket: Ticket | None = None
        try:
            for event in events:
                yield after(visit, event)
                if ticket is None and self._needs_model(event):
                    ticket = self.line.join()
                    yield from self._wait(visit, ticket)
                    yield after(visit, event)
        finally:
            if ticket is not None:
                self.line.leave(ticket)
            close = getattr(events, "close", None)
            if close:
                close()
        if conversation is not None:
            stored = self.advisor.conversations.last_turn(conversation)
            visit.change_last(number=stored.number if stored else 0)

    def _needs_model(self, event: Event) -> bool:
        has_model = getattr(self.advisor, "model", None) is not None
        return has_model and isinstance(event, StageStarted) and event.stage in MODEL_STAGES

    def _wait(self, visit: Visit, ticket: Ticket) -> Iterator[PageState]:
        """Stand in line; the decision is on screen meanwhile."""
        while not self.line.is_first(ticket, wait_s=0.4):
            if visit.cancel.is_set():
                raise CancelledError("Stopped while waiting for the model.")
            ahead, wait_s = self.line.position(ticket)
            yield visit.change(stage=StageLine("queue", ahead=ahead, wait_s=wait_s))

    def _conversation(self, visit: Visit) -> str | None:
        """The conversation's id, created on first use; None (and a notice) where nothing can be written."""
        if visit.state.conversation is not None:
            return visit.state.conversation
        try:
            conversation = self.advisor.conversations.create(owner=visit.state.owner or None)
        except (ConversationError, BusyError) as error:
            visit.change(notice=f"This conversation is not kept, and each message stands alone. {error}")
            return None
        visit.change(conversation=conversation)
        return conversation

    def _forget(self, visit: Visit, last: ChatTurn) -> dict[str, str]:
        """Remove the last message and what came after it; returns the edits among that, to be made again."""
        conversation, owner = visit.state.conversation, visit.state.owner
        if conversation is None or not last.number:
            return {}
        store = self.advisor.conversations
        changes: dict[str, str] = {}
        for turn in store.turns(conversation, owner=owner):
            if turn.number > last.number:
                changes.update(turn.changes)
        store.forget_turns(conversation, last.number, owner=owner)
        return changes

    def _stopped(self, visit: Visit, text: str) -> PageState:
        """Keep what was decided before the stop: the message counts, its explanation ends where it was cut."""
        visit.change_last(stopped=True)
        return self._keep(visit, text)

    def _failed(self, visit: Visit, text: str, error: TunewiseError) -> PageState:
        visit.change_last(problem=sentence_for(error))
        return self._keep(visit, text)

    def _keep(self, visit: Visit, text: str) -> PageState:
        """Store the rules' decision for a turn whose explanation did not come to its end."""
        state, conversation = visit.state, visit.state.conversation
        if not state.provisional or state.situation is None:
            return state
        partial = visit.state.turns[-1].partial
        reply = replace(self.advisor.decide(state.situation), answer=partial, citations=(), conversation=conversation)
        visit.change(advice=reply, latest=reply, provisional=False)
        visit.change_last(reply=reply)
        if conversation is not None:
            try:
                turn = self.advisor.conversations.add_turn(conversation, text, reply, owner=visit.state.owner or None)
                visit.change_last(number=turn.number)
            except TunewiseError as error:
                visit.change(notice=str(error))
        return visit.state

    # ---- facts ---------------------------------------------------------------------------------------------------

    def edit(self, visit: Visit, changes: Mapping[str, str]) -> PageState:
        """Correct facts and decide again at once; a running explanation is stopped, for it is about other facts."""
        if visit.state.busy:
            self._settle(visit)
        conversation = self._conversation(visit)
        try:
            if conversation is not None:
                reply = self.advisor.edit(conversation, changes)
            else:
                from tunewise.facts import edit

                before = visit.state.situation or Situation()
                reply = self.advisor.decide(edit(before, self.advisor.framework, changes))
        except TunewiseError as error:
            return visit.change(notice=str(error))
        return visit.change(
            advice=reply, situation=reply.situation, edited=bool(visit.state.turns), notice=None, whatif={}
        )

    # ---- conversations -------------------------------------------------------------------------------------------

    def rename(self, visit: Visit, conversation: str, title: str) -> PageState:
        """Give one of the visitor's conversations another name."""
        return self._store(
            visit, lambda: self.advisor.conversations.rename(conversation, title, owner=visit.state.owner)
        )

    def delete(self, visit: Visit, conversation: str) -> PageState:
        """Delete one of the visitor's conversations; if it is the open one, a new one begins."""
        is_open = conversation == visit.state.conversation
        if is_open:
            self._settle(visit)
        state = self._store(visit, lambda: self.advisor.conversations.delete(conversation, owner=visit.state.owner))
        return self.start(visit, state.owner) if is_open and state.notice is None else state

    def rate(self, visit: Visit, shown: int, thumb: str, comment: str = "") -> PageState:
        """Keep a thumb, and a comment if there is one, for the turn shown at `shown` (from 1)."""
        state = visit.state
        if not 1 <= shown <= len(state.turns) or thumb not in ("up", "down") or state.conversation is None:
            return state
        turn = state.turns[shown - 1]
        conversation = state.conversation
        state = self._store(
            visit,
            lambda: self.advisor.conversations.add_feedback(
                conversation, turn.number, thumb, comment[:2000], owner=state.owner or None
            ),
        )
        if state.notice is not None:
            return state
        rated = replace(turn, feedback=thumb, commented=bool(comment) or turn.commented)
        return visit.change(turns=(*state.turns[: shown - 1], rated, *state.turns[shown:]))

    def _store(self, visit: Visit, action: Callable[[], None]) -> PageState:
        try:
            action()
        except TunewiseError as error:
            return visit.change(notice=str(error))
        return visit.change(notice=None)


def after(visit: Visit, event: Event) -> PageState:
    """The state after one event of a turn."""
    state = visit.state
    if isinstance(event, StageStarted):
        return visit.change(stage=StageLine(event.stage, event.elapsed_s))
    if isinstance(event, Queued):
        return visit.change(stage=StageLine("queue", ahead=event.position, wait_s=event.wait_s))
    if isinstance(event, FactsRead):
        return visit.change(situation=event.situation)
    if isinstance(event, Decided):
        decided = Reply(
            "advice",
            "",
            "en",
            state.situation or Situation(),
            event.recommendation,
            event.verdict,
            questions=event.questions,
        )
        return visit.change(advice=decided, latest=None, provisional=True)
    if isinstance(event, PassagesFound):
        return visit.change(hits=event.hits)
    if isinstance(event, Proposed):
        return visit.change(stage=StageLine("check"))
    if isinstance(event, Sentence):
        return visit.change_last(partial=state.turns[-1].partial + event.text)
    if isinstance(event, Finished):
        return _finished(visit, event.reply)
    return state


def _finished(visit: Visit, reply: Reply) -> PageState:
    visit.change_last(reply=reply)
    advice = reply if _advises(reply) else visit.state.advice
    return visit.change(latest=reply, advice=advice, situation=reply.situation, provisional=False, whatif={})


def _advises(reply: Reply) -> bool:
    return reply.recommendation is not None or bool(reply.situation.clashes)


def _stored(turns: list[Turn], ratings: Mapping[int, str]) -> dict[str, object]:
    """Fields of the state for stored turns."""
    shown = tuple(
        ChatTurn(turn.message, reply=turn.reply, number=turn.number, feedback=ratings.get(turn.number))
        for turn in turns
        if turn.message is not None
    )
    messages = [turn.reply for turn in turns if turn.message is not None]
    advising = [turn for turn in turns if _advises(turn.reply)]
    last = advising[-1] if advising else None
    return {
        "turns": shown,
        "advice": last.reply if last else None,
        "latest": messages[-1] if messages else None,
        "situation": turns[-1].reply.situation if turns else None,
        "edited": bool(last and last.message is None and shown),
    }


def sentence_for(error: TunewiseError) -> str:
    """What the chat says when a turn fails: what happened, what still stands, what to do."""
    if isinstance(error, LineFullError):
        return str(error)
    if isinstance(error, DeadlineError):
        return "The explanation took too long and was cut off. The rules’ decision stands; try again, or ask something shorter."
    if isinstance(error, BusyError):
        return f"{error} The rules’ decision stands meanwhile."
    if isinstance(error, ModelError):
        return (
            "The model stopped working while it was writing. The rules’ decision stands. Try again; if it happens again, "
            "run 'tunewise doctor', or start the page with --no-model."
        )
    return str(error)
