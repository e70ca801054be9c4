"""Advice from elsewhere checked without an advisor: the stances of a text, judged by the rules for given facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tunewise.answer.composed import Composer
from tunewise.answer.elsewhere import read_advice
from tunewise.answer.judging import judge_advice
from tunewise.errors import MessageError
from tunewise.framework.check import WORST_FIRST
from tunewise.languages import ENGLISH, language, language_of, languages
from tunewise.types import FindingKind, SentenceShown, Situation, Stance

if TYPE_CHECKING:
    from tunewise.framework import Framework
    from tunewise.reading.reader import Reader


@dataclass(frozen=True, slots=True)
class CheckedText:
    """The worst verdict, one sentence for each stance that the text takes, and the stances as a reply has them."""

    status: FindingKind
    sentences: tuple[SentenceShown, ...]
    stances: tuple[Stance, ...]


def check_text(framework: Framework, situation: Situation, text: str, reader: Reader | None = None) -> CheckedText:
    """Judge an English text; what it says of data or machines is its author's and not read.

    Args:
        framework: Whose rules judge.
        situation: The facts under which they do.
        text: Of any length.
        reader: Reads what the text advises; None reads it by the words alone.

    Raises:
        SituationError: If the situation names facts or values that the framework lacks.
        MessageError: If the text is in another language.
    """
    from tunewise.framework import decide

    spoken = language_of(text)
    if spoken != ENGLISH:
        named = language(spoken).called_in(ENGLISH) if spoken in languages() else "another language"
        raise MessageError(
            f"Advice is read in English only, and this is in {named}. Put it into English first; if it is English, add "
            "a full sentence."
        )

    decision = decide(framework, situation.values())
    composer = Composer(framework, situation, decision, ENGLISH, lambda _: None)
    judged = judge_advice(composer, read_advice(text, framework, reader))
    sentences = tuple(SentenceShown(one.said.text) for one in judged)
    stances = tuple(one.stance(place) for place, one in enumerate(judged))
    verdicts = [one.verdict for one in judged]
    status: FindingKind = min(verdicts, key=WORST_FIRST.index) if verdicts else "no_recommendation"
    return CheckedText(status, sentences, stances)
