"""One open conversation as a frozen record, and how the events of a turn change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tunewise.errors import BusyError, CancelledError, DeadlineError, ModelError, TunewiseError
from tunewise.events import Decided, Event, FactsRead, Finished, PassagesFound, Queued, Sentence, StageStarted
from tunewise.types import Hit, ProposedFact, Reply, Situation

if TYPE_CHECKING:
    from tunewise.conversation import StoredTurn
    from tunewise.desk.dataset import DatasetSummary
    from tunewise.desk.hardware import Machine
    from tunewise.desk.measuring import Step
    from tunewise.measure import Measurement


@dataclass(frozen=True, slots=True)
class Failed:
    """Ends a turn instead of `Finished`: no answer came, or it was stopped (then `error` is a `CancelledError`)."""

    error: TunewiseError


DeskEvent = Event | Failed


STOPPED = "Stopped. What the rules decided stands."  # among the notices of a kept answer that came to no end


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message and its answer. `partial` grows while the answer is written; `problem` replaces one that did not
    come; `stopped` says that it came to no end; `number` is the turn's number in the conversation store (0 while it is
    not stored); `wrong` are places of sentences that were marked as wrong."""

    question: str
    partial: str = ""
    reply: Reply | None = None
    problem: str | None = None
    stopped: bool = False
    feedback: str | None = None
    number: int = 0
    wrong: frozenset[int] = frozenset()

    @property
    def answer(self) -> str:
        """The whole answer, or as much of it as was written."""
        return self.reply.answer if self.reply and self.reply.answer else self.partial

    @property
    def notices(self) -> tuple[str, ...]:
        """What is said below the answer: the reply's own, and that it was stopped, unless a problem says so."""
        own = self.reply.notices if self.reply else ()
        ended = (STOPPED,) if self.stopped and self.problem is None else ()
        return (*(each for each in own if each != STOPPED), *ended)

    @property
    def may_differ(self) -> bool:
        """Whether the same message sent again may be answered otherwise: only where something went wrong."""
        return self.stopped or self.problem is not None


@dataclass(frozen=True, slots=True)
class Progress:
    """What is happening now; in the stage "queue", how many requests are ahead and about how many seconds they take."""

    stage: str
    ahead: int = 0
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """Everything that a door shows of one open conversation.

    `advice` is the last reply that recommends something (`provisional` while the rules have decided and the model has
    not finished; `edited` once the user's own edits came after the answer; `before` is the one before the turn that
    runs), `latest` the last reply of any kind (its sources are shown), `situation` the facts as they stand, `whatif`
    facts that are only supposed, `notice` a sentence about the conversation itself, `reading` what was last read from
    this machine or from a dataset (or why it could not be), `listed` grows when the list of conversations changes,
    `measured` is what the dataset was last measured to be (a step while that runs, or why it could not be),
    `proposed` are facts that were seemingly stated and wait for a yes or no (`tunewise.desk.proposals` words them).
    """

    owner: str | None = None
    conversation: str | None = None
    turns: tuple[Exchange, ...] = ()
    advice: Reply | None = None
    before: Reply | None = None
    latest: Reply | None = None
    situation: Situation | None = None
    hits: tuple[Hit, ...] = ()
    stage: Progress | None = None
    provisional: bool = False
    edited: bool = False
    whatif: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    listed: int = 0
    notice: str | None = None
    reading: DatasetSummary | Machine | str | None = None
    measured: Step | Measurement | str | None = None
    proposed: tuple[ProposedFact, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether a turn runs."""
        return self.stage is not None

    def with_last(self, **changes: object) -> State:
        """With fields of the last exchange replaced."""
        *earlier, last = self.turns
        return replace(self, turns=(*earlier, replace(last, **changes)))  # type: ignore[arg-type]

    def after(self, event: DeskEvent) -> State:
        """The state after one event of a turn."""
        match event:
            case StageStarted(stage):
                return replace(self, stage=Progress(stage))
            case Queued(position, wait_s):
                return replace(self, stage=Progress("queue", position, wait_s))
            case FactsRead(situation):
                return replace(self, situation=situation)
            case Decided(recommendation, verdict, questions, proposed):
                facts = self.situation or Situation()
                decided = Reply("advice", "", "en", facts, recommendation, verdict, questions=questions)
                return replace(self, advice=decided, latest=None, provisional=True, proposed=proposed)
            case PassagesFound(hits):
                return replace(self, hits=hits)
            case Sentence(text):
                return self.with_last(partial=self.turns[-1].partial + text)
            case Finished(reply):
                advice, facts = reply if advises(reply) else self.before, reply.situation
                proposed = self.proposed if reply.hypothetical else reply.proposed
                done = replace(self, latest=reply, advice=advice, situation=facts, provisional=False, whatif={})
                return replace(done, proposed=proposed).with_last(reply=reply)
            case Failed(error):
                stopped = isinstance(error, CancelledError)
                return self.with_last(stopped=stopped, problem=None if stopped else sentence_for(error))
        return self

    @classmethod
    def of(cls, owner: str | None, conversation: str, stored: list[StoredTurn], thumbs: Mapping[int, str]) -> State:
        """A stored conversation as it was left; `thumbs` are the ratings by turn number."""
        from tunewise.conversation.store import standing_proposals

        asked = [turn for turn in stored if turn.message is not None]
        advising = [turn for turn in stored if advises(turn.reply)]
        return cls(
            owner,
            conversation,
            tuple(
                Exchange(
                    turn.message or "",
                    reply=turn.reply,
                    number=turn.number,
                    feedback=thumbs.get(turn.number),
                    stopped=STOPPED in turn.reply.notices,
                )
                for turn in asked
            ),
            advice=advising[-1].reply if advising else None,
            latest=asked[-1].reply if asked else None,
            situation=stored[-1].reply.situation if stored else None,
            edited=bool(advising and advising[-1].message is None and asked),
            proposed=standing_proposals(stored),
        )


def advises(reply: Reply) -> bool:
    """Whether a reply recommends something, or names a contradiction that stands in the way."""
    return reply.recommendation is not None or bool(reply.situation.clashes)


def sentence_for(error: TunewiseError) -> str:
    """What to say when a turn fails: what happened, what still stands, what to do."""
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
