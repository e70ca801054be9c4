"""A practice note as the beginning of an answer: in its own words, with its mark, and its detail behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed
from tunewise.answer.elsewhere import read_advice
from tunewise.answer.overlap import repeats
from tunewise.answer.sentences import sentence_spans
from tunewise.languages import ENGLISH
from tunewise.languages import language as texts_in
from tunewise.types import Citation, NearbyNote

if TYPE_CHECKING:
    from tunewise.evidence.agreement import Agreement
    from tunewise.evidence.finding import FoundNote
    from tunewise.framework.model import Framework
    from tunewise.types import Language

# Of its fit, before a note is shown: below it 29 % are of use, and 38 % off the point. Between this and
# 0.5 two blind readers of 50 messages would act on 39 % of the replies, on 7 % with a general note in its place.
SURE = 0.25
ALONE = 0.30  # before one is that nothing else of the answer stands behind
UNASKED = 0.55  # the same where nothing is asked of a case: from here on 3 in 4 are of use, a twentieth off the point
ALSO = 0.60  # before one is beside a sum that answers
SECOND = 0.65  # before a second one is: from here on 77 % are of use, 3 % off the point; from 0.55 to it 59 and 12 %
CLOSE = 0.2  # how much less than the first it may fit: further behind 6 % are the better ones, nearer 22 to 41 %
# Before one answers a short question on a case, to which the advice would only be repeated: of ten below it two were of
# use and five off the point.
AGAIN = 0.5
MOST_SHOWN = 2
# Before its detail follows the first note. Two blind readers of 47 messages, answer alone : with it: from here on they
# would act on 23 and 36 % of the replies and preferred the longer ones 47 : 28; below it 8 : 2 the short ones.
DETAILED = 0.5
# Its sentences then, those nearest to the message. A blind reader of 50 other messages would act on as many replies as
# with all of them (34 %), preferred these 20 : 14, and found 2.3 instead of 3.0 statements out of place. Left out where
# they are not near (a cosine of 0.3), two readers of 22 missed them: 14 and 15 for two, 7 for fewer.
MOST_DETAIL = 2
FEWEST_WORDS = 5  # of an answer in short: "Yes." alone is none
SAME = 0.5  # of its words said by the first, and a second note says nothing else
# Before one lies near and is offered beside: of these 41 % are of use and 21 % off the point. For 64 % of 1,605 graded
# messages a note of use is shown, for 77 % it is shown or offered; one that satisfies for 36 and 45 %
# (`scripts.weigh_notes`). 88 and 49 % have one found.
NEAR = 0.18
MOST_NEAR = 3


def choose(found: Sequence[FoundNote], shown_before: frozenset[str], least: float = SURE) -> list[FoundNote]:
    """The notes to show: the best one if it fits, a second one if that fits nearly as well and says something else on
    what the first is about (of others 16 instead of 5 % are off the point); none a second time.

    Args:
        found: Best first.
        shown_before: Ids of notes that the conversation has shown.
        least: How well the best one has to fit.
    """
    new = [each for each in found if each.note.id not in shown_before]
    sure = [each for each in new[:1] if each.fit >= least]
    said = [each.note.answer.text for each in sure]
    others = [each for each in new[1:MOST_SHOWN] if sure and _goes_with(sure[0], each)]
    return [*sure, *(each for each in others if not repeats(each.note.answer.text, said, share=SAME))]


def _goes_with(first: FoundNote, second: FoundNote) -> bool:
    close = second.fit >= max(SECOND, first.fit - CLOSE)
    return close and not set(first.note.intents).isdisjoint(second.note.intents)


def near(
    found: Sequence[FoundNote],
    shown: Sequence[Citation],
    before: frozenset[str],
    language: Language,
    least: float = NEAR,
) -> tuple[NearbyNote, ...]:
    """What else of the notes found fits, beside those that are shown: none that says what these or another one say.

    Args:
        found: Best first.
        shown: The notes that the reply cites.
        before: Ids of notes that the conversation has shown or offered.
        language: Of the answers; one that is not translated is in English.
        least: How well each has to fit.
    """
    seen = before | {cited.id for cited in shown}
    said = [each.note.answer.text for each in found if each.note.id in seen] + [cited.quote for cited in shown]
    chosen: list[NearbyNote] = []
    for each in found:
        is_new = each.fit >= least and each.note.id not in seen and not repeats(each.note.answer.text, said, share=SAME)
        if is_new and len(chosen) < MOST_NEAR:
            said.append(each.note.answer.text)
            chosen.append(NearbyNote(each.question, _cite_answer(each, language)))
    return tuple(chosen)


def compose_note(found: FoundNote, language: Language) -> Composed:
    """A note as a text, cited as a whole; of one that is not translated it is said that it is in English."""
    return _told([_cite_answer(found, _spoken(found, language))], _spoken(found, language), language)


def compose_detail(
    found: FoundNote,
    language: Language,
    framework: Framework,
    rules: Agreement,
    cosines: Callable[[Sequence[str]], Sequence[float]],
) -> Composed | None:
    """What of the detail of a note that surely fits, and is shown in English, lies nearest to the message; nothing
    where that advises what the rules deny.

    Args:
        found: The note.
        language: Of the answer.
        framework: Whose strategies the detail may advise.
        rules: Under the asker's facts.
        cosines: How near the message is to each of some texts.
    """
    if found.fit < DETAILED or _spoken(found, language) != ENGLISH:
        return None
    said = _detail(found)
    if len(said) > MOST_DETAIL:
        nearness = cosines([one.quote for one in said])
        nearest = sorted(range(len(said)), key=lambda at: -nearness[at])[:MOST_DETAIL]
        said = [said[at] for at in sorted(nearest)]
    return _agreed(said, ENGLISH, framework, rules)


def compose_rest(
    found: FoundNote, told: str, language: Language, framework: Framework, rules: Agreement
) -> Composed | None:
    """What the detail of a note says that was not `told` yet; nothing where that advises what the rules deny."""
    said = [one for one in _detail(found) if one.quote.rstrip(".") not in told]
    return _agreed(said, language, framework, rules)


def compose_brief(found: FoundNote, language: Language) -> Composed:
    """The first words of a note, which hold its verdict."""
    spoken = _spoken(found, language)
    answer = found.note.answer_in(spoken)
    said = _sentences(found, answer.text, answer.start)
    words = accumulate(len(one.quote.split()) for one in said)
    enough = next((at for at, count in enumerate(words, start=1) if count >= FEWEST_WORDS), len(said))
    return _told(said[:enough], spoken, language)


def _agreed(said: Sequence[Citation], language: Language, framework: Framework, rules: Agreement) -> Composed | None:
    """Sentences of a detail; nothing if there are none, or the rules deny what they advise for or against."""
    stances = read_advice(" ".join(one.quote for one in said), framework)
    denied = rules.denied({one.strategy: "recommend" if one.stance == "for" else "avoid" for one in stances})
    return _told(said, ENGLISH, language) if said and not denied else None


def _told(said: Sequence[Citation], spoken: Language, language: Language) -> Composed:
    """Sentences of a note behind each other, with its mark; that they are in English, where the answer is not."""
    text = texts_in(spoken).marked(" ".join(one.quote for one in said), said[0])
    return Composed(
        text if spoken == language else f"{texts_in(language).say('knowledge', 'note')} {text}", tuple(said)
    )


def _detail(found: FoundNote) -> list[Citation]:
    more = found.note.more
    return _sentences(found, more.text, more.start) if more else []


def _sentences(found: FoundNote, text: str, start: int) -> list[Citation]:
    return [_cite(found, text[first:last], start + first) for first, last in sentence_spans(text)]


def _spoken(found: FoundNote, language: Language) -> Language:
    return language if language in found.note.translations else ENGLISH


def _cite_answer(found: FoundNote, language: Language) -> Citation:
    answer = found.note.answer_in(language)
    return _cite(found, answer.text, answer.start)


def _cite(found: FoundNote, quote: str, start: int) -> Citation:
    passage, end = found.passage, start + len(quote)
    return Citation(passage.id, passage.collection, passage.document, passage.section, start, end, quote)
