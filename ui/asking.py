"""One message and its answer: the line for the model, stopping, and what is kept when the answer does not come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tunewise.errors import CancelledError, TunewiseError
from tunewise.events import Decided, Event, FactsRead, StageStarted
from tunewise.types import Situation
from tunewise.ui.line import ModelLine, Ticket
from tunewise.ui.state import ChatTurn, PageState, StageLine
from tunewise.ui.visit import Visit, after, sentence_for

if TYPE_CHECKING:
    from tunewise.advisor import Advisor

SETTLE_S = 10.0
LOOK_AGAIN_S = 0.4
# From these stages on the turn needs the model.
MODEL_STAGES = ("explanation",)


class Asking:
    """Runs the turns of all visits; those that need the model wait in one line."""

    def __init__(self, advisor: Advisor, line: ModelLine) -> None:
        self._advisor = advisor
        self._line = line

    def send(self, visit: Visit, text: str) -> Iterator[PageState]:
        """Answer a message, yielding the state after every event; the visit ends idle whatever happens."""
        if not text.strip() or not visit.begin():
            yield visit.state
            return
        try:
            visit.kept = visit.state.advice
            yield visit.change(
                turns=(*visit.state.turns, ChatTurn(text)),
                stage=StageLine("facts"),
                edited=False,
                provisional=False,
                notice=None,
                hits=(),
            )
            yield from self._turn(visit, text)
        finally:
            visit.end()
        yield visit.state

    def settle(self, visit: Visit) -> None:
        """Stop what runs and wait for it, so that two turns of one conversation never overlap."""
        visit.cancel.set()
        visit.idle.wait(SETTLE_S)

    def conversation_of(self, visit: Visit) -> str | None:
        """The conversation's id, created on first use; None (and a notice) where nothing can be written."""
        if visit.state.conversation is not None:
            return visit.state.conversation
        try:
            conversation = self._advisor.conversations.create(owner=visit.state.owner or None)
        except TunewiseError as error:
            visit.change(notice=f"This conversation is not kept, and each message stands alone. {error}")
            return None
        visit.change(conversation=conversation)
        return conversation

    def _turn(self, visit: Visit, text: str) -> Iterator[PageState]:
        try:
            yield from self._answer(visit, text)
        except CancelledError:
            visit.change_last(stopped=True)
            yield self._keep(visit, text)
        except TunewiseError as error:
            visit.change_last(problem=sentence_for(error))
            yield self._keep(visit, text)

    def _answer(self, visit: Visit, text: str) -> Iterator[PageState]:
        owner, conversation = visit.state.owner or None, self.conversation_of(visit)
        events = self._advisor.stream(text, conversation=conversation, owner=owner, cancel=visit.cancel)
        # Even the reading of facts may wait for the model (it is loading, or serves others): what the patterns read is
        # decided and shown first.
        waits = self._has_model() and self._line.is_busy
        early = self._has_model() and self._preview(visit, text)
        if early:
            yield visit.state
        ticket: Ticket | None = None
        try:
            for event in events:
                yield after(visit, event)
                if ticket is None and self._has_model() and ((early and waits) or _needs_model(event)):
                    ticket = self._line.join()
                    yield from self._wait(visit, ticket)
                    yield after(visit, event)
        finally:
            if ticket is not None:
                self._line.leave(ticket)
            close = getattr(events, "close", None)
            if close:
                close()
        if conversation is not None:
            stored = self._advisor.conversations.last_turn(conversation, owner=owner)
            visit.change_last(number=stored.number if stored else 0)

    def _has_model(self) -> bool:
        return getattr(self._advisor, "model", None) is not None

    def _preview(self, visit: Visit, text: str) -> bool:
        """Decide on what the patterns alone read; False (and nothing changed) if they read nothing."""
        from tunewise.facts import read_message

        before = visit.state.situation or Situation()
        try:
            reading = read_message(
                text, framework=self._advisor.framework, turn=len(visit.state.turns), previous=before
            )
            if reading.hypothetical or reading.situation.values() == before.values():
                return False
            reply = self._advisor.decide(reading.situation)
        except TunewiseError:
            return False
        if reply.recommendation is None or reply.verdict is None:
            return False
        after(visit, FactsRead(reading.situation, reading.language))
        after(visit, Decided(reply.recommendation, reply.verdict, reply.questions))
        return True

    def _wait(self, visit: Visit, ticket: Ticket) -> Iterator[PageState]:
        """Stand in line; the decision is on screen meanwhile."""
        while not self._line.is_first(ticket, wait_s=LOOK_AGAIN_S):
            if visit.cancel.is_set():
                raise CancelledError("Stopped while waiting for the model.")
            ahead, wait_s = self._line.position(ticket)
            yield visit.change(stage=StageLine("queue", ahead=ahead, wait_s=wait_s))

    def _keep(self, visit: Visit, text: str) -> PageState:
        """Store the rules' decision for a turn whose explanation did not come to its end: the message counts."""
        state, conversation = visit.state, visit.state.conversation
        if not state.provisional or state.situation is None:
            return state
        decided = self._advisor.decide(state.situation)
        written = state.turns[-1].partial
        reply = replace(decided, conversation=conversation)
        if written:  # what was written before the stop; its marks were not resolved to citations yet
            reply = replace(reply, answer=written, citations=())
        visit.change(advice=reply, latest=reply, provisional=False)
        visit.change_last(reply=reply)
        if conversation is not None:
            try:
                turn = self._advisor.conversations.add_turn(conversation, text, reply, owner=state.owner or None)
                visit.change_last(number=turn.number)
            except TunewiseError as error:
                visit.change(notice=str(error))
        return visit.state


def _needs_model(event: Event) -> bool:
    return isinstance(event, StageStarted) and event.stage in MODEL_STAGES
