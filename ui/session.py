"""What the page does, without Gradio: each action takes a visit and leaves it in the next state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from tunewise.errors import TunewiseError
from tunewise.types import Situation
from tunewise.ui.asking import Asking
from tunewise.ui.line import ModelLine
from tunewise.ui.state import ChatTurn, PageState
from tunewise.ui.visit import Visit, advises

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.conversation import Turn


class Desk:
    """Serves all visits of one advisor."""

    def __init__(self, advisor: Advisor, line: ModelLine | None = None) -> None:
        self.advisor = advisor
        self.asking = Asking(advisor, line or ModelLine())

    def start(self, visit: Visit, owner: str, conversation: str | None = None) -> PageState:
        """Open the page: resume the conversation that the address names if it is the visitor's own, else begin anew."""
        fresh = PageState(owner=owner)
        visit.change(**{each.name: getattr(fresh, each.name) for each in fields(PageState)})
        if conversation:
            return self.resume(visit, conversation)
        return visit.state

    def resume(self, visit: Visit, conversation: str) -> PageState:
        """Show a stored conversation; a sentence if it cannot be opened."""
        owner = visit.state.owner
        self.asking.settle(visit)
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
        self.asking.settle(visit)
        return self.start(visit, visit.state.owner)

    def send(self, visit: Visit, text: str) -> Iterator[PageState]:
        """Answer a message, yielding the state after every event."""
        return self.asking.send(visit, text)

    def resend(self, visit: Visit, text: str | None = None) -> Iterator[PageState]:
        """Take the last message back and send it again, changed or not; edits of the facts made since are kept."""
        if not visit.state.turns or visit.state.busy:
            yield visit.state
            return
        last = visit.state.turns[-1]
        try:
            changes = self._forget(visit, last)
        except TunewiseError as error:
            yield visit.change(notice=str(error))
            return
        earlier = [turn.reply for turn in visit.state.turns[:-1] if turn.reply]
        advising = [reply for reply in earlier if advises(reply)]
        visit.change(
            turns=visit.state.turns[:-1],
            advice=advising[-1] if advising else None,
            latest=None,
            situation=earlier[-1].situation if earlier else None,
        )
        if changes:
            self.edit(visit, changes)
        yield from self.send(visit, text or last.question)

    def _forget(self, visit: Visit, last: ChatTurn) -> dict[str, str]:
        """Remove the last message and what came after it; returns the edits among that, to be made again."""
        conversation, owner = visit.state.conversation, visit.state.owner or None
        if conversation is None or not last.number:
            return {}
        store = self.advisor.conversations
        changes: dict[str, str] = {}
        for turn in store.turns(conversation, owner=owner):
            if turn.number > last.number:
                changes.update(turn.changes)
        store.forget_turns(conversation, last.number, owner=owner)
        return changes

    def edit(self, visit: Visit, changes: Mapping[str, str]) -> PageState:
        """Correct facts and decide again at once; a running explanation is stopped, for it is about other facts."""
        if visit.state.busy:
            self.asking.settle(visit)
        conversation = self.asking.conversation_of(visit)
        try:
            if conversation is not None:
                reply = self.advisor.edit(conversation, changes, owner=visit.state.owner or None)
            else:
                from tunewise.facts import edit

                before = visit.state.situation or Situation()
                reply = self.advisor.decide(edit(before, self.advisor.framework, changes))
        except TunewiseError as error:
            return visit.change(notice=str(error))
        return visit.change(
            advice=reply, situation=reply.situation, edited=bool(visit.state.turns), notice=None, whatif={}
        )

    def rename(self, visit: Visit, conversation: str, title: str) -> PageState:
        """Give one of the visitor's conversations another name."""
        return self._store(
            visit, lambda: self.advisor.conversations.rename(conversation, title, owner=visit.state.owner)
        )

    def delete(self, visit: Visit, conversation: str) -> PageState:
        """Delete one of the visitor's conversations; if it is the open one, a new one begins."""
        is_open = conversation == visit.state.conversation
        if is_open:
            self.asking.settle(visit)
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
                conversation, turn.number, "up" if thumb == "up" else "down", comment[:2000], owner=state.owner or None
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
        return visit.change(notice=None, listed=visit.state.listed + 1)


def _stored(turns: list[Turn], ratings: Mapping[int, str]) -> dict[str, object]:
    """Fields of the state for stored turns."""
    shown = tuple(
        ChatTurn(turn.message, reply=turn.reply, number=turn.number, feedback=ratings.get(turn.number))
        for turn in turns
        if turn.message is not None
    )
    messages = [turn.reply for turn in turns if turn.message is not None]
    advising = [turn for turn in turns if advises(turn.reply)]
    last = advising[-1] if advising else None
    return {
        "turns": shown,
        "advice": last.reply if last else None,
        "latest": messages[-1] if messages else None,
        "situation": turns[-1].reply.situation if turns else None,
        "edited": bool(last and last.message is None and shown),
    }
