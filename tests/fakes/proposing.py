"""An advisor whose reader also finds facts that a message only seems to state."""

from __future__ import annotations

from dataclasses import replace

from tunewise.advisor import Advisor
from tunewise.facts import Reading
from tunewise.turn import Search, Turn
from tunewise.types import ProposedFact

SEEMING = {
    "all this is Martian to it": ("similarity", "low"),
    "etwas völlig Neues für das Modell": ("similarity", "low"),
    "它从没见过这种东西": ("similarity", "low"),
    "tout cela est neuf pour lui": ("similarity", "low"),
    "it is the stuff it grew up on": ("similarity", "high"),
    "people rely on the rest": ("forgetting_concern", "yes"),
    "callers hang up quickly": ("latency_critical", "yes"),
    "the machines are paid for": ("compute", "ample"),
}


class ProposingAdvisor(Advisor):
    """The real advisor with proposals for the phrases of `SEEMING`."""

    def _read(self, turn: Turn, message: str, search: Search) -> Reading:
        found = {words: seeming for words, seeming in SEEMING.items() if words in message}
        proposed = tuple(ProposedFact(fact, value, words) for words, (fact, value) in found.items())
        return replace(super()._read(turn, message, search), proposed=proposed)
