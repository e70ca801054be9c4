"""One open page, and how the events of a turn change what it shows."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

from tunewise.errors import BusyError, DeadlineError, ModelError, TunewiseError
from tunewise.events import (
    Decided,
    Event,
    FactsRead,
    Finished,
    PassagesFound,
    Queued,
    Sentence,
    StageStarted,
)
from tunewise.types import Reply, Situation
from tunewise.ui.line import LineFullError
from tunewise.ui.state import PageState, StageLine


@dataclass(slots=True)
class Visit:
    """One open page: its state, what of it the browser shows (`drawn`), the advice before the turn that runs
    (`kept`, for a turn that turns out to give none), and the means to stop it."""

    state: PageState = field(default_factory=PageState)
    lock: threading.RLock = field(default_factory=threading.RLock)
    cancel: threading.Event = field(default_factory=threading.Event)
    idle: threading.Event = field(default_factory=threading.Event)
    drawn: PageState | None = None
    kept: Reply | None = None

    def __post_init__(self) -> None:
        self.idle.set()

    def begin(self) -> bool:
        """Claim the visit for a turn; False if one is running."""
        with self.lock:
            if not self.idle.is_set():
                return False
            self.idle.clear()
            self.cancel = threading.Event()
            return True

    def end(self) -> None:
        """The turn is over."""
        self.change(stage=None)
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
    if isinstance(event, Sentence):
        return visit.change_last(partial=state.turns[-1].partial + event.text)
    if isinstance(event, Finished):
        return _finished(visit, event.reply)
    return state


def _finished(visit: Visit, reply: Reply) -> PageState:
    visit.change_last(reply=reply)
    advice = reply if advises(reply) else visit.kept
    return visit.change(latest=reply, advice=advice, situation=reply.situation, provisional=False, whatif={})


def advises(reply: Reply) -> bool:
    """Whether the card has something to say about a reply."""
    return reply.recommendation is not None or bool(reply.situation.clashes)


def sentence_for(error: TunewiseError) -> str:
    """What the chat says when a turn fails: what happened, what still stands, what to do."""
    if isinstance(error, LineFullError):
        return str(error)
    if isinstance(error, DeadlineError):
        return (
            "The explanation took too long and was cut off. The rules’ decision stands; try again, or ask something "
            "shorter."
        )
    if isinstance(error, BusyError):
        return f"{error} The rules’ decision stands meanwhile."
    if isinstance(error, ModelError):
        return (
            "The model stopped working while it was writing. The rules’ decision stands. Try again; if it happens "
            "again, run 'tunewise doctor', or start the page with --no-model."
        )
    return str(error)
