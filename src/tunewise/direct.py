"""The direct answer: what was asked is answered at once, by code, before anything that was not asked for.

In this order: verdicts on a plan or on advice from elsewhere, a sum with the asker's own numbers, the practice notes
that fit, what can be said in general; where nothing answers, that nothing does. Last, before any method, what published
guides do before anybody trains. Who wants more of an answer that was notes alone, or that in short, is told from these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tunewise.answer.composed import grounds
from tunewise.answer.practice import ALSO, SURE, near
from tunewise.evidence.finding import in_brief
from tunewise.framework.memory import family_of
from tunewise.languages import ENGLISH, language_of, named_language
from tunewise.languages import language as texts_in
from tunewise.routing.topics import shows
from tunewise.types import PRACTICE

if TYPE_CHECKING:
    from tunewise.answer.writing import Draft, Writer
    from tunewise.evidence.finding import FoundNote, NoteFinder
    from tunewise.facts import Reading
    from tunewise.framework import Decision
    from tunewise.reading.placing import Place
    from tunewise.reading.reader import Reader
    from tunewise.retrieval.practice import Advised
    from tunewise.turn import Search, Turn
    from tunewise.types import Language, NearbyNote, Recommendation, Reply, Stance

HARDWARE, DATA = "hardware_enough", "data_enough"
# What the rules answer as soon as they know something; a note leaves it open where it does not advise.
DECIDED = frozenset({"whether_to_tune", "which_method"})
# What a first message may ask without a case of one's own.
ELSEWHERE = frozenset({"went_wrong", "forgetting", "why", "concept", "time_cost", "source", "prompt_or_retrieve"})
NUMBERS = frozenset({HARDWARE, DATA})  # an amount or a card
# What a recommendation answers, though a note does too.
RECOMMENDED = DECIDED | NUMBERS
# What a case is told by.
CASE = frozenset({"base_model", "modality"})
# What the method is named for where no note answers; whoever asks something else reads it on the card.
METHOD = RECOMMENDED | {"which_of_two", "plan_right"}
# What it may be asked among before guides are shown that do something else first.
WHETHER = "whether_to_tune"
CONSIDERED = RECOMMENDED | {"prompt_or_retrieve"}
# How well a note has to fit before it answers which card a model of a bare size takes, and not the sum: of 14 such
# questions those on the very model fit from .83 on, of two on another one .54 and .66.
SIZED = 0.75
# What a recommendation does not answer.
OPEN = frozenset({"why", "concept", "went_wrong", "time_cost", "steps", "which_of_two", "hardware_enough", "other"})


class DirectAnswer:
    """Answers what was asked.

    Args:
        writer: Words what is found.
        notes: Finds practice notes; None where they are left out.
        reader: Places messages among the notes; None where there is none, or it places them among other vectors.
    """

    def __init__(self, writer: Writer, notes: NoteFinder | None, reader: Reader | None) -> None:
        self._writer = writer
        self._notes = notes
        self._reader = reader

    def parts(self, turn: Turn, message: str, reading: Reading, decision: Decision, search: Search) -> list[Draft]:
        """What answers a message to which there is a recommendation, in reading order; nothing where that is all the
        answer."""
        situation, language = reading.situation, reading.language
        summed = self._writer.hardware(situation, language) if reading.asked[:1] == (HARDWARE,) else None
        found = self.found(turn, reading, search, answered=HARDWARE if summed else None)
        if summed is None and sizes_model(reading, turn.number) and not (found and found[0].fit >= SIZED):
            summed = self._writer.capacity(situation, language)
            found = turn.found = [each for each in found if HARDWARE not in each.note.intents]
        notes = self.note(turn, reading, found, search, ALSO if summed else SURE)
        judged: Draft | None = None
        if takes_advice(reading):  # where a note answers an asker's own plan, the rules only object
            objects = notes is not None and reading.move != "advice_from_elsewhere"
            judged = self._writer.judge(message, search.query, situation, decision, language, only_objections=objects)
        if summed is None and notes is None:
            summed = self._from_numbers(reading, decision)
        if notes is None and judged is None and (summed is None or reading.asked[0] == DATA):
            notes = self.in_general(turn, reading, found)
        return [part for part in (judged, summed, notes) if part]

    def beforehand(
        self, turn: Turn, message: str, reading: Reading, parts: Sequence[Draft], advised: Recommendation
    ) -> Draft | None:
        """What published guides do before anybody trains, where it is asked whether to, or the asker's own case hangs
        on it; nothing that the `parts` of the answer or the advice before have said.

        Without a reader, and where it does not tell what is asked, the message's own words do.
        """
        asks_whether = WHETHER in reading.asked or shows("whether", message)
        considers = reading.asked[0] in CONSIDERED if reading.asked else asks_whether
        if reading.hypothetical or not considers:
            return None
        standing = turn.past.standing
        return self._writer.beforehand(
            reading.situation, reading.language, advised=advised, said=" ".join(part.text for part in parts),
            before=standing.situation if standing else None, asks_whether=asks_whether,
        )  # fmt: skip

    def unanswered(self, reading: Reading) -> list[Draft]:
        """That no note answers, where the recommendation does not answer either."""
        is_open = bool(reading.asked) and OPEN.issuperset(reading.asked)
        return [self._writer.unanswered(reading.situation, reading.language)] if is_open else []

    def found(self, turn: Turn, reading: Reading, search: Search, *, answered: str | None = None) -> list[FoundNote]:
        """The practice notes that may answer what is asked and has not been `answered` with the asker's own numbers."""
        tells_more = reading.move == "addition" and not reading.stated  # of what no rule asks, a note may know the use
        asks = turn.number == 1 or bool(reading.asked) or "?" in search.query or tells_more
        if self._notes is None or not asks or only_supposes(reading):
            return []
        with turn.timed("notes"):
            place = self._place(turn, search.query)
            found = self._notes.find(search.query, reading.asked, reading.situation, place)
            turn.found = [each for each in found if answered not in each.note.intents]
            return turn.found

    def note(
        self, turn: Turn, reading: Reading, found: Sequence[FoundNote], search: Search, least: float = SURE
    ) -> Draft | None:
        """The notes found that answer, none that the conversation has shown; the best has to fit as well as `least`
        says."""
        with turn.timed("notes"):
            return self._writer.from_practice(
                found, turn.past.notes_shown, reading.situation, reading.language, least, search.cosines
            )

    def of_last_note(self, turn: Turn, reading: Reading, message: str) -> tuple[Draft, Language] | None:
        """What a message wants of an answer that was notes alone, without advice that it could be about, and in which
        language: its verdict in short, the same in another language, what its detail holds beyond it, or one of
        the notes that were offered beside it. None where it wants something else, or there is no more."""
        last = turn.past.last
        if self._notes is None or turn.past.advice or last is None or not is_notes_alone(last):
            return None
        is_brief = reading.asked[:1] == ("summarise",) or shows("summarise", message)
        goes_on = is_brief or shows("more", message) or reading.move == "follow_up"
        if not goes_on or tells_anything(reading, turn.number):
            return None
        shown = self._notes.again(dict.fromkeys(cited.id for cited in last.citations))
        wanted = named_language(message) if "?" not in message else None
        if shown and (is_brief or (wanted and texts_in(wanted).written)):
            language = wanted or reading.language
            return self._writer.note_again(shown[0], language, is_brief=is_brief), language
        rest = self._writer.more_of_notes(shown, turn.past.told, reading.situation, reading.language)
        offered = dict.fromkeys((*(near.citation.id for near in last.nearby), *sorted(turn.past.notes_offered)))
        others = self._notes.again(id_ for id_ in offered if id_ not in turn.past.notes_shown)
        if rest is None and others:
            rest = self._writer.note_again(others[0], reading.language, is_brief=False)
        return (rest, reading.language) if rest else None

    def nearby(self, turn: Turn, reply: Reply) -> tuple[NearbyNote, ...]:
        """The notes found for a message that its reply offers beside its answer: of those that the checker lets pass,
        none that advises against what the reply advises."""
        shown = [cited for cited in reply.citations if cited.collection == PRACTICE]
        advised = _advised_in(reply)
        agree = [
            each for each in turn.found if all(advised.get(id_, says) == says for id_, says in each.note.says.items())
        ]
        return near(agree, shown, turn.past.notes_shown | turn.past.notes_offered, reply.language)

    def in_general(self, turn: Turn, reading: Reading, found: Sequence[FoundNote]) -> Draft | None:
        """What the general note says on what is asked of this kind of model; nothing where the rules themselves have
        the answer, or it was shown. What went wrong comes last: whoever asks more asks the other thing about it."""
        if self._notes is None or not reading.asked:
            return None
        if reading.asked[0] in DECIDED and grounds(reading.situation.values()):
            return None
        asked = min(reading.asked[:2], key=lambda ask: ask == "went_wrong")
        note = self._notes.general(found, asked, reading.situation)
        if note is None or note.note.id in turn.past.notes_shown:
            return None
        return self._writer.in_general(note, reading.language)

    def _from_numbers(self, reading: Reading, decision: Decision) -> Draft | None:
        """What the one number that is known means, where no note answers: their card, their model, or their amount."""
        situation, language = reading.situation, reading.language
        if reading.asked[:1] == (HARDWARE,):
            return self._writer.capacity(situation, language)
        return self._writer.amount(situation, decision, language) if DATA in reading.asked[:2] else None

    def _place(self, turn: Turn, query: str) -> Place | None:
        """Where the reader puts a question among the notes, one in English; it places whole messages, so a later one
        with its case."""
        if self._reader is None or language_of(query) != ENGLISH:
            return None
        case = "" if turn.number == 1 else in_brief(turn.past.situation)
        return self._reader.place(f"{case}{query}")


def sizes_model(reading: Reading, turn: int) -> bool:
    """Whether it is asked which card a model takes of which this message says the bare size ("a 72B"), of a family that
    may have been measured; of a model with a name the notes know more than its size."""
    size = reading.situation.details.get("model_parameters")
    is_said = size is not None and size.amount is not None and size.reason is None and size.turn == turn
    return is_said and reading.asked[:1] == (HARDWARE,) and family_of(reading.situation) is not None


def takes_advice(reading: Reading) -> bool:
    """Whether a message passes on advice or asks what its own plan is worth."""
    return reading.move == "advice_from_elsewhere" or "plan_right" in reading.asked


def only_supposes(reading: Reading) -> bool:
    """Whether a message supposes facts and asks nothing but what they would change, which the rules say: of twelve
    notes that came before their answer in conversations, one was on the point."""
    return reading.hypothetical and bool(reading.stated) and {"what_would_change"}.issuperset(reading.asked)


def is_notes_alone(reply: Reply) -> bool:
    """Whether a reply was nothing but practice notes, and its text asked nothing."""
    cited = {one.collection for one in reply.citations}
    return reply.kind == "knowledge" and cited == {PRACTICE} and not reply.proposed


def tells_anything(reading: Reading, turn: int) -> bool:
    """Whether a message states, seems to state, describes or supposes something, or asks for more than the reason, or
    that in short."""
    details = any(each.turn == turn for each in reading.situation.details.values())
    is_told = bool(reading.stated) or bool(reading.proposed) or details or reading.hypothetical
    return is_told or not {"why", "summarise"}.issuperset(reading.asked)


def asks_method(reading: Reading, parts: Sequence[Draft]) -> bool:
    """Whether a message asks for the method first of all, and its direct answer leaves that open; one that no reader
    has read for what it asks may well, and a sum alone is not what to do."""
    left = DECIDED if _rest_on_note(parts) else METHOD
    return not reading.learned or (bool(reading.asked) and reading.asked[0] in left)


def asks_recommendation(reading: Reading, message: str, parts: Sequence[Draft]) -> bool:
    """Whether a recommendation answers what a message asks first of all, or a method is asked for at all; where it does
    not tell, whether it only tells facts of a case, or that is among what the notes are on that answer it. Who hears
    that a plan is no good wants to know of a better one."""
    said = [one for part in parts for one in part.stances]
    if any((one.by, one.stance, one.verdict) == ("code", "for", "invalid") for one in said):
        return True
    if reading.asked:
        return reading.asked[0] in RECOMMENDED or not DECIDED.isdisjoint(reading.asked)
    tells_case = bool(reading.stated) and "?" not in message
    return tells_case or any(not RECOMMENDED.isdisjoint(part.answers) for part in parts)


def asks_numbers(reading: Reading) -> bool:
    """Whether what a message asks first is an amount or a card, and no method is asked for."""
    return not NUMBERS.isdisjoint(reading.asked[:1]) and DECIDED.isdisjoint(reading.asked)


def leaves_open(reading: Reading, message: str) -> bool:
    """Whether a direct answer without a recommendation leaves open what to do in the asker's own case: one is told of,
    and the method is asked for, or nothing at all."""
    tells = bool(reading.situation.details.keys() & CASE) or bool(reading.stated)
    asks_nothing = not reading.asked and "?" not in message
    return tells and (asks_nothing or not DECIDED.isdisjoint(reading.asked))


def is_whole(reading: Reading, parts: Sequence[Draft], *, has_method: bool) -> bool:
    """Whether the direct answer to a first message is all its text: a practice note found for it is, and so is any
    answer to a question that is on no case of one's own, where the rules know no method. What holds in general is not:
    the rules say more of the asker's own case."""
    if not reading.learned or not parts:
        return False
    is_found = any(part.answers for part in parts)
    return is_found or (bool(reading.asked) and not has_method and ELSEWHERE.issuperset(reading.asked))


def advised_by(stances: Iterable[Stance]) -> dict[str, Advised]:
    """What the notes of an answer say of each strategy."""
    said = [one for one in stances if one.by == "note"]
    return {one.strategy: "recommend" if one.stance == "for" else "avoid" for one in said}


def _advised_in(reply: Reply) -> dict[str, Advised]:
    """What a reply says of each strategy: its notes, and above them its recommendation."""
    chosen = reply.recommendation
    recommended: dict[str, Advised] = dict.fromkeys(chosen.strategies if chosen else (), "recommend")
    return advised_by(reply.stances) | recommended


def _rest_on_note(parts: Sequence[Draft]) -> bool:
    return any(part.rests_on_note for part in parts)
