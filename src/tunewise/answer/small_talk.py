"""One friendly sentence for courtesies, other subjects and attacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tunewise.answer.citations import Composed

if TYPE_CHECKING:
    from tunewise.answer.follow_ups import Talk


def small_talk(talk: Talk) -> Composed:
    """A sentence by the kind of the message; to an attack after advice, that the advice stands."""
    phrases = talk.composer.phrases
    kind = talk.request.kind + ("_advised" if talk.request.kind == "hostile" and talk.advised else "")
    return Composed(phrases.texts.say("small_talk", kind, noun=phrases.noun(talk.composer.advice.primary)))
