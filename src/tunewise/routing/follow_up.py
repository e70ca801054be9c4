"""What a message wants of the conversation itself: why, shorter, what was said, thanks; and not of a new case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tunewise.languages import courtesy, named_language, opens_with_courtesy
from tunewise.number_words import chinese_value, number_words
from tunewise.routing.topics import shows, sign
from tunewise.types import FollowUp, FollowUpKind, ReadMove, ReadProject

# By signs alone, a question about the advice is short, and a courtesy shorter; a long message describes something new.
MAX_WORDS = 25
MAX_COURTESY = 6
MIN_WORDS = 2
MAX_SENTENCES = 9
# What is asked about advice already given → how it is answered; the rest is asked of any case.
_KINDS: Mapping[str, FollowUpKind] = {
    "why": "why", "why_not": "why_not", "what_would_change": "what_would_change", "which_of_two": "which_of_two",
    "summarise": "summarise", "recall": "recall", "source": "source", "steps": "steps", "time_cost": "time_cost",
}  # fmt: skip
_AGAIN: Mapping[str, FollowUpKind] = {"whether_to_tune": "verdict", "which_method": "stands", "plan_right": "stands"}
_BY_SIGN: Mapping[str, FollowUpKind] = {
    "recall": "recall", "summarise": "summarise", "source": "source", "steps": "steps", "back": "back"
}  # fmt: skip
_COURTESIES: Mapping[str, FollowUpKind] = {"greeting": "greeting", "thanks": "thanks", "goodbye": "goodbye"}
_NOTHING_ASKED = frozenset({"stands", "verdict", "what_would_change"})  # of its own, where a what-if ends
_RETELLING = (("summarise",), ("recall",), ("source",))
_WITHOUT_ADVICE = frozenset({"recall"})


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it was read: its words, what it asks and does, the strategies it names, whether it states facts.

    `describes` says whether it names a model or a kind of data, `another_kind` whether that is of another kind than the
    case's so far, `returns` whether it ends a what-if. `move`, `asked` and `project` are "new_case", () and "same"
    where no reader has read it.
    """

    text: str
    mentions: Sequence[str] = ()
    asked: Sequence[str] = ()
    move: ReadMove = "new_case"
    states: bool = False
    describes: bool = True
    another_kind: bool = False
    project: ReadProject = "same"
    returns: bool = False

    @property
    def is_read(self) -> bool:
        """Whether a reader says what it asks or does."""
        return bool(self.asked) or self.move != "new_case"

    @property
    def is_retelling(self) -> bool:
        """Whether what was said is wanted again; a number in it ("in two sentences") is no fact."""
        return self.move == "follow_up" and tuple(self.asked[:1]) in _RETELLING


def read_follow_up(
    said: Said, recommended: Sequence[str] = (), *, supposed: bool = False, cited: bool = False
) -> FollowUp | None:
    """Recognise what is answered from the conversation.

    Args:
        said: The message.
        recommended: Ids of the strategies that were recommended, primary first; none before the first advice.
        supposed: Whether the last advice was for a what-if.
        cited: Whether the last reply cites anything, so that its sources can be asked for.

    Returns:
        The follow-up, or None where the message states facts, describes a case or asks about the subject.
    """
    if said.returns and not said.states and not _is_courtesy(said.text):
        asked = _asked(said, recommended, supposed)
        return FollowUp("back") if asked is None or asked.kind in _NOTHING_ASKED else asked
    if aside := _aside(said, is_advised=bool(recommended)):
        return aside
    if said.states and not said.is_retelling:
        return None
    found = _asked(said, recommended, supposed) if said.is_read else _by_signs(said, recommended)
    of_reply = found is not None and (found.kind in _WITHOUT_ADVICE or (cited and found.kind == "source"))
    return found if recommended or of_reply else None


def _aside(said: Said, *, is_advised: bool) -> FollowUp | None:
    """Courtesies, other subjects, attacks; where facts are stated beside them, the facts are answered. Small talk
    behind advice that asks nothing ends the talk."""
    if said.states:
        return None
    if said.move == "small_talk" or _is_courtesy(said.text):
        ends = is_advised and not _has_question_mark(said.text)
        return FollowUp(_COURTESIES.get(courtesy(said.text), "thanks" if ends else "chat"))
    if said.move == "outside" and len(said.text.split()) < MIN_WORDS:
        return None  # too little to tell
    if said.move in ("outside", "hostile"):
        return FollowUp("outside" if said.move == "outside" else "hostile")
    return None


def _is_courtesy(text: str) -> bool:
    return len(text.split()) <= MAX_COURTESY and not _has_question_mark(text) and opens_with_courtesy(text)


def _has_question_mark(text: str) -> bool:
    return bool(re.search(r"[?\uff1f]", text))


def _asked(said: Said, recommended: Sequence[str], supposed: bool) -> FollowUp | None:
    """What the reader says is asked, the most likely first."""
    if said.move == "what_if" and not supposed:
        return FollowUp("what_would_change")
    if said.move not in ("follow_up", "new_case", "addition", "what_if"):
        return None
    for intent in said.asked:
        kind = _KINDS.get(intent) or (_AGAIN.get(intent) if said.move == "follow_up" else None)
        if kind:
            return _about(kind, said, recommended)
    if said.move not in ("follow_up", "what_if"):
        return None
    if wanted := named_language(said.text):
        return FollowUp("summarise", language=wanted)
    if said.asked:
        return None
    return FollowUp("back" if supposed and said.move == "follow_up" else "stands")


def _about(kind: FollowUpKind, said: Said, recommended: Sequence[str]) -> FollowUp:
    """The follow-up with the strategies that it is about; a verdict on one of them is why it is advised or not."""
    others = tuple(id_ for id_ in said.mentions if id_ not in recommended)
    named = tuple(dict.fromkeys((*others, *said.mentions)))
    if kind == "summarise":
        return FollowUp(kind, language=named_language(said.text) or None, sentences=_sentences(said.text))
    if kind == "why":
        return FollowUp("why_not", others[:1]) if others else FollowUp("why")
    if kind == "which_of_two" and len(named) > 1:
        return FollowUp(kind, tuple(dict.fromkeys(said.mentions))[:2])
    if kind in ("why_not", "verdict", "stands", "which_of_two"):
        again: FollowUpKind = "why" if kind == "why_not" else "verdict" if kind == "verdict" else "stands"
        return FollowUp("why_not", named[:1]) if named else FollowUp(again)
    return FollowUp(kind)


def _sentences(text: str) -> int:
    """How many sentences a message wants ("in two sentences"); 0 where it does not say."""
    found = re.search(rf"(\w+)\s*(?:{sign('sentences').pattern})", text.lower())
    if not found:
        return 0
    counted = number_words("counting").get(found[1]) or chinese_value(found[1][-1])
    wanted = int(found[1]) if found[1].isdecimal() else int(counted)
    return wanted if 0 < wanted <= MAX_SENTENCES else 0


def _by_signs(said: Said, recommended: Sequence[str]) -> FollowUp | None:
    """Where no reader is at hand: a short message with a sign of what it wants."""
    if len(said.text.split()) > MAX_WORDS:
        return None
    others = tuple(id_ for id_ in said.mentions if id_ not in recommended)
    if others and shows("why_not", said.text):
        return FollowUp("why_not", others[:1])
    for name, kind in {"change": "what_would_change", **_BY_SIGN}.items():
        if shows(name, said.text):
            return _about(kind, said, recommended)
    if shows("why", said.text):
        return FollowUp("why_not", others[:1]) if others else FollowUp("why")
    return None
