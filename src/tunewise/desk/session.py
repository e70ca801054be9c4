"""Conversations over one advisor: ask, resend, edit, suppose, stop, rate, the list of them, readings, export."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from tunewise.conversation import Wrong
from tunewise.desk.exporting import File, export
from tunewise.desk.history import History
from tunewise.desk.measuring import Chosen, Step, measure_table
from tunewise.desk.script import make_script
from tunewise.desk.state import STOPPED, DeskEvent, Exchange, Failed, Progress, State, advises
from tunewise.errors import CancelledError, TunewiseError
from tunewise.types import Reply, SentenceShown, Situation

if TYPE_CHECKING:
    from tunewise.advisor import Advisor
    from tunewise.conversation import ConversationSummary, StoredTurn
    from tunewise.desk.dataset import DatasetSummary
    from tunewise.events import Event
    from tunewise.measure import Measurement

SETTLE_S = 10.0


class Desk:
    """Serves any number of doors and visitors with one advisor."""

    def __init__(self, advisor: Advisor) -> None:
        self.advisor = advisor

    def open(self, owner: str | None = None, conversation: str | None = None, *, stored: bool = True) -> Session:
        """A new conversation, or a stored one.

        Args:
            owner: Whose it is; None is the person at the machine, who sees all.
            conversation: Id of a stored one to go on with.
            stored: Whether to keep it; if not, each message stands alone.

        Raises:
            ConversationError: If there is no such conversation.
        """
        session = Session(self.advisor, owner, stored=stored)
        if conversation is not None:
            session.resume(conversation)
        return session

    def warm_up(self) -> None:
        """Load what answers are searched with, in the background; for a door to call once it can be used."""
        self.advisor.searcher.warm_up()

    def conversations(self, owner: str | None = None, search: str = "") -> list[ConversationSummary]:
        """Stored conversations, last used first; with `search`, those that contain it.

        Raises:
            ConversationError: If they cannot be read.
        """
        return self.advisor.conversations.list(owner=owner, search=search or None)


class Session:
    """One open conversation of one visitor.

    `state` is what a door shows. Methods raise `TunewiseError` and change nothing where they cannot do what they are
    for; only `ask` and `resend` tell how a turn failed by their last event. They may be called from any thread: what
    would disturb a running turn stops it first.
    """

    def __init__(self, advisor: Advisor, owner: str | None = None, *, stored: bool = True) -> None:
        self.state = State(owner)
        self._advisor = advisor
        self._stored = stored
        self._history = History(advisor.conversations, advisor.settings, advisor.framework, owner)
        self._lock = threading.RLock()
        self._cancel = threading.Event()
        self._halt = threading.Event()
        self._idle = threading.Event()
        self._idle.set()

    def ask(self, text: str) -> Iterator[DeskEvent]:
        """Answer a message; when an event is yielded, `state` has it already.

        Nothing happens while a turn runs. The session is idle afterwards, whatever happened.
        """
        with self._lock:
            if not self._idle.is_set():
                return
            self._idle.clear()
            self._cancel = threading.Event()
        try:
            self._change(
                turns=(*self.state.turns, Exchange(text)), stage=Progress("facts"), before=self.state.advice,
                edited=False, provisional=False, notice=None, hits=(),
            )  # fmt: skip
            yield from self._answer(text)
        finally:
            self._change(stage=None)
            self._idle.set()

    def resend(self, text: str | None = None) -> Iterator[DeskEvent]:
        """Take the last message back and send it again, changed or not; edits of the facts made since are kept."""
        if not self.state.turns or self.state.busy:
            return
        *earlier, last = self.state.turns
        changes = self._forget(last)
        replies = [turn.reply for turn in earlier if turn.reply]
        self._change(
            turns=tuple(earlier), advice=next((each for each in reversed(replies) if advises(each)), None),
            latest=None, situation=replies[-1].situation if replies else None, proposed=(),
        )  # fmt: skip
        for each, measured in changes:
            self.edit(each, measured)
        yield from self.ask(text or last.question)

    def stop(self) -> None:
        """Stop the turn that runs; the message and what the rules decided are kept."""
        self._cancel.set()

    def settle(self) -> None:
        """Stop what runs and wait until it is kept, so that two turns of one conversation never overlap."""
        self.stop()
        self.halt()
        self._idle.wait(SETTLE_S)

    def edit(self, changes: Mapping[str, str], measured: Mapping[str, str] | None = None) -> None:
        """Correct facts (fact → value) and decide again at once, without the model.

        A proposed fact is confirmed by its value, and refused by "not " and its value. `measured` gives the reason of
        those changes that were measured and not set by somebody.

        Raises:
            SituationError: If a fact or value does not exist; nothing is changed then.
        """
        if self.state.busy:
            self.settle()
        conversation = self.keep()
        if conversation is not None:
            reply = self._advisor.edit(conversation, changes, owner=self.state.owner, measured=measured)
        else:
            reply = self._edit_unstored(changes, measured)
        before = self.state
        edited = before.edited or (bool(before.turns) and reply.situation != before.situation)
        self._change(
            advice=reply, situation=reply.situation, edited=edited, notice=None, whatif={}, proposed=reply.proposed
        )

    def _edit_unstored(self, changes: Mapping[str, str], measured: Mapping[str, str] | None) -> Reply:
        from tunewise.facts import edit, refusals
        from tunewise.turn import Past

        situation = edit(self.state.situation or Situation(), self._advisor.framework, changes, measured)
        past = Past(proposed=self.state.proposed, refused=refusals(changes))
        return self._advisor.decide(situation, past=past)

    def undo(self) -> None:
        """Take the last edit of the facts back; nothing happens where a message came after it, or nothing is kept."""
        conversation, owner, store = self.state.conversation, self.state.owner, self._advisor.conversations
        last = store.last_turn(conversation, owner=owner) if conversation else None
        if conversation and last and last.message is None and not self.state.busy:
            store.forget_turns(conversation, last.number, owner=owner)
            self.resume(conversation)

    def suppose(self, values: Mapping[str, str]) -> None:
        """What if? Facts (or n_examples) → values; the facts stay as they are."""
        self._change(whatif=dict(values))

    def rate(self, shown: int, thumb: str = "", comment: str = "") -> None:
        """Keep "up" or "down", and a comment if there is one, for exchange `shown` (from 1).

        Without a thumb the one given before counts. Nothing happens for an exchange that is not there or not kept.
        """
        turns, conversation = self.state.turns, self.state.conversation
        if not 1 <= shown <= len(turns) or conversation is None:
            return
        rated, thumb = turns[shown - 1], thumb or turns[shown - 1].feedback or ""
        if thumb not in ("up", "down"):
            return
        self._advisor.conversations.add_feedback(
            conversation, rated.number, "up" if thumb == "up" else "down", comment[:2000], owner=self.state.owner
        )
        said = "Your comment is kept on this machine; the History tab saves all of them." if comment else None
        self._change(turns=(*turns[: shown - 1], replace(rated, feedback=thumb), *turns[shown:]), notice=said)

    def mark_fact(self, name: str) -> None:
        """A fact was not read rightly: keep that with the message that it was read from, and take it back."""
        situation, conversation = self.state.situation, self.state.conversation
        fact = situation.facts.get(name) if situation else None
        if fact is None or not fact.known:
            return
        said_in = self.state.turns[fact.turn - 1] if fact.turn and fact.turn <= len(self.state.turns) else None
        if conversation is not None and said_in is not None and said_in.number:
            self._mark(Wrong(conversation, said_in.number, "fact", name))
        self.edit({name: "unknown"})

    def mark_sentence(self, shown: int, place: int) -> None:
        """Sentence `place` (from 0) of answer `shown` (from 1) is wrong: keep that, if there is such a sentence."""
        turns, conversation = self.state.turns, self.state.conversation
        turn = turns[shown - 1] if 1 <= shown <= len(turns) else None
        sentences = turn.reply.sentences if turn and turn.reply else ()
        if turn is None or conversation is None or not 0 <= place < len(sentences):
            return
        self._mark(Wrong(conversation, turn.number, "sentence", sentences[place].text))
        marked = replace(turn, wrong=turn.wrong | {place})
        self._change(turns=(*turns[: shown - 1], marked, *turns[shown:]))

    def _mark(self, wrong: Wrong) -> None:
        self._advisor.conversations.add_wrong(wrong, owner=self.state.owner)
        self.note("Kept on this machine as a miss; the History tab saves all of them as a case file.")

    def keep(self) -> str | None:
        """The conversation's id, created on first use; None (and a notice) where nothing can be written."""
        if self.state.conversation is None and self._stored:
            try:
                self._change(conversation=self._advisor.conversations.create(owner=self.state.owner))
            except TunewiseError as error:
                self.note(f"This conversation is not kept, and each message stands alone. {error}")
        return self.state.conversation

    def new(self) -> None:
        """Begin a new conversation; a stored one stays in the list."""
        self.settle()
        self.state = State(self.state.owner)

    def resume(self, conversation: str) -> None:
        """Go on with a stored conversation.

        Raises:
            ConversationError: If there is no such conversation of this owner.
        """
        owner, store = self.state.owner, self._advisor.conversations
        stored = store.turns(conversation, owner=owner)
        thumbs = {each.turn: str(each.thumb) for each in store.feedback(conversation, owner=owner)}
        self.settle()
        self.state = replace(State.of(owner, conversation, stored, thumbs), search=self.state.search)

    def rename(self, conversation: str, title: str) -> None:
        """Give one of the owner's conversations another title."""
        self._history.rename(conversation, title)
        self._change(notice=None, listed=self.state.listed + 1)

    def delete(self, conversation: str) -> None:
        """Delete one of the owner's conversations; if it is the open one, a new one begins."""
        is_open = conversation == self.state.conversation
        if is_open:
            self.settle()
        self._history.delete(conversation)
        self._change(notice=None, listed=self.state.listed + 1)
        if is_open:
            self.new()

    def find(self, text: str) -> None:
        """Narrow the list of conversations to those that contain a text; "" lists all."""
        self._change(search=text)

    def note(self, sentence: str) -> None:
        """Show a sentence about the conversation itself."""
        self._change(notice=sentence)

    def read_dataset(self, name: str, data: bytes, whole_bytes: float | None = None) -> None:
        """Summarise a file, or its beginning, as `reading`; a sentence if it cannot be read. No fact changes yet."""
        self._read(lambda dataset: dataset.summarise_file(name, data, whole_bytes=whole_bytes))

    def read_folder(self, entries: object, total: float | None = None) -> None:
        """Summarise a folder's listing, [path, bytes] each, of `total` files, as `reading`."""
        self._read(lambda dataset: dataset.summarise_listing(entries, total=total))

    def measure(
        self, name: str, data: bytes, whole_bytes: float | None = None, target: float | None = None
    ) -> Iterator[None]:
        """Measure the table that was read, and decide again with the facts that follow; a sentence if it cannot be.

        `target` is the accuracy that would be good enough, a share. Yields whenever `state.measured` has changed.
        Nothing happens while a measurement runs.
        """
        with self._lock:
            if isinstance(self.state.measured, Step):
                return
            self._halt = halt = threading.Event()
            self._change(measured=Step("reading"))
        ended: Measurement | str | None = None
        try:
            yield
            chosen, settings = Chosen(name, data, whole_bytes), self._advisor.settings
            with closing(measure_table(chosen, self.state.reading, target, settings, halt)) as steps:
                for each in steps:
                    if not isinstance(each, Step):
                        self._fill_in(each, halt)
                        ended = each
                    elif not halt.is_set():
                        self._change(measured=each)
                        yield
        except CancelledError:
            ended = None
        except TunewiseError as error:
            ended = str(error)
        finally:
            self._change(measured=ended)

    def halt(self) -> None:
        """Stop the measurement that runs; no fact changes."""
        self._halt.set()

    def _fill_in(self, found: Measurement, halt: threading.Event) -> None:
        """Decide again with what was measured, once an answer that is being written has come to its end.

        What an encoder scores says nothing certain of another model that the conversation is about.
        """
        from tunewise.measure import OF_THE_ENCODER

        self._idle.wait(self._advisor.settings.deadline_s + SETTLE_S)
        if halt.is_set():  # a new conversation, or another table, may be open by now
            raise CancelledError("The measurement was stopped.")
        situation = self.state.situation
        named = situation.details.get("base_model") if situation else None
        known = [fact for fact in found.facts if fact.known and not (named and fact.name in OF_THE_ENCODER)]
        changes = {fact.name: fact.value if fact.amount is None else f"{fact.amount:.0f}" for fact in known}
        self.edit(changes, {fact.name: fact.reason or "" for fact in known})
        if named and OF_THE_ENCODER & {fact.name for fact in found.facts if fact.known}:
            self.note(
                f"The scores are those of {found.encoder}; what they say of a model is not filled in for {named.value}."
            )

    def read_hardware(self) -> None:
        """Fill in what this machine has to train with, and decide again."""
        from tunewise.desk.hardware import read_machine

        machine = read_machine()
        self._change(reading=machine)
        self.edit(machine.as_facts())

    def export(self, what: str, form: str) -> File:
        """Make the file `what` ("record", "transcript", "feedback", "misses", "map") in a `form` (md, json, html, svg).

        Raises:
            ExportError: If there is nothing to save, or no such file or form.
            TunewiseError: If what is to be saved cannot be read.
        """
        return export(self._history, self._advisor.framework, self.state, what, form)

    def script(self, model: str = "", kind: str = "") -> File:
        """A training script for what is recommended, as a zip; `model` names the checkpoint, `kind` what it is for.

        Raises:
            ExportError: If nothing is recommended yet.
            RecipeError: If no script is written for this case.
            TunewiseError: If the conversation cannot be read.
        """
        made = make_script(self._history, self._advisor.framework, self.state, model=model, kind=kind)
        self._change(notice=None)  # it may say why there was none
        return made

    def _read(self, summarise: Callable[[ModuleType], DatasetSummary]) -> None:
        from tunewise.desk import dataset

        self.halt()
        try:
            self._change(reading=summarise(dataset), measured=None)
        except dataset.DatasetError as error:
            self._change(reading=str(error), measured=None)

    def _answer(self, text: str) -> Iterator[DeskEvent]:
        owner, conversation = self.state.owner, self.keep()
        events = self._advisor.stream(text, conversation=conversation, owner=owner, cancel=self._cancel)
        try:
            with closing(cast("Generator[Event]", events)):
                for event in events:
                    self._take(event)
                    yield event
            if conversation is not None:
                stored = self._advisor.conversations.last_turn(conversation, owner=owner)
                self._change_last(number=stored.number if stored else 0)
        except TunewiseError as error:
            failed = Failed(error)
            self._take(failed)
            self._keep(text, conversation)
            yield failed

    def _keep(self, text: str, conversation: str | None) -> None:
        """Store the rules' decision for a turn whose explanation did not come to its end: the message counts. What was
        written keeps its sources; how long it took says nothing."""
        state = self.state
        if not state.provisional or state.situation is None:
            return
        from tunewise.turn import Past

        past = Past(proposed=state.proposed, project=state.before.project if state.before else 1)
        decided = self._advisor.decide(state.situation, past=past)
        notices = (*decided.notices, STOPPED)
        reply = replace(decided, conversation=conversation, notices=notices, timings_s={}, **self._written())
        self._change(advice=reply, latest=reply, provisional=False)
        self._change_last(reply=reply)
        if conversation is not None:
            try:
                turn = self._advisor.conversations.add_turn(conversation, text, reply, owner=state.owner)
                self._change_last(number=turn.number)
            except TunewiseError as error:
                self.note(str(error))

    def _written(self) -> dict[str, Any]:
        """What of a reply was written before it was stopped; nothing where that had not begun."""
        from tunewise.answer.citations import resolve
        from tunewise.answer.marks import cited_ids

        if not (partial := self.state.turns[-1].partial.strip()):
            return {}
        cited = []
        for id_ in cited_ids(partial):
            with suppress(TunewiseError, KeyError):
                cited.append(self._advisor.searcher.passage(id_))
        written = resolve(partial, cited)
        sentences = (SentenceShown(written.text, "model", tuple(each.id for each in written.citations)),)
        return {"answer": written.text, "citations": written.citations, "sentences": sentences, "stances": ()}

    def _forget(self, last: Exchange) -> list[tuple[Mapping[str, str], Mapping[str, str]]]:
        """Remove the last message and what came after it; returns the edits among that, to be made again: the changes,
        and why, where they were measured."""
        conversation, owner, store = self.state.conversation, self.state.owner, self._advisor.conversations
        if conversation is None or not last.number:
            return []
        later = [turn for turn in store.turns(conversation, owner=owner) if turn.number > last.number]
        store.forget_turns(conversation, last.number, owner=owner)
        return [(turn.changes, _measured(turn)) for turn in later if turn.changes]

    def _take(self, event: DeskEvent) -> None:
        with self._lock:
            self.state = self.state.after(event)

    def _change(self, **changes: object) -> None:
        with self._lock:
            self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def _change_last(self, **changes: object) -> None:
        with self._lock:
            self.state = self.state.with_last(**changes)


def _measured(turn: StoredTurn) -> dict[str, str]:
    """Why, for those changes of a turn that were measured."""
    facts = {**turn.reply.situation.facts, **turn.reply.situation.details}
    known = {name: facts[name] for name in turn.changes if name in facts}
    return {name: fact.reason or "" for name, fact in known.items() if fact.status == "measured"}
