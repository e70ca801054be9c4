"""An advisor that answers from a script, with the events and records of a real one; no model, no index."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from tests.fakes.replies import flower_reply
from tunewise.conversation import ConversationStore
from tunewise.conversation.store import standing_situation
from tunewise.errors import CancelledError, ModelError
from tunewise.events import Decided, Event, FactsRead, Finished, PassagesFound, Queued, Sentence, StageStarted
from tunewise.facts import edit
from tunewise.framework import Framework
from tunewise.llm.line import Line, line_of
from tunewise.settings import Settings
from tunewise.types import Citation, Hit, NearbyNote, Passage, Reply, Situation

DOCUMENT = (
    "If the target dataset is small, fine-tuning the entire model can lead to overfitting. In such cases, consider "
    "freezing the early layers of the pre-trained model and only fine-tuning the later layers."
)
PASSAGE = Passage(
    "A12", "article", "article", "Deciding whether to fine-tune", "Framework / Small", 0, len(DOCUMENT), DOCUMENT
)
ANSWER = "Two passes are enough where the validation loss rises after the second. Stop there."
NOTE = Passage("PN-flowers-01", "practice", "practice-flowers", "Notes", "How long?", 100, 100 + len(ANSWER), ANSWER)
NEARBY = NearbyNote(
    "How many epochs do 800 photos need?",
    Citation(NOTE.id, NOTE.collection, NOTE.document, NOTE.section, NOTE.start, NOTE.end, ANSWER),
)
OTHER = Passage("P-lora-1", "papers", "lora", "LoRA", "Abstract", 0, 24, "Low-rank adaptation of …")


class FakeSearcher:
    """Knows three passages."""

    def passage(self, id_: str) -> Passage:
        return {each.id: each for each in (PASSAGE, OTHER, NOTE)}[id_]

    def passage_of_quote(self, document: str, quote: str) -> Passage | None:
        return PASSAGE if quote in DOCUMENT else None


class FakeAdvisor:
    """Answers every message with `reply`, sentence by sentence; `asked` and `edits` keep what came in."""

    def __init__(
        self, home: Path, framework: Framework, *, pause_s: float = 0.0, fail: Exception | None = None
    ) -> None:
        self.framework = framework
        self.searcher = FakeSearcher()
        self.conversations = ConversationStore(home / "conversations.sqlite3")
        self.settings = Settings(home=home)
        self.model: object = SimpleNamespace(name="script", line=Line())
        self.asked: list[str] = []
        self.edits: list[dict[str, str]] = []
        self.pause_s = pause_s
        self.fail = fail
        self.reply = scripted_reply()

    def stream(
        self,
        text: str,
        *,
        conversation: str | None = None,
        owner: str | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Event]:
        self.asked.append(text)
        reply = replace(self.reply, conversation=conversation, turn=len(self.asked))
        yield StageStarted("facts", 0.0)
        yield FactsRead(reply.situation, "en")
        if reply.recommendation and reply.verdict:
            yield StageStarted("decision", 0.01)
            yield Decided(replace(reply.recommendation, origin="rules"), reply.verdict, reply.questions)
        yield PassagesFound((Hit(PASSAGE, 0.9), Hit(OTHER, 0.4)))
        place = line_of(self.model).join()
        try:
            for ahead, wait_s in place.until_served(cancel):
                yield Queued(ahead, wait_s)
            yield StageStarted("explanation", 0.2)
            self._work(cancel)
            for sentence in reply.answer.split("\n\n"):
                self._work(cancel)
                yield Sentence(sentence + "\n\n")
        finally:
            place.leave()
        if conversation is not None:
            self.conversations.add_turn(conversation, text, reply)
        yield Finished(reply)

    def _work(self, cancel: threading.Event | None) -> None:
        if self.fail is not None:
            raise self.fail
        end = time.monotonic() + self.pause_s
        while time.monotonic() < end:
            if cancel is not None and cancel.is_set():
                break
            time.sleep(0.01)
        if cancel is not None and cancel.is_set():
            raise CancelledError("Stopped.")

    def edit(
        self,
        conversation: str,
        changes: Mapping[str, str],
        *,
        owner: str | None = None,
        measured: Mapping[str, str] | None = None,
    ) -> Reply:
        self.edits.append(dict(changes))
        situation = edit(standing_situation(self.conversations.turns(conversation)), self.framework, changes, measured)
        reply = self.decide(situation)
        self.conversations.save_edit(conversation, dict(changes), reply)
        return reply

    def decide(self, situation: Situation, *, language: str = "en", past: object = None) -> Reply:
        return flower_reply(
            situation=situation, answer="Composed by the rules.", citations=(), proposals=(), withheld=()
        )


def scripted_reply() -> Reply:
    """Advice with two paragraphs, both citing the article."""
    start = DOCUMENT.index("fine-tuning the entire model")
    end = start + len("fine-tuning the entire model can lead to overfitting")
    return flower_reply(
        answer=(
            "With **800 photos**, training every weight invites overfitting [A12].\n\n"
            "Freeze the early layers and train the later ones [A12]. A paper describes low-rank updates [P-lora-1]."
        ),
        citations=(
            Citation("A12", "article", "article", "Framework / Small", start, end, DOCUMENT[start:end]),
            Citation("P-lora-1", "papers", "lora", "Abstract", 0, 8, "Low-rank"),
        ),
    )


def broken_model() -> ModelError:
    """What a lost model raises."""
    return ModelError("llama_decode returned -1")
