"""The kind of reply that a message needs: advice, knowledge, a question back, or an honest "not covered"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tunewise.routing.coverage import QuestionCoverage, SourceMap, content_stems
from tunewise.routing.topics import Topic, TopicLexicon, shows
from tunewise.types import OF_THE_MODEL, Hit, Language, Reading, ReplyKind, Situation

# Moves that are about no case of the asker's own.
NO_CASE = frozenset({"hostile", "outside", "small_talk"})
# What is asked where no advice is wanted.
OF_NO_CASE = frozenset({"concept", "other", "source", "recall"})
# What only a case decides ("should I fine-tune?").
ASK_BACK = frozenset({"whether_to_tune", "which_method"})
# Facts that describe no situation: what follows from the name of a base model alone, and what is wanted.
OF_NO_SITUATION = OF_THE_MODEL | {"goal"}


@dataclass(frozen=True, slots=True)
class Route:
    """The kind of reply, and for knowledge what of the question the sources do not cover (see `QuestionCoverage`)."""

    kind: ReplyKind
    reason: str
    missing: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()


def route(
    message: str,
    situation: Situation,
    search: Callable[[], Sequence[Hit]],
    sources: SourceMap,
    language: Language,
    turn: int,
    read: Reading | None = None,
) -> Route:
    """Decide the kind of reply.

    Args:
        message: The user's words, as they were written.
        situation: What was read; only facts with `turn` count as said in this message.
        search: Gives what the corpus holds on the message; called only where no case of the asker's own is described.
        sources: Which passage speaks of which concepts.
        language: Of the message.
        turn: Number of this message in its conversation, from 1.
        read: What the reader says of the message, where it was read by examples; else patterns say what it is.

    Returns:
        The route with its reason, a short phrase for the trace.
    """
    lexicon = sources.lexicon
    text = unicodedata.normalize("NFKC", message).lower()
    signs = _signs(text, situation, turn, lexicon)
    if any(clash.kind == "impossible" for clash in situation.clashes):
        return Route("clarify", "the message contradicts itself")
    if not signs.readable:
        return Route("clarify", "nothing to read")
    if read is None and shows("hostile", text) and not signs.facts:
        return Route("not_covered", "instructions instead of a question")
    outside = lexicon.outside_in(text)
    methods = {concept.id for concept in lexicon.concepts if concept.method} & lexicon.concepts_in(text)
    if outside and not signs.learning and _is_about(outside, signs, bool(methods)):
        names = tuple(topic.name(language) for topic in outside)
        return Route("not_covered", "about what the sources leave out", names)
    if read is not None:
        return _by_move(read, signs, lambda: sources.coverage(message, search(), language), is_first=turn == 1)
    if _describes_situation(signs):
        return Route("advice", "describes a situation")
    coverage = sources.coverage(message, search(), language)
    if coverage.covered:
        return Route("knowledge", "asks about what the sources cover", coverage.missing, coverage.unanswered)
    return Route("not_covered", "no passage speaks of it", coverage.missing)


def _by_move(read: Reading, signs: _Signs, coverage: Callable[[], QuestionCoverage], *, is_first: bool) -> Route:
    """What the reader says that the message does: a case gets advice, a question of the subject what sources hold."""
    if read.move in NO_CASE and not signs.facts and not (read.move == "outside" and signs.on_topic):
        return Route("not_covered", f"read as {read.move}")
    if is_first and signs.first_person and not signs.tells and not ASK_BACK.isdisjoint(read.asked):
        return Route("clarify", "no word on the case")
    own = not is_first or signs.first_person or signs.base_model or bool(read.proposed)
    asks_of_case = own and (bool(read.proposed) or read.asked[:1] != ("other",))
    if read.move not in ("knowledge", "outside") and (signs.facts or asks_of_case):
        return Route("advice", f"read as {read.move}")
    covered = coverage()
    if covered.covered:
        return Route("knowledge", "asks about what the sources cover", covered.missing, covered.unanswered)
    if set(read.asked) - OF_NO_CASE or signs.tuning:
        return Route("advice", "on the subject, though no passage speaks of it")
    return Route("not_covered", "no passage speaks of it", covered.missing)


@dataclass(frozen=True, slots=True)
class _Signs:
    readable: bool
    tells: bool  # anything but that it is about fine-tuning
    on_topic: bool
    tuning: bool
    first_person: bool
    intent: bool
    learning: bool
    facts: int
    amounts: bool
    base_model: bool


def _signs(text: str, situation: Situation, turn: int, lexicon: TopicLexicon) -> _Signs:
    concepts = lexicon.concepts_in(text)
    said = {
        name
        for name, fact in situation.facts.items()
        if fact.turn == turn and fact.status == "stated" and (fact.known or fact.amount is not None)
    }
    details = {name for name, fact in situation.details.items() if fact.turn == turn}
    facts = len(said - OF_NO_SITUATION)
    first_person = shows("first_person", text)
    learning = shows("learning", text)
    # Chinese drops its pronouns: a stated fact that is not spoken of in general is the asker's own.
    drops_pronouns = bool(re.search(r"[\u4e00-\u9fff]", text)) and facts > 0 and not learning
    return _Signs(
        readable=facts > 0
        or "base_model" in details
        or (not shows("greeting", text) and (bool(concepts) or shows("words", text))),
        tells=bool(said or details or _more_than(lexicon, text)),
        on_topic=bool(concepts) or facts > 0,
        tuning="fine_tuning" in concepts,
        first_person=first_person or drops_pronouns,
        intent=shows("intent", text) or drops_pronouns,
        learning=learning,
        facts=facts,
        amounts=(first_person or not shows("general_question", text))
        and (bool(details & {"n_examples", "hardware", "gpu_memory"}) or "compute" in said),
        base_model="base_model" in details,
    )


def _more_than(lexicon: TopicLexicon, text: str) -> bool:
    """Whether a text has words besides the names of concepts and words of form; of other scripts any counts."""
    left = lexicon.without_concepts(text)
    return bool(content_stems(left)) or bool(re.search(r"[^\W\d_a-z]", left))


def _is_about(outside: Sequence[Topic], signs: _Signs, names_methods: bool) -> bool:
    """Whether a message is about the outside topics that it names, and not about a case of the asker's own."""
    if any(topic.beats == "facts" for topic in outside):
        return True
    if signs.facts:
        return False
    return not names_methods or any(topic.beats == "methods" for topic in outside)


def _describes_situation(signs: _Signs) -> bool:
    if not signs.on_topic:
        return False
    if signs.amounts or (signs.first_person and signs.facts) or signs.facts >= 3:
        return True
    if signs.first_person and signs.base_model and signs.tuning:
        return True
    return signs.first_person and signs.intent and not (signs.learning and not signs.base_model)
