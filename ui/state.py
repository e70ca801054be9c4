"""What one visitor's page holds between events: the turns shown, and the reply the evidence panels describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunewise.types import Hit, Reply, Situation


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One exchange. `partial` grows while the answer is written; `problem` replaces an answer that did not come;
    `number` is the turn's number in the conversation store (0 while it is not stored)."""

    question: str
    partial: str = ""
    reply: Reply | None = None
    problem: str | None = None
    stopped: bool = False
    feedback: str | None = None
    commented: bool = False
    number: int = 0

    @property
    def answer(self) -> str:
        """The whole answer, or as much of it as was written."""
        return self.reply.answer if self.reply and self.reply.answer else self.partial


@dataclass(frozen=True, slots=True)
class StageLine:
    """What is happening now; `since_s` is when it began, in seconds after the message was sent."""

    stage: str
    since_s: float = 0.0
    ahead: int = 0
    wait_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PageState:
    """Everything that is drawn.

    `advice` is the last reply that recommends something (`provisional` while the rules have decided and the model has
    not finished; `edited` once the user's own edits came after the answer), `latest` the last reply of any kind (its
    sources are shown), `situation` the facts as they stand, `notice` a sentence above the chat, `reading` what was
    last read from this machine's hardware or from a dataset (HTML of ours).
    """

    owner: str = ""
    conversation: str | None = None
    turns: tuple[ChatTurn, ...] = ()
    advice: Reply | None = None
    latest: Reply | None = None
    situation: Situation | None = None
    hits: tuple[Hit, ...] = ()
    stage: StageLine | None = None
    provisional: bool = False
    edited: bool = False
    whatif: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    listed: int = 0
    notice: str | None = None
    reading: str | None = None

    @property
    def busy(self) -> bool:
        """Whether a turn runs."""
        return self.stage is not None
